/** Records that are kept for a while: once a change on another instance has resolved, nobody goes by what was before. */
import { execute as toolsExecute } from "@graphql-tools/executor";
import { parse, version } from "graphql";
import { describe, expect, it } from "vitest";
import { createExecute, createSubscribe } from "../../src/adapters/execute.js";
import { stateOf } from "../../src/graphql/contexts.js";
import { targets, withAccess } from "../../src/graphql/index.js";
import type { Caller } from "../../src/index.js";
import { createGuardedYoga } from "../adapters/yoga-server.js";
import { codesOf, executors, fixtureOf, ran, type FixtureOptions } from "./support-complete.js";
import {
  blockAfterReads,
  createWorld,
  deaths,
  LEASE_MS,
  narrow,
  OWN,
  stores,
  widen,
  type Change,
  type World,
} from "./support-leases.js";
import { createFeed, createStreamGuard, added, assetIn, restOf } from "./support-streams.js";

const SDL = /* GraphQL */ `
  type Query {
    viewer: Int @apiKey
    one(libraryId: ID! @library): Int
    hall: Hall @apiKey
    asset: Asset
    must: Asset!
    assets: [Asset]
    places: [Asset] @positional
    any: Any
    loaded(id: ID!): Int
    report(of: ID!): Int
  }
  type Mutation {
    act: Int @apiKey(level: READ)
    change(libraryId: ID! @library): Int
    make: Asset @apiKey(level: READ)
  }
  type Hall {
    books(libraryId: ID! @library): Int
    report(of: ID!): Int
  }
  union Any = Asset | Other
  type Asset @inLibrary(organization: "org", id: "lib") {
    lib: ID!
  }
  type Other @inLibrary(organization: "org", id: "lib") {
    lib: ID!
  }
`;

const DEFER = "directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT";
const BARCELONA = 'libraryId: "barcelona"';
const barcelona = { org: OWN, lib: "barcelona" };
const lisbon = { org: OWN, lib: "lisbon" };
const porto = { org: OWN, lib: "porto" };

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const one = () => 1;

const report = withAccess(
  "read",
  ({ of }: { of: string }) => ({ organizationId: OWN, libraryId: of }),
  () => 1,
);

/** Every change, and what is left afterwards of lisbon. */
const changes: readonly (readonly [name: string, change: Change, lisbonLeft: boolean])[] = [
  ...deaths.map(([name, change]) => [name, change, false] as const),
  ["narrowed", narrow, true],
];

describe.each(stores)("over %s", (_store, wrap) => {
  async function create(
    resolvers: (world: World) => Record<string, any> = () => ({}),
    more: FixtureOptions = {},
    sdl = SDL,
  ) {
    const world = await createWorld(wrap);
    const own = resolvers(world);
    const fixture = fixtureOf(sdl, {
      organization: "callers",
      rules: {
        "Query.loaded": targets(async ({ id }: { id: string }) => {
          own["load"]?.();
          return { organizationId: OWN, libraryId: id };
        }),
      },
      resolvers: {
        Query: {
          viewer: one,
          one,
          loaded: one,
          hall: () => ({}),
          // Wrapped by a framework: the guard knows nothing of it.
          report,
          ...own["Query"],
        },
        Hall: {
          books: one,
          report: (...call: Parameters<typeof report>) => report(...call),
          ...own["Hall"],
        },
        Any: { __resolveType: own["resolveType"] ?? (() => "Asset") },
        Mutation: { act: one, change: one, ...own["Mutation"] },
      },
      ...more,
    });
    const caller = await world.authenticate();
    return { ...world, ...fixture, caller };
  }

  describe("guard.check", () => {
    const ONE = `{ one(${BARCELONA}) }`;

    it.each(deaths)(
      "tells a caller whose key was %s that it is dead, and nothing runs",
      async (_, change) => {
        const { send, resolves, caller, calls } = await create();
        resolves(change);
        const { outcome, refusals, errors } = await send(ONE, { caller });
        expect([outcome, refusals, codesOf(errors)]).toEqual([
          "errors",
          [],
          [["", "UNAUTHENTICATED"]],
        ]);
        expect(calls).toEqual([]);
      },
    );

    it("decides by what a caller reaches now, be it less or more", async () => {
      const narrowed = await create();
      narrowed.resolves(narrow);
      expect((await narrowed.send(ONE, narrowed)).outcome).toBe("library");
      const widened = await create();
      widened.resolves(widen);
      const { data } = await widened.send('{ one(libraryId: "porto") }', widened);
      expect(data).toEqual({ one: 1 });
    });

    it("reads a caller anew once its lease has ended, and not before", async () => {
      const { send, caller, clock, outage } = await create();
      const reads = outage.reads;
      clock.nowMs += LEASE_MS - 1;
      expect((await send(ONE, { caller })).data).toEqual({ one: 1 });
      expect(outage.reads).toBe(reads);
      clock.nowMs += 1;
      expect((await send(ONE, { caller })).data).toEqual({ one: 1 });
      expect(outage.reads).toBe(reads + 1);
    });

    it("decides nothing while the store is down", async () => {
      const { send, resolves, caller, outage, calls } = await create();
      resolves();
      outage.isDown = true;
      const { outcome, errors } = await send(ONE, { caller });
      expect([outcome, codesOf(errors)]).toEqual(["errors", [["", "UNAVAILABLE"]]]);
      expect(calls).toEqual([]);
    });

    it("decides nothing by a caller that is too old again whenever it was read", async () => {
      const world = await create();
      const caller = blockAfterReads(world.caller, world);
      world.resolves();
      const { reads } = world.outage;
      const { outcome, errors } = await world.send(ONE, { caller });
      expect([outcome, codesOf(errors)]).toEqual(["errors", [["", "UNAVAILABLE"]]]);
      expect([world.calls, world.outage.reads - reads]).toEqual([[], 3]);
    });

    it.each(changes)(
      "decides anew after a loader during which the key was %s",
      async (_, change, lisbonLeft) => {
        const fixture = await create(({ resolves }) => ({ load: () => resolves(change) }));
        const { outcome, errors } = await fixture.send('{ loaded(id: "barcelona") }', fixture);
        const expected = lisbonLeft ? ["library", "UNAUTHORIZED"] : ["errors", "UNAUTHENTICATED"];
        expect([outcome, codesOf(errors)[0]![1]]).toEqual(expected);
        expect(fixture.calls).toEqual([]);
      },
    );

    it("decides nothing after a loader during which the store went down", async () => {
      const fixture = await create(({ resolves, outage }) => ({
        load() {
          outage.isDown = true;
          resolves();
        },
      }));
      const { errors } = await fixture.send('{ loaded(id: "barcelona") }', fixture);
      expect(codesOf(errors)).toEqual([["", "UNAVAILABLE"]]);
      expect(fixture.calls).toEqual([]);
    });

    it("goes on after a slow loader when nothing has changed", async () => {
      const fixture = await create(({ resolves }) => ({ load: () => resolves() }));
      expect((await fixture.send('{ loaded(id: "barcelona") }', fixture)).data).toEqual({
        loaded: 1,
      });
    });
  });

  it("a wrapped resolver runs for no context whose key is known to be dead", async () => {
    const { guard, caller } = await create();
    const context = {};
    const document = parse('{ hall { report(of: "barcelona") } }');
    expect(await guard.check({ document, caller, context })).toEqual({ ok: true });
    const info = { parentType: { name: "Hall" }, fieldName: "report" } as never;
    const run = () => report({}, { of: "barcelona" }, context, info);
    expect(run()).toBe(1);
    stateOf(context)!.dead = true;
    expect(run).toThrow('"report" needs read access');
  });

  describe.each(executors)("in what %s runs", (_name, execute) => {
    /** Sends a query whose resolvers let the key change in the middle. */
    async function send(
      query: string,
      resolvers: (world: World) => Record<string, any>,
      more: {
        readonly options?: FixtureOptions;
        readonly block?: boolean;
        readonly swapped?: object;
      } = {},
    ) {
      const fixture = await create(resolvers, more.options);
      const caller = more.block ? blockAfterReads(fixture.caller, fixture) : fixture.caller;
      const { swapped } = more;
      const { reads } = fixture.outage;
      const answer = await fixture.send(query, {
        caller,
        execute,
        ...(swapped && { swapped, variables: { id: "lisbon" } }),
      } as never);
      return {
        data: answer.data,
        codes: codesOf(answer.errors).map(([, code]) => code),
        ran: ran(fixture),
        reads: fixture.outage.reads - reads,
      };
    }

    const holding =
      (change?: Change, waits = false) =>
      ({ resolves }: World) => {
        const block = () => {
          resolves(change);
          return {};
        };
        return { Query: { hall: waits ? () => turn().then(block) : block } };
      };

    it.each(changes)(
      "no resolver runs for a key that was %s by the one before",
      async (_, change) => {
        for (const waits of [false, true]) {
          const { data, codes, ran } = await send(
            `{ hall { books(${BARCELONA}) } }`,
            holding(change, waits),
          );
          expect([data, codes]).toEqual([{ hall: { books: null } }, ["UNAUTHORIZED"]]);
          expect(ran).toEqual(["Query.hall"]);
        }
      },
    );

    it.each(changes)("nor one that a framework wrapped: %s", async (_, change) => {
      const { data, codes } = await send('{ hall { report(of: "barcelona") } }', holding(change));
      expect([data, codes]).toEqual([{ hall: { report: null } }, ["UNAUTHORIZED"]]);
    });

    it("resolvers run after one that took long, when nothing has changed", async () => {
      const query = `{ hall { books(${BARCELONA}) report(of: "barcelona") } }`;
      expect(await send(query, holding())).toMatchObject({
        data: { hall: { books: 1, report: 1 } },
        codes: [],
      });
    });

    it("nothing is decided while the store is down", async () => {
      const down = ({ resolves, outage }: World) => ({
        Query: {
          hall() {
            outage.isDown = true;
            resolves();
            return {};
          },
        },
      });
      const { data, codes, ran } = await send(
        `{ hall { books(${BARCELONA}) report(of: "lisbon") } }`,
        down,
      );
      expect([data, codes]).toEqual([
        { hall: { books: null, report: null } },
        ["UNAVAILABLE", "UNAVAILABLE"],
      ]);
      expect(ran).toEqual(["Query.hall", "Hall.report"]); // which refuses by itself
    });

    it("nothing is decided by a caller that is too old again whenever it was read", async () => {
      const answer = await send(`{ hall { books(${BARCELONA}) } }`, holding(), { block: true });
      expect(answer).toEqual({
        data: { hall: { books: null } },
        codes: ["UNAVAILABLE"],
        ran: ["Query.hall"],
        reads: 3,
      });
    });

    it.each(changes)(
      "no resolver runs after a loader during which the key was %s",
      async (_, change) => {
        let loads = 0;
        const { data, codes, ran } = await send(
          "query ($id: ID!) { loaded(id: $id) }",
          ({ resolves }) => ({ load: () => void (++loads === 2 && resolves(change)) }),
          { swapped: { id: "barcelona" } },
        );
        expect([data, codes, ran, loads]).toEqual([{ loaded: null }, ["UNAUTHORIZED"], [], 2]);
      },
    );

    const values: readonly (readonly [string, string, (end: () => void) => unknown])[] = [
      ["a promise", "asset", (end) => turn().then(() => (end(), barcelona))],
      ["what a blocked loop answers", "asset", (end) => (end(), barcelona)],
      ["a promise of a list", "assets", (end) => turn().then(() => (end(), [barcelona, lisbon]))],
      [
        "a list of promises",
        "assets",
        (end) => [
          turn().then(() => (end(), barcelona)),
          turn()
            .then(turn)
            .then(() => lisbon),
        ],
      ],
      [
        "a list that a generator blocks",
        "assets",
        function* (end: () => void) {
          end();
          yield barcelona;
          yield lisbon;
        } as never,
      ],
    ];

    for (const [what, field, make] of values) {
      const isList = field === "assets";
      it.each(changes)(
        `${what} tells nothing to a key that was %s`,
        async (_, change, lisbonLeft) => {
          const resolvers = ({ resolves }: World) => ({
            Query: { [field]: () => make(() => resolves(change)) },
          });
          const { data, codes } = await send(`{ ${field} { lib } }`, resolvers);
          const left = lisbonLeft ? [{ lib: "lisbon" }] : [];
          expect(codes).toEqual([]);
          expect(data[field] ?? []).toEqual(isList ? left : []);
        },
      );

      it(`${what} is answered when nothing has changed`, async () => {
        const resolvers = ({ resolves }: World) => ({
          Query: { [field]: () => make(() => resolves()) },
        });
        const { data } = await send(`{ ${field} { lib } }`, resolvers);
        const all = [{ lib: "barcelona" }, { lib: "lisbon" }];
        expect(data[field]).toEqual(isList ? all : all[0]);
      });
    }

    it("a place that must not be null is UNAUTHORIZED, and places are kept", async () => {
      const dead = ({ resolves }: World) => ({
        Query: {
          must: () => turn().then(() => (resolves(deaths[1]![1]), barcelona)),
          places: () => turn().then(() => (resolves(narrow), [barcelona, lisbon])),
        },
      });
      expect(await send("{ must { lib } }", dead)).toMatchObject({
        data: null,
        codes: ["UNAUTHORIZED"],
      });
      expect((await send("{ places { lib } }", dead)).data).toEqual({
        places: [null, { lib: "lisbon" }],
      });
    });

    it("results are errors when the store goes down meanwhile", async () => {
      const down = ({ resolves, outage }: World) => ({
        Query: {
          asset: () => turn().then(() => ((outage.isDown = true), resolves(), barcelona)),
        },
      });
      expect(await send("{ asset { lib } }", down)).toMatchObject({
        data: { asset: null },
        codes: ["UNAVAILABLE"],
      });
    });

    it.each(changes)("the type of a value is asked for, for a while: %s", async (_, change) => {
      for (const waits of [true, false]) {
        const { data, codes } = await send("{ any { ... on Asset { lib } } }", ({ resolves }) => {
          const resolveType = () => (resolves(change), "Asset");
          return {
            Query: { any: () => barcelona },
            resolveType: waits ? () => turn().then(resolveType) : resolveType,
          };
        });
        expect([data, codes]).toEqual([{ any: null }, []]);
      }
    });

    it.each([true, false])(
      "a further field of a mutation is not run by a caller that is too old again, or so before its turn: %s",
      async (isOld) => {
        const query = `mutation { act change(${BARCELONA}) }`;
        const { data, codes, ran } = await send(
          query,
          ({ resolves }) => ({ Mutation: { act: () => isOld && resolves() } }),
          { block: true },
        );
        expect([data.change, codes, ran]).toEqual([null, ["UNAVAILABLE"], ["Mutation.act"]]);
      },
    );

    it.each(changes)(
      "a further field of a mutation is not run for a key that was %s",
      async (_, change) => {
        const query = `mutation { act change(${BARCELONA}) }`;
        const { data, codes, ran } = await send(query, ({ resolves }) => ({
          Mutation: { act: () => resolves(change) },
        }));
        expect([data.change, codes, ran]).toEqual([null, ["UNAUTHORIZED"], ["Mutation.act"]]);
      },
    );

    it("what a mutation makes is visible by a grant of the same instance, lease or not", async () => {
      const { data } = await send("mutation { make { lib } }", ({ apiKeys, ref }) => ({
        Mutation: {
          async make() {
            await apiKeys.grant(ref, { libraryId: "porto", level: "read" });
            return porto;
          },
        },
      }));
      expect(data).toEqual({ make: { lib: "porto" } });
    });

    it("what a mutation makes is not shown by a caller that is too old again", async () => {
      const make = { Mutation: { make: () => porto } };
      const { data, codes } = await send("mutation { make { lib } }", () => make, { block: true });
      expect([data, codes]).toEqual([{ make: null }, ["UNAVAILABLE"]]);
    });

    it.each(changes)(
      "in a guard that only reports, too, no dead key gets further: %s",
      async (_, change, lisbonLeft) => {
        const options = { mode: "report" } as const;
        let loads = 0;
        const query = `query ($id: ID!) { hall { books(${BARCELONA}) } loaded(id: $id) }`;
        const { data } = await send(
          query,
          (world) => ({ ...holding(change)(world), load: () => void loads++ }),
          { options, swapped: { id: "barcelona" } },
        );
        expect(data.hall.books).toBe(lisbonLeft ? 1 : null);
      },
    );

    it("in a guard that only reports, what a loader finds out of reach is let through", async () => {
      const options = { mode: "report" } as const;
      const { data, codes } = await send(
        "query ($id: ID!) { loaded(id: $id) }",
        ({ resolves }) => ({ load: () => resolves(narrow) }),
        { options, swapped: { id: "barcelona" } },
      );
      expect([data, codes]).toEqual([{ loaded: 1 }, []]);
    });
  });

  const knowing = executors.filter(([name]) => name !== "graphql-js" || !version.startsWith("16"));
  it.each(knowing)(
    "a list that arrives item by item ends where the key does, by %s",
    async (_, execute) => {
      for (const [, change, lisbonLeft] of changes) {
        const fixture = await create(({ resolves }) => ({
          Query: {
            async *assets() {
              yield barcelona;
              await turn();
              resolves(change);
              yield barcelona;
              yield lisbon;
            },
          },
        }));
        const { data } = await fixture.send("{ assets { lib } }", {
          caller: fixture.caller,
          execute,
        });
        expect(data.assets).toEqual([
          { lib: "barcelona" },
          ...(lisbonLeft ? [{ lib: "lisbon" }] : []),
        ]);
      }
    },
  );

  it.each(changes)("no event is sent to a key that was %s", async (_, change) => {
    const world = await createWorld(wrap);
    const feed = createFeed();
    const { guard, ran } = createStreamGuard({ feed });
    const subscribe = createSubscribe({ apiKeys: world.apiKeys, guard });
    const open = async (caller: Caller) =>
      subscribe({ document: parse(added("assetAdded")), caller }) as Promise<any>;
    const stream = await open(await world.authenticate());
    const first = stream.next();
    feed.push(assetIn("barcelona"));
    expect((await first).value.data.assetAdded).toMatchObject({ id: "1" });
    const next = stream.next();
    await turn();
    world.resolves(change);
    feed.push(assetIn("barcelona"));
    const code = change === narrow ? "UNAUTHORIZED" : "UNAUTHENTICATED";
    expect((await next).value).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(await restOf(stream)).toEqual([]);
    expect(feed.closed).toBe(1);
    expect(ran.length).toBe(change === narrow ? ran.length : 1);
  });

  it.each(changes)("no stream is opened by a caller whose key was %s", async (_, change) => {
    const world = await createWorld(wrap);
    const feed = createFeed();
    const { guard } = createStreamGuard({ feed });
    const subscribe = createSubscribe({ apiKeys: world.apiKeys, guard });
    const caller = await world.authenticate();
    world.resolves(change);
    const { errors } = (await subscribe({ document: parse(added("assetAdded")), caller })) as any;
    const code = change === narrow ? "UNAUTHORIZED" : "UNAUTHENTICATED";
    expect([errors[0].extensions.code, feed.opened]).toEqual([code, 0]);
  });

  it.each(changes)("no deferred part is sent to a key that was %s", async (_, change) => {
    let release!: () => void;
    const viewer = () => new Promise<number>((resolve) => (release = () => resolve(7)));
    const fixture = await create(() => ({ Query: { viewer } }), {}, `${DEFER} ${SDL}`);
    const execute = createExecute({
      apiKeys: fixture.apiKeys,
      guard: fixture.guard,
      execute: toolsExecute as never,
    });
    const document = parse(`{ one(${BARCELONA}) ... @defer { viewer } }`);
    const answer = (await execute({ document, caller: fixture.caller })) as any;
    expect({ ...answer.initialResult.data }).toEqual({ one: 1 });
    const parts = answer.subsequentResults[Symbol.asyncIterator]();
    const next = parts.next();
    await turn();
    fixture.resolves(change);
    release();
    const code = change === narrow ? "UNAUTHORIZED" : "UNAUTHENTICATED";
    const { value } = await next;
    expect(value).toEqual({
      errors: [expect.objectContaining({ extensions: { code } })],
      hasNext: false,
    });
    expect(JSON.stringify(value)).not.toContain("7");
  });

  describe("through Yoga", () => {
    /** A request during which something happens between authentication and the check. */
    async function request(between: (world: World) => void) {
      const fixture = await create();
      const { apiKeys, guard, key } = fixture;
      const before = [{ onContextBuilding: () => between(fixture) }];
      const connection = ({ headers }: Request) => ({ headers, encrypted: true });
      const yoga = createGuardedYoga({ apiKeys, guard } as never, {
        before,
        options: { connection },
      });
      const response = await yoga.fetch("https://localhost/graphql", {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ query: `{ one(${BARCELONA}) }` }),
      });
      const { data, errors } = (await response.json()) as any;
      const challenge = response.headers.get("www-authenticate");
      const code = errors?.[0].extensions.code;
      return { status: response.status, challenge, code, data, ran: ran(fixture) };
    }

    it("a key that lives is served", async () => {
      expect(await request(({ resolves }) => resolves())).toMatchObject({
        status: 200,
        data: { one: 1 },
      });
    });

    it.each(deaths)(
      "a key that was %s after it was authenticated gets 401 and a challenge",
      async (_, change) => {
        const answer = await request(({ resolves }) => resolves(change));
        expect(answer).toMatchObject({
          status: 401,
          code: "UNAUTHENTICATED",
          data: undefined,
          ran: [],
        });
        expect(answer.challenge).toMatch(/^Bearer .*error="invalid_token"/);
      },
    );

    it("a key that was narrowed after it was authenticated gets 403", async () => {
      const answer = await request(({ resolves }) => resolves(narrow));
      expect(answer).toMatchObject({ status: 403, code: "UNAUTHORIZED", challenge: null, ran: [] });
    });

    it("a key of which the store cannot say any more gets 503", async () => {
      const answer = await request(({ resolves, outage }) => {
        outage.isDown = true;
        resolves();
      });
      expect(answer).toMatchObject({ status: 503, code: "UNAVAILABLE", challenge: null, ran: [] });
    });
  });
});
