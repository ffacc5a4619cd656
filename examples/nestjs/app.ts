import "reflect-metadata";
import type { ServerOptions } from "node:https";
import type { ApolloDriverConfig } from "@nestjs/apollo";
import { NestFactory } from "@nestjs/core";
import { Args, GraphQLModule, Mutation, Query, Resolver, Subscription } from "@nestjs/graphql";
import type { ApiKeys } from "graphql-api-keys";
import { accessDirectives } from "graphql-api-keys/graphql";
import { assetsOf, renameAsset, resolvers, typeDefs, type LibraryArgs } from "../schema.js";
import { guardedDriver } from "./driver.js";

@Resolver()
class AssetResolver {
  @Query()
  assets(@Args() args: LibraryArgs) {
    return assetsOf(args);
  }

  @Mutation()
  renameAsset(@Args() args: Parameters<typeof renameAsset>[0]) {
    return renameAsset(args);
  }

  @Subscription()
  assetRenamed(@Args() args: LibraryArgs) {
    return resolvers.Subscription.assetRenamed.subscribe(null, args);
  }
}

/** NestJS on Express: call `listen` of what it returns. */
export function createApp(apiKeys: ApiKeys, { key, cert }: ServerOptions) {
  class AppModule {}
  const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: guardedDriver({ apiKeys }),
    typeDefs: [accessDirectives, typeDefs],
  });
  return NestFactory.create(
    { module: AppModule, imports: [graphql], providers: [AssetResolver] },
    // Nest's own parser would read bodies before anybody has looked at the key.
    { httpsOptions: { key, cert }, bodyParser: false, logger: ["error", "warn"] },
  );
}
