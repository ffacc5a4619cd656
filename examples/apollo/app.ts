import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
import type { ApiKeys } from "graphql-api-keys";
import { createServerParts } from "graphql-api-keys/adapters/apollo";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createSchema } from "graphql-yoga";
import { resolvers, typeDefs } from "../schema.js";

/** Apollo Server on Express: give what it returns to `https.createServer`. */
export async function createApp(apiKeys: ApiKeys) {
  const guard = createGuard(createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers }));
  const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
  const server = new ApolloServer({ schema: guard.schema, plugins: [plugin] });
  await server.start();
  return express().use(
    "/graphql",
    authenticate(express.json()),
    expressMiddleware(server, { context }),
  );
}
