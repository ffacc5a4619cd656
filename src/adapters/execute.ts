import {
  execute as graphqlExecute,
  GraphQLError,
  subscribe as graphqlSubscribe,
  type ExecutionArgs,
  type ExecutionResult,
} from "graphql";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkInteger, checkObject, checkOptions } from "../core/check.js";
import type { Guard } from "../graphql/guard.js";
import { assertFree } from "../graphql/contexts.js";
import { createRun, HEARTBEAT_MS, type Execute } from "../graphql/run.js";
import { answerTo } from "../http/answer.js";

/** Options of {@link createExecute}. */
export interface ExecuteOptions<Result = ExecutionResult> {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. */
  readonly guard: Guard;
  /**
   * The executor to wrap, also one that answers `@defer` and `@stream` such as `experimentalExecuteIncrementally`.
   * Default: `execute` of the installed graphql.
   */
  readonly execute?: (args: ExecutionArgs) => Result | PromiseLike<Result>;
  /** Milliseconds between looks at the key while a deferred part is awaited, 10 to 3,600,000. Default 10,000. */
  readonly heartbeatMs?: number;
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
 * `{ errors }` without `data`. Of results that come in parts, the key is looked at before each part.
 *
 * @param options - Keys, guard, executor and heartbeat.
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
export function createExecute<Result = ExecutionResult>(
  options: ExecuteOptions<Result>,
): (args: GuardedArgs) => Promise<Result | ExecutionResult> {
  checkOptions("options", options, ["apiKeys", "guard", "execute", "heartbeatMs"]);
  const { apiKeys, guard, execute = graphqlExecute, heartbeatMs } = options;
  checkFunction("execute", execute);
  return createRunner({ apiKeys, guard, heartbeatMs }, execute as Execute) as (
    args: GuardedArgs,
  ) => Promise<Result | ExecutionResult>;
}

/** Options of {@link createSubscribe}. */
export interface SubscribeOptions {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. */
  readonly guard: Guard;
  /** The function to wrap. Default: `subscribe` of the installed graphql. */
  readonly subscribe?: (args: ExecutionArgs) => unknown;
  /** Milliseconds between looks at the key while a stream is idle, 10 to 3,600,000. Default 10,000. */
  readonly heartbeatMs?: number;
}

/**
 * Wraps `subscribe` of graphql-js: targets are checked before the source opens, and the key before every event and by a
 * heartbeat. Once the key is dead, or reaches less, the stream ends with an error and its source is closed.
 *
 * @param options - Keys, guard, the function to wrap and the heartbeat.
 * @returns A function that takes what `subscribe` takes and a `caller`.
 * @throws TypeError or RangeError when an option is not as described.
 */
export function createSubscribe(
  options: SubscribeOptions,
): (args: GuardedArgs) => Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  checkOptions("options", options, ["apiKeys", "guard", "subscribe", "heartbeatMs"]);
  const { apiKeys, guard, subscribe = graphqlSubscribe, heartbeatMs } = options;
  checkFunction("subscribe", subscribe);
  return createRunner({ apiKeys, guard, heartbeatMs }, subscribe as Execute) as (
    args: GuardedArgs,
  ) => Promise<AsyncGenerator<ExecutionResult> | ExecutionResult>;
}

interface RunnerParts {
  readonly apiKeys: ApiKeys;
  readonly guard: Guard;
  readonly heartbeatMs?: number | undefined;
}

function createRunner(parts: RunnerParts, execute: Execute) {
  const { apiKeys, guard } = parts;
  const heartbeatMs = checkInteger("heartbeatMs", parts.heartbeatMs ?? HEARTBEAT_MS, 10, 3_600_000);
  const run = createRun(apiKeys, guard, { heartbeatMs });
  return async function guarded({ caller, ...args }: GuardedArgs): Promise<unknown> {
    if (caller === null || caller === undefined) return unauthenticated();
    const contextValue = checkObject("contextValue", args.contextValue ?? {});
    assertFree(contextValue, caller); // before the property changes under somebody's running operation
    Object.assign(contextValue, { caller });
    return run(execute, { schema: guard.schema, ...args, contextValue }, caller);
  };
}

/** A new one each time: servers write into errors. */
function unauthenticated(): ExecutionResult {
  const { message, code } = answerTo("missing");
  return { errors: [new GraphQLError(message, { extensions: { code } })] };
}
