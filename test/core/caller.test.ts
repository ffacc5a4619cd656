import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ApiKeyError,
  createCaller,
  everyLibrary,
  type AccessTable,
  type Caller,
  type Found,
  type KeyStore,
  type Level,
} from "../../src/index.js";
import { isFresh, isRenewable, isSameCaller, reaches, reachesAny } from "../../src/core/caller.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf, NOW_MS, verdictOf } from "../support/fixture.js";

const organizationId = "monogram-labs";
const user = { id: "user-7", version: 1, organizationId, access: {} };

/** A caller that came by an API key, which has Write on barcelona and Read on lisbon. */
async function createOne(makeStore: (real: KeyStore) => KeyStore = (real) => real) {
  const real = createMemoryStore();
  const fixture = createFixture({ store: makeStore(real), storeTimeoutMs: 20 });
  const access = { barcelona: "write", lisbon: "read" } as const;
  const { key, apiKey } = await fixture.apiKeys.create({ organizationId, name: "Website", access });
  const result = await fixture.apiKeys.authenticate(key);
  if (!result.ok) expect.unreachable();
  const ref = { organizationId, id: apiKey.id };
  return { ...fixture, real, key, ref, caller: result.caller };
}

describe("can and require", () => {
  it.each<[Level, string, string, boolean]>([
    ["read", organizationId, "barcelona", true],
    ["write", organizationId, "barcelona", true],
    ["read", organizationId, "lisbon", true],
    ["write", organizationId, "lisbon", false],
    ["read", organizationId, "porto", false],
    ["read", "acme-co", "barcelona", false],
    ["write", "acme-co", "barcelona", false],
    ["read", organizationId, "Barcelona", false],
    ["read", organizationId, "barcelona ", false],
    ["read", "Monogram-labs", "barcelona", false],
    ["read", organizationId, "__proto__", false],
    ["read", organizationId, "constructor", false],
    ["read", organizationId, "", false],
    ["read", "", "barcelona", false],
    ["read", organizationId, "barcelona\0", false],
    ["read", organizationId, "\ud800", false],
    ["read", organizationId, "a".repeat(1_000_000), false],
  ])("%s of %s/%s: %#", async (level, organizationId, libraryId, verdict) => {
    const { caller } = await createOne();
    const library = { organizationId, libraryId };
    expect(caller.can(level, library)).toBe(verdict);
    expect(await verdictOf(() => caller.require(level, library))).toBe(
      verdict ? "ok" : "UNAUTHORIZED",
    );
    expect(reaches(caller, level, organizationId, libraryId)).toBe(verdict);
  });

  it("agree with the oracle for any caller and library", () => {
    const id = fc.constantFrom("a", "b", "__proto__");
    const access = fc.dictionary(id, fc.constantFrom<Level>("read", "write"));
    const level = fc.constantFrom<Level>("read", "write");
    fc.assert(
      fc.property(id, access, level, id, id, (organizationId, access, level, owner, libraryId) => {
        const caller = createCaller({ ...user, organizationId, access });
        const granted = new Map(Object.entries(access)).get(libraryId);
        const enough = level === "read" ? ["read", "write"] : ["write"];
        const expected = owner === organizationId && enough.includes(granted!);
        expect(caller.can(level, { organizationId: owner, libraryId })).toBe(expected);
        expect(caller.libraries(level).includes(libraryId) && owner === organizationId).toBe(
          expected,
        );
        expect(reachesAny(caller, level)).toBe(caller.libraries(level).length > 0);
      }),
    );
  });

  it.each<[string, unknown, unknown, string]>([
    ["admin", "admin", { organizationId, libraryId: "barcelona" }, "RangeError"],
    ["no level", undefined, { organizationId, libraryId: "barcelona" }, "TypeError"],
    ["the library's id alone", "read", "barcelona", "TypeError"],
    ["no library", "read", undefined, "TypeError"],
    ["no organization", "read", { libraryId: "barcelona" }, "TypeError"],
    ["an id that is a number", "read", { organizationId, libraryId: 1 }, "TypeError"],
  ])("%s is the programmer's mistake", async (_, level, library, verdict) => {
    const { caller } = await createOne();
    expect(await verdictOf(() => caller.can(level as never, library as never))).toBe(verdict);
    expect(await verdictOf(() => caller.require(level as never, library as never))).toBe(verdict);
  });

  it("the refusal says the level, and is the same for unknown and ungranted libraries", async () => {
    const { caller } = await createOne();
    const refusalOf = (libraryId: string) =>
      errorOf(() => caller.require("write", { organizationId, libraryId }));
    const [ungranted, unknown] = [await refusalOf("lisbon"), await refusalOf("atlantis")];
    expect(ungranted).toBeInstanceOf(ApiKeyError);
    expect(ungranted).toMatchObject({ code: "UNAUTHORIZED", extensions: { code: "UNAUTHORIZED" } });
    expect(ungranted.message).toBe("This needs write access to a library that is out of reach.");
    expect(unknown.message).toBe(ungranted.message);
  });
});

describe("libraries, fence and cacheKey", () => {
  it("libraries are those at a level", async () => {
    const { caller } = await createOne();
    expect(caller.libraries("read")).toEqual(["barcelona", "lisbon"]);
    expect(caller.libraries("write")).toEqual(["barcelona"]);
    expect(await verdictOf(() => caller.libraries("admin" as never))).toBe("RangeError");
  });

  it("the fence and the cache key change with every change of the key", async () => {
    const { apiKeys, caller, ref } = await createOne();
    expect(caller.fence).toEqual({ keyId: ref.id, version: 1 });
    expect(caller.cacheKey).toBe(`${ref.id}:1`);
    await apiKeys.revoke(ref, { libraryId: "lisbon" });
    const now = await caller.current();
    expect([now?.fence, now?.cacheKey]).toEqual([{ keyId: ref.id, version: 2 }, `${ref.id}:2`]);
    expect(caller.cacheKey).toBe(`${ref.id}:1`);
  });
});

type One = Awaited<ReturnType<typeof createOne>>;

const changes: readonly [string, (one: One) => unknown, readonly string[] | null][] = [
  ["nothing", () => {}, ["barcelona", "lisbon"]],
  ["revoke", ({ apiKeys, ref }) => apiKeys.revoke(ref, { libraryId: "lisbon" }), ["barcelona"]],
  ["setAccess", ({ apiKeys, ref }) => apiKeys.setAccess(ref, { porto: "read" }), ["porto"]],
  ["an empty table", ({ apiKeys, ref }) => apiKeys.setAccess(ref, {}), []],
  ["update", ({ apiKeys, ref }) => apiKeys.update(ref, { name: "B" }), ["barcelona", "lisbon"]],
  ["regenerate", ({ apiKeys, ref }) => apiKeys.regenerate(ref), null],
  ["delete", ({ apiKeys, ref }) => apiKeys.delete(ref), null],
  ["disable", ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false }), null],
  [
    "expiry",
    async ({ apiKeys, ref, clock }) => {
      await apiKeys.update(ref, { expiresAtMs: NOW_MS + 1 });
      clock.nowMs += 1;
    },
    null,
  ],
];

const later = (real: KeyStore): KeyStore => ({
  ...real,
  findByHash: async (hash) => real.findByHash(hash),
});

describe("current, where the store is synchronous", () => {
  it.each(changes)("after %s", async (_, change, libraries) => {
    const one = await createOne();
    await change(one);
    const now = one.caller.current() as Caller | null;
    expect(now && now.libraries("read")).toEqual(libraries);
    expect(one.caller.libraries("read")).toEqual(["barcelona", "lisbon"]);
    if (now) expect((now.current() as Caller).version).toBe(now.version);
  });

  it("throws when the store fails", async () => {
    let down = false;
    const one = await createOne((real) => ({
      ...real,
      findByHash: (hash) => (down ? (JSON.parse("{") as never) : real.findByHash(hash)),
    }));
    down = true;
    expect(() => one.caller.current()).toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
    down = false;
    expect(one.caller.current()).not.toBeNull();
  });
});

describe("current, where the store answers promises", () => {
  it.each(changes)("after %s", async (_, change, libraries) => {
    const one = await createOne(later);
    await change(one);
    const promise = one.caller.current();
    expect(promise).toBeInstanceOf(Promise);
    const now = await promise;
    expect(now && now.libraries("read")).toEqual(libraries);
  });

  it.each<[string, () => Promise<never>]>([
    ["rejects", () => Promise.reject(new Error("down"))],
    ["hangs", () => new Promise(() => {})],
    ["answers nonsense", async () => "nonsense" as never],
  ])("rejects when the store %s", async (_, failure) => {
    let down = false;
    const one = await createOne((real) => ({
      ...real,
      findByHash: (hash) => (down ? failure() : later(real).findByHash(hash)),
    }));
    down = true;
    await expect(one.caller.current()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("current never answers somebody else", () => {
  it.each([
    ["id", { id: "key_of_another" }],
    ["organization", { organizationId: "acme-co" }],
  ])("when the store has another %s under the hash", async (_, other) => {
    let values = {};
    const one = await createOne((real) => ({
      ...real,
      findByHash(hash) {
        const { record } = real.findByHash(hash) as Found;
        return { record: record && { ...record, ...values }, leaseMs: 0 };
      },
    }));
    expect(one.caller.current()).not.toBeNull();
    values = other;
    expect(one.caller.current()).toBeNull();
  });
});

describe("createCaller", () => {
  it("makes a caller that is no API key", () => {
    const caller = createCaller({ ...user, version: 0, access: { barcelona: "read" } });
    expect(caller).toMatchObject({ id: "user-7", version: 0, organizationId });
    expect([caller.cacheKey, caller.fence, caller.current()]).toEqual([
      "monogram-labs:user-7:0",
      null,
      caller,
    ]);
    expect(caller.libraries("read")).toEqual(["barcelona"]);
  });

  it("has a cacheKey that no caller of another organization has", () => {
    const pairs = [
      ["a", "b:c"],
      ["a:b", "c"],
      ["a%3Ab", "c"],
    ] as const;
    const keys = pairs.map(
      ([organizationId, id]) =>
        createCaller({ id, organizationId, version: 1, access: {} }).cacheKey,
    );
    expect(new Set(keys).size).toBe(pairs.length);
  });

  it.each<[Level, Level, boolean]>([
    ["read", "read", true],
    ["read", "write", false],
    ["write", "read", true],
    ["write", "write", true],
  ])("with everyLibrary(%j), %s: %s", (granted, level, verdict) => {
    const caller = createCaller({ ...user, access: everyLibrary(granted) });
    expect(caller.can(level, { organizationId, libraryId: "any" })).toBe(verdict);
    expect(caller.can(level, { organizationId: "acme-co", libraryId: "any" })).toBe(false);
    expect(caller.libraries(level)).toEqual(verdict ? "every" : []);
    expect(reachesAny(caller, level)).toBe(verdict);
  });

  it("asks the host who it is now", async () => {
    const now = createCaller({ ...user, version: 2 });
    expect(createCaller({ ...user, current: () => now }).current()).toBe(now);
    expect(await createCaller({ ...user, current: async () => now }).current()).toBe(now);
    expect(createCaller({ ...user, current: () => null }).current()).toBeNull();
    const foreign = { then: (resolve: (caller: Caller) => void) => resolve(now) } as never;
    const promise = createCaller({ ...user, current: () => foreign }).current();
    expect([promise, await promise]).toEqual([expect.any(Promise), now]);
    const failing = createCaller({ ...user, current: () => Promise.reject(new Error("down")) });
    await expect(failing.current()).rejects.toThrow("down");
  });

  it("copies the table", () => {
    const access: Record<string, Level> = { barcelona: "read" };
    const caller = createCaller({ ...user, access });
    access["barcelona"] = "write";
    expect(caller.libraries("write")).toEqual([]);
    expect(Object.isFrozen(caller.access)).toBe(true);
  });

  it.each<[string, object, string]>([
    ["nothing else", {}, "ok"],
    ["no id", { id: undefined }, "TypeError"],
    ["an empty id", { id: "" }, "RangeError"],
    ["an id with NUL", { id: "a\0" }, "RangeError"],
    ["a negative version", { version: -1 }, "RangeError"],
    ["a version as text", { version: "1" }, "TypeError"],
    ["no organization", { organizationId: undefined }, "TypeError"],
    ["no access", { access: undefined }, "TypeError"],
    ["access to admin", { access: { a: "admin" } }, "RangeError"],
    ["access as a Map", { access: new Map([["a", "write"]]) }, "TypeError"],
    ["current that is no function", { current: user }, "TypeError"],
    ["current null", { current: null }, "TypeError"],
    ["an unknown option", { organisationId: "monogram-labs" }, "TypeError"],
  ])("with %s: %#", async (_, options, verdict) => {
    expect(await verdictOf(() => createCaller({ ...user, ...options } as never))).toBe(verdict);
  });

  it.each([[undefined], [null], ["user-7"], [[]]])("takes no %j", async (options) => {
    expect(await verdictOf(() => createCaller(options as never))).toBe("TypeError");
  });
});

describe("isSameCaller", () => {
  it("tells an API key from whoever has its id", async () => {
    const { caller, ref } = await createOne();
    const { version, access } = caller;
    const lookalike = createCaller({ ...ref, version, access: access as AccessTable });
    const foreign = { ...lookalike } as Caller; // as of another copy of this package
    expect(isSameCaller(caller, caller)).toBe(true);
    expect(isSameCaller(caller, lookalike)).toBe(false);
    expect(isSameCaller(caller, foreign)).toBe(false);
    expect(isSameCaller(lookalike, foreign)).toBe(true);
  });
});

describe("a caller that is printed", () => {
  it("shows neither its key nor the digest", async () => {
    const { caller, key, real, ref } = await createOne();
    const { record } = real.findById(ref) as Found;
    const all = { showHidden: true, depth: Infinity, getters: true };
    const prints = [inspect(caller), inspect(caller, all), JSON.stringify(caller), String(caller)];
    const deep = [inspect({ caller }, all), inspect(await caller.current(), all)];
    for (const print of [...prints, ...deep]) {
      expect([print.includes(key), print.includes(record!.hash)]).toEqual([false, false]);
    }
    expect(prints[0]).toContain("barcelona");
  });

  it("says in JSON who it is", async () => {
    const { caller, ref } = await createOne();
    expect(JSON.parse(JSON.stringify(caller))).toEqual({
      id: ref.id,
      version: 1,
      organizationId,
      access: { barcelona: "write", lisbon: "read" },
    });
  });
});

describe("under a lease", () => {
  it("a caller may be believed until its lease ends, and renewed after that", async () => {
    const clock = { nowMs: NOW_MS };
    const options = { leaseMs: 100, now: () => clock.nowMs, monotonicNow: () => clock.nowMs };
    const { apiKeys } = createFixture(options);
    const { key } = await apiKeys.create({ organizationId, name: "Website" });
    const result = await apiKeys.authenticate(key);
    if (!result.ok) expect.unreachable();
    const { caller } = result;
    clock.nowMs += 99;
    expect([isFresh(caller), isRenewable(caller)]).toEqual([true, true]);
    clock.nowMs += 1;
    expect([isFresh(caller), isRenewable(caller)]).toEqual([false, true]);
    const now = (await caller.current())!;
    expect([isFresh(now), isSameCaller(now, caller)]).toEqual([true, true]);
  });

  it("callers without one may be believed always", async () => {
    const { caller } = await createOne();
    const host = createCaller(user);
    const foreign = { ...user } as unknown as Caller;
    expect([caller, host, foreign].map(isFresh)).toEqual([true, true, true]);
    expect([caller, host, foreign].map(isRenewable)).toEqual([true, false, false]);
  });
});
