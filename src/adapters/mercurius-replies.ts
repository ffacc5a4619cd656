import type { MercuriusInstance, MercuriusReply, MercuriusRequest } from "./mercurius-types.js";

/** What Mercurius makes loaders with. */
interface Factory {
  create(context: object): object;
}

/** What operations of sockets find as `reply`. */
export interface Replies {
  /** Called with what Fastify would have answered an upgrade by. */
  readonly onUpgrade: (request: MercuriusRequest, reply: MercuriusReply) => void;
  /** As Mercurius has it for subscriptions: the request, and loaders of this operation alone, which cache nothing. */
  readonly replyOf: (request: MercuriusRequest, context: object) => object;
}

/** Makes replies for the sockets of an application. */
export function createReplies(app: MercuriusInstance): Replies {
  const factory = valueAt(app, "mercurius.subscriptionLoadersFactory") as Factory | undefined;
  let loaders: symbol | undefined;
  return {
    onUpgrade(_request, reply) {
      loaders ??= symbolOf(reply, "mercurius.loaders");
    },
    replyOf: (request, context) => ({
      request,
      log: request.log,
      code() {}, // called by Mercurius: a socket has no status
      ...(factory && loaders && { [loaders]: factory.create(context) }),
    }),
  };
}

// Where Mercurius keeps loaders it tells nobody. Without them a field that has one fails.
function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
}

function valueAt(object: object, description: string): unknown {
  const symbol = symbolOf(object, description);
  return symbol && (object as Record<symbol, unknown>)[symbol];
}
