import { describe, expect, it, vi } from "vitest";
import { targets } from "../../src/graphql/index.js";
import {
  added,
  assetIn,
  createFeed,
  createStreamFixture,
  OTHER,
  OWN,
  settle,
  shortOf,
  subscribers,
} from "./support-streams.js";

const NEXT = assetIn("barcelona", "next");

describe.for(subscribers)("events with %s", ([name, subscribe]) => {
  it.for([
    ["assetAdded", assetIn("porto"), NEXT, { id: "next" }],
    ["assetAdded", assetIn("barcelona", "1", OTHER), NEXT, { id: "next" }],
    ["assetAdded", { id: "unplaced" }, NEXT, { id: "next" }],
    ["assetAdded", Promise.resolve(assetIn("porto")), NEXT, { id: "next" }],
    ["assetOrNothing", assetIn("porto"), NEXT, { id: "next" }],
    ["assetsAdded", [assetIn("porto"), assetIn("porto", "2")], [NEXT], [{ id: "next" }]],
    ["assetsAdded", new Set([assetIn("porto")]), [NEXT], [{ id: "next" }]],
    ["assetsAdded", [Promise.resolve(assetIn("porto"))], [NEXT], [{ id: "next" }]],
  ] as const)(
    "scenario 103: %s skips what is out of reach: %j",
    async ([field, hidden, next, value]) => {
      const { stream, feed } = await createStreamFixture({ subscribe });
      const running = await stream(added(field));
      const events: unknown[] = [];
      const reading = running.next().then((result) => events.push(shortOf(result)));
      feed.push(hidden);
      await settle();
      expect([events, feed.taken]).toEqual([[], 1]);
      feed.push(next);
      await reading;
      expect(events).toEqual([{ [field]: value }]);
      await running.return(undefined);
    },
  );

  it.for([
    ["[[Asset]!] of nothing within reach", [[assetIn("porto")], []], NEXT],
    ["a list whose only null is its own", [[null, assetIn("porto")]], NEXT],
    ["a list of which only undefined is left", [[undefined, assetIn("porto")]], NEXT],
  ] as const)("skips %s", async ([, hidden, next]) => {
    const { stream, feed } = await createStreamFixture({ subscribe });
    const running = await stream("subscription { anyAssets { id } }");
    feed.push(hidden);
    feed.push([[next]]);
    expect(shortOf(await running.next())).toEqual({ anyAssets: [[{ id: "next" }]] });
    await running.return(undefined);
  });

  it.for([
    ["assetOrNothing", null, null],
    ["assetsAdded", [], []],
    ["assetsAdded", [assetIn("porto"), NEXT], [{ id: "next" }]],
  ] as const)("%s tells an event that hides nothing: %j", async ([field, event, value]) => {
    const { stream, feed } = await createStreamFixture({ subscribe });
    const running = await stream(added(field));
    feed.push(event);
    expect(shortOf(await running.next())).toEqual({ [field]: value });
    await running.return(undefined);
  });

  it("sends events of every library of the caller where none is named", async () => {
    const { stream, feed, apiKeys, ref } = await createStreamFixture({ subscribe });
    const running = await stream("subscription { anyAsset { id } }");
    for (const library of ["porto", "lisbon", "nowhere", "barcelona"]) {
      feed.push(assetIn(library, library));
    }
    expect(shortOf(await running.next())).toEqual({ anyAsset: { id: "lisbon" } });
    expect(shortOf(await running.next())).toEqual({ anyAsset: { id: "barcelona" } });
    // It names no library, so losing one does not end it, and gaining one shows.
    await apiKeys.setAccess(ref, { porto: "read" });
    feed.push(assetIn("barcelona"));
    feed.push(assetIn("porto", "now"));
    expect(shortOf(await running.next())).toEqual({ anyAsset: { id: "now" } });
    await running.return(undefined);
  });

  it("hides nothing in report mode, and says what it would have hidden", async () => {
    const fixture = await createStreamFixture({ subscribe, guard: { mode: "report" } });
    const { stream, feed, reported } = fixture;
    const running = await stream(added("assetsAdded"));
    feed.push([assetIn("porto")]);
    feed.push([]);
    expect(shortOf(await running.next())).toEqual({ assetsAdded: [{ id: "1" }] });
    expect(shortOf(await running.next())).toEqual({ assetsAdded: [] });
    expect(reported).toMatchObject([
      { type: "wouldRefuse", coordinate: "Subscription.assetsAdded" },
    ]);
    await running.return(undefined);
  });

  it("passes on an error of a field, without a key in it, and goes on", async () => {
    const { key } = await createStreamFixture({ subscribe });
    const fixture = await createStreamFixture({
      subscribe,
      asset: {
        slow: () => {
          throw new Error(`cannot say ${key}`);
        },
      },
    });
    const running = await fixture.stream(added("assetAdded", "barcelona", "{ id slow }"));
    fixture.feed.push(assetIn("barcelona"));
    const { value } = await running.next();
    expect(value.data).toEqual({ assetAdded: { id: "1", slow: null } });
    expect(value.errors[0].message).toContain("cannot say");
    expect(JSON.stringify(value)).not.toContain(key);
    fixture.feed.push(assetIn("barcelona", "2"));
    expect((await running.next()).done).toBe(false);
    await running.return(undefined);
  });

  it("scenario 68: a field below it is asked for every event, and is null once it moved", async () => {
    const at = { organizationId: OWN, libraryId: "lisbon" };
    const guard = { rules: { "Asset.slow": targets(() => ({ ...at })) } };
    const { stream, feed } = await createStreamFixture({ subscribe, guard });
    const running = await stream(added("assetAdded", "barcelona", "{ id slow }"));
    const next = async () => {
      feed.push(assetIn("barcelona"));
      return shortOf(await running.next());
    };
    const there = { assetAdded: { id: "1", slow: null } };
    expect(await next()).toEqual(there);
    at.libraryId = "porto";
    expect(await next()).toEqual({ data: there, codes: ["UNAUTHORIZED"] });
    at.libraryId = "barcelona";
    expect(await next()).toEqual(there);
    await running.return(undefined);
  });

  it("hides no field that moved in report mode", async () => {
    const load = () => ({ organizationId: OWN, libraryId: "porto" });
    const rules = { "Subscription.changed": targets(load) };
    const guard = { mode: "report", rules } as const;
    const { stream, feed } = await createStreamFixture({ subscribe, guard });
    const running = await stream('subscription { changed(assetId: "1") }');
    feed.push(7);
    expect(shortOf(await running.next())).toEqual({ changed: 7 });
    await running.return(undefined);
  });

  // graphql-js defers nothing in subscriptions.
  const deferring = name === "graphql-js" ? () => {} : it;
  deferring("scenario 81: sends no deferred part of an event once the key is dead", async () => {
    let release: (value: number) => void;
    const slow = new Promise<number>((resolve) => (release = resolve));
    const fixture = await createStreamFixture({
      subscribe,
      directives: "directive @defer on INLINE_FRAGMENT",
      asset: { slow: () => slow },
    });
    const query = added("assetAdded", "barcelona", "{ id ... @defer { slow } }");
    const running = await fixture.stream(query);
    fixture.feed.push(assetIn("barcelona"));
    const first = await running.next();
    expect(shortOf(first)).toEqual({ assetAdded: { id: "1" } });
    const later = running.next();
    await settle();
    await fixture.apiKeys.delete(fixture.ref);
    release!(1);
    expect(shortOf(await later)).toBe("UNAUTHENTICATED");
    expect(fixture.feed.closed).toBe(1);
  });

  describe("of unusual sources", () => {
    it("closes no source that cannot be closed, and ends all the same", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      try {
        const feed = createFeed({ endless: true });
        const { stream, apiKeys, ref } = await createStreamFixture({ subscribe, feed });
        const left = await stream(added("assetAdded"));
        const idle = left.next();
        await settle();
        await left.return(undefined);
        expect(shortOf(await idle)).toBe("done");
        expect(vi.getTimerCount()).toBe(0);

        const running = await stream(added("assetAdded"));
        const waiting = running.next();
        await apiKeys.delete(ref);
        await vi.advanceTimersByTimeAsync(1000);
        expect(shortOf(await waiting)).toBe("UNAUTHENTICATED");
        expect(shortOf(await running.next())).toBe("done");
        feed.push(assetIn("barcelona"));
        expect(shortOf(await running.next())).toBe("done");
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    });

    it.for([
      ["rejects", (): unknown => Promise.reject(new Error("still busy"))],
      [
        "throws",
        (): unknown => {
          throw new Error("still busy");
        },
      ],
      ["never answers", (): unknown => new Promise(() => {})],
      ["answers no promise", (): unknown => undefined],
    ] as const)("waits for no return that %s", async ([, close]) => {
      const source = createFeed();
      const open = () => Object.assign(source.open(), { return: close });
      const sources = { assetAdded: open };
      const { stream, apiKeys, ref } = await createStreamFixture({ subscribe, sources });
      const running = await stream(added("assetAdded"));
      await apiKeys.delete(ref);
      source.push(assetIn("barcelona"));
      expect(shortOf(await running.next())).toBe("UNAUTHENTICATED");
      expect(shortOf(await running.next())).toBe("done");
      const other = await createStreamFixture({ subscribe, sources });
      const left = await other.stream(added("assetAdded"));
      const idle = left.next();
      await settle();
      expect((await left.return(undefined)).done).toBe(true);
      expect(shortOf(await idle)).toBe("done");
    });

    it("closes a generator that is idle, as far as a generator lets it", async () => {
      let close: () => void;
      const closed = new Promise<void>((resolve) => (close = resolve));
      let tick: (value: number) => void;
      const ticks = new Promise<number>((resolve) => (tick = resolve));
      async function* generate() {
        try {
          yield await ticks;
        } finally {
          close();
        }
      }
      const fixture = await createStreamFixture({ subscribe, sources: { tick: generate } });
      const running = await fixture.stream(added("tick", "barcelona", ""));
      const idle = running.next();
      await settle();
      expect((await running.return(undefined)).done).toBe(true);
      expect(shortOf(await idle)).toBe("done");
      tick!(1);
      await closed;
      expect(fixture.ran).toEqual([]);
    });

    it("watches a function that is a stream, as executors take it for one", async () => {
      const feed = createFeed();
      const tick = () => Object.assign(() => {}, { [Symbol.asyncIterator]: () => feed.open() });
      const fixture = await createStreamFixture({ subscribe, sources: { tick } });
      const running = await fixture.stream(added("tick", "barcelona", ""));
      await fixture.apiKeys.delete(fixture.ref);
      feed.push(1);
      expect(shortOf(await running.next())).toBe("UNAUTHENTICATED");
      expect([fixture.ran.length, feed.closed]).toEqual([0, 1]);
    });

    it("watches a source whose next answers no promise", async () => {
      let n = 0;
      const source: object = {
        next: () => ({ done: ++n > 2, value: n }),
        [Symbol.asyncIterator]: () => source,
      };
      const fixture = await createStreamFixture({ subscribe, sources: { tick: () => source } });
      const running = await fixture.stream(added("tick", "barcelona", ""));
      expect(shortOf(await running.next())).toEqual({ tick: 1 });
      await fixture.apiKeys.delete(fixture.ref);
      expect(shortOf(await running.next())).toBe("UNAUTHENTICATED");
    });

    it("passes on what a source throws once, without a key in it, and is over", async () => {
      const { stream, feed, key } = await createStreamFixture({ subscribe });
      const running = await stream(added("assetAdded"));
      const idle = running.next();
      await settle();
      feed.fail(new Error(`the broker dropped ${key}`));
      const error = await idle.catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ message: expect.stringContaining("the broker dropped") });
      expect((error as Error).message).not.toContain(key);
      expect(shortOf(await running.next())).toBe("done");
      expect(feed.closed).toBe(1);
    });

    it("believes no source that says its key is dead", async () => {
      const { GraphQLError } = await import("graphql");
      const { stream, feed } = await createStreamFixture({ subscribe });
      const running = await stream(added("assetAdded"));
      const idle = running.next();
      await settle();
      feed.fail(new GraphQLError("broker login", { extensions: { code: "UNAUTHENTICATED" } }));
      await expect(idle).rejects.toThrow("broker login");
    });
  });
});
