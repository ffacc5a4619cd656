import { describe, expect, it, vi } from "vitest";
import { createLeasedReader, leaseOf, type LeasedReader } from "../../src/core/lease.js";
import type { MaybePromise } from "../../src/core/maybe-promise.js";
import type { ApiKeyRecord, Found, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { errorOf, recordOf, verdictOf } from "../support/fixture.js";
import { createHandClock, createHandStore, foundOf, settled } from "../support/hand-store.js";

const A = "a".repeat(64);
const B = "b".repeat(64);
const C = "c".repeat(64);
const LEASE_MS = 100;

/** A reader over a store and clocks that are worked by hand; the lease is known to the store already. */
function createHand(parts: { readonly maxRecords?: number; readonly leaseMs?: number } = {}) {
  const clock = createHandClock();
  const hand = createHandStore();
  const store = { ...hand.store, raiseLease: () => {} };
  const reader = createLeasedReader({
    store,
    leaseMs: LEASE_MS,
    maxRecords: 10,
    ...parts,
    clock,
  });
  /** Asks, and has the store answer after some time. */
  const readAfter = async (ms: number, found: Found, hash = A): Promise<Found> => {
    const asked = reader.findByHash(hash);
    clock.pass(ms);
    hand.reads.shift()!.answer(found);
    return asked;
  };
  /** Whether the store is asked again. */
  const isAsked = (hash = A): boolean => {
    const before = hand.asked;
    void Promise.resolve(reader.findByHash(hash)).catch(() => {});
    return hand.asked > before;
  };
  return { clock, reader, reads: hand.reads, readAfter, isAsked, asked: () => hand.asked };
}

describe("a lease", () => {
  it.each([
    [0, false],
    [1, false],
    [39, false],
    [40, true],
    [60_000, true],
  ])("begins before the read, which took 60 ms: %d ms later it is over: %s", async (ms, over) => {
    const { readAfter, clock, isAsked } = createHand();
    const found = await readAfter(60, foundOf());
    clock.pass(ms);
    expect([isAsked(), !leaseOf(found)!.isFresh()]).toEqual([over, over]);
  });

  it("is not prolonged by use", async () => {
    const { readAfter, clock, isAsked } = createHand();
    await readAfter(0, foundOf());
    for (let i = 0; i < 9; i++) {
      clock.pass(11);
      expect(isAsked()).toBe(false);
    }
    clock.pass(1);
    expect(isAsked()).toBe(true);
  });

  it("answers one and the same record until it ends, at once", async () => {
    const { readAfter, reader, clock } = createHand();
    const first = await readAfter(10, foundOf());
    clock.pass(89);
    expect(reader.findByHash(A)).toBe(first);
    expect(first.record).toEqual(recordOf());
  });

  it("is a deadline too: what comes after its end is read again, and once more", async () => {
    const { reader, clock, reads } = createHand();
    const asked = Promise.resolve(reader.findByHash(A));
    for (const ms of [100, 250]) {
      clock.pass(ms);
      reads.shift()!.answer(foundOf({ version: 1 }));
      await settled();
    }
    clock.pass(99);
    reads.shift()!.answer(foundOf({ version: 3 }));
    expect((await asked).record!.version).toBe(3);
    expect(reads).toEqual([]);
  });

  it("is missed by three reads: the store counts as failed, for those who wait only", async () => {
    const { reader, clock, reads, readAfter } = createHand();
    const asked = errorOf(() => reader.findByHash(A));
    for (let round = 1; round <= 3; round++) {
      expect(reads).toHaveLength(1);
      clock.pass(100);
      reads.shift()!.answer(foundOf());
      await settled();
    }
    expect(reads).toEqual([]);
    const error = await asked;
    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect((error.cause as Error).message).toBe("the store takes longer than the lease of 100 ms");
    expect((await readAfter(5, foundOf())).record).not.toBeNull();
  });

  it("is inherited by those who join a read, also when they come late", async () => {
    const { reader, clock, reads, asked, isAsked } = createHand();
    const first = reader.findByHash(A);
    clock.pass(98);
    const second = reader.findByHash(A);
    clock.pass(1);
    reads.shift()!.answer(foundOf());
    expect(await second).toBe(await first);
    expect(asked()).toBe(1);
    clock.pass(1);
    expect([leaseOf(await second)!.isFresh(), isAsked()]).toEqual([false, true]);
  });

  it("is missed by a joiner who came a moment before the answer, too", async () => {
    const { reader, clock, reads, asked } = createHand();
    const first = reader.findByHash(A);
    clock.pass(99);
    const second = reader.findByHash(A);
    clock.pass(1);
    reads.shift()!.answer(foundOf());
    await settled();
    expect(asked()).toBe(2);
    reads.shift()!.answer(foundOf({ version: 2 }));
    expect((await first).record!.version).toBe(2);
    expect((await second).record!.version).toBe(2);
  });

  it.each<[string, number, number, boolean]>([
    ["both clocks just before its end", 99, 99, true],
    ["the machine slept: only the wall clock went on", 0, 100, false],
    ["the wall clock was set far ahead", 1, 1e9, false],
    ["the wall clock stands still, as between the I/O of some runtimes", 99, 0, true],
    ["the wall clock stands still, but the lease is over", 100, 0, false],
    ["the wall clock was set back by 1 ms", 0, -1, false],
    ["the wall clock was set back by an hour", 50, -3_600_000, false],
    ["the monotonic clock is broken", NaN, 1, false],
    ["the wall clock is broken", 1, NaN, false],
  ])("goes by the clock that says more: %s", async (_, monotonic, wall, fresh) => {
    const { readAfter, clock, isAsked } = createHand();
    const lease = leaseOf(await readAfter(0, foundOf()))!;
    clock.monotonicMs += monotonic;
    clock.wallMs += wall;
    expect([lease.isFresh(), isAsked()]).toEqual([fresh, !fresh]);
  });

  it.each([
    [100, 50, 50],
    [100, 1, 1],
    [100, 200, 100],
    [100, Infinity, 100],
    [30_000, 30_000, 30_000],
    [30_000, 0.5, 0.5],
  ])("of %d ms here and %d ms in the store is one of %d ms", async (leaseMs, stored, ms) => {
    const { readAfter, clock } = createHand({ leaseMs });
    const lease = leaseOf(await readAfter(0, foundOf({}, stored)))!;
    clock.pass(ms / 2);
    expect(lease.isFresh()).toBe(true);
    clock.pass(ms / 2);
    expect(lease.isFresh()).toBe(false);
  });

  it.each([0, -1, NaN, undefined, null, "1s"])(
    "of %s in the store is none: what is read is good for the moment, and not kept",
    async (stored) => {
      const { readAfter, isAsked } = createHand();
      const found = await readAfter(0, { record: recordOf(), leaseMs: stored as number });
      expect([found.record, leaseOf(found), isAsked()]).toEqual([recordOf(), null, true]);
    },
  );
});

describe("what is kept", () => {
  it("are known keys: of an unknown one the store is asked each time", async () => {
    const { readAfter, isAsked } = createHand();
    for (let i = 0; i < 3; i++) {
      expect(await readAfter(0, { record: null, leaseMs: 100 })).toEqual({
        record: null,
        leaseMs: 100,
      });
    }
    expect(isAsked()).toBe(true);
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["text", "record"],
    ["a bare record", recordOf()],
    ["a record with another hash", foundOf({ hash: B })],
    ["a record without a version", foundOf({ version: undefined as never })],
    ["a record whose table is text", foundOf({ access: "all" as never })],
  ])("is no nonsense: %s", async (_, answer) => {
    const { readAfter, isAsked } = createHand();
    expect(await readAfter(0, answer as Found)).toBe(answer);
    expect(isAsked()).toBe(true);
  });

  it("is no table with other levels, which is an outage", async () => {
    const { reader, reads, isAsked } = createHand();
    const asked = verdictOf(() => reader.findByHash(A));
    reads.shift()!.answer(foundOf({ access: { barcelona: "admin" as never } }));
    expect([await asked, isAsked()]).toEqual(["RangeError", true]);
  });

  it("is a copy, which nobody can change", async () => {
    const { readAfter, reader } = createHand();
    const access: Record<string, "read" | "write"> = { barcelona: "read" };
    const record = { ...recordOf(), access };
    await readAfter(0, { record, leaseMs: 100 });
    Object.assign(record, { enabled: false, version: 7 });
    access["barcelona"] = "write";
    access["porto"] = "write";
    const kept = (reader.findByHash(A) as Found).record!;
    expect({ ...kept, access: { ...kept.access } }).toEqual({
      ...recordOf(),
      access: { barcelona: "read" },
    });
    expect([Object.isFrozen(kept), Object.isFrozen(kept.access)]).toEqual([true, true]);
  });

  it("are the records that were used last, up to a number", async () => {
    const { readAfter, reader, isAsked } = createHand({ maxRecords: 2 });
    for (const hash of [A, B]) await readAfter(0, foundOf({ hash }), hash);
    void reader.findByHash(A);
    await readAfter(0, foundOf({ hash: C }), C);
    expect([A, B, C].map((hash) => isAsked(hash))).toEqual([false, true, false]);
  });
});

describe("reads of one key", () => {
  it("at once are one", async () => {
    const { reader, reads, asked } = createHand();
    const all = Array.from({ length: 1000 }, async () => reader.findByHash(A));
    expect([asked(), reads.length]).toEqual([1, 1]);
    reads[0]!.answer(foundOf());
    expect(new Set(await Promise.all(all)).size).toBe(1);
    expect(asked()).toBe(1);
  });

  it("of several keys do not wait for each other", async () => {
    const { reader, reads } = createHand();
    const [a, b] = [reader.findByHash(A), reader.findByHash(B)];
    reads[1]!.answer(foundOf({ hash: B }));
    expect((await b).record!.hash).toBe(B);
    reads[0]!.answer(foundOf());
    expect((await a).record!.hash).toBe(A);
  });

  it("fail together, and the next one asks again", async () => {
    const { reader, reads, readAfter, asked } = createHand();
    const down = new Error("down");
    const all = [1, 2, 3].map(() => errorOf(() => reader.findByHash(A)));
    reads.shift()!.fail(down);
    expect(await Promise.all(all)).toEqual([down, down, down]);
    expect((await readAfter(0, foundOf())).record).toEqual(recordOf());
    expect(asked()).toBe(2);
  });

  it("fail although a record was kept until a moment ago", async () => {
    const { reader, reads, readAfter, clock } = createHand();
    await readAfter(0, foundOf());
    clock.pass(100);
    const asked = errorOf(() => reader.findByHash(A));
    reads.shift()!.fail(new Error("down"));
    expect((await asked).message).toBe("down");
  });

  it("wait for the new answer although a record was kept until a moment ago", async () => {
    const { reader, reads, readAfter, clock } = createHand();
    await readAfter(0, foundOf());
    clock.pass(100);
    const asked = Promise.resolve(reader.findByHash(A));
    const isOver = vi.fn();
    void asked.then(isOver);
    await settled();
    expect(isOver).not.toHaveBeenCalled();
    reads.shift()!.answer({ record: null, leaseMs: 100 });
    expect((await asked).record).toBeNull();
  });

  it("without a lease serve who asked, not who joined: what they saw may be older than he", async () => {
    const { reader, reads, asked } = createHand();
    const first = reader.findByHash(A);
    const [second, third] = [reader.findByHash(A), reader.findByHash(A)];
    reads.shift()!.answer(foundOf({ version: 1 }, 0));
    expect((await first).record!.version).toBe(1);
    await settled();
    expect(asked()).toBe(2); // one for both of them: it began after they came
    reads.shift()!.answer(foundOf({ version: 2 }, 0));
    expect((await second).record!.version).toBe(2);
    expect((await third).record!.version).toBe(2);
    expect(asked()).toBe(2);
  });

  it("of an unknown key serve those who joined", async () => {
    const { reader, reads, asked } = createHand();
    const both = [1, 2].map(async () => reader.findByHash(A));
    reads.shift()!.answer({ record: null, leaseMs: 100 });
    expect((await Promise.all(both)).map(({ record }) => record)).toEqual([null, null]);
    expect(asked()).toBe(1);
  });
});

describe("forget", () => {
  it("drops what is kept, of this key only", async () => {
    const { reader, readAfter, isAsked } = createHand();
    for (const hash of [A, B]) await readAfter(0, foundOf({ hash }), hash);
    reader.forget(A);
    expect([isAsked(A), isAsked(B)]).toEqual([true, false]);
    reader.forget(C); // nobody knows it
  });

  it("lets nobody join a read that may have seen what was before, and does not keep its answer", async () => {
    const { reader, reads, asked, clock } = createHand();
    const before = reader.findByHash(A);
    reader.forget(A);
    const after = reader.findByHash(A);
    expect(asked()).toBe(2);
    reads[1]!.answer(foundOf({ version: 2 }));
    expect((await after).record!.version).toBe(2);
    clock.pass(10);
    reads[0]!.answer(foundOf({ version: 1 }));
    expect((await before).record!.version).toBe(1); // it was asked before
    expect((reader.findByHash(A) as Found).record!.version).toBe(2);
  });

  it.each(["answers", "fails"])("ends no later read when the one before %s", async (how) => {
    const { reader, reads, asked } = createHand();
    const before = verdictOf(() => reader.findByHash(A));
    reader.forget(A);
    const after = reader.findByHash(A);
    if (how === "answers") reads[0]!.answer(foundOf({ version: 1 }));
    else reads[0]!.fail(new TypeError("down"));
    expect(await before).toBe(how === "answers" ? "ok" : "TypeError");
    const joined = reader.findByHash(A);
    expect(asked()).toBe(2);
    reads[1]!.answer(foundOf({ version: 2 }));
    expect(await joined).toBe(await after);
  });
});

describe("the lease that the store knows of", () => {
  function createRaising(raiseLease: (leaseMs: number) => MaybePromise<void>) {
    const log: string[] = [];
    const reader = createLeasedReader({
      store: {
        raiseLease(leaseMs) {
          log.push(`raise ${leaseMs}`);
          return raiseLease(leaseMs);
        },
        async findByHash(hash) {
          log.push("read");
          return foundOf({ hash });
        },
      },
      leaseMs: LEASE_MS,
      maxRecords: 10,
      clock: createHandClock(),
    });
    return { reader, log };
  }

  it("is raised before the first record is read, once", async () => {
    let raised!: () => void;
    const { reader, log } = createRaising(() => new Promise((resolve) => (raised = resolve)));
    const all = [A, B, A, C].map(async (hash) => reader.findByHash(hash));
    await settled();
    expect(log).toEqual(["raise 100"]);
    raised();
    await Promise.all(all);
    await reader.findByHash("d".repeat(64));
    expect(log).toEqual(["raise 100", "read", "read", "read", "read"]);
  });

  it("does not count the time of raising", async () => {
    const clock = createHandClock();
    const hand = createHandStore();
    const reader = createLeasedReader({ ...hand, leaseMs: LEASE_MS, maxRecords: 10, clock });
    const asked = reader.findByHash(A);
    clock.pass(5000);
    hand.raises[0]!.answer();
    await settled();
    hand.reads[0]!.answer(foundOf());
    expect(leaseOf(await asked)!.isFresh()).toBe(true);
  });

  const failures: readonly [string, () => never | Promise<never>][] = [
    ["throws", () => JSON.parse("{")],
    ["rejects", () => Promise.reject(new SyntaxError("down"))],
  ];
  it.each(failures)(
    "is raised again after a raise that %s; meanwhile nothing is read",
    async (_, fail) => {
      let isDown = true;
      const { reader, log } = createRaising(() => (isDown ? fail() : undefined));
      const ask = (hash: string) => verdictOf(() => reader.findByHash(hash));
      expect(await Promise.all([ask(A), ask(A)])).toEqual(["SyntaxError", "SyntaxError"]);
      expect(log).not.toContain("read");
      const before = log.length;
      isDown = false;
      expect(await Promise.all([ask(A), ask(B)])).toEqual(["ok", "ok"]);
      expect(log.slice(before)).toEqual(["raise 100", "read", "read"]);
    },
  );
});

describe("over a synchronous store", () => {
  function createSync(findByHash?: (hash: string) => Found, leaseMs = LEASE_MS) {
    const memory = createMemoryStore();
    memory.insert(recordOf());
    const store = { ...memory, ...(findByHash && { findByHash }) } as KeyStore;
    const clock = createHandClock();
    const reader: LeasedReader = createLeasedReader({ store, leaseMs, maxRecords: 10, clock });
    return { reader, memory, clock };
  }

  it("answers at once, known or not", () => {
    const { reader, memory, clock } = createSync();
    const first = reader.findByHash(A) as Found;
    expect([first.record!.hash, leaseOf(first)!.isFresh()]).toEqual([A, true]);
    expect(reader.findByHash(B)).toEqual({ record: null, leaseMs: 100 });
    memory.delete(recordOf());
    expect(reader.findByHash(A)).toBe(first);
    clock.pass(100);
    expect(reader.findByHash(A)).toEqual({ record: null, leaseMs: 100 });
  });

  it("sees that a read took longer than the lease", () => {
    let reads = 0;
    const { reader, clock } = createSync(() => {
      reads++;
      clock.pass(100);
      return foundOf();
    });
    expect(() => reader.findByHash(A)).toThrow("The store of API keys failed.");
    expect(reads).toBe(3);
  });

  it("throws what the store throws, and keeps nothing of it", () => {
    let answer: () => Found = () => JSON.parse("{");
    const { reader } = createSync(() => answer());
    expect(() => reader.findByHash(A)).toThrow(SyntaxError);
    answer = () => foundOf();
    expect((reader.findByHash(A) as Found).record).toEqual(recordOf());
  });
});

it("leaseOf knows only what this package made", () => {
  const forged: Found & { isFresh(): boolean } = {
    record: recordOf() as ApiKeyRecord,
    leaseMs: 100,
    isFresh: () => true,
  };
  expect([leaseOf(forged), leaseOf(null as never), leaseOf(undefined as never)]).toEqual([
    null,
    null,
    null,
  ]);
});
