import {
  getOperationAST,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from "graphql";
import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import { isRenewable, type Caller } from "../core/caller.js";
import { checkObject } from "../core/check.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createCleaner } from "./clean-error.js";
import { isOwnExecutor } from "./executors.js";
import type { Operation } from "./inspect.js";
import { stateOf } from "./contexts.js";
import { guardInternalsOf, type Guard } from "./guard.js";
import { isSkipped } from "./refusal.js";
import { unstreamableError } from "./end.js";
import { close, isAsyncIterable, watchResults } from "./streams.js";

/** What executors answer: a result, a stream of them, or a result that others follow (`@defer`, `@stream`). */
export type RunResult = ExecutionResult | AsyncIterable<ExecutionResult> | Incremental;

/** A part of a result that comes later. Which of these an executor has depends on its age. */
interface Part {
  readonly errors?: readonly GraphQLError[];
}

interface PartialResult extends ExecutionResult {
  readonly incremental?: readonly Part[];
  readonly completed?: readonly Part[];
}

interface Incremental {
  readonly initialResult: ExecutionResult;
  readonly subsequentResults: AsyncIterable<ExecutionResult>;
}

/** An executor, or `subscribe`: graphql-js', or one that takes the same. */
export type Execute = (args: ExecutionArgs) => MaybePromise<RunResult>;

/** Executes an operation if the guard lets it. Package internal: all adapters run operations through this. */
export type Run = (
  execute: Execute,
  args: ExecutionArgs,
  caller: Caller,
) => MaybePromise<RunResult>;

/** What adapters may add. */
export interface RunOptions {
  /** Adds to an error of an operation that did not run what the server turns into a status. */
  readonly present?: (error: GraphQLError) => GraphQLError;
  /** Milliseconds between looks at the key of an idle stream. */
  readonly heartbeatMs: number;
}

/** The heartbeat of streams unless told otherwise. */
export const HEARTBEAT_MS = 10_000;

/** Makes the function that checks an operation, executes it, watches its streams, and keeps keys out of its errors. */
export function createRun(apiKeys: ApiKeys, guard: Guard, options: RunOptions): Run {
  internalsOf(apiKeys);
  const { check, fieldResolver, typeResolver } = guardInternalsOf(guard);
  const { present = (error) => error, heartbeatMs } = options;

  const { clean: cleanError, cleanThrown } = createCleaner(apiKeys);

  function cleanPart<Result extends Part>(result: Result): Result {
    return result.errors?.length ? { ...result, errors: result.errors.map(cleanError) } : result;
  }

  function clean(result: PartialResult): PartialResult {
    const { incremental, completed } = result;
    if (incremental === undefined && completed === undefined) return cleanPart(result);
    return {
      ...cleanPart(result),
      ...(incremental && { incremental: incremental.map(cleanPart) }),
      ...(completed && { completed: completed.map(cleanPart) }),
    };
  }

  function watched(
    results: AsyncIterable<ExecutionResult>,
    operation: Operation,
    isSubscription: boolean,
  ): AsyncIterable<ExecutionResult> {
    const { caller, context } = operation;
    return watchResults(results, {
      state: stateOf(context)!,
      caller,
      heartbeatMs,
      // Before an event its source looked; nobody did before a part of one.
      isUnseen: (result) => !isSubscription || "incremental" in result,
      errorsOf: ({ errors }) => errors,
      isSkipped: (result) => isSubscription && isSkipped(result),
      clean,
      cleanThrown,
      last: (error) => ({ errors: [present(error)], ...(!isSubscription && { hasNext: false }) }),
      isStillAllowed: (now) => andThen(check({ ...operation, caller: now }), ({ ok }) => ok),
    });
  }

  function watchAll(result: RunResult, operation: Operation, isSubscription: boolean): RunResult {
    const isStream = isAsyncIterable(result);
    if (!isStream && !("subsequentResults" in result)) return clean(result);
    const results: AsyncIterable<ExecutionResult> = isStream ? result : result.subsequentResults;
    if (!isRenewable(operation.caller)) {
      close(results[Symbol.asyncIterator]());
      return { errors: [present(unstreamableError())] };
    }
    const subsequentResults = watched(results, operation, isSubscription);
    if (isStream) return subsequentResults;
    return { initialResult: clean(result.initialResult), subsequentResults };
  }

  return function run(execute, args, caller) {
    if (args.schema !== guard.schema) {
      throw new TypeError("Execute guard.schema itself: transform first, guard last.");
    }
    assertSame("fieldResolver", args.fieldResolver, fieldResolver);
    assertSame("typeResolver", args.typeResolver, typeResolver);
    assertSame("subscribeFieldResolver", args.subscribeFieldResolver, fieldResolver);
    const context = checkObject("contextValue", args.contextValue);
    // Executors disagree on what an empty name and an undefined variable mean: they get neither.
    const operationName = args.operationName || null;
    const variableValues = withoutUndefined(args.variableValues);
    const { document } = args;
    const operation: Operation = {
      document,
      operationName,
      variableValues,
      caller,
      context,
      fragmentArguments: isOwnExecutor(execute),
    };
    return andThen(check(operation), (verdict): MaybePromise<RunResult> => {
      if (!verdict.ok) return cleanPart({ errors: verdict.errors.map(present) });
      // By the document, not by who calls: Yoga takes one it finds no operation in, by an empty name, for a query.
      const operationType = getOperationAST(document, operationName)?.operation;
      const isSubscription = operationType === "subscription";
      if (isSubscription && !isRenewable(caller)) return { errors: [present(unstreamableError())] };
      // Not copied without need: V8 takes a microsecond for a spread object with one property more.
      const isAsGiven =
        (args.operationName ?? null) === operationName && args.variableValues === variableValues;
      const given = isAsGiven ? args : { ...args, operationName, variableValues };
      return andThen(execute(given), (result) => watchAll(result, operation, isSubscription));
    });
  };
}

function assertSame(name: string, given: unknown, guarded: unknown): void {
  if (given && given !== guarded) {
    throw new TypeError(`Give ${name} to createGuard: the guard has to know it.`);
  }
}

type Variables = ExecutionArgs["variableValues"];

/** JSON has no undefined. In graphql 16 one is null, in 17 it is absent. */
function withoutUndefined(variables: Variables): Variables {
  if (!variables) return variables;
  for (const name of Object.keys(variables)) {
    if (variables[name] !== undefined) continue;
    const given = Object.entries(variables).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given);
  }
  return variables;
}
