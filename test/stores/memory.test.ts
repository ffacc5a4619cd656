import { expect, it } from "vitest";
import type { ApiKeyRecord, Found } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { recordOf } from "../support/fixture.js";
import { itKeepsKeys } from "../support/store-cases.js";

const record = recordOf();
const ref = { organizationId: record.organizationId, id: record.id };

itKeepsKeys(() => ({ store: createMemoryStore() }));

it("answers at once", () => {
  const store = createMemoryStore();
  expect(store.insert(record)).toBe(true);
  expect(store.replace({ ...record, version: 2 }, record)).toBe(true);
  expect(store.touch({ ...ref, hash: record.hash, atMs: 5, newHash: null })).toBeUndefined();
  expect(store.raiseLease(5)).toBeUndefined();
  const kept = { ...record, version: 2, lastUsedAtMs: 5 };
  expect(store.findById(ref)).toEqual({ record: kept, leaseMs: 5 });
  expect(store.findByHash(record.hash)).toEqual({ record: kept, leaseMs: 5 });
  expect(store.list(record.organizationId, 1, null)).toEqual([kept]);
  expect(store.delete(ref)).toBe(true);
});

it("keeps frozen records: it answers the same object to everyone", () => {
  const store = createMemoryStore();
  const mutable: ApiKeyRecord = { ...record };
  store.insert(mutable);
  const stored = () => (store.findById(ref) as Found).record!;
  expect([stored(), Object.isFrozen(stored())]).toEqual([record, true]);
  store.replace({ ...mutable, version: 2 }, record);
  expect(Object.isFrozen(stored())).toBe(true);
  store.touch({ ...ref, hash: record.hash, atMs: 5, newHash: null });
  expect(Object.isFrozen(stored())).toBe(true);
});

it("shares nothing with another store", () => {
  createMemoryStore().insert(record);
  expect(createMemoryStore().findById(ref)).toEqual({ record: null, leaseMs: 0 });
});
