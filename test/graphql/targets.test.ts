/** `targets(load)`: objects that are known by their own id, so that their library has to be looked up. */
import { describe, expect, it } from "vitest";
import { library, targets, unmarked } from "../../src/graphql/index.js";
import { callerOf, executors, fixtureOf, OWN, problemsOf, ran } from "./support-complete.js";
import { contextOf, type Context } from "./store-of-assets.js";

const SDL = /* GraphQL */ `
  interface Shelf {
    first(id: ID!): Int
  }
  type Query {
    asset(id: ID!): Int
    assets(ids: [ID!]!): Int
    strict(id: ID!): Int
    both(id: ID!, libraryId: ID! @library): Int
    hall: Hall @apiKey
    shelf: Shelf @apiKey
  }
  type Mutation {
    delete(id: ID!): Int
    deleteMany(ids: [ID!]!): Int
    look(id: ID!): Int
    tag(id: ID!, tagId: ID!): Int
    transfer(sourceLibraryId: ID! @library, targetLibraryId: ID! @library, assetIds: [ID!]!): Int
  }
  type Hall implements Shelf @unmarked(why: "no data") {
    first(id: ID!): Int
  }
`;

interface Transfer {
  readonly sourceLibraryId: string;
  readonly assetIds: readonly string[];
}

const one = targets(({ id }: { id: string }, { loader }: Context) => loader.load(id));
const many = targets(({ ids }: { ids: string[] }, { loader }: Context) => loader.loadMany(ids));
const reading = targets(({ id }: { id: string }, { loader }: Context) => loader.load(id), {
  level: "read",
});
const writing = targets(({ id }: { id: string }, { loader }: Context) => loader.load(id), {
  level: "write",
});
const tagged = targets(({ tagId }: { tagId: string }, { loader }: Context) => loader.load(tagId));
/** Every asset is in the source library, or there is no such asset. */
const related = targets(async ({ sourceLibraryId, assetIds }: Transfer, { loader }: Context) => {
  const found = await loader.loadMany(assetIds);
  return found.map((asset) => (asset?.libraryId === sourceLibraryId ? asset : null));
});

const options = {
  types: "none",
  organization: "callers",
  rules: {
    "Query.asset": one,
    "Query.assets": many,
    "Query.strict": writing,
    "Query.both": one,
    "Mutation.delete": one,
    "Mutation.deleteMany": many,
    "Mutation.look": reading,
    "Mutation.tag": [one, tagged],
    "Mutation.transfer": related,
    "Shelf.first": one,
  },
  resolvers: { Query: { hall: () => ({}), shelf: () => ({ __typename: "Hall" }) } },
} as const;

interface Row {
  readonly query: string;
  readonly verdict: "runs" | "library" | "missing";
}

const transfer = (source: string, target: string, ids: string) =>
  `mutation { transfer(sourceLibraryId: "${source}", targetLibraryId: "${target}", assetIds: ${ids}) }`;

const rows: readonly Row[] = [
  { query: '{ asset(id: "l1") }', verdict: "runs" },
  { query: '{ asset(id: "p1") }', verdict: "library" },
  { query: '{ asset(id: "none") }', verdict: "library" },
  { query: '{ asset(id: "x1") }', verdict: "library" },
  { query: '{ assets(ids: ["l1", "b1"]) }', verdict: "runs" },
  { query: '{ assets(ids: ["l1", "b1", "p1"]) }', verdict: "library" },
  { query: '{ assets(ids: ["l1", "none"]) }', verdict: "library" },
  { query: "{ assets(ids: []) }", verdict: "library" },
  { query: '{ strict(id: "b1") }', verdict: "runs" },
  { query: '{ strict(id: "l1") }', verdict: "library" },
  { query: '{ both(id: "b1", libraryId: "lisbon") }', verdict: "runs" },
  { query: '{ both(id: "p1", libraryId: "lisbon") }', verdict: "library" },
  { query: '{ both(id: "b1", libraryId: "porto") }', verdict: "library" },
  { query: '{ hall { first(id: "l1") } }', verdict: "runs" },
  { query: '{ hall { first(id: "p1") } }', verdict: "library" },
  { query: '{ shelf { first(id: "l1") } }', verdict: "runs" },
  { query: '{ shelf { ...F } } fragment F on Shelf { first(id: "p1") }', verdict: "library" },
  { query: '{ a: asset(id: "l1") b: asset(id: "b1") }', verdict: "runs" },
  { query: '{ a: asset(id: "l1") b: asset(id: "p1") }', verdict: "library" },
  { query: '{ a: asset(id: "l1") b: asset(id: "p1") @skip(if: true) }', verdict: "runs" },
  { query: 'mutation { delete(id: "b1") }', verdict: "runs" },
  { query: 'mutation { delete(id: "l1") }', verdict: "library" },
  { query: 'mutation { deleteMany(ids: ["b1", "b2"]) }', verdict: "runs" },
  { query: 'mutation { deleteMany(ids: ["b1", "l1"]) }', verdict: "library" },
  { query: 'mutation { look(id: "l1") }', verdict: "runs" },
  { query: 'mutation { look(id: "p1") }', verdict: "library" },
  { query: 'mutation { tag(id: "b1", tagId: "b2") }', verdict: "runs" },
  { query: 'mutation { tag(id: "b1", tagId: "l1") }', verdict: "library" },
  { query: 'mutation { tag(id: "l1", tagId: "b1") }', verdict: "library" },
];

const transfers: readonly Row[] = [
  { query: transfer("barcelona", "barcelona", '["b1", "b2"]'), verdict: "runs" },
  // Both ends need write; every asset must be in the source.
  { query: transfer("barcelona", "lisbon", '["b1"]'), verdict: "library" },
  { query: transfer("lisbon", "barcelona", '["l1"]'), verdict: "library" },
  { query: transfer("barcelona", "barcelona", '["b1", "l1"]'), verdict: "library" },
  { query: transfer("barcelona", "barcelona", '["b1", "p1"]'), verdict: "library" },
  { query: transfer("barcelona", "barcelona", '["x1"]'), verdict: "library" },
  { query: transfer("barcelona", "barcelona", '["none"]'), verdict: "library" },
  { query: transfer("barcelona", "barcelona", "[]"), verdict: "library" },
];

describe.each(executors)("by %s", (_name, execute) => {
  const fixture = fixtureOf(SDL, options);
  const send = async (query: string, access?: Record<string, "read" | "write">) => {
    const caller = callerOf(access);
    return fixture.send(query, { execute, caller, context: contextOf() });
  };

  it.each(rows)("scenario 67: $query: $verdict", async ({ query, verdict }) => {
    const { outcome, errors } = await send(query);
    expect(outcome).toBe(verdict);
    if (verdict === "runs")
      expect([errors, ran(fixture).length]).toEqual([undefined, expect.any(Number)]);
    else expect(ran(fixture)).toEqual([]);
  });

  it.each(transfers)("scenarios 44 and 45: $query: $verdict", async ({ query, verdict }) => {
    const { outcome, errors } = await send(query);
    expect([outcome, ran(fixture).length]).toEqual([verdict, verdict === "runs" ? 1 : 0]);
    if (verdict === "runs") expect(errors).toBeUndefined();
  });

  it("scenario 44: the source needs write as much as the target", async () => {
    const query = transfer("lisbon", "barcelona", '["l1"]');
    expect((await send(query, { barcelona: "write", lisbon: "write" })).outcome).toBe("runs");
    expect((await send(query, { barcelona: "read", lisbon: "write" })).outcome).toBe("library");
  });

  it("scenario 91: another organization's object is out of reach, whatever its library is called", async () => {
    expect((await send('{ asset(id: "b1") }')).outcome).toBe("runs");
    expect((await send('{ asset(id: "x1") }')).outcome).toBe("library");
  });

  it("scenario 87: an unknown id and a forbidden one are refused alike", async () => {
    const unknown = await send('{ asset(id: "no") }');
    for (const id of ["p1", "x1"]) {
      const forbidden = await send(`{ asset(id: "${id}") }`);
      expect(forbidden).toEqual(unknown);
    }
    const named = await send('{ both(id: "b1", libraryId: "porto") }');
    const loaded = await send('{ both(id: "p1", libraryId: "lisbon") }');
    expect(loaded).toEqual(named);
  });
});

describe("createGuard", () => {
  const given = { types: "none", organization: "callers" } as const;
  const sdl = "type Query { one(id: ID!): Int }";

  it("takes targets() as coverage, and nothing less", () => {
    expect(problemsOf(sdl, { ...given, rules: { "Query.one": one } })).toEqual([]);
    expect(problemsOf(sdl, given)).toEqual([expect.stringMatching(/^Query.one is not covered/)]);
  });

  it.each([
    ["Query.one(id:)", one],
    ["In.a", one],
    ["In", one],
    ["Query.one", library()],
  ])("throws where it does not fit: %s", (coordinate, rule) => {
    const problems = problemsOf(`input In { a: ID } ${sdl.replace("id: ID!", "id: ID!, in: In")}`, {
      ...given,
      rules: { "Query.one(in:)": unmarked("no"), [coordinate]: rule },
    });
    expect(problems.some((line) => line.startsWith(`${coordinate} `))).toBe(true);
  });

  it.each([
    [[], TypeError],
    [["load"], TypeError],
    [[() => null, { level: "admin" }], RangeError],
    [[() => null, { timeoutMs: 0 }], RangeError],
    [[() => null, { timeoutMs: 600_001 }], RangeError],
    [[() => null, { timeoutMs: 1.5 }], RangeError],
    [[() => null, { timeout: 5 }], TypeError],
  ])("targets(…) takes a function and options: %#", (given, error) => {
    expect(() => targets(...(given as unknown as [() => null]))).toThrow(error);
  });

  it("the organization of a caller is not asked of loaded pairs, which say it", () => {
    expect(problemsOf(sdl, { types: "none", rules: { "Query.one": one } })).toEqual([]);
    expect(OWN).toBe("monogram-labs");
  });
});
