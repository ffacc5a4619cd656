import type { ApolloServerPlugin, GraphQLResponse } from "@apollo/server";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkOptions } from "../core/check.js";
import { createCleaner } from "../graphql/clean-error.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { answerTo, answerToCode, type RequestFailure } from "../http/answer.js";
import { createGate } from "../http/authenticate.js";
import {
  createConnectGate,
  setAnswerHeaders,
  type BodyParser,
  type ConnectHandler,
  type ConnectRequest,
  type ConnectResponse,
} from "../http/connect.js";
import { nodeConnection, type NodeRequest } from "../http/node.js";
import type { OtherCallers } from "../http/others.js";
import type { Connection, TrustProxy } from "../http/transport.js";

export type { BodyParser, ConnectHandler, ConnectRequest, ConnectResponse, NodeRequest };

/** Options of {@link createServerParts}. */
export interface ApolloOptions<Raw extends object = ConnectRequest> {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. Apollo Server must be given `guard.schema`. */
  readonly guard: Guard;
  /** Proxies that end TLS in front of this server. Default: none. */
  readonly trustProxy?: TrustProxy;
  /** Who a request is that carries no API key; null: nobody. As for the other adapters, asked of preflighted requests only. */
  readonly otherCallers?: OtherCallers<Raw>;
  /**
   * Where the connection of a request is. A request is the `req` of what an integration gives its context function, or
   * that itself. Default: Node's socket; without one every request counts as plain HTTP.
   */
  readonly connection?: (request: Raw) => Connection;
}

/** What {@link createServerParts} makes of the context function adds to the context of resolvers. */
export interface ApolloCallerContext {
  readonly caller: Caller;
}

/** What {@link createServerParts} returns: without any one of them nothing runs, or a stranger's body is read. */
export interface ServerParts {
  /** For `new ApolloServer`, first among its plugins. */
  readonly plugin: ApolloServerPlugin;
  /**
   * For `expressMiddleware` and other integrations. Spread what it answers into a new object to add something of your own.
   */
  context(request: object, ...others: readonly unknown[]): Promise<ApolloCallerContext>;
  /** Wraps the parsers of the body, so that a request is refused before its body is read or complained of. */
  authenticate(...parsers: readonly BodyParser[]): ConnectHandler;
}

/** What a context carries along, also into the copies that Apollo makes of it. */
interface Admission {
  readonly caller: Caller;
  /** Apollo's headers of the request that uses it; absent until one does. */
  usedBy?: object | null;
}

const ADMISSION = Symbol("graphql-api-keys admission");

/**
 * The parts that Apollo Server needs: every request is authenticated before its document is parsed, every operation is
 * checked before it runs, and resolvers find `caller` in their context.
 *
 * @param options - Keys, guard and proxies.
 * @returns A plugin, a context function, and a wrapper of body parsers.
 * @throws TypeError or RangeError when an option is not as described. `server.start()` rejects with a TypeError when the
 * server has another schema than `guard.schema`, or one with `@defer` or `@stream`.
 * @example
 * ```ts
 * import { ApolloServer } from "@apollo/server";
 * import { expressMiddleware } from "@as-integrations/express5";
 * import express from "express";
 * import type { ApiKeys } from "graphql-api-keys";
 * import { createServerParts } from "graphql-api-keys/adapters/apollo";
 * import type { Guard } from "graphql-api-keys/graphql";
 *
 * export async function createApp(apiKeys: ApiKeys, guard: Guard) {
 *   const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
 *   const server = new ApolloServer({ schema: guard.schema, plugins: [plugin] });
 *   await server.start();
 *   return express().use("/graphql", authenticate(express.json()), expressMiddleware(server, { context }));
 * }
 * ```
 */
export function createServerParts<Raw extends object = ConnectRequest>(
  options: ApolloOptions<Raw>,
): ServerParts {
  checkOptions("options", options, [
    "apiKeys",
    "guard",
    "trustProxy",
    "otherCallers",
    "connection",
  ]);
  const { apiKeys, guard, trustProxy, otherCallers, connection = connectionOf } = options;
  checkFunction("connection", connection);
  const gate = createGate<Raw>(apiKeys, { trustProxy, otherCallers });
  const { check } = guardInternalsOf(guard);
  const { clean, cleanThrown } = createCleaner(apiKeys);
  const { authenticate, takeCaller } = createConnectGate({ gate, connection, cleanThrown });
  let isStarted = false;

  function assertSchema(schema: GraphQLSchema): void {
    if (schema !== guard.schema) {
      throw new TypeError("Give guard.schema itself to ApolloServer: transform first, guard last.");
    }
    if (schema.getDirective("defer") || schema.getDirective("stream")) {
      throw new TypeError(
        "Apollo Server answers in parts that nobody checks: no @defer, no @stream.",
      );
    }
  }

  function admissionOf(context: object, usedBy: object | null): Admission {
    const admission = (context as { readonly [ADMISSION]?: Admission })[ADMISSION];
    if (admission === undefined) {
      throw new TypeError("Give the context function of createServerParts to the integration.");
    }
    // Operations of one batch share it; requests may not.
    if (admission.usedBy === undefined) admission.usedBy = usedBy;
    if (admission.usedBy !== usedBy) throw new TypeError("Make a new context for every request.");
    return admission;
  }

  const plugin: ApolloServerPlugin = {
    async serverWillStart({ schema }) {
      assertSchema(schema);
      isStarted = true;
      return { schemaDidLoadOrUpdate: ({ apiSchema }) => assertSchema(apiSchema) };
    },

    async requestDidStart({ contextValue, request: { http } }) {
      const { caller } = admissionOf(contextValue, http?.headers ?? null);
      /** Of several refusals Apollo takes one. */
      let further: readonly GraphQLError[] = [];
      return {
        async didResolveOperation({ document, request, operation, requestIsBatched }) {
          // Not picked by Apollo: it answers so itself, and guard.schema runs nothing for a context without a check.
          if ((operation as unknown) === undefined) return;
          const { operationName, variables: variableValues } = request;
          const context = contextValue;
          const verdict = await check({ document, operationName, variableValues, caller, context });
          if (verdict.ok) return;
          const [first, ...others] = verdict.errors;
          further = others;
          throw requestIsBatched ? first! : withStatus(first!);
        },

        async didEncounterErrors({ errors }) {
          // The very array that other plugins and `formatError` get afterwards.
          const all = errors as GraphQLError[];
          all.splice(0, all.length, ...all.map(clean), ...further.map(clean));
          further = [];
        },

        async willSendResponse({ response, requestIsBatched }) {
          // The head is that of all operations of a batch, which were each decided on their own.
          if (requestIsBatched) delete response.http.status;
          response.body = whole(response.body);
          const { singleResult } = response.body;
          if (singleResult.errors === undefined) return;
          const text = JSON.stringify(singleResult.errors);
          const redacted = apiKeys.redact(text);
          if (redacted === text) return;
          singleResult.errors = JSON.parse(redacted) as NonNullable<typeof singleResult.errors>;
        },
      };
    },
  };

  async function context(
    first: object,
    ...others: readonly unknown[]
  ): Promise<ApolloCallerContext> {
    if (!isStarted) throw new TypeError("Give the plugin of createServerParts to ApolloServer.");
    const { req = first, res } = first as { req?: object; res?: unknown };
    const raw = req as Raw;
    setHeaders(res ?? others[0]);
    let caller = takeCaller(raw);
    if (caller === null) {
      const result = await gate.authenticate(connection(raw), raw);
      if (!result.ok) throw failureError(result.reason);
      caller = result.caller;
    }
    const admission: Admission = { caller };
    return Object.assign({ caller }, { [ADMISSION]: admission });
  }

  return { plugin, context, authenticate };
}

/** Of an answer in parts what is there already: nobody would look at the key before the others. */
function whole(body: GraphQLResponse["body"]): Extract<typeof body, { kind: "single" }> {
  if (body.kind === "single") return body;
  const { data = null, errors = [] } = body.initialResult;
  const error = { message: "This server answers nothing in parts: leave out @defer and @stream." };
  return { kind: "single", singleResult: { data, errors: [...errors, error] } };
}

/** Of an operation that did not run. */
function withStatus(error: GraphQLError): GraphQLError {
  const { code = "BAD_USER_INPUT" } = error.extensions;
  return withHead(error, code, answerToCode(code) ?? { status: 400, headers: {} });
}

function failureError(reason: RequestFailure): GraphQLError {
  const answer = answerTo(reason);
  return withHead(new GraphQLError(answer.message), answer.code, answer);
}

/** Apollo takes the status from `extensions.http`, and keeps it from the client. */
function withHead(
  error: GraphQLError,
  code: unknown,
  {
    status,
    headers,
  }: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
): GraphQLError {
  const http = { status, headers: new Map(Object.entries(headers)) };
  return Object.assign(error, { extensions: { ...error.extensions, code, http } });
}

function connectionOf(request: object): Connection {
  const { headers } = request as { readonly headers?: Connection["headers"] };
  return nodeConnection(request as NodeRequest, headers ?? {});
}

/** For answers of any kind, where an integration shows what takes headers: Node's response, or Fastify's reply. */
function setHeaders(res: unknown): void {
  const { setHeader, raw } = (res ?? {}) as Partial<ConnectResponse> & { raw?: ConnectResponse };
  if (setHeader) setAnswerHeaders(res as ConnectResponse);
  else if (raw?.setHeader) setAnswerHeaders(raw);
}
