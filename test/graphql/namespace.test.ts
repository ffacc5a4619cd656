/** `mutation { assets { delete(…) } }`: the fields below a namespace count as root fields. */
import { describe, expect, it } from "vitest";
import { createCaller, type Caller } from "../../src/index.js";
import { namespace } from "../../src/graphql/index.js";
import {
  callerOf,
  codesOf,
  executors,
  fixtureOf,
  OWN,
  problemsOf,
  ran,
  TABLE,
} from "./support-complete.js";

const SDL = /* GraphQL */ `
  type Query {
    assets: AssetQueries @namespace
    any: Int @apiKey
  }
  type Mutation {
    assets: AssetMutations! @namespace
  }
  type AssetQueries {
    count(libraryId: ID! @library): Int
    me: String @apiKey
    deep: DeepQueries @namespace
  }
  type DeepQueries {
    count(libraryId: ID! @library): Int
  }
  type AssetMutations {
    delete(libraryId: ID! @library): Deleted
    make: Int @apiKey
    read(libraryId: ID! @library(level: READ)): Int
    tags: TagMutations @namespace
  }
  type TagMutations {
    delete(libraryId: ID! @library): Int
  }
  type Deleted {
    left(libraryId: ID! @library): Int
  }
`;

const options = {
  types: "none",
  organization: "callers",
  resolvers: {
    Query: { assets: () => ({ deep: {} }) },
    Mutation: { assets: () => ({ tags: {} }) },
    AssetMutations: { delete: () => ({}), make: () => 1, read: () => 1 },
    TagMutations: { delete: () => 1 },
  },
} as const;

const rows: readonly (readonly [query: string, within: string, without: string])[] = [
  ["{ assets { count(libraryId: LIB) } }", "lisbon", "porto"],
  ["{ assets { deep { count(libraryId: LIB) } } }", "lisbon", "porto"],
  ["mutation { assets { delete(libraryId: LIB) { __typename } } }", "barcelona", "lisbon"],
  ["mutation { assets { read(libraryId: LIB) } }", "lisbon", "porto"],
  ["mutation { assets { tags { delete(libraryId: LIB) } } }", "barcelona", "lisbon"],
  [
    'mutation { assets { delete(libraryId: "barcelona") { left(libraryId: LIB) } } }',
    "barcelona",
    "lisbon",
  ],
];

describe.each(executors)("by %s", (_name, execute) => {
  const fixture = fixtureOf(SDL, options);

  it.each(rows)(
    "scenario 97: %s with %s runs, with %s does not",
    async (query, within, without) => {
      const send = (id: string) => fixture.send(query.replace("LIB", `"${id}"`), { execute });
      const { outcome, errors } = await send(within);
      expect([outcome, errors]).toEqual(["runs", undefined]);
      expect((await send(without)).outcome).toBe("library");
      expect(ran(fixture)).toEqual([]);
    },
  );

  it.each(rows)(
    "scenario 97: the second lock judges at the same level: %s",
    async (query, within, without) => {
      const document = `${query.startsWith("mutation") ? "" : "query "}${query}`
        .replace(/^(\w+) /, "$1 ($id: ID!) ")
        .replace("LIB", "$id");
      const send = (id: string) =>
        fixture.send(document, { variables: { id: within }, swapped: { id }, execute });
      expect((await send(within)).errors).toBeUndefined();
      expect(codesOf((await send(without)).errors)).toMatchObject([
        [expect.any(String), "UNAUTHORIZED"],
      ]);
    },
  );

  it("@apiKey below a mutation takes write on some library", async () => {
    const query = "mutation { assets { make } }";
    expect((await fixture.send(query, { execute })).outcome).toBe("runs");
    const reader = callerOf({ lisbon: "read" });
    expect((await fixture.send(query, { caller: reader, execute })).outcome).toBe("level");
    expect((await fixture.send("{ assets { me } }", { caller: reader, execute })).outcome).toBe(
      "runs",
    );
  });

  it("scenario 95: a key that dies changes nothing more below a namespace either", async () => {
    let alive = true;
    const caller: Caller = createCaller({
      id: "website",
      version: 1,
      organizationId: OWN,
      access: TABLE,
      current: () => (alive ? caller : null),
    });
    const { send, calls } = fixtureOf(SDL, {
      ...options,
      resolvers: {
        ...options.resolvers,
        AssetMutations: {
          make: () => 1,
          read: () => 1,
          delete: () => {
            alive = false;
            return {};
          },
        },
      },
    });
    const query = `mutation {
      a: assets { make delete(libraryId: "barcelona") { __typename } }
      b: assets { make tags { delete(libraryId: "barcelona") } }
    }`;
    const { data, errors } = await send(query, { caller, execute });
    expect(data.a.delete).toEqual({ __typename: "Deleted" });
    expect(codesOf(errors)).toEqual(
      expect.arrayContaining([
        ["b.make", "UNAUTHORIZED"],
        ["b.tags", "UNAUTHORIZED"],
      ]),
    );
    expect(calls.map(({ field }) => field).filter((field) => field.endsWith("delete"))).toEqual([
      "AssetMutations.delete",
    ]);
  });
});

describe("createGuard", () => {
  const strict = { types: "none", organization: "callers" } as const;
  const covered = "type A { a: Int @apiKey }";

  it.each([
    ["type Query { a: A @namespace } type A { a: Int }", /^A.a is not covered/],
    [
      "type Query { q: Int @apiKey } type Mutation { a: A @namespace } type A { a: Int }",
      /^A.a is not covered/,
    ],
    [
      "type Query { a: A @namespace } type A { b: B @namespace } type B { c: Int }",
      /^B.c is not covered/,
    ],
  ])("scenario 109: takes fields below a namespace for root fields: %s", (sdl, problem) => {
    expect(problemsOf(sdl, strict)).toEqual([expect.stringMatching(problem)]);
    expect(problemsOf(sdl.replace(/(a|c): Int }$/, "$1: Int @apiKey }"), strict)).toEqual([]);
  });

  it("scenario 109: throws for @apiKey on a field that leads to fields that act", () => {
    const sdl = (mark: string, below: string) =>
      `type Query { q: Int @apiKey } type Mutation { a: A ${mark} } type A { delete(id: ID): Int ${below} }`;
    expect(problemsOf(sdl("@apiKey", ""), strict)).toEqual([
      expect.stringMatching(/^Mutation.a is covered by @apiKey only and leads to A.delete/),
    ]);
    expect(problemsOf(sdl("@namespace", ""), strict)).toEqual([
      expect.stringMatching(/^A.delete is not covered/),
    ]);
    expect(problemsOf(sdl("@namespace", "@apiKey"), strict)).toEqual([]);
    expect(problemsOf(sdl("@apiKey", '@unmarked(why: "pure")'), strict)).toEqual([]);
  });

  it.each([
    [
      `type Query { a: A @namespace } type Mutation { a: A @namespace } ${covered}`,
      ["Query.a shares the namespace A with another kind of operation"],
    ],
    [
      `type Query { a: A @namespace, b: A @namespace } ${covered}`,
      ["Query.b shares A with Query.a: use two types"],
    ],
    [
      `type Query { a(x: Int): A @namespace } ${covered}`,
      ["Query.a is a namespace and takes arguments: mark the fields below it instead"],
    ],
    [
      `type Query { a(libraryId: ID! @library): A @namespace } ${covered}`,
      ["Query.a is a namespace and takes arguments: mark the fields below it instead"],
    ],
    [
      `type Query { a: A @namespace @apiKey } ${covered}`,
      ["Query.a is a namespace and has a rule of its own: put it on the fields below"],
    ],
    [
      `type Query { a: Int @namespace, b: Int @apiKey }`,
      ["Query.a is a namespace and returns no object"],
    ],
    [
      `type Query { a: [A] @namespace } ${covered}`,
      ["Query.a is a namespace and returns no object"],
    ],
    [
      `interface I { a: Int } type Query { a: I @namespace } type A implements I { a: Int @apiKey }`,
      ["Query.a is a namespace and returns no object"],
    ],
    [
      `type Query { a: A @apiKey } type A { b: B @namespace } type B { c: Int }`,
      ["A.b is a namespace below no root field"],
    ],
    [
      `type Query { a: A @namespace } type Mutation { q: Query @namespace } ${covered}`,
      ["Mutation.q shares the namespace Query with another kind of operation"],
    ],
  ])("throws for %s", (sdl, problems) => {
    expect(problemsOf(sdl, strict)).toEqual(problems);
  });

  it("takes a namespace from code as well", async () => {
    const sdl = `type Query { a: A! } type A { n(libraryId: ID! @library): Int }`;
    const { send } = fixtureOf(sdl, {
      ...strict,
      rules: { "Query.a": namespace() },
      resolvers: { Query: { a: () => ({ n: 1 }) } },
    });
    expect((await send('{ a { n(libraryId: "lisbon") } }')).data).toEqual({ a: { n: 1 } });
    expect((await send('{ a { n(libraryId: "porto") } }')).outcome).toBe("library");
  });
});
