/** `guard.manifest()`: all that is enforced, for a file to review. */
import { buildSchema, lexicographicSortSchema, printSchema } from "graphql";
import { describe, expect, it } from "vitest";
import {
  accessDirectives,
  apiKey,
  targets,
  unmarked,
  withAccess,
} from "../../src/graphql/index.js";
import { fixtureOf, schemaOf, type FixtureOptions } from "./support-complete.js";

const SDL = /* GraphQL */ `
  directive @cached on FIELD
  interface Node {
    id: ID!
  }
  union Hit = Asset | Note
  input Filter {
    libraryId: ID @library
    moveTo: ID @library(level: WRITE, whenOmitted: NONE)
    and: [Filter!]
  }
  input By @oneOf {
    slug: ID @library
    organization: ID @organization
  }
  type Query {
    assets(
      org: ID @organization(whenOmitted: CALLERS)
      libraryId: ID! @library
      filter: Filter
      by: By
    ): [Asset!]!
    search(org: ID! @organization, libs: [ID!] @library(whenOmitted: REACHABLE)): [Asset!]
    nodes(ids: [ID!]!): [Node] @apiKey @positional
    hit: Hit @apiKey
    page: Page
    plain: Plain @apiKey
    writers: Int @apiKey(level: WRITE)
    readers: Int @apiKey(level: READ)
    both: Int
    loaded(id: ID!): Int
    wrapped(id: ID!): Int
    tools: Tools @namespace
  }
  type Mutation {
    make: Asset @apiKey
    look: Int @apiKey(level: READ)
    delete(id: ID!): Int
    tools: ToolMutations @namespace
  }
  type Subscription {
    added(org: ID! @organization, libraryId: ID! @library): Asset
  }
  type Tools {
    count: Int @apiKey
  }
  type ToolMutations {
    run: Int @apiKey
  }
  type Page {
    hits: [Asset!]!
    found: Int!
  }
  type Plain {
    name: String
    asset: Asset
    more: Int @apiKey
    least: Int @apiKey(level: READ)
    last: Int @apiKey(level: WRITE)
    first(id: ID!): Int
  }
  type Note implements Node @unmarked(why: "public notes") {
    id: ID!
  }
  type Asset implements Node @inLibrary(organization: "org", id: "lib") {
    id: ID!
    other: Asset
  }
`;

const load = targets(() => null);

const options: FixtureOptions = {
  rules: {
    "Query.both": [apiKey(), apiKey({ level: "read" })],
    "Query.loaded": [load, targets(() => null, { level: "write" })],
    "Mutation.delete": load,
    "Plain.first": load,
    "Query.nodes(ids:)": unmarked("loaded by id, and filtered"),
    "@cached": unmarked("keeps answers of one key"),
  },
  resolvers: {
    Query: {
      wrapped: withAccess(
        "write",
        () => null,
        () => 1,
      ),
    },
  },
};

const manifest = fixtureOf(SDL, options).guard.manifest();
const field = (name: string) => manifest.fields.find((one) => one.field === name);

describe("the manifest", () => {
  it.each([
    ["Query.plain", { level: "read", apiKey: "any" }],
    ["Query.writers", { level: "read", apiKey: "write" }],
    ["Query.readers", { level: "read", apiKey: "read" }],
    ["Query.both", { level: "read", apiKey: "read" }],
    ["Query.page", { level: "read" }],
    ["Query.loaded", { level: "read", loads: ["read", "write"] }],
    ["Query.wrapped", { level: "read", withAccess: "write" }],
    ["Query.nodes", { level: "read", apiKey: "any", filters: ["Asset"], positional: true }],
    ["Query.hit", { level: "read", apiKey: "any", filters: ["Asset"] }],
    ["Query.tools", { level: "read", namespace: true }],
    ["Tools.count", { level: "read", apiKey: "any" }],
    ["Mutation.make", { level: "write", apiKey: "write", filters: ["Asset"] }],
    ["Mutation.look", { level: "write", apiKey: "read" }],
    ["Mutation.delete", { level: "write", loads: ["write"] }],
    ["Mutation.tools", { level: "write", namespace: true }],
    ["ToolMutations.run", { level: "write", apiKey: "write" }],
    ["Plain.more", { level: "operation", apiKey: "operation" }],
    ["Plain.least", { level: "operation", apiKey: "read" }],
    ["Plain.last", { level: "operation", apiKey: "write" }],
    ["Plain.first", { level: "operation", loads: ["operation"] }],
    ["Plain.asset", { level: "operation", filters: ["Asset"] }],
    ["Page.hits", { level: "operation", filters: ["Asset"] }],
    [
      "Query.search",
      {
        level: "read",
        targets: [
          { at: "libs", kind: "library", whenOmitted: "reachable" },
          { at: "org", kind: "organization" },
        ],
        filters: ["Asset"],
      },
    ],
    [
      "Query.assets",
      {
        level: "read",
        targets: [
          { at: "by.organization", kind: "organization" },
          { at: "by.slug", kind: "library" },
          { at: "filter.libraryId", kind: "library" },
          { at: "filter.moveTo", kind: "library", level: "write", whenOmitted: "none" },
          { at: "libraryId", kind: "library" },
          { at: "org", kind: "organization", whenOmitted: "callers" },
        ],
        filters: ["Asset"],
      },
    ],
    [
      "Subscription.added",
      {
        level: "read",
        targets: [
          { at: "libraryId", kind: "library" },
          { at: "org", kind: "organization" },
        ],
        filters: ["Asset"],
      },
    ],
  ])("scenario 57: says what %s asks", (name, asked) => {
    expect(field(name)).toEqual({ field: name, ...asked });
  });

  it.each(["Plain.name", "Page.found", "Asset.id", "Node.id", "Note.id"])(
    "says nothing of %s",
    (name) => {
      expect(field(name)).toBeUndefined();
    },
  );

  it("says what leads to marked types, and to others", () => {
    expect(manifest.types).toEqual([
      {
        type: "Asset",
        from: [
          "Asset.other",
          "Mutation.make",
          "Page.hits",
          "Plain.asset",
          "Query.assets",
          "Query.hit",
          "Query.nodes",
          "Query.search",
          "Subscription.added",
        ],
      },
    ]);
    expect(manifest.unfiltered).toEqual([
      "Mutation.tools",
      "Query.hit",
      "Query.nodes",
      "Query.page",
      "Query.plain",
      "Query.tools",
    ]);
  });

  it("scenario 70: says where objects are reached without a target", () => {
    const reached = manifest.types[0]!.from.filter((name) => field(name)!.targets === undefined);
    expect(reached).toContain("Asset.other");
  });

  it("says what is unmarked, and why", () => {
    expect(manifest.unmarked).toEqual([
      { coordinate: "@cached", why: "keeps answers of one key" },
      { coordinate: "Note", why: "public notes" },
      { coordinate: "Query.nodes(ids:)", why: "loaded by id, and filtered" },
    ]);
  });

  it("is the same whatever the order of the schema and of the rules", () => {
    const sorted = lexicographicSortSchema(schemaOf(SDL));
    const rules = Object.fromEntries(Object.entries(options.rules!).toReversed());
    const again = fixtureOf(sorted, { ...options, rules }).guard.manifest();
    expect(JSON.stringify(again)).toBe(JSON.stringify(manifest));
  });

  it("lists marked types by their names", () => {
    const sdl = `type Query { b: B a: A } type B @inLibrary(id: "lib") { id: ID } type A @inLibrary(id: "lib") { id: ID }`;
    const { types } = fixtureOf(sdl, { organization: "callers" }).guard.manifest();
    expect(types).toEqual([
      { type: "A", from: ["Query.a"] },
      { type: "B", from: ["Query.b"] },
    ]);
  });

  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  });

  it("changes when access does: a mark less, a level more", () => {
    for (const [from, to] of [
      ["delete(id: ID!)", "delete(id: ID!, more: ID @library(level: READ, whenOmitted: NONE))"],
      ["@apiKey(level: READ)", "@apiKey"],
      [" @positional", ""],
      ["whenOmitted: CALLERS", ""],
    ] as const) {
      const mark =
        to === "" && from.startsWith("when") ? SDL.replace(`(${from})`, "") : SDL.replace(from, to);
      const changed = fixtureOf(mark, { ...options, libraryIds: "global" }).guard.manifest();
      expect(JSON.stringify(changed)).not.toBe(JSON.stringify(manifest));
    }
    const rules = { ...options.rules, "Mutation.delete": targets(() => null, { level: "read" }) };
    expect(fixtureOf(SDL, { ...options, rules }).guard.manifest()).not.toEqual(manifest);
  });

  it("is of a schema that still has its marks: printing loses them", () => {
    const printed = buildSchema(printSchema(schemaOf(SDL)));
    expect(accessDirectives).toContain("@library");
    expect(() => fixtureOf(printed, options)).toThrow(/no type is marked/);
  });
});
