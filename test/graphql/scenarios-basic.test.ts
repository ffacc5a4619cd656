/** Scenarios 1–59 in one row each: what is within reach runs, its twin is refused before anything ran. */
import { describe, expect, it } from "vitest";
import { callerOf, executors, fixtureOf, ran, schemaOf, TABLE } from "./support-complete.js";

const SDL = /* GraphQL */ `
  enum Place {
    NEAR
    FAR
  }
  input Filter {
    libraryId: ID! @library
    name: String
  }
  input Defaulted {
    libraryId: ID = "porto" @library
  }
  type Query {
    one(lib: ID! @library): Int
    defaulted(lib: ID = "porto" @library): Int
    list(libs: [ID!] @library): Int
    nested(libs: [[ID!]] @library): Int
    place(at: Place! @library): Int
    filtered(filter: Filter!): Int
    soft(filter: Defaulted!): Int
    files(files: [Filter!]!): Int
    hall: Hall @apiKey
    assets: [Asset!]!
    looked: Int @apiKey(level: WRITE)
  }
  type Mutation {
    change(lib: ID! @library): Payload
    free: Payload @apiKey(level: READ)
    peek(lib: ID! @library(level: READ)): Int
  }
  type Payload {
    token(lib: ID! @library): Int
  }
  type Hall {
    books(lib: ID! @library): Int
  }
  type Asset @inLibrary(id: "lib") {
    id: Int
  }
`;

const schema = schemaOf(SDL);
for (const [name, value] of [
  ["NEAR", "lisbon"],
  ["FAR", "porto"],
] as const) {
  const place = schema.getType("Place") as any;
  place.getValue(name).value = value;
  // Enums of graphql 16 keep their values in a map of their own.
  place._valueLookup?.set(value, place.getValue(name));
}

const fixture = fixtureOf(schema, {
  organization: "callers",
  resolvers: {
    Query: {
      hall: () => ({}),
      assets: () => [
        { id: 1, lib: "lisbon" },
        { id: 2, lib: "porto" },
      ],
    },
    Mutation: { change: () => ({}), free: () => ({}) },
  },
});

interface Way {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly access?: Record<string, "read" | "write">;
}

type Row = readonly [scenario: string, within: Way, ...without: Way[]];

const q = (
  query: string,
  variables: Record<string, unknown> = {},
  more: Partial<Way> = {},
): Way => ({
  query,
  variables,
  ...more,
});
const one = (lib: string) => `one(lib: "${lib}")`;
const many = (last: string) =>
  JSON.stringify([...Array.from({ length: 500 }, () => "lisbon"), last]);
const aliases = (last: string) =>
  `{ ${Array.from({ length: 50 }, (_, i) => `a${i}: ${one("lisbon")}`).join(" ")} z: ${one(last)} }`;
const two = `query A { ${one("lisbon")} } query B { ${one("porto")} }`;
const odd = { constructor: "read", lisbon: "read" } as const;

const rows: readonly Row[] = [
  ["scenario 1: one of many aliases", q(aliases("barcelona")), q(aliases("porto"))],
  [
    "scenario 2: the second field of a mutation",
    q(
      `mutation { a: change(lib: "barcelona") { __typename } b: change(lib: "barcelona") { __typename } }`,
    ),
    q(
      `mutation { a: change(lib: "barcelona") { __typename } b: change(lib: "lisbon") { __typename } }`,
    ),
  ],
  [
    "scenario 3: the selection of a mutation",
    q(`mutation { change(lib: "barcelona") { token(lib: "barcelona") } }`),
    q(`mutation { change(lib: "barcelona") { token(lib: "lisbon") } }`),
  ],
  [
    "scenario 4: a named fragment",
    q(`{ ...F } fragment F on Query { ${one("lisbon")} }`),
    q(`{ ...F } fragment F on Query { ${one("porto")} }`),
  ],
  [
    "scenario 5: nested inline fragments",
    q(`{ ... { ... on Query { ${one("lisbon")} } } }`),
    q(`{ ... { ... on Query { ${one("porto")} } } }`),
  ],
  [
    "scenario 6: one fragment twice, once skipped",
    q(`{ ...F @skip(if: true) ...F } fragment F on Query { ${one("lisbon")} }`),
    q(`{ ...F @skip(if: true) ...F } fragment F on Query { ${one("porto")} }`),
    q(`{ ...F ...F @skip(if: true) } fragment F on Query { ${one("porto")} }`),
  ],
  [
    "scenario 19: a variable's default",
    q(`query ($l: ID! = "lisbon") { one(lib: $l) }`),
    q(`query ($l: ID! = "porto") { one(lib: $l) }`),
  ],
  ["scenario 20: an argument's default", q(`{ defaulted(lib: "lisbon") }`), q("{ defaulted }")],
  [
    "scenario 21: a variable that is not sent to an argument with a default",
    q("query ($l: ID) { defaulted(lib: $l) }", { l: "lisbon" }),
    q("query ($l: ID) { defaulted(lib: $l) }"),
  ],
  [
    "scenario 22: null",
    q(`{ list(libs: ["lisbon"]) }`),
    q("{ list(libs: null) }"),
    q("{ list }"),
    q("{ defaulted(lib: null) }"),
    q("query ($l: ID) { defaulted(lib: $l) }", { l: null }),
  ],
  [
    "scenario 23: undefined",
    q("query ($l: ID) { defaulted(lib: $l) }", { l: "lisbon", other: undefined }),
    q("query ($l: ID) { defaulted(lib: $l) }", { l: undefined }),
  ],
  [
    "scenario 24: a single value for a list",
    q("query ($l: [ID!]) { list(libs: $l) }", { l: "lisbon" }),
    q("query ($l: [ID!]) { list(libs: $l) }", { l: "porto" }),
  ],
  [
    "scenario 25: a literal single value for a list",
    q(`{ list(libs: "lisbon") }`),
    q(`{ list(libs: "porto") }`),
  ],
  [
    "scenario 26: the last of a long list",
    q(`{ list(libs: ${many("barcelona")}) }`),
    q(`{ list(libs: ${many("porto")}) }`),
  ],
  [
    "scenario 27: an empty list",
    q(`{ list(libs: ["lisbon"]) }`),
    q("{ list(libs: []) }"),
    q("{ nested(libs: [[]]) }"),
  ],
  [
    "scenario 28: nested lists",
    q(`{ nested(libs: [["lisbon"], ["barcelona"]]) }`),
    q(`{ nested(libs: [["lisbon"], ["porto"]]) }`),
  ],
  [
    "scenario 29: a number for an ID",
    q("{ one(lib: 5) }", {}, { access: { "5": "read" } }),
    q("{ one(lib: 6) }", {}, { access: { "5": "read" } }),
  ],
  [
    "scenario 30: look-alikes",
    q("query ($l: ID!) { one(lib: $l) }", { l: "lisbon" }),
    ...["Lisbon", "lisbon ", " lisbon", "l\u0456sbon", "lisbo\u0301n", "lisbon\u0000"].map((l) =>
      q("query ($l: ID!) { one(lib: $l) }", { l }),
    ),
  ],
  ["scenario 31: the internal value of an enum", q("{ place(at: NEAR) }"), q("{ place(at: FAR) }")],
  [
    "scenario 33: an input object",
    q(`{ filtered(filter: { libraryId: "lisbon" }) }`),
    q(`{ filtered(filter: { libraryId: "porto" }) }`),
  ],
  [
    "scenario 34: the default of an input field",
    q(`{ soft(filter: { libraryId: "lisbon" }) }`),
    q("{ soft(filter: {}) }"),
  ],
  [
    "scenario 35: a variable in a literal",
    q("query ($l: ID!) { filtered(filter: { libraryId: $l }) }", { l: "lisbon" }),
    q("query ($l: ID!) { filtered(filter: { libraryId: $l }) }", { l: "porto" }),
  ],
  [
    "scenario 37: a list of input objects",
    q(`{ files(files: [{ libraryId: "lisbon" }, { libraryId: "barcelona" }]) }`),
    q(`{ files(files: [{ libraryId: "lisbon" }, { libraryId: "porto" }]) }`),
  ],
  [
    "scenario 38: ids that every object has",
    q(`{ ${one("constructor")} }`, {}, { access: odd }),
    ...["toString", "__proto__", "hasOwnProperty"].map((id) =>
      q(`{ ${one(id)} }`, {}, { access: odd }),
    ),
  ],
  [
    "scenario 39: variables and aliases that every object has",
    q("query ($constructor: ID!) { __proto__: one(lib: $constructor) }", { constructor: "lisbon" }),
    q("query ($constructor: ID!) { __proto__: one(lib: $constructor) }", { constructor: "porto" }),
    q("query ($toString: ID!) { one(lib: $toString) }"),
  ],
  [
    "scenario 40: the names of variables",
    q("query ($x: ID!, $lib: ID!) { one(lib: $x) x: one(lib: $lib) }", {
      x: "lisbon",
      lib: "barcelona",
    }),
    q("query ($x: ID!, $lib: ID!) { one(lib: $x) x: one(lib: $lib) }", {
      x: "porto",
      lib: "lisbon",
    }),
  ],
  [
    "scenario 42: @skip by a variable's default",
    q(`query ($s: Boolean = true) { hall { __typename } ${one("porto")} @skip(if: $s) }`),
    q(`query ($s: Boolean = false) { hall { __typename } ${one("porto")} @skip(if: $s) }`),
    q(`query ($s: Boolean = true) { hall { __typename } ${one("porto")} @skip(if: $s) }`, {
      s: false,
    }),
  ],
  [
    "scenario 47: the operation of the given name",
    q(two, {}, { operationName: "A" }),
    q(two, {}, { operationName: "B" }),
  ],
  [
    "scenario 48: several operations and no name",
    q(`query A { ${one("lisbon")} }`),
    q(two),
    q(two.replaceAll("porto", "lisbon")),
  ],
  [
    "scenario 50: an empty name",
    q(`{ ${one("lisbon")} }`, {}, { operationName: "" }),
    q(`{ ${one("porto")} }`, {}, { operationName: "" }),
    q(two, {}, { operationName: "" }),
  ],
  [
    "scenario 54: a document that nobody validated",
    q(`{ ${one("lisbon")} lost { deep } ...Lost }`),
    q(`{ ${one("porto")} lost { deep } ...Lost }`),
  ],
  [
    "scenario 58: the name of an operation",
    q(`query IntrospectionQuery { ${one("lisbon")} }`),
    q(`query IntrospectionQuery { ${one("porto")} }`),
  ],
  [
    "scenario 59: a mutation by a key that only reads",
    q(`mutation { peek(lib: "lisbon") }`, {}, { access: { lisbon: "read" } }),
    q(`mutation { change(lib: "lisbon") { __typename } }`, {}, { access: { lisbon: "read" } }),
    q("{ looked }", {}, { access: { lisbon: "read" } }),
  ],
  [
    "scenario 69: a nested field",
    q(`{ hall { books(lib: "lisbon") } }`),
    q(`{ hall { books(lib: "porto") } }`),
  ],
  [
    "scenario 107: ids that a database takes for equal",
    q(`{ ${one("lisbon")} }`),
    ...["LISBON", "lisb\u00f6n", "lisbon  ", "lisbo\uff4e"].map((lib) => q(`{ ${one(lib)} }`)),
  ],
];

describe.each(executors)("by %s", (_name, execute) => {
  const send = ({ query, access = TABLE, ...sent }: Way) =>
    fixture.send(query, { ...sent, caller: callerOf(access), execute });

  it.each(rows)("%s", async (_scenario, ...ways) => {
    const [within, ...without] = ways as unknown as readonly [Way, ...Way[]]; // vitest widens them
    expect(await send(within)).toMatchObject({ outcome: "runs", errors: undefined });
    expect(ran(fixture)).not.toEqual([]);
    for (const way of without) {
      expect((await send(way)).outcome, way.query).toMatch(
        /^(errors|((library|missing|level)(, )?)+)$/,
      );
      expect(ran(fixture)).toEqual([]);
    }
  });

  it("scenario 71: a list without a target holds what is within reach", async () => {
    expect((await send(q("{ assets { id } }"))).data).toEqual({ assets: [{ id: 1 }] });
    expect((await send(q("{ assets { id } }", {}, { access: { porto: "read" } }))).data).toEqual({
      assets: [{ id: 2 }],
    });
  });

  it("scenarios 75 and 89: nothing is decided for another operation, or another caller", async () => {
    const query = `{ ${one("lisbon")} assets { id } }`;
    const both = await Promise.all(
      [TABLE, { porto: "read" } as const, {}, { lisbon: "read" } as const].map(async (access) => {
        const { send: sendAlone } = fixtureOf(schemaOf(SDL), { organization: "callers" });
        return (await sendAlone(query, { caller: callerOf(access), execute })).outcome;
      }),
    );
    expect(both).toEqual(["runs", "library", "library", "runs"]);
    const context = {};
    expect((await fixture.send(query, { context, execute })).outcome).toBe("runs");
    const other = callerOf({ porto: "read" }, { id: "other" });
    await expect(
      fixture.send("{ assets { id } }", { context, caller: other, execute }),
    ).rejects.toThrow("The context object serves two callers");
  });
});

describe("scenario 108: a wrapper with data of its own", () => {
  const sdl = (field: string) =>
    `type Query { page: Page } type Page { hits: [Asset!]! ${field} } type Asset @inLibrary(id: "lib") { id: Int }`;

  it.each(["found: Int", "more: Boolean", "cursor: String", "page: Page"])(
    "is one with %s",
    (field) => {
      expect(() => fixtureOf(sdl(field), { organization: "callers" })).not.toThrow();
    },
  );

  it.each(["title: String", "names: [String]", "owner: Owner } type Owner { name: String"])(
    "is none with %s",
    (field) => {
      expect(() => fixtureOf(sdl(field), { organization: "callers" })).toThrow(
        /Query.page is not covered/,
      );
    },
  );
});
