import type { ApiKeys } from "graphql-api-keys";
import { createHandlerOptions } from "graphql-api-keys/adapters/graphql-http";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createHandler } from "graphql-http/lib/use/http";
import { createSchema } from "graphql-yoga";
import { resolvers, typeDefs } from "../schema.js";

/** graphql-http: give what it returns to `https.createServer`. */
export function createApp(apiKeys: ApiKeys) {
  const guard = createGuard(createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers }));
  return createHandler(createHandlerOptions({ apiKeys, guard }));
}
