import type { AccessTable } from "./access.js";
import type { MaybePromise } from "./maybe-promise.js";

/** Names one API key. Another organization's id finds nothing. */
export interface ApiKeyRef {
  /** The organization that the key belongs to. */
  readonly organizationId: string;
  /** The API key's id, as in {@link ApiKey.id}. */
  readonly id: string;
}

/** What is known of an API key, and may be shown to those who manage it. The key itself is stored nowhere. */
export interface ApiKey extends ApiKeyRef {
  /** What people call it; 1 to 200 characters. */
  readonly name: string;
  /** The beginning of the key, as lists show it: `pk_4eC3…`. */
  readonly hint: string;
  /** Library id → level, within the organization. */
  readonly access: AccessTable;
  /** 1 at first, or any number where an idempotency key made it; grows by one with every change. Uses do not count. */
  readonly version: number;
  /** False: the key is refused until it is enabled again. */
  readonly enabled: boolean;
  /** Unix milliseconds from which on the key is refused; null: never. */
  readonly expiresAtMs: number | null;
  /** Unix milliseconds. */
  readonly createdAtMs: number;
  /** Unix milliseconds of the last change. */
  readonly updatedAtMs: number;
  /** Unix milliseconds of the last use that was recorded; null: never used. */
  readonly lastUsedAtMs: number | null;
}

/** What a store keeps: the API key and the digest of its key. */
export interface ApiKeyRecord extends ApiKey {
  /** 64 lower-case hex characters: SHA-256 of the key, or HMAC-SHA-256 under a pepper. Unique in a store. */
  readonly hash: string;
}

/** Answer of a single read. */
export interface Found {
  /** The record as of a moment after the read began, or null. */
  readonly record: ApiKeyRecord | null;
  /** The longest lease in milliseconds that any reader of this store may hold; 0: nobody keeps records. */
  readonly leaseMs: number;
}

/** Where a page of a list begins: after the record with these values, in the order of `createdAtMs`, then `id`. */
export interface PageStart {
  readonly createdAtMs: number;
  readonly id: string;
}

/**
 * The reading half: all that verification sees, so that it cannot write. Reads are linearizable: they go to the
 * primary, and see every write that resolved before they began.
 */
export interface KeyReader {
  /** The record whose `hash` is exactly this. */
  findByHash(hash: string): MaybePromise<Found>;
  /** The record of exactly this organization and id. Ids are compared as bytes: no collation, no trimming. */
  findById(ref: ApiKeyRef): MaybePromise<Found>;
  /** At most `first` records of an organization, ordered by `createdAtMs`, then `id`, after `after`. */
  list(
    organizationId: string,
    first: number,
    after: PageStart | null,
  ): MaybePromise<readonly ApiKeyRecord[]>;
}

/** What a record must still be for a write to happen. */
export interface Expected {
  readonly version: number;
  readonly hash: string;
}

/** One use of a key, to be recorded. */
export interface KeyUse extends ApiKeyRef {
  /** Digest that the record must still have: a use of a key that was regenerated since is not recorded. */
  readonly hash: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Digest of the same key under the pepper that is current now, to be put in place of `hash`; null: it stays. */
  readonly newHash: string | null;
}

/** The writing half. Every write is atomic on one record and durable once it resolves. */
export interface KeyWriter {
  /** Adds a record. False, and nothing changes, when its id or hash is taken. */
  insert(record: ApiKeyRecord): MaybePromise<boolean>;
  /**
   * Compare-and-set: puts a record in place of the one with its organization and id if that one's version and hash are
   * those of `before`. `lastUsedAtMs` stays as the store has it. False, and nothing changes, when they are not, it is
   * gone, or another record has the hash.
   */
  replace(record: ApiKeyRecord, before: Expected): MaybePromise<boolean>;
  /** Removes a record, with `version` only if it is at that version. False when nothing was removed. */
  delete(ref: ApiKeyRef, version?: number): MaybePromise<boolean>;
  /**
   * Moves `lastUsedAtMs` of the record with this organization, id and hash forward, and puts `newHash` in place of its
   * hash. Never creates a record, never moves the time back, and does not change the version.
   */
  touch(use: KeyUse): MaybePromise<void>;
  /** Makes reads answer at least this lease, for good. Never lowers it. */
  raiseLease(leaseMs: number): MaybePromise<void>;
}

/** Where API keys live. */
export interface KeyStore extends KeyReader, KeyWriter {}
