import {
  defaultFieldResolver,
  extendSchema,
  isAbstractType,
  isNonNullType,
  Kind,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type GraphQLTypeResolver,
} from "graphql";
import type { Level } from "../core/access.js";
import { isFresh, type Caller } from "../core/caller.js";
import { andThen, isPromiseLike } from "../core/maybe-promise.js";
import { renew, stateOf, whenAlive, type GuardIdentity, type State } from "./contexts.js";
import { endError } from "./end.js";
import { inject } from "./inject.js";
import { judgeField, type Allowance } from "./judge.js";
import { findLoaded, isWithinReach, load, provide, type OnLoadFailure } from "./load.js";
import { objectTypes, type FieldPlan, type Model } from "./model.js";
import { denialsOf, fieldRefusal, skipEvent, type Denial } from "./refusal.js";
import {
  admit,
  DENIED,
  resultPlanOf,
  type Exit,
  type ResultPlan,
  type ResultSettings,
} from "./results.js";
import { watchSource } from "./streams.js";

/** What the lock needs besides the schema. */
export interface LockParts {
  readonly model: Model;
  /** Identity of the guard that must have checked a context. */
  readonly guard: GuardIdentity;
  readonly fieldResolver: GraphQLFieldResolver<unknown, unknown> | undefined;
  readonly typeResolver: GraphQLTypeResolver<unknown, unknown> | undefined;
  readonly results: ResultSettings;
  readonly onLoadFailure: OnLoadFailure;
  /** Told of what the check did not see. False: it goes on all the same. */
  readonly onRefused: (caller: Caller, coordinate: string, denial: Denial) => boolean;
  /** Nothing is refused, so nothing is changed either. */
  readonly reportOnly: boolean;
}

/** What a context is told that no check let through, or whose key is dead, or of an object that is out of reach. */
const LIBRARY = denialsOf("library");

type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Args = Readonly<Record<string, unknown>>;

/** A resolver that is told for whom it runs. */
type Guarded = (
  source: unknown,
  args: Args,
  context: unknown,
  info: GraphQLResolveInfo,
  state: State,
) => unknown;

/** A field of the locked schema. */
interface LockedField {
  readonly coordinate: string;
  /** What is to be judged of its arguments; null: nothing. */
  readonly plan: FieldPlan | null;
  /** The level of its root type; null: it is not a root field. */
  readonly rootLevel: Level | null;
  readonly parts: LockParts;
}

/**
 * Makes the second lock: a copy of the schema in which every field with targets judges again what its resolver is about
 * to receive, and every field that leads to marked objects lets only those through that are within reach. All other
 * fields stay as they are.
 */
export function lockSchema(schema: GraphQLSchema, parts: LockParts): GraphQLSchema {
  const { model } = parts;
  const locked = copySchema(schema);
  const subscription = locked.getSubscriptionType();
  for (const type of Object.values(locked.getTypeMap())) {
    // What the guard takes a value for is what the executor takes it for, told or not.
    if (parts.typeResolver && isAbstractType(type)) type.resolveType ??= parts.typeResolver;
  }
  for (const type of objectTypes(locked)) {
    const rootLevel = model.roots.get(type.name) ?? null;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const plan = model.fields.get(type.name)?.get(field.name) ?? null;
      const result = resultPlanOf(locked, model, field.type, coordinate);
      const at: LockedField = { coordinate, plan, rootLevel, parts };
      // Executors would have to be told of it, each of them.
      if (parts.fieldResolver) field.resolve ??= parts.fieldResolver;
      const fallback = parts.fieldResolver ?? defaultFieldResolver;
      const isStream = type === subscription;
      if (isStream) {
        const source = guardSource(plain(field.subscribe ?? fallback));
        field.subscribe = guardContext(plan ? guardArguments(source, plan, at, true) : source, at);
      }
      if (plan === null && result === null && rootLevel === null) continue;
      const resolve = plain(field.resolve ?? fallback);
      const open = result === null ? resolve : guardResult(resolve, result, at, isStream);
      const shut = plan === null ? open : guardArguments(open, plan, at);
      const serial = rootLevel === "write" && !model.namespaces.has(coordinate);
      field.resolve = guardContext(serial ? guardTurn(shut, coordinate) : shut, at);
    }
  }
  return locked;
}

/** A host's own resolver: what is known of its caller is not for it to see, or to change. */
function plain(resolve: Resolver): Guarded {
  return (source, args, context, info) => resolve(source, args, context, info);
}

/** Runs a field only for a context that was checked, and by what may still be believed of its caller. */
function guardContext(run: Guarded, { coordinate, plan, rootLevel, parts }: LockedField): Resolver {
  const { guard, model } = parts;
  const refuse = (info: GraphQLResolveInfo): Promise<never> => {
    const level = rootLevel ?? (plan === null ? "read" : levelBelow(info, model));
    return refused(LIBRARY[level], coordinate);
  };
  return (source, args: Args, context, info) => {
    const state = stateOf(context);
    if (!state?.guards.includes(guard) || state.dead) return refuse(info);
    if (isFresh(state.caller)) return run(source, args, context, info, state);
    return whenAlive(
      state,
      () => run(source, args, context, info, state),
      () => refuse(info),
    );
  };
}

/** Judges what the resolver receives, and hands it what was left out. */
function guardArguments(
  resolve: Guarded,
  plan: FieldPlan,
  { coordinate, rootLevel, parts }: LockedField,
  opensStream = false,
): Guarded {
  const { model, reportOnly, onRefused } = parts;
  return (source, args, context, info, state) => {
    const level = rootLevel ?? levelBelow(info, model);
    const { caller } = state;
    let denial: Denial | null;
    try {
      denial = judgeField(plan, args, level, caller, context, allowanceOf(info, rootLevel));
    } catch (error) {
      return Promise.reject(error as Error);
    }
    if (denial !== null && onRefused(caller, coordinate, denial)) {
      return refused(denial, coordinate);
    }
    const complete = inject(plan, args, level, caller);
    const given = reportOnly ? args : complete;
    if (plan.targets.length === 0) return resolve(source, given, context, info, state);
    // Objects move: what was loaded when a stream was opened says nothing of its events.
    const isEvent = !opensStream && info.operation.operation === "subscription";
    const loaded = plan.targets.map(
      (rule) =>
        (isEvent ? undefined : findLoaded(state.loaded, info, rule, complete)) ??
        load(rule, complete, context, coordinate, parts.onLoadFailure),
    );
    const isWaiting = loaded.some(isPromiseLike);
    return andThen(isWaiting ? Promise.all(loaded.map(async (one) => one)) : loaded, (all) => {
      const known = all as readonly Awaited<(typeof all)[number]>[];
      const go = (): unknown => {
        provide(info, known);
        return resolve(source, given, context, info, state);
      };
      const refuse = (): unknown => {
        if (!onRefused(state.caller, coordinate, LIBRARY[level])) return go();
        if (isEvent && rootLevel !== null) throw endError("UNAUTHORIZED");
        return refused(LIBRARY[level], coordinate);
      };
      const judge = (): unknown =>
        known.every((one) => isWithinReach(one, level, state.caller)) ? go() : refuse();
      return whenAlive(state, judge, refuse);
    });
  };
}

/** Lets through what is within reach of what a resolver answers. */
function guardResult(
  resolve: Guarded,
  plan: ResultPlan,
  { coordinate, parts }: LockedField,
  isEvent: boolean,
): Guarded {
  const { results, onRefused, reportOnly } = parts;
  return (source, args, context, info, state) => {
    const resolved: unknown = resolve(source, args, context, info, state);
    if (resolved === null || resolved === undefined) return resolved;
    const looksTwice = info.operation.operation === "mutation";
    const report = reportOnly ? () => void onRefused(state.caller, coordinate, LIBRARY.read) : null;
    const exit: Exit = { plan, settings: results, state, context, info, looksTwice, report };
    if (!isEvent || reportOnly) return andThen(admit(plan.type, resolved, exit), finish);
    return andThen(resolved, (value) =>
      andThen(admit(plan.type, value, exit), (admitted) => {
        // An event of which nothing is left would still tell that there was one.
        if (admitted !== value && !holdsAnything(admitted)) throw skipEvent(coordinate);
        return admitted;
      }),
    );
  };

  function finish(admitted: unknown): unknown {
    if (admitted !== DENIED) return admitted;
    return isNonNullType(plan.type) ? refused(LIBRARY.read, coordinate) : null;
  }
}

/**
 * Refuses a field. By a rejection, not by throwing: of a list of which one item throws, graphql 16 forgets the others, and
 * one of those that is rejected later would end the process.
 */
function refused(denial: Denial, coordinate: string): Promise<never> {
  return Promise.reject(fieldRefusal(denial, coordinate));
}

/** Whether a value within reach is more than lists of nothing. */
function holdsAnything(admitted: unknown): boolean {
  if (Array.isArray(admitted)) return admitted.some(holdsAnything);
  return admitted !== DENIED && admitted !== null && admitted !== undefined;
}

/** Renews the caller before each further root field of a mutation: a key that died in between changes nothing more. */
function guardTurn(resolve: Guarded, coordinate: string): Guarded {
  return (source, args, context, info, state) => {
    // One object an execution, in every executor.
    const execution: object = info.variableValues;
    if (!turns.has(execution)) {
      turns.add(execution);
      return resolve(source, args, context, info, state);
    }
    const refuse = (): Promise<never> => refused(LIBRARY.write, coordinate);
    const go = (): unknown => resolve(source, args, context, info, state);
    return andThen(renew(state), (alive) => (alive ? whenAlive(state, go, refuse) : refuse()));
  };
}

/** The most ids that fields below the root may name in one execution, each once for every object that it is a field of. */
const MAX_IDS_BELOW = 10_000_000;

const allowances = new WeakMap<object, Allowance>();

/** How many ids a field may name. The first lock has counted its list once; a thousand objects judge it a thousand times. */
function allowanceOf(info: GraphQLResolveInfo, rootLevel: Level | null): Allowance | undefined {
  if (rootLevel !== null || info.operation.operation === "subscription") return undefined;
  const execution: object = info.variableValues;
  let allowance = allowances.get(execution);
  if (allowance === undefined) allowances.set(execution, (allowance = { left: MAX_IDS_BELOW }));
  return allowance;
}

/** Executions of mutations that have begun. */
const turns = new WeakSet<object>();

/** Renews the caller before every event of a subscription's source, and closes the source once its key is dead. */
function guardSource(subscribe: Guarded): Guarded {
  return (source, args, context, info, state) =>
    andThen(subscribe(source, args, context, info, state), (events) => watchSource(events, state));
}

/** The level of a field by the nearest root type above it. */
function levelBelow(info: GraphQLResolveInfo, model: Model): Level {
  for (let at: typeof info.path | undefined = info.path; at !== undefined; at = at.prev) {
    const level = at.typename === undefined ? undefined : model.roots.get(at.typename);
    if (level !== undefined) return level;
  }
  return "write"; // no executor leaves the root out; if one does, ask for more
}

/** A copy of a schema with types of its own, so that the original keeps its resolvers. */
function copySchema(schema: GraphQLSchema): GraphQLSchema {
  // Extending is how graphql-js copies; it needs something to add, which is taken out again.
  const addition: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ kind: Kind.SCHEMA_EXTENSION }],
  };
  const copy = extendSchema(schema, addition, { assumeValid: true });
  // graphql 16 forgets the description and the extensions of the schema itself.
  const { description, extensions, extensionASTNodes } = schema;
  return Object.assign(copy, { description, extensions, extensionASTNodes });
}
