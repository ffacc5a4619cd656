import { GraphQLObjectType, GraphQLInt, GraphQLID, GraphQLSchema, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { withAccess } from "../../src/graphql/index.js";
import { callerOf, executeWith, fixtureOf, OTHER, OWN, problemsOf } from "./fixtures.js";

const SDL =
  "type Query { free: Int @apiKey report(l: ID!, n: [ID!]): Int } type Mutation { report(l: ID!): Int }";

type Select = (args: any, context: any) => any;

function fixtureFor(select: Select, level: "read" | "write" = "read") {
  const ran: unknown[] = [];
  const report = withAccess(level, select, (_source: unknown, args: unknown) => {
    ran.push(args);
    return 1;
  });
  const resolvers = { Query: { report }, Mutation: { report } };
  return { ran, ...fixtureOf(SDL, { resolvers, types: "none" }) };
}

const pair = (libraryId: unknown, organizationId: unknown = OWN) => ({ organizationId, libraryId });

describe("a selector", () => {
  const query = (l: string) => `{ report(l: "${l}") }`;

  const answers: readonly (readonly [name: string, select: Select])[] = [
    ["a pair", ({ l }) => pair(l)],
    ["pairs", ({ l }) => [pair("lisbon"), pair(l)]],
    ["a frozen pair with more", ({ l }) => Object.freeze({ ...pair(l), name: "x" })],
    ["a number for an id", ({ l }) => pair(l === "barcelona" ? 5 : 6)],
    ["an array with a name", ({ l }) => Object.assign([pair(l)], { libraryId: "lisbon" })],
  ];

  it.each(answers)("that answers %s is judged", async (_name, select) => {
    const { send, ran } = fixtureFor(select);
    const caller = callerOf({ barcelona: "read", lisbon: "read", "5": "read" });
    expect((await send(query("barcelona"), { caller })).outcome).toBe("runs");
    expect(ran).toEqual([{ l: "barcelona" }]);
    expect((await send(query("porto"), { caller })).outcome).toBe("library");
    expect(ran).toHaveLength(1);
  });

  const refused: readonly (readonly [name: string, select: Select, outcome: string])[] = [
    ["nothing", () => undefined, "missing"],
    ["null", () => null, "missing"],
    ["no pairs", () => [], "missing"],
    ["a null among pairs", () => [pair("lisbon"), null], "missing"],
    ["an undefined among pairs", () => [pair("lisbon"), undefined], "missing"],
    ["a hole among pairs", () => [pair("lisbon"), , pair("lisbon")], "missing"],
    ["a text", () => "lisbon", "unreadable"],
    ["true", () => true, "unreadable"],
    ["an empty object", () => ({}), "unreadable"],
    ["a pair without an organization", () => ({ libraryId: "lisbon" }), "unreadable"],
    ["a pair without a library", () => ({ organizationId: OWN }), "unreadable"],
    ["a pair with a null", () => pair(null), "unreadable"],
    ["a pair with an empty id", () => pair(""), "unreadable"],
    ["pairs in pairs", () => [[pair("lisbon")]], "unreadable"],
    ["a Set of pairs", () => new Set([pair("lisbon")]), "unreadable"],
    ["a promise of a pair", async () => pair("lisbon"), "unreadable"],
    ["a promise that is rejected", async () => Promise.reject(new Error("later")), "unreadable"],
    [
      "promises that are rejected",
      () => [pair("lisbon"), Promise.reject(new Error("later"))],
      "unreadable",
    ],
    ["another organization's pair", () => pair("lisbon", OTHER), "library"],
    ["an inherited id", () => pair("constructor"), "library"],
  ];

  it.each(refused)("that answers %s is refused", async (_name, select, outcome) => {
    const { send, ran } = fixtureFor(select);
    expect((await send(query("lisbon"))).outcome).toBe(outcome);
    // A rejected promise that nobody catches would fail the run.
    await new Promise((resolve) => setTimeout(resolve));
    expect(ran).toEqual([]);
  });

  it("that throws, or whose answer does, is refused", async () => {
    const thrower = fixtureFor(() => {
      throw new Error("no");
    });
    expect((await thrower.send(query("lisbon"))).outcome).toBe("unreadable");
    const getter = fixtureFor(() => ({
      get organizationId(): string {
        throw new Error("no");
      },
    }));
    expect((await getter.send(query("lisbon"))).outcome).toBe("unreadable");
    expect([...thrower.ran, ...getter.ran]).toEqual([]);
  });

  it("gets coerced arguments and the context, at both locks and in the resolver itself", async () => {
    const seen: unknown[][] = [];
    const context = { tenant: OWN };
    const { send } = fixtureFor((args, given) => {
      seen.push([{ ...args }, given]);
      return pair(args.l);
    });
    expect(
      (
        await send("query ($v: [ID!]!) { report(l: 5, n: $v) }", {
          context,
          variables: { v: 7 },
          caller: callerOf({ "5": "read" }),
        })
      ).outcome,
    ).toBe("runs");
    expect(seen).toEqual([
      [{ l: "5", n: ["7"] }, context],
      [{ l: "5", n: ["7"] }, context],
      [{ l: "5", n: ["7"] }, context],
    ]);
  });

  it("needs the level that is said, whatever the operation", async () => {
    const select: Select = ({ l }) => pair(l);
    const write = fixtureFor(select, "write");
    expect((await write.send(query("barcelona"))).outcome).toBe("runs");
    expect((await write.send(query("lisbon"))).outcome).toBe("library");
    const read = fixtureFor(select, "read");
    expect((await read.send('mutation { report(l: "lisbon") }')).outcome).toBe("runs");
    expect((await read.send('mutation { report(l: "porto") }')).outcome).toBe("library");
  });

  it("is asked before anything runs", async () => {
    const { send, calls, ran } = fixtureFor(({ l }) => pair(l));
    expect((await send('{ free ok: report(l: "lisbon") report(l: "porto") }')).outcome).toBe(
      "library",
    );
    expect([...calls, ...ran]).toEqual([]);
  });
});

describe("a resolver in withAccess", () => {
  const args = { l: { type: GraphQLID } };
  const resolve = withAccess(
    "read",
    ({ l }: { l: string }) => pair(l) as never,
    () => 1,
  );

  it("is coverage, also on a mutation; wrapped by a framework it is none", () => {
    const sdl = "type Query { report(l: ID!): Int } type Mutation { report(l: ID!): Int }";
    const resolvers = { Query: { report: resolve }, Mutation: { report: resolve } };
    expect(problemsOf(sdl, { resolvers, types: "none" })).toEqual([]);
    const wrapped = (...given: Parameters<typeof resolve>) => resolve(...given);
    const hidden = { Query: { report: wrapped }, Mutation: { report: resolve } };
    expect(problemsOf(sdl, { resolvers: hidden, types: "none" })).toEqual([
      expect.stringMatching(/^Query\.report is not covered/),
    ]);
  });

  it("is coverage bound to an object too, as makeExecutableSchema binds resolvers", async () => {
    const report = withAccess(
      "read",
      ({ l }: any) => pair(l) as never,
      () => 1,
    );
    const bound = report.bind({ Query: { report } });
    const again = bound.bind(null);
    const filled = report.bind(null, {}) as typeof report;
    const resolversOf = (one: unknown) => ({
      resolvers: { Query: { report: one }, Mutation: { report } },
      types: "none" as const,
    });
    expect(problemsOf(SDL, resolversOf(bound))).toEqual([]);
    for (const hidden of [again, filled]) {
      expect(problemsOf(SDL, resolversOf(hidden))).toHaveLength(1);
    }
    const { send } = fixtureOf(SDL, resolversOf(bound));
    const outcomes = ["barcelona", "porto"].map(
      async (l) => (await send(`{ report(l: "${l}") }`)).outcome,
    );
    expect(await Promise.all(outcomes)).toEqual(["runs", "library"]);
  });

  it("refuses by itself where the tag is hidden", async () => {
    const wrapped = (...given: Parameters<typeof resolve>) => resolve(...given);
    const { send } = fixtureOf("type Query { report(l: ID!): Int @apiKey }", {
      resolvers: { Query: { report: wrapped } },
      types: "none",
    });
    expect((await send('{ report(l: "lisbon") }')).data).toEqual({ report: 1 });
    const { outcome, data, errors } = await send('{ report(l: "porto") }');
    expect([outcome, data]).toEqual(["runs", { report: null }]);
    expect(errors![0]!.toJSON()).toMatchObject({
      message:
        '"report" needs read access to a library or organization that this key does not reach.',
      path: ["report"],
      extensions: { code: "UNAUTHORIZED" },
    });
  });

  it("refuses in a schema that nobody guards", async () => {
    const query = new GraphQLObjectType({
      name: "Query",
      fields: { report: { type: GraphQLInt, args, resolve: resolve as never } },
    });
    const document = parse('{ report(l: "lisbon") }');
    for (const contextValue of [undefined, null, {}, { caller: callerOf() }, 5]) {
      const result = await executeWith(new GraphQLSchema({ query }), { document, contextValue });
      expect(result.data).toEqual({ report: null });
      expect(result.errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
    }
  });

  it("is checked beside marks of its arguments", async () => {
    const { send } = fixtureOf("type Query { report(o: ID! @organization, l: ID!): Int }", {
      resolvers: { Query: { report: resolve } },
      types: "none",
    });
    expect((await send(`{ report(o: "${OWN}", l: "lisbon") }`)).outcome).toBe("runs");
    expect((await send(`{ report(o: "${OTHER}", l: "lisbon") }`)).outcome).toBe("organization");
    expect((await send(`{ report(o: "${OWN}", l: "porto") }`)).outcome).toBe("library");
  });

  it("passes everything on", async () => {
    const seen: unknown[] = [];
    const report = withAccess(
      "read",
      () => pair("lisbon") as never,
      (...given: unknown[]) => {
        seen.push(...given);
        return Promise.resolve(7);
      },
    );
    const { send } = fixtureOf("type Query { report(l: ID!): Int }", {
      resolvers: { Query: { report } },
      types: "none",
    });
    const context = {};
    const { data } = await send('{ report(l: "x") }', { context, rootValue: "root" });
    expect(data).toEqual({ report: 7 });
    expect(seen).toEqual([
      "root",
      { l: "x" },
      context,
      expect.objectContaining({ fieldName: "report" }),
    ]);
  });
});

describe("withAccess takes", () => {
  const select = () => null;
  const resolver = () => 1;

  it.each([
    [
      "no other level",
      () => withAccess("admin" as never, select, resolver),
      RangeError,
      '"level" expected "read" or "write"',
    ],
    [
      "no level that is no text",
      () => withAccess(1 as never, select, resolver),
      TypeError,
      '"level" expected "read" or "write"',
    ],
    [
      "a function as selector",
      () => withAccess("read", "x" as never, resolver),
      TypeError,
      '"select" expected a function, got string',
    ],
    [
      "a function as resolver",
      () => withAccess("read", select, null as never),
      TypeError,
      '"resolver" expected a function, got null',
    ],
  ])("%s", (_name, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
