import type { ApiKeys } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { resolvers, typeDefs } from "../schema.js";

/**
 * A route handler of Next.js, in `app/api/graphql/route.ts`:
 *
 *     export const { GET, POST, OPTIONS } = createRoute(apiKeys);
 */
export function createRoute(apiKeys: ApiKeys) {
  const guard = createGuard(createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers }));
  const yoga = createYoga({
    schema: guard.schema,
    graphqlEndpoint: "/api/graphql",
    fetchAPI: { Response }, // Next.js takes its own
    plugins: [
      useApiKeys({
        apiKeys,
        guard,
        // A route handler sees no socket. The platform in front of it overwrites this header: where nothing does, a
        // client could write it, and plain HTTP would count as HTTPS.
        connection: ({ headers }) => ({
          headers,
          encrypted: headers.get("x-forwarded-proto") === "https",
        }),
      }),
    ],
  });
  const handle = (request: Request): Promise<Response> =>
    Promise.resolve(yoga.handleRequest(request, {}));
  return { GET: handle, POST: handle, OPTIONS: handle };
}
