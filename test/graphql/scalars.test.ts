/** Ids whose values inside the server are not what clients write: enums, custom scalars, input objects in code. */
import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLID,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  versionInfo,
  type GraphQLInputType,
} from "graphql";
import { describe, expect, it } from "vitest";
import { library, type Rules } from "../../src/graphql/index.js";
import { callerOf, fixtureOf, type Fixture } from "./fixtures.js";

/** A query with one field that takes this argument. */
function fixtureFor(
  type: GraphQLInputType,
  rules: Rules = { "Query.one(place:)": library() },
): Fixture {
  const query = new GraphQLObjectType({
    name: "Query",
    fields: { one: { type: GraphQLInt, args: { place: { type } } } },
  });
  const schema = new GraphQLSchema({ query });
  return fixtureOf(schema, { rules, organization: "callers", types: "none" });
}

const place = (values: Record<string, unknown>) =>
  new GraphQLEnumType({
    name: "Place",
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
  });

const scalar = (parse: (value: unknown) => unknown) =>
  new GraphQLScalarType({ name: "Slug", parseValue: parse });

describe("an enum", () => {
  const { send, calls } = fixtureFor(
    place({
      A: "barcelona",
      B: "porto",
      barcelona: "madrid",
      FIVE: 5,
      SIX: 6,
      ODD: { id: "barcelona" },
    }),
  );
  const caller = callerOf({ barcelona: "read", "5": "read" });
  const rows = [
    ["A", "runs"],
    ["B", "library"],
    ["barcelona", "library"],
    ["FIVE", "runs"],
    ["SIX", "library"],
    ["ODD", "unreadable"],
  ] as const;

  it.each(rows)("is judged by its internal value: %s %s", async (name, outcome) => {
    expect((await send(`{ one(place: ${name}) }`, { caller })).outcome).toBe(outcome);
    const query = "query ($v: Place) { one(place: $v) }";
    expect((await send(query, { caller, variables: { v: name } })).outcome).toBe(outcome);
    expect(calls).toHaveLength(outcome === "runs" ? 1 : 0);
  });
});

describe("a variable of another type than its argument, which nobody validated", () => {
  const names = place({ lisbon: "porto", porto: "lisbon" });
  const query = new GraphQLObjectType({
    name: "Query",
    fields: { one: { type: GraphQLInt, args: { l: { type: GraphQLID } } } },
  });
  const { send, calls } = fixtureOf(new GraphQLSchema({ query, types: [names] }), {
    rules: { "Query.one(l:)": library() },
    organization: "callers",
    types: "none",
  });

  it.each([
    ["query ($v: Place) { one(l: $v) }", "lisbon", "library"],
    ["query ($v: Place) { one(l: $v) }", "porto", "runs"],
    ["query ($v: ID, $v: Place) { one(l: $v) }", "lisbon", "library"],
  ])("is judged by what it is parsed to: %s %s", async (document, v, outcome) => {
    expect((await send(document, { variables: { v } })).outcome).toBe(outcome);
    expect(calls.map(({ args }) => args)).toEqual(outcome === "runs" ? [{ l: "lisbon" }] : []);
  });
});

describe("a custom scalar", () => {
  const caller = callerOf({ barcelona: "read", "5": "read", "10": "read" });
  const values: readonly (readonly [value: unknown, outcome: string])[] = [
    ["barcelona", "runs"],
    ["Barcelona", "library"],
    ["barcelona ", "library"],
    ["b\u0430rcelona", "library"],
    ["", "unreadable"],
    [5, "runs"],
    [6, "library"],
    [5n, "runs"],
    [6n, "library"],
    [1e21, "unreadable"],
    [5.5, "unreadable"],
    [NaN, "unreadable"],
    [true, "unreadable"],
    [Symbol("barcelona"), "unreadable"],
    [{ toString: () => "barcelona" }, "unreadable"],
    [new String("barcelona"), "unreadable"],
    [() => "barcelona", "unreadable"],
    [["barcelona"], "runs"],
    [["porto"], "library"],
    [[], "missing"],
    [[null], "missing"],
    [[undefined], "missing"],
    [["barcelona", ["5", 5]], "runs"],
    [["barcelona", ["5", 6]], "library"],
  ];

  it.each(values)("is judged by what it is parsed to: %s is %s", async (value, outcome) => {
    const { send, calls } = fixtureFor(scalar(() => value));
    expect((await send('{ one(place: "x") }', { caller })).outcome).toBe(outcome);
    const query = "query ($v: Slug) { one(place: $v) }";
    expect((await send(query, { caller, variables: { v: "x" } })).outcome).toBe(outcome);
    expect(calls).toHaveLength(outcome === "runs" ? 1 : 0);
  });

  it("scenario 32: is parsed again for the resolver, which does not run if the value differs then", async () => {
    let parsed = 0;
    const { send, calls } = fixtureFor(scalar(() => (parsed++ % 2 === 0 ? "barcelona" : "porto")));
    const { outcome, errors, data } = await send("query ($v: Slug) { one(place: $v) }", {
      variables: { v: "x" },
    });
    expect([outcome, data, calls]).toEqual(["runs", { one: null }, []]);
    expect(errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
    expect(errors![0]!.path).toEqual(["one"]);
  });

  it("that throws is the executor's own error", async () => {
    const { send, calls } = fixtureFor(
      scalar(() => {
        throw new TypeError("not a slug");
      }),
    );
    const { outcome, errors } = await send("query ($v: Slug) { one(place: $v) }", {
      variables: { v: "x" },
    });
    expect([outcome, calls]).toEqual(["errors", []]);
    expect(errors![0]!.message).toContain("not a slug");
    expect(errors![0]!.extensions).toEqual({});
  });
});

// graphql 17 takes no such schema
const only16 = versionInfo.major === 16 ? describe : () => {};

only16("a scalar that only calls itself ID", () => {
  it("is judged by what it is parsed to, not by what was sent", async () => {
    const id = new GraphQLScalarType({ name: "ID", parseValue: (value) => `x-${String(value)}` });
    const { send, calls } = fixtureFor(id);
    const query = "query ($v: ID) { one(place: $v) }";
    const answers = [
      await send(query, { variables: { v: "barcelona" } }),
      await send('{ one(place: "barcelona") }'),
    ];
    expect(answers.map(({ outcome }) => outcome)).toEqual(["library", "library"]);
    expect(calls).toEqual([]);
    const caller = callerOf({ "x-barcelona": "read" });
    expect((await send(query, { caller, variables: { v: "barcelona" } })).outcome).toBe("runs");
    expect(calls[0]!.args).toEqual({ place: "x-barcelona" });
  });
});

describe("input objects in code", () => {
  const rules: Rules = { "Where.at": library() };

  it("are judged after their defaults are filled in", async () => {
    const where = (defaultValue: string) =>
      new GraphQLInputObjectType({
        name: "Where",
        fields: { at: { type: GraphQLID, defaultValue }, note: { type: GraphQLInt } },
      });
    const good = fixtureFor(new GraphQLNonNull(where("barcelona")), rules);
    const bad = fixtureFor(new GraphQLNonNull(where("porto")), rules);
    for (const query of ["{ one(place: {}) }", "{ one(place: { note: 1 }) }"]) {
      expect((await good.send(query)).outcome).toBe("runs");
      expect(good.calls[0]!.args).toMatchObject({ place: { at: "barcelona" } });
      expect((await bad.send(query)).outcome).toBe("library");
      expect(bad.calls).toEqual([]);
    }
    expect((await good.send("{ one(place: { at: null }) }")).outcome).toBe("missing");
  });

  it("that refer to themselves and to each other are judged at any depth", async () => {
    const node: GraphQLInputObjectType = new GraphQLInputObjectType({
      name: "Node",
      fields: () => ({ next: { type: where }, all: { type: new GraphQLList(node) } }),
    });
    const where: GraphQLInputObjectType = new GraphQLInputObjectType({
      name: "Where",
      fields: () => ({ at: { type: GraphQLID }, node: { type: node } }),
    });
    const { send } = fixtureFor(where, rules);
    const query = (id: string) =>
      `{ one(place: { at: "lisbon", node: { all: [{ next: { at: "${id}" } }, null] } }) }`;
    expect((await send(query("barcelona"))).outcome).toBe("runs");
    expect((await send(query("porto"))).outcome).toBe("library");
  });

  it("with a null for a list of ids", async () => {
    const { send } = fixtureFor(new GraphQLList(GraphQLID));
    expect((await send('{ one(place: ["barcelona"]) }')).outcome).toBe("runs");
    expect((await send('{ one(place: ["barcelona", null]) }')).outcome).toBe("missing");
    expect((await send("{ one(place: [null]) }")).outcome).toBe("missing");
    expect((await send("{ one(place: null) }")).outcome).toBe("missing");
  });
});
