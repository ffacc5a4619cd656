import { createApiKeys } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createMemoryStore } from "graphql-api-keys/stores/memory";
import { createSchema, createYoga } from "graphql-yoga";
import { createData } from "./data.js";
import { usePictures } from "./pictures.js";
import { createResolvers } from "./resolvers.js";
import { typeDefs } from "./schema.js";
import { seed } from "./seed.js";

/**
 * Makes the service. It listens to nothing: give `yoga` to `https.createServer`.
 *
 * @param url - Where clients reach it, such as `"https://localhost:4443/"`. Pictures are linked there.
 */
export function createApp({ url }: { readonly url: string }) {
  const data = createData();
  seed(data);

  const apiKeys = createApiKeys({
    store: createMemoryStore(),
    libraries: (organizationId, ids) => data.libraries(organizationId, ids).map(({ id }) => id),
  });

  const guard = createGuard(
    createSchema({
      typeDefs: [accessDirectives, typeDefs],
      resolvers: createResolvers({ data, apiKeys, url }),
    }),
  );

  const yoga = createYoga({
    schema: guard.schema,
    graphqlEndpoint: "/",
    plugins: [usePictures(data), useApiKeys({ apiKeys, guard })],
    cors: {
      origin: "*", // keys travel in a header, never in a cookie, so any site may ask
      credentials: false,
      methods: ["POST"],
      allowedHeaders: ["content-type", "authorization", "apollo-require-preflight"],
      exposedHeaders: ["www-authenticate"],
      maxAge: 3600,
    },
    graphiql: false,
    landingPage: false,
  });

  return { yoga, apiKeys, guard, data };
}
