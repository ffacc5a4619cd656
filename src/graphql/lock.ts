import {
  defaultFieldResolver,
  extendSchema,
  GraphQLSchema,
  isNonNullType,
  parse,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
} from "graphql";
import type { Level } from "../core/access.js";
import type { Caller } from "../core/caller.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { stateOf, type State } from "./contexts.js";
import { judgeField } from "./judge.js";
import { objectTypes, type FieldPlan, type Model } from "./model.js";
import { denialsOf, fieldRefusal } from "./refusal.js";
import { isReachable } from "./rules.js";
import { admit, asArrays, DENIED, resultPlanOf, type Pass, type ResultPlan } from "./results.js";

/** What the lock needs besides the schema. */
export interface LockParts {
  readonly model: Model;
  /** Identity of the guard that must have checked a context. */
  readonly guard: object;
  readonly fieldResolver: GraphQLFieldResolver<unknown, unknown> | undefined;
  readonly ownOrganization: boolean;
  readonly onUnplaced: (typeName: string) => void;
}

/** What a context is told that no check let through, or whose key is dead, or of an object that is out of reach. */
const LIBRARY = denialsOf("library");

type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Args = Readonly<Record<string, unknown>>;

/**
 * Makes the second lock: a copy of the schema in which every field with targets judges again what its resolver is about
 * to receive, and every field that leads to marked objects lets only those through that are within reach. All other
 * fields stay as they are.
 */
export function lockSchema(schema: GraphQLSchema, parts: LockParts): GraphQLSchema {
  const { model } = parts;
  const locked = copySchema(schema);
  const mutation = locked.getMutationType();
  for (const type of objectTypes(locked)) {
    const plans = model.fields.get(type.name);
    const rootLevel = model.roots.get(type.name) ?? null;
    for (const field of Object.values(type.getFields())) {
      const plan = plans?.get(field.name) ?? null;
      const result = resultPlanOf(field.type, model.types);
      const serial = type === mutation;
      // Executors would have to be told of it, each of them.
      if (parts.fieldResolver) field.resolve ??= parts.fieldResolver;
      if (plan === null && result === null && !serial) continue;
      const coordinate = `${type.name}.${field.name}`;
      const resolve = field.resolve ?? defaultFieldResolver;
      const open = result === null ? resolve : guardResult(resolve, result, coordinate, parts);
      const shut = plan === null ? open : guardArguments(open, plan, rootLevel, parts);
      field.resolve = serial ? guardTurn(shut, coordinate, parts) : shut;
    }
  }
  return locked;
}

/** Judges what the resolver receives, and hands it the reachable libraries where they were left out. */
function guardArguments(
  resolve: Resolver,
  plan: FieldPlan,
  rootLevel: Level | null,
  { guard, model }: LockParts,
): Resolver {
  const injected = plan.values.filter(({ rules }) => rules.some(isReachable));
  return (source, args: Args, context, info) => {
    const caller = checkedState(context, guard)?.caller;
    const level = rootLevel ?? levelBelow(info, model);
    const denial = caller ? judgeField(plan, args, level, caller, context) : LIBRARY[level];
    if (denial !== null) throw fieldRefusal(denial, plan.coordinate);
    const complete = injected.length === 0 ? args : inject(args, injected, level, caller!);
    return resolve(source, complete, context, info);
  };
}

function inject(args: Args, injected: FieldPlan["values"], level: Level, caller: Caller): Args {
  const complete: Record<string, unknown> = { ...args };
  for (const { name, rules } of injected) {
    if (args[name] !== null && args[name] !== undefined) continue;
    const levels = rules.map((rule) => (rule.kind === "library" && rule.level) || level);
    const reachable = caller.libraries(levels.includes("write") ? "write" : "read");
    if (reachable === "every") delete complete[name];
    else complete[name] = [...reachable];
  }
  return complete;
}

/** Lets through what is within reach of what a resolver answers. */
function guardResult(
  resolve: Resolver,
  plan: ResultPlan,
  coordinate: string,
  parts: LockParts,
): Resolver {
  const { guard, ownOrganization, onUnplaced } = parts;
  return (source, args, context, info) => {
    const resolved: unknown = resolve(source, args, context, info);
    if (resolved === null || resolved === undefined) return resolved;
    const state = checkedState(context, guard);
    if (state === undefined) throw fieldRefusal(LIBRARY.read, coordinate);
    const pass = (): Pass => ({
      plan,
      caller: state.caller,
      ownOrganization,
      onUnplaced,
      denied: false,
    });
    const first = pass();
    const isMutation = info.operation.operation === "mutation";
    // A generator can be walked once only, and a mutation may have to look twice.
    return andThen(isMutation ? asArrays(plan.type, resolved) : resolved, (value) =>
      andThen(admit(plan.type, value, first), (admitted) => {
        if (!first.denied) return admitted;
        if (!isMutation) return finish(admitted);
        // The library may be one that this mutation created and was granted.
        return andThen(renew(state), (alive) =>
          andThen(alive ? admit(plan.type, value, pass()) : admitted, finish),
        );
      }),
    );
  };

  function finish(admitted: unknown): unknown {
    if (admitted !== DENIED) return admitted;
    if (isNonNullType(plan.type)) throw fieldRefusal(LIBRARY.read, coordinate);
    return null;
  }
}

/** Renews the caller before each further root field of a mutation: a key that died in between changes nothing more. */
function guardTurn(resolve: Resolver, coordinate: string, { guard }: LockParts): Resolver {
  return (source, args, context, info) => {
    const state = checkedState(context, guard);
    if (state === undefined) throw fieldRefusal(LIBRARY.write, coordinate);
    // One object an execution, in every executor.
    const execution: object = info.variableValues;
    if (!turns.has(execution)) {
      turns.add(execution);
      return resolve(source, args, context, info);
    }
    return andThen(renew(state), (alive) => {
      if (!alive) throw fieldRefusal(LIBRARY.write, coordinate);
      return resolve(source, args, context, info);
    });
  };
}

/** Executions of mutations that have begun. */
const turns = new WeakSet<object>();

/** Reads the caller anew. False: its key is dead. */
function renew(state: State): MaybePromise<boolean> {
  return andThen(state.caller.current(), (caller) => {
    if (caller === null) return false;
    state.caller = caller;
    return true;
  });
}

function checkedState(context: unknown, guard: object): State | undefined {
  const state = stateOf(context);
  return state?.guards.includes(guard) ? state : undefined;
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
  const addition = parse("directive @graphqlApiKeysCopy on SCHEMA", { noLocation: true });
  const copy = extendSchema(schema, addition, { assumeValid: true }).toConfig();
  const directives = copy.directives.filter(({ name }) => name !== "graphqlApiKeysCopy");
  // graphql 16 forgets the description and the extensions of the schema itself.
  const { description, extensions } = schema;
  return new GraphQLSchema({ ...copy, directives, description, extensions });
}
