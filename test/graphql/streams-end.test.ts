import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCaller, type KeyStore } from "../../src/index.js";
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
  type StreamFixture,
} from "./support-streams.js";

type Way = readonly [
  name: string,
  code: "UNAUTHENTICATED" | "UNAUTHORIZED",
  end: (fixture: StreamFixture) => unknown,
];

/** How a stream on barcelona comes to its end. */
const ways: readonly Way[] = [
  ["regenerated", "UNAUTHENTICATED", ({ apiKeys, ref }) => apiKeys.regenerate(ref)],
  ["deleted", "UNAUTHENTICATED", ({ apiKeys, ref }) => apiKeys.delete(ref)],
  ["disabled", "UNAUTHENTICATED", ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false })],
  [
    "expired",
    "UNAUTHENTICATED",
    async ({ apiKeys, ref, clock }) => {
      await apiKeys.update(ref, { expiresAtMs: clock.nowMs + 1000 });
      clock.nowMs += 1000;
    },
  ],
  [
    "narrowed",
    "UNAUTHORIZED",
    ({ apiKeys, ref }) => apiKeys.revoke(ref, { libraryId: "barcelona" }),
  ],
  ["emptied", "UNAUTHORIZED", ({ apiKeys, ref }) => apiKeys.setAccess(ref, {})],
];

/** Changes that leave what the stream was opened for. */
const survived: readonly Way[] = [
  ["renamed", "UNAUTHORIZED", ({ apiKeys, ref }) => apiKeys.update(ref, { name: "New" })],
  [
    "narrowed to read",
    "UNAUTHORIZED",
    ({ apiKeys, ref }) => apiKeys.setAccess(ref, { barcelona: "read" }),
  ],
  [
    "widened",
    "UNAUTHORIZED",
    ({ apiKeys, ref }) => apiKeys.grant(ref, { libraryId: "porto", level: "write" }),
  ],
];

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe.for(subscribers)("scenario 80: the end of a stream with %s", ([, subscribe]) => {
  it.for(ways)("ends with the next event once its key is %s", async ([, code, end]) => {
    const fixture = await createStreamFixture({ subscribe });
    const { feed, ran } = fixture;
    const stream = await fixture.stream(added("assetAdded"));
    feed.push(assetIn("barcelona", "1"));
    expect(shortOf(await stream.next())).toEqual({ assetAdded: { id: "1" } });

    await end(fixture);
    feed.push(assetIn("barcelona", "2"));
    feed.push(assetIn("barcelona", "3"));
    expect(await restOf(stream)).toEqual([code]);
    expect(ran).toEqual(["assetAdded"]);
    expect([feed.closed, feed.taken, vi.getTimerCount()]).toEqual([1, 2, 0]);
  });

  it.for(ways)("ends within a heartbeat once its key is %s", async ([, code, end]) => {
    const fixture = await createStreamFixture({ subscribe });
    const { feed, ran } = fixture;
    const stream = await fixture.stream(added("assetAdded"));
    const idle = stream.next();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS * 3);
    await end(fixture);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(shortOf(await idle)).toBe(code);
    expect(await restOf(stream)).toEqual([]);
    expect([feed.closed, ran.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });

  it.for(ways)("closes the source of a client that stalls: %s", async ([, code, end]) => {
    const fixture = await createStreamFixture({ subscribe });
    const { feed } = fixture;
    const stream = await fixture.stream(added("assetAdded"));
    feed.push(assetIn("barcelona"));
    await stream.next();
    feed.push(assetIn("barcelona", "2"));
    await end(fixture);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
    expect(await restOf(stream)).toEqual([code]);
  });

  it.for(survived)("goes on when its key is %s", async ([, , change]) => {
    const fixture = await createStreamFixture({ subscribe });
    const { feed } = fixture;
    const stream = await fixture.stream(added("assetAdded"));
    await change(fixture);
    feed.push(assetIn("barcelona"));
    expect(shortOf(await stream.next())).toEqual({ assetAdded: { id: "1" } });
    await change(fixture);
    const idle = stream.next();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS * 3);
    feed.push(assetIn("barcelona", "2"));
    expect(shortOf(await idle)).toEqual({ assetAdded: { id: "2" } });
    await stream.return(undefined);
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("tells no more than that: one error without data and path", async () => {
    const fixture = await createStreamFixture({ subscribe });
    const stream = await fixture.stream(added("assetAdded"));
    await fixture.apiKeys.delete(fixture.ref);
    fixture.feed.push(assetIn("barcelona"));
    const { value } = await stream.next();
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      errors: [
        {
          message: "The API key is not valid any more.",
          extensions: { code: "UNAUTHENTICATED" },
        },
      ],
    });
  });

  it("holds in report mode for dead keys, and reports narrowed ones", async () => {
    const fixture = await createStreamFixture({ subscribe, guard: { mode: "report" } });
    const { feed, apiKeys, ref, reported } = fixture;
    const stream = await fixture.stream(added("assetAdded", "porto"));
    expect(reported[0]).toMatchObject({ type: "wouldRefuse", reason: "library" });
    await apiKeys.setAccess(ref, {});
    feed.push(assetIn("porto"));
    expect(shortOf(await stream.next())).toEqual({ assetAdded: { id: "1" } });
    await apiKeys.delete(ref);
    feed.push(assetIn("porto"));
    expect(await restOf(stream)).toEqual(["UNAUTHENTICATED"]);
    expect(feed.closed).toBe(1);
  });

  it("ends the stream of a host's user whose current says so, whatever it says", async () => {
    const user = { id: "user-7", organizationId: OWN, version: 1 };
    const access = { barcelona: "read" } as const;
    const gone = [
      null,
      undefined,
      createCaller({ ...user, id: "user-8", access }),
      createCaller({ ...user, organizationId: "acme-co", access }),
    ];
    for (const answer of gone) {
      const fixture = await createStreamFixture({ subscribe });
      const caller = createCaller({ ...user, access, current: () => answer as null });
      const stream = await fixture.stream(added("assetAdded"), { caller });
      fixture.feed.push(assetIn("barcelona"));
      expect(await restOf(stream)).toEqual(["UNAUTHENTICATED"]);
      expect(fixture.feed.closed).toBe(1);
    }
  });

  describe("when the store fails", () => {
    let mood: "well" | "throws" | "rejects" | "hangs";

    function moody(): KeyStore {
      const store = createMemoryStore();
      return {
        ...store,
        findByHash(hash) {
          if (mood === "well") return store.findByHash(hash);
          if (mood === "throws") throw new Error("the disk is on fire");
          if (mood === "rejects") return Promise.reject(new Error("the network is down"));
          return new Promise(() => {});
        },
      };
    }

    beforeEach(() => void (mood = "well"));

    it.for(["throws", "rejects", "hangs"] as const)("ends with an event: %s", async (next) => {
      const fixture = await createStreamFixture({ subscribe, store: moody() });
      const { feed, ran } = fixture;
      const stream = await fixture.stream(added("assetAdded"));
      mood = next;
      feed.push(assetIn("barcelona"));
      const rest = restOf(stream);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await rest).toEqual(["UNAVAILABLE"]);
      expect([feed.closed, ran.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
    });

    it.for(["throws", "rejects", "hangs"] as const)("ends with a heartbeat: %s", async (next) => {
      const fixture = await createStreamFixture({ subscribe, store: moody() });
      const { feed } = fixture;
      const stream = await fixture.stream(added("assetAdded"));
      const rest = restOf(stream);
      mood = next;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await rest).toEqual(["UNAVAILABLE"]);
      expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
      mood = "well";
      feed.push(assetIn("barcelona"));
      expect(await restOf(stream)).toEqual([]);
    });

    it("says nothing of what went wrong", async () => {
      const fixture = await createStreamFixture({ subscribe, store: moody() });
      const stream = await fixture.stream(added("assetAdded"));
      mood = "rejects";
      fixture.feed.push(assetIn("barcelona"));
      const { value } = await stream.next();
      expect(JSON.stringify(value)).toBe(
        '{"errors":[{"message":"API keys cannot be checked at the moment.","extensions":{"code":"UNAVAILABLE"}}]}',
      );
    });
  });

  it("lets a client go at any time, without a timer left", async () => {
    const { stream, feed } = await createStreamFixture({ subscribe });
    const running = await stream(added("assetAdded"));
    const idle = running.next();
    await settle();
    expect(vi.getTimerCount()).toBe(1);
    expect(await running.return("bye")).toEqual({ done: true, value: "bye" });
    expect(shortOf(await idle)).toBe("done");
    expect(shortOf(await running.next())).toBe("done");
    expect(await running.return(undefined)).toEqual({ done: true, value: undefined });
    expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("takes throw and disposal for a return", async () => {
    const { stream, feed } = await createStreamFixture({ subscribe });
    const running = await stream(added("assetAdded"));
    await expect(running.throw(new Error("enough"))).rejects.toThrow("enough");
    expect(shortOf(await running.next())).toBe("done");
    const other = await stream(added("assetAdded"));
    await (other as any)[Symbol.asyncDispose]();
    expect(shortOf(await other.next())).toBe("done");
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS); // the clock of uses ends after a second; a heart would beat on
    expect([feed.closed, vi.getTimerCount()]).toEqual([2, 0]);
  });

  it("says nothing of a death to a client that left", async () => {
    const { stream, feed, apiKeys, ref } = await createStreamFixture({ subscribe });
    const running = await stream(added("assetAdded"));
    const idle = running.next();
    await apiKeys.delete(ref);
    const beat = vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    await running.return(undefined);
    await beat;
    expect(shortOf(await idle)).toBe("done");
    expect(shortOf(await running.next())).toBe("done");
    expect(feed.closed).toBe(1);
  });

  it("leaves no timer when the source ends by itself, and does not close it again", async () => {
    const { stream, feed } = await createStreamFixture({ subscribe });
    const running = await stream(added("assetAdded"));
    const idle = running.next();
    await settle();
    feed.end();
    expect(shortOf(await idle)).toBe("done");
    expect([feed.closed, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
