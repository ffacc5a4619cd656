import { kindOf } from "../core/check.js";

/**
 * Headers of a request in any shape that servers have: an object whose `get` ignores case, such as `Headers`; Node's
 * `req.headers`; or Node's `req.rawHeaders` (name, value, name, value…). Prefer `rawHeaders` where there is one:
 * `req.headers` keeps the first of two `Authorization` lines and says nothing.
 */
export type RequestHeaders =
  | {
      /** The value of a header, or nothing. */
      get(name: string): string | null | undefined;
    }
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Every line of a header.
 *
 * @param headers - The request's headers.
 * @param name - The header's name in lower case.
 * @returns One entry a line that can still be told apart; empty when the header is absent.
 * @throws TypeError when a name or a value is no text; the message never has the value.
 */
export function headerLines(headers: RequestHeaders, name: string): readonly string[] {
  if (isRaw(headers)) return rawLines(headers, name);
  if (isFetchHeaders(headers)) return asLines(headers.get(name) ?? NO_LINES);
  return Object.keys(headers)
    .filter((key) => isNamed(key, name))
    .flatMap((key) => asLines(headers[key] ?? NO_LINES));
}

// Most requests have none of most headers.
const NO_LINES: readonly string[] = Object.freeze([]);

function rawLines(headers: readonly string[], name: string): readonly string[] {
  let lines: string[] | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const key = asText(headers[i]);
    const value = asText(headers[i + 1]);
    if (isNamed(key, name)) (lines ??= []).push(value);
  }
  return lines ?? NO_LINES;
}

/** No letter whose lower case is one of ASCII's is longer than that: names of another length need no look. */
function isNamed(key: string, name: string): boolean {
  return key.length === name.length && key.toLowerCase() === name;
}

function asLines(value: string | readonly string[]): readonly string[] {
  return Array.isArray(value) ? Array.from(value, asText) : [asText(value)];
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`"request.headers" expected names and values of text, got ${kindOf(value)}`);
}

function isRaw(headers: RequestHeaders): headers is readonly string[] {
  return Array.isArray(headers);
}

function isFetchHeaders(
  headers: Exclude<RequestHeaders, readonly string[]>,
): headers is { get(name: string): string | null | undefined } {
  return typeof headers.get === "function";
}
