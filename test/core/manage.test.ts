import { describe, expect, it, vi } from "vitest";
import type { AccessTable, ApiKeys, ChangeRef, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf, NOW_MS, recordOf, verdictOf } from "../support/fixture.js";

const organizationId = "monogram-labs";
const access = { barcelona: "write", lisbon: "read" } as const;

async function createOne(options = {}) {
  const fixture = createFixture(options);
  const { key, apiKey } = await fixture.apiKeys.create({ organizationId, name: "Website", access });
  fixture.events.length = 0;
  return { ...fixture, key, apiKey, ref: { organizationId, id: apiKey.id } };
}

describe("create", () => {
  it("answers the key once, and a record without it", async () => {
    const { apiKeys, store } = createFixture();
    const { key, apiKey } = await apiKeys.create({ organizationId, name: "Website", access });
    expect(apiKey).toEqual({
      id: expect.stringMatching(/^key_[0-9A-Za-z]{20}$/),
      organizationId,
      name: "Website",
      hint: `${key.slice(0, 7)}…`,
      access,
      version: 1,
      enabled: true,
      expiresAtMs: null,
      createdAtMs: NOW_MS,
      updatedAtMs: NOW_MS,
      lastUsedAtMs: null,
    });
    expect([Object.isFrozen(apiKey), Object.isFrozen(apiKey.access)]).toEqual([true, true]);
    expect(store.findById({ organizationId, id: apiKey.id })).toMatchObject({
      record: { ...apiKey, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it("takes an expiry and may begin disabled, with no access at all", async () => {
    const { apiKeys } = createFixture();
    const options = { organizationId, name: "A", expiresAtMs: NOW_MS + 1, enabled: false };
    const { key, apiKey } = await apiKeys.create(options);
    expect(apiKey).toMatchObject({ expiresAtMs: NOW_MS + 1, enabled: false });
    expect(Object.keys(apiKey.access)).toEqual([]);
    expect(await apiKeys.authenticate(key)).toEqual({ ok: false, reason: "disabled" });
  });

  it("keeps 10,000 libraries and odd ids apart", async () => {
    const { apiKeys } = createFixture();
    const table = JSON.parse(
      '{"__proto__": "write", "constructor": "read", "A": "read", "a": "write"}',
    );
    const ids = Array.from({ length: 10_000 }, (_, i) => [`library-${i}`, "read"]);
    const big = Object.assign(Object.create(null), table, Object.fromEntries(ids)) as AccessTable;
    const { key, apiKey } = await apiKeys.create({ organizationId, name: "A", access: big });
    expect(Object.keys(apiKey.access)).toHaveLength(10_004);
    const result = await apiKeys.authenticate(key);
    if (!result.ok) expect.unreachable();
    const { caller } = result;
    const can = (libraryId: string) => caller.can("write", { organizationId, libraryId });
    expect(["__proto__", "a", "constructor", "A", "library-9999", "toString"].map(can)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("get and list", () => {
  it("get answers one, or null", async () => {
    const { apiKeys, apiKey, ref } = await createOne();
    expect(await apiKeys.get(ref)).toEqual(apiKey);
    expect(await apiKeys.get({ ...ref, id: "key_of_nobody" })).toBeNull();
  });

  it("list pages through an organization's keys, oldest first", async () => {
    const { apiKeys, clock } = createFixture();
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) {
      await apiKeys.create({ organizationId, name });
      await apiKeys.create({ organizationId: "acme-co", name });
      clock.nowMs += name === "b" ? 0 : 1; // two of the same moment
    }
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page = await apiKeys.list({ organizationId, first: 2, after });
      pages.push(page.apiKeys.map(({ name }) => name));
      expect(page.apiKeys.some((apiKey) => "hash" in apiKey)).toBe(false);
      after = page.endCursor;
    } while (after !== null);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().sort()).toEqual(names);
    expect([pages[0]![0], pages[2]![0]]).toEqual(["a", "e"]);
  });

  it("a full last page has no cursor", async () => {
    const { apiKeys } = await createOne();
    expect(await apiKeys.list({ organizationId, first: 1 })).toMatchObject({ endCursor: null });
    expect(await apiKeys.list({ organizationId: "empty" })).toEqual({
      apiKeys: [],
      endCursor: null,
    });
  });

  it("list asks for 50 by default, and for one more than wanted", async () => {
    const list = vi.fn(() => []);
    const { apiKeys } = createFixture({ store: { ...createMemoryStore(), list } });
    await apiKeys.list({ organizationId });
    await apiKeys.list({ organizationId, first: 500 });
    expect(list.mock.calls).toEqual([
      [organizationId, 51, null],
      [organizationId, 501, null],
    ]);
  });

  it("records that were imported with ids of their own can be paged", async () => {
    const { apiKeys, store, ref } = await createOne();
    store.insert(recordOf({ id: "7. of old", createdAtMs: 0 }));
    const { apiKeys: page, endCursor } = await apiKeys.list({ organizationId, first: 1 });
    expect(page[0]!.id).toBe("7. of old");
    const next = await apiKeys.list({ organizationId, after: endCursor });
    expect(next.apiKeys.map(({ id }) => id)).toEqual([ref.id]);
  });
});

describe("access", () => {
  it.each<[string, (apiKeys: ApiKeys, ref: ChangeRef) => Promise<unknown>, object, number]>([
    [
      "setAccess replaces the table",
      (a, ref) => a.setAccess(ref, { porto: "read" }),
      { porto: "read" },
      2,
    ],
    ["setAccess to nothing", (a, ref) => a.setAccess(ref, {}), {}, 2],
    [
      "grant adds",
      (a, ref) => a.grant(ref, { libraryId: "porto", level: "read" }),
      { ...access, porto: "read" },
      2,
    ],
    [
      "grant raises",
      (a, ref) => a.grant(ref, { libraryId: "lisbon", level: "write" }),
      { ...access, lisbon: "write" },
      2,
    ],
    [
      "grant never lowers",
      (a, ref) => a.grant(ref, { libraryId: "barcelona", level: "read" }),
      access,
      1,
    ],
    [
      "grant of what is there",
      (a, ref) => a.grant(ref, { libraryId: "lisbon", level: "read" }),
      access,
      1,
    ],
    [
      "grant of __proto__",
      (a, ref) => a.grant(ref, { libraryId: "__proto__", level: "read" }),
      JSON.parse('{"barcelona":"write","lisbon":"read","__proto__":"read"}'),
      2,
    ],
    [
      "revoke removes",
      (a, ref) => a.revoke(ref, { libraryId: "lisbon" }),
      { barcelona: "write" },
      2,
    ],
    ["revoke of what is not there", (a, ref) => a.revoke(ref, { libraryId: "porto" }), access, 1],
    ["revoke of __proto__", (a, ref) => a.revoke(ref, { libraryId: "__proto__" }), access, 1],
    [
      "update replaces the table",
      (a, ref) => a.update(ref, { access: { porto: "read" } }),
      { porto: "read" },
      2,
    ],
    ["update to nothing", (a, ref) => a.update(ref, { access: {} }), {}, 2],
    ["update to what is there", (a, ref) => a.update(ref, { access: { ...access } }), access, 1],
    [
      "update of __proto__",
      (a, ref) => a.update(ref, { access: JSON.parse('{"__proto__":"read"}') as AccessTable }),
      JSON.parse('{"__proto__":"read"}'),
      2,
    ],
  ])("%s", async (_, change, table, version) => {
    const { apiKeys, ref, clock, apiKey } = await createOne();
    clock.nowMs += 1000;
    const after = await change(apiKeys, ref);
    const updatedAtMs = version === 1 ? NOW_MS : NOW_MS + 1000;
    expect(after).toEqual({ ...apiKey, access: table, version, updatedAtMs });
    expect(Object.entries((after as { access: object }).access)).toEqual(Object.entries(table));
    expect(await apiKeys.get(ref)).toEqual(after);
  });

  it("a caller sees the change at once", async () => {
    const { apiKeys, key, ref } = await createOne();
    await apiKeys.setAccess(ref, { porto: "read" });
    const result = await apiKeys.authenticate(key);
    expect(result.ok && result.caller.libraries("read")).toEqual(["porto"]);
  });
});

describe("update", () => {
  it("changes what is named, and nothing else", async () => {
    const { apiKeys, apiKey, ref } = await createOne();
    const named = await apiKeys.update(ref, { name: "Shop" });
    expect(named).toEqual({ ...apiKey, name: "Shop", version: 2 });
    const expiring = await apiKeys.update(ref, { expiresAtMs: NOW_MS + 1 });
    expect(expiring).toEqual({ ...named, expiresAtMs: NOW_MS + 1, version: 3 });
    const changes = { expiresAtMs: null, enabled: false, name: undefined as never };
    const lasting = await apiKeys.update(ref, changes);
    expect(lasting).toEqual({ ...named, enabled: false, version: 4 });
  });

  it("changes everything in one write", async () => {
    const { apiKeys, apiKey, ref, key, store } = await createOne();
    const replace = vi.spyOn(store, "replace");
    const changes = {
      name: "Shop",
      expiresAtMs: NOW_MS + 1,
      enabled: false,
      access: { porto: "write" },
    } as const;
    expect(await apiKeys.update(ref, changes)).toEqual({ ...apiKey, ...changes, version: 2 });
    expect(replace).toHaveBeenCalledOnce();
    expect(await apiKeys.authenticate(key)).toEqual({ ok: false, reason: "disabled" });
  });

  it("of access goes on with the table as it was given, whatever becomes of the object", async () => {
    const { apiKeys, ref } = await createOne();
    const table: Record<string, "read" | "write"> = { porto: "read" };
    const promise = apiKeys.update(ref, { access: table });
    table["lisbon"] = "write";
    expect((await promise).access).toEqual({ porto: "read" });
  });

  it("of nothing answers the record as it is", async () => {
    const { apiKeys, apiKey, ref } = await createOne();
    expect(await apiKeys.update(ref, {})).toEqual(apiKey);
  });
});

describe("regenerate", () => {
  it("keeps the record, and changes key, hint and version", async () => {
    const { apiKeys, key, apiKey, ref } = await createOne();
    const again = await apiKeys.regenerate(ref);
    expect(again.key).not.toBe(key);
    expect(again.apiKey).toEqual({ ...apiKey, version: 2, hint: `${again.key.slice(0, 7)}…` });
    expect(await apiKeys.authenticate(key)).toEqual({ ok: false, reason: "unknown" });
    expect(await apiKeys.authenticate(again.key)).toMatchObject({
      ok: true,
      caller: { version: 2 },
    });
  });
});

describe("delete", () => {
  it("writes before it reads, so that nobody comes between", async () => {
    const { apiKeys, ref, store } = await createOne();
    const calls: string[] = [];
    const noting: KeyStore = {
      ...store,
      delete: (...values) => (calls.push("delete"), store.delete(...values)),
      findById: (...values) => (calls.push("findById"), store.findById(...values)),
    };
    expect(await createFixture({ store: noting }).apiKeys.delete(ref)).toBe(true);
    expect(await apiKeys.get(ref)).toBeNull();
    expect(calls).toEqual(["delete", "findById"]);
  });

  it("is true, then false", async () => {
    const { apiKeys, key, ref } = await createOne();
    expect([await apiKeys.delete(ref), await apiKeys.delete(ref)]).toEqual([true, false]);
    expect(await apiKeys.delete({ ...ref, version: 1 })).toBe(false);
    expect(await apiKeys.get(ref)).toBeNull();
    expect(await apiKeys.authenticate(key)).toEqual({ ok: false, reason: "unknown" });
  });
});

const writes: readonly [string, (apiKeys: ApiKeys, ref: ChangeRef) => Promise<unknown>][] = [
  ["setAccess", (apiKeys, ref) => apiKeys.setAccess(ref, {})],
  ["grant", (apiKeys, ref) => apiKeys.grant(ref, { libraryId: "porto", level: "read" })],
  [
    "grant of what is there",
    (apiKeys, ref) => apiKeys.grant(ref, { libraryId: "lisbon", level: "read" }),
  ],
  ["revoke", (apiKeys, ref) => apiKeys.revoke(ref, { libraryId: "lisbon" })],
  ["update", (apiKeys, ref) => apiKeys.update(ref, { name: "Shop" })],
  ["update of access", (apiKeys, ref) => apiKeys.update(ref, { name: "Shop", access: {} })],
  ["update of nothing", (apiKeys, ref) => apiKeys.update(ref, {})],
  ["regenerate", (apiKeys, ref) => apiKeys.regenerate(ref)],
];

describe.each(writes)("%s", (_, write) => {
  it("with the version of now goes through", async () => {
    const { apiKeys, ref } = await createOne();
    expect(await verdictOf(() => write(apiKeys, { ...ref, version: 1 }))).toBe("ok");
  });

  it("with an older version is a conflict that carries the record as it is", async () => {
    const { apiKeys, ref } = await createOne();
    const now = await apiKeys.update(ref, { enabled: false });
    const error = await errorOf(() => write(apiKeys, { ...ref, version: 1 }));
    expect(error).toMatchObject({ code: "CONFLICT", apiKey: now });
    expect(error).not.toHaveProperty("apiKey.hash");
    expect(await apiKeys.get(ref)).toEqual(now);
  });

  it("of a deleted key, an unknown one, or another organization's is NOT_FOUND", async () => {
    const { apiKeys, ref, apiKey, key } = await createOne();
    const verdict = (other: ChangeRef) => verdictOf(() => write(apiKeys, other));
    expect(await verdict({ ...ref, organizationId: "acme-co" })).toBe("NOT_FOUND");
    expect(await verdict({ ...ref, organizationId: "acme-co", version: 1 })).toBe("NOT_FOUND");
    expect(await verdict({ ...ref, id: "key_of_nobody" })).toBe("NOT_FOUND");
    expect(await apiKeys.get(ref)).toEqual(apiKey);
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    await apiKeys.delete(ref);
    expect(await verdict(ref)).toBe("NOT_FOUND");
    expect(await verdict({ ...ref, version: 1 })).toBe("NOT_FOUND");
    expect(await apiKeys.get(ref)).toBeNull();
  });

  it("goes on with the reference as it was given, whatever becomes of the object", async () => {
    const { apiKeys, ref } = await createOne();
    const other = await apiKeys.create({ organizationId, name: "Other", access });
    const given = { ...ref };
    const promise = write(apiKeys, given);
    given.id = other.apiKey.id;
    await promise;
    expect(await apiKeys.get({ organizationId, id: other.apiKey.id })).toEqual(other.apiKey);
  });
});

describe("another organization's id", () => {
  it("is not found by get, delete and list either", async () => {
    const { apiKeys, ref, apiKey } = await createOne();
    const foreign = { ...ref, organizationId: "acme-co" };
    expect(await apiKeys.get(foreign)).toBeNull();
    expect(await apiKeys.delete(foreign)).toBe(false);
    expect(await apiKeys.delete({ ...foreign, version: 1 })).toBe(false);
    expect((await apiKeys.list({ organizationId: "acme-co" })).apiKeys).toEqual([]);
    expect(await apiKeys.get(ref)).toEqual(apiKey);
  });
});

describe("delete with a version", () => {
  it("is a conflict when someone changed the key since", async () => {
    const { apiKeys, ref } = await createOne();
    const now = await apiKeys.update(ref, { name: "Shop" });
    const error = await errorOf(() => apiKeys.delete({ ...ref, version: 1 }));
    expect(error).toMatchObject({ code: "CONFLICT", apiKey: now });
    expect(await apiKeys.get(ref)).toEqual(now);
    expect(await apiKeys.delete({ ...ref, version: 2 })).toBe(true);
  });
});
