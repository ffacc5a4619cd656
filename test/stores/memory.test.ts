import { beforeEach, describe, expect, it } from "vitest";
import type { ApiKeyRecord, Expected, Found, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { recordOf } from "../support/fixture.js";

const organizationId = "monogram-labs";
const record = recordOf();
const ref = { organizationId, id: record.id };
const another = recordOf({ id: "key_00000000000000000002", hash: "b".repeat(64) });

let store: KeyStore;

beforeEach(() => {
  store = createMemoryStore();
  store.insert(record);
});

const stored = (): ApiKeyRecord | null => (store.findById(ref) as Found).record;

describe("reads", () => {
  it.each<[string, (store: KeyStore) => unknown, unknown]>([
    ["its hash", (s) => s.findByHash(record.hash), record],
    ["another hash", (s) => s.findByHash("b".repeat(64)), null],
    ["its hash in capitals", (s) => s.findByHash(record.hash.toUpperCase()), null],
    ["__proto__ as a hash", (s) => s.findByHash("__proto__"), null],
    ["its id", (s) => s.findById(ref), record],
    ["its id in capitals", (s) => s.findById({ ...ref, id: ref.id.toUpperCase() }), null],
    ["its id and a space", (s) => s.findById({ ...ref, id: `${ref.id} ` }), null],
    [
      "its id in another organization",
      (s) => s.findById({ ...ref, organizationId: "acme-co" }),
      null,
    ],
    [
      "an organization in another case",
      (s) => s.findById({ ...ref, organizationId: "Monogram-Labs" }),
      null,
    ],
  ])("by %s", (_, read, expected) => {
    expect(read(store)).toEqual({ record: expected, leaseMs: 0 });
  });
});

describe("list", () => {
  const at = (createdAtMs: number, id: string): ApiKeyRecord =>
    recordOf({ id, createdAtMs, hash: `${id} ${createdAtMs}` });

  it("is in the order of time, then of id, by code units", () => {
    store = createMemoryStore();
    for (const each of [at(2, "a"), at(1, "é"), at(1, "b"), at(1, "B"), at(1, "e\u0301")]) {
      store.insert(each);
    }
    const ids = (records: unknown) => (records as ApiKeyRecord[]).map(({ id }) => id);
    expect(ids(store.list(organizationId, 10, null))).toEqual(["B", "b", "e\u0301", "é", "a"]);
    expect(ids(store.list(organizationId, 2, null))).toEqual(["B", "b"]);
    expect(ids(store.list(organizationId, 2, { createdAtMs: 1, id: "b" }))).toEqual([
      "e\u0301",
      "é",
    ]);
    expect(ids(store.list(organizationId, 2, { createdAtMs: 1, id: "c" }))).toEqual([
      "e\u0301",
      "é",
    ]);
    expect(ids(store.list(organizationId, 9, { createdAtMs: 0, id: "z" }))).toHaveLength(5);
    expect(ids(store.list(organizationId, 9, { createdAtMs: 2, id: "a" }))).toEqual([]);
  });

  it("shows one organization", () => {
    store.insert(recordOf({ ...another, organizationId: "acme-co" }));
    expect(store.list(organizationId, 10, null)).toEqual([record]);
    expect(store.list("nobody", 10, null)).toEqual([]);
  });

  it("shows each record as it is now, once", () => {
    store.replace({ ...record, version: 2 }, record);
    store.touch({ ...ref, hash: record.hash, atMs: 5, newHash: null });
    expect(store.list(organizationId, 10, null)).toEqual([
      { ...record, version: 2, lastUsedAtMs: 5 },
    ]);
    store.delete(ref);
    expect(store.list(organizationId, 10, null)).toEqual([]);
  });
});

describe("insert", () => {
  it.each<[string, ApiKeyRecord, boolean]>([
    ["another id and hash", another, true],
    ["a taken id", { ...another, id: record.id }, false],
    [
      "a taken id, in another organization",
      { ...another, id: record.id, organizationId: "acme-co" },
      false,
    ],
    ["a taken hash", { ...another, hash: record.hash }, false],
    [
      "a taken hash, in another organization",
      { ...another, hash: record.hash, organizationId: "acme-co" },
      false,
    ],
  ])("of %s: %#", (_, inserted, verdict) => {
    const before = store.list(organizationId, 10, null) as unknown[];
    expect(store.insert(inserted)).toBe(verdict);
    expect(store.list(organizationId, 10, null)).toHaveLength(before.length + Number(verdict));
    expect(stored()).toEqual(record);
    expect(store.list("acme-co", 10, null)).toEqual([]);
  });
});

describe("replace", () => {
  const next = { ...record, version: 2, hash: "c".repeat(64), name: "Shop" };

  it("puts the new record in place, and the old hash finds nothing", () => {
    expect(store.replace(next, record)).toBe(true);
    expect(stored()).toEqual(next);
    expect(store.findByHash(record.hash)).toEqual({ record: null, leaseMs: 0 });
    expect(store.findByHash(next.hash)).toEqual({ record: next, leaseMs: 0 });
  });

  it("with the same hash goes on being found by it", () => {
    expect(store.replace({ ...next, hash: record.hash }, record)).toBe(true);
    expect(store.findByHash(record.hash)).toMatchObject({ record: { version: 2 } });
  });

  it.each<[string, ApiKeyRecord, Partial<Expected>]>([
    ["an older version", next, { version: 0 }],
    ["a later version", next, { version: 2 }],
    ["another hash", next, { hash: another.hash }],
    ["another organization", { ...next, organizationId: "acme-co" }, {}],
    ["another id", { ...next, id: another.id }, {}],
  ])("of %s changes nothing", (_, record2, expected) => {
    expect(store.replace(record2, { version: 1, hash: record.hash, ...expected })).toBe(false);
    expect(stored()).toEqual(record);
    expect(store.findByHash(next.hash)).toEqual({ record: null, leaseMs: 0 });
  });

  it("with a hash that is taken changes nothing", () => {
    store.insert(another);
    expect(store.replace({ ...next, hash: another.hash }, record)).toBe(false);
    expect(stored()).toEqual(record);
    expect(store.findByHash(another.hash)).toEqual({ record: another, leaseMs: 0 });
  });

  it("keeps the last use that the store has", () => {
    store.touch({ ...ref, hash: record.hash, atMs: 7, newHash: null });
    store.replace({ ...next, lastUsedAtMs: 3 }, record);
    expect(stored()).toMatchObject({ version: 2, lastUsedAtMs: 7 });
  });

  it("of a deleted record does not bring it back", () => {
    store.delete(ref);
    expect(store.replace(next, record)).toBe(false);
    expect(stored()).toBeNull();
  });

  it("does not share the record with whoever gave it", () => {
    const mutable = { ...next };
    store.replace(mutable, record);
    mutable.enabled = false;
    expect([stored()!.enabled, Object.isFrozen(stored())]).toEqual([true, true]);
    store.delete(ref);
    store.insert(mutable);
    mutable.enabled = true;
    expect([stored()!.enabled, Object.isFrozen(stored())]).toEqual([false, true]);
  });
});

describe("delete", () => {
  it.each<[string, readonly [typeof ref, number?], boolean]>([
    ["any version", [ref], true],
    ["its version", [ref, 1], true],
    ["another version", [ref, 2], false],
    ["version 0", [ref, 0], false],
    ["another organization", [{ ...ref, organizationId: "acme-co" }], false],
    ["another id", [{ ...ref, id: another.id }], false],
  ])("at %s: %#", (_, values, verdict) => {
    expect(store.delete(...values)).toBe(verdict);
    expect(stored()).toEqual(verdict ? null : record);
    expect(store.findByHash(record.hash)).toMatchObject({ record: verdict ? null : record });
    expect(store.list(organizationId, 10, null)).toHaveLength(verdict ? 0 : 1);
  });

  it("leaves the others, and id and hash may be used again", () => {
    store.insert(another);
    store.delete(ref);
    expect(store.list(organizationId, 10, null)).toEqual([another]);
    expect([store.delete(ref), store.insert(record)]).toEqual([false, true]);
  });
});

describe("touch", () => {
  const used = (atMs: number, values = {}) =>
    store.touch({ ...ref, hash: record.hash, atMs, newHash: null, ...values });

  it("moves the last use forward, never back, and no version", () => {
    const seen = [5, 3, 0, 9, 9].map((atMs) => (used(atMs), stored()!.lastUsedAtMs));
    expect(seen).toEqual([5, 5, 5, 9, 9]);
    expect(stored()).toEqual({ ...record, lastUsedAtMs: 9 });
    expect(store.findByHash(record.hash)).toMatchObject({ record: { lastUsedAtMs: 9 } });
  });

  it("notes a first use at the beginning of time", () => {
    used(0);
    expect(stored()!.lastUsedAtMs).toBe(0);
  });

  it("puts another digest of the same key in place, without moving the time back", () => {
    used(9);
    used(5, { newHash: "d".repeat(64) });
    expect(stored()).toEqual({ ...record, lastUsedAtMs: 9, hash: "d".repeat(64) });
    expect(store.findByHash(record.hash)).toMatchObject({ record: null });
    expect(store.findByHash("d".repeat(64))).toMatchObject({ record: { id: record.id } });
  });

  it("leaves the digest when another record has the new one", () => {
    store.insert(another);
    used(5, { newHash: another.hash });
    expect(stored()).toEqual({ ...record, lastUsedAtMs: 5 });
    expect(store.findByHash(another.hash)).toEqual({ record: another, leaseMs: 0 });
  });

  it.each([
    ["another hash, of a key that was regenerated", { hash: another.hash }],
    ["another organization", { organizationId: "acme-co" }],
    ["another id", { id: another.id }],
  ])("with %s changes nothing", (_, values) => {
    used(5, values);
    expect(stored()).toEqual(record);
  });

  it("of a deleted record creates none", () => {
    store.delete(ref);
    used(5);
    expect([stored(), store.list(organizationId, 10, null)]).toEqual([null, []]);
  });
});

describe("raiseLease", () => {
  it("is answered by every read, and is never lowered", () => {
    const leases = [1000, 500, 2000].map((ms) => {
      store.raiseLease(ms);
      return [store.findByHash("none"), store.findById(ref)].map(
        (found) => (found as Found).leaseMs,
      );
    });
    expect(leases).toEqual([
      [1000, 1000],
      [1000, 1000],
      [2000, 2000],
    ]);
  });
});

describe("two stores", () => {
  it("share nothing", () => {
    expect(createMemoryStore().findById(ref)).toEqual({ record: null, leaseMs: 0 });
  });
});
