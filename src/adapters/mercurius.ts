import { GraphQLError, type ExecutionResult, type GraphQLSchema } from "graphql";
import type mercurius from "mercurius";
import type { MercuriusContext, MercuriusOptions } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkOptions } from "../core/check.js";
import { createCleaner } from "../graphql/clean-error.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { answerTo, answerToCode, type RequestFailure } from "../http/answer.js";
import { createGate, findCaller } from "../http/authenticate.js";
import { setAnswerHeaders } from "../http/connect.js";
import { isLargeBody, nodeConnection } from "../http/node.js";
import type { OtherCallers } from "../http/others.js";
import type { TrustProxy } from "../http/transport.js";

/** The plugin `mercurius`, or one that takes the same. */
export type MercuriusPlugin = (instance: MercuriusInstance, options: MercuriusOptions) => void;
/** Fastify's instance. */
export type MercuriusInstance = Parameters<typeof mercurius>[0];
/** Fastify's request. */
export type MercuriusRequest = MercuriusContext["reply"]["request"];
type Reply = MercuriusContext["reply"];
type RouteOptions = NonNullable<MercuriusOptions["additionalRouteOptions"]>;
type Operation = Parameters<MercuriusInstance["graphql"]>;
type Formatter = typeof mercurius.defaultErrorFormatter;

/** Options of {@link createPlugin}. */
export interface MercuriusGuardOptions {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned; or a function that guards what Mercurius makes of `schema`, `resolvers` and `loaders`. */
  readonly guard: Guard | ((schema: GraphQLSchema) => Guard);
  /** Proxies that end TLS in front of this server, whatever Fastify's own `trustProxy`. Default: none. */
  readonly trustProxy?: TrustProxy;
  /** Who a request is that carries no API key; null: nobody. As for the other adapters, asked of preflighted requests only. */
  readonly otherCallers?: OtherCallers<MercuriusRequest>;
}

/** What the plugin adds to the context of resolvers. */
export interface MercuriusCallerContext {
  readonly caller: Caller;
}

// What would run operations past the guard, and what would replace its resolvers.
const REFUSED = ["jit", "subscription"] as const;
const MAKES_SCHEMA = ["schema", "resolvers", "loaders", "schemaTransforms"] as const;

/**
 * Wraps the plugin `mercurius`: every request is authenticated before its document is parsed, every operation is checked
 * before it runs, and resolvers find `caller` in their context. Operations run through `reply.graphql`, also in routes of
 * the host, and none without a request.
 *
 * @param plugin - `mercurius`.
 * @param options - Keys, guard and proxies.
 * @returns A plugin for `app.register`, to be given the options of Mercurius, but neither `jit` nor `subscription`.
 * @throws TypeError or RangeError when an option is not as described; registering it, when one of Mercurius' cannot be had.
 * @example
 * ```ts
 * import Fastify from "fastify";
 * import mercurius from "mercurius";
 * import type { ApiKeys } from "graphql-api-keys";
 * import { createPlugin } from "graphql-api-keys/adapters/mercurius";
 * import type { Guard } from "graphql-api-keys/graphql";
 *
 * export async function createApp(apiKeys: ApiKeys, guard: Guard) {
 *   const app = Fastify({ trustProxy: false });
 *   await app.register(createPlugin(mercurius, { apiKeys, guard }));
 *   return app;
 * }
 * ```
 */
export function createPlugin(
  plugin: MercuriusPlugin & { readonly defaultErrorFormatter: Formatter },
  options: MercuriusGuardOptions,
): (instance: MercuriusInstance, options?: MercuriusOptions) => Promise<void> {
  checkFunction("plugin", plugin);
  checkOptions("options", options, ["apiKeys", "guard", "trustProxy", "otherCallers"]);
  const { apiKeys, trustProxy, otherCallers } = options;
  const gate = createGate<MercuriusRequest>(apiKeys, { trustProxy, otherCallers });
  const { clean } = createCleaner(apiKeys);
  const { guard: given } = options;
  const made = typeof given === "function" ? null : given;
  const make = typeof given === "function" ? given : () => given;
  if (made !== null) guardInternalsOf(made);
  /** Requests that were answered for, or let in, when all of them had arrived. */
  const settled = new WeakSet<object>();
  const connectionOf = (request: MercuriusRequest) => nodeConnection(request.raw, request.headers);
  const authenticate = async (request: MercuriusRequest) =>
    gate.authenticate(connectionOf(request), request);

  function refuse(request: MercuriusRequest, reply: Reply, reason: RequestFailure): string {
    settled.add(request);
    const { status, headers, message, code } = answerTo(reason);
    void reply.code(status).headers(headers).type("application/json; charset=utf-8");
    return JSON.stringify({ errors: [{ message, extensions: { code } }] });
  }

  const hooks: Pick<RouteOptions, "preParsing" | "preValidation" | "onSend"> = {
    async preParsing(request, reply, payload) {
      setHeaders(reply);
      const from = connectionOf(request);
      const early = isLargeBody(request.method, request.headers)
        ? await authenticate(request)
        : gate.precheck(from);
      if (early?.ok === false) return reply.send(refuse(request, reply, early.reason));
      return payload;
    },

    async preValidation(request, reply) {
      // The record that decides is read when the body has arrived: a slow body must not outlive its key.
      const result = await authenticate(request);
      if (!result.ok) return reply.send(refuse(request, reply, result.reason));
      settled.add(request);
    },

    async onSend(request, reply, payload) {
      if (settled.has(request)) return payload;
      // What is wrong with a body is said to those only whose key is good, and without the keys in it.
      const result = await authenticate(request);
      if (!result.ok) return refuse(request, reply, result.reason);
      return typeof payload === "string" ? apiKeys.redact(payload) : payload;
    },
  };

  /** What is formatted of errors, and logged with them, has no keys; and what did not run has no data. */
  const formatWith =
    (format: Formatter): Formatter =>
    (execution, context) => {
      const [first, ...others] = execution.errors;
      const thrown = (first?.originalError ?? {}) as { errors?: unknown; statusCode?: number };
      const all = Array.isArray(thrown.errors) ? (thrown.errors as Error[]) : execution.errors;
      const { statusCode } = others.length === 0 ? thrown : {};
      const errors = all.map((error) => clean(asGraphQLError(error)));
      const cleaned = { ...execution, errors, ...(statusCode !== undefined && { statusCode }) };
      const formatted = format(cleaned, context);
      if ("data" in execution) return formatted;
      const { data: _, ...response } = formatted.response as ExecutionResult;
      return { ...formatted, response: response as typeof formatted.response };
    };

  async function callerOf({ reply }: Partial<MercuriusContext>): Promise<Caller> {
    if (!reply) throw new TypeError("Run operations by reply.graphql: there is no request to ask.");
    const { request } = reply;
    const known = settled.has(request) ? findCaller(request) : null;
    if (known !== null) return known;
    // A route of the host, which may run one operation after the other.
    setHeaders(reply);
    const result = await authenticate(request);
    if (result.ok) return result.caller;
    const { status, headers, message, code } = answerTo(result.reason);
    void reply.headers(headers);
    throw failure([new GraphQLError(message, { extensions: { code } })], status);
  }

  function guardOperations(app: MercuriusInstance, guard: Guard): void {
    const { check } = guardInternalsOf(guard);
    const names = new WeakMap<object, string | undefined>();
    const callers = new WeakMap<object, Caller>();
    const admit = async (context: MercuriusContext): Promise<Caller> => {
      const caller = callers.get(context) ?? (await callerOf(context));
      callers.set(context, caller);
      Object.assign(context, { caller });
      return caller;
    };

    app.graphql.addHook("preParsing", async (_schema, _source, context) => {
      await admit(context);
    });
    // The last of all: what it checks is what runs.
    app.addHook("onReady", async () => {
      app.graphql.addHook("preExecution", async (schema, document, context, variables) => {
        if (schema !== guard.schema) throw new TypeError("Mercurius has lost guard.schema.");
        const caller = await admit(context); // documents that are no text were not announced
        const operationName = names.get(context);
        const operation = { document, operationName, variableValues: variables, caller, context };
        const verdict = await check(operation);
        if (verdict.ok) return;
        const answer = answerToCode(verdict.errors[0]!.extensions["code"]);
        const isBatch = context.operationsCount !== undefined; // whose answers share headers
        if (!isBatch) void context.reply.headers(answer?.headers ?? {});
        throw failure(verdict.errors, answer?.status ?? 400);
      });
    });

    const { graphql } = app;
    const late = (): never => {
      throw new TypeError("Transform first, guard last: this schema is guarded.");
    };
    graphql.replaceSchema = graphql.extendSchema = graphql.transformSchema = late;
    graphql.defineResolvers = graphql.defineLoaders = late;
    app.graphql = new Proxy(graphql, {
      apply(run, _self, [source, given, variables, operationName]: Operation) {
        // A context of its own for every operation, whatever a host shares among them.
        const context = Object.create(Object.getPrototypeOf(given ?? {}) as object) as object;
        names.set(Object.assign(context, given), operationName);
        return run(source, context, variables, operationName);
      },
    });
  }

  async function guarded(app: MercuriusInstance, settings: MercuriusOptions = {}): Promise<void> {
    const refused = REFUSED.find((name) => settings[name]);
    if (refused) throw new TypeError(`Mercurius cannot have "${refused}" beside a guard.`);
    if (made && MAKES_SCHEMA.some((name) => settings[name] && settings[name] !== made.schema)) {
      throw new TypeError("Beside options that make a schema, guard has to be a function of it.");
    }
    const { additionalRouteOptions: theirs = {}, context, errorFormatter } = settings;
    const format = (errorFormatter ?? plugin.defaultErrorFormatter) as Formatter;
    await app.register(plugin, {
      ...settings,
      ...(made && { schema: made.schema }),
      errorFormatter: formatWith(format) as NonNullable<MercuriusOptions["errorFormatter"]>,
      context: async (request: MercuriusRequest, reply: Reply) => ({
        ...(await context?.(request, reply)),
        caller: findCaller(request),
      }),
      additionalRouteOptions: {
        ...theirs,
        preParsing: [hooks.preParsing, theirs.preParsing].flat().filter(isGiven),
        preValidation: [hooks.preValidation, theirs.preValidation].flat().filter(isGiven),
        onSend: [hooks.onSend, theirs.onSend].flat().filter(isGiven),
      },
    });
    const guard = make(app.graphql.schema);
    app.graphql.replaceSchema(guard.schema);
    guardOperations(app, guard);
  }

  // As fastify-plugin has it: what Mercurius adds to Fastify is the host's too.
  return Object.assign(guarded, { [Symbol.for("skip-override")]: true });
}

const isGiven = <T>(value: T | undefined): value is T => value !== undefined;

/** What Mercurius takes errors and a status from. */
function failure(errors: readonly GraphQLError[], statusCode: number): Error {
  return Object.assign(new Error(errors[0]!.message), { errors, statusCode });
}

function asGraphQLError(error: Error): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(error.message, { originalError: error });
}

function setHeaders(reply: Reply): void {
  setAnswerHeaders({
    getHeader: (name) => reply.getHeader(name),
    setHeader: (name, value) => reply.header(name, value),
  });
}
