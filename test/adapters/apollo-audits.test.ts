import { buildSchema } from "graphql";
import { createBareApollo, createGuardedApollo } from "./apollo-server.js";
import { auditAll } from "./audits.js";
import { createService, typeDefs } from "./service.js";

const { guard } = createService();
const settings = { allowBatchedHttpRequests: true };

auditAll([
  {
    name: "Apollo Server",
    bare: () => createBareApollo(buildSchema(typeDefs), settings),
    guarded: async (apiKeys) => (await createGuardedApollo({ apiKeys, guard }, settings)).app,
  },
]);
