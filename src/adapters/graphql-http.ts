import { execute as graphqlExecute, type ExecutionArgs, type GraphQLError } from "graphql";
import type { HandlerOptions, Request, RequestParams, Response } from "graphql-http";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkObject, checkOptions } from "../core/check.js";
import { createTie } from "../core/tie.js";
import { createCleaner } from "../graphql/clean-error.js";
import { assertOneCaller } from "../graphql/contexts.js";
import type { Guard } from "../graphql/guard.js";
import { createRun, HEARTBEAT_MS, type Execute } from "../graphql/run.js";
import { answerTo, answerToCode, type RequestFailure } from "../http/answer.js";
import { createGate, findCaller } from "../http/authenticate.js";
import { setAnswerHeaders } from "../http/connect.js";
import { isLargeBody, nodeConnection, type NodeRequest } from "../http/node.js";
import type { OtherCallers } from "../http/others.js";
import type { Connection, TrustProxy } from "../http/transport.js";

/** Options of {@link createHandlerOptions}. */
export interface GraphQLHttpOptions<Raw extends object> {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. */
  readonly guard: Guard;
  /** Proxies that end TLS in front of this server. Default: none. */
  readonly trustProxy?: TrustProxy;
  /** Who a request is that carries no API key; null: nobody. As for the other adapters, asked of preflighted requests only. */
  readonly otherCallers?: OtherCallers<Raw>;
  /**
   * Where the connection of a request is. Default: the socket of Node's request. Needed on other runtimes, where without it
   * every request counts as plain HTTP.
   */
  readonly connection?: (request: Request<Raw, unknown>) => Connection;
  /** Makes the context of one operation: a new object each time, which gets the property `caller`. */
  readonly context?: MakeContext<Raw>;
}

/** Makes the context of one operation. */
export type MakeContext<Raw> = (
  request: Request<Raw, unknown>,
  params: RequestParams,
) => object | PromiseLike<object>;

/** What {@link createHandlerOptions} gives `createHandler`. */
export type GuardedHandlerOptions<Raw> = Required<
  Pick<
    HandlerOptions<Raw, unknown>,
    "schema" | "parseRequestParams" | "context" | "execute" | "onOperation" | "formatError"
  >
>;

const OPTIONS = ["apiKeys", "guard", "trustProxy", "otherCallers", "connection", "context"];

/**
 * Options for `createHandler` of graphql-http, whichever server it is for: authenticates every request before its body is
 * parsed, checks every operation before it runs, and puts `caller` into the context.
 *
 * @param options - Keys, guard and proxies.
 * @returns What to give `createHandler`; options of your own beside it, but not in place of these.
 * @throws TypeError or RangeError when an option is not as described.
 * @example
 * ```ts
 * import { createHandler } from "graphql-http/lib/use/http";
 * import type { ApiKeys } from "graphql-api-keys";
 * import { createHandlerOptions } from "graphql-api-keys/adapters/graphql-http";
 * import type { Guard } from "graphql-api-keys/graphql";
 *
 * export const createListener = (apiKeys: ApiKeys, guard: Guard) =>
 *   createHandler(createHandlerOptions({ apiKeys, guard }));
 * ```
 */
export function createHandlerOptions<Raw extends object>(
  options: GraphQLHttpOptions<Raw>,
): GuardedHandlerOptions<Raw> {
  checkOptions("options", options, OPTIONS);
  const { apiKeys, guard, trustProxy, otherCallers, connection = connectionOf } = options;
  const createContext: MakeContext<Raw> = options.context ?? (() => ({}));
  checkFunction("connection", connection);
  checkFunction("context", createContext);
  const gate = createGate<Raw>(apiKeys, { trustProxy, otherCallers });
  const run = createRun(apiKeys, guard, { heartbeatMs: HEARTBEAT_MS });
  const { cleanThrown } = createCleaner(apiKeys);
  const callers = createTie<Caller>();

  return {
    schema: guard.schema,

    async parseRequestParams(request) {
      const { method, raw } = request;
      if (method === "OPTIONS") return undefined; // no browser sends a key with it
      setHeaders(request.context);
      const from = connection(request);
      const early = isLargeBody(method, from.headers)
        ? await gate.authenticate(from, raw)
        : (gate.precheck(from) ?? { ok: true });
      if (!early.ok) return refuse(request, early.reason);
      // The record that decides is read when the body has arrived: a slow body must not outlive its key.
      const body: unknown =
        typeof request.body === "function" ? await request.body() : request.body;
      const result = await gate.authenticate(from, raw);
      if (!result.ok) return refuse(request, result.reason);
      Object.assign(request, { body }); // for who reads it next, since a stream can be read once
      return undefined;
    },

    async context(request, params) {
      const caller = findCaller(request.raw);
      if (caller === null) return refuse(request, "missing");
      const context = checkObject("context", await createContext(request, params));
      assertOneCaller(callers.get(context), caller);
      callers.set(context, caller);
      // graphql-http types a context as anything but an object of one's own.
      return Object.assign(context, { caller }) as never;
    },

    execute: (args: ExecutionArgs) => {
      const caller = callers.get(args.contextValue);
      if (caller === undefined)
        throw new TypeError("This context is none of createHandlerOptions.");
      return run(graphqlExecute as Execute, args, caller) as ReturnType<typeof graphqlExecute>;
    },

    onOperation(request, _args, result) {
      const { errors = [] } = result as { errors?: readonly GraphQLError[] };
      if ("data" in result || errors.length === 0) return undefined;
      const answer = answerToCode(errors[0]!.extensions["code"]);
      return answer === null ? undefined : respond(request, answer, { errors });
    },

    formatError: (error) => cleanThrown(error) as Error,
  };
}

function refuse(request: Request<unknown, unknown>, reason: RequestFailure): Response {
  const { message, code, ...answer } = answerTo(reason);
  return respond(request, answer, { errors: [{ message, extensions: { code } }] });
}

const TEXTS = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  503: "Service Unavailable",
};

function respond(
  request: Request<unknown, unknown>,
  { status, headers }: { status: keyof typeof TEXTS; headers: Readonly<Record<string, string>> },
  body: object,
): Response {
  const accept = String(headerOf(request, "accept") ?? "");
  const type = accept.includes(GRAPHQL_JSON) ? GRAPHQL_JSON : "application/json";
  const all = {
    ...headers,
    // Elsewhere it is there, beside what the host says that its answers vary by.
    ...(outgoingOf(request.context) === undefined && { vary: "Authorization" }),
    "content-type": `${type}; charset=utf-8`,
  };
  return [JSON.stringify(body), { status, statusText: TEXTS[status], headers: all }];
}

const GRAPHQL_JSON = "application/graphql-response+json";

function headerOf({ headers }: Request<unknown, unknown>, name: string): unknown {
  return typeof headers.get === "function"
    ? headers.get(name)
    : (headers as Readonly<Record<string, unknown>>)[name];
}

/** What takes headers in the servers of graphql-http: Node's and Express' response, Koa's, Fastify's reply. */
interface Outgoing {
  getHeader?(name: string): unknown;
  setHeader?(name: string, value: string): void;
  get?(name: string): unknown;
  set?(name: string, value: string): void;
  header?(name: string, value: string): void;
}

function outgoingOf(context: unknown): Outgoing | undefined {
  const { res, reply } = (context ?? {}) as { readonly res?: Outgoing; readonly reply?: Outgoing };
  return [res, reply].find((each) => each?.setHeader ?? each?.set ?? each?.header);
}

/** For answers of any kind. Of servers that have nothing to take them, refusals carry them all the same. */
function setHeaders(context: unknown): void {
  const outgoing = outgoingOf(context);
  if (outgoing === undefined) return;
  setAnswerHeaders({
    getHeader: (name) => (outgoing.getHeader?.(name) ?? outgoing.get?.(name)) || undefined,
    setHeader(name, value) {
      if (outgoing.setHeader) outgoing.setHeader(name, value);
      else if (outgoing.set) outgoing.set(name, value);
      else outgoing.header!(name, value);
    },
  });
}

function connectionOf({ raw, headers }: Request<object, unknown>): Connection {
  return nodeConnection(raw as NodeRequest, headers as Connection["headers"]);
}
