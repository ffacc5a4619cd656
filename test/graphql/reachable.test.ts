/** `whenOmitted: REACHABLE`: left out means those that the caller reaches, and the resolver is told which. */
import { describe, expect, it } from "vitest";
import { createCaller, everyLibrary } from "../../src/index.js";
import { library } from "../../src/graphql/index.js";
import { callerOf, fixtureOf, OWN, plain, problemsOf } from "./fixtures.js";

const SDL = /* GraphQL */ `
  type Query {
    search(q: String, libraries: [ID!] @library(whenOmitted: REACHABLE)): Result!
    holes(libraries: [ID] @library(whenOmitted: REACHABLE)): [Hit]
    writable(libraries: [ID!] @library(level: WRITE, whenOmitted: REACHABLE)): [Hit]
    byDefault(libraries: [ID!] = ["lisbon"] @library(whenOmitted: REACHABLE)): [Hit]
    both(libraries: [ID!] @library(whenOmitted: REACHABLE), lib: ID @library): [Hit]
  }
  type Mutation {
    make: Made @apiKey(level: READ)
  }
  type Made {
    hit: Hit
  }
  type Result {
    hits: [Hit!]!
    found: Int!
  }
  type Hit @inLibrary(id: "libraryId") {
    name: String
    like(libraries: [ID!] @library(level: READ, whenOmitted: REACHABLE)): [Hit]
  }
`;

const { send, calls } = fixtureOf(SDL, {
  organization: "callers",
  resolvers: { Made: { hit: () => ({ libraryId: "lisbon" }) } },
});

const RUN = '{ search(q: "x") { found } }';

describe("libraries that are left out", () => {
  it.each([
    ["absent", RUN, {}],
    ["null", '{ search(q: "x", libraries: null) { found } }', {}],
    ["an absent variable", 'query ($l: [ID!]) { search(q: "x", libraries: $l) { found } }', {}],
    [
      "null in a variable",
      'query ($l: [ID!]) { search(q: "x", libraries: $l) { found } }',
      { l: null },
    ],
  ])("are the reachable ones: %s", async (_name, query, variables) => {
    expect((await send(query, { variables })).outcome).toBe("runs");
    expect(plain(calls[0]!.args)).toEqual({ q: "x", libraries: ["barcelona", "lisbon"] });
  });

  it.each(["constructor", "toString", "valueOf"])(
    "are the reachable ones also in an argument called %s",
    async (name) => {
      const { send, calls } = fixtureOf(
        `type Query { search(${name}: [ID!] @library(whenOmitted: REACHABLE)): [Hit] }
         type Hit @inLibrary(id: "libraryId") { name: String }`,
        { organization: "callers" },
      );
      expect((await send("{ search { name } }")).outcome).toBe("runs");
      expect(Object.entries(calls[0]!.args)).toEqual([[name, ["barcelona", "lisbon"]]]);
    },
  );

  it("are a fresh list each time: what a resolver does to it stays there", async () => {
    const access = { barcelona: "read", lisbon: "read" } as const;
    await send(RUN, { caller: callerOf(access) });
    (calls[0]!.args["libraries"] as string[]).push("porto");
    await send(RUN, { caller: callerOf(access) });
    expect(calls[0]!.args["libraries"]).toEqual(["barcelona", "lisbon"]);
  });

  it("are refused to a caller that reaches none", async () => {
    expect((await send(RUN, { caller: callerOf({}) })).outcome).toBe("library");
    expect(calls).toEqual([]);
  });

  it("stay out for a caller that reaches every library", async () => {
    const access = everyLibrary("read");
    const caller = createCaller({ id: "user", version: 1, organizationId: OWN, access });
    expect((await send(RUN, { caller })).outcome).toBe("runs");
    expect(calls[0]!.args).toEqual({ q: "x" });
    await send('{ search(q: "x", libraries: null) { found } }', { caller });
    expect(calls[0]!.args).toEqual({ q: "x" });
    await send('{ search(q: "x", libraries: ["any"]) { found } }', { caller });
    expect(calls[0]!.args).toEqual({ q: "x", libraries: ["any"] });
  });

  it("are those at the level of the rule", async () => {
    expect((await send("{ writable { name } }")).outcome).toBe("runs");
    expect(calls[0]!.args).toEqual({ libraries: ["barcelona"] });
    expect(
      (await send("{ writable { name } }", { caller: callerOf({ lisbon: "read" }) })).outcome,
    ).toBe("library");
    // Below a mutation, but the rule says read.
    const query = "mutation { make { hit { like { name } } } }";
    expect((await send(query, { caller: callerOf({ lisbon: "read" }) })).outcome).toBe("runs");
    expect(calls.at(-1)!).toEqual({ field: "Hit.like", args: { libraries: ["lisbon"] } });
  });

  it("are the strictest of several rules'", async () => {
    const { send, calls } = fixtureOf(SDL, {
      organization: "callers",
      rules: { "Query.search(libraries:)": library({ level: "write", whenOmitted: "reachable" }) },
    });
    expect((await send(RUN)).outcome).toBe("runs");
    expect(calls[0]!.args["libraries"]).toEqual(["barcelona"]);
  });

  it("are refused when another rule of the argument wants them", async () => {
    const { send } = fixtureOf(SDL, {
      organization: "callers",
      rules: { "Query.search(libraries:)": library() },
    });
    expect((await send(RUN)).outcome).toBe("missing");
    expect((await send('{ search(libraries: "lisbon") { found } }')).outcome).toBe("runs");
  });

  it("are the argument's default, if it has one", async () => {
    expect((await send("{ byDefault { name } }")).outcome).toBe("runs");
    expect(calls[0]!.args).toEqual({ libraries: ["lisbon"] });
    expect(
      (await send("{ byDefault { name } }", { caller: callerOf({ porto: "read" }) })).outcome,
    ).toBe("library");
    await send("{ byDefault(libraries: null) { name } }");
    expect(calls[0]!.args).toEqual({ libraries: ["barcelona", "lisbon"] });
  });

  it("cover nothing for another argument", async () => {
    expect((await send('{ both(lib: "lisbon") { name } }')).outcome).toBe("runs");
    expect((await send("{ both { name } }")).outcome).toBe("missing");
  });
});

describe("libraries that are named", () => {
  it.each([
    ['{ search(libraries: ["lisbon"]) { found } }', "runs"],
    ['{ search(libraries: "lisbon") { found } }', "runs"],
    ['{ search(libraries: ["lisbon", "porto"]) { found } }', "library"],
    ["{ search(libraries: []) { found } }", "missing"],
    ["{ holes(libraries: [null]) { name } }", "missing"],
    ['{ holes(libraries: ["lisbon", null]) { name } }', "missing"],
    ["query ($l: [ID]) { holes(libraries: $l) { name } }", "runs"],
    ["query ($l: [ID] = [null]) { holes(libraries: $l) { name } }", "missing"],
  ])("are judged as everywhere: %s %s", async (query, outcome) => {
    expect((await send(query)).outcome).toBe(outcome);
    expect(calls.length > 0).toBe(outcome === "runs");
  });
});

describe("createGuard takes REACHABLE only", () => {
  const hit = 'type Hit @inLibrary(id: "libraryId") { name: String }';
  const options = { organization: "callers" } as const;
  const mark = "@library(whenOmitted: REACHABLE)";
  const noList = "has whenOmitted: REACHABLE and is no list of ID or String";

  it.each([
    ["[ID!]", []],
    ["[String]", []],
    ["[ID!]!", ["Query.search(l:) has whenOmitted: REACHABLE and cannot be left out"]],
    ["ID", [`Query.search(l:) ${noList}`]],
    ["[[ID!]]", [`Query.search(l:) ${noList}`]],
    ["[Int!]", [`Query.search(l:) ${noList}`]],
    ["[Place!]", [`Query.search(l:) ${noList}`]],
  ])("on a nullable list of text: %s", (type, problems) => {
    const sdl = `enum Place { A } type Query { search(l: ${type} ${mark}): [Hit] } ${hit}`;
    expect(problemsOf(sdl, options)).toEqual(problems);
  });

  it("on queries", () => {
    const sdl = (type: string) =>
      `type Query { hits: [Hit] } ${type === "Query" ? "extend " : ""}type ${type} { search(l: [ID!] ${mark}): [Hit] } ${hit}`;
    expect(problemsOf(sdl("Query"), options)).toEqual([]);
    expect(problemsOf(sdl("Mutation"), options)).toEqual([
      "Mutation.search(l:) has whenOmitted: REACHABLE on a mutation",
    ]);
  });

  it("on arguments", () => {
    const sdl = `input In { l: [ID!] ${mark} } type Query { search(in: In): [Hit] } ${hit}`;
    expect(problemsOf(sdl, options)).toEqual([
      "In.l has whenOmitted: REACHABLE or CALLERS, which only arguments can have",
    ]);
    expect(problemsOf(sdl.replace(mark, "@library"), options)).toEqual([]);
  });

  it.each([
    ["[Hit]", true],
    ["Hit", true],
    ["Page!", true],
    ["Int", false],
    ["Plain", false],
    ["[Mixed]", false],
    ["Any", false],
  ])("where the results are marked: %s", (type, accepted) => {
    const sdl = `type Query { search(l: [ID!] ${mark}): ${type} } ${hit}
      type Page { hits: [Hit!]! found: Int } type Plain { name: String } type Mixed { hit: Hit plain: Plain }
      interface Any { name: String } type Some implements Any { name: String }`;
    expect(problemsOf(sdl, options)).toEqual(
      accepted
        ? []
        : ["Query.search(l:) has whenOmitted: REACHABLE and returns types without @inLibrary"],
    );
  });
});
