import { parse } from "graphql";
import { describe, expect, it, vi } from "vitest";
import { createCaller } from "../../src/index.js";
import { targets, withAccess } from "../../src/graphql/index.js";
import {
  added,
  assetIn,
  createFeed,
  createStreamFixture,
  HEARTBEAT_MS,
  OTHER,
  OWN,
  shortOf,
  shortOfResult,
  subscribers,
  type Stream,
} from "./support-streams.js";

describe.for(subscribers)("opening a stream with %s", ([, subscribe]) => {
  it.for([
    ["its library is within reach", added("assetAdded"), "runs"],
    ["it is read only: events are read", added("assetAdded", "lisbon"), "runs"],
    ["it is out of reach", added("assetAdded", "porto"), "UNAUTHORIZED"],
    ["it does not exist", added("assetAdded", "nowhere"), "UNAUTHORIZED"],
    ["it is another organization's", added("assetAdded").replace(OWN, OTHER), "UNAUTHORIZED"],
    [
      "a nested field names one out of reach",
      added(
        "assetAdded",
        "barcelona",
        `{ siblings(libraryId: "porto", organizationId: "${OWN}") }`,
      ),
      "UNAUTHORIZED",
    ],
    [
      "the field is in a fragment",
      `subscription { ...F } fragment F on Subscription {
        tick(organizationId: "${OWN}", libraryId: "porto")
      }`,
      "UNAUTHORIZED",
    ],
  ] as const)("scenario 79: the source opens only when %s: %s", async ([, query, verdict]) => {
    const { open, feed } = await createStreamFixture({ subscribe });
    const stream = await open(query);
    if (verdict === "runs") {
      expect(Symbol.asyncIterator in stream).toBe(true);
      expect(feed.opened).toBe(1);
      await (stream as Stream).return(undefined);
      expect(feed.closed).toBe(1);
      return;
    }
    expect(shortOfResult(stream as never)).toBe(verdict);
    expect(stream).not.toHaveProperty("data");
    expect(feed.opened).toBe(0);
  });

  it("scenario 93: opens no source for variables other than those that were checked", async () => {
    const { guard, feed, authenticate } = await createStreamFixture({ subscribe });
    const document = parse(`subscription ($library: ID!) {
      tick(organizationId: "${OWN}", libraryId: $library)
    }`);
    const contextValue = {};
    const checked = { document, caller: await authenticate(), context: contextValue };
    expect(await guard.check({ ...checked, variableValues: { library: "lisbon" } })).toEqual({
      ok: true,
    });
    for (const [library, opened] of [
      ["porto", 0],
      ["lisbon", 1],
    ] as const) {
      const variableValues = { library };
      await subscribe({ schema: guard.schema, document, contextValue, variableValues });
      expect(feed.opened).toBe(opened);
    }
  });

  it("takes undefined in variables for nothing, as JSON would", async () => {
    const { open, feed } = await createStreamFixture({ subscribe });
    const query = `subscription ($library: ID = "lisbon", $organization: ID = "${OWN}") {
      tick(organizationId: $organization, libraryId: $library)
    }`;
    const variables = { library: undefined, organization: OWN };
    const stream = await open(query, { variables });
    expect(feed.opened).toBe(1);
    await (stream as Stream).return(undefined);
  });

  it("gives nobody a stream", async () => {
    const { open, feed } = await createStreamFixture({ subscribe });
    const answer = await open(added("assetAdded"), { caller: null });
    expect(shortOfResult(answer as never)).toBe("UNAUTHENTICATED");
    expect(feed.opened).toBe(0);
  });

  it("gives no stream to a caller that cannot be read anew", async () => {
    const { open, feed } = await createStreamFixture({ subscribe });
    const user = { id: "user-7", version: 1, organizationId: OWN, access: { barcelona: "read" } };
    const answer = await open(added("assetAdded"), { caller: createCaller(user as never) });
    expect(shortOfResult(answer as never)).toBe("UNAUTHORIZED");
    expect(feed.opened).toBe(0);

    const current = () => createCaller(user as never); // has no `current` itself
    const caller = createCaller({ ...user, current } as never);
    const stream = (await open(added("assetAdded"), { caller })) as Stream;
    feed.push(assetIn("barcelona"));
    expect(shortOf(await stream.next())).toEqual({ assetAdded: { id: "1" } });
    await stream.return(undefined);
  });

  it("refuses a context of another caller, whose running stream goes on untouched", async () => {
    const { open, stream, feed, apiKeys } = await createStreamFixture({ subscribe });
    const context = {};
    const running = await stream(added("assetAdded"), { context });
    const before = { ...context };
    const other = await apiKeys.create({ organizationId: OTHER, name: "Other", access: {} });
    const who = await apiKeys.authenticate(other.key);
    const opening = open(added("assetAdded"), { context, caller: who.ok ? who.caller : null });
    await expect(opening).rejects.toThrow("The context object serves two callers");
    expect(context).toEqual(before);
    feed.push(assetIn("barcelona"));
    expect(shortOf(await running.next())).toEqual({ assetAdded: { id: "1" } });
    await running.return(undefined);
  });

  it("refuses a context that an older value of the same key was tied to", async () => {
    const { stream, open, feed, apiKeys, ref, authenticate } = await createStreamFixture({
      subscribe,
    });
    const context = {};
    const running = await stream(added("assetAdded"), { context });
    const { key } = await apiKeys.regenerate(ref);
    const caller = await authenticate(key);
    await expect(open(added("assetAdded"), { context, caller })).rejects.toThrow(TypeError);
    feed.push(assetIn("barcelona"));
    expect(shortOf(await running.next())).toBe("UNAUTHENTICATED");
  });

  it("asks a selector of withAccess on subscribe before the source opens", async () => {
    const feed = createFeed();
    const select = ({ library }: { library: string }) => ({
      organizationId: OWN,
      libraryId: library,
    });
    const fixture = await createStreamFixture({
      subscribe,
      feed,
      sources: { watched: withAccess("read", select, () => feed.open()) },
    });
    const refused = await fixture.open(`subscription { watched(library: "porto") }`);
    expect(shortOfResult(refused as never)).toBe("UNAUTHORIZED");
    expect(feed.opened).toBe(0);

    const stream = await fixture.stream(`subscription { watched(library: "lisbon") }`);
    feed.push(7);
    expect(shortOf(await stream.next())).toEqual({ watched: 7 });
    await fixture.apiKeys.setAccess(fixture.ref, { barcelona: "write" });
    feed.push(8);
    expect(shortOf(await stream.next())).toBe("UNAUTHORIZED");
    expect(feed.closed).toBe(1);
  });

  describe("with loaded targets", () => {
    const place = { "asset-1": "lisbon", "asset-2": "porto" } as Record<string, string>;
    const query = `subscription { changed(assetId: "asset-1") }`;

    async function createLoaded() {
      const asset = { ...place };
      const load = vi.fn(async ({ assetId }: { assetId: string }) =>
        asset[assetId] ? { organizationId: OWN, libraryId: asset[assetId] } : null,
      );
      const rules = { "Subscription.changed": targets(load) };
      return { ...(await createStreamFixture({ subscribe, guard: { rules } })), load, asset };
    }

    it("loads before the source opens, once, and for each event anew", async () => {
      const { stream, feed, load } = await createLoaded();
      const running = await stream(query);
      expect(load).toHaveBeenCalledTimes(1);
      feed.push(7);
      expect(shortOf(await running.next())).toEqual({ changed: 7 });
      expect(load).toHaveBeenCalledTimes(2);
      await running.return(undefined);
    });

    it.for(["asset-2", "asset-3"])("never opens the source for %s", async (id) => {
      const { open, feed } = await createLoaded();
      const answer = await open(query.replace("asset-1", id));
      expect(shortOfResult(answer as never)).toBe("UNAUTHORIZED");
      expect(feed.opened).toBe(0);
    });

    it("ends when what it was opened for moves out of reach", async () => {
      const { stream, feed, asset, ran } = await createLoaded();
      const running = await stream(query);
      asset["asset-1"] = "porto";
      feed.push(7);
      expect(shortOf(await running.next())).toBe("UNAUTHORIZED");
      expect(shortOf(await running.next())).toBe("done");
      expect(ran).toEqual([]);
      expect(feed.closed).toBe(1);
    });
  });

  it("passes on what subscribe rejects with, without a key in it", async () => {
    const { key, ...rest } = await createStreamFixture({ subscribe });
    const sources = {
      tick: () => Promise.reject(new Error(`no broker for ${key}`)),
      assetAdded: () => {
        throw new Error(`no broker for ${key}`);
      },
    };
    const fixture = await createStreamFixture({ subscribe, sources });
    for (const query of [added("tick", "barcelona", ""), added("assetAdded")]) {
      const answer = (await fixture.open(query)) as { errors: readonly Error[] };
      expect(answer.errors[0]!.message).toContain("no broker for");
      expect(answer.errors[0]!.message).not.toContain(key);
    }
    expect(rest.feed.opened).toBe(0);
  });

  it.for([
    ["an array", (): unknown => [1, 2]],
    ["a generator", (): unknown => [1, 2].values()],
    ["a number", (): unknown => 1],
    ["nothing", (): unknown => null],
  ] as const)("leaves %s to the executor's own error", async ([, tick]) => {
    const fixture = await createStreamFixture({ subscribe, sources: { tick } });
    const opening = fixture.open(added("tick", "barcelona", ""));
    const outcome = await opening.then(
      (answer) => shortOfResult(answer as never),
      () => "error", // graphql 16 takes it for a mistake of the programmer
    );
    expect(outcome).toBe("error");
  });

  it.for([9, 0, -1, 3_600_001, 10.5, NaN, Infinity, "1000"].map((value) => [String(value), value]))(
    "takes no heartbeat of %s",
    async ([, heartbeatMs]) => {
      await expect(
        createStreamFixture({ subscribe, heartbeatMs: heartbeatMs as number }),
      ).rejects.toThrow(/heartbeatMs/);
    },
  );

  it("leaves no timer behind when it is closed before the first event is asked for", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { stream, feed } = await createStreamFixture({ subscribe });
      const running = await stream(added("assetAdded"));
      await running.return(undefined);
      expect(shortOf(await running.next())).toBe("done");
      expect([feed.closed, vi.getTimerCount()]).toEqual([1, 0]);
      await vi.advanceTimersByTimeAsync(HEARTBEAT_MS * 3);
    } finally {
      vi.useRealTimers();
    }
  });
});
