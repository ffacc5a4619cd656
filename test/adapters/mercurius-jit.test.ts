/**
 * Why Mercurius' option `jit` is refused: what graphql-jit runs is not what was checked. Each line holds of the graphql-jit
 * that Mercurius brings, and of graphql-js it does not. Once they fail, `jit` can be thought of again.
 */
import Fastify from "fastify";
import { buildSchema, type GraphQLResolveInfo } from "graphql";
import mercurius from "mercurius";
import { describe, expect, it } from "vitest";

type Resolve = (source: unknown, args: any, context: unknown, info: GraphQLResolveInfo) => unknown;
type Run = (query: string, operationName?: string) => Promise<unknown>;

/** Runs operations on a Mercurius without a guard. Each is sent often enough to be compiled. */
async function withMercurius<Result>(
  jit: number,
  sdl: string,
  resolvers: Readonly<Record<string, Readonly<Record<string, Resolve>>>>,
  use: (run: Run) => Promise<Result>,
): Promise<Result> {
  const schema = buildSchema(sdl);
  const box: any = schema.getType("Box");
  if (box) box.parseLiteral = ({ value }: { value: string }) => new Set([value]);
  for (const [type, fields] of Object.entries(resolvers)) {
    for (const [name, resolve] of Object.entries(fields)) {
      (schema.getType(type) as any).getFields()[name].resolve = resolve;
    }
  }
  const app = Fastify();
  await app.register(mercurius, { schema, jit });
  await app.ready();
  try {
    return await use(async (query, operationName) => {
      for (let i = 0; i < 2; i++) await app.graphql(query, {}, undefined, operationName);
      return (await app.graphql(query, {}, undefined, operationName)).data;
    });
  } finally {
    await app.close();
  }
}

interface Row {
  readonly what: string;
  readonly sdl: string;
  readonly resolvers: Parameters<typeof withMercurius>[2];
  readonly run: (run: Run) => Promise<unknown>;
  /** What graphql-js makes of it, and graphql-jit. */
  readonly js: unknown;
  readonly compiled: unknown;
}

const answer = (text: string) => () => text;
const fieldOf: Resolve = (_source, _args, _context, { fieldNodes, fieldName }) =>
  `${fieldName} by ${fieldNodes[0]!.name.value}`;

const rows: readonly Row[] = [
  {
    // A check of A lets B through; by GET, a mutation.
    what: "another operation than the one that is named",
    sdl: "type Query { a: String } type Mutation { b: String }",
    resolvers: { Query: { a: answer("a") }, Mutation: { b: answer("b") } },
    run: async (run) => {
      const query = "query A { a } mutation B { b }";
      await run(query, "B");
      return run(query, "A");
    },
    js: { a: "a" },
    compiled: { b: "b" },
  },
  {
    // The lock of a field is in its resolver.
    what: "a field by the resolver of another",
    sdl: "type Query { one: Asset two: Assets } type Asset { sName: String } type Assets { Name: String }",
    resolvers: {
      Query: { one: () => ({}), two: () => ({}) },
      Asset: { sName: answer("locked") },
      Assets: { Name: answer("another") },
    },
    run: (run) => run("{ one { sName } two { Name } }"),
    js: { one: { sName: "locked" }, two: { Name: "another" } },
    compiled: { one: { sName: "another" }, two: { Name: "another" } },
  },
  {
    // What was loaded before execution is found by it. The client chooses the aliases.
    what: "a resolver that is told of another field than its own",
    sdl: "type Query { a: Asset b: Asset } type Asset { secret: String name: String }",
    resolvers: {
      Query: { a: () => ({}), b: () => ({}) },
      Asset: { secret: fieldOf, name: fieldOf },
    },
    run: (run) => run("{ y: a { z_x: secret } x_y: b { z: name } }"),
    js: { y: { z_x: "secret by secret" }, x_y: { z: "name by name" } },
    compiled: { y: { z_x: "name by name" }, x_y: { z: "name by name" } },
  },
  {
    // It says which level a field below a mutation needs.
    what: "a path without the types on it",
    sdl: "type Query { a: String }",
    resolvers: { Query: { a: (_source, _args, _context, { path }) => `${path.typename}` } },
    run: (run) => run("{ a }"),
    js: { a: "Query" },
    compiled: { a: "undefined" },
  },
  {
    // The check judged the one, and the resolver gets the other.
    what: "values of scalars that went through JSON",
    sdl: "scalar Box type Query { a(box: Box): String }",
    resolvers: { Query: { a: (_source, { box }) => `${box instanceof Set}` } },
    run: (run) => run(`{ a(box: "porto") }`),
    js: { a: "true" },
    compiled: { a: "false" },
  },
];

describe("graphql-jit runs", () => {
  it.each(rows)("$what", async ({ sdl, resolvers, run, js, compiled }) => {
    expect(await withMercurius(0, sdl, resolvers, run)).toEqual(js);
    expect(await withMercurius(1, sdl, resolvers, run)).toEqual(compiled);
  });
});
