import { headerLines, type RequestHeaders } from "./headers.js";

/** What a request sent as its key: the bearer value, or why there is none. */
export type Credentials =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: "missing" | "ambiguous" };

const MISSING: Credentials = Object.freeze({ ok: false, reason: "missing" });
const AMBIGUOUS: Credentials = Object.freeze({ ok: false, reason: "ambiguous" });

const SCHEME = "bearer ";

// Where fetch-style servers joined two lines with a comma. Other schemes have commas of their own.
const JOINED_BEARER = /,[ \t]*bearer /i;

// Node drops the lines after the 1,000th and says nothing: a second `Authorization` could have been among them.
const MAX_RAW_LENGTH = 2 * 999;

/**
 * Reads the bearer value of a request: one `Authorization` line, the scheme in any case, one or more spaces.
 *
 * Whatever follows the spaces is answered as it is, to be refused as malformed if it is no key. Only a comma, which
 * occurs in no bearer value, says that two lines were joined.
 *
 * @see RFC 6750 section 2.1, RFC 9110 section 11.1
 */
export function readBearer(headers: RequestHeaders): Credentials {
  if (Array.isArray(headers) && headers.length > MAX_RAW_LENGTH) return AMBIGUOUS;
  const lines = headerLines(headers, "authorization");
  if (lines.length > 1) return AMBIGUOUS;
  const line = lines[0] ?? "";
  if (line.slice(0, SCHEME.length).toLowerCase() !== SCHEME) {
    return JOINED_BEARER.test(line) ? AMBIGUOUS : MISSING;
  }
  if (line.includes(",")) return AMBIGUOUS;
  let start = SCHEME.length;
  while (line[start] === " ") start++;
  return { ok: true, token: line.slice(start) };
}
