import { isRecord, NONSENSE, unavailable } from "./ask.js";
import { ApiCaller, type Caller } from "./caller.js";
import type { ApiKeyError } from "./errors.js";
import type { ApiKeyEvent, Emit, KeyFailure } from "./events.js";
import type { KeyHasher } from "./hash.js";
import type { KeyFormat } from "./key.js";
import { leaseOf } from "./lease.js";
import { andThen, isPromiseLike, type MaybePromise } from "./maybe-promise.js";
import type { ApiKeyRecord, Found, KeyReader } from "./store.js";
import type { NoteUse } from "./uses.js";

/** Whether a key was accepted: the caller, or why not. */
export type Authentication = { readonly ok: true; readonly caller: Caller } | AuthenticationFailure;

/** Why a key was not accepted. */
export interface AuthenticationFailure {
  readonly ok: false;
  /** For logs. From outside all but `unavailable` must look alike. */
  readonly reason: KeyFailure;
  /** With `unavailable`: what went wrong. */
  readonly error?: ApiKeyError;
}

/** Turns a key into a caller. Writes nothing, and is synchronous where the store is. */
export type Verify = (key: unknown) => MaybePromise<Authentication>;

/** The part that needs no store: why a value is no key, or null. */
export type Screen = (key: unknown) => AuthenticationFailure | null;

/** What a verifier needs. It gets the reading half of the store and nothing more. */
interface VerifierParts {
  readonly reader: Pick<KeyReader, "findByHash">;
  readonly format: KeyFormat;
  /** Digests under the current pepper. */
  readonly hash: KeyHasher;
  /** Digests under peppers that were current before. */
  readonly earlier: readonly KeyHasher[];
  readonly now: () => number;
  readonly emit: Emit<ApiKeyEvent>;
  readonly noteUse: NoteUse;
}

// One frozen answer each: a flood of bad keys allocates nothing.
const MALFORMED = failure("malformed");
const UNKNOWN = failure("unknown");
const DISABLED = failure("disabled");
const EXPIRED = failure("expired");

const NO_OTHERS: readonly string[] = [];

/** Makes the functions that verify keys. */
export function createVerifier(parts: VerifierParts): {
  readonly screen: Screen;
  /** Verifies a key that is used. */
  readonly verify: Verify;
  /** Says whose key it is, which is no use of it. */
  readonly identify: Verify;
} {
  const { reader, format, hash, earlier: earlierHashes, now, emit, noteUse } = parts;

  function screen(key: unknown): AuthenticationFailure | null {
    return typeof key === "string" && format.matches(key) ? null : refuse(MALFORMED, null);
  }

  function verify(key: unknown): MaybePromise<Authentication> {
    return screen(key) ?? verifyKey(key as string, noteUse);
  }

  function identify(key: unknown): MaybePromise<Authentication> {
    return screen(key) ?? verifyKey(key as string, null);
  }

  function verifyKey(key: string, note: NoteUse | null): MaybePromise<Authentication> {
    const digest = hash(key);
    if (earlierHashes.length === 0) return verifyDigest(digest, NO_OTHERS, note);
    // All of them, wherever it is found: an instance on which another pepper is current may move it there.
    const others = earlierHashes.map((hashEarlier) => hashEarlier(key));
    return verifyDigest(digest, others, note);
  }

  function verifyDigest(
    digest: string,
    others: readonly string[],
    note: NoteUse | null,
  ): MaybePromise<Authentication> {
    const result = find(digest, digest, others, note);
    if (isPromiseLike(result)) {
      return result.then((settled) => settled ?? findEarlier(digest, others, 0, note));
    }
    return result ?? findEarlier(digest, others, 0, note);
  }

  function findEarlier(
    digest: string,
    others: readonly string[],
    at: number,
    note: NoteUse | null,
  ): MaybePromise<Authentication> {
    if (others.length === 0) return refuse(UNKNOWN, null);
    // Another use may have moved the record to the current digest after it was looked for there.
    const asked = others[at] ?? digest;
    return andThen(find(asked, digest, others, note), (result) => {
      if (result !== null) return result;
      if (at === others.length) return refuse(UNKNOWN, null);
      return findEarlier(digest, others, at + 1, note);
    });
  }

  /** Null: no record has this digest. */
  function find(
    asked: string,
    digest: string,
    others: readonly string[],
    note: NoteUse | null,
  ): MaybePromise<Authentication | null> {
    let found;
    try {
      found = reader.findByHash(asked);
    } catch (error) {
      return fail(error);
    }
    if (!isPromiseLike(found)) return decide(found, asked, digest, others, note);
    return found.then((answer) => decide(answer, asked, digest, others, note), fail);
  }

  function decide(
    found: Found,
    asked: string,
    digest: string,
    others: readonly string[],
    note: NoteUse | null,
  ): Authentication | null {
    const record = found?.record;
    if (record === null) return null;
    // Plain comparison: whoever can choose a digest has already broken SHA-256. A store that answers anything but the
    // record that was asked for is broken, and a broken store is an outage, never a caller.
    if (!isRecord(record) || record.hash !== asked) return fail(NONSENSE);
    if (!record.enabled) return refuse(DISABLED, record);
    // Written so that a clock that answers NaN refuses.
    if (record.expiresAtMs !== null && !(now() < record.expiresAtMs))
      return refuse(EXPIRED, record);
    if (note !== null) note(record, asked === digest ? null : digest);
    const { id, version, organizationId, access } = record;
    const lease = leaseOf(found);
    const caller = new ApiCaller(id, version, organizationId, access, digest, others, lease, renew);
    return { ok: true, caller };
  }

  function renew(caller: ApiCaller): MaybePromise<Caller | null> {
    const digest = ApiCaller.hashOf(caller)!;
    const again = verifyDigest(digest, ApiCaller.earlierHashesOf(caller), null);
    const keep = (result: Authentication): Caller | null => {
      if (!result.ok) {
        if (result.reason === "unavailable") throw result.error!;
        return null;
      }
      const { id, organizationId } = result.caller;
      return id === caller.id && organizationId === caller.organizationId ? result.caller : null;
    };
    return isPromiseLike(again) ? again.then(keep) : keep(again);
  }

  function refuse(answer: Refused, record: ApiKeyRecord | null): AuthenticationFailure {
    emit?.({
      type: "refused",
      atMs: now(),
      reason: answer.reason,
      organizationId: record?.organizationId ?? null,
      keyId: record?.id ?? null,
    });
    return answer;
  }

  function fail(cause: unknown): Authentication {
    const error = unavailable(cause);
    emit?.({ type: "unavailable", atMs: now(), error });
    return { ok: false, reason: "unavailable", error };
  }

  return { screen, verify, identify };
}

type Refused = AuthenticationFailure & { readonly reason: Exclude<KeyFailure, "unavailable"> };

function failure(reason: Refused["reason"]): Refused {
  return Object.freeze({ ok: false, reason });
}
