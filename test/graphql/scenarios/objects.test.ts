/** Groups D and F of the ways around an authorization layer: types and objects, and what attacks on the design found. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { createExecute } from "../../../src/adapters/execute.js";
import { createApiKeys } from "../../../src/index.js";
import { createMemoryStore } from "../../../src/stores/memory.js";
import { createGuard, type CallerContext } from "../../../src/graphql/index.js";
import { callerOf, executeWith, fixtureOf, OTHER, OWN, problemsOf, schemaOf } from "../fixtures.js";
import { ASSETS, field, SDL, serviceOf } from "./service.js";

const { send, calls } = serviceOf();

describe("D. types and objects", () => {
  it.each([
    [
      "60: an interface",
      "interface Any { id: ID! } type Plain implements Any { id: ID! }",
      "implements Any ",
    ],
    ["62: a union", "type Plain { id: ID! } union Any = Asset | Plain", ""],
  ])("scenario %s hides no marked type", async (_name, types, clause) => {
    const found = [...ASSETS, { id: "plain", __typename: "Plain" }];
    const { send } = fixtureOf(
      `${types} type Query { any(o: ID! @organization, l: ID! @library): [Any!]! }
       type Asset ${clause}@inLibrary(organization: "organizationId", id: "libraryId") { id: ID! }`,
      {
        resolvers: { Query: { any: () => found.map((one) => ({ __typename: "Asset", ...one })) } },
      },
    );
    const id = "{ __typename ... on Asset { id } ... on Plain { id } }";
    const { data } = await send(`{ any(o: "${OWN}", l: "lisbon") ${id} }`);
    expect(data.any.map((one: { id: string }) => one.id)).toEqual(["1", "2", "plain"]);
    expect((await send(`{ any(o: "${OWN}", l: "porto") ${id} }`)).outcome).toBe("library");
  });

  it("scenario 61: a fragment on the object type does not dodge the interface, nor the other way around", async () => {
    const { send } = fixtureOf(
      `interface Room { books(l: ID!): Int } type Hall implements Room { books(l: ID! @library): Int }
       type Query { hall: Hall @apiKey }`,
      { organization: "callers", types: "none" },
    );
    for (const on of ["Room", "Hall"]) {
      expect((await send(`{ hall { ... on ${on} { books(l: "lisbon") } } }`)).outcome).toBe("runs");
      expect((await send(`{ hall { ... on ${on} { books(l: "porto") } } }`)).outcome).toBe(
        "library",
      );
    }
  });

  it.each([
    [
      "63",
      "node(id: ID!): Node",
      "interface Node { id: ID! } type Thing implements Node { id: ID! }",
    ],
    [
      "63",
      "nodes(ids: [ID!]!): [Node]!",
      "interface Node { id: ID! } type Thing implements Node { id: ID! }",
    ],
    [
      "64",
      "_entities(representations: [_Any!]!): [_Entity]!",
      "scalar _Any union _Entity = Thing type Thing { id: ID! }",
    ],
    ["65", "_service: _Service!", "type _Service { sdl: String }"],
  ])("scenario %s: %s is not covered", (_number, written, types) => {
    const name = written.split(/\W/)[0]!;
    expect(problemsOf(`${types} type Query { ${written} }`, { types: "none" })).toEqual([
      expect.stringMatching(new RegExp(`^Query\\.${name} is not covered`)),
    ]);
  });

  it("scenario 65: _service is covered once @apiKey is said", () => {
    expect(
      problemsOf("type _Service { sdl: String } type Query { _service: _Service! @apiKey }", {
        types: "none",
      }),
    ).toEqual([]);
  });

  it("scenario 67: an object by its own id: an unknown one and a forbidden one look alike", async () => {
    const get = (id: string) => send(`{ ${field.of("asset", `id: "${id}"`, " { id }")} }`);
    expect((await get("2")).data).toEqual({ asset: { id: "2" } });
    const [forbidden, foreign, unknown] = [await get("3"), await get("4"), await get("5")];
    expect([forbidden, foreign]).toEqual([unknown, unknown]);
    expect(unknown).toMatchObject({ data: { asset: null }, errors: undefined });
  });

  it("scenario 69: a nested field with a library of its own", async () => {
    expect((await send(`{ viewer { ${field.assets("lisbon")} } }`)).outcome).toBe("runs");
    expect((await send(`{ viewer { ${field.assets("porto")} } }`)).outcome).toBe("library");
    expect(calls).toEqual([]);
  });

  it("scenario 70: a way out of the library without arguments is filtered, and named in the manifest", async () => {
    const query = `{ ${field.of("search", "", " { hits { id tags { assets { id } } } }")} }`;
    const { data } = await send(query);
    const tags = [{ assets: [{ id: "1" }, { id: "2" }] }];
    expect(data.search.hits).toEqual([
      { id: "1", tags },
      { id: "2", tags },
    ]);
    const { unfiltered, types } = serviceOf().guard.manifest();
    expect(unfiltered).toContain("Asset.tags");
    expect(types.find(({ type }) => type === "Asset")!.from).toContain("Tag.assets");
  });

  it("scenario 71: a list that names no library is filtered", async () => {
    const query = `{ ${field.of("libraries", "", " { id }")} }`;
    expect((await send(query)).data).toEqual({
      libraries: [{ id: "barcelona" }, { id: "lisbon" }],
    });
    expect((await send(query, { caller: callerOf({}) })).data).toEqual({ libraries: [] });
  });

  it("scenario 72: a non-null field out of reach takes its parents with it, and nothing beside them", async () => {
    const resolvers = { Viewer: { favourite: () => ASSETS[2] } };
    const { send } = fixtureOf(SDL.replace("viewer: Viewer!", "viewer: Viewer"), { resolvers });
    const { data, errors } = await send("{ viewer { favourite { id } } beside: viewer { name } }");
    expect(data).toEqual({ viewer: null, beside: { name: "x" } });
    expect(errors!.map(({ path, extensions }) => [path, extensions])).toEqual([
      [["viewer", "favourite"], { code: "UNAUTHORIZED" }],
    ]);
  });
});

describe("F. found by attacking the design", () => {
  it("scenario 91: another organization's object with a slug that the caller has", async () => {
    expect(ASSETS[3]).toMatchObject({ libraryId: "lisbon", organizationId: OTHER });
    const { data } = await send(`{ ${field.of("search", "", " { hits { id } }")} }`);
    expect(data.search.hits).toEqual([{ id: "1" }, { id: "2" }]);
    const caller = callerOf(undefined, { organizationId: OTHER });
    const theirs = `{ search(organizationId: "${OTHER}") { hits { id } } }`;
    expect((await send(theirs, { caller })).data.search.hits).toEqual([{ id: "4" }]);
    expect((await send(theirs)).outcome).toBe("organization");
  });

  it("scenario 92: an interface's field without an argument, an object's with one that has a default", async () => {
    const { send } = fixtureOf(
      `interface Room { books: Int } type Query { wrap: Wrap @apiKey } type Wrap { room: Room }
       type Hall implements Room { books(l: ID! = "porto" @library): Int } type Yard implements Room { books: Int }`,
      {
        organization: "callers",
        types: "none",
        resolvers: { Wrap: { room: () => ({ __typename: "Yard", books: 7 }) } },
      },
    );
    const query = "{ wrap { room { books } } }";
    expect((await send(query)).outcome).toBe("library");
    expect((await send(query, { caller: callerOf({ porto: "read" }) })).data).toEqual({
      wrap: { room: { books: 7 } },
    });
  });

  it("scenario 93: variables swapped by a plugin", async () => {
    const query = `query ($l: ID!) { ${field.of("optional", "libraryId: $l")} }`;
    const { data } = await send(query, { variables: { l: "lisbon" }, swapped: { l: "porto" } });
    expect([data, calls]).toEqual([{ optional: null }, []]);
  });

  it("scenario 101: a list of libraries that may be left out is the caller's, on queries with marked results", async () => {
    const seen: unknown[] = [];
    const resolvers = {
      Query: {
        search: (_: unknown, args: unknown) => (seen.push(args), { hits: ASSETS, found: 4 }),
      },
    };
    const { send } = fixtureOf(SDL, { resolvers });
    await send(`{ ${field.of("search", "", " { found }")} }`);
    expect(seen).toEqual([{ organizationId: OWN, libraryIds: ["barcelona", "lisbon"] }]);
    const mark = "@library(whenOmitted: REACHABLE)";
    const mutation = `type Query { a: Int @apiKey } type Mutation { delete(ids: [ID!] ${mark}): Int }`;
    expect(problemsOf(mutation, { organization: "callers", types: "none" })).toEqual([
      "Mutation.delete(ids:) has whenOmitted: REACHABLE on a mutation",
    ]);
  });

  it("scenario 102: a result's field that is called libraryId holds something else", async () => {
    const query = `{ ${field.of("search", "", " { hits { libraryId: id id: libraryId } }")} }`;
    expect((await send(query)).data.search.hits).toEqual([
      { libraryId: "1", id: "barcelona" },
      { libraryId: "2", id: "lisbon" },
    ]);
    const renaming = serviceOf({
      resolvers: {
        Asset: { libraryId: () => "lisbon" },
        Query: { asset: () => ASSETS[2] },
      } as never,
    });
    expect(
      (await renaming.send(`{ ${field.of("asset", 'id: "3"', " { libraryId }")} }`)).data,
    ).toEqual({ asset: null });
  });

  it("scenario 106: a refusal in a resolver of a partly done mutation is an ordinary field error", async () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const { key } = await apiKeys.create({
      organizationId: OWN,
      name: "Website",
      access: { barcelona: "write" },
    });
    const authenticated = await apiKeys.authenticate(key);
    const schema = schemaOf(
      "type Query { a: Int @apiKey } type Mutation { first: Int @apiKey second: Int @apiKey }",
    );
    const mutation = schema.getMutationType()!.getFields();
    mutation["first"]!.resolve = () => 1;
    mutation["second"]!.resolve = (_source, _args, { caller }: CallerContext) => {
      caller.require("write", { organizationId: OWN, libraryId: "lisbon" });
    };
    const execute = createExecute({ apiKeys, guard: createGuard(schema, { types: "none" }) });
    const caller = authenticated.ok ? authenticated.caller : null;
    const { data, errors } = await execute({
      document: parse("mutation { first second }"),
      caller,
    });
    expect(data).toEqual({ first: 1, second: null });
    expect(errors!.map((error) => error.toJSON())).toEqual([
      {
        message: "This needs write access to a library that is out of reach.",
        locations: [{ line: 1, column: 18 }],
        path: ["second"],
        extensions: { code: "UNAUTHORIZED" },
      },
    ]);
  });

  it.each(["LISBON", "lisbön", "lisbon ", "lisbon\t"])(
    "scenario 107: a result in a library that a database takes for lisbon: %j",
    async (libraryId) => {
      const service = serviceOf({
        resolvers: {
          Query: { search: () => ({ hits: [{ ...ASSETS[1], libraryId }, ASSETS[1]], found: 2 }) },
        } as never,
      });
      expect(
        (await service.send(`{ ${field.of("search", "", " { hits { id } }")} }`)).data.search.hits,
      ).toEqual([{ id: "2" }]);
    },
  );

  it("scenario 108: a wrapper with data of its own is none", () => {
    const sdl = (
      more: string,
    ) => `type Query { page: Page } type Page { assets: [Asset!]! found: Int ${more} }
      type Asset @inLibrary(organization: "o", id: "l") { id: ID! }`;
    expect(problemsOf(sdl(""))).toEqual([]);
    for (const more of ["name: String", "id: ID", "at: [String!]"]) {
      expect(problemsOf(sdl(more))).toEqual([expect.stringMatching(/^Query\.page is not covered/)]);
    }
  });

  it("scenario 110: a guarded schema that was transformed runs no operation", async () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const schema = schemaOf("type Query { one(l: ID! @library): Int }");
    const guard = createGuard(schema, { organization: "callers", types: "none" });
    const execute = createExecute({ apiKeys, guard });
    const document = parse('{ one(l: "lisbon") }');
    const run = (given: typeof schema) =>
      execute({ document, caller: callerOf(), schema: given, rootValue: { one: 7 } });
    expect((await run(guard.schema)).data).toEqual({ one: 7 });
    await expect(run(schema)).rejects.toThrow(
      "Execute guard.schema itself: transform first, guard last.",
    );
    const again = createGuard(guard.schema, { organization: "callers", types: "none" });
    await expect(run(again.schema)).rejects.toThrow("transform first, guard last");
    // Nor does it without an adapter: the outer guard's check does not unlock the inner one's schema.
    const context = {};
    await again.check({ document, caller: callerOf(), context });
    const { data } = await executeWith(again.schema, {
      document,
      contextValue: context,
      rootValue: { one: 7 },
    });
    expect(data).toEqual({ one: null });
  });
});
