import type { ExecutionArgs, ExecutionResult, GraphQLError } from "graphql";
import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkObject } from "../core/check.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createCleaner } from "./clean-error.js";
import { guardInternalsOf, type Guard } from "./guard.js";

/** An executor: graphql-js', or one that takes the same. */
export type Execute = (args: ExecutionArgs) => MaybePromise<ExecutionResult>;

/** Executes an operation if the guard lets it. Package internal: all adapters run operations through this. */
export type Run = (
  execute: Execute,
  args: ExecutionArgs,
  caller: Caller,
) => MaybePromise<ExecutionResult>;

/**
 * Makes the function that checks an operation, executes it, and keeps keys out of its errors. `present` lets an adapter
 * add to the errors of an operation that was not executed what its server turns into a status.
 */
export function createRun(
  apiKeys: ApiKeys,
  guard: Guard,
  present: (error: GraphQLError) => GraphQLError = (error) => error,
): Run {
  internalsOf(apiKeys);
  const { check, fieldResolver } = guardInternalsOf(guard);
  const { clean } = createCleaner(apiKeys);

  function finish(result: ExecutionResult): ExecutionResult {
    // Only documents that nobody validated come here: no schema that is guarded has @defer or @stream.
    if (Symbol.asyncIterator in result || "initialResult" in result) {
      throw new TypeError("Incremental delivery is not built yet.");
    }
    if (!result.errors?.length) return result;
    return { ...result, errors: result.errors.map(clean) };
  }

  return function run(execute, args, caller) {
    if (args.schema !== guard.schema) {
      throw new TypeError("Execute guard.schema itself: transform first, guard last.");
    }
    if (args.fieldResolver && args.fieldResolver !== fieldResolver) {
      throw new TypeError("Give fieldResolver to createGuard: the guard wraps it.");
    }
    const { document, variableValues, contextValue } = args;
    checkObject("contextValue", contextValue);
    // Executors disagree on what an empty name means; a client means none.
    const operationName = args.operationName || null;
    const context = contextValue as object;
    const verdict = check({ document, operationName, variableValues, caller, context });
    if (!verdict.ok) return finish({ errors: verdict.errors.map(present) });
    return andThen(execute(args.operationName === "" ? { ...args, operationName } : args), finish);
  };
}
