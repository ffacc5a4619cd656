import type { Server } from "node:https";
import type { ApiKeys } from "graphql-api-keys";
import { createServerOptions } from "graphql-api-keys/adapters/graphql-ws";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { useServer } from "graphql-ws/use/ws";
import { createSchema } from "graphql-yoga";
import { WebSocketServer } from "ws";
import { resolvers, typeDefs } from "../schema.js";

/** graphql-ws: operations and subscriptions over WebSockets of a server that listens already, or soon will. */
export function attach(apiKeys: ApiKeys, server: Server) {
  const guard = createGuard(createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers }));
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  return useServer(createServerOptions({ apiKeys, guard }), sockets);
}
