/** Argument checks. Each names the argument and what was expected; none prints the value, which might be a key. */

/** The longest id of an organization or a library, in UTF-16 code units. */
export const MAX_ID_LENGTH = 256;
/** The longest name of an API key and the longest actor, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 200;
/** The latest time in Unix milliseconds: ECMA-262, time values. */
export const MAX_TIME_MS = 8.64e15;

// Databases refuse or mangle NUL, and encode every lone surrogate as the same U+FFFD: two ids would become one.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** The kind of a value, as error messages say it. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** A text for an error message if it is surely no key (whose prefix ends in `_`), otherwise `"…"`. */
export function quote(text: string): string {
  return /^[A-Za-z0-9.-]{1,64}$/.test(text) ? `"${text}"` : '"…"';
}

/** Throws unless the value is a string. */
export function checkString(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`"${name}" expected a string, got ${kindOf(value)}`);
  }
  return value;
}

/** Throws unless the value is text of 1 to `max` code units without control characters and lone surrogates. */
export function checkText(name: string, value: unknown, max: number): string {
  const text = checkString(name, value);
  if (text.length === 0 || text.length > max) {
    throw new RangeError(`"${name}" expected 1 to ${max} characters, got ${text.length}`);
  }
  if (CONTROL.test(text) || !text.isWellFormed()) {
    throw new RangeError(`"${name}" expected text without control characters or lone surrogates`);
  }
  return text;
}

/** Throws unless the value is the id of an organization, a library or an API key. */
export function checkId(name: string, value: unknown): string {
  return checkText(name, value, MAX_ID_LENGTH);
}

/** Throws unless the value is an integer from `min` to `max`. */
export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number") {
    throw new TypeError(`"${name}" expected a number, got ${kindOf(value)}`);
  }
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`"${name}" expected an integer from ${min} to ${max}`);
  }
  return value;
}

/** Throws unless the value is `true` or `false`. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw new TypeError(`"${name}" expected a boolean, got ${kindOf(value)}`);
  }
  return value;
}

/** Throws unless the value is a function. */
export function checkFunction<T>(name: string, value: T): T {
  if (typeof value !== "function") {
    throw new TypeError(`"${name}" expected a function, got ${kindOf(value)}`);
  }
  return value;
}

/** Throws unless the value is an object that is neither null, an array nor a function. */
export function checkObject(name: string, value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`"${name}" expected an object, got ${kindOf(value)}`);
  }
  return value;
}

/**
 * Throws unless the value is an object with no properties but the known ones: `expiresAt` instead of `expiresAtMs`,
 * passed over in silence, would mean "never".
 */
export function checkOptions(name: string, value: unknown, known: readonly string[]): object {
  const options = checkObject(name, value);
  for (const property of Object.keys(options)) {
    if (!known.includes(property)) {
      throw new TypeError(
        `"${name}" has no property ${quote(property)}; known: ${known.join(", ")}`,
      );
    }
  }
  return options;
}
