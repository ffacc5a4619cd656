/** What else createGuard refuses to guard, with what to write there, and the twin that it takes. */
import {
  buildSchema,
  DirectiveLocation,
  GraphQLDirective,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  printSchema,
  specifiedDirectives,
} from "graphql";
import { describe, expect, it } from "vitest";
import { accessDirectives, apiKey, createGuard, library } from "../../src/graphql/index.js";
import { problemsOf, schemaOf } from "./fixtures.js";

const none = { organization: "callers", types: "none" } as const;

describe("what is not built yet", () => {
  const ASSET =
    'type Asset implements Any @inLibrary(organization: "org", id: "lib") { name: String }';

  const abstract = (field: string, type: string) =>
    `${field} leads to the marked Asset through ${type}, which is not built yet: return Asset`;

  it.each([
    ["Query.any", "Any", "type Query { any(l: ID! @library): Any }"],
    ["Query.either", "Either", "type Query { either(l: ID! @library): [[Either!]!]! }"],
    ["Page.any", "Any", "type Query { page(l: ID! @library): Page } type Page { any: Any }"],
    [
      "Mutation.any",
      "Any",
      "type Query { a: Int @apiKey } type Mutation { any(l: ID! @library): Any! }",
    ],
  ])(
    "scenarios 60 and 62: abstract types that lead to marked ones: %s",
    (coordinate, type, sdl) => {
      const rest = `interface Any { name: String } type Plain implements Any { name: String } union Either = Asset | Plain`;
      expect(problemsOf(`${sdl} ${rest} ${ASSET}`, { organization: "callers" })).toEqual([
        abstract(coordinate, type),
      ]);
      expect(
        problemsOf(`${sdl.replace(type, "Asset")} ${rest} ${ASSET}`, { organization: "callers" }),
      ).toEqual([]);
      expect(problemsOf(`${sdl} ${rest} ${ASSET.replace(/@inLibrary\(.*\)/, "")}`, none)).toEqual(
        [],
      );
    },
  );

  it("subscriptions", () => {
    const sdl = "type Query { a: Int @apiKey } type Subscription { a: Int }";
    expect(problemsOf(sdl, none)).toEqual([
      "Subscription subscriptions are not built yet: leave the type out",
    ]);
    const renamed = `schema { query: Query } ${sdl}`;
    expect(problemsOf(renamed, none)).toEqual([]);
    expect(
      problemsOf(
        `schema { query: Query subscription: News } ${sdl.replace("Subscription", "News")}`,
        none,
      ),
    ).toEqual(["News subscriptions are not built yet: leave the type out"]);
  });

  it.each([
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
  ])("scenarios 18 and 99: executable directives on %s", (location) => {
    const sdl = (place: string) =>
      `directive @load(libraryId: ID!) on ${place} type Query { a: Int @apiKey }`;
    const problem = "@load executable directives are not built yet: leave it out of the schema";
    expect(problemsOf(sdl(location), none)).toEqual([problem]);
    expect(problemsOf(sdl(`OBJECT | ${location}`), none)).toEqual([problem]);
    expect(problemsOf(sdl("OBJECT | FIELD_DEFINITION"), none)).toEqual([]);
  });

  it("@defer and @stream", () => {
    const query = new GraphQLObjectType({ name: "Query", fields: { a: { type: GraphQLInt } } });
    const named = (name: string) =>
      new GraphQLDirective({
        name,
        locations: [DirectiveLocation.FIELD, DirectiveLocation.INLINE_FRAGMENT],
      });
    const directives = [...specifiedDirectives, named("defer"), named("stream")];
    const rules = { "Query.a": apiKey() };
    expect(problemsOf(new GraphQLSchema({ query, directives }), { ...none, rules })).toEqual([
      "@defer executable directives are not built yet: leave it out of the schema",
      "@stream executable directives are not built yet: leave it out of the schema",
    ]);
    expect(
      problemsOf(new GraphQLSchema({ query, directives: specifiedDirectives }), { ...none, rules }),
    ).toEqual([]);
  });

  it("scenario 36: rules in @oneOf inputs", () => {
    const schema = (isOneOf: boolean) => {
      const where = new GraphQLInputObjectType({
        name: "Where",
        isOneOf,
        fields: { id: { type: GraphQLID }, l: { type: GraphQLID } },
      } as never);
      const args = { where: { type: where }, m: { type: GraphQLID } };
      return new GraphQLSchema({
        query: new GraphQLObjectType({ name: "Query", fields: { a: { type: GraphQLInt, args } } }),
      });
    };
    const rules = { "Where.l": library() };
    expect(problemsOf(schema(true), { ...none, rules })).toEqual([
      "Where.l rules in @oneOf input objects are not built yet",
    ]);
    expect(problemsOf(schema(false), { ...none, rules })).toEqual([]);
    expect(problemsOf(schema(true), { ...none, rules: { "Query.a(m:)": library() } })).toEqual([]);
  });

  it.each([
    ["@organization(whenOmitted: CALLERS)", "organization", "CALLERS"],
    ["@organization(whenOmitted: NONE)", "organization", "NONE"],
    ["@organization(whenOmitted: REACHABLE)", "organization", "REACHABLE"],
    ["@library(whenOmitted: NONE)", "library", "NONE"],
    ["@library(whenOmitted: CALLERS)", "library", "CALLERS"],
  ])("%s", (mark, name, word) => {
    const sdl = (written: string) => `type Query { a(x: [ID!] ${written}): Int @apiKey }`;
    expect(problemsOf(sdl(mark), none)).toEqual([
      `Query.a(x:) has a wrong @${name}: whenOmitted: ${word} is not built yet there, leave it out`,
    ]);
    expect(problemsOf(sdl(`@${name}`), none)).toEqual([]);
    expect(problemsOf(sdl(`@${name}(whenOmitted: null)`), none)).toEqual([]);
  });

  it.each([
    [
      '"*(libraryId:)"',
      { "*(libraryId:)": library() },
      "*(libraryId:) is a wildcard, which is not built yet",
    ],
    ["wildcards of types", { "*": library() }, "* is a wildcard, which is not built yet"],
    [
      "rules of interfaces",
      { "Any.act(l:)": library() },
      "Any.act(l:) is of an interface: not built yet",
    ],
    [
      "rules of interface fields",
      { "Any.act": apiKey() },
      "Any.act is of an interface: not built yet",
    ],
    [
      "targets",
      { "Query.a": { kind: "targets" } },
      'Query.a has a rule that does not fit, "targets": write apiKey()',
    ],
    [
      "unmarked",
      { "Query.a": { kind: "unmarked" } },
      'Query.a has a rule that does not fit, "unmarked": write apiKey()',
    ],
    [
      "namespaces",
      { "Query.a": { kind: "namespace" } },
      'Query.a has a rule that does not fit, "namespace": write apiKey()',
    ],
    [
      "positional",
      { "Query.a": { kind: "positional" } },
      'Query.a has a rule that does not fit, "positional": write apiKey()',
    ],
  ])("%s", (_name, rules, problem) => {
    const sdl = "type Query { a: Int @apiKey } interface Any { act(l: ID): Int }";
    expect(problemsOf(sdl, { ...none, rules: rules as never })).toEqual([problem]);
  });

  it("marks of interfaces in SDL", () => {
    const sdl = (mark: string) =>
      `type Query { a: Int @apiKey } interface Any { act(l: ID ${mark}): Int }`;
    expect(problemsOf(sdl("@library"), none)).toEqual([
      "Any.act(l:) is of an interface: not built yet",
    ]);
    expect(problemsOf(sdl(""), none)).toEqual([]);
  });

  it("scenario 97: namespaces", () => {
    const sdl = (mark: string) => `directive @namespace on FIELD_DEFINITION
      type Query { a: Int @apiKey } type Mutation { assets: Assets ${mark} } type Assets { delete(id: ID): Int }`;
    expect(problemsOf(sdl("@namespace"), none)).toEqual([
      expect.stringMatching(/^Mutation\.assets is not covered/),
    ]);
    expect(problemsOf(sdl("@namespace @apiKey"), none)).toEqual([
      expect.stringMatching(/leads to Assets\.delete/),
    ]);
  });

  it.each(["introspection", "targets", "namespaces"])("the option %s", (name) => {
    const schema = schemaOf("type Query { a: Int @apiKey }");
    expect(() => createGuard(schema, { types: "none", [name]: "none" } as never)).toThrow(
      new TypeError(
        `"options" has no property "${name}"; known: rules, types, organization, libraryIds, fieldResolver, onEvent`,
      ),
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
  const remedy = "has the name of a marked one: mark it too (@library, @organization) or rename it";

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
