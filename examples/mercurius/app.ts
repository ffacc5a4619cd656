import type { ServerOptions } from "node:https";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import type { ApiKeys } from "graphql-api-keys";
import { createServerOptions } from "graphql-api-keys/adapters/graphql-ws";
import { createPlugin } from "graphql-api-keys/adapters/mercurius";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { makeHandler } from "graphql-ws/use/@fastify/websocket";
import mercurius from "mercurius";
import { resolvers, typeDefs } from "../schema.js";

/** Mercurius on Fastify: the guard is made of what Mercurius makes of SDL and resolvers, subscriptions included. */
export async function createApp(apiKeys: ApiKeys, https: ServerOptions) {
  const app = Fastify({ https });
  const plugin = createPlugin(mercurius, {
    apiKeys,
    guard: (schema) => createGuard(schema),
    sockets: { websocket, makeHandler, createServerOptions },
  });
  await app.register(plugin, {
    schema: [accessDirectives, typeDefs],
    resolvers,
    subscription: true,
  });
  return app;
}
