import type { ServerOptions } from "node:https";
import Fastify from "fastify";
import type { ApiKeys } from "graphql-api-keys";
import { createPlugin } from "graphql-api-keys/adapters/mercurius";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import mercurius from "mercurius";
import { resolvers, typeDefs } from "../schema.js";

/** Mercurius on Fastify: the guard is made of what Mercurius makes of SDL, resolvers and loaders. */
export async function createApp(apiKeys: ApiKeys, https: ServerOptions) {
  const app = Fastify({ https });
  const { Query, Mutation } = resolvers;
  await app.register(createPlugin(mercurius, { apiKeys, guard: (schema) => createGuard(schema) }), {
    schema: [accessDirectives, typeDefs],
    resolvers: { Query, Mutation },
  });
  return app;
}
