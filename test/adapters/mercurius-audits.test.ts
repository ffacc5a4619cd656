import { buildSchema } from "graphql";
import { auditAll } from "./audits.js";
import { createBareMercurius, mercuriusDifferences } from "./mercurius-bare.js";
import { createGuardedMercurius, listenerOf } from "./mercurius-server.js";
import { createService, typeDefs } from "./service.js";

const { guard } = createService();
const settings = { allowBatchedQueries: true };

auditAll([
  {
    name: "Mercurius",
    bare: async () => listenerOf(await createBareMercurius(buildSchema(typeDefs), settings)),
    guarded: async (apiKeys) =>
      listenerOf(await createGuardedMercurius({ apiKeys, guard }, settings)),
    differences: mercuriusDifferences,
  },
]);
