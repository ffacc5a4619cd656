import {
  execute as graphqlExecute,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
} from "graphql";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkOptions } from "../core/check.js";
import type { Guard } from "../graphql/guard.js";
import { createRun, type Execute } from "../graphql/run.js";
import { answerTo } from "../http/answer.js";

/** Options of {@link createExecute}. */
export interface ExecuteOptions {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. */
  readonly guard: Guard;
  /** The executor to wrap. Default: `execute` of the installed graphql. */
  readonly execute?: (args: ExecutionArgs) => ExecutionResult | PromiseLike<ExecutionResult>;
}

/** What graphql-js' `execute` takes, and who wants it. */
export interface GuardedArgs extends Omit<ExecutionArgs, "schema" | "contextValue"> {
  /** `guard.schema`, which is also the default. */
  readonly schema?: ExecutionArgs["schema"];
  /** One object for each operation; it gets the property `caller`. Default: a new one. */
  readonly contextValue?: object;
  /** Who wants it; null: nobody that was authenticated, which is refused. */
  readonly caller: Caller | null;
}

/**
 * Wraps `execute` of graphql-js: an operation whose targets are not all within reach runs nothing and answers
 * `{ errors }` without `data`.
 *
 * @param options - Keys, guard and executor.
 * @returns A function that takes what `execute` takes and a `caller`.
 * @throws TypeError when an option is not as described. The function it returns rejects with a TypeError for a schema
 * that is not `guard.schema` and for a context object that another caller's operation uses.
 * @example
 * ```ts
 * import { buildSchema, parse } from "graphql";
 * import { createApiKeys } from "graphql-api-keys";
 * import { createExecute } from "graphql-api-keys/adapters/execute";
 * import { createGuard, apiKey } from "graphql-api-keys/graphql";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 *
 * const apiKeys = createApiKeys({ store: createMemoryStore() });
 * const schema = buildSchema("type Query { hello: String }");
 * const guard = createGuard(schema, { rules: { "Query.hello": apiKey() }, types: "none" });
 * const execute = createExecute({ apiKeys, guard });
 *
 * const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "Website" });
 * const who = await apiKeys.authenticate(key);
 * await execute({ document: parse("{ hello }"), caller: who.ok ? who.caller : null });
 * ```
 */
export function createExecute(
  options: ExecuteOptions,
): (args: GuardedArgs) => Promise<ExecutionResult> {
  checkOptions("options", options, ["apiKeys", "guard", "execute"]);
  const { apiKeys, guard, execute = graphqlExecute } = options;
  checkFunction("execute", execute);
  const run = createRun(apiKeys, guard);

  return async function guardedExecute({ caller, ...args }) {
    if (caller === null || caller === undefined) return unauthenticated();
    const contextValue = args.contextValue ?? {};
    Object.assign(contextValue, { caller });
    return run(execute as Execute, { schema: guard.schema, ...args, contextValue }, caller);
  };
}

/** A new one each time: servers write into errors. */
function unauthenticated(): ExecutionResult {
  const { message, code } = answerTo("missing");
  return { errors: [new GraphQLError(message, { extensions: { code } })] };
}
