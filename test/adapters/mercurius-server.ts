/** Mercurius on Fastify as an adapter's server. */
import type { RequestListener } from "node:http";
import websocket from "@fastify/websocket";
import Fastify, { type FastifyInstance } from "fastify";
import { makeHandler } from "graphql-ws/use/@fastify/websocket";
import mercurius, { type MercuriusOptions } from "mercurius";
import { createServerOptions } from "../../src/adapters/graphql-ws.js";
import {
  createPlugin,
  type MercuriusGuardOptions,
  type MercuriusSockets,
} from "../../src/adapters/mercurius.js";
import {
  withSubject,
  type AdapterServer,
  type Handler,
  type Parts,
  type Subject,
} from "./subject.js";

/** What serves its WebSockets. */
export const sockets: MercuriusSockets = { websocket, makeHandler, createServerOptions };

/** What Fastify logged. */
export const logged: string[] = [];

export interface Settings extends MercuriusOptions {
  /** More options of `createPlugin`. */
  readonly options?: Partial<MercuriusGuardOptions>;
  /** What the host does besides. */
  readonly host?: (app: FastifyInstance) => unknown;
  /** What it has done before. */
  readonly before?: (app: FastifyInstance) => unknown;
}

/** A Fastify application that answers GraphQL at `/graphql` with a guarded Mercurius. */
export async function createGuardedMercurius(
  { apiKeys, guard, trustProxy, heartbeatMs, otherCallers }: Parts,
  { options = {}, host, before, ...others }: Settings = {},
): Promise<FastifyInstance> {
  const app = Fastify({
    logger: {
      level: "info",
      stream: { write: (line) => void logged.push(line) },
      serializers: { req: ({ method }) => ({ method }) }, // an address may have a key
    },
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send("There is nothing here."));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("vary", "Origin");
    if (request.headers.origin !== "https://example.com") return;
    reply.header("access-control-allow-origin", request.headers.origin);
    reply.header("access-control-expose-headers", "www-authenticate");
  });
  app.options("/graphql", (_request, reply) =>
    reply.code(204).header("access-control-allow-headers", "authorization, content-type").send(),
  );
  await before?.(app);
  const plugin = createPlugin(mercurius, {
    apiKeys,
    guard,
    sockets,
    ...(trustProxy !== undefined && { trustProxy }),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    ...(otherCallers && { otherCallers }),
    ...options,
  });
  await app.register(plugin, others);
  await host?.(app);
  await app.ready();
  return app;
}

/** What Node's servers call. */
export function listenerOf(app: FastifyInstance): RequestListener {
  return (req, res) => app.routing(req, res);
}

/** What Node's servers call, and give their sockets to. */
export function handlerOf(app: FastifyInstance): Handler {
  return {
    listener: listenerOf(app),
    attach: (server) =>
      void server.on("upgrade", (req, socket, head) =>
        app.server.emit("upgrade", req, socket, head),
      ),
  };
}

export const mercuriusServer: AdapterServer = {
  capabilities: ["get", "batch", "cors", "sockets"],
  handle: async (parts) =>
    handlerOf(
      await createGuardedMercurius(parts, {
        allowBatchedQueries: true,
        subscription: { fullWsTransport: true },
      }),
    ),
};

/** Runs with a server that has subscriptions and these settings. */
export function withSockets(
  settings: Settings,
  use: (subject: Subject & { readonly app: FastifyInstance }) => Promise<void>,
  heartbeatMs?: number,
): Promise<void> {
  let app: FastifyInstance;
  return withSubject(
    async (parts) => {
      const all = { ...parts, ...(heartbeatMs !== undefined && { heartbeatMs }) };
      const subscription = { fullWsTransport: true };
      app = await createGuardedMercurius(all, { subscription, ...settings });
      return handlerOf(app);
    },
    (subject) => use({ ...subject, app }),
    { subscriptions: true },
  );
}
