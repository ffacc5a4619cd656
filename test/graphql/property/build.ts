/** Builds the real schemas that a description stands for: one guarded, one with resolvers that answer what may leave. */
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
  apiKey,
  createGuard,
  inLibrary,
  library,
  loadedOf,
  namespace,
  organization,
  positional,
  targets,
  withAccess,
  type Guard,
} from "../../../src/graphql/index.js";
import { pairOf, SPOTS } from "./data.js";
import type { Request } from "./operation.js";
import { fieldOf, rootLevel, visible } from "./oracle.js";
import { printWorld } from "./print.js";
import type {
  Answer,
  Composite,
  Field,
  FieldMark,
  Level,
  Manner,
  ValueMark,
  World,
} from "./schema.js";

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
    return withAccessOf(marks, (_source, args, { calls }, info) => {
      calls.push({ ...callOf(world, args, info), ...(isLoaded && { loaded: loadedOf(info) }) });
      return resolved(world, shortened(answer, info), manner);
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
      return resolved(world, left ?? null, "plain");
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

/** What loaders and selectors answer for texts such as `"monogram/barcelona"`. */
export function pairsOf(refs: unknown): unknown {
  return Array.isArray(refs)
    ? refs.map((ref) => (ref === null ? null : pairOf(ref)))
    : refs && pairOf(refs);
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

/** The value of an answer; in lists of the chosen kind. */
function resolved(world: World, answer: Answer, manner: Manner): unknown {
  const value = valueOf(world, answer, manner);
  return manner === "promise" ? Promise.resolve(value) : value;
}

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
  const object = { kind, key: `${kind}#${spot}`, o, l, m, at: { o, l }, where: () => ({ o, l }) };
  return world.typesBy === "typename" ? { ...object, __typename: kind } : object;
}

/** The rules that are not said in SDL, by coordinate. */
function rulesOf(world: World): Record<string, unknown[]> {
  const rules: Record<string, unknown[]> = {};
  const put = (coordinate: string, rule: unknown): void =>
    void (rules[coordinate] ??= []).push(rule);
  const putValue = (coordinate: string, name: string, marks: readonly ValueMark[]): void => {
    for (const mark of marks) {
      if (mark.said === "rule") put(coordinate, valueRule(mark));
      if (mark.said === "wildcard") rules[`*(${name}:)`] = [valueRule(mark)];
    }
  };
  for (const { name, fields } of world.inputs) {
    for (const field of fields) putValue(`${name}.${field.name}`, field.name, field.marks);
  }
  for (const type of world.types) {
    putPlaces(type, put);
    for (const field of type.fields) {
      const coordinate = `${type.name}.${field.name}`;
      for (const mark of field.marks) putFieldRule(coordinate, mark, put);
      for (const { name, marks } of field.args) putValue(`${coordinate}(${name}:)`, name, marks);
    }
  }
  return rules;
}

function valueRule({ names, level, whenOmitted }: ValueMark): unknown {
  const given = { ...(level && { level }), ...(whenOmitted && { whenOmitted }) };
  return names === "library" ? library(given as never) : organization(given as never);
}

function putPlaces(
  { name, places }: Composite,
  put: (coordinate: string, rule: unknown) => void,
): void {
  for (const { organization: o, id, said } of places) {
    if (said === "rule") put(name, inLibrary({ id, ...(o !== null && { organization: o }) }));
  }
}

function putFieldRule(
  coordinate: string,
  mark: FieldMark,
  put: (coordinate: string, rule: unknown) => void,
): void {
  if (mark.kind === "targets") {
    const { argument, level, late } = mark;
    const load = (args: Record<string, unknown>) => pairsOf(args[argument]) as never;
    put(
      coordinate,
      targets(
        late ? async (args: Record<string, unknown>) => load(args) : load,
        level ? { level } : {},
      ),
    );
  } else if ("said" in mark && mark.said === "rule") {
    if (mark.kind === "apiKey") put(coordinate, apiKey(mark.level ? { level: mark.level } : {}));
    else put(coordinate, mark.kind === "positional" ? positional() : namespace());
  }
}
