/** The service of the scenarios: assets in libraries of organizations, and a key with Write on barcelona, Read on lisbon. */
import { fixtureOf, OTHER, OWN, type Fixture, type FixtureOptions } from "../fixtures.js";

export const SDL = /* GraphQL */ `
  input Filter {
    libraryId: ID! @library
    and: [Filter!]
  }
  input File {
    libraryId: ID! @library
    name: String
  }
  input Place {
    libraryId: ID! = "barcelona" @library
  }
  type Query {
    viewer: Viewer! @apiKey
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
    home(organizationId: ID! @organization, libraryId: ID! = "lisbon" @library): [Asset!]!
    optional(organizationId: ID! @organization, libraryId: ID = "lisbon" @library): Int
    libraries(organizationId: ID! @organization): [Library!]!
    asset(organizationId: ID! @organization, id: ID!): Asset
    search(
      organizationId: ID! @organization
      q: String
      libraryIds: [ID!] @library(whenOmitted: REACHABLE)
    ): Page!
    nested(organizationId: ID! @organization, libraryIds: [[ID!]!]! @library): Int
    filter(organizationId: ID! @organization, filter: Filter): Int
    place(organizationId: ID! @organization, place: Place! = {}): Int
    publish(organizationId: ID! @organization, libraryId: ID! @library(level: WRITE)): Int
  }
  type Mutation {
    upload(organizationId: ID! @organization, libraryId: ID! @library): Uploaded
    uploadAll(organizationId: ID! @organization, files: [File!]!): Int
    transfer(
      organizationId: ID! @organization
      sourceLibraryId: ID! @library
      targetLibraryId: ID! @library
    ): Int
    preview(organizationId: ID! @organization, libraryId: ID! @library(level: READ)): Int
    create(organizationId: ID! @organization): Library @apiKey
    signup: Uploaded @apiKey(level: READ)
  }
  type Uploaded {
    asset: Asset
    query: Query
    related(organizationId: ID! @organization, libraryId: ID! @library): Int
  }
  type Viewer {
    name: String
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
    favourite: Asset!
  }
  type Page {
    hits: [Asset!]!
    found: Int!
  }
  type Library @inLibrary(organization: "organizationId", id: "id") {
    id: ID!
    assets: [Asset!]
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    libraryId: ID
    tags: [Tag]
  }
  type Tag {
    assets: [Asset]
  }
`;

const asset = (id: string, libraryId: string, organizationId: string = OWN) => ({
  id,
  libraryId,
  organizationId,
});

export const ASSETS = [
  asset("1", "barcelona"),
  asset("2", "lisbon"),
  asset("3", "porto"),
  asset("4", "lisbon", OTHER),
];

export const LIBRARIES = ["barcelona", "lisbon", "porto"].flatMap((id) => [
  { id, organizationId: OWN },
  { id, organizationId: OTHER },
]);

export function serviceOf(options: FixtureOptions = {}): Fixture & { readonly ran: string[] } {
  const ran: string[] = [];
  const resolvers = {
    Query: {
      libraries: () => LIBRARIES,
      asset: (_: unknown, { id }: { id: string }) => ASSETS.find((asset) => asset.id === id),
      search: () => ({ hits: ASSETS, found: ASSETS.length }),
    },
    Mutation: {
      signup: () => {
        ran.push("signup");
        return { asset: ASSETS[2], query: {} };
      },
      upload: () => {
        ran.push("upload");
        return { asset: ASSETS[0], query: {} };
      },
    },
    Tag: { assets: () => ASSETS },
    ...options.resolvers,
  };
  return { ran, ...fixtureOf(SDL, { ...options, resolvers }) };
}

const o = `organizationId: "${OWN}"`;

/** Fields of the service, ready to be put into an operation. */
export const field = {
  assets: (libraryId: string) => `assets(${o}, libraryId: "${libraryId}") { id }`,
  upload: (libraryId: string, below = "asset { id }") =>
    `upload(${o}, libraryId: "${libraryId}") { ${below} }`,
  related: (libraryId: string) => `related(${o}, libraryId: "${libraryId}")`,
  of: (name: string, args: string, below = "") => `${name}(${o}${args ? `, ${args}` : ""})${below}`,
};
