/** Every way in which an operation can name a library: one within reach, and its twin that is not. */
import { describe, expect, it } from "vitest";
import { callerOf, fixtureOf, plain, type Sent } from "./fixtures.js";

const SDL = /* GraphQL */ `
  input Where {
    libraryId: ID! @library
    note: Int
  }
  input Outer {
    where: Where
    all: [Where!]
    deep: [[Where!]!]
  }
  input Tree {
    libraryId: ID! @library
    and: [Tree!]
    not: Tree
  }
  input Defaulted {
    libraryId: ID! = "barcelona" @library
    note: Int
  }
  input Loose {
    sourceId: ID @library
    targetId: ID @library
    next: [Loose]
  }
  type Query {
    one(libraryId: ID! @library): Int
    text(libraryId: String! @library): Int
    optional(libraryId: ID @library): Int
    two(sourceId: ID! @library, targetId: ID! @library): Int
    many(libraries: [ID!]! @library): Int
    nested(libraries: [[ID!]!]! @library): Int
    number(libraryId: Int! @library): Int
    byDefault(libraryId: ID! = "barcelona" @library): Int
    byOptionalDefault(libraryId: ID = "barcelona" @library): Int
    listDefault(libraries: [ID!]! = ["lisbon", "barcelona"] @library): Int
    inside(filter: Where!): Int
    outer(outer: Outer!): Int
    list(filters: [Where!]!): Int
    lists(filters: [[Where!]!]!): Int
    tree(tree: Tree!): Int
    inputDefault(filter: Defaulted! = {}): Int
    objectDefault(filter: Where! = { libraryId: "barcelona" }): Int
    beside(libraryId: ID! @library, filter: Where): Int
    loose(loose: Loose!): Int
    looseList(list: [Loose!]!): Int
  }
`;

interface Row {
  readonly name: string;
  readonly query: (id: string) => string;
  readonly variables?: (id: string) => Record<string, unknown>;
  /** What the resolver receives. */
  readonly receives: (id: string) => unknown;
  /** One within reach and one that is not. Default: barcelona and porto. */
  readonly ids?: readonly [string, string];
}

const q = JSON.stringify;
const numbers = ["5", "6"] as const;
const libraryId = (id: string) => ({ libraryId: id });

const rows: readonly Row[] = [
  { name: "a literal", query: (id) => `{ one(libraryId: ${q(id)}) }`, receives: libraryId },
  { name: "a block string", query: (id) => `{ one(libraryId: """${id}""") }`, receives: libraryId },
  {
    name: "an escaped literal",
    query: (id) => `{ one(libraryId: "\\u00${id.charCodeAt(0).toString(16)}${id.slice(1)}") }`,
    receives: libraryId,
  },
  {
    name: "a String argument",
    query: (id) => `{ text(libraryId: ${q(id)}) }`,
    receives: libraryId,
  },
  {
    name: "a variable",
    query: () => "query ($v: ID!) { one(libraryId: $v) }",
    variables: (v) => ({ v }),
    receives: libraryId,
  },
  {
    name: "a variable of the other text type",
    query: () => "query ($v: String!) { text(libraryId: $v) }",
    variables: (v) => ({ v }),
    receives: libraryId,
  },
  {
    name: "the last of two targets",
    query: (id) => `{ two(sourceId: "barcelona", targetId: ${q(id)}) }`,
    receives: (id) => ({ sourceId: "barcelona", targetId: id }),
  },
  {
    name: "the first of two targets, one a variable",
    query: (id) => `query ($v: ID!) { two(sourceId: ${q(id)}, targetId: $v) }`,
    variables: () => ({ v: "lisbon" }),
    receives: (id) => ({ sourceId: id, targetId: "lisbon" }),
  },
  {
    name: "a variable's default",
    query: (id) => `query ($v: ID! = ${q(id)}) { one(libraryId: $v) }`,
    receives: libraryId,
  },
  {
    name: "a variable instead of its default",
    query: () => `query ($v: ID! = "barcelona") { one(libraryId: $v) }`,
    variables: (v) => ({ v }),
    receives: libraryId,
  },
  {
    name: "a variable instead of the argument's default",
    query: () => "query ($v: ID!) { byDefault(libraryId: $v) }",
    variables: (v) => ({ v }),
    receives: libraryId,
  },
  {
    name: "a literal instead of the argument's default",
    query: (id) => `{ byOptionalDefault(libraryId: ${q(id)}) }`,
    receives: libraryId,
  },
  {
    name: "a nullable argument",
    query: (id) => `{ optional(libraryId: ${q(id)}) }`,
    receives: libraryId,
  },
  {
    name: "one of a list",
    query: (id) => `{ many(libraries: ["barcelona", ${q(id)}, "lisbon"]) }`,
    receives: (id) => ({ libraries: ["barcelona", id, "lisbon"] }),
  },
  {
    name: "a list in a variable",
    query: () => "query ($v: [ID!]!) { many(libraries: $v) }",
    variables: (id) => ({ v: ["lisbon", id] }),
    receives: (id) => ({ libraries: ["lisbon", id] }),
  },
  {
    name: "a variable in a list",
    query: () => `query ($v: ID!) { many(libraries: ["lisbon", $v]) }`,
    variables: (v) => ({ v }),
    receives: (id) => ({ libraries: ["lisbon", id] }),
  },
  {
    name: "a literal coerced to a list",
    query: (id) => `{ many(libraries: ${q(id)}) }`,
    receives: (id) => ({ libraries: [id] }),
  },
  {
    name: "a variable coerced to a list",
    query: () => "query ($v: [ID!]!) { many(libraries: $v) }",
    variables: (v) => ({ v }),
    receives: (id) => ({ libraries: [id] }),
  },
  {
    name: "a nested list",
    query: (id) => `{ nested(libraries: [["barcelona"], ["lisbon", ${q(id)}]]) }`,
    receives: (id) => ({ libraries: [["barcelona"], ["lisbon", id]] }),
  },
  {
    name: "a literal coerced to a nested list",
    query: (id) => `{ nested(libraries: ${q(id)}) }`,
    receives: (id) => ({ libraries: [[id]] }),
  },
  {
    name: "a list instead of its default",
    query: (id) => `{ listDefault(libraries: [${q(id)}]) }`,
    receives: (id) => ({ libraries: [id] }),
  },
  {
    name: "a number for an ID",
    query: (id) => `{ one(libraryId: ${id}) }`,
    receives: libraryId,
    ids: numbers,
  },
  {
    name: "a number for an ID in a variable",
    query: () => "query ($v: ID!) { one(libraryId: $v) }",
    variables: (id) => ({ v: Number(id) }),
    receives: libraryId,
    ids: numbers,
  },
  {
    name: "numbers for IDs in a list",
    query: () => "query ($v: [ID!]!) { many(libraries: $v) }",
    variables: (id) => ({ v: [Number(id), "barcelona"] }),
    receives: (id) => ({ libraries: [id, "barcelona"] }),
    ids: numbers,
  },
  {
    name: "an Int",
    query: (id) => `{ number(libraryId: ${id}) }`,
    receives: (id) => ({ libraryId: Number(id) }),
    ids: numbers,
  },
  {
    name: "an Int in a variable",
    query: () => "query ($v: Int!) { number(libraryId: $v) }",
    variables: (id) => ({ v: Number(id) }),
    receives: (id) => ({ libraryId: Number(id) }),
    ids: numbers,
  },
  {
    name: "a field of an input object",
    query: (id) => `{ inside(filter: { note: 1, libraryId: ${q(id)} }) }`,
    receives: (id) => ({ filter: { note: 1, libraryId: id } }),
  },
  {
    name: "a field of an input object in a variable",
    query: () => "query ($v: Where!) { inside(filter: $v) }",
    variables: (id) => ({ v: { libraryId: id } }),
    receives: (id) => ({ filter: { libraryId: id } }),
  },
  {
    name: "a variable within a literal input object",
    query: () => "query ($v: ID!) { inside(filter: { libraryId: $v }) }",
    variables: (v) => ({ v }),
    receives: (id) => ({ filter: { libraryId: id } }),
  },
  {
    name: "an input object within another",
    query: (id) => `{ outer(outer: { where: { libraryId: ${q(id)} } }) }`,
    receives: (id) => ({ outer: { where: { libraryId: id } } }),
  },
  {
    name: "an input object in a variable within a literal one",
    query: () => "query ($v: Where!) { outer(outer: { where: $v }) }",
    variables: (id) => ({ v: { libraryId: id } }),
    receives: (id) => ({ outer: { where: { libraryId: id } } }),
  },
  {
    name: "one of a list of input objects",
    query: (id) => `{ list(filters: [{ libraryId: "lisbon" }, { libraryId: ${q(id)} }]) }`,
    receives: (id) => ({ filters: [{ libraryId: "lisbon" }, { libraryId: id }] }),
  },
  {
    name: "an input object coerced to a list",
    query: (id) => `{ list(filters: { libraryId: ${q(id)} }) }`,
    receives: (id) => ({ filters: [{ libraryId: id }] }),
  },
  {
    name: "nested lists of input objects",
    query: (id) => `{ lists(filters: [[{ libraryId: "lisbon" }], [{ libraryId: ${q(id)} }]]) }`,
    receives: (id) => ({ filters: [[{ libraryId: "lisbon" }], [{ libraryId: id }]] }),
  },
  {
    name: "a list of input objects within another",
    query: (id) =>
      `{ outer(outer: { where: { libraryId: "lisbon" }, all: [{ libraryId: ${q(id)} }] }) }`,
    receives: (id) => ({ outer: { where: { libraryId: "lisbon" }, all: [{ libraryId: id }] } }),
  },
  {
    name: "nested lists of input objects within another",
    query: (id) => `{ outer(outer: { deep: [[{ libraryId: ${q(id)} }]] }) }`,
    receives: (id) => ({ outer: { deep: [[{ libraryId: id }]] } }),
  },
  {
    name: "a recursive input object",
    query: (id) => `{ tree(tree: { libraryId: "lisbon", not: { libraryId: ${q(id)} } }) }`,
    receives: (id) => ({ tree: { libraryId: "lisbon", not: { libraryId: id } } }),
  },
  {
    name: "a recursive input object, deep",
    query: () => "query ($v: Tree!) { tree(tree: $v) }",
    variables: (id) => ({ v: treeOf(id, 50) }),
    receives: (id) => ({ tree: treeOf(id, 50) }),
  },
  {
    name: "a field instead of its default",
    query: (id) => `{ inputDefault(filter: { libraryId: ${q(id)} }) }`,
    receives: (id) => ({ filter: { libraryId: id } }),
  },
  {
    name: "a variable field instead of its default",
    query: () => "query ($v: Defaulted!) { inputDefault(filter: $v) }",
    variables: (id) => ({ v: { libraryId: id } }),
    receives: (id) => ({ filter: { libraryId: id } }),
  },
  {
    name: "an input object instead of its default",
    query: (id) => `{ objectDefault(filter: { libraryId: ${q(id)} }) }`,
    receives: (id) => ({ filter: { libraryId: id } }),
  },
  {
    name: "an input object as a variable's default",
    query: (id) => `query ($v: Where! = { libraryId: ${q(id)} }) { inside(filter: $v) }`,
    receives: (id) => ({ filter: { libraryId: id } }),
  },
  {
    name: "an input object beside a target",
    query: (id) => `{ beside(libraryId: "lisbon", filter: { libraryId: ${q(id)} }) }`,
    receives: (id) => ({ libraryId: "lisbon", filter: { libraryId: id } }),
  },
  {
    name: "the id of a property of every object",
    query: (id) => `{ one(libraryId: ${q(id)}) }`,
    receives: libraryId,
    ids: ["constructor", "toString"],
  },
  {
    name: "__proto__",
    query: () => "query ($v: ID!) { one(libraryId: $v) }",
    variables: (v) => ({ v }),
    receives: libraryId,
    ids: ["constructor", "__proto__"],
  },
  {
    name: "a variable called like a property of every object",
    query: () => "query ($constructor: ID!) { one(libraryId: $constructor) }",
    variables: (id) => ({ constructor: id }),
    receives: libraryId,
  },
];

function treeOf(id: string, depth: number): Record<string, unknown> {
  return depth === 0
    ? { libraryId: id }
    : { libraryId: "lisbon", and: [{ libraryId: "lisbon" }, treeOf(id, depth - 1)] };
}

const { send, calls } = fixtureOf(SDL, { organization: "callers", types: "none" });
const caller = callerOf({
  barcelona: "write",
  lisbon: "read",
  "5": "read",
  ["constructor" as string]: "read",
});

describe("a library named by", () => {
  describe.each(rows)("$name", ({ query, variables, receives, ids = ["barcelona", "porto"] }) => {
    const sentFor = (id: string): Sent => ({ caller, variables: variables?.(id) ?? {} });

    it("is handed to the resolver when it is within reach", async () => {
      const [id] = ids;
      const { outcome, errors } = await send(query(id), sentFor(id));
      expect([outcome, errors]).toEqual(["runs", undefined]);
      expect(calls).toHaveLength(1);
      expect(plain(calls[0]!.args)).toEqual(receives(id));
    });

    it("is refused when it is not", async () => {
      const [, id] = ids;
      expect((await send(query(id), sentFor(id))).outcome).toBe("library");
      expect(calls).toEqual([]);
    });
  });
});

describe("a library named by a default of the schema", () => {
  const queries = [
    "{ byDefault }",
    "{ byOptionalDefault }",
    "query ($v: ID) { byOptionalDefault(libraryId: $v) }",
    "{ listDefault }",
    "{ inputDefault }",
    "{ inputDefault(filter: { note: 1 }) }",
    "{ objectDefault }",
  ];

  it.each(queries)("is the target: %s", async (query) => {
    expect((await send(query, { caller })).outcome).toBe("runs");
    expect(plain(calls[0]!.args)).toMatchObject(
      query.includes("listDefault") ? { libraries: ["lisbon", "barcelona"] } : {},
    );
    expect(JSON.stringify(calls[0]!.args)).toContain("barcelona");
    const other = callerOf({ lisbon: "write", porto: "write" });
    expect((await send(query, { caller: other })).outcome).toBe("library");
    expect(calls).toEqual([]);
  });
});

describe("a target that is left out", () => {
  const missing = [
    "{ optional }",
    "{ optional(libraryId: null) }",
    "query ($v: ID) { optional(libraryId: $v) }",
    "query ($v: ID = null) { optional(libraryId: $v) }",
    "{ byOptionalDefault(libraryId: null) }",
    "{ many(libraries: []) }",
    "{ nested(libraries: []) }",
    '{ nested(libraries: [["barcelona"], []]) }',
    "{ outer(outer: {}) }",
    "{ outer(outer: { where: null, all: [], deep: [[]] }) }",
    "{ list(filters: []) }",
    '{ loose(loose: { sourceId: "lisbon" }) }',
    '{ loose(loose: { sourceId: "lisbon", targetId: null }) }',
    '{ loose(loose: { sourceId: "lisbon", targetId: "barcelona", next: [{ targetId: "lisbon" }] }) }',
    '{ loose(loose: { sourceId: "lisbon", targetId: "barcelona", next: [null, {}] }) }',
    '{ looseList(list: [{ sourceId: "lisbon", targetId: "lisbon" }, { sourceId: "lisbon" }]) }',
  ];

  it.each(missing)("is refused: %s", async (query) => {
    expect((await send(query, { caller })).outcome).toBe("missing");
    expect(calls).toEqual([]);
  });

  it("is refused as null in a variable", async () => {
    const query = "query ($v: ID) { optional(libraryId: $v) }";
    expect((await send(query, { caller, variables: { v: null } })).outcome).toBe("missing");
    expect((await send(query, { caller, variables: { v: "lisbon" } })).outcome).toBe("runs");
  });

  it("is refused in an input object in a variable", async () => {
    const query = "query ($v: Loose!) { loose(loose: $v) }";
    const whole = { sourceId: "lisbon", targetId: "lisbon" };
    const loose = (v: unknown) => send(query, { caller, variables: { v } });
    expect((await loose({ ...whole, next: [whole, null] })).outcome).toBe("runs");
    expect((await loose({ ...whole, next: [whole, { sourceId: "lisbon" }] })).outcome).toBe(
      "missing",
    );
  });

  it("is no refusal in an input object that is absent", async () => {
    expect((await send('{ beside(libraryId: "lisbon") }', { caller })).outcome).toBe("runs");
    expect((await send('{ beside(libraryId: "lisbon", filter: null) }', { caller })).outcome).toBe(
      "runs",
    );
    expect((await send('{ beside(libraryId: "porto") }', { caller })).outcome).toBe("library");
  });
});
