import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { ApiKeys } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { Hono } from "hono";
import { resolvers, typeDefs } from "../schema.js";

/** Hono on Node: Yoga behind one route. Give what it returns to `https.createServer`. */
export function createApp(apiKeys: ApiKeys) {
  const guard = createGuard(createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers }));
  const yoga = createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] });

  const app = new Hono<{ Bindings: HttpBindings }>();
  // Node's request has the socket, which says whether this is HTTPS; `c.req.url` is the client's to choose.
  app.all("/graphql", ({ req, env }) => yoga.fetch(req.raw, { req: env.incoming }));
  return getRequestListener(app.fetch);
}
