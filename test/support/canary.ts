/** Finds keys where none may be: in output, errors, inspections and answers. Shares no code with src/core/key.ts. */
import { inspect } from "node:util";
import { crc32 } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MAX_PREFIX_LENGTH = 32;

/** Every key with a valid checksum in a text, whatever its prefix. */
export function findKeys(text: string): string[] {
  const keys: string[] = [];
  for (const { index } of text.matchAll(/_[0-9A-Za-z]{32}/g)) {
    for (let start = index; start >= 0 && index - start < MAX_PREFIX_LENGTH; start--) {
      if (!/[0-9A-Za-z_]/.test(text.charAt(start))) break;
      const candidate = text.slice(start, index + 33);
      if (/^[A-Za-z]/.test(candidate) && hasChecksum(candidate)) keys.push(candidate);
    }
  }
  return keys;
}

/** Whether the last 6 characters are the CRC-32 of all before them, in base62. */
export function hasChecksum(key: string): boolean {
  const claimed = [...key.slice(-6)].reduce((sum, digit) => sum * 62 + ALPHABET.indexOf(digit), 0);
  return claimed === crc32(key.slice(0, -6));
}

/** Every key that a value shows in any way: printed, inspected, as JSON, or in whatever it refers to. */
export function keysIn(value: unknown): string[] {
  const texts: string[] = [];
  collect(value, texts, new Set());
  return [...new Set(texts.flatMap(findKeys))];
}

/** Throws when a value shows a key. The message shows the beginning of the key only. */
export function expectNoKeys(where: string, ...values: readonly unknown[]): void {
  const keys = keysIn(values);
  if (keys.length > 0) throw new Error(`${where} shows a key: ${hintsOf(keys)}`);
}

/** Throws when an HTTP answer shows a key, in its status, its headers or its body. Leaves the body unread. */
export async function expectNoKeysInResponse(response: Response): Promise<void> {
  const { status, statusText, headers } = response;
  const body = await response.clone().text();
  expectNoKeys(`The answer ${status}`, statusText, [...headers], body, decodeURIComponentOf(body));
}

/** Beginnings of keys, for messages. */
export function hintsOf(keys: readonly string[]): string {
  return keys.map((key) => `${key.slice(0, -28)}…`).join(", ");
}

function decodeURIComponentOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function collect(value: unknown, texts: string[], seen: Set<unknown>): void {
  if (typeof value === "string") texts.push(value);
  if (typeof value === "symbol") texts.push(String(value));
  if (typeof value === "bigint" || typeof value === "number") texts.push(String(value));
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
  if (seen.has(value)) return;
  seen.add(value);
  texts.push(...printsOf(value));
  if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString("latin1"));
  if (value instanceof Map || value instanceof Set) collect([...value], texts, seen);
  for (const property of Reflect.ownKeys(value)) {
    texts.push(String(property));
    collect(read(value, property), texts, seen);
  }
}

function printsOf(value: object): string[] {
  const all = { showHidden: true, depth: Infinity, maxArrayLength: null, maxStringLength: null };
  const prints = [
    () => inspect(value, { ...all, getters: true }),
    () => JSON.stringify(value),
    () => String(value),
  ];
  return prints.map((print) => {
    try {
      return print() ?? "";
    } catch {
      return "";
    }
  });
}

function read(value: object, property: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown>)[property];
  } catch (error) {
    return error;
  }
}
