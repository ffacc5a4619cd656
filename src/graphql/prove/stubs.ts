import {
  extendSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
  parse,
  type GraphQLFieldResolver,
  type GraphQLList,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from "graphql";
import { possibleTypes } from "../model.js";
import type { Objects } from "./objects.js";
import type { Place } from "./oracle.js";
import { loosenScalars, plainResultOf } from "./scalars.js";
import type { ProofSamples } from "./samples.js";
import { eachField } from "../walk.js";
import { selectorOf, withAccess } from "../with-access.js";

/** A resolver that ran. */
export interface Call {
  /** `Type.field` */
  readonly coordinate: string;
  /** Response keys from the root, list positions left out. */
  readonly path: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly source: unknown;
}

/** How a resolver hands over what it answers. */
export type Delivery = "value" | "promise" | "generator" | "stream";

/** What the stubs answer in one operation, and what they saw. */
export interface Run {
  readonly calls: Call[];
  /** Coordinate of the field that is proved. */
  readonly goal: string;
  /** Coordinates of the fields above it → the type that is gone on with. */
  readonly wanted: ReadonlyMap<string, string>;
  /** Where the objects of lists are. The last is where those that stand alone are, on the way. */
  readonly places: readonly Place[];
  /** What the goal answers where it answers one object. */
  readonly single: { readonly type: string | undefined; readonly place: Place };
  readonly delivery: Delivery;
}

/** A copy of a schema of which every resolver is a stub, and what its stubs need. */
export interface Stubs {
  readonly schema: GraphQLSchema;
  /** Ties a context object to what happens in its operation. */
  begin(context: object, run: Run): void;
  /** What a field answers in a run. */
  answer(type: GraphQLOutputType, coordinate: string, run: Run): unknown;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Copies a schema. What the original's resolvers do is never done; tags of `withAccess` stay. */
export function copyOf(schema: GraphQLSchema, samples: ProofSamples): GraphQLSchema {
  // Extending is how graphql-js copies; it needs something to add.
  const addition = parse("directive @graphqlApiKeysProof on SCHEMA", { noLocation: true });
  const copy = extendSchema(schema, addition, { assumeValid: true });
  loosenScalars(copy, samples);
  return copy;
}

/** Replaces the resolvers of a copy. */
export function stub(schema: GraphQLSchema, objects: Objects): Stubs {
  const runs = new WeakMap<object, Run>();

  const note = (
    source: unknown,
    args: Call["args"],
    context: unknown,
    info: GraphQLResolveInfo,
  ) => {
    const run = runs.get(context as object)!;
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    run.calls.push({ coordinate, path: pathOf(info), args, source });
    return { run, coordinate };
  };

  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = (value: unknown) => objects.typeOf(value);
    if (isObjectType(type)) delete (type as { isTypeOf?: unknown }).isTypeOf;
  }
  const subscription = schema.getSubscriptionType();
  eachField(schema, (type, field) => {
    const resolve: Resolver = (source, args: Call["args"], context, info) => {
      const { run, coordinate } = note(source, args, context, info);
      return deliver(answer(field.type, coordinate, run), run, coordinate);
    };
    const subscribe: Resolver = (source, args: Call["args"], context, info) => {
      note(source, args, context, info);
      return once();
    };
    field.resolve = tagged(field.resolve, resolve);
    if (type === subscription) field.subscribe = tagged(field.subscribe, subscribe);
    else delete field.subscribe;
  });

  function answer(type: GraphQLOutputType, coordinate: string, run: Run): unknown {
    const nullable = getNullableType(type);
    const named = getNamedType(type);
    if (isLeafType(named))
      return isListType(nullable) ? nest(type, [plainResultOf(named)]) : plainResultOf(named);
    const types = possibleTypes(schema, named)
      .map(({ name }) => name)
      .filter((name) => objects.obstacle(name) === null);
    const makeAll = (name: string): readonly (object | null)[] =>
      objects.isMarked(name)
        ? run.places.map((place) => objects.make(name, place))
        : [objects.make(name, null)];
    if (isListType(nullable)) {
      return nest(
        type,
        types.flatMap(makeAll).filter((object) => object !== null),
      );
    }
    const isGoal = coordinate === run.goal;
    const wanted = (isGoal ? run.single.type : run.wanted.get(coordinate)) ?? types[0];
    if (wanted === undefined) return null;
    const place = isGoal ? run.single.place : run.places.at(-1)!;
    return objects.make(wanted, objects.isMarked(wanted) ? place : null);
  }

  return { schema, answer, begin: (context, run) => void runs.set(context, run) };
}

function tagged(original: Resolver | undefined, resolver: Resolver): Resolver {
  const selector = selectorOf(original);
  if (selector === null) return resolver;
  return withAccess(selector.level, selector.select as never, resolver) as Resolver;
}

/** Response keys from the root, list positions left out. */
function pathOf(info: GraphQLResolveInfo): string {
  const keys: string[] = [];
  for (let at: typeof info.path | undefined = info.path; at !== undefined; at = at.prev) {
    if (typeof at.key === "string") keys.unshift(at.key);
  }
  return keys.join(".");
}

/** Lists of lists hold one list each but for the innermost. */
function nest(type: GraphQLOutputType, items: readonly unknown[]): readonly unknown[] {
  const { ofType } = getNullableType(type) as GraphQLList<GraphQLOutputType>;
  const inner = getNullableType(ofType);
  return isListType(inner) ? [nest(inner, items)] : items;
}

function deliver(value: unknown, run: Run, coordinate: string): unknown {
  if (run.delivery === "value" || coordinate !== run.goal) return value;
  if (!Array.isArray(value)) return Promise.resolve(value);
  if (run.delivery === "promise")
    return Promise.resolve(value.map((item) => Promise.resolve(item)));
  return run.delivery === "generator" ? walk(value) : stream(value);
}

function* walk(items: readonly unknown[]): Generator<unknown> {
  yield* items;
}

async function* stream(items: readonly unknown[]): AsyncGenerator<unknown> {
  for (const item of items) yield await Promise.resolve(item);
}

async function* once(): AsyncGenerator<unknown> {
  yield await Promise.resolve({});
}
