import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCaller, type AccessTable, type Caller, type KeyStore } from "../../src/index.js";
import { targets } from "../../src/graphql/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import {
  added,
  assetIn,
  createStreamFixture,
  HEARTBEAT_MS,
  OWN,
  restOf,
  settle,
  shortOf,
  subscribers,
} from "./support-streams.js";

/** A store that answers each read when the test says so, with what was true when it was asked. */
function createGatedStore() {
  const store = createMemoryStore();
  const gates: (() => void)[] = [];
  let gated = false;
  const slow: KeyStore = {
    ...store,
    findByHash(hash) {
      const answer = store.findByHash(hash);
      if (!gated) return answer;
      return new Promise((resolve) => gates.push(() => resolve(answer)));
    },
  };
  return {
    store: slow,
    get waiting() {
      return gates.length;
    },
    close: () => void (gated = true),
    /** Answers the oldest read, or the one at an index. */
    async answer(index = 0) {
      gates.splice(index, 1)[0]!();
      await settle();
    },
    async open() {
      gated = false;
      for (const gate of gates.splice(0)) gate();
      await settle();
    },
  };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe.for(subscribers)("races of streams with %s", ([, subscribe]) => {
  it("scenario 80: of a storm of events, none is resolved that came after regenerate", async () => {
    const { stream, feed, apiKeys, ref, ran } = await createStreamFixture({ subscribe });
    const running = await stream(added("assetAdded"));
    const received: unknown[] = [];
    const reading = (async () => {
      for await (const result of running) received.push(shortOf({ done: false, value: result }));
    })();
    for (let i = 0; i < 500; i++) feed.push(assetIn("barcelona", String(i)));
    await settle();
    await apiKeys.regenerate(ref);
    const before = ran.length;
    for (let i = 0; i < 500; i++) feed.push(assetIn("barcelona", `late ${i}`));
    await reading;
    expect(received.at(-1)).toBe("UNAUTHENTICATED");
    expect(received.filter((each) => typeof each === "string")).toHaveLength(1);
    expect(received.length - 1).toBeLessThanOrEqual(before + 1);
    expect(ran.length).toBeLessThanOrEqual(before + 1);
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("sends at most the event that was being decided while regenerate resolved", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const { feed, apiKeys, ref, ran } = fixture;
    const running = await fixture.stream(added("assetAdded"));
    gate.close();
    feed.push(assetIn("barcelona", "decided before"));
    feed.push(assetIn("barcelona", "too late"));
    const rest = restOf(running);
    await settle();
    expect([gate.waiting, ran.length]).toEqual([1, 0]);
    await apiKeys.regenerate(ref);
    await gate.open();
    expect(await rest).toEqual([{ assetAdded: { id: "decided before" } }, "UNAUTHENTICATED"]);
    expect(ran).toEqual(["assetAdded"]);
  });

  it("ends by a heartbeat while a resolver is slow, and never sends what it resolved", async () => {
    let finish: (value: number) => void;
    const slow = new Promise<number>((resolve) => (finish = resolve));
    const fixture = await createStreamFixture({ subscribe, asset: { slow: () => slow } });
    const { feed, apiKeys, ref } = fixture;
    const running = await fixture.stream(added("assetAdded", "barcelona", "{ id slow }"));
    feed.push(assetIn("barcelona"));
    const rest = restOf(running);
    await settle();
    await apiKeys.delete(ref);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    finish!(1);
    expect(await rest).toEqual(["UNAUTHENTICATED"]);
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("drops an event whose look is overtaken by a heartbeat that finds the key dead", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const { feed, apiKeys, ref, ran } = fixture;
    const running = await fixture.stream(added("assetAdded"));
    const rest = restOf(running);
    await settle();
    gate.close();
    feed.push(assetIn("barcelona"));
    await settle(); // the look before the event read the living key, and waits
    await apiKeys.delete(ref);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(gate.waiting).toBe(2);
    await gate.answer(1); // the heartbeat's
    await gate.open();
    expect(await rest).toEqual(["UNAUTHENTICATED"]);
    expect([ran.length, feed.closed, vi.getTimerCount()]).toEqual([0, 1, 0]);
  });

  it("tells one end when event and heartbeat find it together", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const { feed, apiKeys, ref } = fixture;
    const running = await fixture.stream(added("assetAdded"));
    const rest = restOf(running);
    await settle();
    await apiKeys.delete(ref);
    gate.close();
    feed.push(assetIn("barcelona"));
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(gate.waiting).toBe(2);
    await gate.open();
    expect(await rest).toEqual(["UNAUTHENTICATED"]);
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("never lets an older, wider read replace a newer one", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const { feed, apiKeys, ref, ran } = fixture;
    const running = await fixture.stream("subscription { anyAsset { id } }");
    const reading = running.next();
    await settle();
    gate.close();
    feed.push(assetIn("lisbon", "seen"));
    await settle(); // reads the wide key
    await apiKeys.revoke(ref, { libraryId: "lisbon" });
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    await gate.answer(1); // the heartbeat reads the narrow one
    await gate.answer(0);
    await gate.open();
    feed.push(assetIn("barcelona"));
    expect(shortOf(await reading)).toEqual({ anyAsset: { id: "1" } });
    expect(ran.length).toBe(2);
    await running.return(undefined);
  });

  it("forgets no narrowing that a heartbeat found while an event was on its way", async () => {
    let access: AccessTable = { barcelona: "read" };
    let version = 1;
    const loads: (() => void)[] = [];
    let gated = false;
    const load = ({ assetId }: { assetId: string }) => {
      const answer = { organizationId: OWN, libraryId: assetId };
      if (!gated) return answer;
      return new Promise<typeof answer>((resolve) => loads.push(() => resolve(answer)));
    };
    const rules = { "Subscription.changed": targets(load, { timeoutMs: 60_000 }) };
    const fixture = await createStreamFixture({ subscribe, guard: { rules } });
    const make = (): Caller =>
      createCaller({ id: "user-7", organizationId: OWN, version, access, current: () => make() });
    const query = `subscription { changed(assetId: "barcelona") }`;
    const running = await fixture.stream(query, { caller: make() });
    const rest = restOf(running);
    await settle();
    gated = true;
    version = 2; // a change that leaves barcelona: the event has it checked again, which takes a while
    fixture.feed.push(1);
    await settle();
    version = 3;
    access = {};
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    gated = false;
    for (let i = 0; i < 10; i++) {
      for (const release of loads.splice(0)) release();
      await settle();
    }
    fixture.feed.push(2);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    const told = await rest;
    expect(told.at(-1)).toBe("UNAUTHORIZED");
    expect(told.filter((each) => each === "UNAUTHORIZED")).toHaveLength(1);
    expect(told).not.toContainEqual({ changed: 2 });
    expect([fixture.feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("answers calls of next one after the other, and tells the end once", async () => {
    const { stream, feed, apiKeys, ref } = await createStreamFixture({ subscribe });
    const running = await stream(added("assetAdded"));
    const calls = [1, 2, 3, 4].map(() => running.next());
    feed.push(assetIn("barcelona"));
    expect(shortOf(await calls[0]!)).toEqual({ assetAdded: { id: "1" } });
    await apiKeys.delete(ref);
    feed.push(assetIn("barcelona"));
    feed.push(assetIn("barcelona"));
    const rest = await Promise.all(calls.slice(1));
    expect(rest.map(shortOf)).toEqual(["UNAUTHENTICATED", "done", "done"]);
  });

  it("beats on while looks take longer than a heartbeat", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const running = await fixture.stream(added("assetAdded"));
    const rest = restOf(running);
    await settle();
    gate.close();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS * 1.5);
    expect(gate.waiting).toBe(1); // one look at a time
    await gate.open();
    await fixture.apiKeys.delete(fixture.ref);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(await rest).toEqual(["UNAUTHENTICATED"]);
  });

  it("lets a client go while a heartbeat looks, and starts none after it", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const running = await fixture.stream(added("assetAdded"));
    const idle = running.next();
    await settle();
    gate.close();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    await running.return(undefined);
    await gate.open();
    expect(shortOf(await idle)).toBe("done");
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS * 3);
    expect([gate.waiting, vi.getTimerCount(), fixture.feed.closed]).toEqual([0, 0, 1]);
  });

  it("resolves nothing for a client that left while its event was looked at", async () => {
    const gate = createGatedStore();
    const fixture = await createStreamFixture({ subscribe, store: gate.store });
    const running = await fixture.stream(added("assetAdded"));
    const idle = running.next();
    gate.close();
    fixture.feed.push(assetIn("barcelona"));
    await settle();
    await running.return(undefined);
    await gate.open();
    expect(shortOf(await idle)).toBe("done");
    expect([fixture.ran.length, fixture.feed.closed]).toEqual([0, 1]);
  });

  it("learns of a death from another operation of its context", async () => {
    const { stream, feed, apiKeys, ref } = await createStreamFixture({ subscribe });
    const context = {};
    const first = await stream(added("assetAdded"), { context });
    const second = await stream(added("assetAdded"), { context });
    await apiKeys.delete(ref);
    feed.push(assetIn("barcelona"));
    expect(shortOf(await first.next())).toBe("UNAUTHENTICATED");
    feed.push(assetIn("barcelona"));
    expect(shortOf(await second.next())).toBe("UNAUTHENTICATED");
    expect(feed.closed).toBe(2);
  });
});
