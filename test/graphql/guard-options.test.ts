/** What createGuard takes, and what a schema refuses whose guard was not asked. */
import { GraphQLSchema, parse, subscribe } from "graphql";
import { describe, expect, it } from "vitest";
import { createGuard, library, type Guard } from "../../src/graphql/index.js";
import { guardInternalsOf } from "../../src/graphql/guard.js";
import { codesOf, fixtureOf, problemsOf, schemaOf } from "./support-complete.js";

const SDL = "type Query { one(lib: ID! @library): Int }";
const given = { types: "none", organization: "callers" } as const;

describe("createGuard", () => {
  it.each([
    ["types", "some", RangeError],
    ["organization", "none", RangeError],
    ["libraryIds", "local", RangeError],
    ["introspection", "all", RangeError],
    ["mode", "off", RangeError],
    ["mode", null, RangeError],
    ["typeResolver", "resolve", TypeError],
    ["fieldResolver", {}, TypeError],
    ["onEvent", [], TypeError],
    ["rules", new Map([["Query.one(lib:)", library()]]), TypeError],
    ["rules", [library()], TypeError],
    ["rules", null, TypeError],
    ["rules", new (class Rules {})(), TypeError],
    ["rule", {}, TypeError],
  ])("takes no %s: %s", (name, value, error) => {
    const options = { ...given, [name]: value } as object;
    expect(() => createGuard(schemaOf(SDL), options)).toThrow(error);
    expect(() => createGuard(schemaOf(SDL), options)).toThrow(name);
  });

  it("takes rules without a prototype", () => {
    const rules = Object.assign(Object.create(null) as object, { "Query.one(lib:)": library() });
    expect(problemsOf(SDL, { ...given, rules: rules as Record<string, unknown> })).toEqual([]);
  });

  it.each([undefined, null, {}, SDL, Object.create(GraphQLSchema.prototype)])(
    "takes no other schema: %s",
    (schema) => {
      expect(() => createGuard(schema as GraphQLSchema, given)).toThrow();
    },
  );

  it("answers what adapters take, and nothing else is", () => {
    const { guard } = fixtureOf(SDL, given);
    expect(Object.isFrozen(guard)).toBe(true);
    expect(guardInternalsOf(guard).check).toBeTypeOf("function");
    for (const other of [{ ...guard }, Object.create(guard) as Guard]) {
      expect(() => guardInternalsOf(other)).toThrow('"guard" expected what createGuard returned');
    }
  });
});

describe("a library of a field that names its organization deep within", () => {
  const sdl = (deep: string) => `
    input In { a: Sub!, b: Sub! }
    input Sub { deep: Deep! }
    input Deep { ${deep} name: String, libraryId: ID @library(whenOmitted: NONE) }
    type Query { one(in: In!, lib: ID! @library): Int }`;

  it("is one of an organization, or throws", () => {
    const strict = { types: "none" } as const;
    expect(problemsOf(sdl("org: ID! @organization,"), strict)).toEqual([]);
    expect(problemsOf(sdl(""), strict)).toEqual([
      expect.stringMatching(/^Query.one names a library of no organization/),
    ]);
  });
});

describe("a context that no guard let through", () => {
  const sdl = `type Query { holder: Holder @apiKey }
    type Mutation { holder: Holder @apiKey }
    type Holder { asset: Asset named(lib: ID! @library): Int }
    type Subscription { added: Asset } type Asset @inLibrary(id: "lib") { id: Int }`;

  it.each([
    ["asset", "Query", "read"],
    ["asset", "Mutation", "read"],
    ["named", "Query", "read"],
    ["named", "Mutation", "write"],
  ])(
    "gets nothing below a value that it has already: %s below %s",
    async (name, typename, level) => {
      const { guard } = fixtureOf(sdl, { organization: "callers" });
      const field = (guard.schema.getType("Holder") as any).getFields()[name];
      const info = { operation: {}, fieldName: name, path: { typename } };
      for (const value of [{ lib: "lisbon" }, null]) {
        await expect(field.resolve({ [name]: value }, { lib: "lisbon" }, {}, info)).rejects.toThrow(
          `"${name}" needs ${level} access to a library or organization`,
        );
      }
    },
  );

  it("opens no stream", async () => {
    let opened = 0;
    const schema = schemaOf(sdl);
    schema.getSubscriptionType()!.getFields()["added"]!.subscribe = async function* () {
      opened++;
      yield {};
    };
    const { guard } = fixtureOf(schema, { organization: "callers" });
    const document = parse("subscription { added { id } }");
    const result = (await subscribe({ schema: guard.schema, document, contextValue: {} })) as any;
    expect([codesOf(result.errors), opened]).toEqual([[["added", "UNAUTHORIZED"]], 0]);
  });
});

it("a variable that is nested deeper than any stack is a request that is wrong", async () => {
  const { send } = fixtureOf(
    "input In { lib: ID @library, in: In } type Query { one(in: In): Int }",
    given,
  );
  let deep: object = { lib: "lisbon" };
  for (let i = 0; i < 100_000; i++) deep = { lib: "lisbon", in: deep };
  const { outcome, errors } = await send("query ($in: In) { one(in: $in) }", {
    variables: { in: deep },
  });
  expect([outcome, errors!.length]).toEqual(["errors", 1]);
});
