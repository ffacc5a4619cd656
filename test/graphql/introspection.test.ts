/** `introspection: "none"`: nobody asks for the schema, in whatever way. */
import { describe, expect, it } from "vitest";
import { getIntrospectionQuery } from "graphql";
import { callerOf, executors, fixtureOf, ran } from "./support-complete.js";

const SDL = /* GraphQL */ `
  schema {
    query: Root
    mutation: Changes
  }
  interface Node {
    id: ID
  }
  type Root {
    assets: [Asset!]!
    holder: Holder
  }
  type Changes {
    make(libraryId: ID! @library): Payload
  }
  type Payload {
    query: Root
    inner: Payload
  }
  type Holder {
    hits: [Asset!]!
    root: Root
  }
  type Asset implements Node @inLibrary(id: "lib") {
    id: ID
  }
`;

const resolvers = {
  Root: { assets: () => [{ lib: "lisbon", id: 1 }], holder: () => ({ hits: [], root: {} }) },
  Changes: { make: () => ({ query: {}, inner: { query: {} } }) },
};

const given = { organization: "callers", resolvers } as const;
const shut = fixtureOf(SDL.replace("root: Root", "other: Holder"), {
  ...given,
  introspection: "none",
});
const open = fixtureOf(SDL.replace("root: Root", "other: Holder"), {
  ...given,
  introspection: "callers",
});

const S = "__schema { queryType { name } }";
const make = (body: string) => `mutation { make(libraryId: "barcelona") { ${body} } }`;

type Variables = Record<string, unknown>;

const asking: readonly (readonly [name: string, query: string, variables: Variables])[] = [
  ["__schema", `{ ${S} }`, {}],
  ["__type", '{ __type(name: "Root") { name } }', {}],
  ["__type by a variable", "query ($n: String!) { __type(name: $n) { name } }", { n: "Root" }],
  ["an alias", `{ assets: ${S} }`, {}],
  ["an alias of __type", '{ __typename: __type(name: "Root") { name } }', {}],
  ["beside other fields", `{ assets { id } ${S} }`, {}],
  ["an inline fragment", `{ ... { ${S} } }`, {}],
  ["an inline fragment on the root", `{ ... on Root { ${S} } }`, {}],
  ["nested inline fragments", `{ ... on Root { ... { ... on Root { ${S} } } } }`, {}],
  ["a fragment", `{ ...F } fragment F on Root { ${S} }`, {}],
  [
    "a fragment in a fragment",
    `{ ...G } fragment F on Root { ${S} } fragment G on Root { ...F }`,
    {},
  ],
  [
    "a fragment twice, skipped first",
    `{ ...F @skip(if: true) ...F } fragment F on Root { ${S} }`,
    {},
  ],
  [
    "under @include",
    `query ($yes: Boolean!) { ${S.replace(" {", " @include(if: $yes) {")} }`,
    { yes: true },
  ],
  ["the query root below a mutation", make(`query { ${S} }`), {}],
  ["the query root deep below a mutation", make(`inner { query { ... on Root { ${S} } } }`), {}],
  ["all of it", getIntrospectionQuery(), {}],
];

describe.each(executors)("by %s", (_name, execute) => {
  it.each(asking)("scenario 85: none is answered by %s", async (_n, query, variables) => {
    const { outcome, errors } = await shut.send(query, { variables, execute });
    expect(outcome).toMatch(/^introspection/);
    expect(ran(shut)).toEqual([]);
    expect(errors![0]!.message).toBe("This API does not answer questions about its schema.");
    expect(errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
  });

  it.each(asking)("any key is answered by default: %s", async (_n, query, variables) => {
    const caller = query.startsWith("mutation") ? callerOf() : callerOf({});
    const { outcome, errors } = await open.send(query, { variables, caller, execute });
    expect([outcome, errors]).toEqual(["runs", undefined]);
  });

  it.each([
    ["{ __typename }", {}],
    ["{ assets { __typename id } }", {}],
    [make("__typename query { __typename assets { id } }"), {}],
    [`{ assets { id } ${S.replace(" {", " @skip(if: true) {")} }`, {}],
    [`query ($no: Boolean!) { assets { id } ... @include(if: $no) { ${S} } }`, { no: false }],
    [make(`${S} inner { ${S} }`), {}], // unvalidated: executors know it on the query root only
  ])("scenario 17: __typename and what is left out are allowed: %s", async (query, variables) => {
    const { outcome, errors } = await shut.send(query, { variables, execute });
    expect([outcome, errors]).toEqual(["runs", undefined]);
  });
});

describe("where the query root is reached again", () => {
  it("from a query, it is judged too", async () => {
    const sdl = SDL.replace("holder: Holder", "holder: Holder @apiKey");
    const { send } = fixtureOf(sdl, { ...given, introspection: "none" });
    expect((await send(`{ holder { root { ${S} } } }`)).outcome).toBe("introspection");
    expect((await send("{ holder { root { __typename } } }")).outcome).toBe("runs");
  });
});

it("scenario 14: fields that introspection hides are judged like any other", async () => {
  const query = make("__typename").replace("barcelona", "lisbon");
  expect((await shut.send(query)).outcome).toBe("library");
});

it("the manifest says which it is", () => {
  expect(shut.guard.manifest().introspection).toBe("none");
  expect(open.guard.manifest().introspection).toBe("callers");
});
