import { buildSchema, GraphQLInt, GraphQLObjectType, GraphQLSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { apiKey, createGuard } from "../../src/graphql/index.js";
import { guardInternalsOf } from "../../src/graphql/guard.js";
import { schemaOf } from "./fixtures.js";

const schema = schemaOf("type Query { a: Int @apiKey }");

describe("createGuard takes", () => {
  it.each([
    ["no schema", undefined],
    ["null", null],
    ["SDL", "type Query { a: Int }"],
    ["what looks like a schema", { getTypeMap: () => ({}) }],
    ["a guard", createGuard(schema, { types: "none" })],
  ])("a schema, not %s", (_name, given) => {
    expect(() => createGuard(given as never)).toThrow(
      new TypeError('"schema" expected a GraphQLSchema of this graphql'),
    );
  });

  it("a valid schema", () => {
    expect(() => createGuard(new GraphQLSchema({}))).toThrow("Query root type must be provided.");
  });

  const options: readonly (readonly [
    name: string,
    options: unknown,
    kind: typeof Error,
    message: string,
  ])[] = [
    ["options that are null", null, TypeError, '"options" expected an object, got null'],
    ["an unknown option", { type: "none" }, TypeError, '"options" has no property "type"'],
    ["another word for types", { types: "some" }, RangeError, '"types" expected "none"'],
    ["null for types", { types: null }, RangeError, '"types" expected "none"'],
    [
      "another word for organization",
      { organization: "any" },
      RangeError,
      '"organization" expected "callers"',
    ],
    [
      "true for organization",
      { organization: true },
      RangeError,
      '"organization" expected "callers"',
    ],
    [
      "another word for libraryIds",
      { libraryIds: "local" },
      RangeError,
      '"libraryIds" expected "global"',
    ],
    [
      "a text for fieldResolver",
      { fieldResolver: "x" },
      TypeError,
      '"fieldResolver" expected a function, got string',
    ],
    [
      "an object for onEvent",
      { onEvent: {} },
      TypeError,
      '"onEvent" expected a function, got object',
    ],
    ["a text for rules", { rules: "x" }, TypeError, '"rules" expected an object, got string'],
    [
      "an array for rules",
      { rules: [apiKey()] },
      TypeError,
      '"rules" expected an object, got array',
    ],
    [
      "a Map for rules",
      { rules: new Map([["Query.a", apiKey()]]) },
      TypeError,
      '"rules" expected a plain object of coordinate → rule',
    ],
    [
      "an object of a class for rules",
      { rules: new (class Rules {})() },
      TypeError,
      '"rules" expected a plain object of coordinate → rule',
    ],
    [
      "inherited rules",
      { rules: Object.create({ "Query.a": apiKey() }) },
      TypeError,
      '"rules" expected a plain object of coordinate → rule',
    ],
  ];

  it.each(options)("not %s", (_name, given, kind, message) => {
    expect(() => createGuard(schema, given as never)).toThrow(kind);
    expect(() => createGuard(schema, given as never)).toThrow(message);
  });

  it("rules in an object without a prototype", () => {
    const rules = Object.assign(Object.create(null) as object, { "Query.a": apiKey() });
    const bare = new GraphQLSchema({
      query: new GraphQLObjectType({ name: "Query", fields: { a: { type: GraphQLInt } } }),
    });
    expect(createGuard(bare, { rules, types: "none" }).manifest().fields).toHaveLength(1);
  });
});

describe("its error", () => {
  it("lists every place once, with what to write there", () => {
    const bad = schemaOf(`type Query { a: Int b: Int }
      input In { l: ID! @library(whenOmitted: REACHABLE) l2: ID! @library(whenOmitted: REACHABLE) }`);
    expect(() => createGuard(bad, { types: "none" })).toThrow(
      new TypeError(
        [
          "createGuard cannot guard this schema: 6 places to mend.",
          "  - In.l has whenOmitted: REACHABLE and cannot be left out",
          "  - In.l has whenOmitted: REACHABLE or CALLERS, which only arguments can have",
          "  - In.l2 has whenOmitted: REACHABLE and cannot be left out",
          "  - In.l2 has whenOmitted: REACHABLE or CALLERS, which only arguments can have",
          "  - Query.a is not covered: mark the argument that names a library with @library, or every type it returns with @inLibrary, or write @apiKey if any key may run it",
          "  - Query.b is not covered: mark the argument that names a library with @library, or every type it returns with @inLibrary, or write @apiKey if any key may run it",
        ].join("\n"),
      ),
    );
    expect(() => createGuard(schemaOf("type Query { a: Int }"), { types: "none" })).toThrow(
      "1 place to mend",
    );
  });

  it("says the same thing once", () => {
    const twice = buildSchema("type Query { a(l: ID): Int }");
    expect(() =>
      createGuard(twice, {
        rules: { "Query.b": [apiKey(), apiKey()], "Query.a": apiKey() },
        types: "none",
      }),
    ).toThrow(
      new TypeError(
        "createGuard cannot guard this schema: 1 place to mend.\n  - Query.b does not exist",
      ),
    );
  });
});

describe("a guard", () => {
  const guard = createGuard(schema, { types: "none" });

  it("is frozen", () => {
    expect(Object.isFrozen(guard)).toBe(true);
    expect(Object.keys(guard).sort()).toEqual(["check", "explain", "manifest", "schema"]);
  });

  it("is known to adapters by itself, not by its looks", () => {
    expect(guardInternalsOf(guard).check).toBeTypeOf("function");
    expect(() => guardInternalsOf({ ...guard })).toThrow(
      new TypeError('"guard" expected what createGuard returned'),
    );
    expect(() => guardInternalsOf(null as never)).toThrow(
      new TypeError('"guard" expected an object, got null'),
    );
  });
});
