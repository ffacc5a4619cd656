import { describe, expect, it, vi } from "vitest";
import { ApiKeyError, type ApiKeyRecord, type ApiKeys, type KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf, recordOf, verdictOf } from "../support/fixture.js";

const organizationId = "monogram-labs";
const record = recordOf();
const ref = { organizationId, id: record.id };

/** API keys over a store with one record, some of whose methods were replaced. */
function createBroken(methods: { readonly [M in keyof KeyStore]?: unknown }) {
  const store = createMemoryStore();
  store.insert(record);
  return createFixture({ store: { ...store, ...methods } as KeyStore, storeTimeoutMs: 20 });
}

type Calls = readonly [method: keyof KeyStore, call: string, run: (apiKeys: ApiKeys) => unknown];

const calls: readonly Calls[] = [
  ["insert", "create", (apiKeys) => apiKeys.create({ organizationId, name: "A" })],
  ["list", "list", (apiKeys) => apiKeys.list({ organizationId })],
  ["findById", "get", (apiKeys) => apiKeys.get(ref)],
  ["findById", "setAccess", (apiKeys) => apiKeys.setAccess(ref, {})],
  ["findById", "delete at a version", (apiKeys) => apiKeys.delete({ ...ref, version: 7 })],
  ["replace", "setAccess", (apiKeys) => apiKeys.setAccess(ref, {})],
  ["replace", "grant", (apiKeys) => apiKeys.grant(ref, { libraryId: "a", level: "read" })],
  ["replace", "revoke", (apiKeys) => apiKeys.revoke(ref, { libraryId: "lisbon" })],
  ["replace", "update", (apiKeys) => apiKeys.update(ref, { name: "B" })],
  ["replace", "regenerate", (apiKeys) => apiKeys.regenerate(ref)],
  ["delete", "delete", (apiKeys) => apiKeys.delete(ref)],
];

const failures: readonly [string, () => unknown][] = [
  ["throws", () => JSON.parse("{")],
  ["rejects", () => Promise.reject(new Error("down"))],
  ["rejects with nothing", () => Promise.reject(undefined as never)],
  ["rejects with NOT_FOUND", () => Promise.reject(new ApiKeyError("NOT_FOUND", "The store's."))],
  ["rejects with CONFLICT", () => Promise.reject(new ApiKeyError("CONFLICT", "The store's."))],
  ["hangs", () => new Promise(() => {})],
  ["answers undefined", () => undefined],
  ["promises undefined", async () => undefined],
  ["answers text", () => "done"],
  ["answers a number", () => 1],
  ["answers an empty object", () => ({})],
];

describe.each(failures)("a store that %s", (_, failure) => {
  it.each(calls)("at %s fails %s as UNAVAILABLE, without an event", async (method, _, run) => {
    const { apiKeys, events } = createBroken({ [method]: failure });
    const error = await errorOf(() => run(apiKeys));
    expect(error).toMatchObject({ name: "ApiKeyError", code: "UNAVAILABLE" });
    expect(events).toEqual([]);
  });
});

describe("a store that answers a record", () => {
  const found = (values: Partial<ApiKeyRecord> | object) => () => ({
    record: { ...record, ...values },
    leaseMs: 0,
  });

  it.each<[string, object]>([
    ["of another organization", { organizationId: "acme-co" }],
    ["of another id", { id: "key_of_another" }],
    ["without access", { access: null }],
    ["without a time", { createdAtMs: undefined }],
    ["with a version as text", { version: "1" }],
  ])("%s is broken, not empty", async (_, values) => {
    const { apiKeys } = createBroken({
      findById: found(values),
      list: () => [{ ...record, ...values }],
    });
    expect(await verdictOf(() => apiKeys.get(ref))).toBe("UNAVAILABLE");
    expect(await verdictOf(() => apiKeys.setAccess(ref, {}))).toBe("UNAVAILABLE");
    expect(await verdictOf(() => apiKeys.regenerate(ref))).toBe("UNAVAILABLE");
    const listing = await verdictOf(() => apiKeys.list({ organizationId }));
    expect(listing).toBe("id" in values ? "ok" : "UNAVAILABLE");
  });

  it.each([
    ["null", [null]],
    ["undefined", [undefined]],
    ["a good one and null", [record, null]],
    ["a good one and another organization's", [record, recordOf({ organizationId: "acme-co" })]],
    ["an object that is no list", { 0: record, length: 1 }],
    ["null in place of a list", null],
  ])("in a list with %s is broken", async (_, records) => {
    const { apiKeys } = createBroken({ list: () => records });
    expect(await verdictOf(() => apiKeys.list({ organizationId }))).toBe("UNAVAILABLE");
  });

  it("more often than asked gives no longer page", async () => {
    const { apiKeys } = createBroken({ list: () => Array(10).fill(record) });
    const page = await apiKeys.list({ organizationId, first: 3 });
    expect([page.apiKeys.length, page.endCursor]).toEqual([3, expect.any(String)]);
  });
});

describe("a store that says no", () => {
  it("to a new record is an outage, as ids and hashes are random", async () => {
    const { apiKeys, events } = createBroken({ insert: () => false });
    const error = await errorOf(() => apiKeys.create({ organizationId, name: "A" }));
    expect(error).toMatchObject({ code: "UNAVAILABLE", cause: expect.any(Error) });
    expect(events).toEqual([]);
  });

  it.each<[string, number, (apiKeys: ApiKeys) => unknown]>([
    ["grant", 100, (apiKeys) => apiKeys.grant(ref, { libraryId: "a", level: "read" })],
    ["revoke", 100, (apiKeys) => apiKeys.revoke(ref, { libraryId: "lisbon" })],
    ["update", 100, (apiKeys) => apiKeys.update(ref, { name: "B" })],
    [
      "grant at a version",
      1,
      (apiKeys) => apiKeys.grant({ ...ref, version: 1 }, { libraryId: "a", level: "read" }),
    ],
    ["update at a version", 1, (apiKeys) => apiKeys.update({ ...ref, version: 1 }, { name: "B" })],
    ["update of access", 1, (apiKeys) => apiKeys.update(ref, { access: {} })],
    ["setAccess", 1, (apiKeys) => apiKeys.setAccess(ref, {})],
    ["regenerate", 1, (apiKeys) => apiKeys.regenerate(ref)],
  ])("to every change: %s gives up after %d", async (_, rounds, run) => {
    const replace = vi.fn(() => false);
    const { apiKeys, events } = createBroken({ replace });
    const { hash: _hash, ...apiKey } = record;
    expect(await errorOf(() => run(apiKeys))).toMatchObject({ code: "CONFLICT", apiKey });
    expect(replace).toHaveBeenCalledTimes(rounds);
    expect(events).toEqual([]);
  });

  it("because the record is gone by now: a conflict with null", async () => {
    const store = createMemoryStore();
    store.insert(record);
    const replace = () => store.delete(ref) && false;
    const { apiKeys } = createFixture({ store: { ...store, replace } as KeyStore });
    expect(await errorOf(() => apiKeys.regenerate(ref))).toMatchObject({
      code: "CONFLICT",
      apiKey: null,
    });
  });
});

describe("what a store threw", () => {
  it("is the cause", async () => {
    const cause = new Error("connection refused");
    const { apiKeys } = createBroken({ list: () => Promise.reject(cause) });
    const error = await errorOf(() => apiKeys.list({ organizationId }));
    expect([error.message, error.cause]).toEqual(["The store of API keys failed.", cause]);
  });

  it("says how long was waited", async () => {
    const { apiKeys } = createBroken({ list: () => new Promise(() => {}) });
    const error = await errorOf(() => apiKeys.list({ organizationId }));
    expect(error.message).toBe("The store of API keys did not answer in 20 ms.");
  });
});
