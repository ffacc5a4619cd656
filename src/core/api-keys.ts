import type { AccessTable, Level } from "./access.js";
import { checkFunction, checkInteger, checkObject, checkOptions } from "./check.js";
import { withDeadline } from "./deadline.js";
import { createBulk } from "./bulk.js";
import { createChanger } from "./change.js";
import { createEmit, type ApiKeyEvent, type ApiKeyListener, type Emit } from "./events.js";
import { createHashers } from "./hash.js";
import {
  createIdGenerator,
  createKeyFormat,
  createVersionGenerator,
  type KeyFormatOptions,
} from "./key.js";
import { createIssuer } from "./issue.js";
import { createLeasedReader, type LeasedReader } from "./lease.js";
import { createLiveChecks } from "./live-checks.js";
import { createManager } from "./manage.js";
import type { MaybePromise } from "./maybe-promise.js";
import type { ApiKey, ApiKeyRef, KeyStore } from "./store.js";
import { createSettle } from "./settle.js";
import { createUses } from "./uses.js";
import { createVerifier, type Authentication, type Screen, type Verify } from "./verify.js";

/** Answers which of these libraries of an organization exist. */
export type LibrariesThatExist = (
  organizationId: string,
  libraryIds: readonly string[],
) => MaybePromise<Iterable<string>>;

/** Options of {@link createApiKeys}. */
export interface ApiKeysOptions {
  /** Where API keys live. */
  readonly store: KeyStore;
  /** The format of keys. Default `pk_` + 32 base62 characters with a checksum. */
  readonly format?: KeyFormatOptions;
  /**
   * A secret of at least 16 bytes, kept outside the store: keys are then digested with HMAC-SHA-256, and a stolen
   * store cannot even confirm a guess. Costs about 1 µs a request. Losing it makes every key invalid.
   *
   * Several: the first is current; keys under the others, or under `null` (none), are accepted too, and moved to the
   * current one when they are used. To rotate without a refusal, add the new one last on every instance, then put it
   * first, and remove the old one when no key is left that was not used since.
   */
  readonly pepper?: Pepper | readonly (Pepper | null)[];
  /** Which libraries exist. Given: access to any other is refused. Absent: ids are taken as they come. */
  readonly libraries?: LibrariesThatExist;
  /** Receives what happens, for audit logs and alarms. */
  readonly onEvent?: ApiKeyListener;
  /** Longest wait for one answer of the store, 1 to 600,000 ms; then it counts as failed. Default 5,000. */
  readonly storeTimeoutMs?: number;
  /**
   * How long this instance may go on using a record that it read, 0 to 30,000 ms. Default 0: every verification reads
   * the store. More: the store is read at most once in that time for a key, and every narrowing write, on all instances
   * of the store, takes 1.05 times the longest lease + 50 ms before it resolves, so that "at once" still holds. Widening
   * writes of other instances are seen that much later.
   */
  readonly leaseMs?: number;
  /** How many records are kept under leases, 1 to 10,000,000; about 1 kB each. Default 10,000. */
  readonly maxLeases?: number;
  /** The clock, in whole Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Milliseconds of a clock that is never set. Default `performance.now`. */
  readonly monotonicNow?: () => number;
}

/** A secret of at least 16 bytes; text counts as UTF-8. */
export type Pepper = string | Uint8Array;

/** What {@link ApiKeys.create} takes. */
export interface CreateOptions {
  /** The organization that the key will belong to, for good. */
  readonly organizationId: string;
  /** What people call it; 1 to 200 characters. */
  readonly name: string;
  /** Library id → level. Default: none. */
  readonly access?: AccessTable;
  /** Unix milliseconds from which on the key is refused; null (default): never. */
  readonly expiresAtMs?: number | null;
  /** False: refused until it is enabled. Default true. */
  readonly enabled?: boolean;
  /** Who does it, for the audit event. */
  readonly actor?: string | null;
  /**
   * Names this wish, so that it may be sent again when its answer was lost: of all calls with the same text one makes a
   * key, on whichever instance, and the others are a `CONFLICT` with what was made, never with its secret. 1 to 256
   * characters of your choice, such as `crypto.randomUUID()`, within the organization. Use each once: after its key was
   * deleted it would make another one with the same id, at a version that fits nothing of the deleted one. Default: every
   * call makes a key.
   */
  readonly idempotencyKey?: string;
}

/** Names the API key to change. */
export interface ChangeRef extends ApiKeyRef {
  /** The version that the change is based on: refuse with `CONFLICT` if it has changed since. */
  readonly version?: number;
  /** Who does it, for the audit event. */
  readonly actor?: string | null;
}

/** A key and its record. The key is shown this once: it is stored nowhere. */
export interface IssuedKey {
  /** The secret: `pk_` + 32 base62 characters. */
  readonly key: string;
  readonly apiKey: ApiKey;
}

/** A page of API keys, oldest first. */
export interface ApiKeyPage {
  readonly apiKeys: readonly ApiKey[];
  /** For `after` of the next call; null when this was the last page. */
  readonly endCursor: string | null;
}

/**
 * Issues, manages and verifies API keys.
 *
 * Every call names the organization; another organization's id is `NOT_FOUND`. All of them throw `TypeError` for an
 * argument of a wrong type, `RangeError` for a wrong value, and {@link ApiKeyError} with `UNAVAILABLE` when the store
 * fails; a write that failed so may or may not have happened.
 */
export interface ApiKeys {
  /**
   * Makes a key. Its text is in this answer and nowhere else.
   *
   * @throws ApiKeyError `CONFLICT` when its `idempotencyKey` has made one already.
   */
  create(options: CreateOptions): Promise<IssuedKey>;
  /** Lists an organization's API keys, oldest first. `first`: 1 to 500, default 50. `after`: an `endCursor`. */
  list(options: {
    readonly organizationId: string;
    readonly first?: number;
    readonly after?: string | null;
  }): Promise<ApiKeyPage>;
  /** One API key, or null. */
  get(ref: ApiKeyRef): Promise<ApiKey | null>;
  /**
   * Replaces the whole access table. Once this resolves nothing more is within reach anywhere.
   *
   * @throws ApiKeyError `NOT_FOUND`, or `CONFLICT` when someone else changed the key at the same time or since
   * `version`.
   */
  setAccess(ref: ChangeRef, access: AccessTable): Promise<ApiKey>;
  /** Adds one library, or raises it to a level; never lowers it. Commutes with other changes, so it retries. */
  grant(
    ref: ChangeRef,
    library: { readonly libraryId: string; readonly level: Level },
  ): Promise<ApiKey>;
  /** Removes one library. Commutes with other changes, so it retries. Once this resolves it is out of reach everywhere. */
  revoke(ref: ChangeRef, library: { readonly libraryId: string }): Promise<ApiKey>;
  /**
   * Changes name, expiry, whether it is enabled, and access, in one write; what is absent stays. Retries, but not with
   * `access`: that replaces the whole table, as setAccess does. Once this resolves a key that was disabled is refused
   * everywhere, and nothing more than `access` is within reach.
   *
   * @throws ApiKeyError `NOT_FOUND`, or `CONFLICT` when someone else changed the key since `version` or, with `access`,
   * at the same time.
   */
  update(
    ref: ChangeRef,
    changes: {
      readonly name?: string;
      readonly expiresAtMs?: number | null;
      readonly enabled?: boolean;
      readonly access?: AccessTable;
    },
  ): Promise<ApiKey>;
  /**
   * Gives the same API key a new key. Once this resolves the old one is refused everywhere.
   *
   * @throws ApiKeyError `NOT_FOUND`, or `CONFLICT`: of several at once, one wins.
   */
  regenerate(ref: ChangeRef): Promise<IssuedKey>;
  /** Deletes an API key. Once this resolves its key is refused everywhere. False: it was gone already. */
  delete(ref: ChangeRef): Promise<boolean>;
  /**
   * Removes a library from every key of an organization: call it when the library is deleted, so that one of the same id
   * revives no old grant. Keys that are made or granted meanwhile are included, up to its last look at the store. With
   * the option `libraries` none come later but from calls that had asked it before; a host that takes ids again calls
   * this before it does, too.
   *
   * @returns How many keys reached it.
   */
  removeLibrary(options: {
    readonly organizationId: string;
    readonly libraryId: string;
    readonly actor?: string | null;
  }): Promise<number>;
  /**
   * Deletes every key of an organization, with one wait for all. Keys that are made meanwhile are included, up to its
   * last look at the store.
   *
   * @returns How many there were.
   */
  deleteOrganization(
    organizationId: string,
    options?: { readonly actor?: string | null },
  ): Promise<number>;
  /**
   * Verifies a key. Reads at most one record and writes nothing. Never throws: anything that is no key is
   * `malformed`.
   */
  authenticate(key: string): Promise<Authentication>;
  /**
   * Writes the uses of keys that are not written yet. Call it before the process ends; uses that come later are written
   * as before.
   *
   * @throws ApiKeyError `UNAVAILABLE` when the store would not take them.
   */
  close(): Promise<void>;
  /** Replaces every key-shaped part of a text by its hint, for logs and messages. */
  redact(text: string): string;
}

/** What other parts of this package get from an {@link ApiKeys}. */
export interface ApiKeysInternals {
  readonly verify: Verify;
  readonly identify: Verify;
  readonly screen: Screen;
  /** What every key begins with. */
  readonly prefix: string;
  readonly emit: Emit<ApiKeyEvent>;
  readonly now: () => number;
}

const internals = new WeakMap<object, ApiKeysInternals>();

const OPTIONS = [
  "store",
  "format",
  "pepper",
  "libraries",
  "onEvent",
  "storeTimeoutMs",
  "leaseMs",
  "maxLeases",
  "now",
  "monotonicNow",
];
const STORE = [
  "findByHash",
  "findById",
  "list",
  "insert",
  "replace",
  "delete",
  "touch",
  "raiseLease",
] as const;

/**
 * Makes what issues, manages and verifies API keys.
 *
 * @param options - The store, and what differs from the defaults.
 * @returns Functions; all may be passed around without the object.
 * @throws TypeError or RangeError when an option is not as described; the message names it.
 * @example
 * ```ts
 * import { createApiKeys } from "graphql-api-keys";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 *
 * const apiKeys = createApiKeys({ store: createMemoryStore() });
 * const { key } = await apiKeys.create({
 *   organizationId: "monogram-labs",
 *   name: "Website",
 *   access: { barcelona: "write", lisbon: "read" },
 * });
 * await apiKeys.authenticate(key); // { ok: true, caller }
 * ```
 */
export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  checkOptions("options", options, OPTIONS);
  const {
    store,
    libraries,
    onEvent,
    storeTimeoutMs = 5000,
    leaseMs = 0,
    maxLeases = 10_000,
    now = Date.now,
    monotonicNow = () => performance.now(),
  } = options;
  checkObject("store", store);
  for (const method of STORE) checkFunction(`store.${method}`, store[method]);
  if (libraries !== undefined) checkFunction("libraries", libraries);
  if (onEvent !== undefined) checkFunction("onEvent", onEvent);
  checkFunction("now", now);
  checkFunction("monotonicNow", monotonicNow);
  checkInteger("leaseMs", leaseMs, 0, 30_000);
  checkInteger("maxLeases", maxLeases, 1, 10_000_000);
  checkInteger("storeTimeoutMs", storeTimeoutMs, 1, 600_000);

  const format = createKeyFormat(options.format);
  const [hash, ...earlier] = createHashers(options.pepper);
  const newId = createIdGenerator(options.format?.fillRandom);
  const newVersion = createVersionGenerator(options.format?.fillRandom);
  const emit = createEmit(onEvent);
  const bounded = withDeadline(store, storeTimeoutMs);
  const leased = leaseMs > 0 ? createLeased(bounded) : null;
  const uses = createUses({ store: bounded, now, emit });
  const { verify, identify, screen } = createVerifier({
    reader: leased ?? bounded,
    format,
    hash: hash!,
    earlier,
    now,
    emit,
    noteUse: uses.note,
  });
  const settle = createSettle({ store: bounded, leaseMs, monotonic: monotonicNow, sleep });
  const forget = (digest: string) => leased?.forget(digest);
  const changer = createChanger({ store: bounded, now, settle, forget });
  const checks = createLiveChecks({ libraries, time: changer.time });
  const shared = { store: bounded, now, emit, changer, settle };
  const making = { ...shared, format, hash: hash!, checks };

  const apiKeys: ApiKeys = {
    ...createIssuer({ ...making, newId, newVersion }),
    ...createManager(making),
    ...createBulk(shared),
    async authenticate(key) {
      return verify(key);
    },
    close: () => uses.flush(),
    redact: (text) => format.redact(text),
  };
  internals.set(apiKeys, { verify, identify, screen, prefix: format.prefix, emit, now });
  return Object.freeze(apiKeys);

  function createLeased(from: KeyStore): LeasedReader {
    const clock = { monotonic: monotonicNow, wall: now };
    return createLeasedReader({ store: from, leaseMs, maxRecords: maxLeases, clock });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The inner half of what createApiKeys returned. Package internal. */
export function internalsOf(apiKeys: ApiKeys): ApiKeysInternals {
  const inner = internals.get(checkObject("apiKeys", apiKeys));
  if (inner === undefined) throw new TypeError('"apiKeys" expected what createApiKeys returned');
  return inner;
}
