import type { ApiKeyRecord } from "../core/store.js";
import { integerOf } from "./redis-wire.js";

/** Names of the keys. Those of one record share a hash tag, which keeps them in one slot of a cluster. */
export function createLayout(prefix: string) {
  return {
    leaseKey: `${prefix}:lease`,
    /** Where the record of an escaped id is. */
    recordKey: (id: string) => `${prefix}:{key:${id}}`,
    /** Where it is said that the record will be written. */
    intentKey: (id: string, token: string) => `${prefix}:{key:${id}}:${token}`,
    /** Where a digest points to its owner: a token and an escaped id. */
    pointerKey: (hash: string) => `${prefix}:hash:${escape(hash)}`,
    /** Where the organization's ids are, in order. */
    listKey: (organizationId: string) => `${prefix}:list:${escape(organizationId)}`,
  };
}

/**
 * An id as printable ASCII without braces and spaces, in the same order: no client or server can take two ids for one,
 * and none ends a hash tag. Escapes of what comes before `"` begin with `!`, those of what comes after `z` with `~`.
 */
export function escape(id: string): string {
  return id.replace(/[^"-z]/g, (unit) => {
    const code = unit.charCodeAt(0);
    return (code < 0x22 ? "!" : "~") + code.toString(16).padStart(4, "0");
  });
}

/** Two words as one text. The space sorts before everything that {@link escape} leaves. */
export function join(first: string, second: string): string {
  return `${first} ${second}`;
}

/** The two words of a text. */
export function split(text: string): [first: string, second: string] {
  const space = text.indexOf(" ");
  return [text.slice(0, space), text.slice(space + 1)];
}

/** Where a record stands in its organization's list: members sort as bytes. */
export function placeOf(createdAtMs: number, id: string): string {
  return `${String(createdAtMs).padStart(16, "0")}:${id}`;
}

/** The escaped id of a place. */
export function idOf(place: string): string {
  return place.slice(place.indexOf(":") + 1);
}

/** The fields that a replacement writes. JSON for what no script looks at: Lua would round numbers. */
export function changingFields(record: ApiKeyRecord): string[] {
  const { hash, createdAtMs: _, lastUsedAtMs: __, ...content } = record;
  return ["r", JSON.stringify(content), "v", String(record.version), "h", hash];
}

/** The fields that an insertion writes besides. A replacement leaves them, and with them the place in the list. */
export function lastingFields(record: ApiKeyRecord, token: string): string[] {
  const { createdAtMs, lastUsedAtMs } = record;
  const used = lastUsedAtMs === null ? "" : String(lastUsedAtMs);
  return ["o", escape(record.organizationId), "u", used, "a", String(createdAtMs), "t", token];
}

/** The record of what READ answered. */
export function recordOf(fields: readonly string[]): ApiKeyRecord | null {
  if (fields.length < 4) return null;
  const [content, hash, used, created] = fields as [string, string, string, string];
  return {
    ...(JSON.parse(content) as Omit<ApiKeyRecord, "hash" | "createdAtMs" | "lastUsedAtMs">),
    hash,
    createdAtMs: integerOf(created),
    lastUsedAtMs: used === "" ? null : integerOf(used),
  };
}
