import type { ExecutionResult } from "graphql";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCaller } from "../../src/index.js";
import { tie, stateOf } from "../../src/graphql/contexts.js";
import { endReasonOf } from "../../src/graphql/end.js";
import { watchResults, watchSource, type Watch } from "../../src/graphql/streams.js";
import { createFeed, OWN, shortOf } from "./support-streams.js";

const HEARTBEAT_MS = 1000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** A watched feed of results of a caller whose version changes with every read. */
function createWatched(more: Partial<Watch<ExecutionResult>> = {}) {
  const feed = createFeed();
  let version = 1;
  const make = (): ReturnType<typeof createCaller> =>
    createCaller({
      id: "user-7",
      organizationId: OWN,
      version: version++,
      access: {},
      current: make,
    });
  const context = {};
  const caller = make();
  tie(context, caller, { reportOnly: false });
  const state = stateOf(context)!;
  const results = watchResults(feed.open() as AsyncIterable<ExecutionResult>, {
    state,
    caller,
    heartbeatMs: HEARTBEAT_MS,
    isUnseen: () => true,
    isStillAllowed: () => true,
    errorsOf: ({ errors }) => errors,
    isSkipped: () => false,
    clean: (result) => result,
    cleanThrown: (thrown) => thrown,
    last: (error) => ({ errors: [error] }),
    ...more,
  });
  return { feed, results, state };
}

describe("a watched source", () => {
  it("gives nothing more once it is closed, though it goes on itself", async () => {
    const { state } = createWatched();
    const feed = createFeed({ endless: true });
    const events = watchSource(feed.open(), state) as AsyncGenerator<unknown>;
    feed.push(1);
    expect(await events.next()).toEqual({ done: false, value: 1 });
    await events.return(undefined);
    await events.return(undefined);
    feed.push(2);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(feed.taken).toBe(1);
  });

  it("ends a key's events with one error", async () => {
    const { state } = createWatched();
    const feed = createFeed();
    const events = watchSource(feed.open(), state) as AsyncGenerator<unknown>;
    state.dead = true;
    feed.push(1);
    const error = await events.next().catch((thrown: unknown) => thrown);
    expect(endReasonOf(error)).toBe("UNAUTHENTICATED");
    expect((await events.next()).done).toBe(true);
    expect(feed.closed).toBe(1);
  });
});

describe("a watched stream", () => {
  it("asks for each version whether the operation is still allowed", async () => {
    const isStillAllowed = vi.fn(() => true);
    const { feed, results } = createWatched({ isStillAllowed });
    for (let i = 1; i <= 3; i++) {
      feed.push({ data: { i } });
      expect(shortOf(await results.next())).toEqual({ i });
      expect(isStillAllowed).toHaveBeenCalledTimes(i);
    }
    await results.return(undefined);
  });

  it("ends when nobody can say whether the operation is still allowed", async () => {
    const { feed, results } = createWatched({
      isStillAllowed: () => {
        throw new TypeError("no idea");
      },
    });
    feed.push({ data: {} });
    expect(shortOf(await results.next())).toBe("UNAVAILABLE");
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("ends when the key died while that was asked", async () => {
    const { feed, results, state } = createWatched({
      isStillAllowed: () => {
        state.dead = true;
        throw new TypeError("The context object belongs to a key that is dead.");
      },
    });
    feed.push({ data: {} });
    expect(shortOf(await results.next())).toBe("UNAUTHENTICATED");
    expect(feed.closed).toBe(1);
  });

  it("ends when somebody else found the key dead", async () => {
    const { feed, results, state } = createWatched({ isUnseen: () => false });
    state.dead = true;
    feed.push({ data: {} });
    expect(shortOf(await results.next())).toBe("UNAUTHENTICATED");
    expect(feed.closed).toBe(1);
  });

  it("asks again when the caller is renewed meanwhile", async () => {
    let asked = 0;
    const { feed, results, state } = createWatched({
      isStillAllowed: () => {
        if (asked++ === 0) state.caller = createCaller({ ...ANOTHER, version: 99 });
        return asked < 2;
      },
    });
    feed.push({ data: {} });
    expect(shortOf(await results.next())).toBe("UNAUTHORIZED");
    expect(asked).toBe(2);
  });

  it("takes an iterator whose next throws for one that failed", async () => {
    const source: object = {
      next: () => {
        throw new Error("broken");
      },
      [Symbol.asyncIterator]: () => source,
    };
    const { results } = createWatched();
    await results.return(undefined);
    const { state } = createWatched();
    const watched = watchResults(
      source as never,
      {
        state,
        caller: state.caller,
        heartbeatMs: HEARTBEAT_MS,
        cleanThrown: () => new Error("cleaned"),
      } as never,
    );
    await expect(watched.next()).rejects.toThrow("cleaned");
    expect(shortOf((await watched.next()) as never)).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells an end at once, though an event is still looked at", async () => {
    let asked = 0;
    const { feed, results } = createWatched({
      isStillAllowed: () => (asked++ === 0 ? new Promise<boolean>(() => {}) : false),
    });
    const first = results.next();
    feed.push({ data: {} });
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(shortOf(await first)).toBe("UNAUTHORIZED");
    expect(shortOf(await results.next())).toBe("done");
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("lets a client go at once, though an event is still looked at", async () => {
    const { feed, results } = createWatched({ isStillAllowed: () => new Promise(() => {}) });
    const first = results.next();
    feed.push({ data: {} });
    await vi.advanceTimersByTimeAsync(1);
    await results.return(undefined);
    expect(shortOf(await first)).toBe("done");
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

const ANOTHER = { id: "user-7", organizationId: OWN, access: {} };
