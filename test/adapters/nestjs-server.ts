/** NestJS with the driver of the example, and without it. */
import "reflect-metadata";
import type { RequestListener } from "node:http";
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import { NestFactory } from "@nestjs/core";
import { GraphQLModule } from "@nestjs/graphql";
import type { GraphQLSchema } from "graphql";
import { guardedDriver } from "../../examples/nestjs/driver.js";
import { logger } from "./apollo-server.js";
import type { Service } from "./service.js";
import type { Parts } from "./subject.js";

type Config = Partial<ApolloDriverConfig>;

/** A Nest application that answers GraphQL at `/graphql`. */
export function createGuardedNest(
  { apiKeys, trustProxy, service }: Omit<Parts, "guard"> & { readonly service: Service },
  config: Config = {},
) {
  const driver = guardedDriver({ apiKeys, ...(trustProxy !== undefined && { trustProxy }) });
  return createNest({ driver, schema: service.schema, ...config }, { bodyParser: false });
}

/** The same without this package. */
export function createBareNest(schema: GraphQLSchema, config: Config = {}) {
  return createNest({ driver: ApolloDriver, schema, ...config });
}

async function createNest(config: ApolloDriverConfig, options: { bodyParser?: boolean } = {}) {
  class AppModule {}
  // A key is no cookie; with this protection, GET needs a header of its own.
  const graphql = GraphQLModule.forRoot({ logger, csrfPrevention: false, ...config });
  const cors = {
    origin: "https://example.com",
    allowedHeaders: ["authorization", "content-type"],
    exposedHeaders: ["www-authenticate"],
  };
  const app = await NestFactory.create(
    { module: AppModule, imports: [graphql] },
    { logger: false, cors, ...options },
  );
  return app.init();
}

/** What Node's servers call. */
export function listenerOf(app: Awaited<ReturnType<typeof createNest>>): RequestListener {
  return app.getHttpAdapter().getInstance() as RequestListener;
}
