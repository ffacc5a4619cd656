import type { ApiKeys } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { resolvers, typeDefs } from "../schema.js";

/** GraphQL Yoga: give what it returns to `https.createServer`. */
export function createApp(apiKeys: ApiKeys) {
  const guard = createGuard(createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers }));
  return createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] });
}
