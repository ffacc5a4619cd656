/** What else createGuard refuses to guard, with what to write there, and the twin that it takes. */
import { buildSchema, printSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { accessDirectives, createGuard } from "../../src/graphql/index.js";
import { problemsOf, schemaOf } from "./fixtures.js";

const none = { organization: "callers", types: "none" } as const;

describe("options", () => {
  it.each(["targets", "namespaces", "leaseMs"])("there is none called %s", (name) => {
    const schema = schemaOf("type Query { a: Int @apiKey }");
    expect(() => createGuard(schema, { types: "none", [name]: "none" } as never)).toThrow(
      new RegExp(`^"options" has no property "${name}"; known: rules, types, `),
    );
  });
});

describe("scenario 98: one type as two roots", () => {
  it.each([
    [
      "query and mutation",
      "schema { query: Query mutation: Query } type Query { a(l: ID! @library): Int }",
      "Query",
    ],
    [
      "query and subscription",
      "schema { query: Query subscription: Query } type Query { a(l: ID! @library): Int }",
      "Query",
    ],
  ])("%s", (_name, sdl, type) => {
    const problem = `${type} is the root of two kinds of operation: read and write cannot be told apart`;
    // graphql 16 leaves this to whoever validates; ours must not.
    expect(() =>
      createGuard(buildSchema(`${accessDirectives} ${sdl}`, { assumeValid: true }), none),
    ).toThrow(problem);
  });
});

describe("names", () => {
  const remedy =
    "has the name of a marked one: write @library or @organization on it, or @unmarked";

  it.each([
    [
      "Query.b(l:)",
      "type Query { a(l: ID! @library): Int b(l: ID): Int @apiKey }",
      "type Query { a(l: ID! @library): Int b(m: ID): Int @apiKey }",
    ],
    [
      "In.l",
      "input In { l: ID } type Query { a(l: ID! @library, in: In): Int }",
      "input In { l: ID @library } type Query { a(l: ID! @library, in: In): Int }",
    ],
    [
      "Query.b(l:)",
      "input In { l: ID! @library } type Query { a(in: In!): Int b(l: ID): Int @apiKey }",
      "input In { l: ID! @library } type Query { a(in: In!): Int b(l: ID! @library): Int }",
    ],
    [
      "Deep.b(o:)",
      "type Query { a(o: ID! @organization): Deep @apiKey } type Deep { b(o: ID): Int }",
      "type Query { a(o: ID! @organization): Deep @apiKey } type Deep { b(o: ID @organization): Int }",
    ],
    [
      "Unused.l",
      "input Unused { l: ID } type Query { a(l: ID! @library): Int }",
      "input Unused { id: ID } type Query { a(l: ID! @library): Int }",
    ],
  ])(
    "%s: an unmarked argument or input field with the name of a marked one",
    (coordinate, refused, accepted) => {
      expect(problemsOf(refused, none)).toEqual([`${coordinate} ${remedy}`]);
      expect(problemsOf(accepted, none)).toEqual([]);
    },
  );

  it.each(["id", "ids"])("%s is everyone's", (name) => {
    const sdl = `input In { ${name}: ID } type Query { a(${name}: ID! @library): Int b(${name}: ID, in: In): Int @apiKey }`;
    expect(problemsOf(sdl, none)).toEqual([]);
    expect(problemsOf(sdl.replaceAll(`${name}:`, "other:"), none)).toHaveLength(2);
  });
});

describe("kinds of values", () => {
  const names = (type: string) => `is of type ${type}, which names nothing: mark an id`;

  it.each([
    ["ID", true],
    ["[ID!]!", true],
    ["[[ID]]", true],
    ["String", true],
    ["Int", true],
    ["Place", true],
    ["Slug", true],
    ["Boolean", false],
    ["Float", false],
    ["In", false],
    ["[In!]", false],
  ])("a target of type %s", (type, accepted) => {
    const named = type.replace(/\W/g, "");
    const rest = "enum Place { A } scalar Slug input In { x: Int }";
    for (const mark of ["@library", "@organization"]) {
      const argument = `${rest} type Query { a(y: ${type} ${mark}): Int @apiKey }`;
      expect(problemsOf(argument, none)).toEqual(accepted ? [] : [`Query.a(y:) ${names(named)}`]);
      const field = `${rest} input On { y: ${type} ${mark} } type Query { a(on: On): Int @apiKey }`;
      expect(problemsOf(field, none)).toEqual(accepted ? [] : [`On.y ${names(named)}`]);
    }
  });
});

describe("marks that are lost", () => {
  const problem =
    'schema no type is marked: write @inLibrary on the types whose objects belong to a library, or say `types: "none"`. ' +
    "(Marks do not survive printing a schema and building it again.)";
  const sdl =
    'type Query { assets: [Asset!]! @apiKey } type Asset @inLibrary(organization: "o", id: "l") { id: ID }';

  it("are noticed: no type is marked", () => {
    expect(problemsOf(sdl)).toEqual([]);
    expect(problemsOf(sdl.replace(/@inLibrary\(.*\)/, ""))).toEqual([problem]);
    expect(problemsOf(sdl.replace(/@inLibrary\(.*\)/, ""), { types: "none" })).toEqual([]);
  });

  it("are noticed when a schema was printed and built again", () => {
    const printed = buildSchema(printSchema(schemaOf(sdl.replace(" @apiKey", ""))));
    expect(problemsOf(schemaOf(sdl.replace(" @apiKey", "")))).toEqual([]);
    expect(problemsOf(printed)).toEqual([
      problem,
      expect.stringMatching(/^Query\.assets is not covered/),
    ]);
  });
});
