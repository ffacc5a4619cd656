/** Assertions that need no test runner and no module of Node, so that the cases run wherever a store does. */

const MAX_SHOWN = 400;

/**
 * Throws an Error unless two values have the same content. Classes, the order of properties and frozenness do not count.
 *
 * @param what - What was looked at, for the message.
 */
export function equal(what: string, got: unknown, expected: unknown): void {
  if (isSame(got, expected)) return;
  const [a, b] = [show(got), show(expected)];
  throw new Error(`${what}: expected ${cut(b, a)}, got ${cut(a, b)}`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b);
  }
  const keys = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && isSame(Reflect.get(a, key), Reflect.get(b, key)),
  );
}

/** A value as text, properties in order. Escaped, so that a message tells `é` from `é`. */
function show(value: unknown): string {
  if (typeof value === "string") return escape(JSON.stringify(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${show(key)}: ${show(item)}`);
    return `{${entries.sort().join(", ")}}`;
  }
  return String(value);
}

function escape(text: string): string {
  return text.replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The part of a long text around its first difference from another. */
function cut(text: string, other: string): string {
  if (text.length <= MAX_SHOWN) return text;
  let same = 0;
  while (same < text.length && text[same] === other[same]) same++;
  const from = Math.max(0, same - MAX_SHOWN / 2);
  return `${from > 0 ? "…" : ""}${text.slice(from, from + MAX_SHOWN)}…`;
}
