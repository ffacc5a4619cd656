/** Deny by default: every root field is covered, or there is no guard. */
import { describe, expect, it } from "vitest";
import { unmarked, withAccess } from "../../src/graphql/index.js";
import { problemsOf, type FixtureOptions } from "./fixtures.js";

const TYPES = /* GraphQL */ `
  type Asset @inLibrary(organization: "org", id: "lib") {
    name: String
    owner: Plain
    search(text: String): Int
  }
  type Plain {
    name: String
  }
  type Acting {
    delete(name: String): Int
    marked(l: ID! @library): Int
    deep: Plain
  }
  type Deep {
    deeper: Plain
    acting: [Acting!]
  }
  type Round {
    round: Round
    asset: Asset
  }
  type Back {
    query: Query
    assets: [Asset!]
    mutation: Mutation
  }
  type Safe {
    marked(l: ID! @library): Int
    assets: [Asset!]!
    plain: Plain
  }
  type Page {
    edges: [Edge!]!
    pageInfo: PageInfo!
    total: Int
    share: Float
    complete: Boolean!
    order: Order
  }
  type Edge {
    node: Asset
    cursor: String!
  }
  type PageInfo {
    startCursor: String
    endCursor: ID
    hasNextPage: Boolean!
  }
  type Named {
    assets: [Asset!]!
    name: String
  }
  type Stamped {
    assets: [Asset!]!
    at: Date
  }
  type Cursed {
    assets: [Asset!]!
    id: ID!
  }
  type Counts {
    total: Int
  }
  type Mixed {
    asset: Asset
    plain: Plain
  }
  type Loose {
    assets: [Asset!]!
    any: Any
  }
  enum Order {
    UP
  }
  scalar Date
  interface Any {
    name: String
  }
  type Some implements Any {
    name: String
  }
  type Other implements Any {
    name: String
    act(x: Int): Int
  }
  union Either = Some | Plain
  union Hidden = Some | Acting
  type HoldsHidden {
    hidden: Hidden
  }
  input In {
    l: ID @library
  }
  input NoTarget {
    x: Int
  }
`;

const QUERY =
  "is not covered: mark the argument that names a library with @library, or every type it returns with " +
  "@inLibrary, or write @apiKey if any key may run it";
const MUTATION =
  "is not covered: mark the argument that names a library with @library, or write @apiKey if any key with Write on " +
  "some library may run it, or @namespace if it only leads to other mutations";
const acting = (coordinate: string) =>
  `is covered by @apiKey only and leads to ${coordinate}, which takes unmarked arguments: mark its library with ` +
  "@library, or this field with @namespace, or that one with @unmarked";
const hidden = (type: string, as: string) =>
  `Query.field has @apiKey and may return ${type} as ${as}: write @inLibrary or @unmarked on ${type}`;

/** What is wrong with one more root field. */
function problemsWith(root: "Query" | "Mutation", field: string, options: FixtureOptions = {}) {
  const query = root === "Query" ? `field${field}` : "field: Int @apiKey";
  const mutation = root === "Mutation" ? `field${field}` : "field: Int @apiKey";
  const sdl = `${TYPES} type Query { ${query} } type Mutation { ${mutation} }`;
  return problemsOf(sdl, { organization: "callers", ...options });
}

describe("a field of the query root", () => {
  it.each([
    ["names a library", "(l: ID! @library): Plain"],
    ["names a library in an input object", "(in: In): Plain"],
    ["says @apiKey", ": Plain @apiKey"],
    ["says @apiKey with a level", ": Acting @apiKey(level: READ)"],
    ["returns a marked type", ": Asset"],
    ["returns a list of it", ": [[Asset!]!]!"],
    ["returns it, and takes arguments", "(x: Int): [Asset]"],
    ["returns a wrapper", ": Page!"],
    ["returns a list of wrappers", ": [Page]"],
    ["returns a wrapper in circles", ": Round"],
    ["returns an edge", ": Edge"],
  ])("is covered when it %s", (_name, field) => {
    expect(problemsWith("Query", field)).toEqual([]);
  });

  it.each([
    ["a scalar", ": Int"],
    ["text called cursor", ": String"],
    ["an enum", ": Order"],
    ["an unmarked type", ": Plain"],
    ["a list of it", ": [Plain!]!"],
    ["a wrapper of nothing", ": Counts"],
    ["a wrapper with text", ": Named"],
    ["a wrapper with an id", ": Cursed"],
    ["a wrapper with a custom scalar", ": Stamped"],
    ["a wrapper with an unmarked type", ": Mixed"],
    ["a wrapper with an abstract type", ": Loose"],
    ["an interface", ": Any"],
    ["a union", ": Either"],
    ["an organization only", "(organization: ID! @organization): Plain"],
    ["an input object without a target", "(x: NoTarget): Plain"],
  ])("is not covered by %s", (_name, field) => {
    expect(problemsWith("Query", field)).toEqual([`Query.field ${QUERY}`]);
  });

  it("is covered by a resolver in withAccess", () => {
    const resolve = withAccess(
      "read",
      () => null,
      () => 1,
    );
    const resolvers = { Query: { field: resolve } };
    expect(problemsWith("Query", ": Plain", { resolvers })).toEqual([]);
    expect(problemsWith("Query", ": Plain", { resolvers: { Query: { field: () => 1 } } })).toEqual([
      `Query.field ${QUERY}`,
    ]);
  });

  it.each([
    ["Any", ["Some", "Other"]],
    ["Either", ["Some", "Plain"]],
  ])("with @apiKey hides no type that was forgotten behind %s", (type, forgotten) => {
    expect(problemsWith("Query", `: [${type}!] @apiKey`)).toEqual(
      forgotten.map((name) => hidden(name, type)),
    );
    const rules = Object.fromEntries(forgotten.map((name) => [name, unmarked("nothing in it")]));
    expect(problemsWith("Query", `: [${type}!] @apiKey`, { rules })).toEqual([]);
    expect(problemsWith("Query", `(l: ID! @library): [${type}!] @apiKey`)).toEqual([]);
  });

  it("that leads back to the root is covered like any other", () => {
    const sdl = (mark: string) => `${TYPES} type Mutation { field: Int @apiKey }
      type Query { assets: [Asset!]! again: Query ${mark} one: String @apiKey }`;
    expect(problemsOf(sdl("@apiKey"), { organization: "callers" })).toEqual([]);
    expect(problemsOf(sdl(""), { organization: "callers" })).toEqual([`Query.again ${QUERY}`]);
  });
});

describe("a field of the mutation root", () => {
  it.each([
    ["names a library", "(l: ID! @library): Acting"],
    ["names a library in an input object", "(in: In): Plain"],
    ["says @apiKey", ": Plain @apiKey"],
    ["says @apiKey, and takes arguments", "(x: Int): Plain @apiKey"],
    ["says @apiKey, and returns a marked type that acts", ": Asset @apiKey"],
    ["says @apiKey, and returns a page of it", ": Page @apiKey(level: READ)"],
    ["says @apiKey, and leads to fields that are marked", ": Safe @apiKey"],
    ["says @apiKey, and leads back to the roots", ": Back @apiKey"],
    ["says @apiKey, and runs in circles", ": Round @apiKey"],
  ])("is covered when it %s", (_name, field) => {
    // Read is enough to see an asset, and must not be enough to act on it.
    const rules = { "Asset.search": unmarked("only looks") };
    expect(problemsWith("Mutation", field, { rules })).toEqual([]);
  });

  it("is not covered by @apiKey when a marked object it returns has fields that act", () => {
    expect(problemsWith("Mutation", ": Asset @apiKey")).toEqual([
      `Mutation.field ${acting("Asset.search")}`,
    ]);
  });

  it.each([
    ["a scalar", ": Int"],
    ["a marked type: what it does is not what it answers", ": Asset"],
    ["a wrapper", ": Page"],
    ["an organization only", "(organization: ID! @organization): Plain"],
  ])("is not covered by %s", (_name, field) => {
    expect(problemsWith("Mutation", field)).toEqual([`Mutation.field ${MUTATION}`]);
  });

  it.each([
    ["at once", "Acting", "Acting.delete"],
    ["in a list", "[Acting!]!", "Acting.delete"],
    ["deeper", "Deep", "Acting.delete"],
  ])(
    "scenario 109: is not covered by @apiKey when it leads to fields that act, %s",
    (_name, type, coordinate) => {
      expect(problemsWith("Mutation", `: ${type} @apiKey`)).toEqual([
        `Mutation.field ${acting(coordinate)}`,
      ]);
      expect(problemsWith("Mutation", `(l: ID! @library): ${type} @apiKey`)).toEqual([]);
    },
  );

  it("is not covered by @apiKey when that leads to them through abstract types", () => {
    expect(problemsWith("Mutation", ": HoldsHidden @apiKey")).toEqual([
      `Mutation.field ${acting("Acting.delete")}`,
    ]);
    const either = problemsWith("Mutation", ": Either @apiKey");
    expect(either.some((problem) => problem.includes("as Either"))).toBe(true);
    const any = problemsWith("Mutation", ": Any @apiKey");
    expect(any.some((problem) => problem.includes("as Any"))).toBe(true);
    expect(any.some((problem) => problem.includes("is covered by @apiKey only"))).toBe(true);
  });

  it("is covered by a resolver in withAccess", () => {
    const resolve = withAccess(
      "write",
      () => null,
      () => 1,
    );
    expect(
      problemsWith("Mutation", ": Acting", { resolvers: { Mutation: { field: resolve } } }),
    ).toEqual([]);
    expect(problemsWith("Mutation", ": Acting")).toEqual([`Mutation.field ${MUTATION}`]);
    const inner = { Acting: { delete: resolve } };
    expect(problemsWith("Mutation", ": Acting @apiKey", { resolvers: inner })).toEqual([]);
  });
});

describe("scenario 11: root types of any name", () => {
  const sdl = (query: string, mutation: string) => `
    schema { query: RootQuery mutation: RootMutation }
    type RootQuery { ${query} } type RootMutation { ${mutation} }
    type Query { anything: Int } type Mutation { anything: Int }`;

  it("are known by their role", () => {
    const options = { organization: "callers", types: "none" } as const;
    expect(problemsOf(sdl("a: Int", "b: Int"), options)).toEqual([
      `RootQuery.a ${QUERY}`,
      `RootMutation.b ${MUTATION}`,
    ]);
    expect(problemsOf(sdl("a: Int @apiKey", "b(l: ID! @library): Int"), options)).toEqual([]);
  });
});
