import { describe, expect, it, vi } from "vitest";
import { everyLibrary } from "../../src/core/access.js";
import { internalsOf } from "../../src/core/api-keys.js";
import type { KeyStore } from "../../src/core/store.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, NO_STRINGS, NOW_MS } from "../support/fixture.js";
import vectors from "../vectors/key.json" with { type: "json" };

const organizationId = "monogram-labs";
const UNKNOWN_KEY = vectors.valid[0]!.key;

async function createOne(options: Parameters<typeof createFixture>[0] = {}) {
  const fixture = createFixture(options);
  const access = { barcelona: "write", lisbon: "read" } as const;
  const { key, apiKey } = await fixture.apiKeys.create({ organizationId, name: "Website", access });
  return { ...fixture, key, apiKey, ref: { organizationId, id: apiKey.id } };
}

/** Authenticates a good key against a store whose lookup by hash was replaced. */
async function authenticateWith(findByHash: (real: KeyStore, hash: string) => unknown, ms = 5000) {
  const store = createMemoryStore();
  const { key } = await createOne({ store });
  const lookup = (hash: string) => findByHash(store, hash) as never;
  const broken = createFixture({ store: { ...store, findByHash: lookup }, storeTimeoutMs: ms });
  return { result: await broken.apiKeys.authenticate(key), events: broken.events };
}

describe("a key", () => {
  it("is accepted, and the caller says who it is", async () => {
    const { apiKeys, key, apiKey } = await createOne();
    const { id, version, access } = apiKey;
    const result = await apiKeys.authenticate(key);
    expect(result).toMatchObject({ ok: true, caller: { id, version, organizationId, access } });
  });

  type One = Awaited<ReturnType<typeof createOne>>;
  it.each<[string, (one: One) => unknown, string | null]>([
    [
      "enabled again",
      async ({ apiKeys, ref }) => {
        await apiKeys.update(ref, { enabled: false });
        await apiKeys.update(ref, { enabled: true });
      },
      null,
    ],
    ["disabled", ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false }), "disabled"],
    ["deleted", ({ apiKeys, ref }) => apiKeys.delete(ref), "unknown"],
    ["regenerated", ({ apiKeys, ref }) => apiKeys.regenerate(ref), "unknown"],
    ["narrowed to nothing", ({ apiKeys, ref }) => apiKeys.setAccess(ref, {}), null],
    ["renamed", ({ apiKeys, ref }) => apiKeys.update(ref, { name: "Shop" }), null],
    [
      "1 ms before it expires",
      async ({ apiKeys, ref, clock }) => {
        await apiKeys.update(ref, { expiresAtMs: NOW_MS + 10 });
        clock.nowMs += 9;
      },
      null,
    ],
    [
      "at the moment it expires",
      async ({ apiKeys, ref, clock }) => {
        await apiKeys.update(ref, { expiresAtMs: NOW_MS + 10 });
        clock.nowMs += 10;
      },
      "expired",
    ],
    [
      "long after it expired",
      async ({ apiKeys, ref, clock }) => {
        await apiKeys.update(ref, { expiresAtMs: NOW_MS + 10 });
        clock.nowMs += 1e9;
      },
      "expired",
    ],
    [
      "whose expiry was taken back",
      async ({ apiKeys, ref, clock }) => {
        await apiKeys.update(ref, { expiresAtMs: NOW_MS + 10 });
        await apiKeys.update(ref, { expiresAtMs: null });
        clock.nowMs += 10;
      },
      null,
    ],
    [
      "with an expiry, when the clock is broken",
      async ({ apiKeys, ref, clock }) => {
        await apiKeys.update(ref, { expiresAtMs: NOW_MS + 10 });
        clock.nowMs = NaN;
      },
      "expired",
    ],
    [
      "disabled and expired",
      async ({ apiKeys, ref, clock }) => {
        await apiKeys.update(ref, { enabled: false, expiresAtMs: NOW_MS + 1 });
        clock.nowMs += 1;
      },
      "disabled",
    ],
  ])("%s: %#", async (_, prepare, reason) => {
    const one = await createOne();
    await prepare(one);
    const result = await one.apiKeys.authenticate(one.key);
    expect(result.ok ? null : result).toEqual(reason === null ? null : { ok: false, reason });
  });

  it("of another deployment, under another pepper, is unknown", async () => {
    const { store, key } = await createOne({ pepper: "p".repeat(16) });
    const reasonUnder = async (pepper?: string) => {
      const options = pepper === undefined ? { store } : { store, pepper };
      const result = await createFixture(options).apiKeys.authenticate(key);
      return result.ok || result.reason;
    };
    expect(await reasonUnder("p".repeat(16))).toBe(true);
    expect(await reasonUnder("q".repeat(16))).toBe("unknown");
    expect(await reasonUnder()).toBe("unknown");
  });

  it("issued elsewhere is accepted under checksum ignore only", async () => {
    const key = vectors.refused[0]!.key;
    const format = { checksum: "ignore" } as const;
    const { store, apiKeys, apiKey } = await createOne({ format });
    const record = { ...apiKey, id: "of old", hash: await sha256(key) };
    expect(store.insert(record)).toBe(true);
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true, caller: { id: "of old" } });
    const strict = createFixture({ store }).apiKeys;
    expect(await strict.authenticate(key)).toEqual({ ok: false, reason: "malformed" });
  });

  async function sha256(text: string): Promise<string> {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return Buffer.from(digest).toString("hex");
  }
});

describe("what is no key is malformed, and never asked of the store", () => {
  const untouchable = { ...createMemoryStore(), findByHash: () => expect.unreachable() };

  it.each([
    ...NO_STRINGS,
    ...vectors.refused.map(({ name, key }) => [name, key] as const),
    ["1 MB of key characters", `pk_${"a".repeat(1_000_000)}`] as const,
    ["1 MB of prefixes", "pk_".repeat(333_333)] as const,
    ["a lone surrogate", `pk_\ud800${"a".repeat(31)}`] as const,
  ])("%s", async (_, key) => {
    const { apiKeys, events } = createFixture({ store: untouchable });
    expect(await apiKeys.authenticate(key as string)).toEqual({ ok: false, reason: "malformed" });
    expect(events).toMatchObject([{ type: "refused", reason: "malformed" }]);
  });
});

describe("verification", () => {
  it("is synchronous where the store is, refusals and failures included", async () => {
    const { apiKeys, key } = await createOne();
    const { verify } = internalsOf(apiKeys);
    expect(verify(key)).toMatchObject({ ok: true });
    expect(verify(UNKNOWN_KEY)).toEqual({ ok: false, reason: "unknown" });
    expect(verify(7)).toEqual({ ok: false, reason: "malformed" });
    const down = { ...createMemoryStore(), findByHash: () => JSON.parse("{") as never };
    const broken = internalsOf(createFixture({ store: down }).apiKeys);
    expect(broken.verify(key)).toMatchObject({ ok: false, reason: "unavailable" });
  });

  it("is a promise where the store's answer is one, and always from outside", async () => {
    const { store, key, apiKeys } = await createOne();
    const later: KeyStore = { ...store, findByHash: async (hash) => store.findByHash(hash) };
    const { verify } = internalsOf(createFixture({ store: later }).apiKeys);
    expect([verify(key), apiKeys.authenticate(key)]).toEqual([
      expect.any(Promise),
      expect.any(Promise),
    ]);
    expect(await verify(key)).toMatchObject({ ok: true });
    expect(await verify(UNKNOWN_KEY)).toEqual({ ok: false, reason: "unknown" });
  });

  it("never writes: only one read by hash, whatever the outcome", async () => {
    const { store, key, ref, apiKeys: real } = await createOne();
    const findByHash = vi.fn(store.findByHash.bind(store));
    const forbidden = () => expect.unreachable();
    const others = ["findById", "list", "insert", "replace", "delete", "touch", "raiseLease"];
    const readOnly = Object.fromEntries(others.map((method) => [method, forbidden]));
    const { apiKeys } = createFixture({ store: { ...readOnly, findByHash } as never });
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    await apiKeys.authenticate(UNKNOWN_KEY);
    await real.update(ref, { enabled: false });
    expect(await apiKeys.authenticate(key)).toEqual({ ok: false, reason: "disabled" });
    expect(findByHash).toHaveBeenCalledTimes(3);
    expect(findByHash.mock.calls.flat().every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  });

  it("answers refusals that nobody can change", async () => {
    const { apiKeys } = createFixture();
    const results = [await apiKeys.authenticate("no key"), await apiKeys.authenticate(UNKNOWN_KEY)];
    expect(results.every(Object.isFrozen)).toBe(true);
  });
});

describe("a store that", () => {
  const record = (real: KeyStore, hash: string) =>
    (real.findByHash(hash) as { record: object }).record;

  it.each<[string, (real: KeyStore, hash: string) => unknown]>([
    ["throws", () => JSON.parse("{")],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
    ],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["hangs", () => new Promise(() => {})],
    ["answers undefined", () => undefined],
    ["answers null", () => null],
    ["answers text", () => "a record"],
    ["answers a list", (real, hash) => [record(real, hash)]],
    ["answers a bare record", record],
    ["answers no record and no null", () => ({ leaseMs: 0 })],
    ["answers text for a record", () => ({ record: "a record", leaseMs: 0 })],
    ["answers an empty record", () => ({ record: {}, leaseMs: 0 })],
    ["promises undefined", async () => undefined],
    [
      "answers a record with another hash",
      (real, hash) => ({ record: { ...record(real, hash), hash: "b".repeat(64) } }),
    ],
    [
      "answers a record whose hash is in capitals",
      (real, hash) => ({ record: { ...record(real, hash), hash: hash.toUpperCase() } }),
    ],
    [
      "answers a record whose hash is a list of it",
      (real, hash) => ({ record: { ...record(real, hash), hash: [hash] } }),
    ],
    [
      "answers a record without a hash",
      (real, hash) => ({ record: { ...record(real, hash), hash: undefined } }),
    ],
    [
      "answers a record without an organization",
      (real, hash) => ({ record: { ...record(real, hash), organizationId: undefined } }),
    ],
    [
      "answers an expiry as text",
      (real, hash) => ({ record: { ...record(real, hash), expiresAtMs: "2030-01-01" } }),
    ],
    [
      "answers access as text",
      (real, hash) => ({ record: { ...record(real, hash), access: '{"a":"write"}' } }),
    ],
    [
      "answers everyLibrary for access",
      (real, hash) => ({ record: { ...record(real, hash), access: everyLibrary("write") } }),
    ],
  ])("%s is an outage, never a caller and never an unknown key", async (_, findByHash) => {
    const { result, events } = await authenticateWith(findByHash, 20);
    expect(result).toMatchObject({
      ok: false,
      reason: "unavailable",
      error: { code: "UNAVAILABLE" },
    });
    expect(events).toMatchObject([{ type: "unavailable", error: { code: "UNAVAILABLE" } }]);
  });

  it("answers inherited or polluted access gives its own entries only", async () => {
    const access = Object.assign(Object.create({ porto: "write" }), { lisbon: "read" });
    const { result } = await authenticateWith((real, hash) => ({
      record: { ...record(real, hash), access },
    }));
    if (!result.ok) expect.unreachable();
    expect(result.caller.libraries("read")).toEqual(["lisbon"]);
    expect(result.caller.can("read", { organizationId, libraryId: "porto" })).toBe(false);
  });

  it("answers nobody is obeyed: the key is unknown", async () => {
    const { result } = await authenticateWith(() => ({ record: null, leaseMs: 0 }));
    expect(result).toEqual({ ok: false, reason: "unknown" });
  });
});
