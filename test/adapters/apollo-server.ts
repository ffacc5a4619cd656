/** Apollo Server on Express as an adapter's server. */
import {
  ApolloServer,
  type ApolloServerOptionsWithSchema,
  type ApolloServerPlugin,
} from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type Express, type RequestHandler } from "express";
import type { GraphQLSchema } from "graphql";
import { createServerParts, type ApolloOptions } from "../../src/adapters/apollo.js";
import type { AdapterServer, Parts } from "./subject.js";

/** What Apollo logged. */
export const logged: string[] = [];

const record = (...values: unknown[]) => void logged.push(values.map(String).join(" "));

export const logger = { debug: record, info: record, warn: record, error: record };

interface Settings extends Partial<ApolloServerOptionsWithSchema<any>> {
  /** Plugins after ours. */
  readonly after?: readonly ApolloServerPlugin<any>[];
  /** More options of `createServerParts`. */
  readonly options?: Partial<ApolloOptions>;
}

/** A browser of https://example.com may read all answers. */
const cors: RequestHandler = (req, res, next) => {
  res.vary("Origin");
  if (req.headers.origin === "https://example.com") {
    res.header("access-control-allow-origin", req.headers.origin);
    res.header("access-control-expose-headers", "www-authenticate");
  }
  if (req.method !== "OPTIONS") return next();
  res.header("access-control-allow-headers", "authorization, content-type").status(204).end();
};

/** An Express application that answers GraphQL at `/graphql` with a guarded Apollo Server. */
export async function createGuardedApollo(
  { apiKeys, guard, trustProxy }: Parts,
  { after = [], options = {}, ...others }: Settings = {},
): Promise<{ readonly app: Express; readonly server: ApolloServer<any> }> {
  const { plugin, context, authenticate } = createServerParts({
    apiKeys,
    guard,
    ...(trustProxy !== undefined && { trustProxy }),
    ...options,
  });
  const server = new ApolloServer<any>({
    schema: guard.schema,
    logger,
    csrfPrevention: false, // a key is no cookie; with it, GET needs a header of its own
    ...others,
    plugins: [plugin, ...after],
  });
  await server.start();
  const app = express();
  app.use("/graphql", cors, authenticate(express.json()), expressMiddleware(server, { context }));
  return { app, server };
}

/** The same without this package. */
export async function createBareApollo(
  schema: GraphQLSchema,
  settings: Settings = {},
): Promise<Express> {
  const server = new ApolloServer({ schema, logger, csrfPrevention: false, ...settings });
  await server.start();
  return express().use("/graphql", express.json(), expressMiddleware(server));
}

export const apolloServer: AdapterServer = {
  capabilities: ["get", "batch", "cors", "pages"],
  async handle(parts) {
    return (await createGuardedApollo(parts, { allowBatchedHttpRequests: true })).app;
  },
};
