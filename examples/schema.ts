/** What the small examples serve: the assets of two libraries. Marks say what the resolvers need not. */
export const typeDefs = /* GraphQL */ `
  type Query {
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
  }
  type Mutation {
    renameAsset(
      organizationId: ID! @organization
      libraryId: ID! @library
      id: ID!
      name: String!
    ): Asset
  }
  type Subscription {
    assetRenamed(organizationId: ID! @organization, libraryId: ID! @library): Asset!
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    name: String!
  }
`;

export interface Asset {
  readonly organizationId: string;
  readonly libraryId: string;
  readonly id: string;
  name: string;
}

export interface LibraryArgs {
  readonly organizationId: string;
  readonly libraryId: string;
}

export const assets: readonly Asset[] = ["barcelona", "porto"].map((libraryId) => ({
  organizationId: "monogram-labs",
  libraryId,
  id: `${libraryId}-1`,
  name: "1.jpg",
}));

/** What the code of a service does; nothing of it asks who wants it. */
export function assetsOf({ organizationId, libraryId }: LibraryArgs): readonly Asset[] {
  return assets.filter(
    (asset) => asset.organizationId === organizationId && asset.libraryId === libraryId,
  );
}

export function renameAsset(args: LibraryArgs & { readonly id: string; readonly name: string }) {
  const asset = assetsOf(args).find(({ id }) => id === args.id);
  return asset ? Object.assign(asset, { name: args.name }) : null;
}

/** Resolvers in the form that most servers take. */
export const resolvers = {
  Query: { assets: (_: unknown, args: LibraryArgs) => assetsOf(args) },
  Mutation: {
    renameAsset: (_: unknown, args: Parameters<typeof renameAsset>[0]) => renameAsset(args),
  },
  Subscription: {
    assetRenamed: {
      async *subscribe(_: unknown, args: LibraryArgs) {
        for (const assetRenamed of assetsOf(args)) yield { assetRenamed };
      },
    },
  },
};
