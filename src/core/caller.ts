import {
  checkAccess,
  checkLevel,
  checkLibrary,
  includes,
  isEveryLibrary,
  levelOf,
  librariesOf,
  reachesSome,
  type CallerAccess,
  type EveryLibrary,
  type AccessTable,
  type Level,
  type LibraryRef,
} from "./access.js";
import { checkFunction, checkId, checkInteger, checkOptions } from "./check.js";
import { ApiKeyError } from "./errors.js";
import type { Lease } from "./lease.js";
import { isPromiseLike, type MaybePromise } from "./maybe-promise.js";

/** Who a request is, as of the moment it was authenticated. It never changes; {@link Caller.current} answers a new one. */
export interface Caller {
  /** Id of the API key, or the id that the host gave `createCaller`. */
  readonly id: string;
  /** Version of the API key that was read. */
  readonly version: number;
  /** The caller's organization. It reaches nothing outside it. */
  readonly organizationId: string;
  /** Library id → level, or every library of the organization. */
  readonly access: CallerAccess;
  /** `id:version`, of callers that are no API key with the organization before it. The only key for a response cache. */
  readonly cacheKey: string;
  /**
   * For a host's own transaction: make it conditional on an API key of this id still being at this version, and no
   * effect can come after a change of the key. Null for a caller that is not an API key.
   */
  readonly fence: { readonly keyId: string; readonly version: number } | null;
  /** Whether a library is within reach. Another organization's library never is. */
  can(level: Level, library: LibraryRef): boolean;
  /**
   * Refuses unless a library is within reach.
   *
   * @throws ApiKeyError with code `UNAUTHORIZED`.
   */
  require(level: Level, library: LibraryRef): void;
  /** Ids within reach at a level, or `"every"` library of the organization. For the filters of queries and counts. */
  libraries(level: Level): readonly string[] | "every";
  /**
   * The caller as it is now, or null once the key is regenerated, deleted, disabled or expired. Synchronous where the
   * store is.
   *
   * @throws ApiKeyError with code `UNAVAILABLE` (or rejects with it) when the store cannot say.
   */
  current(): Caller | null | Promise<Caller | null>;
}

/** What {@link createCaller} takes. */
export interface CallerOptions {
  /** Who it is, for logs and cache keys. */
  readonly id: string;
  /** Grows whenever its access changes. */
  readonly version: number;
  /** The organization it belongs to. */
  readonly organizationId: string;
  /** A table of library id → level, or `everyLibrary(level)`. */
  readonly access: AccessTable | EveryLibrary;
  /** Answers the caller as it is now, or null. Absent: the caller is good for one operation and holds no streams. */
  readonly current?: () => Caller | null | Promise<Caller | null>;
}

/** Renews a caller. */
export type Renew = (caller: ApiCaller) => MaybePromise<Caller | null>;

/**
 * A class, against the house's habit, because one is made for every request: its methods are shared and a caller is
 * six fields.
 */
export class ApiCaller implements Caller {
  readonly id: string;
  readonly version: number;
  readonly organizationId: string;
  readonly access: CallerAccess;
  /** Digest of the API key; null for other callers. Private, so that inspection and JSON never show it. */
  readonly #hash: string | null;
  /** Its digests under earlier peppers. */
  readonly #earlierHashes: readonly string[];
  readonly #lease: Lease | null;
  readonly #renew: Renew | null;

  constructor(
    id: string,
    version: number,
    organizationId: string,
    access: CallerAccess,
    hash: string | null,
    earlierHashes: readonly string[],
    lease: Lease | null,
    renew: Renew | null,
  ) {
    this.id = id;
    this.version = version;
    this.organizationId = organizationId;
    this.access = access;
    this.#hash = hash;
    this.#earlierHashes = earlierHashes;
    this.#lease = lease;
    this.#renew = renew;
  }

  /** Digest by which the verifier finds the record again. Package internal. */
  static hashOf(caller: ApiCaller): string | null {
    return caller.#hash;
  }

  /** Further digests, where the record may still be. Package internal. */
  static earlierHashesOf(caller: ApiCaller): readonly string[] {
    return caller.#earlierHashes;
  }

  /** Whether a decision may be taken by what was read. Package internal. */
  static isFresh(caller: ApiCaller): boolean {
    return caller.#lease === null || caller.#lease.isFresh();
  }

  /** Whether it can be read anew. Package internal. */
  static isRenewable(caller: ApiCaller): boolean {
    return caller.#renew !== null;
  }

  get cacheKey(): string {
    // The id of an API key is unique among all organizations; that of a host's user need not be.
    const owner = this.#hash === null ? `${encodeURIComponent(this.organizationId)}:` : "";
    return `${owner}${this.id}:${this.version}`;
  }

  get fence(): { readonly keyId: string; readonly version: number } | null {
    return this.#hash === null ? null : { keyId: this.id, version: this.version };
  }

  can(level: Level, library: LibraryRef): boolean {
    checkLevel('"level"', level);
    const { organizationId, libraryId } = checkLibrary("library", library);
    return reaches(this, level, organizationId, libraryId);
  }

  require(level: Level, library: LibraryRef): void {
    if (!this.can(level, library)) {
      throw new ApiKeyError(
        "UNAUTHORIZED",
        `This needs ${level} access to a library that is out of reach.`,
      );
    }
  }

  libraries(level: Level): readonly string[] | "every" {
    return librariesOf(this.access, checkLevel('"level"', level));
  }

  current(): Caller | null | Promise<Caller | null> {
    if (this.#renew === null) return this;
    const caller = this.#renew(this);
    return isPromiseLike(caller) ? Promise.resolve(caller) : caller;
  }
}

/**
 * Makes a caller that is not an API key, such as a host's own signed-in user.
 *
 * @param options - Who it is and what it reaches.
 * @returns A caller for the guard.
 * @throws TypeError or RangeError when an option is not as described; the message names it.
 * @example
 * ```ts
 * import { createCaller, everyLibrary } from "graphql-api-keys";
 *
 * createCaller({ id: "user-7", version: 1, organizationId: "monogram-labs", access: everyLibrary("write") });
 * ```
 */
export function createCaller(options: CallerOptions): Caller {
  checkOptions("caller", options, ["id", "version", "organizationId", "access", "current"]);
  const { id, version, organizationId, access, current } = options;
  checkId("caller.id", id);
  checkInteger("caller.version", version, 0, Number.MAX_SAFE_INTEGER);
  checkId("caller.organizationId", organizationId);
  const reach = isEveryLibrary(access) ? access : checkAccess("caller.access", access);
  if (current !== undefined) checkFunction("caller.current", current);
  return new ApiCaller(id, version, organizationId, reach, null, [], null, current ?? null);
}

/** Whether a caller can be read anew; only such a one may hold a stream. */
export function isRenewable(caller: Caller): boolean {
  return caller instanceof ApiCaller && ApiCaller.isRenewable(caller);
}

/**
 * Whether a decision may be taken by what a caller says: always where records are not kept, since the record was read for
 * this very request; else until its lease ends.
 */
export function isFresh(caller: Caller): boolean {
  return !(caller instanceof ApiCaller) || ApiCaller.isFresh(caller);
}

/** Whether two callers are one, let in by one and the same key: after `regenerate`, the id alone does not say so. */
export function isSameCaller(a: Caller, b: Caller): boolean {
  return a.id === b.id && a.organizationId === b.organizationId && digestOf(a) === digestOf(b);
}

function digestOf(caller: Caller): string | null {
  return caller instanceof ApiCaller ? ApiCaller.hashOf(caller) : null;
}

/** Whether a caller reaches a library: its own organization, and the table. The one place where this is decided. */
export function reaches(
  caller: Caller,
  level: Level,
  organizationId: string,
  libraryId: string,
): boolean {
  return (
    organizationId === caller.organizationId && includes(levelOf(caller.access, libraryId), level)
  );
}

/** Whether a caller reaches some library at a level. */
export function reachesAny(caller: Caller, level: Level): boolean {
  return reachesSome(caller.access, level);
}
