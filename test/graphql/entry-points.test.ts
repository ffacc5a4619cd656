/** Ways in beside the root fields: roots that are reached again, `node(id)`, `_entities`, and schemas of other shapes. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { positional, targets, unmarked } from "../../src/graphql/index.js";
import {
  callerOf,
  codesOf,
  executors,
  fixtureOf,
  OTHER,
  OWN,
  plain,
  problemsOf,
  ran,
} from "./support-complete.js";
import { contextOf, stored, type Context } from "./store-of-assets.js";

const NODES = /* GraphQL */ `
  interface Node {
    id: ID!
  }
  type Query {
    node(id: ID!): Node @apiKey
    nodes(ids: [ID!]!): [Node]! @apiKey @positional
    loaded(id: ID!): Node
    query: Query! @apiKey
    asset(libraryId: ID! @library): Int
  }
  type Mutation {
    change(libraryId: ID! @library): Payload
  }
  type Payload {
    query: Query
  }
  type Asset implements Node @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
  }
  type Library implements Node @inLibrary(organization: "organizationId", id: "id") {
    id: ID!
  }
  type Viewer implements Node @unmarked(why: "says only who asks") {
    id: ID!
  }
`;

const objects = new Map<string, object>(
  [...stored().values()].map((asset) => [asset.id, { ...asset, __typename: "Asset" }]),
);
for (const id of ["lisbon", "porto"]) {
  objects.set(id, { __typename: "Library", organizationId: OWN, id });
}
objects.set("foreign", { __typename: "Library", organizationId: OTHER, id: "lisbon" });
objects.set("me", { __typename: "Viewer", id: "me" });

const byId = (_source: unknown, { id }: { id: string }) => objects.get(id) ?? null;

const nodes = () =>
  fixtureOf(NODES, {
    organization: "callers",
    rules: {
      "Query.loaded": targets(({ id }: { id: string }, { loader }: Context) => loader.load(id)),
    },
    resolvers: {
      Query: {
        node: byId,
        loaded: byId,
        nodes: (_source: unknown, { ids }: { ids: string[] }) =>
          ids.map((id) => objects.get(id) ?? null),
        query: () => ({}),
        asset: () => 1,
      },
      Mutation: { change: () => ({ query: {} }) },
    },
  });

describe.each(executors)("by %s", (_name, execute) => {
  const fixture = nodes();
  const send = (query: string, more = {}) =>
    fixture.send(query, { execute, context: contextOf(), ...more });

  it.each([
    ["l1", true],
    ["b1", true],
    ["p1", false],
    ["x1", false],
    ["lisbon", true],
    ["porto", false],
    ["foreign", false],
    ["me", true],
    ["none", false],
  ])("scenario 63: node(id: %s) is answered: %s", async (id, isSeen) => {
    for (const query of [
      `{ node(id: "${id}") { id } }`,
      `{ node(id: "${id}") { ... on Asset { id } ... on Library { id } ... on Viewer { id } } }`,
      `{ query { query { node(id: "${id}") { id } } } }`,
      `mutation { change(libraryId: "barcelona") { query { node(id: "${id}") { id } } } }`,
    ]) {
      const { data, errors } = await send(query);
      const node = query.startsWith("mutation")
        ? data.change.query.node
        : (data.query?.query.node ?? data.node ?? null);
      expect([errors, node]).toEqual([undefined, isSeen ? { id: expect.any(String) } : null]);
    }
  });

  it("scenario 87: node(id) of what is out of reach is like one that is not there", async () => {
    const unknown = await send('{ node(id: "none") { id } }');
    for (const id of ["p1", "x1", "porto", "foreign"]) {
      expect(await send(`{ node(id: "${id}") { id } }`)).toEqual(unknown);
    }
  });

  it("scenario 63: nodes(ids) keeps the places", async () => {
    const { data } = await send('{ nodes(ids: ["p1", "l1", "none", "me", "foreign"]) { id } }');
    expect(data).toEqual({ nodes: [null, { id: "l1" }, null, { id: "me" }, null] });
  });

  it("scenario 63: node(id) by targets() is refused before it runs", async () => {
    expect((await send('{ loaded(id: "l1") { id } }')).data).toEqual({ loaded: { id: "l1" } });
    expect((await send('{ loaded(id: "p1") { id } }')).outcome).toBe("library");
    expect(ran(fixture)).toEqual([]);
  });

  it.each([
    ["{ query { asset(libraryId: LIB) } }"],
    ["{ query { query { query { asset(libraryId: LIB) } } } }"],
    ["{ query { ...F } } fragment F on Query { query { asset(libraryId: LIB) } }"],
    ['mutation { change(libraryId: "barcelona") { query { asset(libraryId: LIB) } } }'],
  ])("scenario 15: root rules hold wherever the root is reached again: %s", async (query) => {
    expect((await send(query.replace("LIB", '"lisbon"'))).outcome).toBe("runs");
    expect((await send(query.replace("LIB", '"porto"'))).outcome).toBe("library");
    expect(ran(fixture)).toEqual([]);
  });

  it.each([
    "query ($id: ID!) { query { asset(libraryId: $id) } }",
    'mutation ($id: ID!) { change(libraryId: "barcelona") { query { asset(libraryId: $id) } } }',
  ])("scenario 15: the second lock knows the level there: %s", async (query) => {
    const swap = (id: string) => send(query, { variables: { id: "barcelona" }, swapped: { id } });
    expect((await swap("lisbon")).errors).toBeUndefined(); // read is enough below the query root
    expect(codesOf((await swap("porto")).errors)).toMatchObject([
      [expect.stringMatching(/asset$/), "UNAUTHORIZED"],
    ]);
  });

  describe("of a federated graph", () => {
    const FEDERATED = /* GraphQL */ `
      scalar _Any
      union _Entity = Asset | Viewer
      type _Service {
        sdl: String!
      }
      type Query {
        _entities(representations: [_Any!]!): [_Entity]!
        _service: _Service!
        asset(libraryId: ID! @library): Int
      }
      type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
        id: ID!
        price(libraryId: ID! @library): Int
      }
      type Viewer @unmarked(why: "says only who asks") {
        id: ID!
      }
    `;
    const rules = {
      "Query._entities": [{ kind: "apiKey", level: null }, positional()],
      "Query._service": { kind: "apiKey", level: null },
    };
    const resolvers = {
      Query: {
        _entities: (_s: unknown, { representations }: { representations: { id: string }[] }) =>
          representations.map(async ({ id }) => objects.get(id)),
        _service: () => ({ sdl: "type Query" }),
      },
      Asset: { price: () => 5 },
    };
    const federated = fixtureOf(FEDERATED, { organization: "callers", rules, resolvers });
    const query = `query ($r: [_Any!]!) {
      _entities(representations: $r) { __typename ... on Asset { id } ... on Viewer { id } }
    }`;
    const refs = (...ids: string[]) => ({ r: ids.map((id) => ({ __typename: "Asset", id })) });

    it("scenario 64: entities are answered within reach only, in their places", async () => {
      const variables = refs("l1", "p1", "x1", "me", "none", "b1");
      const { data, errors } = await federated.send(query, { variables, execute });
      expect(errors).toBeUndefined();
      expect(data._entities).toEqual([
        { __typename: "Asset", id: "l1" },
        null,
        null,
        { __typename: "Viewer", id: "me" },
        null,
        { __typename: "Asset", id: "b1" },
      ]);
    });

    it("scenario 66: fields of entities with targets of their own are judged here, whoever asks", async () => {
      const priced = (lib: string) =>
        `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Asset { price(libraryId: "${lib}") } } }`;
      const send = (lib: string) => federated.send(priced(lib), { variables: refs("l1"), execute });
      expect((await send("lisbon")).data).toEqual({ _entities: [{ price: 5 }] });
      expect((await send("porto")).outcome).toBe("library");
    });

    it("scenario 65: _service is answered to any key once that is said", async () => {
      const service = "{ _service { sdl } }";
      expect((await federated.send(service, { caller: callerOf({}), execute })).data).toEqual({
        _service: { sdl: "type Query" },
      });
    });

    it("scenarios 64 and 65: nothing of it is covered until somebody says so", () => {
      expect(problemsOf(FEDERATED, { organization: "callers" })).toEqual([
        expect.stringMatching(/^Query._entities is not covered/),
        expect.stringMatching(/^Query._service is not covered/),
      ]);
      const forgotten = FEDERATED.replace(/@unmarked\(.*?\)/, "");
      expect(problemsOf(forgotten, { organization: "callers", rules })).toEqual([
        expect.stringMatching(/^Query._entities has @apiKey and may return Viewer as _Entity/),
      ]);
    });
  });
});

describe("root types by other names", () => {
  const RENAMED = /* GraphQL */ `
    schema {
      query: Reads
      mutation: Query
      subscription: Mutation
    }
    type Reads {
      one(libraryId: ID! @library): Int
    }
    type Query {
      change(libraryId: ID! @library): Int
    }
    type Mutation {
      events(libraryId: ID! @library): Int
    }
    type Subscription {
      nothing: Int
    }
  `;
  const given = { types: "none", organization: "callers" } as const;
  const { send } = fixtureOf(RENAMED, given);

  it.each([
    ["{ one(libraryId: LIB) }", "lisbon", "porto"],
    ["mutation { change(libraryId: LIB) }", "barcelona", "lisbon"],
    ["subscription { events(libraryId: LIB) }", "lisbon", "porto"],
  ])("scenario 11: count by their role: %s", async (query, within, without) => {
    expect((await send(query.replace("LIB", `"${within}"`))).outcome).toBe("runs");
    expect((await send(query.replace("LIB", `"${without}"`))).outcome).toBe("library");
  });

  it("scenario 11: are covered by their role", () => {
    expect(problemsOf(RENAMED.replaceAll("@library", ""), given)).toEqual([
      expect.stringMatching(/^Reads.one is not covered/),
      expect.stringMatching(/^Query.change is not covered.*@namespace/),
      expect.stringMatching(/^Mutation.events is not covered/),
    ]);
  });

  it("scenario 98: one type in two roles throws", () => {
    for (const roles of [
      "query: A, mutation: A",
      "query: A, subscription: A",
      "query: B, mutation: A, subscription: A",
    ]) {
      const sdl = `schema { ${roles} } type A { a: Int @apiKey } type B { b: Int @apiKey }`;
      // graphql 17 says so itself.
      expect(() => fixtureOf(sdl, given)).toThrow(
        /A is the root of two kinds of operation|All root types must be different/,
      );
    }
  });
});

describe("a schema that replaces another", () => {
  const sdl = (mark: string) =>
    `type Query { one(libraryId: ID! @library, other: ID ${mark}): Int }`;
  const given = { types: "none", organization: "callers" } as const;

  it("scenario 13: has its own plans, also for a document that was seen before", async () => {
    const before = fixtureOf(sdl(""), given);
    const after = fixtureOf(sdl("@library"), given);
    const document = parse('{ one(libraryId: "lisbon", other: "porto") }');
    for (let i = 0; i < 3; i++) {
      expect((await before.send(document)).outcome).toBe("runs");
      expect((await after.send(document)).outcome).toBe("library");
    }
  });

  it("scenario 13: checks for itself: a context that the other let through is none of its own", async () => {
    const before = fixtureOf(sdl(""), given);
    const after = fixtureOf(sdl("@library"), given);
    const document = parse('{ one(libraryId: "lisbon", other: "lisbon") }');
    const context = {};
    expect(await before.guard.check({ document, caller: callerOf(), context })).toEqual({
      ok: true,
    });
    for (const [, execute] of executors) {
      const run = async (schema: typeof before.guard.schema): Promise<any> =>
        execute({ schema, document, contextValue: context });
      expect((await run(before.guard.schema)).errors).toBeUndefined();
      const refused = await run(after.guard.schema);
      expect([plain(refused.data), codesOf(refused.errors)]).toEqual([
        { one: null },
        [["one", "UNAUTHORIZED"]],
      ]);
    }
  });

  it("scenario 13: is covered anew", () => {
    expect(problemsOf(`${sdl("@library")} extend type Query { added: Int }`, given)).toEqual([
      expect.stringMatching(/^Query.added is not covered/),
    ]);
    expect(
      problemsOf(sdl("@library").replace("@library", '@unmarked(why: "no")'), {
        ...given,
        rules: { "@x": unmarked("no") },
      }),
    ).toContain("@x does not exist");
  });
});
