/** `mode: "report"`: nothing is refused, filtered or injected, and all that would have been is reported. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { createCaller, type Caller } from "../../src/index.js";
import { loadedOf, targets, withAccess, type GuardEvent } from "../../src/graphql/index.js";
import {
  callerOf,
  codesOf,
  executors,
  fixtureOf,
  OTHER,
  OWN,
  plain,
  ran,
  TABLE,
} from "./support-complete.js";
import { contextOf, type Context } from "./store-of-assets.js";

const SDL = /* GraphQL */ `
  union Hit = Asset | Note
  type Query {
    one(org: ID! @organization, lib: ID! @library): Int
    mine(org: ID @organization(whenOmitted: CALLERS), lib: ID! @library): Int
    search(libs: [ID!] @library(whenOmitted: REACHABLE)): [Asset!]
    asset: Asset
    must: Asset!
    hit: Hit @apiKey
    generated: [Asset]
    places: [Asset] @positional
    loaded(id: ID!): String
    wrapped(id: ID!): Int
    strict: Int @apiKey(level: WRITE)
  }
  type Mutation {
    change(lib: ID! @library): Int
    made: [Asset] @apiKey
  }
  type Note @unmarked(why: "public") {
    id: Int
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: Int
    other: Asset
  }
`;

const porto = { __typename: "Asset", id: 1, org: OWN, lib: "porto" };
const lisbon = { __typename: "Asset", id: 2, org: OWN, lib: "lisbon" };
const foreign = { __typename: "Asset", id: 3, org: OTHER, lib: "lisbon" };

const make = (mode: "report" | "enforce" = "report") =>
  fixtureOf(SDL, {
    mode,
    libraryIds: "global",
    introspection: "none",
    rules: {
      "Query.loaded": targets(({ id }: { id: string }, { loader }: Context) => loader.load(id)),
    },
    resolvers: {
      Query: {
        one: () => 1,
        mine: () => 1,
        search: () => [porto, lisbon, foreign],
        asset: () => ({ ...porto, other: { ...foreign } }),
        must: () => porto,
        hit: () => porto,
        generated: function* () {
          yield porto;
          yield lisbon;
        },
        places: () => new Set([porto, lisbon]),
        loaded: (_s: unknown, _a: unknown, _c: unknown, info: never) =>
          JSON.stringify(loadedOf<{ libraryId: string } | null>(info)?.libraryId ?? null),
        wrapped: withAccess(
          "read",
          ({ id }: { id: string }) => ({ organizationId: OWN, libraryId: id }),
          () => 1,
        ),
        strict: () => 1,
      },
      Mutation: { change: () => 1, made: () => [porto, lisbon] },
    },
  });

const reasonsOf = (events: readonly GuardEvent[]) => [
  ...new Set(
    events.map((event) =>
      event.type === "wouldRefuse" ? `${event.coordinate}: ${event.reason}` : event.type,
    ),
  ),
];

interface Row {
  readonly query: string;
  readonly data: unknown;
  readonly reported: readonly string[];
}

const rows: readonly Row[] = [
  {
    query: `{ one(org: "${OWN}", lib: "porto") }`,
    data: { one: 1 },
    reported: ["Query.one: library"],
  },
  {
    query: `{ one(org: "${OTHER}", lib: "lisbon") }`,
    data: { one: 1 },
    reported: ["Query.one: organization"],
  },
  {
    query: `{ one(org: "${OWN}", lib: "") }`,
    data: { one: 1 },
    reported: ["Query.one: unreadable"],
  },
  { query: '{ wrapped(id: "porto") }', data: { wrapped: 1 }, reported: ["Query.wrapped: library"] },
  {
    query: '{ loaded(id: "p1") }',
    data: { loaded: '"porto"' },
    reported: ["Query.loaded: library"],
  },
  {
    query: '{ loaded(id: "none") }',
    data: { loaded: "null" },
    reported: ["Query.loaded: library"],
  },
  {
    query: 'mutation { change(lib: "lisbon") }',
    data: { change: 1 },
    reported: ["Mutation.change: library"],
  },
  {
    query: "{ search { id } }",
    data: { search: [{ id: 1 }, { id: 2 }, { id: 3 }] },
    reported: ["Query.search: library"],
  },
  {
    query: "{ asset { id other { id } } }",
    data: { asset: { id: 1, other: { id: 3 } } },
    reported: ["Query.asset: library", "Asset.other: library"],
  },
  { query: "{ must { id } }", data: { must: { id: 1 } }, reported: ["Query.must: library"] },
  {
    query: "{ hit { ... on Asset { id } } }",
    data: { hit: { id: 1 } },
    reported: ["Query.hit: library"],
  },
  {
    query: "{ generated { id } }",
    data: { generated: [{ id: 1 }, { id: 2 }] },
    reported: ["Query.generated: library"],
  },
  {
    query: "{ places { id } }",
    data: { places: [{ id: 1 }, { id: 2 }] },
    reported: ["Query.places: library"],
  },
  {
    query: "mutation { made { id } }",
    data: { made: [{ id: 1 }, { id: 2 }] },
    reported: ["Mutation.made: library"],
  },
  {
    query: "{ __schema { queryType { name } } }",
    data: { __schema: { queryType: { name: "Query" } } },
    reported: ["Query.__schema: introspection"],
  },
];

describe.each(executors)("by %s", (_name, execute) => {
  it.each(rows)("$query runs, and is reported", async ({ query, data, reported }) => {
    const { send, events } = make();
    const answer = await send(query, { execute, context: contextOf() });
    expect(answer).toMatchObject({ outcome: "runs", errors: undefined, data });
    expect(reasonsOf(events)).toEqual(reported);
    expect(events[0]).toMatchObject({ callerId: "website", organizationId: OWN });
  });

  it.each(rows)("$query is refused or filtered by its twin", async ({ query, data }) => {
    const { send, events } = make("enforce");
    const answer = await send(query, { execute, context: contextOf() });
    expect(answer.data).not.toEqual(data);
    expect(events.every(({ type }) => type === "refused")).toBe(true);
  });

  it("@apiKey is reported too", async () => {
    const { send, events } = make();
    expect((await send("{ strict }", { caller: callerOf({ a: "read" }), execute })).data).toEqual({
      strict: 1,
    });
    expect(reasonsOf(events)).toEqual(["Query.strict: level"]);
  });

  it("nothing is injected: resolvers receive what was sent", async () => {
    const fixture = make();
    const received = () =>
      fixture.calls.filter(({ field }) => field.startsWith("Query")).map(({ args }) => args);
    await fixture.send('{ mine(lib: "lisbon") search { id } }', { execute });
    expect(received()).toEqual([{ lib: "lisbon" }, {}]);
    await fixture.send('{ mine(org: null, lib: "lisbon") search(libs: null) { id } }', { execute });
    expect(received()).toEqual([{ org: null, lib: "lisbon" }, { libs: null }]);
  });

  it("what is within reach is not reported", async () => {
    const { send, events } = make();
    const query = `{ one(org: "${OWN}", lib: "lisbon") wrapped(id: "lisbon") loaded(id: "l1") }`;
    expect((await send(query, { execute, context: contextOf() })).errors).toBeUndefined();
    expect(events).toEqual([]);
  });

  it("a context that was not checked is refused as ever", async () => {
    const { guard, calls } = make();
    for (const query of [
      `{ one(org: "${OWN}", lib: "lisbon") }`,
      "{ must { id } }",
      'mutation { change(lib: "barcelona") }',
      '{ wrapped(id: "lisbon") }',
    ]) {
      const result = (await execute({
        schema: guard.schema,
        document: parse(query),
        contextValue: {},
      })) as any;
      expect(codesOf(result.errors)).toMatchObject([[expect.any(String), "UNAUTHORIZED"]]);
      expect(Object.values(plain(result.data) ?? { x: null })).toEqual([null]);
    }
    expect(calls.filter(({ field }) => field !== "Query.must")).toEqual([]);
  });

  it("a key that died is refused as ever", async () => {
    const caller: Caller = createCaller({
      id: "website",
      version: 1,
      organizationId: OWN,
      access: TABLE,
      current: () => null,
    });
    const fixture = make();
    const query = 'mutation { a: change(lib: "porto") b: change(lib: "porto") }';
    const { data, errors } = await fixture.send(query, { caller, execute });
    expect([data, codesOf(errors)]).toEqual([{ a: 1, b: null }, [["b", "UNAUTHORIZED"]]]);
    expect(ran(fixture)).toEqual(["Mutation.change"]);
  });

  it("a request that is wrong in itself is answered as ever", async () => {
    const { send } = make();
    expect((await send("query ($l: ID!) { wrapped(id: $l) }", { execute })).outcome).toBe("errors");
  });

  it("loaders that fail are reported as such too", async () => {
    const { send, events } = fixtureOf("type Query { one(id: ID!): Int }", {
      mode: "report",
      types: "none",
      rules: {
        "Query.one": targets(() => {
          throw new Error("broken");
        }),
      },
      resolvers: { Query: { one: () => 1 } },
    });
    expect((await send('{ one(id: "a") }', { execute })).data).toEqual({ one: 1 });
    expect(reasonsOf(events)).toEqual(["loadFailed", "Query.one: library"]);
  });
});

it("scenario 46: every rule of a field that would refuse is one report a field", async () => {
  const { send, events } = make();
  await send(`{ a: one(org: "${OTHER}", lib: "porto") b: one(org: "${OWN}", lib: "porto") }`);
  expect(reasonsOf(events).toSorted()).toEqual(["Query.one: library", "Query.one: organization"]);
});

it("the manifest warns of it", () => {
  expect(make().guard.manifest().WARNING).toBe("Report only: this guard lets everything through.");
  expect(make("enforce").guard.manifest()).not.toHaveProperty("WARNING");
});

it("an object without a library is misconfigured, and leaves", async () => {
  const { send, events } = fixtureOf(
    'type Query { a: Asset } type Asset @inLibrary(organization: "org", id: "lib") { id: Int }',
    { mode: "report", resolvers: { Query: { a: () => ({ id: 1 }) } } },
  );
  expect((await send("{ a { id } }")).data).toEqual({ a: { id: 1 } });
  expect(reasonsOf(events)).toEqual(["misconfigured", "Query.a: library"]);
});
