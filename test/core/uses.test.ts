import { afterEach, describe, expect, it, vi } from "vitest";
import { internalsOf } from "../../src/core/api-keys.js";
import { createUses } from "../../src/core/uses.js";
import { authenticateRequest } from "../../src/http/authenticate.js";
import type { ApiKeyEvent, ApiKeyRecord, Found, KeyUse } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { errorOf, NOW_MS, recordOf } from "../support/fixture.js";
import { createInstance, pass, turn, useVirtualTime } from "../support/virtual-time.js";

const organizationId = "monogram-labs";
const MINUTE_MS = 60_000;

/** The sink alone, over a store that notes what it is told. */
function createSink(touch: (use: KeyUse) => unknown = () => {}) {
  const clock = { nowMs: NOW_MS };
  const touched: KeyUse[] = [];
  const events: ApiKeyEvent[] = [];
  const uses = createUses({
    store: {
      async touch(use) {
        await touch(use);
        touched.push(use);
      },
    },
    now: () => clock.nowMs,
    emit: (event) => events.push(event),
  });
  return { ...uses, clock, touched, events };
}

const numbered = (n: number, values: Partial<ApiKeyRecord> = {}) =>
  recordOf({ id: `key_${n}`, hash: n.toString(16).padStart(64, "0"), ...values });

describe("the sink of uses", () => {
  useVirtualTime();

  it("writes the first use of a key at once, behind the request", async () => {
    const { note, touched } = createSink();
    note(numbered(1), null);
    expect(touched).toEqual([]);
    await turn();
    const { id, hash } = numbered(1);
    expect(touched).toEqual([{ organizationId, id, hash, atMs: NOW_MS, newHash: null }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, number | null, string | null, number, boolean]>([
    ["never used", null, null, NOW_MS, true],
    ["59.999 s ago", NOW_MS - MINUTE_MS + 1, null, NOW_MS, false],
    ["a minute ago", NOW_MS - MINUTE_MS, null, NOW_MS, true],
    ["in the future, by another clock", NOW_MS + 1, null, NOW_MS, false],
    ["now, but under another pepper", NOW_MS, "b".repeat(64), NOW_MS, true],
    ["never used, by a clock of fractions", null, null, NOW_MS + 0.5, false],
    ["never used, by a clock before 1970", null, null, -1, false],
    ["never used, by a broken clock", null, null, NaN, false],
  ])("of a key used last %s: %#", async (_, lastUsedAtMs, newHash, nowMs, isWritten) => {
    const { note, touched, clock } = createSink();
    clock.nowMs = nowMs;
    note(numbered(1, { lastUsedAtMs }), newHash);
    await pass(5000);
    expect(touched.map((use) => [use.atMs, use.newHash])).toEqual(
      isWritten ? [[nowMs, newHash]] : [],
    );
  });

  it("collects further uses for five seconds, and writes them together", async () => {
    const { note, touched, clock } = createSink();
    const lastUsedAtMs = NOW_MS - 2 * MINUTE_MS;
    for (let n = 1; n <= 50; n++) {
      note(numbered(n, { lastUsedAtMs }), null);
      clock.nowMs += 10;
    }
    await pass(4999);
    expect(touched).toEqual([]);
    await pass(1);
    expect(touched.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 50 }, (_, i) => NOW_MS + 10 * i),
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it("writes one key once a minute, however often it is used and whatever its record says", async () => {
    const { note, touched, clock } = createSink();
    for (let s = 0; s < 180; s++) {
      for (let i = 0; i < 10; i++) note(numbered(1), null); // a record kept under a lease
      await pass(1000);
      clock.nowMs += 1000;
    }
    expect(touched.map(({ atMs }) => (atMs - NOW_MS) / 1000)).toEqual([0, 60, 120]);
  });

  it("has four writes under way, and one flush after the other", async () => {
    let [open, most] = [0, 0];
    const { note, flush, touched } = createSink(async () => {
      most = Math.max(most, ++open);
      await turn();
      open--;
    });
    for (let n = 1; n <= 40; n++) note(numbered(n), null);
    const flushed = flush();
    await turn();
    for (let n = 41; n <= 50; n++) note(numbered(n), null);
    await Promise.all([flushed, flush(), flush()]);
    expect([most, touched.length, new Set(touched.map(({ id }) => id)).size]).toEqual([4, 50, 50]);
  });

  it("keeps what the store would not take, and tries again after five seconds", async () => {
    let isDown = true;
    const touch = () => (isDown ? Promise.reject(new Error("down")) : undefined);
    const { note, touched, events, clock } = createSink(touch);
    note(numbered(1), null);
    await turn();
    clock.nowMs += 3000;
    note(numbered(1), null); // already waiting
    await pass(5000);
    expect([touched.length, events.length]).toEqual([0, 2]);
    expect(events).toMatchObject([
      {
        type: "unavailable",
        atMs: NOW_MS,
        error: { code: "UNAVAILABLE", cause: new Error("down") },
      },
      { type: "unavailable" },
    ]);
    isDown = false;
    await pass(5000);
    expect(touched).toMatchObject([{ id: "key_1", atMs: NOW_MS }]);
    await pass(MINUTE_MS);
    expect([touched.length, events.length, vi.getTimerCount()]).toEqual([1, 2, 0]);
  });

  it("goes on behind a use that no store takes", async () => {
    const isBad = ({ id }: KeyUse) => Number(id.slice(4)) <= 8;
    const { note, touched } = createSink((use) => {
      if (isBad(use)) throw new RangeError("no such value");
    });
    for (let n = 1; n <= 20; n++) note(numbered(n), null);
    for (let i = 0; i < 5; i++) await pass(5000);
    expect(touched.map(({ id }) => id).toSorted()).toEqual(
      Array.from({ length: 12 }, (_, i) => `key_${i + 9}`).toSorted(),
    );
  });

  it("asks a store that is down four times a flush, not once for every key", async () => {
    let asked = 0;
    const { note, flush } = createSink(() => {
      asked++;
      throw new Error("down");
    });
    for (let n = 1; n <= 1000; n++) note(numbered(n), null);
    expect((await errorOf(flush)).code).toBe("UNAVAILABLE");
    expect(asked).toBe(4);
  });

  it("flushes what is there, once for all that ask, and rejects when the store fails", async () => {
    let isDown = true;
    const touch = () => (isDown ? Promise.reject(new Error("down")) : undefined);
    const { note, flush, touched } = createSink(touch);
    await flush();
    note(numbered(1, { lastUsedAtMs: 0 }), null);
    expect(await errorOf(flush)).toMatchObject({ code: "UNAVAILABLE", cause: new Error("down") });
    isDown = false;
    expect(flush()).toBe(flush());
    await flush();
    expect(touched).toHaveLength(1);
    await flush();
    await pass(MINUTE_MS);
    expect([touched.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("fails without anybody to tell", async () => {
    const touch = () => Promise.reject(new Error("down"));
    const { note, flush } = createUses({ store: { touch }, now: () => NOW_MS, emit: null });
    note(numbered(1), null);
    expect((await errorOf(flush)).code).toBe("UNAVAILABLE");
  });

  it("takes as long for a use among 100,000 as for the first", async () => {
    const { note, touched } = createSink();
    const startMs = process.hrtime.bigint();
    for (let n = 1; n <= 100_000; n++) {
      note(numbered(n), null);
      if (n % 100 === 0) await turn();
    }
    await turn();
    expect(touched).toHaveLength(100_000);
    expect(Number(process.hrtime.bigint() - startMs) / 1e6).toBeLessThan(10_000);
  });

  it("holds the keys of the last minute only", async () => {
    const kept = vi.spyOn(Map.prototype, "set");
    const dropped = vi.spyOn(Map.prototype, "delete");
    const { note, clock, touched } = createSink();
    const isHash = ([key]: readonly unknown[]) => typeof key === "string" && key.length === 64;
    const held = () =>
      kept.mock.calls.filter(isHash).length -
      dropped.mock.results.filter(({ value }, i) => value && isHash(dropped.mock.calls[i]!)).length;
    for (let minute = 0; minute < 5; minute++) {
      for (let n = 1; n <= 20; n++) note(numbered(100 * minute + n), null);
      await turn();
      clock.nowMs += MINUTE_MS;
    }
    const [count, sum] = [touched.length, held()];
    vi.restoreAllMocks();
    expect([count, sum]).toEqual([100, 20]);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("uses of keys", () => {
  useVirtualTime();

  /** An instance over a memory store whose writing of uses can fail. */
  async function createOne(leaseMs = 0) {
    const memory = createMemoryStore();
    const touch = vi.fn((use: KeyUse) => memory.touch(use));
    const store = { ...memory, touch };
    const events: ApiKeyEvent[] = [];
    const apiKeys = createInstance(store, { leaseMs, onEvent: (event) => events.push(event) });
    const { key, apiKey } = await apiKeys.create({ organizationId, name: "A" });
    const ref = { organizationId, id: apiKey.id };
    const lastUsedAtMs = () => (memory.findById(ref) as Found).record?.lastUsedAtMs;
    return { memory, store, apiKeys, key, ref, touch, events, lastUsedAtMs };
  }

  it.each([0, 1000])("are recorded, the first at once; lease %d ms", async (leaseMs) => {
    const { apiKeys, key, ref, touch } = await createOne(leaseMs);
    expect(await apiKeys.get(ref)).toMatchObject({ lastUsedAtMs: null, version: 1 });
    await apiKeys.authenticate(key);
    await turn();
    expect(await apiKeys.get(ref)).toMatchObject({ lastUsedAtMs: NOW_MS, version: 1 });
    for (let s = 1; s <= 130; s++) {
      await pass(1000);
      await apiKeys.authenticate(key);
    }
    await pass(5000);
    expect(touch).toHaveBeenCalledTimes(3);
    expect(await apiKeys.get(ref)).toMatchObject({ lastUsedAtMs: NOW_MS + 120_000, version: 1 });
  });

  it("by several instances are recorded once a minute as well", async () => {
    const { apiKeys, store, key, touch } = await createOne();
    const others = [1, 2, 3].map(() => createInstance(store));
    await apiKeys.authenticate(key);
    await turn();
    for (const other of others) await other.authenticate(key);
    await pass(5000);
    expect(touch).toHaveBeenCalledTimes(1);
  });

  it("are not lost when the store fails", async () => {
    const { apiKeys, key, touch, lastUsedAtMs, events } = await createOne();
    touch.mockImplementation(() => Promise.reject(new Error("down")) as never);
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    await pass(12_000);
    expect(lastUsedAtMs()).toBeNull();
    expect(events.map(({ type }) => type)).toEqual(["created", ...Array(3).fill("unavailable")]);
    touch.mockRestore();
    await pass(5000);
    expect(lastUsedAtMs()).toBe(NOW_MS);
  });

  it("never move the time back", async () => {
    const { apiKeys, store, key, ref, lastUsedAtMs } = await createOne();
    await apiKeys.authenticate(key);
    await turn();
    const behind = createInstance(store, { now: () => Date.now() - 3_600_000 });
    await behind.authenticate(key);
    await behind.close();
    expect(lastUsedAtMs()).toBe(NOW_MS);
    const ahead = createInstance(store, { now: () => Date.now() + 3_600_000 });
    await ahead.authenticate(key);
    await ahead.close();
    await pass(120_000);
    await apiKeys.authenticate(key);
    await apiKeys.close();
    expect(await apiKeys.get(ref)).toMatchObject({ lastUsedAtMs: NOW_MS + 3_600_000 });
  });

  it("are written by close, which may be called again after it failed", async () => {
    const { apiKeys, key, touch, lastUsedAtMs } = await createOne();
    await apiKeys.authenticate(key);
    await apiKeys.close();
    await pass(90_000);
    await apiKeys.authenticate(key);
    expect(lastUsedAtMs()).toBe(NOW_MS);
    touch.mockImplementationOnce(() => {
      throw new Error("down");
    });
    expect(await errorOf(() => apiKeys.close())).toMatchObject({ code: "UNAVAILABLE" });
    expect(lastUsedAtMs()).toBe(NOW_MS);
    await apiKeys.close();
    expect(lastUsedAtMs()).toBe(NOW_MS + 90_000);
    await apiKeys.close(); // nothing is left
    expect(touch).toHaveBeenCalledTimes(3);
    await pass(90_000);
    await apiKeys.authenticate(key); // as before
    await pass(5000);
    expect(lastUsedAtMs()).toBe(NOW_MS + 180_000);
  });

  it("are given up after the time that a store has", async () => {
    const { apiKeys, key, touch } = await createOne();
    touch.mockImplementation(() => new Promise(() => {}) as never);
    await apiKeys.authenticate(key);
    const closed = errorOf(() => apiKeys.close());
    await pass(10_000);
    expect(await closed).toMatchObject({ code: "UNAVAILABLE" });
  });

  it("bring back nothing that was deleted or regenerated meanwhile", async () => {
    const { apiKeys, memory, key, ref, touch } = await createOne();
    touch.mockImplementationOnce(() => Promise.reject(new Error("down")) as never);
    await apiKeys.authenticate(key);
    await turn();
    await apiKeys.regenerate(ref);
    await pass(5000);
    expect(memory.findById(ref)).toMatchObject({ record: { lastUsedAtMs: null, version: 2 } });
    const { key: again } = await apiKeys.regenerate(ref);
    touch.mockImplementationOnce(() => Promise.reject(new Error("down")) as never);
    await apiKeys.authenticate(again);
    await turn();
    await apiKeys.delete(ref);
    await pass(5000);
    expect(touch).toHaveBeenCalledTimes(4);
    expect(memory.findById(ref)).toMatchObject({ record: null });
  });

  it.each<[string, (one: Awaited<ReturnType<typeof createOne>>) => unknown]>([
    [
      "a key that is disabled",
      async ({ apiKeys, key, ref }) => {
        await apiKeys.update(ref, { enabled: false });
        await apiKeys.authenticate(key);
      },
    ],
    [
      "a key that has expired",
      async ({ apiKeys, key, ref }) => {
        await apiKeys.update(ref, { expiresAtMs: Date.now() + 1 });
        await pass(1);
        await apiKeys.authenticate(key);
      },
    ],
    [
      "a look over plain HTTP, of which an event tells",
      async ({ apiKeys, key, events, ref }) => {
        const headers = { authorization: `Bearer ${key}` };
        const looked = await authenticateRequest(apiKeys, { headers, encrypted: false });
        expect(looked).toEqual({ ok: false, reason: "insecure" });
        await pass(10);
        expect(events.at(-1)).toMatchObject({ type: "exposed", keyId: ref.id });
      },
    ],
    [
      "managing",
      async ({ apiKeys, ref }) => {
        await apiKeys.get(ref);
        await apiKeys.list({ organizationId });
        await apiKeys.grant(ref, { libraryId: "a", level: "read" });
      },
    ],
  ])("are none: %s", async (_, act) => {
    const one = await createOne();
    await act(one);
    await pass(10_000);
    expect([one.touch.mock.calls.length, one.lastUsedAtMs()]).toEqual([0, null]);
  });

  it.each([0, 1000])("are no renewals of a caller; lease %d ms", async (leaseMs) => {
    const { apiKeys, key, touch } = await createOne(leaseMs);
    const result = await apiKeys.authenticate(key);
    if (!result.ok) expect.unreachable();
    await turn();
    await pass(120_000);
    for (let i = 0; i < 10; i++) expect(await result.caller.current()).not.toBeNull();
    await pass(10_000);
    expect(touch).toHaveBeenCalledTimes(1);
  });

  it("are noted in the tick of the verification, and never make it wait", async () => {
    const { apiKeys, key, touch } = await createOne();
    touch.mockImplementation(() => new Promise(() => {}) as never);
    expect(internalsOf(apiKeys).verify(key)).toMatchObject({ ok: true });
    expect(touch).not.toHaveBeenCalled();
    await turn();
    expect(touch).toHaveBeenCalledTimes(1);
    expect(internalsOf(apiKeys).verify(key)).toMatchObject({ ok: true });
  });
});
