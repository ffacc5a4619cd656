import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, type JWTPayload } from "jose";
import {
  checkFunction,
  checkInteger,
  checkObject,
  checkOptions,
  checkString,
  checkText,
  kindOf,
  MAX_ID_LENGTH,
  MAX_NAME_LENGTH,
} from "../core/check.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import { headerLines } from "../http/headers.js";
import { readBearer } from "../http/credentials.js";
import { isSafeAddress } from "./address.js";
import { isCanonical } from "./canonical.js";
import type { AuthorizeManager } from "./manager.js";
import { isMintedType } from "./minted.js";
import { checkOrigins, isFromOwnPage, type ManagerRequest } from "./origin.js";

/** The verified claims of a session. */
export type SessionClaims = Readonly<Record<string, unknown>>;

/** Options of {@link sessionManager}. */
export interface SessionManagerOptions {
  /**
   * Public keys of who issues sessions: the address of a JWKS, `https:` or a loopback address, or the set itself. A set
   * behind an address is read again after ten minutes, and for a key it does not have, at most every 30 seconds.
   */
  readonly jwks: string | URL | { readonly keys: readonly object[] };
  /** The `iss` of sessions, exactly. */
  readonly issuer: string;
  /** The `aud` of sessions, or one of them. */
  readonly audience: string;
  /** Signature algorithms. Default EdDSA, ES256 and RS256. None that is symmetric, and no `none`. */
  readonly algorithms?: readonly string[];
  /** The `typ` in the header of sessions, such as `at+jwt`. Default `JWT`. A session without one is refused. */
  readonly typ?: string;
  /** Seconds by which clocks may differ, 0 to 60. Default 5. */
  readonly clockToleranceSeconds?: number;
  /** Name of the cookie that holds the session of a request without `Authorization`. Absent: cookies are not looked at. */
  readonly cookie?: string;
  /** Pages of other origins that may use the cookie, such as `https://app.example.com`. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** The claim that names the organization. Default `org_id`. */
  readonly organizationClaim?: string;
  /** The claim that names the person. Default `sub`. */
  readonly actorClaim?: string;
  /** Whether whoever has these claims manages keys, by a role for example. Default: everyone with a session. */
  readonly isManager?: (claims: SessionClaims) => MaybePromise<boolean>;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

const OPTIONS = [
  "jwks",
  "issuer",
  "audience",
  "algorithms",
  "typ",
  "clockToleranceSeconds",
  "cookie",
  "allowedOrigins",
  "organizationClaim",
  "actorClaim",
  "isManager",
  "now",
];

/** RFC 6265 section 4.1.1: a token of RFC 9110. */
const COOKIE_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const ALGORITHMS = ["EdDSA", "ES256", "RS256"];
const ASYMMETRIC = /^(?:EdDSA|Ed25519|(?:ES|RS|PS)(?:256|384|512))$/;

/** What a set of keys or a way to it failed with, rather than the session. */
const OUTAGES = new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);

/**
 * Takes the session JWT of a request, in `Authorization: Bearer` or in a cookie, for who manages keys. A cookie counts
 * only when a page of this origin or of `allowedOrigins` made the request.
 *
 * @param options - Who issues sessions and what they say.
 * @returns An `authorizeManager` for requests. It answers null for whatever is no good session, and rejects when the keys
 * cannot be had.
 * @throws TypeError or RangeError when an option is not as described; the message names it.
 * @see RFC 8725 (JWT best current practices), RFC 7519
 * @example
 * ```ts
 * import { sessionManager } from "graphql-api-keys/management";
 *
 * export const authorizeManager = sessionManager({
 *   jwks: "https://login.example.com/.well-known/jwks.json",
 *   issuer: "https://login.example.com",
 *   audience: "https://app.example.com",
 *   cookie: "__Host-session",
 *   isManager: ({ role }) => role === "admin",
 * });
 * ```
 */
export function sessionManager(options: SessionManagerOptions): AuthorizeManager<ManagerRequest> {
  const { keys, expected, cookie, allowed, claimed, isManager, now } = readOptions(options);

  async function verified(session: string): Promise<JWTPayload | null> {
    if (!isCanonical(session)) return null;
    try {
      const current = { ...expected, currentDate: new Date(now()) };
      return (await jwtVerify(session, keys, current)).payload;
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      if (typeof code !== "string" || !code.startsWith("ERR_J") || OUTAGES.has(code)) throw error;
      return null;
    }
  }

  function sessionOf(request: ManagerRequest): string | undefined {
    const { headers } = request;
    if (headerLines(headers, "authorization").length > 0) {
      const credentials = readBearer(headers);
      return credentials.ok ? credentials.token : undefined;
    }
    if (cookie === undefined || isFromOwnPage(request, allowed) !== true) return undefined;
    return cookieOf(headerLines(headers, "cookie"), cookie);
  }

  return async (request) => {
    const session = sessionOf(request);
    if (session === undefined) return null;
    const claims = await verified(session);
    if (claims === null) return null;
    const organizationId = textIn(claims, claimed.organization, MAX_ID_LENGTH);
    const actor = textIn(claims, claimed.actor, MAX_NAME_LENGTH);
    if (organizationId === null || actor === null) return null;
    return (await isManager(claims)) === true ? { organizationId, actor } : null;
  };
}

function readOptions(options: SessionManagerOptions) {
  checkOptions("options", options, OPTIONS);
  const { jwks, issuer, audience, typ = "JWT", cookie, now = Date.now } = options;
  const { organizationClaim = "org_id", actorClaim = "sub", isManager = () => true } = options;
  checkText("issuer", issuer, 2048);
  checkText("audience", audience, 2048);
  if (isMintedType(checkText("typ", typ, 100))) {
    throw new RangeError('"typ" is that of tokens minted from API keys, which manage nothing');
  }
  if (cookie !== undefined && !COOKIE_NAME.test(checkText("cookie", cookie, 200))) {
    throw new RangeError('"cookie" expected the name of a cookie');
  }
  checkFunction("isManager", isManager);
  checkFunction("now", now);
  const { clockToleranceSeconds = 5, algorithms = ALGORITHMS } = options;
  const expected = {
    issuer,
    audience,
    typ,
    algorithms: checkAlgorithms(algorithms),
    clockTolerance: checkInteger("clockToleranceSeconds", clockToleranceSeconds, 0, 60),
    requiredClaims: ["exp"],
  };
  const organization = checkText("organizationClaim", organizationClaim, 200);
  const actor = checkText("actorClaim", actorClaim, 200);
  const claimed = { organization, actor };
  const allowed = checkOrigins(options.allowedOrigins);
  return { keys: keysOf(jwks), expected, cookie, allowed, claimed, isManager, now };
}

function checkAlgorithms(algorithms: readonly string[]): string[] {
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw new TypeError(`"algorithms" expected names, got ${kindOf(algorithms)}`);
  }
  return algorithms.map((name) => {
    if (ASYMMETRIC.test(checkString("algorithms", name))) return name as string;
    throw new RangeError('"algorithms" expected EdDSA, Ed25519, ES…, RS… or PS…');
  });
}

/** Keys that sign, wherever they are. */
function keysOf(jwks: SessionManagerOptions["jwks"]) {
  if (typeof jwks !== "string" && !(jwks instanceof URL)) {
    checkObject("jwks", jwks);
    try {
      return createLocalJWKSet(jwks as Parameters<typeof createLocalJWKSet>[0]);
    } catch {
      throw new TypeError('"jwks" expected an address or a set of keys');
    }
  }
  if (!URL.canParse(String(jwks))) throw new RangeError('"jwks" expected an address');
  const url = new URL(jwks);
  if (!isSafeAddress(url)) {
    throw new RangeError('"jwks" expected an address that begins with https:');
  }
  return createRemoteJWKSet(url);
}

/** The value of a cookie. Two of one name are none: another host of the same site may have set one of them. */
function cookieOf(lines: readonly string[], name: string): string | undefined {
  const pairs = lines.flatMap((line) => line.split(";")).map((pair) => pair.trim());
  const [found, ...others] = pairs.filter((pair) => pair.startsWith(`${name}=`));
  return others.length > 0 ? undefined : found?.slice(name.length + 1);
}

/** A claim that is text of a fit length, or null. */
function textIn(claims: SessionClaims, name: string, max: number): string | null {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  try {
    return checkText(name, value, max);
  } catch {
    return null;
  }
}
