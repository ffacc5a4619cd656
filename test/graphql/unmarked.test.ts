/** `unmarked("why")`: the explicit "no target here", in SDL and in code, and what needs it. */
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { apiKey, inLibrary, library, unmarked } from "../../src/graphql/index.js";
import { executors, fixtureOf, problemsOf } from "./support-complete.js";

const given = { types: "none", organization: "callers" } as const;
const why = '@unmarked(why: "shows what is public")';
const forgotten =
  "has the name of a marked one: write @library or @organization on it, or @unmarked";

describe("an argument or input field with the name of a marked one", () => {
  const sdl = (argument: string, field: string) => /* GraphQL */ `
    input Filter {
      libraryId: ID ${field}
    }
    type Query {
      one(libraryId: ID! @library): Int
      two(libraryId: ID ${argument}): Int @apiKey
      three(filter: Filter): Int @apiKey
    }
  `;

  it("throws unless it is unmarked, in SDL", () => {
    expect(problemsOf(sdl("", ""), given)).toEqual([
      `Query.two(libraryId:) ${forgotten}`,
      `Filter.libraryId ${forgotten}`,
    ]);
    expect(problemsOf(sdl(why, ""), given)).toEqual([`Filter.libraryId ${forgotten}`]);
    expect(problemsOf(sdl("", why), given)).toEqual([`Query.two(libraryId:) ${forgotten}`]);
    expect(problemsOf(sdl(why, why), given)).toEqual([]);
  });

  it("throws unless it is unmarked, in code", () => {
    const rules = {
      "Query.two(libraryId:)": unmarked("public"),
      "Filter.libraryId": unmarked("public"),
    };
    expect(problemsOf(sdl("", ""), { ...given, rules })).toEqual([]);
  });

  it("is not judged then, while its twin is", async () => {
    const { send } = fixtureOf(sdl(why, why), given);
    expect((await send('{ two(libraryId: "porto") }')).outcome).toBe("runs");
    expect((await send('{ three(filter: { libraryId: "porto" }) }')).outcome).toBe("runs");
    expect((await send('{ one(libraryId: "porto") }')).outcome).toBe("library");
  });

  it.each(["id", "ids"])("is not asked for when it is called %s", (name) => {
    const ids = `type Query { one(${name}: ID! @library): Int, two(${name}: ID): Int @apiKey }`;
    expect(problemsOf(ids, given)).toEqual([]);
  });
});

describe("what is marked and unmarked", () => {
  it.each([
    ["an argument", `type Query { one(a: ID @library ${why}): Int }`, "Query.one(a:)"],
    [
      "an argument, the other way round",
      `type Query { one(a: ID ${why} @library): Int }`,
      "Query.one(a:)",
    ],
    [
      "an input field",
      `input In { a: ID @library ${why} } type Query { one(in: In): Int }`,
      "In.a",
    ],
    ["a field", `type Query { one: Int @apiKey ${why} }`, "Query.one"],
    ["a type", `type Query { one: A } type A @inLibrary(id: "l") ${why} { a: Int }`, "A"],
  ])("throws: %s", (_name, sdl, coordinate) => {
    expect(problemsOf(sdl, given)).toContain(
      `${coordinate} is marked and unmarked: leave one of them out`,
    );
  });

  it.each([
    ["Query.one(a:)", library()],
    ["Query.one", apiKey()],
    ["A", inLibrary({ id: "l" })],
  ])("throws in code too: %s", (coordinate, rule) => {
    const sdl = `type Query { one(a: ID): A } type A { a: Int }`;
    const rules = { [coordinate]: [unmarked("no"), rule] };
    expect(problemsOf(sdl, { ...given, rules })).toContain(
      `${coordinate} is marked and unmarked: leave one of them out`,
    );
  });

  it("throws across SDL and code", () => {
    const sdl = `type Query { one(a: ID! @library): Int }`;
    const rules = { "Query.one(a:)": unmarked("no") };
    expect(problemsOf(sdl, { ...given, rules })).toEqual([
      "Query.one(a:) is marked and unmarked: leave one of them out",
    ]);
  });
});

describe("a root field", () => {
  it("scenario 9: is not covered by being unmarked", () => {
    const sdl = (root: string) =>
      `type Query { q: Int @apiKey } extend type ${root} { one: Int ${why} }`;
    for (const root of ["Query", "Mutation"]) {
      const schema = root === "Query" ? sdl(root) : sdl(root).replace("extend ", "");
      expect(problemsOf(schema, given)).toEqual([
        expect.stringMatching(new RegExp(`^${root}.one is not covered`)),
      ]);
    }
  });
});

describe("unmarked() itself", () => {
  it.each(["", 5, undefined, null, "x".repeat(1001)])("takes a reason: %s", (reason) => {
    expect(() => unmarked(reason as string)).toThrow(/"why"/);
  });

  it("names its coordinate and its reason in the manifest", () => {
    const sdl = `interface I { b(x: ID): Int } type Query { one(libraryId: ID! @library): Int, a: A @apiKey }
      type A implements I ${why} { b(x: ID): Int } directive @cached on FIELD`;
    const rules = { "@cached": unmarked("only keeps"), "I.b": unmarked("pure") };
    expect(fixtureOf(sdl, { ...given, rules }).guard.manifest().unmarked).toEqual([
      { coordinate: "@cached", why: "only keeps" },
      { coordinate: "A", why: "shows what is public" },
      { coordinate: "A.b", why: "pure" },
    ]);
  });

  it.each(["Query.lost", "Query.one(lost:)", "Lost", "In.lost", "@lost"])(
    "scenario 10: throws for what does not exist: %s",
    (coordinate) => {
      const sdl = `input In { a: ID } type Query { one(in: In): Int @apiKey }`;
      const rules = { [coordinate]: unmarked("no") };
      expect(problemsOf(sdl, { ...given, rules })).toEqual([
        expect.stringMatching(new RegExp(`^${coordinate.replaceAll(/[()]/g, ".")} does not exist`)),
      ]);
    },
  );

  it.each(["In", "Color", "Both"])("throws for a type that has no objects: %s", (coordinate) => {
    const sdl = `input In { a: ID } enum Color { RED } union Both = A type A { a: Int }
      type Query { one(in: In, color: Color): Both @apiKey }`;
    const rules = { [coordinate]: unmarked("no"), A: unmarked("yes") };
    expect(problemsOf(sdl, { ...given, rules })).toEqual([
      expect.stringMatching(new RegExp(`^${coordinate} is no object type or interface`)),
    ]);
  });
});

describe("executable directives", () => {
  const sdl = (definition: string) =>
    `directive @live ${definition} type Query { one: Int @apiKey }`;
  const undeclared =
    '@live can be written by clients: say in the rules "@live": unmarked("why it reaches no library")';

  const executable = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
  ];

  it.each([...executable, "OBJECT | FIELD"])("scenario 18: must be declared: %s", (location) => {
    expect(problemsOf(sdl(`on ${location}`), given)).toEqual([undeclared]);
    const rules = { "@live": unmarked("only refetches") };
    expect(problemsOf(sdl(`on ${location}`), { ...given, rules })).toEqual([]);
  });

  it("scenario 99: one that carries a library id must be declared", () => {
    expect(problemsOf(sdl("(libraryId: ID!) on FIELD"), given)).toEqual([undeclared]);
  });

  it("those of the schema language need nothing", () => {
    expect(problemsOf(sdl("(libraryId: ID) repeatable on OBJECT | ENUM_VALUE"), given)).toEqual([]);
  });

  it("those of GraphQL need nothing", () => {
    const standard = `directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
      directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
      type Query { one: Int @apiKey }`;
    expect(problemsOf(standard, given)).toEqual([]);
  });

  it("in a document that nobody validated: one that the schema does not know does nothing", async () => {
    const { send } = fixtureOf(`type Query { one(a: ID! @library): Int }`, given);
    expect((await send('{ one(a: "lisbon") @live }')).outcome).toBe("runs");
    expect((await send('{ one(a: "porto") @live }')).outcome).toBe("library");
  });

  it.each(executors)(
    "declared, they run by %s, and what they are on is judged",
    async (_n, execute) => {
      const { send } = fixtureOf(
        `directive @live on FIELD | QUERY type Query { one(a: ID! @library): Int }`,
        { ...given, rules: { "@live": unmarked("only refetches") } },
      );
      expect((await send('query @live { one(a: "lisbon") @live }', { execute })).outcome).toBe(
        "runs",
      );
      expect((await send('query @live { one(a: "porto") @live }', { execute })).outcome).toBe(
        "library",
      );
    },
  );

  it.each([
    ["another rule", apiKey()],
    ["a mark", library()],
  ])("take no rule but unmarked(): %s", (_name, rule) => {
    expect(problemsOf(sdl("on FIELD"), { ...given, rules: { "@live": rule } })).toEqual([
      expect.stringMatching(/^@live has a rule that does not fit, .*: write unmarked\(\)$/),
      undeclared,
    ]);
  });
});

describe("scenario 12: marks by other names", () => {
  it("are not read, so that what they were on is not covered", () => {
    const renamed = buildSchema(`
      directive @guard__library on ARGUMENT_DEFINITION
      type Query { one(libraryId: ID! @guard__library): Int }
    `);
    expect(problemsOf(renamed, given)).toEqual([
      expect.stringMatching(/^Query.one is not covered/),
    ]);
  });

  it("throw when the name means something else", () => {
    const other = buildSchema(`
      directive @library(name: String) on ARGUMENT_DEFINITION
      type Query { one(libraryId: ID! @library(name: "x")): Int }
    `);
    expect(problemsOf(other, given)).toContain(
      "@library is defined in another way: take the definitions from accessDirectives",
    );
  });
});
