/**
 * The API, with its access marks: `@organization` and `@library` say which arguments name what a request touches,
 * `@inLibrary` says which library a resolved value belongs to, `@apiKey` that a key is enough. Queries and
 * subscriptions need read, mutations write.
 */
export const typeDefs = /* GraphQL */ `
  "A file of a graphql-multipart-request."
  scalar Upload
  "Unix milliseconds."
  scalar Timestamp
  scalar JSON

  type Query {
    viewer: Viewer! @apiKey
    libraries(organizationId: String! @organization, page: Int, pageSize: Int): [Library!]!
    "The assets that have all of the tags."
    assets(
      organizationId: ID! @organization
      libraryId: ID! @library
      page: Int
      pageSize: Int = 50
      tags: [String!]
    ): [Asset!]!
    asset(organizationId: ID! @organization, libraryId: ID! @library, assetId: ID!): Asset
    tags(organizationId: ID! @organization, libraryId: ID! @library, limit: Int): [Tag!]!
    "Finds text in names, descriptions and tags of the named libraries, or of all that the key reaches."
    searchAssets(
      organizationId: ID! @organization
      q: String!
      libraries: [ID!] @library(whenOmitted: REACHABLE)
      page: Int
      pageSize: Int
    ): SearchResult!
    photos(
      organizationId: String! @organization
      libraryId: String! @library
      page: Int
    ): [Photo!]! @deprecated(reason: "Use assets.")
  }

  type Mutation {
    uploadAssets(
      organizationId: ID! @organization
      libraryId: ID! @library
      files: [Upload!]!
      email: String
      parentId: ID
    ): UploadAssetsResult!
    deleteAssets(
      organizationId: ID! @organization
      libraryId: ID! @library
      assets: [ID!]!
    ): DeleteAssetsResult!
    tagAssets(
      organizationId: ID! @organization
      libraryId: ID! @library
      assetIds: [ID!]!
      tags: [String!]!
    ): TagAssetsResult!
    untagAssets(
      organizationId: ID! @organization
      libraryId: ID! @library
      assetIds: [ID!]!
      tags: [String!]!
    ): UntagAssetsResult!
    transferAssets(
      organizationId: ID! @organization
      sourceLibraryId: ID! @library
      targetLibraryId: ID! @library
      assetIds: [ID!]!
    ): TransferAssetsResult!
    updateAssetDescription(
      organizationId: ID! @organization
      libraryId: ID! @library
      assetId: ID!
      description: String!
    ): UpdateAssetDescriptionResult!
    "Needs write on some library of the organization. The key that creates a library gets write on it."
    createLibrary(organizationId: ID! @organization, name: String!, slug: String): Library!
      @apiKey(level: WRITE)
    renameLibrary(
      organizationId: ID! @organization
      libraryId: ID! @library
      name: String!
    ): Library!
  }

  type Subscription {
    "Assets that are uploaded to a library, or transferred to it, from now on."
    assetAdded(organizationId: ID! @organization, libraryId: ID! @library): Asset!
  }

  type Viewer {
    organizationId: ID!
    organizationName: String
    plan: String
    libraries: [ViewerLibrary!]!
  }
  type ViewerLibrary {
    library: ID!
    access: AccessLevel!
  }
  enum AccessLevel {
    read
    write
  }

  type Library @inLibrary(organization: "organizationId", id: "id") {
    id: ID!
    name: String
    assetsCount: Int
    photosCount: Int
    trashCount: Int
    tags: [Tag!]
  }
  type Tag {
    id: ID!
    count: Int
    type: String
  }

  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    libraryId: ID!
    name: String
    description: String
    type: String
    contentType: String
    size: Float
    width: Int
    height: Int
    url: String
    thumbUrl: String
    blurhash: String
    sizes: String
    parentId: ID
    tags: [String!]
    views: [AssetView!]
    created: Timestamp
    updated: Timestamp
  }
  type AssetView {
    id: ID!
    parentId: ID
    name: String
    url: String
    thumbUrl: String
    sizes: String
    width: Int
    height: Int
    type: String
  }

  type SearchResult {
    hits: [SearchHit!]!
    found: Int!
    page: Int!
  }
  type SearchHit @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    libraryId: ID!
    name: String
    url: String
    thumbUrl: String
    description: String
    tags: [String!]
    score: Float
  }

  type Photo @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    name: String
    url: String
    thumbUrl: String
    blurhash: String
    width: Int
    height: Int
    description: String
    tags: [String!]
    views: [AssetView!]
    createdAt: Timestamp
    updatedAt: Timestamp
    metadata: JSON
  }

  type UploadAssetsResult {
    responseText: String
    assets: [UploadedAsset!]!
  }
  type UploadedAsset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    name: String
    filename: String
    contentType: String
    url: String
    created: Timestamp
    tags: [String!]
    status: String
    progress: Float
  }
  type DeleteAssetsResult {
    success: Boolean!
    message: String
    ids: [ID!]!
  }
  type TagAssetsResult {
    taggedCount: Int!
  }
  type UntagAssetsResult {
    untaggedCount: Int!
  }
  type TransferAssetsResult {
    transferredCount: Int!
    sourceLibraryId: ID
    targetLibraryId: ID
  }
  type UpdateAssetDescriptionResult {
    assetId: ID!
    description: String!
  }
`;
