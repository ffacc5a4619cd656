import { createApiKeys, type KeyStore } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { createData } from "./data.js";
import { usePictures } from "./pictures.js";
import { createResolvers } from "./resolvers.js";
import { typeDefs } from "./schema.js";
import { seed } from "./seed.js";
import { isSettings, useSettings } from "./settings.js";

/** What the service is made of. */
export interface AppOptions {
  /** Where clients reach it, such as `"https://localhost:4443/"`. Pictures are linked there. */
  readonly url: string;
  readonly store: KeyStore;
  /** How long this process may use a record that it has read. Default 0. */
  readonly leaseMs?: number;
}

const CORS = {
  origin: "*", // keys travel in a header, never in a cookie, so any site may ask
  credentials: false,
  methods: ["POST"],
  allowedHeaders: ["content-type", "authorization", "apollo-require-preflight"],
  exposedHeaders: ["www-authenticate"],
  maxAge: 3600,
};

/** Makes the service. It listens to nothing: give `yoga` to `https.createServer`. */
export function createApp({ url, store, leaseMs = 0 }: AppOptions) {
  const data = createData();
  seed(data);

  const apiKeys = createApiKeys({
    store,
    leaseMs,
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
    plugins: [usePictures(data), useSettings(data, apiKeys), useApiKeys({ apiKeys, guard })],
    cors: ({ url }) => (isSettings(new URL(url).pathname) ? false : CORS),
    graphiql: false,
    landingPage: false,
  });

  return { yoga, apiKeys, guard, data };
}
