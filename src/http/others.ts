import type { Caller } from "../core/caller.js";
import { checkFunction, kindOf } from "../core/check.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import { headerLines, type RequestHeaders } from "./headers.js";

/**
 * Says who a request is that carries no API key: a host's own signed-in user, made by `createCaller`, or null. What it
 * throws is a 503.
 */
export type OtherCallers<Request> = (request: Request) => MaybePromise<Caller | null>;

/** Checks the option of that name. */
export function checkOtherCallers<Request>(
  value: OtherCallers<Request> | undefined,
): OtherCallers<Request> | undefined {
  return value === undefined ? value : (checkFunction("otherCallers", value), value);
}

/** Throws unless the value is a caller or null. Undefined is a host that forgot to say. */
export function checkCaller(value: unknown): Caller | null {
  if (value === null) return null;
  if (typeof (value as Partial<Caller> | undefined)?.can === "function") return value as Caller;
  throw new TypeError(`"otherCallers" expected to answer a caller or null, got ${kindOf(value)}`);
}

// What a form, an image or a link of another site can send without asking.
const SIMPLE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/** Headers that GraphQL clients send in order to be preflighted. */
const PREFLIGHT_HEADERS = [
  "graphql-require-preflight",
  "apollo-require-preflight",
  "x-apollo-operation-name",
  "x-graphql-yoga-csrf",
  "x-requested-with",
];

/**
 * Whether a browser asks before it sends such a request for another site. Those who are recognized by a cookie need it:
 * the cookie comes along whoever made the request.
 *
 * @see Fetch standard, section "CORS protocol", "CORS-safelisted request-header"
 */
export function isPreflighted(headers: RequestHeaders): boolean {
  const types = headerLines(headers, "content-type");
  const isSimple = types.every((type) => {
    const [essence] = type.split(";");
    return essence!.trim() === "" || SIMPLE_TYPES.includes(essence!.trim().toLowerCase());
  });
  // Two values joined by a comma are neither, to a browser; it does not send them.
  if (!isSimple && types.length === 1 && !types[0]!.includes(",")) return true;
  return PREFLIGHT_HEADERS.some((name) => headerLines(headers, name).length > 0);
}

/** Whether no page of another site can have opened a socket. Programs that are no browsers send no `Origin`. */
export function isSameSite(headers: RequestHeaders): boolean {
  const hosts = headerLines(headers, "host");
  return headerLines(headers, "origin").every((origin) => {
    try {
      return hosts.length === 1 && new URL(origin).host === hosts[0];
    } catch {
      return false; // "null", of a page in a sandbox
    }
  });
}
