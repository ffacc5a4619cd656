import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import { checkFunction, checkOptions } from "../core/check.js";
import type { ListLibraries } from "./libraries.js";
import { askManager, refuseContext, type AuthorizeManager } from "./manager.js";
import { checkOrigins } from "./origin.js";
import { createResolvers, type ManagementResolvers } from "./resolvers.js";
import { managementTypeDefs } from "./schema.js";

/** Options of {@link createManagement}. */
export interface ManagementOptions<Context> {
  /** What `createApiKeys` returned. Give that one `libraries`, and access to a library that does not exist is refused. */
  readonly apiKeys: ApiKeys;
  /** Who manages keys, by the context of an operation. */
  readonly authorizeManager: AuthorizeManager<Context>;
  /** Lists the libraries to choose from. Default: none are listed. */
  readonly libraries?: ListLibraries;
  /** Origins of pages, besides this one, that may use it, such as `https://app.example.com`. Default: none. */
  readonly allowedOrigins?: readonly string[];
}

/** The management API, to merge into a schema. */
export interface Management<Context> {
  /** Extends `Query` and `Mutation`. */
  readonly typeDefs: string;
  /** For `makeExecutableSchema`, Yoga's `createSchema`, Apollo Server, Mercurius. */
  readonly resolvers: ManagementResolvers<Context>;
}

/**
 * Makes the management API for a host's own schema.
 *
 * An operation that an API key sends is refused before `authorizeManager` is asked, as far as the context shows it: by
 * `context.caller`, what a guard knows of it, or the headers of `context.request`, `context.req` or Mercurius'
 * `context.reply.request`. By these, too, what a browser sends for a page of another origin.
 *
 * @param options - The API keys, and who manages them.
 * @returns Type definitions and resolvers.
 * @throws TypeError when an option is not as described.
 * @example
 * ```ts
 * import { createSchema } from "graphql-yoga";
 * import { createApiKeys } from "graphql-api-keys";
 * import { createManagement } from "graphql-api-keys/management";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 *
 * const apiKeys = createApiKeys({ store: createMemoryStore() });
 * const management = createManagement({
 *   apiKeys,
 *   authorizeManager: ({ user }: { user?: { organizationId: string; email: string } }) =>
 *     user ? { organizationId: user.organizationId, actor: user.email } : null,
 * });
 * export const schema = createSchema({
 *   typeDefs: ["type Query { hello: String } type Mutation", management.typeDefs],
 *   resolvers: [{ Query: { hello: () => "Hello" } }, management.resolvers],
 * });
 * ```
 */
export function createManagement<Context>(
  options: ManagementOptions<Context>,
): Management<Context> {
  checkOptions("options", options, ["apiKeys", "authorizeManager", "libraries", "allowedOrigins"]);
  const { apiKeys, authorizeManager, libraries } = options;
  internalsOf(apiKeys);
  checkFunction("authorizeManager", authorizeManager);
  if (libraries !== undefined) checkFunction("libraries", libraries);
  const allowed = checkOrigins(options.allowedOrigins);
  const resolvers = createResolvers<Context>({
    apiKeys,
    libraries,
    async authorize(context) {
      refuseContext(apiKeys, context, allowed);
      return askManager(authorizeManager, context);
    },
  });
  return { typeDefs: managementTypeDefs, resolvers };
}
