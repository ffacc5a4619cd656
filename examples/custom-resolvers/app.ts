import type { ApiKeys } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { createGuard, withAccess, type CallerContext } from "graphql-api-keys/graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { assetsOf, renameAsset, type LibraryArgs } from "../schema.js";

const typeDefs = /* GraphQL */ `
  type Query {
    assets(organizationId: ID!, libraryId: ID!): [Asset!]!
    count(organizationId: ID!, libraryId: ID!): Int
  }
  type Mutation {
    renameAsset(organizationId: ID!, libraryId: ID!, id: ID!, name: String!): Asset
  }
  type Asset {
    id: ID!
    name: String!
  }
`;

const libraryOf = ({ organizationId, libraryId }: LibraryArgs) => ({ organizationId, libraryId });

/** No marks: each resolver says what it needs, and the guard asks for it before any of them runs. */
const resolvers = {
  Query: {
    assets: withAccess("read", libraryOf, (_, args: LibraryArgs) => assetsOf(args)),
    // In the middle of a resolver, for what is known only there.
    count: withAccess("read", libraryOf, (_, args: LibraryArgs, { caller }: CallerContext) =>
      caller.can("write", libraryOf(args)) ? assetsOf(args).length : null,
    ),
  },
  Mutation: {
    renameAsset: withAccess("write", libraryOf, (_, args: Parameters<typeof renameAsset>[0]) =>
      renameAsset(args),
    ),
  },
};

/** Give what it returns to `https.createServer`. */
export function createApp(apiKeys: ApiKeys) {
  const guard = createGuard(createSchema({ typeDefs, resolvers }), { types: "none" });
  return createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] });
}
