import type { MercuriusOptions } from "mercurius";
import { checkFunction, checkOptions } from "../core/check.js";
import type { MercuriusSockets, Subscription, WebSocketLike } from "./mercurius-socket-types.js";
import type { MercuriusInstance, MercuriusReply, MercuriusRequest } from "./mercurius-types.js";

/** What @fastify/websocket calls with each socket. */
export type SocketHandler = (
  this: MercuriusInstance,
  socket: WebSocketLike,
  request: MercuriusRequest,
) => unknown;

const PIECES = ["websocket", "makeHandler", "createServerOptions"] as const;
const KNOWN = [
  "emitter",
  "pubsub",
  "verifyClient",
  "context",
  "onConnect",
  "onDisconnect",
  "keepAlive",
  "fullWsTransport",
  "queueHighWaterMark",
];
/** As Mercurius has it. Without a limit of its own, ws takes 100 MiB of a stranger. */
const MAX_PAYLOAD = 1_048_576;

/** Checks the option of `createPlugin`. */
export function checkSockets(sockets: MercuriusSockets | undefined): MercuriusSockets | undefined {
  if (sockets === undefined) return sockets;
  checkOptions("sockets", sockets, PIECES);
  for (const piece of PIECES) checkFunction(`sockets.${piece}`, sockets[piece]);
  return sockets;
}

/** Reads Mercurius' option; null: it serves no subscriptions. */
export function readSubscription(
  { subscription }: MercuriusOptions,
  sockets: MercuriusSockets | undefined,
): Subscription | null {
  if (!subscription) return null;
  if (!sockets) throw new TypeError('Mercurius\' "subscription" needs "sockets" of createPlugin.');
  if (subscription === true) return {};
  if (subscription.wsDefaultSubprotocol !== undefined) {
    throw new TypeError("Mercurius cannot have another subprotocol than graphql-transport-ws.");
  }
  return checkOptions("subscription", subscription, KNOWN);
}

/**
 * What Mercurius itself is given: what publishes, for its contexts and resolvers. The transport that it serves besides is
 * never asked, since another route takes all upgrades; if it were, it would turn everybody away.
 */
export function handedOn({ pubsub, emitter }: Subscription): Subscription {
  return {
    ...(pubsub && { pubsub }),
    ...(emitter && { emitter }),
    onConnect: () => false,
  };
}

/** Registers @fastify/websocket where the host has not: before Mercurius, which would do it for its own routes alone. */
export async function openSockets(
  app: MercuriusInstance,
  { websocket }: MercuriusSockets,
  { verifyClient }: Subscription,
): Promise<void> {
  if (!app.hasDecorator("websocketServer")) {
    const options = { maxPayload: MAX_PAYLOAD, ...(verifyClient && { verifyClient }) };
    await app.register(websocket as never, { options } as never);
  } else if (verifyClient) {
    throw new TypeError('Give "verifyClient" to @fastify/websocket, which is registered already.');
  }
}

const UPGRADE = "graphqlOverWebSocket";

/** Serves upgrades at the address of Mercurius, by a route that no other request takes. */
export async function addSocketRoute(
  app: MercuriusInstance,
  { path = "/graphql", prefix = "", additionalRouteOptions: theirs = {} }: MercuriusOptions,
  wsHandler: SocketHandler,
  onUpgrade: (request: MercuriusRequest, reply: MercuriusReply) => void,
): Promise<void> {
  if (!app.hasConstraintStrategy(UPGRADE)) {
    app.addConstraintStrategy({
      name: UPGRADE,
      storage: () => new Map() as never,
      validate() {},
      deriveConstraint: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
    });
  }
  const note = async (request: MercuriusRequest, reply: MercuriusReply): Promise<void> =>
    onUpgrade(request, reply);
  const route = {
    attachValidation: true,
    ...theirs,
    method: "GET",
    url: path,
    exposeHeadRoute: false,
    constraints: { ...theirs.constraints, [UPGRADE]: true },
    preHandler: [theirs.preHandler ?? [], note].flat(),
    wsHandler,
    // Not asked to upgrade by its other headers: Node gives it to nobody who could.
    handler: (_request: MercuriusRequest, reply: MercuriusReply) =>
      reply.code(426).header("upgrade", "websocket").send(),
  };
  await app.register(async (scope) => void scope.route(route as never), { prefix });
}
