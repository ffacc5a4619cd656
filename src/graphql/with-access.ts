import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { checkLevel, type Level, type LibraryRef } from "../core/access.js";
import type { Caller } from "../core/caller.js";
import { checkFunction } from "../core/check.js";
import { stateOf, whenAlive } from "./contexts.js";
import { judgeSelector } from "./judge.js";
import { fieldRefusal, type Denial } from "./refusal.js";

/** What a host's context has once an adapter let the operation in. */
export interface CallerContext {
  /** Who the operation is. The guard itself does not read it: nothing a host puts here widens what is reached. */
  readonly caller: Caller;
}

/** Which libraries a call of a resolver is about. */
export interface Selector {
  readonly level: Level;
  readonly select: (args: never, context: never) => unknown;
}

type AnyResolver = GraphQLFieldResolver<unknown, unknown>;

const selectors = new WeakMap<object, Selector>();

/**
 * Wraps a resolver: it runs only for callers that reach the libraries that its arguments are about. `createGuard` takes
 * it as coverage of the field, and `guard.check` evaluates the selector before anything runs.
 *
 * @param level - What it takes: `"read"` or `"write"`.
 * @param select - From arguments and context to the library, or all the libraries, that the call is about. Must be
 * synchronous. Nothing, an empty list, or a list with a null is refused.
 * @param resolver - What runs then.
 * @returns A resolver to put into the schema. Where a framework wraps it, it still refuses, but later and by itself.
 * @throws TypeError or RangeError when an argument is not as described.
 * @example
 * ```ts
 * import { withAccess } from "graphql-api-keys/graphql";
 *
 * const resolvers = {
 *   Query: {
 *     report: withAccess(
 *       "read",
 *       (args: { organizationId: string; libraryId: string }) => args,
 *       (_source, args) => `All is well in ${args.libraryId}`,
 *     ),
 *   },
 * };
 * ```
 */
export function withAccess<Source, Args, Context, Result>(
  level: Level,
  select: (args: Args, context: Context) => LibraryRef | readonly LibraryRef[] | null | undefined,
  resolver: (source: Source, args: Args, context: Context, info: GraphQLResolveInfo) => Result,
): (source: Source, args: Args, context: Context, info: GraphQLResolveInfo) => Result {
  const selector: Selector = {
    level: checkLevel('"level"', level),
    select: checkFunction("select", select),
  };
  checkFunction("resolver", resolver);
  const unchecked: Denial = { reason: "library", level };
  function guarded(source: Source, args: Args, context: Context, info: GraphQLResolveInfo): Result {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    const refuse = (denial: Denial): never => {
      throw fieldRefusal(denial, coordinate);
    };
    const state = stateOf(context);
    if (state === undefined || state.dead) return refuse(unchecked);
    const isReported = state.guards.every(({ reportOnly }) => reportOnly); // by the guard
    const decide = (): Result => {
      const denial = judgeSelector(selector, args, context, state.caller);
      if (denial !== null && !isReported) refuse(denial);
      return resolver(source, args, context, info);
    };
    // Executors wait for whatever a resolver answers.
    return whenAlive(state, decide, () => refuse(unchecked)) as Result;
  }
  selectors.set(guarded, selector);
  // makeExecutableSchema binds every resolver to its map: what comes of that is the same resolver still.
  const bind = (self: unknown, ...bound: unknown[]): unknown => {
    const copy = Function.prototype.bind.call(guarded, self, ...bound) as object;
    if (bound.length === 0) selectors.set(copy, selector);
    return copy;
  };
  return Object.defineProperty(guarded, "bind", { value: bind });
}

/** The selector of a wrapped resolver, or null. */
export function selectorOf(resolver: AnyResolver | undefined): Selector | null {
  return (resolver && selectors.get(resolver)) ?? null;
}
