/** Which level a library needs, and several rules for one place. */
import { describe, expect, it } from "vitest";
import { apiKey, library, organization } from "../../src/graphql/index.js";
import { callerOf, fixtureOf, OTHER, OWN } from "./fixtures.js";

const reads = callerOf({ lib: "read" });
const writes = callerOf({ lib: "write" });

describe("the level of a mark", () => {
  const SDL = /* GraphQL */ `
    input In {
      lib: ID! @library
      readLib: ID @library(level: READ)
      writeLib: ID @library(level: WRITE)
    }
    type Query {
      plain(lib: ID! @library): Int
      read(lib: ID! @library(level: READ)): Int
      write(lib: ID! @library(level: WRITE)): Int
      input(in: In!): Int
      deep: Deep @apiKey
    }
    type Mutation {
      plain(lib: ID! @library): Int
      read(lib: ID! @library(level: READ)): Int
      write(lib: ID! @library(level: WRITE)): Int
      deep: Deep @apiKey(level: READ)
    }
    type Deep {
      plain(lib: ID! @library): Int
      read(lib: ID! @library(level: READ)): Int
      write(lib: ID! @library(level: WRITE)): Int
      query: Query
    }
  `;
  const { send, calls } = fixtureOf(SDL, { organization: "callers", types: "none" });

  const rows: readonly (readonly [query: string, level: "read" | "write"])[] = [
    ['{ plain(lib: "lib") }', "read"],
    ['{ read(lib: "lib") }', "read"],
    ['{ write(lib: "lib") }', "write"],
    ['{ input(in: { lib: "lib", readLib: "lib", writeLib: "lib" }) }', "write"],
    ['{ deep { plain(lib: "lib") } }', "read"],
    ['{ deep { read(lib: "lib") } }', "read"],
    ['{ deep { write(lib: "lib") } }', "write"],
    ['mutation { plain(lib: "lib") }', "write"],
    ['mutation { read(lib: "lib") }', "read"],
    ['mutation { write(lib: "lib") }', "write"],
    ['mutation { deep { plain(lib: "lib") } }', "write"],
    ['mutation { deep { read(lib: "lib") } }', "read"],
    ['mutation { deep { query { plain(lib: "lib") } } }', "read"],
    ['mutation { deep { query { deep { plain(lib: "lib") } } } }', "read"],
    ['mutation { deep { query { deep { write(lib: "lib") } } } }', "write"],
  ];

  it.each(rows)("%s needs %s", async (query, level) => {
    expect((await send(query, { caller: writes })).outcome).toBe("runs");
    expect((await send(query, { caller: reads })).outcome).toBe(
      level === "read" ? "runs" : "library",
    );
    expect(calls.length > 0).toBe(level === "read");
    expect((await send(query, { caller: callerOf({ other: "read" }) })).outcome).toMatch(
      /^library/,
    );
  });
});

describe("several rules for one place", () => {
  const query = '{ one(lib: "lib") }';

  const rows: readonly (readonly [
    name: string,
    sdl: string,
    rules: Record<string, unknown>,
    level: "read" | "write",
  ])[] = [
    [
      "SDL and map",
      "one(lib: ID! @library): Int",
      { "Query.one(lib:)": library({ level: "write" }) },
      "write",
    ],
    [
      "SDL above the map",
      "one(lib: ID! @library(level: WRITE)): Int",
      { "Query.one(lib:)": library() },
      "write",
    ],
    [
      "an array",
      "one(lib: ID!): Int",
      { "Query.one(lib:)": [library(), library({ level: "write" })] },
      "write",
    ],
    [
      "an array of weak ones",
      "one(lib: ID!): Int",
      { "Query.one(lib:)": [library(), library()] },
      "read",
    ],
    [
      "a field and its argument",
      "one(lib: ID! @library): Int",
      { "Query.one": apiKey({ level: "write" }) },
      "write",
    ],
    [
      "a weak field and its argument",
      "one(lib: ID! @library(level: WRITE)): Int",
      { "Query.one": apiKey() },
      "write",
    ],
    [
      "fields in an array",
      "one(lib: ID! @library): Int",
      { "Query.one": [apiKey(), apiKey({ level: "write" })] },
      "write",
    ],
  ];

  it.each(rows)("all hold: %s", async (_name, field, rules, level) => {
    const { send, calls } = fixtureOf(`type Query { ${field} }`, {
      rules: rules as never,
      organization: "callers",
      types: "none",
    });
    expect((await send(query, { caller: writes })).outcome).toBe("runs");
    expect((await send(query, { caller: reads })).outcome).toMatch(
      level === "read" ? /^runs$/ : /^(library|level)$/,
    );
    expect(calls).toHaveLength(level === "read" ? 1 : 0);
    expect((await send(query, { caller: callerOf({ other: "write" }) })).outcome).toBe("library");
  });

  it("all hold: a value that names organization and library at once", async () => {
    const { send } = fixtureOf("type Query { one(lib: ID! @library): Int }", {
      rules: { "Query.one(lib:)": organization() },
      types: "none",
    });
    const caller = callerOf({ [OWN]: "read", [OTHER]: "read" });
    expect((await send(`{ one(lib: "${OWN}") }`, { caller })).outcome).toBe("runs");
    expect((await send(`{ one(lib: "${OTHER}") }`, { caller })).outcome).toBe("organization");
    expect((await send(`{ one(lib: "${OWN}") }`)).outcome).toBe("library");
  });
});
