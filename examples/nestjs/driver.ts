import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import { json } from "express";
import { createServerParts, type ApolloOptions } from "graphql-api-keys/adapters/apollo";
import { createServerOptions } from "graphql-api-keys/adapters/graphql-ws";
import { createGuard, type Guard } from "graphql-api-keys/graphql";

type Options = Pick<ApolloOptions, "apiKeys" | "trustProxy">;

/** Apollo's driver, with a guard of all that Nest makes of modules, resolvers and transforms. */
export const guardedDriver = (options: Options): typeof ApolloDriver =>
  class extends ApolloDriver {
    #guard?: Guard;

    // The last word about the schema: also what GraphQLSchemaHost hands out runs nothing unchecked.
    override async generateSchema(config: ApolloDriverConfig) {
      this.#guard = createGuard((await super.generateSchema(config))!);
      return this.#guard.schema;
    }

    override async start(config: ApolloDriverConfig) {
      const guard = this.#guard!;
      const parts = createServerParts({ ...options, guard });
      this.httpAdapterHost.httpAdapter.use(config.path, parts.authenticate(json()));
      await super.start({
        ...config,
        plugins: [parts.plugin, ...(config.plugins ?? [])],
        context: async (request: object) => ({
          ...(await parts.context(request)),
          ...(await config.context(request)),
        }),
        subscriptions: { "graphql-ws": createServerOptions({ ...options, guard }) as object },
      });
    }
  };
