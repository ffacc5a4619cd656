/** `guard.explain`: why an operation is let through or refused, for people. */
import { parse, type DocumentNode } from "graphql";
import { describe, expect, it } from "vitest";
import { targets, withAccess } from "../../src/graphql/index.js";
import { callerOf, fixtureOf, OTHER, OWN } from "./support-complete.js";

const SDL = /* GraphQL */ `
  input Filter {
    libraryId: ID @library
    any: [Filter!]
  }
  type Query {
    one(org: ID! @organization, lib: [ID!] @library): Int
    filtered(org: ID! @organization, filter: Filter): Int
    wrapped(id: ID!): Int
    loaded(id: ID!): Int
    me: Int @apiKey
    hall: Hall @apiKey
  }
  type Mutation {
    make: Int @apiKey
  }
  type Hall {
    books(lib: ID! @library(level: WRITE)): Int
  }
`;

let loads = 0;
const { guard, events } = fixtureOf(SDL, {
  types: "none",
  libraryIds: "global",
  introspection: "none",
  rules: {
    "Query.loaded": targets(() => {
      loads++;
      return null;
    }),
  },
  resolvers: {
    Query: {
      wrapped: withAccess(
        "read",
        ({ id }: { id: string }, { org = OWN }: { org?: string }) => ({
          organizationId: org,
          libraryId: id,
        }),
        () => 1,
      ),
    },
  },
});

const caller = callerOf();
const explain = (query: string | DocumentNode, more = {}) =>
  guard.explain({ document: typeof query === "string" ? parse(query) : query, caller, ...more });

const one = (org: string, lib: string) => `{ one(org: "${org}", lib: ${lib}) }`;

describe("explain", () => {
  it("lists every field that asks something, with its targets, level, verdict and place", async () => {
    const query = `query Q($id: [ID!]) {
  mine: one(org: "${OWN}", lib: $id)
  hall { ...F }
} fragment F on Hall { books(lib: "lisbon") }`;
    expect(
      await explain(query, { variables: {}, variableValues: { id: ["lisbon", "porto"] } }),
    ).toEqual({
      caller: { id: "website", version: 1, organizationId: OWN },
      errors: [],
      fields: expect.arrayContaining([
        {
          path: ["mine"],
          coordinate: "Query.one",
          level: "read",
          targets: [
            { at: "org", kind: "organization", id: OWN },
            { at: "lib", kind: "library", id: "lisbon" },
            { at: "lib", kind: "library", id: "porto" },
          ],
          verdict: "library",
          locations: [{ line: 2, column: 3 }],
        },
        {
          path: ["hall"],
          coordinate: "Query.hall",
          level: "read",
          targets: [],
          verdict: "allowed",
          locations: [{ line: 3, column: 3 }],
        },
        {
          path: ["hall", "books"],
          coordinate: "Hall.books",
          level: "read",
          targets: [{ at: "lib", kind: "library", id: "lisbon" }],
          verdict: "library",
          locations: [{ line: 4, column: 24 }],
        },
      ]),
    });
  });

  it.each([
    [one(OWN, '["lisbon"]'), "allowed"],
    [one(OWN, '["porto"]'), "library"],
    [one(OTHER, '["lisbon"]'), "organization"],
    [one(OWN, "[]"), "missing"],
    [one(OWN, "null"), "missing"],
    [one(OWN, '[""]'), "unreadable"],
    ['{ wrapped(id: "lisbon") }', "allowed"],
    ['{ wrapped(id: "porto") }', "library"],
    ['{ loaded(id: "a") }', "loads"],
    ["{ me }", "allowed"],
    ["mutation { make }", "allowed"],
    ["{ __schema { description } }", "introspection"],
  ])("says of %s: %s", async (query, verdict) => {
    const { fields } = await explain(query);
    expect(fields.map((field) => field.verdict)).toEqual([verdict]);
  });

  it("says it of another caller", async () => {
    const reader = callerOf({ lisbon: "read" });
    expect((await explain("mutation { make }", { caller: reader })).fields[0]).toMatchObject({
      verdict: "level",
      level: "write",
    });
    expect((await explain("{ me }", { caller: callerOf({}) })).fields[0]!.verdict).toBe("allowed");
  });

  it("gives selectors the context, if there is one", async () => {
    const query = '{ wrapped(id: "lisbon") }';
    expect((await explain(query, { context: { org: OTHER } })).fields[0]!.verdict).toBe("library");
  });

  it("names targets within input objects, and what is left out or no id", async () => {
    const query = `{ filtered(org: "${OWN}", filter: { libraryId: "lisbon", any: [{ libraryId: null, any: [] }, { libraryId: "" }] }) }`;
    expect((await explain(query)).fields[0]!.targets).toEqual([
      { at: "org", kind: "organization", id: OWN },
      { at: "filter.libraryId", kind: "library", id: "lisbon" },
      { at: "filter.any.libraryId", kind: "library", id: null },
      { at: "filter.any.libraryId", kind: "library", id: null },
    ]);
    expect((await explain(`{ filtered(org: "${OWN}") }`)).fields[0]!.targets).toHaveLength(1);
  });

  it("leaves out what the request leaves out", async () => {
    const query = "query ($no: Boolean!) { me @include(if: $no) hall { __typename } }";
    const { fields } = await explain(query, { variableValues: { no: false } });
    expect(fields.map(({ coordinate }) => coordinate)).toEqual(["Query.hall"]);
  });

  it("has no places in documents without locations", async () => {
    const { fields } = await explain(parse("{ me }", { noLocation: true }));
    expect(fields[0]!.locations).toEqual([]);
  });

  it.each([
    ["{ me } { me }", {}, "Must provide operation name if query contains multiple operations."],
    ["{ me }", { operationName: "Other" }, "Unknown operation name."],
    ["fragment F on Query { me }", {}, "Must provide an operation."],
    ["query ($id: ID!) { wrapped(id: $id) }", {}, expect.stringContaining("$id")],
    ["{ one(org: {}) }", {}, expect.stringContaining("org")],
  ])("has the executor's own errors of %s", async (query, more, message) => {
    const { fields, errors } = await explain(query, more);
    expect([fields, errors]).toEqual([[], [message]]);
  });

  it("loads nothing, reports nothing, and ties nothing", async () => {
    const context = {};
    loads = 0;
    events.length = 0;
    await explain('{ loaded(id: "a") one(org: "x", lib: ["porto"]) }', { context });
    expect([loads, events]).toEqual([0, []]);
    const { fields } = await guard.explain({
      document: parse("{ me }"),
      caller: callerOf(undefined, { id: "other" }),
      context,
    });
    expect(fields).toHaveLength(1);
  });
});
