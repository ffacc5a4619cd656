import type { MaybePromise } from "../core/maybe-promise.js";
import type { AccessTable, Level } from "../core/access.js";
import type { ApiKeyRecord, ApiKeyRef, KeyStore, KeyUse } from "../core/store.js";
import { equal } from "./expect.js";

/** What a case works with: a store without records, and another handle on the same data. */
export interface Handles {
  readonly store: KeyStore;
  /** As another process has it. The same store where there is no other. */
  readonly other: KeyStore;
}

/** One sentence that a store has to keep, and how to find out. */
export type Requirement = readonly [
  id: string,
  name: string,
  run: (handles: Handles) => Promise<void>,
];

/** How often a race is run. */
export const TRIALS = 10;
export const ORGANIZATION = "monogram-labs";
export const NOW_MS = 1_750_000_000_000;

/** 64 hex characters that are no other number's. */
export function hashOf(n: number): string {
  return n.toString(16).padStart(8, "0").repeat(8);
}

/** A record like those of createApiKeys, whose id and hash are no other number's. */
export function recordOf(n: number, values: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return Object.freeze({
    id: `key_${String(n).padStart(20, "0")}`,
    organizationId: ORGANIZATION,
    name: "Website",
    hash: hashOf(n),
    hint: "pk_4eC3…",
    access: accessOf([
      ["barcelona", "write"],
      ["lisbon", "read"],
    ]),
    version: 1,
    enabled: true,
    expiresAtMs: null,
    createdAtMs: NOW_MS,
    updatedAtMs: NOW_MS,
    lastUsedAtMs: null,
    ...values,
  });
}

/** An access table as createApiKeys makes it: frozen, without a prototype. */
export function accessOf(entries: Iterable<readonly [string, Level]>): AccessTable {
  const table = Object.create(null) as Record<string, Level>;
  for (const [libraryId, level] of entries) table[libraryId] = level;
  return Object.freeze(table);
}

export function refOf({ organizationId, id }: ApiKeyRef): ApiKeyRef {
  return { organizationId, id };
}

export function useOf(record: ApiKeyRecord, atMs: number, values: Partial<KeyUse> = {}): KeyUse {
  return { ...refOf(record), hash: record.hash, atMs, newHash: null, ...values };
}

/** Inserts records one after the other. */
export async function insertAll(store: KeyStore, ...records: readonly ApiKeyRecord[]) {
  for (const record of records) equal("insert", await store.insert(record), true);
}

/** Looks at a record, or its absence, through every kind of read. */
export async function expectStored(
  store: KeyStore,
  { organizationId, id, hash }: ApiKeyRecord,
  expected: ApiKeyRecord | null,
): Promise<void> {
  equal("findById", (await store.findById({ organizationId, id })).record, expected);
  equal("findByHash", (await store.findByHash(hash)).record, expected);
  const listed = await store.list(organizationId, 500, null);
  const own = listed.filter((record) => record.id === id);
  equal("list", own, expected === null ? [] : [expected]);
}

/** Begins all calls before any answer is looked at. */
export function together<T>(calls: readonly (() => MaybePromise<T>)[]): Promise<T[]> {
  return Promise.all(calls.map(async (call) => call()));
}

/** Which calls answered true. */
export function winnersOf(answers: readonly boolean[]): number[] {
  return answers.flatMap((answer, i) => (answer ? [i] : []));
}
