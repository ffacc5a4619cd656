/** The second lock: what `guard.schema` refuses by itself, whatever was checked before. */
import { GraphQLID, parse } from "graphql";
import { describe, expect, it } from "vitest";
import type { Guard } from "../../src/graphql/index.js";
import { renew, stateOf } from "../../src/graphql/contexts.js";
import { rejectionsOf } from "../support/rejections.js";
import { callerOf, executeWith, fixtureOf, OTHER, OWN, type Fixture } from "./fixtures.js";

const SDL = /* GraphQL */ `
  type Query {
    one(organizationId: ID! @organization, libraryId: ID! @library): Int
    any: Int @apiKey
    writes: Int @apiKey(level: WRITE)
    assets: [Asset!]!
    asset: Asset
    search(libraries: [ID!] @library(whenOmitted: REACHABLE)): [Asset]
    hall(organizationId: ID! @organization): Hall @apiKey
    open: Plain @apiKey
  }
  type Mutation {
    change(organizationId: ID! @organization, libraryId: ID! @library): Int
    make: Asset @apiKey
    free: Hall @apiKey(level: READ)
  }
  type Hall {
    books(lib: ID! @library(level: WRITE)): Int
    cards(card: ID! @library): Int
  }
  type Plain {
    name: String
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: Int
  }
`;

const lisbon = { id: 1, org: OWN, lib: "lisbon" };
const porto = { id: 2, org: OWN, lib: "porto" };

const fixture = (): Fixture =>
  fixtureOf(SDL, {
    libraryIds: "global",
    resolvers: {
      Query: { assets: () => [lisbon, porto], asset: () => lisbon },
      Mutation: { make: () => lisbon },
    },
  });

const ONE = `{ one(organizationId: "${OWN}", libraryId: "lisbon") }`;
const ANY = parse("{ any }");

/** Checks an operation, and answers the context that this unlocks. */
async function unlock(guard: Guard, caller = callerOf(), document = ANY): Promise<object> {
  const context = {};
  expect(await guard.check({ document, caller, context })).toEqual({ ok: true });
  return context;
}

describe("a context that no guard let through", () => {
  const { guard, calls } = fixture();
  const queries = [
    ONE,
    "{ any }",
    "{ assets { id } }",
    "{ asset { id } }",
    "{ search { id } }",
    `mutation { change(organizationId: "${OWN}", libraryId: "barcelona") }`,
    "mutation { make { id } }",
    "mutation { make { id } again: make { id } }",
  ];
  const contexts: readonly unknown[] = [
    undefined,
    null,
    {},
    5,
    "caller",
    { caller: callerOf() },
    [],
    () => 1,
  ];

  it.each(queries)("gets nothing: %s", async (query) => {
    for (const contextValue of contexts) {
      const { data, errors } = await executeWith(guard.schema, {
        document: parse(query),
        contextValue,
      });
      expect(new Set(Object.values(data ?? { x: null }))).toEqual(new Set([null]));
      for (const { extensions } of errors!) expect(extensions).toEqual({ code: "UNAUTHORIZED" });
    }
    expect(calls).toEqual([]);
  });

  it.each([null, undefined])("gets %s where a marked object would be", async (nothing) => {
    const { guard } = fixtureOf(SDL, {
      libraryIds: "global",
      resolvers: { Query: { asset: () => nothing } },
    });
    const document = parse("{ __typename asset { id } }");
    expect((await executeWith(guard.schema, { document })).data).toEqual({
      __typename: "Query",
      asset: null,
    });
  });

  it("gets nothing of another guard's schema either", async () => {
    const [a, b] = [fixture(), fixture()];
    const contextValue = await unlock(a.guard);
    const document = parse(ONE);
    expect((await executeWith(b.guard.schema, { document, contextValue })).data).toEqual({
      one: null,
    });
    expect((await executeWith(a.guard.schema, { document, contextValue })).data).toEqual({
      one: 1,
    });
    expect(await b.guard.check({ document, caller: callerOf(), context: contextValue })).toEqual({
      ok: true,
    });
    expect((await executeWith(b.guard.schema, { document, contextValue })).data).toEqual({
      one: 1,
    });
    expect((await executeWith(a.guard.schema, { document, contextValue })).data).toEqual({
      one: 1,
    });
  });

  it("gets nothing after a refusal", async () => {
    const context = {};
    const document = parse(ONE);
    const caller = callerOf({ porto: "write" });
    expect(await guard.check({ document, caller, context })).toMatchObject({ ok: false });
    const { errors } = await executeWith(guard.schema, { document, contextValue: context });
    expect(errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
  });
});

describe("another operation than the one that was checked", () => {
  const rows: readonly (readonly [document: string, allowed: boolean])[] = [
    [ONE, true],
    [ONE.replace("lisbon", "porto"), false],
    [ONE.replace(OWN, OTHER), false],
    [`{ one(organizationId: "${OWN}", libraryId: "") }`, false],
    ["{ writes }", true],
    [`mutation { change(organizationId: "${OWN}", libraryId: "barcelona") }`, true],
    [`mutation { change(organizationId: "${OWN}", libraryId: "lisbon") }`, false],
    [`{ hall(organizationId: "${OWN}") { books(lib: "barcelona") } }`, true],
    [`{ hall(organizationId: "${OWN}") { books(lib: "lisbon") } }`, false],
    [`{ hall(organizationId: "${OWN}") { cards(card: "lisbon") } }`, true],
    ['mutation { free { cards(card: "barcelona") } }', true],
    ['mutation { free { cards(card: "lisbon") } }', false],
    ["{ search { id } }", true],
  ];

  it.each(rows)("is judged field by field: %s %s", async (query, allowed) => {
    const { guard, calls } = fixture();
    const contextValue = await unlock(guard);
    const { errors } = await executeWith(guard.schema, { document: parse(query), contextValue });
    expect(errors?.map(({ extensions }) => extensions["code"])).toEqual(
      allowed ? undefined : ["UNAUTHORIZED"],
    );
    expect(
      calls.filter(({ args }) => Object.keys(args).some((name) => name !== "organizationId"))
        .length,
    ).toBe(allowed && query !== "{ writes }" ? 1 : 0);
  });

  it("asks the level of a key again", async () => {
    const { guard, calls } = fixture();
    const contextValue = await unlock(guard, callerOf({ lisbon: "read" }));
    const answer = await executeWith(guard.schema, { document: parse("{ writes }"), contextValue });
    expect(answer.data).toEqual({ writes: null });
    expect(answer.errors![0]!.message).toBe(
      '"writes" needs a key with write access to some library.',
    );
    expect(calls).toEqual([]);
  });
});

describe("scenario 93: variables swapped between check and execution", () => {
  const query = 'query ($l: ID!) { one(organizationId: "monogram-labs", libraryId: $l) }';

  it.each([
    ["lisbon", "porto", null],
    ["lisbon", "barcelona", 1],
  ])("from %s to %s", async (l, swapped, one) => {
    const { send, calls } = fixture();
    const { outcome, data } = await send(query, { variables: { l }, swapped: { l: swapped } });
    expect([outcome, data]).toEqual(["runs", { one }]);
    expect(calls.map(({ args }) => args["libraryId"])).toEqual(one === null ? [] : [swapped]);
  });

  it("scenario 53: nested in lists and input objects", async () => {
    const { send, calls } = fixtureOf(
      "input In { all: [Part!] } input Part { lib: ID! @library } type Query { one(in: In): Int }",
      { organization: "callers", types: "none" },
    );
    const sent = {
      variables: { l: [{ lib: "lisbon" }] },
      swapped: { l: [{ lib: "lisbon" }, { lib: "porto" }] },
    };
    expect((await send("query ($l: [Part!]) { one(in: { all: $l }) }", sent)).data).toEqual({
      one: null,
    });
    expect(calls).toEqual([]);
    const none = { variables: { l: [{ lib: "lisbon" }] }, swapped: { l: [] } };
    expect(
      (await send("query ($l: [Part!]) { one(in: { all: $l }) }", none)).errors![0]!.message,
    ).toBe('"one" leaves out a library or organization that it must name.');
  });
});

describe("a refusal in each item of a list, the first of them late", () => {
  const sdl = /* GraphQL */ `
    type Query {
      any: Int @apiKey
      rooms: [Room!] @apiKey
    }
    type Room {
      shelf: Shelf!
    }
    type Shelf {
      books(lib: ID! @library): Int!
    }
  `;
  const document = parse('{ rooms { shelf { books(lib: "porto") } } }');

  it.each(["checked for something else", "dead"])("leaves no rejection behind: %s", async (why) => {
    let alive = true;
    const caller = callerOf(why === "dead" ? { porto: "read" } : {}, {
      current: () => (alive ? caller : null),
    });
    const rooms = () => [{ shelf: Promise.resolve({}) }, { shelf: {} }];
    const { guard, calls } = fixtureOf(sdl, {
      libraryIds: "global",
      types: "none",
      resolvers: {
        Query: {
          rooms: async () => {
            alive = why !== "dead";
            await renew(stateOf(contextValue)!);
            return rooms();
          },
        },
      },
    });
    const checked = why === "dead" ? document : ANY;
    const contextValue = await unlock(guard, caller, checked);
    const rejections = await rejectionsOf(async () => {
      const { data } = await executeWith(guard.schema, { document, contextValue });
      expect(data).toEqual({ rooms: null });
    });
    expect(rejections).toEqual([]);
    expect(calls.filter(({ field }) => field === "Shelf.books")).toEqual([]);
  });
});

describe("what a host or a resolver puts into its context", () => {
  it("changes nothing: the caller is who was checked", async () => {
    const { guard, calls } = fixture();
    const document = parse(ONE.replace("lisbon", "porto"));
    const context = await unlock(guard);
    Object.assign(context, { caller: callerOf({ porto: "write" }) });
    expect((await executeWith(guard.schema, { document, contextValue: context })).data).toEqual({
      one: null,
    });
    expect(calls).toEqual([]);
    // A copy of the context is not the context.
    const copy = { ...context };
    expect(
      (await executeWith(guard.schema, { document: parse(ONE), contextValue: copy })).data,
    ).toEqual({ one: null });
  });
});

describe("a context of two callers", () => {
  const document = parse(ONE);
  const message = "The context object serves two callers: make a new one for every operation.";

  it("is a mistake of the host", async () => {
    const { guard } = fixture();
    const context = {};
    const check = (caller = callerOf()) => guard.check({ document, caller, context });
    expect(await check()).toEqual({ ok: true });
    await expect(check(callerOf(undefined, { id: "other" }))).rejects.toThrow(
      new TypeError(message),
    );
    const foreign = callerOf({ lisbon: "read" }, { organizationId: OTHER });
    await expect(guard.check({ document: ANY, caller: foreign, context })).rejects.toThrow(
      new TypeError(message),
    );
    expect(await check()).toEqual({ ok: true });
  });

  it("of one caller, read anew, is that caller's as it is now", async () => {
    const { guard } = fixture();
    const context = await unlock(guard);
    expect(
      await guard.check({ document: ANY, caller: callerOf({}, { version: 2 }), context }),
    ).toEqual({ ok: true });
    expect((await executeWith(guard.schema, { document, contextValue: context })).data).toEqual({
      one: null,
    });
  });

  it("of one caller stays at what was read last, whatever is checked later", async () => {
    const { guard } = fixture();
    const context = await unlock(guard, callerOf({}, { version: 2 }));
    expect(await guard.check({ document: ANY, caller: callerOf(), context })).toEqual({ ok: true });
    const { data } = await executeWith(guard.schema, { document, contextValue: context });
    expect(data).toEqual({ one: null });
  });
});

describe("an executor that leaves undefined in a list", () => {
  it("has named nothing", async () => {
    const { guard } = fixture();
    const search = guard.schema.getQueryType()!.getFields()["search"]!;
    const context = await unlock(guard);
    const info = {
      path: { typename: "Query" },
      fieldName: "search",
      parentType: { name: "Query" },
      returnType: search.type,
      operation: { operation: "query" },
    } as never;
    const call = (libraries: unknown) => search.resolve!({}, { libraries }, context, info);
    for (const libraries of [[undefined], ["lisbon", undefined], [null]]) {
      await expect(call(libraries)).rejects.toThrow("leaves out a library");
    }
    await call(undefined);
  });
});

describe("an executor that leaves the types out of the path", () => {
  it("gets what needs write, if it can have that", async () => {
    const { guard } = fixture();
    const cards = (
      guard.schema.getType("Hall") as never as {
        getFields(): Record<string, { resolve: Function }>;
      }
    ).getFields()["cards"]!;
    const context = await unlock(guard);
    const info = {
      path: { key: "cards", prev: { key: "hall" } },
      fieldName: "cards",
      parentType: { name: "Hall" },
      returnType: GraphQLID,
      operation: { operation: "query" },
      variableValues: {},
    };
    await expect(cards.resolve({}, { card: "lisbon" }, context, info)).rejects.toThrow(
      "needs write access",
    );
    await cards.resolve({}, { card: "barcelona" }, context, info);
  });
});
