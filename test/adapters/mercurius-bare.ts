import Fastify, { type FastifyInstance } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Difference } from "./audits.js";
import mercurius, { type MercuriusOptions } from "mercurius";

/** What the audits of graphql-http say else of Mercurius once it is guarded. */
export const mercuriusDifferences: Readonly<Record<string, Difference>> = {
  "5E5B": {
    bare: 'SHOULD warn, Response body execution result data is not "undefined"',
    guarded: "SHOULD ok",
    because: "of a document that is not valid nothing ran, and an answer has no `data` then",
  },
  D586: {
    bare: 'SHOULD warn, Response body execution result data is not "undefined"',
    guarded: "SHOULD ok",
    because: "nor of one that cannot be parsed",
  },
  "6C01": {
    bare: "MAY notice, Response status code is not 400",
    guarded: "MAY ok",
    because: "an operation of a name that the document has not is refused before it runs",
  },
  "6C02": {
    bare: "MAY notice, Response status code is not 400",
    guarded: "MAY ok",
    because: "likewise",
  },
};

/** Mercurius without this package. */
export async function createBareMercurius(
  schema: GraphQLSchema,
  options: MercuriusOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(mercurius, { schema, ...options });
  await app.ready();
  return app;
}
