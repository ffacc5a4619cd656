import {
  execute as graphqlExecute,
  GraphQLError,
  parse,
  specifiedRules,
  subscribe as graphqlSubscribe,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ValidationRule,
} from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkInteger, checkObject, checkOptions } from "../core/check.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import { createCleaner } from "../graphql/clean-error.js";
import { assertOneCaller } from "../graphql/contexts.js";
import { endError, endReasonOf } from "../graphql/end.js";
import type { Guard } from "../graphql/guard.js";
import { createRun, HEARTBEAT_MS, type Execute, type RunResult } from "../graphql/run.js";
import { isAsyncIterable } from "../graphql/streams.js";
import type { RequestFailure } from "../http/answer.js";
import { createGate } from "../http/authenticate.js";
import { isSameSite, type OtherCallers } from "../http/others.js";
import type { Connection, TrustProxy } from "../http/transport.js";
import {
  closeDead,
  connectionOf,
  createOpenStreams,
  takeConnection,
  turnAway,
  type GraphQLWsSocket,
} from "./graphql-ws-socket.js";

export type { GraphQLWsSocket } from "./graphql-ws-socket.js";

/** Options of {@link createServerOptions}. */
export interface GraphQLWsOptions {
  /** What `createApiKeys` returned. */
  readonly apiKeys: ApiKeys;
  /** What `createGuard` returned. */
  readonly guard: Guard;
  /** Proxies that end TLS in front of this server. Default: none. */
  readonly trustProxy?: TrustProxy;
  /**
   * Who a socket is that brought no API key; null: nobody. Asked again for each operation, and not for sockets that a page
   * of another site has opened, with which a browser sends this site's cookies.
   */
  readonly otherCallers?: OtherCallers<GraphQLWsSocket>;
  /** The connection of a socket. Default: Node's request of its upgrade, `extra.request`. */
  readonly connection?: (socket: GraphQLWsSocket) => Connection;
  /** Makes the context of one operation: a new object each time, which gets the property `caller`. */
  readonly context?: MakeContext;
  /** Rules of documents beside those of GraphQL, such as a limit of their depth. Default: none. */
  readonly validationRules?: readonly ValidationRule[];
  /**
   * Answers what is run of an operation, for caches of documents and persisted ones: a document that is valid, and its
   * variables; or what is wrong with it. The guard checks what this answers. Default: parses and validates the text.
   */
  readonly prepare?: Prepare;
  /** Milliseconds between looks at the key while a stream is idle, 10 to 3,600,000. Default 10,000. */
  readonly heartbeatMs?: number;
}

/** Makes the context of one operation. */
export type MakeContext = (
  socket: GraphQLWsSocket,
  payload: SubscribePayload,
) => object | PromiseLike<object>;

/** Answers what is run of an operation, or what is wrong with it. */
export type Prepare = (
  sent: SentOperation,
) => MaybePromise<PreparedOperation | readonly GraphQLError[]>;

/** An operation as a client sent it. */
export interface SentOperation {
  readonly socket: GraphQLWsSocket;
  /** The client's name for it. */
  readonly id: string;
  readonly payload: SubscribePayload;
  /** What `context` made, with `caller`: who sent it, as of now. */
  readonly context: object;
  readonly caller: Caller;
}

/** What is run of an operation. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  /** Default: those that the client sent. */
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** What {@link createServerOptions} gives `useServer`. */
export type GuardedServerOptions = {
  readonly [
    Name in
      | "schema"
      | "onConnect"
      | "onSubscribe"
      | "onNext"
      | "onComplete"
      | "onClose"
      | "execute"
      | "subscribe"
  ]: NonNullable<ServerOptions<Record<string, unknown>, unknown>[Name]>;
};

/** How a socket that was let in is asked again: by its key's caller, or, where it brought no key, by its connection. */
type Member = { readonly caller: Caller } | { readonly connection: Connection };

const OPTIONS = [
  "apiKeys",
  "guard",
  "trustProxy",
  "otherCallers",
  "connection",
  "context",
  "validationRules",
  "prepare",
  "heartbeatMs",
];

/**
 * Options for the server of graphql-ws: lets sockets in by the key in `connectionParams.Authorization` or in their upgrade
 * request, asks for that key again before each operation, and watches streams. Only the digest of a key stays in memory.
 *
 * A socket is closed with 4401 when its key is missing, bad or dead, with 4403 when it came over plain HTTP, and with 1013
 * when the store fails while it is let in.
 *
 * @param options - Keys, guard, proxies and heartbeat.
 * @returns What to give `useServer` or `makeServer`; options of your own beside it, but not in place of these.
 * @throws TypeError or RangeError when an option is not as described.
 * @see RFC 6455 section 7.4, and the protocol of graphql-ws.
 * @example
 * ```ts
 * import { useServer } from "graphql-ws/use/ws";
 * import type { WebSocketServer } from "ws";
 * import type { ApiKeys } from "graphql-api-keys";
 * import { createServerOptions } from "graphql-api-keys/adapters/graphql-ws";
 * import type { Guard } from "graphql-api-keys/graphql";
 *
 * export const serve = (apiKeys: ApiKeys, guard: Guard, server: WebSocketServer) =>
 *   useServer(createServerOptions({ apiKeys, guard }), server);
 * ```
 */
export function createServerOptions(options: GraphQLWsOptions): GuardedServerOptions {
  checkOptions("options", options, OPTIONS);
  const { apiKeys, guard, trustProxy, otherCallers, connection = connectionOf } = options;
  const { validationRules = [], heartbeatMs = HEARTBEAT_MS } = options;
  const createContext: MakeContext = options.context ?? (() => ({}));
  checkFunction("connection", connection);
  checkFunction("context", createContext);
  checkInteger("heartbeatMs", heartbeatMs, 10, 3_600_000);
  const rules = [...specifiedRules, ...validationRules];
  const { prepare = parseAndValidate } = options;
  checkFunction("prepare", prepare);
  const gate = createGate<GraphQLWsSocket>(apiKeys, {
    trustProxy,
    otherCallers,
    isSafe: isSameSite,
  });
  const run = createRun(apiKeys, guard, { heartbeatMs });
  const { clean, cleanThrown } = createCleaner(apiKeys);
  const members = new WeakMap<GraphQLWsSocket, Member>();
  const operations = createTie<SentOperation>();
  const streams = createOpenStreams();
  /** Sockets whose key died in a stream: they are closed once its last message is out. */
  const dying = new WeakSet<GraphQLWsSocket>();

  /** The caller as it is now, or why there is none any more. */
  async function authenticate(socket: GraphQLWsSocket): Promise<Caller | RequestFailure> {
    const member = members.get(socket);
    if (member === undefined) return "missing";
    if ("caller" in member) {
      try {
        return (await member.caller.current()) ?? "unknown";
      } catch {
        return "unavailable";
      }
    }
    const result = await gate.authenticate(member.connection, socket);
    return result.ok ? result.caller : result.reason;
  }

  function parseAndValidate({ payload }: SentOperation): ReturnType<Prepare> {
    const document = parse(payload.query);
    const errors = validate(guard.schema, document, rules);
    return errors.length > 0 ? errors : { document };
  }

  async function argsOf(
    socket: GraphQLWsSocket,
    id: string,
    payload: SubscribePayload,
    caller: Caller,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const context = checkObject("context", await createContext(socket, payload));
    assertOneCaller(operations.get(context)?.caller, caller);
    const sent: SentOperation = { socket, id, payload, context, caller };
    operations.set(context, sent);
    Object.assign(context, { caller });
    let prepared;
    try {
      prepared = await prepare(sent);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw cleanThrown(error);
      return [clean(error)]; // thrown, it would close the socket with its text as the reason
    }
    if (!("document" in prepared)) return prepared.map(clean);
    const { document, variables = payload.variables ?? null } = prepared;
    return {
      schema: guard.schema,
      document,
      contextValue: context,
      variableValues: variables,
      operationName: payload.operationName || null, // graphql-ws would find no operation of no name
    };
  }

  function runWith(execute: unknown) {
    return (args: ExecutionArgs) => {
      const sent = operations.get(args.contextValue);
      if (sent === undefined) throw new TypeError("This context is none of createServerOptions.");
      const { socket, payload, caller } = sent;
      return andThen(run(execute as Execute, args, caller), (result: RunResult) => {
        if (isAsyncIterable(result)) streams.add(socket, payload, result);
        return result;
      }) as never;
    };
  }

  return {
    schema: guard.schema,

    async onConnect(socket) {
      const from = takeConnection(socket, connection(socket));
      const result = await gate.authenticate(from, socket);
      if (!result.ok) return turnAway(socket, result.reason);
      const { caller } = result;
      members.set(socket, caller.fence === null ? { connection: from } : { caller });
      return true;
    },

    async onSubscribe(socket, id, payload) {
      const caller = await authenticate(socket);
      if (typeof caller === "object") return argsOf(socket, id, payload, caller);
      if (caller === "unavailable") return [endError("UNAVAILABLE")];
      closeDead(socket);
      return [endError("UNAUTHENTICATED")];
    },

    execute: runWith(graphqlExecute),
    subscribe: runWith(graphqlSubscribe),

    onNext(socket, _id, _payload, _args, { errors = [] }) {
      if (errors.some((error) => endReasonOf(error) === "UNAUTHENTICATED")) dying.add(socket);
    },

    onComplete(socket, _id, payload) {
      streams.close(socket, payload);
      if (dying.has(socket)) closeDead(socket);
    },

    onClose: (socket) => streams.closeAll(socket),
  };
}
