import { isRecord, NONSENSE, unavailable } from "./ask.js";
import { ApiCaller, type Caller } from "./caller.js";
import type { ApiKeyError } from "./errors.js";
import type { ApiKeyEvent, Emit, KeyFailure } from "./events.js";
import type { KeyHasher } from "./hash.js";
import type { KeyFormat } from "./key.js";
import { isPromiseLike, type MaybePromise } from "./maybe-promise.js";
import type { ApiKeyRecord, Found, KeyReader } from "./store.js";

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

/** Turns a key into a caller. Reads at most one record, writes nothing, and is synchronous where the store is. */
export type Verify = (key: unknown) => MaybePromise<Authentication>;

/** The part that needs no store: why a value is no key, or null. */
export type Screen = (key: unknown) => AuthenticationFailure | null;

/** What a verifier needs. It gets the reading half of the store and nothing more. */
interface VerifierParts {
  readonly reader: Pick<KeyReader, "findByHash">;
  readonly format: KeyFormat;
  readonly hash: KeyHasher;
  readonly now: () => number;
  readonly emit: Emit<ApiKeyEvent>;
}

// One frozen answer each: a flood of bad keys allocates nothing.
const MALFORMED = failure("malformed");
const UNKNOWN = failure("unknown");
const DISABLED = failure("disabled");
const EXPIRED = failure("expired");

/** Makes the functions that verify keys. */
export function createVerifier(parts: VerifierParts): {
  readonly verify: Verify;
  readonly screen: Screen;
} {
  const { reader, format, hash, now, emit } = parts;

  function screen(key: unknown): AuthenticationFailure | null {
    return typeof key === "string" && format.matches(key) ? null : refuse(MALFORMED, null);
  }

  function verify(key: unknown): MaybePromise<Authentication> {
    return screen(key) ?? verifyHash(hash(key as string));
  }

  function verifyHash(digest: string): MaybePromise<Authentication> {
    let found;
    try {
      found = reader.findByHash(digest);
    } catch (error) {
      return fail(error);
    }
    if (!isPromiseLike(found)) return decide(found, digest);
    return found.then((answer) => decide(answer, digest), fail);
  }

  function decide(found: Found, digest: string): Authentication {
    const record = found?.record;
    if (record === null) return refuse(UNKNOWN, null);
    // Plain comparison: whoever can choose a digest has already broken SHA-256. A store that answers anything but the
    // record that was asked for is broken, and a broken store is an outage, never a caller.
    if (!isRecord(record) || record.hash !== digest) return fail(NONSENSE);
    if (!record.enabled) return refuse(DISABLED, record);
    // Written so that a clock that answers NaN refuses.
    if (record.expiresAtMs !== null && !(now() < record.expiresAtMs))
      return refuse(EXPIRED, record);
    const { id, version, organizationId, access } = record;
    return { ok: true, caller: new ApiCaller(id, version, organizationId, access, digest, renew) };
  }

  function renew(caller: ApiCaller): MaybePromise<Caller | null> {
    const again = verifyHash(ApiCaller.hashOf(caller)!);
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

  return { verify, screen };
}

type Refused = AuthenticationFailure & { readonly reason: Exclude<KeyFailure, "unavailable"> };

function failure(reason: Refused["reason"]): Refused {
  return Object.freeze({ ok: false, reason });
}
