import type { GraphQLSchema } from "graphql";
import type mercurius from "mercurius";
import type { MercuriusOptions } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkInteger, checkOptions } from "../core/check.js";
import { andThen } from "../core/maybe-promise.js";
import { createCleaner } from "../graphql/clean-error.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { HEARTBEAT_MS } from "../graphql/run.js";
import { createGate } from "../http/authenticate.js";
import type { OtherCallers } from "../http/others.js";
import type { TrustProxy } from "../http/transport.js";
import { createFormatter } from "./mercurius-errors.js";
import { collectHooks } from "./mercurius-hooks.js";
import { guardOperations } from "./mercurius-operations.js";
import { createReplies } from "./mercurius-replies.js";
import { createRequests } from "./mercurius-requests.js";
import {
  addSocketRoute,
  checkSockets,
  handedOn,
  openSockets,
  readSubscription,
  type SocketHandler,
} from "./mercurius-sockets.js";
import type { MercuriusSockets } from "./mercurius-socket-types.js";
import { createStreams, type StreamParts } from "./mercurius-streams.js";
import { createTexts } from "./mercurius-texts.js";
import type {
  Formatter,
  MercuriusInstance,
  MercuriusPlugin,
  MercuriusReply,
  MercuriusRequest,
} from "./mercurius-types.js";

export type { MercuriusSockets } from "./mercurius-socket-types.js";
export type { MercuriusInstance, MercuriusPlugin, MercuriusRequest } from "./mercurius-types.js";

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
  /** What Mercurius' option `subscription` needs: what serves WebSockets. Default: there are no subscriptions. */
  readonly sockets?: MercuriusSockets;
  /** Milliseconds between looks at the key while a subscription is idle, 10 to 3,600,000. Default 10,000. */
  readonly heartbeatMs?: number;
}

/** What the plugin adds to the context of resolvers. */
export interface MercuriusCallerContext {
  readonly caller: Caller;
}

const OPTIONS = ["apiKeys", "guard", "trustProxy", "otherCallers", "sockets", "heartbeatMs"];
// What would replace the guard's resolvers.
const MAKES_SCHEMA = ["schema", "resolvers", "loaders", "schemaTransforms"] as const;

/**
 * Wraps the plugin `mercurius`: every request is authenticated before its document is parsed, every operation is checked
 * before it runs, and resolvers find `caller` in their context. Operations run through `reply.graphql`, also in routes of
 * the host, and none without a request. Subscriptions are served over WebSocket at the same address by graphql-ws, whose
 * operations go through all that one over HTTP does.
 *
 * @param plugin - `mercurius`.
 * @param options - Keys, guard and proxies; for subscriptions what serves WebSockets.
 * @returns A plugin for `app.register`, to be given the options of Mercurius, but not `jit`.
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
  plugin: MercuriusPlugin &
    Pick<typeof mercurius, "defaultErrorFormatter" | "persistedQueryDefaults">,
  options: MercuriusGuardOptions,
): (instance: MercuriusInstance, options?: MercuriusOptions) => Promise<void> {
  checkFunction("plugin", plugin);
  checkOptions("options", options, OPTIONS);
  const { apiKeys, trustProxy, otherCallers, heartbeatMs = HEARTBEAT_MS } = options;
  checkInteger("heartbeatMs", heartbeatMs, 10, 3_600_000);
  const sockets = checkSockets(options.sockets);
  const gate = createGate<MercuriusRequest>(apiKeys, { trustProxy, otherCallers });
  const requests = createRequests(apiKeys, gate);
  const cleaner = createCleaner(apiKeys);
  const { guard: given } = options;
  const made = typeof given === "function" ? null : given;
  const make = typeof given === "function" ? given : () => given;
  if (made !== null) guardInternalsOf(made);

  async function guarded(app: MercuriusInstance, settings: MercuriusOptions = {}): Promise<void> {
    // What is compiled is not always what was checked: docs/adapters.md says when.
    if (settings.jit) throw new TypeError('Mercurius cannot have "jit" beside a guard.');
    if (made && MAKES_SCHEMA.some((name) => settings[name] && settings[name] !== made.schema)) {
      throw new TypeError("Beside options that make a schema, guard has to be a function of it.");
    }
    const { additionalRouteOptions: theirs = {}, context, errorFormatter } = settings;
    const subscription = readSubscription(settings, sockets);
    if (subscription) await openSockets(app, sockets!, subscription);
    const formatter = (errorFormatter ?? plugin.defaultErrorFormatter) as Formatter;
    const format = createFormatter(formatter, cleaner);
    const { hooks } = requests;
    await app.register(plugin, {
      ...settings,
      ...(made && { schema: made.schema }),
      ...(subscription && { subscription: handedOn(subscription) }),
      errorFormatter: format as NonNullable<MercuriusOptions["errorFormatter"]>,
      context: (request: MercuriusRequest, reply: MercuriusReply) =>
        andThen(context?.(request, reply), (theirs) => ({
          ...theirs,
          caller: requests.find(request),
        })),
      additionalRouteOptions: {
        ...theirs,
        preParsing: [hooks.preParsing, theirs.preParsing].flat().filter(isGiven),
        preValidation: [hooks.preValidation, theirs.preValidation].flat().filter(isGiven),
        onSend: [hooks.onSend, theirs.onSend].flat().filter(isGiven),
      },
    });
    const guard = make(app.graphql.schema);
    app.graphql.replaceSchema(guard.schema);
    const runHooks = collectHooks(app);
    const run = guardOperations(app, guard, requests, cleaner);
    if (!subscription || settings.routes === false) return;
    const textOf = createTexts(settings, plugin);
    const parts = { app, guard, subscription, run, runHooks, textOf, format, cleaner };
    await serveSockets({ ...parts, settings, sockets: sockets!, options });
  }

  // As fastify-plugin has it: what Mercurius adds to Fastify is the host's too.
  return Object.assign(guarded, { [Symbol.for("skip-override")]: true });
}

/** Serves the operations of sockets at the address of Mercurius. */
async function serveSockets({ app, settings, sockets, options, ...parts }: Serving): Promise<void> {
  const { onUpgrade, replyOf } = createReplies(app);
  const { serverOptions, onSocketError } = createStreams(
    { app, replyOf, ...parts },
    options,
    sockets,
  );
  const { keepAlive } = parts.subscription;
  const handle = sockets.makeHandler(serverOptions as never, keepAlive) as SocketHandler;
  const handler: SocketHandler = function (socket, request) {
    socket.on("error", (error) => onSocketError(socket, request, error));
    return handle.call(this, socket, request);
  };
  await addSocketRoute(app, settings, handler, onUpgrade);
}

/** What {@link serveSockets} needs. */
interface Serving extends Omit<StreamParts, "replyOf"> {
  readonly settings: MercuriusOptions;
  readonly sockets: MercuriusSockets;
  readonly options: MercuriusGuardOptions;
}

const isGiven = <T>(value: T | undefined): value is T => value !== undefined;
