/** The two spellings of rules: directives in SDL, and a map of coordinates. */
import {
  buildASTSchema,
  buildSchema,
  extendSchema,
  GraphQLID,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from "graphql";
import { describe, expect, it } from "vitest";
import {
  accessDirectives,
  apiKey,
  createGuard,
  inLibrary,
  library,
  organization,
  unmarked,
} from "../../src/graphql/index.js";
import { fixtureOf, problemsOf, schemaOf } from "./fixtures.js";

const none = { organization: "callers", types: "none" } as const;

const MARKED = /* GraphQL */ `
  input In {
    l: ID! @library(level: READ)
  }
  type Query {
    one(o: ID! @organization, l: ID! @library): Int
    in(o: ID! @organization, in: In!): Int
    search(
      ls: [ID!] @library(level: WRITE, whenOmitted: REACHABLE)
      o: ID! @organization
    ): [Asset!]!
    any: Int @apiKey
    writes: Int @apiKey(level: WRITE)
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: ID
  }
`;

const MAP = {
  "In.l": library({ level: "read" }),
  "Query.one(o:)": organization(),
  "Query.one(l:)": library(),
  "Query.in(o:)": organization(),
  "Query.search(ls:)": library({ level: "write", whenOmitted: "reachable" }),
  "Query.search(o:)": organization(),
  "Query.any": apiKey(),
  "Query.writes": apiKey({ level: "write" }),
  Asset: inLibrary({ organization: "org", id: "lib" }),
};

const PLAIN = MARKED.replace(/ @\w+(\([^)]*\))?/g, "");

describe("rules", () => {
  it("are the same in SDL, in a map and in extensions of types", () => {
    expect(PLAIN).not.toContain("@");
    const inSdl = createGuard(schemaOf(MARKED)).manifest();
    const inMap = createGuard(buildSchema(PLAIN), { rules: MAP }).manifest();
    const base = "input In { x: Int } type Query { y: Int @apiKey } type Asset { z: Int }";
    const extended = createGuard(
      extendSchema(schemaOf(base), parse(MARKED.replace(/^ {2}(input|type)/gm, "extend $1"))),
    ).manifest();
    expect(inMap).toEqual(inSdl);
    expect(extended.fields.filter(({ field }) => field !== "Query.y")).toEqual(inSdl.fields);
    expect(extended.types).toEqual(inSdl.types);
    expect(inSdl.fields).toHaveLength(5);
  });

  it("of a type can stand on its extension alone", () => {
    const schema = buildASTSchema(
      parse(`${accessDirectives} type Query { assets: [Asset!]! } type Asset { id: ID }
        extend type Asset @inLibrary(organization: "org", id: "lib")`),
    );
    expect(createGuard(schema).manifest().types).toEqual([
      { type: "Asset", from: ["Query.assets"] },
    ]);
  });

  it("of SDL and map are a conjunction", () => {
    const rules = {
      "Query.one(l:)": library({ level: "write" }),
      "Query.any": [apiKey({ level: "read" })],
    } as const;
    const { fields } = createGuard(schemaOf(MARKED), { rules }).manifest();
    expect(fields.find(({ field }) => field === "Query.one")!.targets).toEqual([
      { at: "l", kind: "library", level: "write" },
      { at: "l", kind: "library" },
      { at: "o", kind: "organization" },
    ]);
    expect(fields.find(({ field }) => field === "Query.any")!.apiKey).toBe("read");
  });
});

describe("a coordinate", () => {
  const sdl = `type Query { a(x: ID): Int @apiKey } input In { x: ID } enum Place { A } scalar Slug union Any = Query
    interface Face { a: Int }`;

  it.each([
    ["Nothing", inLibrary({ id: "x" }), "does not exist: the schema has no type Nothing"],
    ["Nothing.a", apiKey(), "does not exist: the schema has no type Nothing"],
    ["Nothing.a(x:)", library(), "does not exist: the schema has no type Nothing"],
    ["Query.b", apiKey(), "does not exist"],
    ["Query.b(x:)", library(), "does not exist"],
    ["Query.a(y:)", library(), "does not exist"],
    ["In.y", library(), "does not exist"],
    ["In.x(y:)", library(), "does not exist"],
    ["Face.b", apiKey(), "does not exist"],
    ["Query.__typename", apiKey(), "does not exist"],
    ["Place.A", library(), "does not exist"],
    ["Slug.a", library(), "does not exist"],
    ["Any.a", apiKey(), "does not exist"],
    ["constructor", inLibrary({ id: "x" }), "does not exist: the schema has no type constructor"],
    ["__proto__", inLibrary({ id: "x" }), "does not exist: the schema has no type __proto__"],
    ["__proto__.x", apiKey(), "does not exist: the schema has no type __proto__"],
    ["Query.constructor", apiKey(), "does not exist"],
    ["Query.__proto__", apiKey(), "does not exist"],
    ["Query.toString(x:)", library(), "does not exist"],
    ["Query.a(constructor:)", library(), "does not exist"],
    ["In.constructor", library(), "does not exist"],
    ["In.__proto__", library(), "does not exist"],
    ["", apiKey(), "is no schema coordinate"],
    ["Query.", apiKey(), "is no schema coordinate"],
    [".a", apiKey(), "is no schema coordinate"],
    ["Query.a(x)", library(), "is no schema coordinate"],
    ["Query.a(x:", library(), "is no schema coordinate"],
    ["Query.a (x:)", library(), "is no schema coordinate"],
    ["Query.a.b", library(), "is no schema coordinate"],
    ["Query a", apiKey(), "is no schema coordinate"],
    ["Query.a ", apiKey(), "is no schema coordinate"],
    ["@library", library(), 'has a rule that does not fit, "library": write unmarked()'],
    ["@library(level:)", library(), "does not exist"],
    ["@absent", unmarked("why"), "does not exist"],
    ["Place", inLibrary({ id: "x" }), "is no object type or interface: mark those"],
    ["In", inLibrary({ id: "x" }), "is no object type or interface: mark those"],
    ["Any", inLibrary({ id: "x" }), "is no object type or interface: mark those"],
    ["Slug", inLibrary({ id: "x" }), "is no object type or interface: mark those"],
  ])("scenario 10: that is wrong is a problem: %j", (coordinate, rule, problem) => {
    const rules = Object.fromEntries([[coordinate, rule]]);
    expect(problemsOf(sdl, { ...none, rules: rules as never })).toEqual([
      `${coordinate} ${problem}`,
    ]);
  });

  it.each([
    ["Query.a(x:)", apiKey(), '"apiKey": write organization() or library()'],
    ["Query.a(x:)", inLibrary({ id: "x" }), '"inLibrary": write organization() or library()'],
    ["In.x", apiKey(), '"apiKey": write organization() or library()'],
    ["Query.a", library(), '"library": write apiKey() or targets() or namespace() or positional()'],
    [
      "Query.a",
      organization(),
      '"organization": write apiKey() or targets() or namespace() or positional()',
    ],
    [
      "Query.a",
      inLibrary({ id: "x" }),
      '"inLibrary": write apiKey() or targets() or namespace() or positional()',
    ],
    ["Query", library(), '"library": write inLibrary()'],
    ["Query", apiKey(), '"apiKey": write inLibrary()'],
    ["Query.a", null, "null: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", undefined, "undefined: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", true, "boolean: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", "apiKey", "string: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", apiKey, "function: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", {}, "object: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", [[apiKey()]], "array: write apiKey() or targets() or namespace() or positional()"],
    ["Query.a", { kind: 5 }, "object: write apiKey() or targets() or namespace() or positional()"],
    [
      "Query.a",
      { kind: "toString" },
      '"toString": write apiKey() or targets() or namespace() or positional()',
    ],
    [
      "Query.a",
      { kind: "<script>" },
      '"…": write apiKey() or targets() or namespace() or positional()',
    ],
  ])("with a rule of another kind is a problem: %s", (coordinate, rule, problem) => {
    expect(problemsOf(sdl, { ...none, rules: { [coordinate]: rule } as never })).toEqual([
      `${coordinate} has a rule that does not fit, ${problem}`,
    ]);
  });

  it("with no rule is a problem", () => {
    expect(problemsOf(sdl, { ...none, rules: { "Query.a": [] } })).toEqual([
      "Query.a has no rule: write one",
    ]);
    expect(problemsOf(sdl, { ...none, rules: { "Query.a": [apiKey()] } })).toEqual([]);
  });
});

describe("a mark in SDL", () => {
  it.each([
    ["@apiKey(level: ADMIN)", "Query.a", "a: Int @apiKey(level: ADMIN)"],
    ["@apiKey(level: 5)", "Query.a", "a: Int @apiKey(level: 5)"],
    [
      "@library(whenOmitted: EVERY)",
      "Query.a(l:)",
      "a(l: ID @library(whenOmitted: EVERY)): Int @apiKey",
    ],
  ])("with a wrong argument is a problem: %s", (mark, coordinate, field) => {
    const schema = buildSchema(`${accessDirectives} type Query { ${field} b: Int @apiKey }`, {
      assumeValidSDL: true,
    });
    const name = mark.slice(1, mark.indexOf("("));
    expect(problemsOf(schema, none)).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^${coordinate.replace(/\W/g, "\\$&")} has a wrong @${name}: .*(level|whenOmitted)`,
        ),
      ),
    );
  });

  it.each([
    ["@inLibrary", /Asset has a wrong @inLibrary: .*id/],
    [
      '@inLibrary(id: "")',
      /^Asset has a wrong @inLibrary: "source\.id" expected 1 to 256 characters, got 0/,
    ],
    [
      '@inLibrary(organization: "", id: "lib")',
      /^Asset has a wrong @inLibrary: "source\.organization" expected 1 to 256/,
    ],
    ["@inLibrary(id: null)", /Asset has a wrong @inLibrary: .*id/],
  ])("%s is a problem", (mark, problem) => {
    const sdl = `${accessDirectives} type Query { a: [Asset] @apiKey } type Asset ${mark} { id: ID }`;
    const schema = buildSchema(sdl, { assumeValidSDL: true });
    expect(problemsOf(schema, none)).toEqual([expect.stringMatching(problem)]);
  });

  it("with a null for an optional argument is as if it had none", () => {
    const sdl = `type Query { a: [Asset] b(l: ID! @library(level: null)): Int c: Int @apiKey(level: null) }
      type Asset @inLibrary(organization: null, id: "lib") { id: ID }`;
    expect(problemsOf(sdl, { organization: "callers" })).toEqual([]);
    expect(problemsOf(sdl, { libraryIds: "global" })).toEqual([]);
    expect(problemsOf(sdl)).toHaveLength(2);
  });

  it.each([
    [
      "@library on a field",
      "a: Int @library",
      'Query.a has a rule that does not fit, "library": write apiKey() or targets() or namespace() or positional()',
    ],
    [
      "@apiKey on an argument",
      "a(l: ID @apiKey): Int @apiKey",
      'Query.a(l:) has a rule that does not fit, "apiKey": write organization() or library()',
    ],
  ])("in a wrong place is a problem: %s", (_name, field, problem) => {
    const schema = buildSchema(`${accessDirectives} type Query { ${field} b: Int @apiKey }`, {
      assumeValidSDL: true,
    });
    expect(problemsOf(schema, none)).toContain(problem);
  });

  it("of a union is a problem", () => {
    const schema = buildSchema(
      `${accessDirectives} type Query { b: Int @apiKey } union Any @inLibrary(id: "x") = Query`,
      { assumeValidSDL: true },
    );
    expect(problemsOf(schema, none)).toEqual(["Any is no object type or interface: mark those"]);
  });

  it("counts where the schema does not define the directives", () => {
    const schema = buildSchema("type Query { a(l: ID! @library): Int b: Int @apiKey }", {
      assumeValidSDL: true,
    });
    expect(problemsOf(schema, none)).toEqual([]);
  });

  it.each([
    ["library", "directive @library on ARGUMENT_DEFINITION"],
    [
      "library",
      "directive @library(level: ApiKeyLevel, whenOmitted: ApiKeyWhenOmitted, name: String) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION",
    ],
    [
      "library",
      "directive @library(level: String, whenOmitted: ApiKeyWhenOmitted) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION",
    ],
    [
      "library",
      "directive @library(level: ApiKeyLevel, whenOmitted: ApiKeyWhenOmitted) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM",
    ],
    ["apiKey", "directive @apiKey on FIELD_DEFINITION"],
    ["organization", "directive @organization on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION"],
    ["inLibrary", "directive @inLibrary(id: String!) on OBJECT"],
  ])(
    "scenario 12: of a directive that means something else is a problem: @%s, %s",
    (name, definition) => {
      const others = accessDirectives
        .split(/(?=directive)/)
        .filter((part) => !part.startsWith(`directive @${name}`))
        .join("");
      const schema = buildSchema(`${others} ${definition} type Query { b: Int @apiKey }`);
      expect(problemsOf(schema, none)).toEqual([
        `@${name} is defined in another way: take the definitions from accessDirectives`,
      ]);
    },
  );

  it("of a directive whose definition says the same in another order counts", () => {
    const reordered = accessDirectives
      .replace(
        /level: ApiKeyLevel\s+whenOmitted: ApiKeyWhenOmitted/,
        "whenOmitted: ApiKeyWhenOmitted level: ApiKeyLevel",
      )
      .replaceAll(
        "ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION",
        "INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION",
      );
    expect(reordered).not.toBe(accessDirectives);
    expect(
      problemsOf(
        buildSchema(`${reordered} type Query { a(l: ID! @library(level: WRITE)): Int }`),
        none,
      ),
    ).toEqual([]);
  });

  it("of other directives is theirs", async () => {
    const { send } = fixtureOf(
      "directive @cost(of: Int) on FIELD_DEFINITION type Query { a: Int @apiKey @cost(of: 5) }",
      none,
    );
    expect((await send("{ a }")).data).toEqual({ a: 1 });
  });
});

describe("marks that code keeps beside a definition", () => {
  const withExtensions = (directives: unknown): GraphQLSchema =>
    new GraphQLSchema({
      query: new GraphQLObjectType({
        name: "Query",
        fields: {
          room: {
            type: new GraphQLObjectType({
              name: "Room",
              fields: {
                name: {
                  type: GraphQLString,
                  args: { l: { type: GraphQLID, extensions: { directives } } },
                },
              },
            }),
          },
        },
      }),
    });
  const room = { "Query.room": apiKey() };

  it.each([[{ library: {} }], [{ library: [{}] }], [[{ name: "library" }]]])(
    "are a problem, since nobody reads them: %j",
    (directives) => {
      expect(problemsOf(withExtensions(directives), { ...none, rules: room })).toEqual([
        "Room.name(l:) has @library in its extensions, which are not read: write it in the rules",
      ]);
    },
  );

  it("are none beside a rule, and others are not ours", () => {
    const rules = { ...room, "Room.name(l:)": library() };
    expect(problemsOf(withExtensions({ library: {} }), { ...none, rules })).toEqual([]);
    for (const other of [{ cost: {} }, [{ name: "cost" }, null], "library", null]) {
      expect(problemsOf(withExtensions(other), { ...none, rules: room })).toEqual([]);
    }
  });
});
