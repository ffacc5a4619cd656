/**
 * Headers of a request in any shape that servers have: a `Headers` object, Node's `req.headers`, or Node's
 * `req.rawHeaders` (name, value, name, value…). Prefer `rawHeaders` where there is one: `req.headers` keeps the first of
 * two `Authorization` lines and says nothing.
 */
export type RequestHeaders =
  | { get(name: string): string | null }
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Every line of a header.
 *
 * @param headers - The request's headers.
 * @param name - The header's name in lower case.
 * @returns One entry a line that can still be told apart; empty when the header is absent.
 */
export function headerLines(headers: RequestHeaders, name: string): readonly string[] {
  if (isRaw(headers)) {
    const lines: string[] = [];
    for (let i = 0; i + 1 < headers.length; i += 2) {
      if (headers[i]!.toLowerCase() === name) lines.push(headers[i + 1]!);
    }
    return lines;
  }
  if (isFetchHeaders(headers)) {
    const value = headers.get(name);
    return value === null ? [] : [value];
  }
  const lines: string[] = [];
  for (const key of Object.keys(headers)) {
    if (key.toLowerCase() !== name) continue;
    const value = headers[key];
    if (typeof value === "string") lines.push(value);
    else if (value !== undefined) lines.push(...value);
  }
  return lines;
}

function isRaw(headers: RequestHeaders): headers is readonly string[] {
  return Array.isArray(headers);
}

function isFetchHeaders(headers: RequestHeaders): headers is { get(name: string): string | null } {
  return typeof (headers as { get?: unknown }).get === "function";
}
