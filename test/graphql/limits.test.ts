/** What one operation may take of a check, whatever is sent. */
import { parse, type DocumentNode, type GraphQLError, type OperationDefinitionNode } from "graphql";
import { describe, expect, it } from "vitest";
import { callerOf, fixtureOf } from "./support-complete.js";

const SDL = /* GraphQL */ `
  interface Shelf {
    books(lib: ID! @library): Int
    shelf: Shelf
  }
  input Filter {
    libs: [ID!] @library(whenOmitted: NONE)
    more: [Filter!]
    perhaps: [Filter]
  }
  type Query {
    list(libs: [ID!]! @library): Int
    filtered(lib: ID! @library, filter: Filter): Int
    shelf: Shelf @apiKey
    rooms: [Room!]! @apiKey
  }
  type Room {
    list(libs: [ID!]! @library): Int
  }
  ${Array.from(
    { length: 50 },
    (_, i) =>
      `type S${i} implements Shelf @unmarked(why: "x") { books(lib: ID!): Int shelf: Shelf }`,
  ).join("\n")}
`;

const rooms: object[] = [];
const { send, guard } = fixtureOf(SDL, {
  types: "none",
  organization: "callers",
  resolvers: {
    Query: { shelf: () => null, rooms: () => Array.from(rooms, () => ({})) },
    Room: { list: () => 1 },
  },
});

describe("ids", () => {
  const query = (aliases: number) =>
    `query ($l: [ID!]!) { ${Array.from({ length: aliases }, (_, i) => `a${i}: list(libs: $l)`).join(" ")} }`;
  const libs = (length: number) => ({ l: Array.from({ length }, () => "lisbon") });

  it("scenario 26: are judged up to a hundred thousand", async () => {
    expect((await send(query(1), { variables: libs(100_000) })).outcome).toBe("runs");
    const { outcome, errors } = await send(query(1), { variables: libs(100_001) });
    expect([outcome, errors![0]!.message]).toEqual([
      "errors",
      "The operation names too many libraries and organizations.",
    ]);
  });

  it("scenario 26: are counted over all fields of an operation", async () => {
    expect((await send(query(10), { variables: libs(10_000) })).outcome).toBe("runs");
    expect((await send(query(11), { variables: libs(10_000) })).outcome).toBe("errors");
  });

  it("scenario 100: are counted with the input objects that hold none", async () => {
    const filter = (length: number) => ({ more: Array.from({ length }, () => ({})) });
    const filtered = 'query ($f: Filter) { filtered(lib: "lisbon", filter: $f) }';
    expect((await send(filtered, { variables: { f: filter(1000) } })).outcome).toBe("runs");
    expect((await send(filtered, { variables: { f: filter(100_001) } })).outcome).toBe("errors");
  });

  it("are counted with the nulls in lists of input objects", async () => {
    const filter = (length: number) => ({ perhaps: Array.from({ length }, () => null) });
    const filtered = 'query ($f: Filter) { filtered(lib: "lisbon", filter: $f) }';
    expect((await send(filtered, { variables: { f: filter(1000) } })).outcome).toBe("runs");
    expect((await send(filtered, { variables: { f: filter(100_001) } })).outcome).toBe("errors");
  });

  it("are counted anew for every object below the root, up to ten million", async () => {
    const below = `query ($l: [ID!]!) { rooms { list(libs: $l) } }`;
    const variables = libs(10_000);
    for (const [length, isWithin] of [
      [1000, true],
      [1001, false],
    ] as const) {
      rooms.length = length;
      const { outcome, errors, data } = await send(below, { variables });
      expect([outcome, errors?.length ?? 0]).toEqual(["runs", isWithin ? 0 : 1]);
      expect(data.rooms.filter(({ list }: any) => list === 1)).toHaveLength(1000);
    }
  });
});

describe("plans that are remembered", () => {
  /** A document that tells how often it was read. */
  function countedOf(text: string): { readonly document: DocumentNode; reads(): number } {
    const { definitions, ...others } = parse(text);
    let reads = 0;
    const counted = {
      get definitions() {
        reads++;
        return definitions;
      },
    };
    const document = Object.defineProperties(others, Object.getOwnPropertyDescriptors(counted));
    return { document: document as DocumentNode, reads: () => reads };
  }

  it("are made once for an operation, until there are too many", async () => {
    const fragment = `fragment F on Query { ${Array.from({ length: 1000 }, (_, i) => `a${i}: shelf { __typename }`).join(" ")} }`;
    const operations = Array.from({ length: 10 }, (_, i) => `query q${i} { ...F }`).join(" ");
    const { document, reads } = countedOf(fragment + operations);
    const check = async (i: number): Promise<number> => {
      const before = reads();
      const operation = { operationName: `q${i}`, caller: callerOf(), context: {} };
      expect((await guard.check({ document, ...operation })).ok).toBe(true);
      return reads() - before;
    };
    expect(await check(0)).toBeGreaterThan(0);
    expect(await check(0)).toBe(0);
    for (let i = 1; i < 10; i++) expect(await check(i)).toBeGreaterThan(0);
    expect(await check(0)).toBeGreaterThan(0); // it was forgotten
    expect(await check(0)).toBe(0);
  });

  it("are tried once where there can be none", async () => {
    const wide = Array.from({ length: 3000 }, (_, i) => `a${i}: shelf { books(lib: "lisbon") }`);
    const { document, reads } = countedOf(`{ ${wide.join(" ")} }`);
    const check = async () => {
      const verdict = await guard.check({ document, caller: callerOf(), context: {} });
      return (verdict as { readonly errors: readonly GraphQLError[] }).errors[0]!;
    };
    const first = await check();
    const before = reads();
    const second = await check();
    expect([second.message, reads() - before]).toEqual([first.message, 0]);
    expect(second).not.toBe(first);
  });
});

describe("scenario 8: selections on interfaces", () => {
  const nested = (depth: number) =>
    `{ ${"shelf { ".repeat(depth)} books(lib: "lisbon") ${"}".repeat(depth)} }`;

  it("are judged on every type behind them", async () => {
    expect((await send(nested(20))).outcome).toBe("runs");
    expect((await send(nested(20), { caller: callerOf({}) })).outcome).toMatch(/^library/);
  });

  it("are looked at up to two hundred thousand", async () => {
    const ignored = parse("{ nothing }");
    const [operation] = ignored.definitions as [OperationDefinitionNode];
    const { selectionSet } = operation;
    const times = (length: number): DocumentNode => {
      const selections = Array.from({ length }, () => selectionSet.selections[0]!);
      return {
        ...ignored,
        definitions: [{ ...operation, selectionSet: { ...selectionSet, selections } }],
      };
    };
    expect((await send(times(200_000))).outcome).toBe("runs");
    expect((await send(times(200_001))).outcome).toBe("errors");
  });

  it("are refused when that is too much to look at", async () => {
    const wide = (width: number) =>
      `{ ${Array.from({ length: width }, (_, i) => `a${i}: shelf { books(lib: "lisbon") }`).join(" ")} }`;
    expect((await send(wide(100))).outcome).toBe("runs");
    const { outcome, errors } = await send(wide(3000));
    expect([outcome, errors![0]!.message]).toEqual([
      "errors",
      "The operation is too large to be checked.",
    ]);
  });
});
