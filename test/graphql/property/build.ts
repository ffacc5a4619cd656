/** Builds the real schemas that a description stands for: one guarded, one with resolvers that answer what may leave. */
import { rulesOf } from "./rules.js";
import { pairsOf } from "./data.js";
import { visible } from "./oracle-fields.js";
import { execute as toolsExecute } from "@graphql-tools/executor";
import {
  buildSchema,
  execute as graphqlExecute,
  isAbstractType,
  isObjectType,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from "graphql";
import { createExecute } from "../../../src/adapters/execute.js";
import { createApiKeys } from "../../../src/index.js";
import { createMemoryStore } from "../../../src/stores/memory.js";
import {
  accessDirectives,
  createGuard,
  loadedOf,
  withAccess,
  type Guard,
} from "../../../src/graphql/index.js";
import { SPOTS } from "./data.js";
import type { Request } from "./operation.js";
import { fieldOf, rootLevel } from "./oracle.js";
import { printWorld } from "./print.js";
import type { Answer, Field, FieldMark, Level, Manner, World } from "./schema.js";

/** What a resolver received. */
export interface Call {
  readonly type: string;
  readonly field: string;
  readonly level: Level;
  readonly args: Readonly<Record<string, unknown>>;
  /** Of fields with targets. */
  readonly loaded?: unknown;
  /** Of the reference: whether something of the answer may not leave. */
  readonly filtered?: boolean;
}

export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** graphql-js of the project's major, and the executor of Yoga. */
export const EXECUTORS: Readonly<Record<string, Execute>> = {
  "graphql-js": graphqlExecute as Execute,
  "@graphql-tools/executor": toolsExecute as unknown as Execute,
};

export type Run = ReturnType<typeof createExecute>;

export interface Built {
  readonly sdl: string;
  readonly guard: Guard;
  /** By executor. */
  readonly runs: Readonly<Record<string, Run>>;
  /** Not guarded. */
  readonly reference: GraphQLSchema;
}

/** What operations are executed with. */
export interface Context {
  /** What resolvers received. */
  readonly calls: Call[];
  readonly request: Request;
}

const apiKeys = createApiKeys({ store: createMemoryStore() });

export function build(world: World): Built {
  const sdl = `${accessDirectives}\n${printWorld(world)}`;
  const schema = buildSchema(sdl);
  equip(schema, world, ({ answer, marks, manner }) => {
    const isLoaded = marks.some(({ kind }) => kind === "targets");
    return withAccessOf(marks, (source, args, { calls }, info) => {
      calls.push({ ...callOf(world, args, info), ...(isLoaded && { loaded: loadedOf(info) }) });
      const value = valueOf(world, shortened(answer, info), manner);
      return isLate(manner, source) ? Promise.resolve(value) : value;
    });
  });
  const guard = createGuard(schema, {
    rules: rulesOf(world) as never,
    introspection: world.introspection,
    ...(world.organizations === "callers" && { organization: "callers" }),
    ...(world.organizations === "global" && { libraryIds: "global" }),
  });
  const reference = buildSchema(sdl, { assumeValid: true });
  equip(reference, world, ({ answer, marks, type }) => {
    const keepsPlaces = marks.some(({ kind }) => kind === "positional");
    return (_source, args, { calls, request }, info) => {
      const given = shortened(answer, info);
      const left = visible(world, request, keepsPlaces, given);
      const filtered = JSON.stringify(left) !== JSON.stringify(given);
      calls.push({ ...callOf(world, args, info), filtered });
      // Not thrown: all its siblings are to run.
      if (left === undefined && type.nonNull) return Promise.reject(new Error("out of reach"));
      return valueOf(world, left ?? null, "plain");
    };
  });
  const runs = Object.fromEntries(
    Object.entries(EXECUTORS).map(([name, execute]) => [
      name,
      createExecute({ apiKeys, guard, execute }),
    ]),
  );
  return { sdl, guard, runs, reference };
}

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Gives all fields but `key` resolvers, and says how objects tell their type. */
function equip(schema: GraphQLSchema, world: World, resolverOf: (field: Field) => Resolver): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if (isAbstractType(type) && world.typesBy.startsWith("resolveType")) {
      const kindOf = (value: unknown): string => (value as { kind: string }).kind;
      type.resolveType = world.typesBy === "resolveType" ? kindOf : async (value) => kindOf(value);
    }
    if (!isObjectType(type)) continue;
    if (world.typesBy === "isTypeOf")
      type.isTypeOf = (value) => (value as { kind?: string }).kind === type.name;
    for (const field of Object.values(type.getFields())) {
      if (field.name === "key") continue;
      field.resolve = resolverOf(fieldOf(world, type.name, field.name)!) as never;
    }
  }
}

function withAccessOf(marks: readonly FieldMark[], resolve: Resolver): Resolver {
  const mark = marks.find(({ kind }) => kind === "withAccess");
  if (mark?.kind !== "withAccess") return resolve;
  const select = (args: Call["args"]) => pairsOf(args[mark.argument]) as never;
  return withAccess(mark.level, select, resolve) as Resolver;
}

function callOf(world: World, args: Call["args"], info: GraphQLResolveInfo): Call {
  let level: Level | undefined;
  for (let at: typeof info.path | undefined = info.path; at && level === undefined; at = at.prev) {
    level = rootLevel(world, at.typename!);
  }
  return { type: info.parentType.name, field: info.fieldName, level: level!, args };
}

/** Lists within lists within lists would become too long. */
function shortened(answer: Answer, { path }: GraphQLResolveInfo): Answer {
  let lists = 0;
  for (let at: typeof path | undefined = path; at; at = at.prev)
    lists += Number(typeof at.key === "number");
  const longest = [6, 3, 2, 1][Math.min(lists, 3)]!;
  const shorten = (one: Answer): Answer =>
    Array.isArray(one) ? one.slice(0, longest).map(shorten) : one;
  return shorten(answer);
}

function isLate(manner: Manner, source: unknown): boolean {
  if (manner !== "sometimes") return manner === "promise";
  return ((source as { spot?: number } | undefined)?.spot ?? 0) % 2 === 0;
}

/** The value of an answer; in lists of the chosen kind. */
function valueOf(world: World, answer: Answer, manner: Manner): unknown {
  if (typeof answer !== "object" || answer === null) return answer;
  if ("type" in answer) return objectOf(world, answer.type, answer.spot);
  const items = answer.map((item) => valueOf(world, item, manner));
  if (manner === "items") return items.map(async (item) => item);
  if (manner === "iterable") return { [Symbol.iterator]: () => items[Symbol.iterator]() };
  if (manner !== "generator") return items;
  return (function* () {
    yield* items;
  })();
}

function objectOf(world: World, kind: string, spot: number): object {
  const { o, l, m } = SPOTS[spot]!;
  const object = {
    kind,
    spot,
    key: `${kind}#${spot}`,
    o,
    l,
    m,
    at: { o, l },
    where: () => ({ o, l }),
  };
  return world.typesBy === "typename" ? { ...object, __typename: kind } : object;
}
