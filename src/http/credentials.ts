import { headerLines, type RequestHeaders } from "./headers.js";

/** What a request sent as its key: the bearer value, or why there is none. */
export type Credentials =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: "missing" | "ambiguous" };

const MISSING: Credentials = Object.freeze({ ok: false, reason: "missing" });
const AMBIGUOUS: Credentials = Object.freeze({ ok: false, reason: "ambiguous" });

/**
 * Reads the bearer value of a request: one `Authorization` line, the scheme in any case, one or more spaces.
 *
 * A comma never occurs in a bearer value; it is how fetch-style servers join two lines. Whatever follows the spaces is
 * answered as it is, to be refused as malformed if it is no key.
 *
 * @see RFC 6750 section 2.1, RFC 9110 section 11.1
 */
export function readBearer(headers: RequestHeaders): Credentials {
  const lines = headerLines(headers, "authorization");
  if (lines.length > 1) return AMBIGUOUS;
  const line = lines[0];
  if (line === undefined) return MISSING;
  if (line.includes(",")) return AMBIGUOUS;
  if (line.slice(0, 7).toLowerCase() !== "bearer ") return MISSING;
  let start = 7;
  while (line.charCodeAt(start) === 0x20) start++;
  return { ok: true, token: line.slice(start) };
}
