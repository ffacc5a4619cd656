/** What was loaded before execution, at the second lock and in resolvers. */
import { parse, type GraphQLResolveInfo } from "graphql";
import { describe, expect, it } from "vitest";
import { createCaller, type Caller } from "../../src/index.js";
import { loadedOf, targets } from "../../src/graphql/index.js";
import {
  codesOf,
  executors,
  fixtureOf,
  OWN,
  ran,
  TABLE,
  type Fixture,
} from "./support-complete.js";
import { asset, contextOf, stored, type Asset, type Context } from "./store-of-assets.js";

const SDL = /* GraphQL */ `
  scalar Stamp
  input Filter {
    id: ID!
    more: [Filter!]
    name: String
  }
  type Query {
    asset(id: ID!): String
    found(filter: Filter!): String
    stamped(id: ID!, at: Stamp!): String
    pair(id: ID!, other: ID!): String
    plain: String @apiKey
    hall: Hall @apiKey
  }
  type Mutation {
    delete(id: ID!): String
  }
  type Hall {
    first(id: ID!): String
    self: [Hall]
  }
`;

type Resolve = (
  source: unknown,
  args: never,
  context: Context,
  info: GraphQLResolveInfo,
) => unknown;

const nameOf: Resolve = (_source, _args, _context, info) => {
  const found = loadedOf<Asset>(info);
  return `${found.id} in ${found.libraryId}`;
};

function make(): Fixture & { readonly asked: string[] } {
  const asked: string[] = [];
  const load = (id: string, { loader }: Context) => {
    asked.push(id);
    return loader.load(id);
  };
  const byId = targets(({ id }: { id: string }, context: Context) => load(id, context));
  const other = targets(({ other }: { other: string }, context: Context) => load(other, context));
  const byFilter = targets(({ filter }: { filter: { id: string } }, context: Context) =>
    load(filter.id, context),
  );
  const fixture = fixtureOf(SDL, {
    types: "none",
    organization: "callers",
    rules: {
      "Query.asset": byId,
      "Query.found": byFilter,
      "Query.stamped": byId,
      "Query.pair": [byId, other],
      "Mutation.delete": byId,
      "Hall.first": byId,
    },
    resolvers: {
      Query: {
        asset: nameOf,
        found: nameOf,
        stamped: nameOf,
        pair: (_s: unknown, _a: unknown, _c: unknown, info: GraphQLResolveInfo) =>
          loadedOf<readonly Asset[]>(info)
            .map(({ id }) => id)
            .join(),
        plain: (_s: unknown, _a: unknown, _c: unknown, info: GraphQLResolveInfo) => loadedOf(info),
        hall: () => ({ self: [{}, {}, {}] }),
      },
      Mutation: { delete: nameOf },
      Hall: { first: nameOf },
    },
  });
  // Of graphql 16 and of 17.
  const parse = (value: number) => new Date(value);
  Object.assign(fixture.guard.schema.getType("Stamp")!, {
    parseValue: parse,
    coerceInputValue: parse,
  });
  return { ...fixture, asked };
}

describe.each(executors)("by %s", (_name, execute) => {
  it("a resolver gets what was loaded, and nothing is loaded twice", async () => {
    const { send, asked } = make();
    const context = contextOf();
    const { data, errors } = await send('{ a: asset(id: "b1") b: asset(id: "l1") }', {
      context,
      execute,
    });
    expect([errors, data]).toEqual([undefined, { a: "b1 in barcelona", b: "l1 in lisbon" }]);
    expect([asked, context.loader.batches.length]).toEqual([["b1", "l1"], 1]);
  });

  it("of several loaders it gets all answers, in the order of the rules", async () => {
    const { send, asked } = make();
    const { data } = await send('{ pair(id: "b1", other: "l1") }', {
      context: contextOf(),
      execute,
    });
    expect([data, asked]).toEqual([{ pair: "b1,l1" }, ["b1", "l1"]]);
  });

  it("below lists nothing is loaded again for every item", async () => {
    const { send, asked } = make();
    const { data } = await send('{ hall { self { first(id: "b1") } } }', {
      context: contextOf(),
      execute,
    });
    expect(data.hall.self).toEqual(Array.from({ length: 3 }, () => ({ first: "b1 in barcelona" })));
    expect(asked).toEqual(["b1"]);
  });

  it("input objects that are equal are the same", async () => {
    const { send, asked } = make();
    const filter = { id: "b1", more: [{ id: "x", more: [] }], name: null };
    const query = "query ($filter: Filter!) { found(filter: $filter) }";
    const sent = { context: contextOf(), execute, variables: { filter } };
    expect(
      (await send(query, { ...sent, swapped: { filter: structuredClone(filter) } })).errors,
    ).toBeUndefined();
    expect(asked).toEqual(["b1"]);
    for (const swapped of [
      { ...filter, name: "x" },
      { ...filter, more: [] },
      { ...filter, more: [{ id: "y", more: [] }] },
      { id: "b1", more: filter.more },
      { ...filter, more: null },
    ]) {
      asked.length = 0;
      const again = { ...sent, context: contextOf(), swapped: { filter: swapped } };
      expect((await send(query, again)).errors).toBeUndefined();
      expect(asked).toEqual(["b1", "b1"]);
    }
  });

  it("values of scalars that cannot be compared are loaded again", async () => {
    const { send, asked } = make();
    const { errors } = await send('query ($at: Stamp!) { stamped(id: "b1", at: $at) }', {
      context: contextOf(),
      execute,
      variables: { at: 5 },
    });
    expect([errors, asked.length]).toEqual([undefined, 2]);
  });

  it("scenario 93: other arguments than those that were checked are loaded and judged", async () => {
    const { send, asked } = make();
    const query = "query ($id: ID!) { asset(id: $id) }";
    const swap = (id: string) =>
      send(query, { context: contextOf(), execute, variables: { id: "b1" }, swapped: { id } });
    expect((await swap("l1")).data).toEqual({ asset: "l1 in lisbon" });
    expect(asked).toEqual(["b1", "l1"]);
    for (const id of ["p1", "x1", "none"]) {
      const { data, errors } = await swap(id);
      expect([data, codesOf(errors)]).toEqual([{ asset: null }, [["asset", "UNAUTHORIZED"]]]);
    }
  });

  it.each([
    ["p1", "l1"],
    ["b1", "p1"],
    ["none", "b1"],
  ])("scenario 93: both %s and %s must be within reach", async (id, other) => {
    const { send } = make();
    const { data, errors } = await send(
      "query ($id: ID!, $other: ID!) { pair(id: $id, other: $other) }",
      {
        context: contextOf(),
        execute,
        variables: { id: "b1", other: "l1" },
        swapped: { id, other },
      },
    );
    expect([data, errors!.map(({ message }) => message)]).toEqual([
      { pair: null },
      ['"pair" needs read access to a library or organization that this key does not reach.'],
    ]);
  });

  it("scenario 52: another document than the one that was checked is loaded and judged", async () => {
    const { guard, asked, calls } = make();
    const context = contextOf();
    const caller = createCaller({ id: "website", version: 1, organizationId: OWN, access: TABLE });
    expect(await guard.check({ document: parse('{ asset(id: "b1") }'), caller, context })).toEqual({
      ok: true,
    });
    const run = async (query: string): Promise<any> =>
      execute({ schema: guard.schema, document: parse(query), contextValue: context });
    expect((await run('{ asset(id: "l1") }')).errors).toBeUndefined();
    expect((await run('{ asset(id: "p1") }')).errors).toHaveLength(1);
    expect([asked, calls.length]).toEqual([["b1", "l1", "p1"], 1]);
  });

  it("scenario 68: what moved since an earlier operation is loaded anew, also with the same context", async () => {
    const { send } = make();
    const assets = new Map(stored());
    const context = contextOf(assets);
    const document = parse('{ asset(id: "b1") }');
    expect((await send(document, { context, execute })).data).toEqual({ asset: "b1 in barcelona" });
    assets.set("b1", asset("b1", "lisbon"));
    expect((await send(document, { context, execute })).data).toEqual({ asset: "b1 in lisbon" });
    assets.set("b1", asset("b1", "porto"));
    expect((await send(document, { context, execute })).outcome).toBe("library");
  });

  it("scenario 95: what was loaded is judged by the caller as it is at each field of a mutation", async () => {
    const narrowed = (): Caller =>
      createCaller({
        id: "website",
        version: 2,
        organizationId: OWN,
        access: { barcelona: "read" },
      });
    const caller = createCaller({
      id: "website",
      version: 1,
      organizationId: OWN,
      access: TABLE,
      current: narrowed,
    });
    const fixture = make();
    const { data, errors } = await fixture.send(
      'mutation { a: delete(id: "b1") b: delete(id: "b2") }',
      {
        context: contextOf(),
        caller,
        execute,
      },
    );
    expect([data, codesOf(errors)]).toEqual([
      { a: "b1 in barcelona", b: null },
      [["b", "UNAUTHORIZED"]],
    ]);
    expect(ran(fixture)).toEqual(["Mutation.delete"]);
  });

  it("a field without targets() has nothing that was loaded", async () => {
    const { send } = make();
    const { errors } = await send("{ plain }", { execute });
    expect(errors![0]!.message).toBe("Nothing was loaded for this field: give it targets().");
  });

  it("a loader that fails at the second lock refuses as well", async () => {
    let calls = 0;
    const { send, events } = fixtureOf("type Query { one(id: ID!): Int }", {
      types: "none",
      rules: {
        "Query.one": targets(() => {
          if (calls++ > 0) throw new Error("broken");
          return { organizationId: OWN, libraryId: "lisbon" };
        }),
      },
    });
    const query = "query ($id: ID!) { one(id: $id) }";
    const { errors } = await send(query, { variables: { id: "a" }, swapped: { id: "b" }, execute });
    expect(codesOf(errors)).toEqual([["one", "UNAUTHORIZED"]]);
    expect(events.map(({ type }) => type)).toEqual(["loadFailed"]);
  });
});
