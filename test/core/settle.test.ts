import { describe, expect, it, vi } from "vitest";
import { createSettle } from "../../src/core/settle.js";
import type { ApiKeys, ChangeRef, Found, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { errorOf, recordOf, verdictOf } from "../support/fixture.js";
import { createInstance, endOf, pass, useVirtualTime } from "../support/virtual-time.js";

const record = recordOf();
const organizationId = record.organizationId;

/** Settling over a store and a clock that are worked by hand. */
function createHand(leaseMs: number, found: (read: number) => Found | Promise<Found>, late = 0) {
  let nowMs = 5000;
  let reads = 0;
  const log: string[] = [];
  const settle = createSettle({
    store: {
      findById: () => {
        log.push("read");
        return found(++reads);
      },
    },
    leaseMs,
    monotonic: () => nowMs,
    async sleep(ms) {
      log.push(`sleep ${ms}`);
      nowMs += ms + late;
    },
  });
  return { settle, log, pass: (ms: number) => (nowMs += ms), elapsed: () => nowMs - 5000 };
}

const always = (leaseMs: number) => () => ({ record, leaseMs });

describe("what settles a write", () => {
  it.each([
    [0, 0, 0],
    [1000, 0, 1100],
    [0, 1000, 1100],
    [1000, 1000, 1100],
    [200, 1000, 1100],
    [1000, 200, 1100],
    [1, 0, 52],
    [30_000, 0, 31_550],
    [0, 60_000, 63_050], // raised by a release that allows more
  ])("own lease %d ms, stored %d ms: %d ms after the commit", async (own, stored, ms) => {
    const { settle, elapsed, log } = createHand(own, always(stored));
    await settle(record, () => true);
    expect(elapsed()).toBe(ms);
    expect(log.filter((entry) => entry === "read")).toHaveLength(ms === 0 ? 1 : 2);
  });

  it.each([
    ["at the commit", 0],
    ["during the wait", 1],
  ])("fails when the clock answers no number %s", async (_, looks) => {
    let left = looks;
    const settle = createSettle({
      store: { findById: always(100) },
      leaseMs: 100,
      monotonic: () => (left-- > 0 ? 5000 : NaN),
      sleep: async () => {},
    });
    const error = await errorOf(() => settle(record, () => true));
    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect((error.cause as Error).message).toMatch(/"monotonicNow\(\)" expected a number/);
  });

  it("asks for the lease after the commit, and for the record after the wait", async () => {
    const { settle, log } = createHand(100, always(0));
    await settle(record, () => (log.push("look"), true));
    expect(log).toEqual(["read", "sleep 155", "read", "look"]);
  });

  it("waits on when timers fire early", async () => {
    const { settle, log, elapsed } = createHand(1000, always(0), -0.975);
    await settle(record, () => true);
    expect(elapsed()).toBeGreaterThanOrEqual(1100);
    expect(log).toEqual(["read", "sleep 1100", "sleep 1", "sleep 1", ...rest(log)]);
  });

  function rest(log: readonly string[]): readonly string[] {
    const more = log.slice(4);
    expect(more.at(-1)).toBe("read");
    return more;
  }

  it("counts the time that the store took to say how long leases are", async () => {
    const hand = createHand(1000, (read) => {
      if (read === 1) hand.pass(700);
      return { record, leaseMs: 1000 };
    });
    await hand.settle(record, () => true);
    expect([hand.elapsed(), hand.log]).toEqual([1100, ["read", "sleep 400", "read"]]);
  });

  it("goes by the lease right after the commit: who raises it later has read what is new", async () => {
    const { settle, elapsed } = createHand(100, (read) => ({
      record,
      leaseMs: read === 1 ? 100 : 9000,
    }));
    await settle(record, () => true);
    expect(elapsed()).toBe(155);
  });

  it("looks at the record as it is after the wait", async () => {
    const later = recordOf({ version: 2 });
    const { settle } = createHand(100, (read) => ({
      record: read === 1 ? record : later,
      leaseMs: 0,
    }));
    const holds = vi.fn(() => true);
    await settle(record, holds);
    expect(holds.mock.calls).toEqual([[later]]);
  });

  it.each([0, 100])("with leases of %d ms, fails when the write is gone", async (leaseMs) => {
    const { settle } = createHand(leaseMs, always(0));
    for (const holds of [() => false, async () => false]) {
      const error = await errorOf(() => settle(record, holds));
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
      expect((error.cause as Error).message).toBe("the store lost a write that it had confirmed");
    }
    await settle(record, async () => true);
  });

  it.each([
    ["fails at first", 1, () => Promise.reject(new Error("down"))],
    ["fails after the wait", 2, () => Promise.reject(new Error("down"))],
    ["answers nothing", 1, () => undefined],
    ["answers no lease", 1, () => ({ record })],
    ["answers a lease of NaN", 1, () => ({ record, leaseMs: NaN })],
    ["answers a lease below 0", 1, () => ({ record, leaseMs: -1 })],
    [
      "answers another record after the wait",
      2,
      () => ({ record: recordOf({ id: "x" }), leaseMs: 0 }),
    ],
  ])("fails when the store %s", async (_, at, failure) => {
    const { settle } = createHand(100, (read) =>
      read === at ? (failure() as never) : { record, leaseMs: 0 },
    );
    expect(await verdictOf(() => settle(record, () => true))).toBe("UNAVAILABLE");
  });
});

describe("writes", () => {
  useVirtualTime();

  const access = { barcelona: "write", lisbon: "read" } as const;
  const WAIT_MS = 1100;

  /** An instance with leases, which has read a key, and one without, which writes. */
  async function createTwo(leaseMs = 1000, wrap = (store: KeyStore): KeyStore => store) {
    const memory = createMemoryStore();
    const store = wrap(memory);
    const reader = createInstance(store, { leaseMs });
    const writer = createInstance(store);
    const { key, apiKey } = await writer.create({ organizationId, name: "A", access });
    expect(await reader.authenticate(key)).toMatchObject({ ok: true });
    return { memory, store, reader, writer, key, ref: { organizationId, id: apiKey.id } };
  }

  type Write = readonly [
    name: string,
    write: (apiKeys: ApiKeys, ref: ChangeRef) => Promise<unknown>,
  ];

  const narrowing: readonly Write[] = [
    ["regenerate", (apiKeys, ref) => apiKeys.regenerate(ref)],
    ["delete", (apiKeys, ref) => apiKeys.delete(ref)],
    ["delete at a version", (apiKeys, ref) => apiKeys.delete({ ...ref, version: 1 })],
    ["setAccess to less", (apiKeys, ref) => apiKeys.setAccess(ref, { lisbon: "read" })],
    [
      "setAccess to a lower level",
      (apiKeys, ref) => apiKeys.setAccess(ref, { ...access, barcelona: "read" }),
    ],
    [
      "setAccess to other libraries",
      (apiKeys, ref) => apiKeys.setAccess(ref, { porto: "write", barcelona: "write" }),
    ],
    ["revoke", (apiKeys, ref) => apiKeys.revoke(ref, { libraryId: "lisbon" })],
    ["update to less", (apiKeys, ref) => apiKeys.update(ref, { access: { lisbon: "read" } })],
    [
      "update to more and less",
      (apiKeys, ref) =>
        apiKeys.update(ref, { name: "B", access: { ...access, barcelona: "read" } }),
    ],
    ["disabling", (apiKeys, ref) => apiKeys.update(ref, { enabled: false })],
    [
      "disabling what is given more",
      (apiKeys, ref) =>
        apiKeys.update(ref, { enabled: false, access: { ...access, porto: "read" } }),
    ],
    ["an expiry", (apiKeys, ref) => apiKeys.update(ref, { expiresAtMs: Date.now() + 60_000 })],
    ["removeLibrary", (apiKeys) => apiKeys.removeLibrary({ organizationId, libraryId: "lisbon" })],
    ["deleteOrganization", (apiKeys) => apiKeys.deleteOrganization(organizationId)],
  ];

  it.each(narrowing)("that narrow wait for leases of other instances: %s", async (_, write) => {
    const { writer, ref } = await createTwo();
    expect(await endOf(() => write(writer, ref))).toMatchObject({ verdict: "ok", ms: WAIT_MS });
  });

  it.each(narrowing)("that were made already wait again: %s", async (name, write) => {
    const { writer, reader, ref } = await createTwo();
    // Whoever did it may have died before it waited.
    void write(reader, ref).catch(() => {});
    await pass(0);
    const again = await endOf(() => write(writer, { ...ref }));
    const gone = ["delete at a version"].includes(name) || name === "delete";
    expect(again).toMatchObject({ verdict: "ok", ms: WAIT_MS });
    if (gone) expect(again.answer).toBe(false);
  });

  const free: readonly Write[] = [
    ["grant", (apiKeys, ref) => apiKeys.grant(ref, { libraryId: "porto", level: "read" })],
    [
      "grant of what is there",
      (apiKeys, ref) => apiKeys.grant(ref, { libraryId: "lisbon", level: "read" }),
    ],
    [
      "setAccess to more",
      (apiKeys, ref) => apiKeys.setAccess(ref, { ...access, lisbon: "write", porto: "read" }),
    ],
    [
      "update to more",
      (apiKeys, ref) => apiKeys.update(ref, { name: "B", access: { ...access, porto: "read" } }),
    ],
    ["a new name", (apiKeys, ref) => apiKeys.update(ref, { name: "B" })],
    ["enabling", (apiKeys, ref) => apiKeys.update(ref, { enabled: true })],
    ["no expiry", (apiKeys, ref) => apiKeys.update(ref, { expiresAtMs: null })],
    ["create", (apiKeys) => apiKeys.create({ organizationId, name: "B" })],
  ];

  it.each(free)("that do not narrow do not wait: %s", async (_, write) => {
    const { writer, ref } = await createTwo();
    expect(await endOf(() => write(writer, ref))).toMatchObject({ verdict: "ok", ms: 0 });
  });

  const refused: readonly (readonly [string, string, Write[1]])[] = [
    ["CONFLICT", "regenerate", (apiKeys, ref) => apiKeys.regenerate({ ...ref, version: 7 })],
    ["CONFLICT", "delete", (apiKeys, ref) => apiKeys.delete({ ...ref, version: 7 })],
    ["CONFLICT", "setAccess", (apiKeys, ref) => apiKeys.setAccess({ ...ref, version: 7 }, {})],
    [
      "CONFLICT",
      "update",
      (apiKeys, ref) => apiKeys.update({ ...ref, version: 7 }, { access: {} }),
    ],
    ["NOT_FOUND", "regenerate", (apiKeys, ref) => apiKeys.regenerate({ ...ref, id: "x" })],
    [
      "NOT_FOUND",
      "revoke",
      (apiKeys, ref) => apiKeys.revoke({ ...ref, id: "x" }, { libraryId: "a" }),
    ],
    ["RangeError", "update", (apiKeys, ref) => apiKeys.update(ref, { expiresAtMs: 1 })],
  ];

  it.each(refused)("that are refused do not wait: %s of %s", async (verdict, _, write) => {
    const { writer, ref } = await createTwo();
    expect(await endOf(() => write(writer, ref))).toMatchObject({ verdict, ms: 0 });
  });

  it("without any lease wait for nothing", async () => {
    const store = createMemoryStore();
    const writer = createInstance(store);
    const { apiKey } = await writer.create({ organizationId, name: "A", access });
    const ref = { organizationId, id: apiKey.id };
    for (const [, write] of narrowing.slice(3)) {
      expect(await endOf(() => write(writer, ref))).toMatchObject({ verdict: "ok", ms: 0 });
    }
  });

  it("wait for the lease of the writer before any instance has read", async () => {
    const store = createMemoryStore();
    const writer = createInstance(store, { leaseMs: 500 });
    const { apiKey } = await writer.create({ organizationId, name: "A" });
    const ref = { organizationId, id: apiKey.id };
    expect(await endOf(() => writer.delete(ref))).toMatchObject({ verdict: "ok", ms: 575 });
  });

  it("once resolved are seen by all; until then the old value may work elsewhere", async () => {
    const { reader, writer, key, ref } = await createTwo();
    const regenerated = writer.regenerate(ref);
    await pass(999);
    expect(await reader.authenticate(key)).toMatchObject({ ok: true });
    await pass(1);
    expect(await reader.authenticate(key)).toEqual({ ok: false, reason: "unknown" });
    await pass(100);
    const { key: newKey } = await regenerated;
    expect(await reader.authenticate(newKey)).toMatchObject({ ok: true });
  });

  it("count for the instance that made them at once, before they resolve", async () => {
    const { store, key, ref } = await createTwo();
    const apiKeys = createInstance(store, { leaseMs: 1000 });
    const reach = async () => {
      const result = await apiKeys.authenticate(key);
      return result.ok ? result.caller.libraries("read") : result.reason;
    };
    expect(await reach()).toEqual(["barcelona", "lisbon"]);
    await apiKeys.grant(ref, { libraryId: "porto", level: "read" });
    expect(await reach()).toEqual(["barcelona", "lisbon", "porto"]);
    void apiKeys.revoke(ref, { libraryId: "barcelona" });
    await pass(0);
    expect(await reach()).toEqual(["lisbon", "porto"]);
    void apiKeys.update(ref, { enabled: false });
    await pass(0);
    expect(await reach()).toBe("disabled");
    await apiKeys.update(ref, { enabled: true });
    expect(await reach()).toEqual(["lisbon", "porto"]);
    void apiKeys.regenerate(ref);
    await pass(0);
    expect(await reach()).toBe("unknown");
  });

  it("that widen are seen by other instances when their leases end", async () => {
    const { reader, writer, key, ref } = await createTwo();
    await writer.grant(ref, { libraryId: "porto", level: "read" });
    const sees = async () => {
      const result = await reader.authenticate(key);
      return result.ok && result.caller.libraries("read").includes("porto");
    };
    expect(await sees()).toBe(false);
    await pass(999);
    expect(await sees()).toBe(false);
    await pass(1);
    expect(await sees()).toBe(true);
  });

  it("fail when the store loses them while they wait", async () => {
    for (const [name, write] of narrowing.slice(0, 11)) {
      const { memory, writer, ref } = await createTwo();
      const { record: before } = memory.findById(ref) as Found;
      const ending = endOf(() => write(writer, ref));
      // A replica that had not got it becomes the primary.
      setTimeout(() => {
        memory.delete(ref);
        memory.insert(before!);
      }, 600);
      expect([name, (await ending).verdict]).toEqual([name, "UNAVAILABLE"]);
    }
  });

  it("that gave a new key fail when others changed the key that was before", async () => {
    const { memory, writer, ref } = await createTwo();
    const { record: before } = memory.findById(ref) as Found;
    const ending = endOf(() => writer.regenerate(ref));
    setTimeout(() => {
      memory.delete(ref);
      memory.insert({ ...before!, version: 7 });
    }, 600);
    expect((await ending).verdict).toBe("UNAVAILABLE");
  });

  it("hold when others change or delete the key while they wait", async () => {
    for (const [, write] of narrowing.slice(0, 11)) {
      for (const then of ["rename", "delete"]) {
        const { writer, reader, ref } = await createTwo();
        const ending = endOf(() => write(writer, ref));
        setTimeout(() => {
          if (then === "delete") void reader.delete(ref);
          else void reader.update(ref, { name: "B" }).catch(() => {});
        }, 600);
        expect(await ending).toMatchObject({ verdict: "ok", ms: WAIT_MS });
      }
    }
  });

  it("fail when another write of the same version is found in their place", async () => {
    const { memory, writer, ref } = await createTwo();
    const { record: before } = memory.findById(ref) as Found;
    const ending = endOf(() => writer.revoke(ref, { libraryId: "lisbon" }));
    setTimeout(() => {
      memory.delete(ref);
      memory.insert({ ...before!, version: 2, updatedAtMs: before!.updatedAtMs + 1 });
    }, 600);
    expect((await ending).verdict).toBe("UNAVAILABLE");
  });

  it("wait by a clock that cannot be set, and by the timer only as long as it says", async () => {
    const store = createMemoryStore();
    let skewMs = 0;
    const writer = createInstance(store, { leaseMs: 1000, now: () => Date.now() + skewMs });
    const { apiKey } = await writer.create({ organizationId, name: "A" });
    const ending = endOf(() => writer.delete({ organizationId, id: apiKey.id }));
    setTimeout(() => (skewMs = 1e9), 300);
    expect(await ending).toMatchObject({ verdict: "ok", ms: WAIT_MS });
    const slow = createInstance(store, {
      leaseMs: 1000,
      monotonicNow: () => performance.now() / 2,
    });
    const gone = await endOf(() => slow.delete({ organizationId, id: apiKey.id }));
    expect(gone.ms).toBeGreaterThanOrEqual(2 * WAIT_MS);
  });
});
