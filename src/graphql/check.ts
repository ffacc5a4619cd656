import { GraphQLError } from "graphql";
import { isFresh, type Caller } from "../core/caller.js";
import { checkFunction, checkObject } from "../core/check.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import { MAX_RENEWALS, tie, type GuardIdentity, type LoadedByField } from "./contexts.js";
import { inject } from "./inject.js";
import type { Inspector, Operation, Request } from "./inspect.js";
import { createLoads, isWithinReach, type OnLoadFailure } from "./load.js";
import { keysOf, type Entry } from "./plan.js";
import { endError, type EndReason } from "./end.js";
import { createRefusal, MAX_REFUSALS, refusalError, type Denial, type Refusal } from "./refusal.js";

/** Whether an operation may run. */
export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Why not, one a field, at most 20. Empty when the request itself is wrong, as `errors` then says. */
      readonly refusals: readonly Refusal[];
      /** What to answer, without `data`. */
      readonly errors: readonly GraphQLError[];
    };

/** What a check needs besides the reader of operations. */
export interface CheckParts {
  readonly inspector: Inspector;
  /** Identity of the guard. */
  readonly guard: GuardIdentity;
  readonly onLoadFailure: OnLoadFailure;
  /** Told of every refusal. False: the operation runs all the same. */
  readonly onRefused: (caller: Caller, refusals: readonly Refusal[]) => boolean;
}

const OK: Verdict = Object.freeze({ ok: true });
const NO_REFUSALS: readonly Refusal[] = [];

/** Makes the first lock: every target named anywhere in the operation, before the first resolver, all or nothing. */
export function createCheck(parts: CheckParts): (operation: Operation) => MaybePromise<Verdict> {
  const { inspector, guard, onLoadFailure, onRefused } = parts;

  function refusalsOf(entries: readonly Entry[], request: Request): readonly Refusal[] {
    let refusals: Refusal[] | undefined;
    for (const entry of entries) {
      const denial = inspector.judge(entry, request);
      if (denial === null) continue;
      refusals ??= [];
      refusals.push(refusalOf(entry, denial));
      if (refusals.length === MAX_REFUSALS) break;
    }
    // A request that cannot be coerced gets the executor's error, whatever else is wrong with it.
    if (refusals !== undefined) inspector.variablesOf(request);
    return refusals ?? NO_REFUSALS;
  }

  function conclude(
    { caller, context }: Request,
    refusals: readonly Refusal[],
    loaded?: LoadedByField,
  ): Verdict {
    if (refusals.length > 0 && onRefused(caller, refusals)) {
      return { ok: false, refusals, errors: refusals.map(refusalError) };
    }
    tie(context, caller, guard, loaded);
    return OK;
  }

  /** Loads for all fields at once, so that a host's batching loader sees them in one tick. */
  async function concludeLoaded(
    request: Request,
    entries: readonly Entry[],
    args: readonly Readonly<Record<string, unknown>>[],
  ): Promise<Verdict> {
    const loads = createLoads(request.context, onLoadFailure);
    const loaded = await Promise.all(
      entries.map(({ plan: { targets, coordinate }, node }, i) =>
        Promise.all(targets.map((rule) => loads.load(rule, args[i]!, node, coordinate))),
      ),
    );
    const decide = (caller: Caller): Verdict => {
      const refusals = entries
        .filter(({ level }, i) => !loaded[i]!.every((one) => isWithinReach(one, level, caller)))
        .slice(0, MAX_REFUSALS)
        .map((entry) => refusalOf(entry, { reason: "library", level: entry.level }));
      return conclude({ ...request, caller }, refusals, loads.loaded);
    };
    return whenFresh(request.caller, decide);
  }

  function judge(operation: Operation): MaybePromise<Verdict> {
    try {
      const request = inspector.open(operation);
      const entries = inspector.entriesOf(request);
      const refusals = refusalsOf(entries, request);
      if (refusals.length > 0 || !request.plan.loads) {
        return conclude(request, refusals);
      }
      const loading = entries.filter((entry) => entry.plan.targets.length > 0);
      const args = loading.map((entry) =>
        inject(entry.plan, inspector.argumentsOf(entry, request), entry.level, request.caller),
      );
      return concludeLoaded(request, loading, args);
    } catch (error) {
      return { ok: false, refusals: NO_REFUSALS, errors: requestErrors(error) };
    }
  }

  return function check(operation) {
    checkObject("context", operation.context);
    const caller = checkObject("caller", operation.caller) as Caller;
    checkFunction("caller.can", caller.can);
    if (isFresh(caller)) return judge(operation);
    return whenFresh(caller, (now) => judge({ ...operation, caller: now }));
  };
}

/** Decides by a caller as it is now, where nobody may go any more by what was read. */
async function whenFresh(
  caller: Caller,
  decide: (caller: Caller) => MaybePromise<Verdict>,
): Promise<Verdict> {
  let now: Caller | null = caller;
  for (let renewals = 0; !isFresh(now); renewals++) {
    if (renewals === MAX_RENEWALS) return ended("UNAVAILABLE");
    try {
      now = await caller.current();
    } catch {
      return ended("UNAVAILABLE");
    }
    if (now === null) return ended("UNAUTHENTICATED");
  }
  return decide(now);
}

function ended(reason: EndReason): Verdict {
  return { ok: false, refusals: NO_REFUSALS, errors: [endError(reason)] };
}

function refusalOf({ plan, path, node }: Entry, denial: Denial): Refusal {
  return createRefusal(denial, plan.coordinate, keysOf(path), node);
}

/** The executor's own errors, of which nothing runs. */
export function requestErrors(error: unknown): readonly GraphQLError[] {
  if (error instanceof AggregateError) return error.errors as GraphQLError[];
  if (error instanceof GraphQLError) return [error];
  // A variable can be nested deeper than any stack.
  if (error instanceof RangeError) return [new GraphQLError("The request is nested too deeply.")];
  throw error;
}
