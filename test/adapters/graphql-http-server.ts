/** graphql-http as an adapter's server. */
import { createHandler } from "graphql-http/lib/use/http";
import { createHandlerOptions } from "../../src/adapters/graphql-http.js";
import type { AdapterServer, Parts } from "./subject.js";

export const graphqlHttpServer: AdapterServer = {
  capabilities: ["get"],
  manners: { requestErrorStatus: 200 },
  handle({ apiKeys, guard, trustProxy }: Parts) {
    return createHandler(
      createHandlerOptions({ apiKeys, guard, ...(trustProxy !== undefined && { trustProxy }) }),
    );
  },
};
