import type { ExecutionArgs, ExecutionResult, GraphQLError } from "graphql";
import type { MercuriusContext, SubscriptionContext } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import type { Cleaner } from "../graphql/clean-error.js";
import type { Guard } from "../graphql/guard.js";
import type { OtherCallers } from "../http/others.js";
import type { TrustProxy } from "../http/transport.js";
import { asGraphQLError, errorsOf } from "./mercurius-errors.js";
import type { RunHooks } from "./mercurius-hooks.js";
import type { Outcome, RunOnSocket } from "./mercurius-operations.js";
import { createSubscriptionContext } from "./mercurius-pubsub.js";
import type {
  MercuriusSockets,
  SocketContext,
  SocketOptions,
  SocketPayload,
  SocketSent,
  Subscription,
  WebSocketLike,
} from "./mercurius-socket-types.js";
import type { TextOf } from "./mercurius-texts.js";
import type { Formatter, MercuriusInstance, MercuriusRequest } from "./mercurius-types.js";

/** What `createServerOptions` answers. */
interface ServerParts {
  onConnect(socket: SocketContext): PromiseLike<boolean>;
  onNext(...args: readonly unknown[]): unknown;
  onComplete(...args: readonly unknown[]): unknown;
  onClose(...args: readonly unknown[]): unknown;
}

interface Extra {
  readonly socket: WebSocketLike;
  readonly request: MercuriusRequest;
}

/** What streams need of the plugin. */
export interface StreamParts {
  readonly app: MercuriusInstance;
  readonly guard: Guard;
  readonly subscription: Subscription;
  readonly run: RunOnSocket;
  readonly runHooks: RunHooks;
  readonly textOf: TextOf;
  /** Of errors, without keys. */
  readonly format: Formatter;
  readonly cleaner: Cleaner;
  /** What an operation finds as `reply`. */
  readonly replyOf: (request: MercuriusRequest, context: object) => object;
}

/** The options of `createPlugin` that are about streams too. */
interface StreamOptions {
  readonly apiKeys: ApiKeys;
  readonly trustProxy?: TrustProxy;
  readonly otherCallers?: OtherCallers<MercuriusRequest>;
  readonly heartbeatMs?: number;
}

/** A subscription. */
interface Stream {
  readonly id: string;
  readonly context: object;
  readonly pubsub: SubscriptionContext;
}

/** What serves the operations of sockets. */
export interface Streams {
  /** For `makeHandler`. */
  readonly serverOptions: object;
  /** Called with the errors of a socket itself. */
  readonly onSocketError: (socket: WebSocketLike, request: MercuriusRequest, error: Error) => void;
}

/** Makes the options of graphql-ws' server for the operations of a Mercurius. */
export function createStreams(
  { app, guard, subscription, run, runHooks, textOf, format, cleaner, replyOf }: StreamParts,
  { apiKeys, trustProxy, otherCallers, heartbeatMs }: StreamOptions,
  { createServerOptions }: MercuriusSockets,
): Streams {
  const { fullWsTransport = false, queueHighWaterMark } = subscription;
  /** What the host made of a socket that was let in. */
  const made = new WeakMap<MercuriusRequest, object>();
  const streams = new WeakMap<SocketPayload, Stream>();
  const open = new WeakMap<MercuriusRequest, Set<Stream>>();
  const outcomes = new WeakMap<object, Outcome>();
  const extraOf = ({ extra }: SocketContext): Extra => extra as Extra;
  const contextOf = (request: MercuriusRequest): MercuriusContext => {
    const { pubsub } = app.graphql;
    return { app, pubsub, request, ...made.get(request) } as unknown as MercuriusContext;
  };

  /** Runs code of the host whose failure ends its socket. */
  async function attempt({ socket }: Extra, work: () => unknown): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      app.log.error(cleaner.cleanThrown(error));
      socket.close(1011, "Internal error");
      return false;
    }
  }

  /** Lets in whom the host lets in too. */
  async function admit(socket: SocketContext): Promise<boolean> {
    const { connectionParams: payload } = socket;
    const extra = extraOf(socket);
    let answer: unknown = true;
    const isWell = await attempt(extra, async () => {
      const context = await subscription.context?.(extra.socket as never, extra.request);
      const { onConnect } = subscription;
      if (onConnect) answer = await onConnect({ type: "connection_init", payload });
      const more = typeof answer === "object" ? answer : {};
      made.set(extra.request, { ...context, ...more, _connectionInit: payload });
    });
    return isWell && Boolean(answer);
  }

  function begin({ socket, id, payload, context }: SocketSent): void {
    const { request } = extraOf(socket);
    const pubsub = createSubscriptionContext(app, queueHighWaterMark);
    const stream = { id, context, pubsub };
    streams.set(payload, stream);
    const all = open.get(request) ?? new Set();
    open.set(request, all.add(stream));
    Object.assign(context, { pubsub });
  }

  function close(request: MercuriusRequest, stream: Stream): boolean {
    const isOpen = open.get(request)?.delete(stream) ?? false;
    stream.pubsub.close();
    return isOpen;
  }

  const options: SocketOptions = {
    apiKeys,
    guard,
    ...(trustProxy !== undefined && { trustProxy }),
    ...(otherCallers && { otherCallers: (socket) => otherCallers(extraOf(socket).request) }),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    context: (socket) => ({ ...contextOf(extraOf(socket).request) }),

    async prepare(sent) {
      const { socket, id, payload, context, caller } = sent;
      const { variables, operationName } = payload;
      const reply = replyOf(extraOf(socket).request, context);
      try {
        const source = await textOf(payload);
        Object.assign(context, { id, __currentQuery: source, reply });
        const outcome = await run({
          source,
          context,
          variables: variables ?? undefined,
          operationName: operationName || undefined,
          caller,
          streamsOnly: !fullWsTransport,
        });
        outcomes.set(context, outcome);
        if (outcome.result !== null) return outcome;
        await runHooks("preSubscriptionParsing", guard.schema, source, context, id);
        await runHooks("preSubscriptionExecution", guard.schema, outcome.document, context, id);
        begin(sent);
        return outcome;
      } catch (error) {
        return errorsOf(error).map(asGraphQLError);
      }
    },
  };
  const parts = createServerOptions(options as never) as ServerParts;

  const serverOptions = {
    ...parts,

    async onConnect(socket: SocketContext) {
      const isKnown = await parts.onConnect(socket);
      return isKnown && admit(socket);
    },

    /** A query or a mutation, which Mercurius has run by now. */
    execute: ({ contextValue }: ExecutionArgs) => outcomes.get(contextValue as object)!.result,

    async onNext(
      socket: SocketContext,
      id: string,
      payload: SocketPayload,
      args: ExecutionArgs,
      result: ExecutionResult,
    ) {
      await parts.onNext(socket, id, payload, args, result);
      const context = args.contextValue as MercuriusContext;
      const stream = streams.get(payload);
      if (stream === undefined && !outcomes.get(context)!.refused) return result; // formatted by Mercurius
      if (stream !== undefined && "data" in result) {
        await attempt(extraOf(socket), () =>
          runHooks("onSubscriptionResolution", result, context, id),
        );
      }
      const { errors } = result;
      return errors?.length ? format({ ...result, errors }, context).response : result;
    },

    onError(
      socket: SocketContext,
      _id: string,
      _payload: SocketPayload,
      errors: readonly GraphQLError[],
    ) {
      return format({ errors }, contextOf(extraOf(socket).request)).response.errors;
    },

    async onComplete(socket: SocketContext, id: string, payload: SocketPayload) {
      const stream = streams.get(payload);
      if (stream !== undefined && close(extraOf(socket).request, stream)) {
        await attempt(extraOf(socket), () => runHooks("onSubscriptionEnd", stream.context, id));
      }
      await parts.onComplete(socket, id, payload);
    },

    async onDisconnect(socket: SocketContext) {
      const { onDisconnect } = subscription;
      await attempt(extraOf(socket), () => onDisconnect?.(contextOf(extraOf(socket).request)));
    },

    async onClose(socket: SocketContext, code: number, reason: string) {
      const { request } = extraOf(socket);
      for (const stream of open.get(request) ?? []) close(request, stream);
      await parts.onClose(socket, code, reason);
      await attempt(extraOf(socket), () =>
        runHooks("onSubscriptionConnectionClose", contextOf(request), code, reason),
      );
    },
  };

  return {
    serverOptions,
    onSocketError: (socket, request, error) =>
      void attempt({ socket, request }, () =>
        runHooks("onSubscriptionConnectionError", contextOf(request), error),
      ),
  };
}
