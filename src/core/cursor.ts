import { checkId, checkString } from "./check.js";
import type { PageStart } from "./store.js";

/** The text that names a place in a list. Opaque to those who carry it. */
export function encodeCursor({ createdAtMs, id }: PageStart): string {
  return `${createdAtMs.toString(36)}.${id}`;
}

/** Reads a cursor back; null begins at the start. */
export function decodeCursor(name: string, cursor: unknown): PageStart | null {
  if (cursor === undefined || cursor === null) return null;
  const match = /^([0-9a-z]+)\.(.+)$/su.exec(checkString(name, cursor));
  const createdAtMs = match ? Number.parseInt(match[1]!, 36) : Number.NaN;
  if (!Number.isSafeInteger(createdAtMs)) {
    throw new RangeError(`"${name}" expected the endCursor of a page`);
  }
  return { createdAtMs, id: checkId(name, match![2]) };
}
