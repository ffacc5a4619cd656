/** What one operation may take of a check, whatever is sent. */
import { parse, type DocumentNode, type OperationDefinitionNode } from "graphql";
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
  }
  type Query {
    list(libs: [ID!]! @library): Int
    filtered(lib: ID! @library, filter: Filter): Int
    shelf: Shelf @apiKey
  }
  ${Array.from(
    { length: 50 },
    (_, i) =>
      `type S${i} implements Shelf @unmarked(why: "x") { books(lib: ID!): Int shelf: Shelf }`,
  ).join("\n")}
`;

const { send } = fixtureOf(SDL, {
  types: "none",
  organization: "callers",
  resolvers: { Query: { shelf: () => null } },
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
