/** `@oneOf` input objects: exactly one member is given, and each that could carry a target has a rule. */
import { describe, expect, it } from "vitest";
import { callerOf, executors, fixtureOf, OTHER, OWN, problemsOf, ran } from "./support-complete.js";

const SDL = /* GraphQL */ `
  input By @oneOf {
    libraryId: ID @library
    libraries: [ID!] @library
    organizationId: ID @organization
    all: Boolean @unmarked(why: "asks for what is public")
    not: By
    deep: Deep
  }
  input Deep {
    libraryId: ID! @library(level: WRITE)
  }
  type Query {
    find(by: By!): Int
    maybe(by: By): Int
    many(by: [By!]): Int
    any(by: By): Int @apiKey
    beside(libraryId: ID! @library, by: By): Int
  }
  type Mutation {
    change(by: By!): Int
  }
`;

const options = { types: "none", organization: "callers" } as const;
const fixture = fixtureOf(SDL, options);

interface Row {
  readonly by: string;
  readonly verdict: string;
}

const rows: readonly Row[] = [
  { by: '{ libraryId: "lisbon" }', verdict: "runs" },
  { by: '{ libraryId: "porto" }', verdict: "library" },
  { by: '{ libraryId: "" }', verdict: "unreadable" },
  { by: '{ libraries: ["lisbon", "barcelona"] }', verdict: "runs" },
  { by: '{ libraries: ["lisbon", "porto"] }', verdict: "library" },
  { by: '{ libraries: "lisbon" }', verdict: "runs" },
  { by: "{ libraries: [] }", verdict: "missing" },
  { by: '{ not: { libraryId: "lisbon" } }', verdict: "runs" },
  { by: '{ not: { libraryId: "porto" } }', verdict: "library" },
  { by: '{ not: { not: { not: { libraryId: "lisbon" } } } }', verdict: "runs" },
  { by: '{ not: { not: { not: { libraryId: "porto" } } } }', verdict: "library" },
  { by: '{ deep: { libraryId: "barcelona" } }', verdict: "runs" },
  { by: '{ deep: { libraryId: "lisbon" } }', verdict: "library" },
  // Nothing is named, by a member that can name no library, or an organization only.
  { by: "{ all: true }", verdict: "missing" },
  { by: "{ not: { all: true } }", verdict: "missing" },
  { by: `{ organizationId: "${OWN}" }`, verdict: "missing" },
  { by: `{ organizationId: "${OTHER}" }`, verdict: "organization" },
  { by: `{ not: { organizationId: "${OTHER}" } }`, verdict: "organization" },
  // Not exactly one: the executor's own error.
  { by: "{}", verdict: "errors" },
  { by: "{ libraryId: null }", verdict: "errors" },
  { by: "{ not: null }", verdict: "errors" },
  { by: '{ libraryId: "lisbon", all: true }', verdict: "errors" },
  { by: '{ libraryId: "lisbon", libraries: ["porto"] }', verdict: "errors" },
];

/** The value of a literal as JSON, for variables. */
const json = (literal: string): unknown => JSON.parse(literal.replaceAll(/(\w+):/g, '"$1":'));

describe.each(executors)("by %s", (_name, execute) => {
  it.each(rows)("scenario 36: $by is judged: $verdict", async ({ by, verdict }) => {
    const { outcome, errors } = await fixture.send(`{ find(by: ${by}) }`, { execute });
    expect(outcome).toBe(verdict);
    expect(ran(fixture)).toEqual(verdict === "runs" ? ["Query.find"] : []);
    if (verdict === "runs") expect(errors).toBeUndefined();
  });

  it.each(rows)("scenario 36: $by as a variable is judged: $verdict", async ({ by, verdict }) => {
    const variables = { by: json(by) };
    const query = "query ($by: By!) { find(by: $by) }";
    expect((await fixture.send(query, { variables, execute })).outcome).toBe(verdict);
    expect(ran(fixture)).toEqual(verdict === "runs" ? ["Query.find"] : []);
  });

  it("a variable in a member is judged", async () => {
    const query = "query ($id: ID!) { find(by: { libraryId: $id }) }";
    const send = (id: string) => fixture.send(query, { variables: { id }, execute });
    expect((await send("lisbon")).outcome).toBe("runs");
    expect((await send("porto")).outcome).toBe("library");
  });

  it("a variable in a member that is left out is the executor's error", async () => {
    const query = "query ($id: ID) { find(by: { libraryId: $id }) }";
    const { outcome, errors } = await fixture.send(query, { execute });
    // Unvalidated, executors without @oneOf checks of literals would receive nothing.
    expect(["errors", "missing"]).toContain(outcome);
    expect(errors!.length).toBeGreaterThan(0);
    expect(ran(fixture)).toEqual([]);
  });
});

describe("a @oneOf that may be absent", () => {
  it("scenario 100: names nothing, so another target must", async () => {
    expect((await fixture.send("{ maybe }")).outcome).toBe("missing");
    expect((await fixture.send("{ maybe(by: null) }")).outcome).toBe("missing");
    expect((await fixture.send('{ beside(libraryId: "lisbon") }')).outcome).toBe("runs");
    expect((await fixture.send('{ beside(libraryId: "porto") }')).outcome).toBe("library");
  });

  it("scenario 100: given beside another target, must be within reach too", async () => {
    const query = (by: string) => `{ beside(libraryId: "lisbon", by: ${by}) }`;
    expect((await fixture.send(query("{ all: true }"))).outcome).toBe("runs");
    expect((await fixture.send(query('{ libraryId: "barcelona" }'))).outcome).toBe("runs");
    expect((await fixture.send(query('{ libraryId: "porto" }'))).outcome).toBe("library");
  });

  it("in a list, each is judged", async () => {
    const query = (by: string) => `{ many(by: ${by}) }`;
    const both = (id: string) => `[{ all: true }, { libraryId: "${id}" }]`;
    expect((await fixture.send(query(both("lisbon")))).outcome).toBe("runs");
    expect((await fixture.send(query(both("porto")))).outcome).toBe("library");
    expect((await fixture.send(query("[]"))).outcome).toBe("missing");
  });

  it("needs write in a mutation", async () => {
    const query = (id: string) => `mutation { change(by: { not: { libraryId: "${id}" } }) }`;
    expect((await fixture.send(query("barcelona"))).outcome).toBe("runs");
    expect((await fixture.send(query("lisbon"))).outcome).toBe("library");
  });

  it("beside @apiKey still takes a library", async () => {
    expect((await fixture.send('{ any(by: { libraryId: "lisbon" }) }')).outcome).toBe("runs");
    expect((await fixture.send("{ any }", { caller: callerOf({}) })).outcome).toBe("missing");
  });
});

describe("createGuard", () => {
  it("throws when a member could carry a target and has no rule", () => {
    const sdl = `input By @oneOf { libraryId: ID @library, slug: ID } type Query { find(by: By!): Int }`;
    expect(problemsOf(sdl, options)).toEqual([
      expect.stringMatching(/^By.slug is a member of a @oneOf that can name a library/),
    ]);
    expect(
      problemsOf(sdl.replace("slug: ID", 'slug: ID @unmarked(why: "public")'), options),
    ).toEqual([]);
  });

  it("takes an organization of a @oneOf for what it is: one of several", () => {
    const sdl = (members: string) =>
      `input By @oneOf { ${members} } type Query { find(by: By!, libraryId: ID! @library): Int }`;
    const strict = { types: "none" } as const;
    const org = "organizationId: ID @organization";
    expect(problemsOf(sdl(org), strict)).toEqual([]);
    expect(problemsOf(sdl(`${org}, slug: ID @unmarked(why: "no id")`), strict)).toEqual([
      expect.stringMatching(/^Query.find names a library of no organization/),
    ]);
    expect(problemsOf(sdl(`${org}, other: ID @organization`), strict)).toEqual([]);
  });
});
