import { GraphQLError, Source, type ExecutionArgs, type ExecutionResult } from "graphql";
import type { Plugin, PromiseOrValue, YogaInitialContext } from "graphql-yoga";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkInteger, checkOptions } from "../core/check.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import { createCleaner } from "../graphql/clean-error.js";
import { assertOneCaller } from "../graphql/contexts.js";
import type { Guard } from "../graphql/guard.js";
import { createRun, HEARTBEAT_MS, type Execute } from "../graphql/run.js";
import { close, isAsyncIterable } from "../graphql/streams.js";
import { answerTo, answerToCode, type RequestFailure } from "../http/answer.js";
import { createGate, findCaller } from "../http/authenticate.js";
import { isLargeBody, nodeConnection, type NodeRequest } from "../http/node.js";
import type { OtherCallers } from "../http/others.js";
import type { Connection, TrustProxy } from "../http/transport.js";

/** Options of {@link useApiKeys}. */
export interface YogaOptions {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. Yoga must be given `guard.schema`. */
  readonly guard: Guard;
  /** Proxies that end TLS in front of this server. Default: none. */
  readonly trustProxy?: TrustProxy;
  /**
   * Where the connection of a request is. Default: Node's `req` in the server context. Needed on other runtimes, where
   * without it every request counts as plain HTTP. Never take it from `request.url`, which belongs to the client.
   */
  readonly connection?: (request: Request, serverContext: unknown) => Connection;
  /**
   * Who a request is that carries no API key, such as a signed-in user of the host; null: nobody. Asked for requests only
   * that a browser cannot send for another site without asking (JSON, or a header such as `x-requested-with`). What it
   * throws is a 503.
   */
  readonly otherCallers?: OtherCallers<Request>;
  /** Milliseconds between looks at the key while a stream is idle, 10 to 3,600,000. Default 10,000. */
  readonly heartbeatMs?: number;
}

/** What {@link useApiKeys} adds to the context of resolvers. */
export interface YogaCallerContext {
  readonly caller: Caller;
}

const OPTIONS = ["apiKeys", "guard", "trustProxy", "otherCallers", "connection", "heartbeatMs"];

/**
 * Yoga plugin: authenticates every GraphQL request before its document is parsed, checks every operation before it runs,
 * and puts `caller` into the context. Put it last among your plugins.
 *
 * @param options - Keys, guard and proxies.
 * @returns A plugin for `createYoga`.
 * @throws TypeError or RangeError when an option is not as described. `createYoga` throws a TypeError when it is given
 * another schema than `guard.schema`.
 * @example
 * ```ts
 * import { createYoga } from "graphql-yoga";
 * import type { ApiKeys } from "graphql-api-keys";
 * import { useApiKeys } from "graphql-api-keys/adapters/yoga";
 * import type { Guard } from "graphql-api-keys/graphql";
 *
 * export const createServer = (apiKeys: ApiKeys, guard: Guard) =>
 *   createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] });
 * ```
 */
export function useApiKeys(options: YogaOptions): Plugin<YogaCallerContext> {
  checkOptions("options", options, OPTIONS);
  const { apiKeys, guard, trustProxy, otherCallers, connection = connectionOf } = options;
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  checkInteger("heartbeatMs", heartbeatMs, 10, 3_600_000);
  checkFunction("connection", connection);
  const gate = createGate<Request>(apiKeys, { trustProxy, otherCallers });
  const run = createRun(apiKeys, guard, { present: withStatus, heartbeatMs });
  const { clean, cleanThrown } = createCleaner(apiKeys);
  const callers = createTie<Caller>();
  const refused = createTie<true>();

  return {
    onSchemaChange({ schema }) {
      if (schema !== guard.schema) {
        throw new TypeError("Give guard.schema itself to Yoga: transform first, guard last.");
      }
    },

    // Not onRequest: preflights and the pages of Yoga need no key.
    onRequestParse({ request, serverContext, requestParser, setRequestParser }) {
      const from = connection(request, serverContext);
      const refuse = (reason: RequestFailure): never => {
        refused.set(request, true);
        throw failureError(reason);
      };
      const admit = (): MaybePromise<void> =>
        andThen(gate.authenticate(from, request), (result) => {
          if (!result.ok) refuse(result.reason);
        });
      // What is wrong with a body is said to those only whose key is good, and without the keys in it.
      const parseBody: typeof requestParser = async (given) => {
        try {
          return await requestParser!(given);
        } catch (error) {
          await admit();
          throw cleanThrown(error);
        }
      };
      if (requestParser) setRequestParser(parseBody);
      // No promise where the store needs none: Yoga then goes on at once.
      const done = { onRequestParseDone: () => admit() as PromiseOrValue<void> };
      if (isLargeBody(request.method, from.headers))
        return andThen(admit(), () => done) as PromiseOrValue<typeof done>;
      const failure = gate.precheck(from);
      if (failure !== null) refuse(failure.reason);
      // The record that decides is read when the body has arrived: a slow body must not outlive its key.
      return done;
    },

    onParams({ request, context }) {
      const caller = findCaller(request);
      if (caller === null) throw failureError("missing");
      // Yoga keeps the request in the context, where a host that shares one object puts the next request.
      assertOneCaller(callers.get(context), caller);
      callers.set(context, caller);
    },

    onParse({ context }) {
      callerIn(context);
    },

    onContextBuilding({ context, extendContext }) {
      extendContext({ caller: callerIn(context) });
    },

    onExecute({ args, executeFn, setExecuteFn }) {
      const caller = callerIn(args.contextValue);
      setExecuteFn((given) => run(executeFn as Execute, given as ExecutionArgs, caller));
    },

    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const caller = callerIn(args.contextValue);
      setSubscribeFn((given) => run(subscribeFn as Execute, given as ExecutionArgs, caller));
    },

    onResultProcess({ result, resultProcessor, setResult }) {
      // Every answer passes here, those to bodies and documents that could not be parsed as well.
      if (Array.isArray(result)) setResult(result.map(cleanInBatch));
      else if (!isAsyncIterable(result)) setResult(cleanResult(result));
      // The client takes no stream: Yoga answers 406, and leaves it open.
      else if (!resultProcessor) close(result[Symbol.asyncIterator]());
    },

    onResponse({ request, response }) {
      if (findCaller(request) === null && !refused.get(request)) return;
      response.headers.append("vary", "Authorization");
      if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
    },
  };

  /** Streams have no errors of their own, and stay as they are. */
  function cleanResult<R>(result: R): R {
    const { errors } = result as { readonly errors?: readonly GraphQLError[] };
    return errors?.length ? { ...result, errors: errors.map(clean) } : result;
  }

  /** Yoga would answer `{}` for a stream in a batch, and leave it open. */
  function cleanInBatch(result: ExecutionResult | AsyncIterable<unknown>): ExecutionResult {
    if (!isAsyncIterable(result)) return cleanResult(result);
    close(result[Symbol.asyncIterator]());
    return { errors: [new GraphQLError("A batch cannot hold what is answered in parts.")] };
  }

  /** The caller of a context. One that belongs to no authenticated request parses and runs nothing. */
  function callerIn(context: unknown): Caller {
    const { request } = (context ?? {}) as Partial<YogaInitialContext>;
    const caller = callers.get(context) ?? (request ? findCaller(request) : null);
    if (caller === null) throw failureError("missing");
    return caller;
  }
}

/** Yoga takes status and headers from `extensions.http`, and keeps it from the client. */
function failureError(reason: RequestFailure): GraphQLError {
  const { message, code, status, headers } = answerTo(reason);
  return new GraphQLError(message, { extensions: { code, http: { status, headers } } });
}

/** Lines up to which Yoga is asked to count for a refusal. */
const MAX_LINES = 10_000;

/** What Yoga makes a status of; and a source of blank lines, since it takes the location of an error from one. */
function withStatus(error: GraphQLError): GraphQLError {
  const { status, headers } = answerToCode(error.extensions["code"]) ?? {
    status: 400,
    headers: {},
  };
  Object.assign(error, { extensions: { ...error.extensions, http: { status, headers } } });
  const place = error.source ? undefined : error.locations?.[0];
  if (place === undefined || place.line > MAX_LINES) return error;
  const before = place.line - 1;
  const source = new Source("\n".repeat(before));
  return Object.assign(error, { source, positions: [before + place.column - 1] });
}

function connectionOf(request: Request, serverContext: unknown): Connection {
  const { req } = (serverContext ?? {}) as { readonly req?: NodeRequest };
  return nodeConnection(req, request.headers);
}
