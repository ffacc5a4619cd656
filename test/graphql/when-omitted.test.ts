/** `whenOmitted: CALLERS` and `NONE`: what may be left out, and what the resolver receives then. */
import { describe, expect, it } from "vitest";
import { library, organization, targets, withAccess } from "../../src/graphql/index.js";
import { executors, fixtureOf, OTHER, OWN, problemsOf } from "./support-complete.js";

const CALLERS = /* GraphQL */ `
  type Query {
    one(org: ID @organization(whenOmitted: CALLERS), lib: ID! @library): Int
    text(org: String @organization(whenOmitted: CALLERS)): Int @apiKey
    fixed(org: ID = "${OTHER}" @organization(whenOmitted: CALLERS), lib: ID! @library): Int
    loaded(org: ID @organization(whenOmitted: CALLERS), id: ID!): Int
    wrapped(org: ID @organization(whenOmitted: CALLERS), id: ID!): Int
  }
  type Mutation {
    change(org: ID @organization(whenOmitted: CALLERS), lib: ID! @library): Int
  }
  type Subscription {
    events(org: ID @organization(whenOmitted: CALLERS), lib: ID! @library): Int
  }
`;

type Args = { org?: string | null; id: string };

const pair = ({ org, id }: Args) => ({ organizationId: org as string, libraryId: id });

const callers = () =>
  fixtureOf(CALLERS, {
    types: "none",
    rules: { "Query.loaded": targets(async (args: Args) => pair(args)) },
    resolvers: { Query: { wrapped: withAccess("read", pair, () => 1) } },
  });

describe.each(executors)("whenOmitted: CALLERS, by %s", (_name, execute) => {
  const fixture = callers();

  it.each([
    ["left out", "", undefined],
    ["null", "org: null,", undefined],
    ["a variable that is not sent", "org: $org,", {}],
    ["a variable that is null", "org: $org,", { org: null }],
  ])("the resolver receives the caller's own: %s", async (_n, org, variables) => {
    const head = variables ? "($org: ID)" : "";
    for (const [operation, field, library] of [
      ["query", "one", "lisbon"],
      ["mutation", "change", "barcelona"],
    ] as const) {
      const query = `${operation} ${head} { ${field}(${org} lib: "${library}") }`;
      const { outcome, errors } = await fixture.send(query, {
        execute,
        variables: variables ?? {},
      });
      expect([outcome, errors]).toEqual(["runs", undefined]);
      expect(fixture.calls[0]!.args).toEqual({ org: OWN, lib: library });
    }
  });

  it("it is judged when it is given", async () => {
    const send = (org: string) =>
      fixture.send(`{ one(org: "${org}", lib: "lisbon") }`, { execute });
    expect((await send(OWN)).outcome).toBe("runs");
    expect(fixture.calls[0]!.args).toEqual({ org: OWN, lib: "lisbon" });
    expect((await send(OTHER)).outcome).toBe("organization");
    expect((await send("")).outcome).toBe("unreadable");
    expect(fixture.calls).toEqual([]);
  });

  it("a default of the schema counts as given", async () => {
    expect((await fixture.send('{ fixed(lib: "lisbon") }', { execute })).outcome).toBe(
      "organization",
    );
    const { outcome } = await fixture.send('{ fixed(org: null, lib: "lisbon") }', { execute });
    expect([outcome, fixture.calls[0]!.args]).toEqual(["runs", { org: OWN, lib: "lisbon" }]);
  });

  it("the library beside it is judged all the same", async () => {
    expect((await fixture.send('{ one(lib: "porto") }', { execute })).outcome).toBe("library");
  });

  it("a loader and a selector receive it too", async () => {
    for (const field of ["loaded", "wrapped"]) {
      const send = (id: string) => fixture.send(`{ ${field}(id: "${id}") }`, { execute });
      const { outcome, errors } = await send("lisbon");
      expect([outcome, errors]).toEqual(["runs", undefined]);
      expect((await send("porto")).outcome).toBe("library");
    }
  });

  it("the second lock hands it over too, and judges what was swapped", async () => {
    const query = 'query ($org: ID) { one(org: $org, lib: "lisbon") }';
    const swapped = await fixture.send(query, { variables: { org: OWN }, swapped: {}, execute });
    expect([swapped.errors, fixture.calls[0]!.args]).toEqual([
      undefined,
      { org: OWN, lib: "lisbon" },
    ]);
    const { errors } = await fixture.send(query, {
      variables: {},
      swapped: { org: OTHER },
      execute,
    });
    expect(errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
    expect(fixture.calls).toEqual([]);
  });
});

describe("whenOmitted: CALLERS", () => {
  const given = { types: "none" } as const;

  it("counts as the organization of the libraries beside it", () => {
    expect(
      problemsOf(CALLERS, {
        ...given,
        rules: { "Query.loaded": targets(() => null) },
        resolvers: { Query: { wrapped: withAccess("read", pair, () => 1) } },
      }),
    ).toEqual([]);
  });

  it("covers no field by itself", () => {
    const sdl = "type Query { one(org: ID @organization(whenOmitted: CALLERS)): Int }";
    expect(problemsOf(sdl, given)).toEqual([expect.stringMatching(/^Query.one is not covered/)]);
  });

  it.each([
    [
      "org: ID! @organization(whenOmitted: CALLERS)",
      "Query.one(org:) has whenOmitted: CALLERS and cannot be left out",
    ],
    [
      "org: [ID] @organization(whenOmitted: CALLERS)",
      "Query.one(org:) has whenOmitted: CALLERS and is a list",
    ],
    ["org: In", "In.org has whenOmitted: REACHABLE or CALLERS, which only arguments can have"],
  ])("throws on %s", (argument, problem) => {
    const sdl = `input In { org: ID @organization(whenOmitted: CALLERS) } type Query { one(${argument}): Int @apiKey }`;
    expect(problemsOf(sdl, given)).toContain(problem);
  });

  it("is no rule of a library, nor are the others of an organization", () => {
    const argument = (mark: string) => `type Query { one(id: ID ${mark}): Int @apiKey }`;
    expect(problemsOf(argument("@library(whenOmitted: CALLERS)"), given)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('"whenOmitted" expected "reachable" or "none"'),
      ]),
    );
    for (const word of ["NONE", "REACHABLE"]) {
      expect(problemsOf(argument(`@organization(whenOmitted: ${word})`), given)).toEqual(
        expect.arrayContaining([expect.stringContaining('"whenOmitted" expected "callers"')]),
      );
    }
    expect(() => organization({ whenOmitted: "none" as "callers" })).toThrow(RangeError);
    expect(() => library({ whenOmitted: "callers" as "none" })).toThrow(RangeError);
  });
});

const NONE = /* GraphQL */ `
  input Update {
    name: String
    moveTo: ID @library(whenOmitted: NONE)
    also: [ID] @library(whenOmitted: NONE)
  }
  input Target {
    libraryId: ID! @library
  }
  type Query {
    near(libraryId: ID! @library, beside: ID @library(whenOmitted: NONE)): Int
    held(target: Target, beside: ID @library(whenOmitted: NONE)): Int
    loaded(id: ID!, beside: ID @library(whenOmitted: NONE)): Int
  }
  type Mutation {
    update(libraryId: ID! @library, update: Update!): Int
    move(id: ID!, update: Update): Int
  }
`;

describe.each(executors)("whenOmitted: NONE, by %s", (_name, execute) => {
  const load = targets((args: Args) => ({ organizationId: OWN, libraryId: args.id }));
  const fixture = fixtureOf(NONE, {
    types: "none",
    organization: "callers",
    rules: { "Mutation.move": load, "Query.loaded": load },
  });

  it.each([
    ['{ near(libraryId: "lisbon") }', "runs"],
    ['{ near(libraryId: "lisbon", beside: null) }', "runs"],
    ['{ near(libraryId: "lisbon", beside: "barcelona") }', "runs"],
    ['{ near(libraryId: "lisbon", beside: "porto") }', "library"],
    ['{ near(libraryId: "lisbon", beside: "") }', "unreadable"],
    ['{ near(libraryId: "porto") }', "library"],
    ['{ held(target: { libraryId: "lisbon" }) }', "runs"],
    ["{ held }", "missing"],
    ["{ held(target: null) }", "missing"],
    ['{ held(beside: "lisbon") }', "runs"],
    ['{ loaded(id: "lisbon") }', "runs"],
    ['{ loaded(id: "lisbon", beside: "porto") }', "library"],
    ['{ loaded(id: "porto") }', "library"],
    ['mutation { update(libraryId: "barcelona", update: { name: "x" }) }', "runs"],
    ['mutation { update(libraryId: "barcelona", update: { moveTo: null }) }', "runs"],
    ['mutation { update(libraryId: "barcelona", update: { moveTo: "barcelona" }) }', "runs"],
    ['mutation { update(libraryId: "barcelona", update: { moveTo: "lisbon" }) }', "library"],
    ['mutation { update(libraryId: "barcelona", update: { also: ["barcelona"] }) }', "runs"],
    ['mutation { update(libraryId: "barcelona", update: { also: [] }) }', "missing"],
    ['mutation { update(libraryId: "barcelona", update: { also: [null] }) }', "missing"],
    ['mutation { update(libraryId: "lisbon", update: { name: "x" }) }', "library"],
    ['mutation { move(id: "barcelona") }', "runs"],
    ['mutation { move(id: "barcelona", update: { moveTo: "barcelona" }) }', "runs"],
    ['mutation { move(id: "barcelona", update: { moveTo: "lisbon" }) }', "library"],
    ['mutation { move(id: "lisbon") }', "library"],
  ])("%s: %s", async (query, verdict) => {
    const { outcome, errors } = await fixture.send(query, { execute });
    expect([outcome, fixture.calls.length]).toEqual([verdict, verdict === "runs" ? 1 : 0]);
    if (verdict === "runs") expect(errors).toBeUndefined();
  });

  it("leaves what the resolver receives as it is", async () => {
    await fixture.send('{ near(libraryId: "lisbon") }', { execute });
    expect(fixture.calls[0]!.args).toEqual({ libraryId: "lisbon" });
    await fixture.send('{ near(libraryId: "lisbon", beside: null) }', { execute });
    expect(fixture.calls[0]!.args).toEqual({ libraryId: "lisbon", beside: null });
  });
});

describe("whenOmitted: NONE throws", () => {
  const given = { types: "none", organization: "callers" } as const;
  const alone = /^Query.one has whenOmitted: NONE on all that names a library/;

  it.each([
    ["one(a: ID @library(whenOmitted: NONE))", "", alone],
    ["one(a: ID @library(whenOmitted: NONE), b: ID @library(whenOmitted: NONE))", "", alone],
    ["one(a: ID @library(whenOmitted: NONE))", "@apiKey", alone],
    ["one(in: In)", "", alone],
    [
      "one(a: ID! @library(whenOmitted: NONE), b: ID @library)",
      "",
      /^Query.one\(a:\) has whenOmitted: NONE and cannot be left out/,
    ],
  ])("on %s %s", (field, mark, problem) => {
    const sdl = `input In { a: ID @library(whenOmitted: NONE) } type Query { ${field}: Int ${mark} }`;
    expect(problemsOf(sdl, given)).toContainEqual(expect.stringMatching(problem));
  });

  it("not beside another target, or what is loaded", () => {
    const sdl = (more: string) =>
      `type Query { one(a: ID @library(whenOmitted: NONE) ${more}): Int }`;
    expect(problemsOf(sdl(", b: ID @library"), given)).toEqual([]);
    expect(problemsOf(sdl(""), { ...given, rules: { "Query.one": targets(() => null) } })).toEqual(
      [],
    );
  });
});
