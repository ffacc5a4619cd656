/** `guard.schema` is a copy: the schema that was guarded keeps its resolvers, and the copy has all of it. */
import { defaultFieldResolver, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/graphql/index.js";
import { callerOf, executeWith, OWN, schemaOf } from "./fixtures.js";

describe("the schema that was guarded", () => {
  it("stays as it was", async () => {
    const schema = schemaOf("type Query { one(l: ID! @library): Int free: Int @apiKey }");
    const fields = schema.getQueryType()!.getFields();
    const before = Object.values(fields).map((field) => ({ ...field }));
    const guard = createGuard(schema, { organization: "callers", types: "none" });
    expect(Object.values(fields).map((field) => ({ ...field }))).toEqual(before);
    expect(schema.getQueryType()!.getFields()).toBe(fields);
    expect(guard.schema).not.toBe(schema);
    const document = parse('{ one(l: "porto") }');
    expect((await executeWith(schema, { document, rootValue: { one: 7 } })).data).toEqual({
      one: 7,
    });
    expect((await executeWith(guard.schema, { document, rootValue: { one: 7 } })).data).toEqual({
      one: null,
    });
  });

  it("is copied with all that it has, but nothing more", () => {
    const schema = schemaOf(`
      "the schema" schema { query: Query }
      extend schema @mine
      "about" type Query { "field" free(a: Int = 1): Int @apiKey @deprecated(reason: "old") }
      directive @mine on OBJECT | SCHEMA
      scalar Date @specifiedBy(url: "https://example.com/date")
      type More { date: Date place: Place }
      enum Place { A B }
    `);
    schema.extensions = { mine: true };
    const { schema: copy } = createGuard(schema, { types: "none" });
    expect(Object.keys(copy.getTypeMap()).sort()).toEqual(Object.keys(schema.getTypeMap()).sort());
    expect(copy.getDirectives().map(({ name }) => name)).toEqual(
      schema.getDirectives().map(({ name }) => name),
    );
    expect([copy.extensions, copy.description]).toEqual([{ mine: true }, "the schema"]);
    expect([copy.astNode, copy.extensionASTNodes]).toEqual([
      schema.astNode,
      schema.extensionASTNodes,
    ]);
    expect(copy.extensionASTNodes).toHaveLength(1);
    expect(copy.getQueryType()!.description).toBe("about");
    expect(copy.getQueryType()!.getFields()["free"]!.deprecationReason).toBe("old");
  });

  it("leaves fields that nothing is asked of as they are", () => {
    const schema = schemaOf("type Query { open: Plain @apiKey } type Plain { name: String }");
    const { schema: locked } = createGuard(schema, { types: "none" });
    expect(locked.getQueryType()!.getFields()["open"]!.subscribe).toBe(undefined);
    const plain = locked.getType("Plain") as never as {
      getFields(): Record<string, { resolve?: unknown }>;
    };
    expect(plain.getFields()["name"]!.resolve).toBe(undefined);
  });
});

describe("fieldResolver", () => {
  it("resolves every field without a resolver, guarded or not", async () => {
    const schema = schemaOf(`
      type Query { any: Int @apiKey asset: Asset open: Plain @apiKey }
      type Plain { name: String }
      type Asset @inLibrary(organization: "org", id: "lib") { id: Int }
    `);
    const asked: string[] = [];
    const guard = createGuard(schema, {
      fieldResolver: (source, args, context, info) => {
        asked.push(info.fieldName);
        return defaultFieldResolver(source, args, context, info);
      },
    });
    schema.getQueryType()!.getFields()["any"]!.resolve = () => 7;
    const contextValue = {};
    const document = parse("{ asset { id } open { name } }");
    await guard.check({ document, caller: callerOf(), context: contextValue });
    const rootValue = { asset: { id: 1, org: OWN, lib: "lisbon" }, open: { name: "x" } };
    const { data } = await executeWith(guard.schema, { document, contextValue, rootValue });
    expect(data).toEqual({ asset: { id: 1 }, open: { name: "x" } });
    expect(asked.sort()).toEqual(["asset", "id", "name", "open"]);
  });
});
