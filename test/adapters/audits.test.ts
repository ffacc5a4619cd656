// Servers that take graphql 16 only: apollo-audits.test.ts, mercurius-audits.test.ts. The examples: test/examples.
import { buildSchema } from "graphql";
import { createHandler } from "graphql-http/lib/use/http";
import { createYoga } from "graphql-yoga";
import { createHandlerOptions } from "../../src/adapters/graphql-http.js";
import { auditAll } from "./audits.js";
import { createService, typeDefs } from "./service.js";
import { createGuardedYoga } from "./yoga-server.js";

const schema = buildSchema(typeDefs);
const { guard } = createService();

auditAll([
  {
    name: "graphql-http",
    bare: () => createHandler({ schema }),
    guarded: (apiKeys) => createHandler(createHandlerOptions({ apiKeys, guard })),
  },
  {
    name: "Yoga",
    bare: () => createYoga({ schema, batching: true }),
    guarded: (apiKeys) => createGuardedYoga({ apiKeys, guard }, { batching: true }),
  },
]);
