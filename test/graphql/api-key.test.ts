/** `@apiKey`: fields that name no library. */
import { describe, expect, it } from "vitest";
import { createCaller, everyLibrary, type AccessTable } from "../../src/index.js";
import { fixtureOf, OWN } from "./fixtures.js";

const SDL = /* GraphQL */ `
  type Query {
    any: Int @apiKey
    reads: Int @apiKey(level: READ)
    writes: Int @apiKey(level: WRITE)
    nothing: Int @apiKey(level: null)
    deep: Deep @apiKey
  }
  type Mutation {
    any: Int @apiKey
    reads: Int @apiKey(level: READ)
    writes: Int @apiKey(level: WRITE)
    deep: Deep @apiKey(level: READ)
  }
  type Deep {
    any: Int @apiKey
    reads: Int @apiKey(level: READ)
    writes: Int @apiKey(level: WRITE)
    query: Query
  }
`;

const { send, calls } = fixtureOf(SDL, { types: "none" });

const callers = {
  none: {},
  read: { lisbon: "read" },
  write: { lisbon: "read", barcelona: "write" },
  "every read": everyLibrary("read"),
  "every write": everyLibrary("write"),
} as const;

type Name = keyof typeof callers;
const all = Object.keys(callers) as Name[];
const reading = all.filter((name) => name !== "none");
const writing: readonly Name[] = ["write", "every write"];

const rows: readonly (readonly [query: string, allowed: readonly Name[]])[] = [
  ["{ any }", all],
  ["{ nothing }", all],
  ["{ reads }", reading],
  ["{ writes }", writing],
  ["{ deep { any } }", all],
  ["{ deep { reads } }", reading],
  ["{ deep { writes } }", writing],
  ["mutation { any }", writing],
  ["mutation { reads }", reading],
  ["mutation { writes }", writing],
  ["mutation { deep { any } }", writing],
  ["mutation { deep { reads } }", reading],
  ["mutation { deep { writes } }", writing],
  ["mutation { deep { query { any } } }", reading],
  ["mutation { deep { query { deep { writes } } } }", writing],
];

describe.each(rows)("%s", (query, allowed) => {
  it.each(all)("by a key with access: %s", async (name) => {
    const access: AccessTable = callers[name] as AccessTable;
    const caller = createCaller({ id: "key", version: 1, organizationId: OWN, access });
    const runs = allowed.includes(name);
    expect((await send(query, { caller })).outcome).toMatch(runs ? /^runs$/ : /^level(, level)*$/);
    expect(calls.length > 0).toBe(runs);
  });
});
