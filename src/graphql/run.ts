import type { GraphQLError, ExecutionArgs, ExecutionResult } from "graphql";
import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import { isRenewable, type Caller } from "../core/caller.js";
import { checkObject } from "../core/check.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createCleaner } from "./clean-error.js";
import type { Operation } from "./inspect.js";
import { stateOf } from "./contexts.js";
import { guardInternalsOf, type Guard } from "./guard.js";
import { isSkipped } from "./refusal.js";
import { close, endError, isAsyncIterable, watchResults } from "./streams.js";

/** What executors answer: a result, a stream of them, or a result that others follow (`@defer`, `@stream`). */
export type RunResult = ExecutionResult | AsyncIterable<ExecutionResult> | Incremental;

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
  kind: "execute" | "subscribe",
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

  const { clean: cleanError } = createCleaner(apiKeys);

  function clean<Result extends ExecutionResult>(result: Result): Result {
    return result.errors?.length ? { ...result, errors: result.errors.map(cleanError) } : result;
  }

  function watched(
    results: AsyncIterable<ExecutionResult>,
    operation: Operation,
    isIncremental: boolean,
  ): AsyncIterable<ExecutionResult> {
    const state = stateOf(operation.context)!;
    return watchResults(results, {
      state,
      heartbeatMs,
      renewsEach: isIncremental,
      isSkipped: (result) => !isIncremental && isSkipped(result),
      clean,
      last: (error) =>
        isIncremental
          ? ({ hasNext: false, extensions: { code: error.extensions.code } } as ExecutionResult)
          : { errors: [present(error)] },
      isStillAllowed: async () => (await check({ ...operation, caller: state.caller })).ok,
    });
  }

  function watchAll(result: RunResult, operation: Operation, isIncremental: boolean): RunResult {
    const isStream = isAsyncIterable(result);
    if (!isStream && !("subsequentResults" in result)) return clean(result);
    const results: AsyncIterable<ExecutionResult> = isStream ? result : result.subsequentResults;
    if (!isRenewable(operation.caller)) {
      close(results[Symbol.asyncIterator]());
      return { errors: [present(endError("UNAUTHORIZED"))] };
    }
    const subsequentResults = watched(results, operation, isIncremental);
    if (isStream) return subsequentResults;
    return { initialResult: clean(result.initialResult), subsequentResults };
  }

  return function run(execute, args, caller, kind) {
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
    const operation: Operation = { document, operationName, variableValues, caller, context };
    return andThen(check(operation), (verdict): MaybePromise<RunResult> => {
      if (!verdict.ok) return clean({ errors: verdict.errors.map(present) });
      const isStream = kind === "subscribe";
      if (isStream && !isRenewable(caller)) return { errors: [present(endError("UNAUTHORIZED"))] };
      return andThen(execute({ ...args, operationName, variableValues }), (result) =>
        watchAll(result, operation, !isStream),
      );
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
