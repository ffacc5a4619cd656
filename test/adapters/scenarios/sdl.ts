/** The schema of the service: every way there is to name a library. */
export const SDL = /* GraphQL */ `
  enum Place {
    NEAR
    FAR
  }
  scalar Strict
  input Filter {
    libraryId: ID! @library
    and: [Filter!]
    name: String
  }
  input Soft {
    libraryId: ID = "porto" @library
  }
  input By @oneOf {
    libraryId: ID @library
    libraries: [ID!] @library
    all: Boolean @unmarked(why: "names nothing")
  }
  interface Node {
    id: ID!
  }
  interface Shelf {
    books: String
  }
  interface Rack {
    books(lib: ID! @library): String
  }
  union Found = Asset | Note
  type Query {
    viewer: Viewer! @apiKey
    query: Query! @apiKey
    one(lib: ID! @library): String
    defaulted(lib: ID! = "porto" @library): String
    nullable(lib: ID = "porto" @library): String
    list(libs: [ID!] @library): String
    nested(libs: [[ID!]] @library): String
    place(at: Place! @library): String
    strict(at: Strict! @library): String
    filtered(filter: Filter): String
    soft(filter: Soft!): String
    by(by: By!): String
    publish(lib: ID! @library(level: WRITE)): String
    both(lib: ID! @library(level: READ)): String
    assets(organizationId: ID! @organization, lib: ID! @library): [Asset!]!
    search(libs: [ID!] @library(whenOmitted: REACHABLE)): Page!
    libraries: [Library!]!
    asset(id: ID!): Asset
    must(id: ID!): Asset!
    loaded(id: ID!): Asset
    node(id: ID!): Node @apiKey
    nodes(ids: [ID!]!): [Node]! @apiKey @positional
    found: [Found!]! @apiKey
    shelf: Shelf @apiKey
    rack: Rack @apiKey
    library: LibraryQueries @namespace
  }
  type Mutation {
    upload(lib: ID! @library): Uploaded
    uploadAll(files: [Filter!]!): String
    transfer(source: ID! @library, target: ID! @library, assetIds: [ID!]!): String
    preview(lib: ID! @library(level: READ)): String
    signup: Uploaded @apiKey(level: READ)
    create: String @apiKey
    require(lib: ID! @library, other: ID!): String
    pause(lib: ID! @library): String
    library: LibraryMutations @namespace
  }
  type Subscription {
    added(lib: ID! @library): Asset!
    anyAdded: Asset!
  }
  type Viewer @unmarked(why: "says only who asks") {
    name: String
    one(lib: ID! @library): String
    first: Asset
    must: Asset!
  }
  type Uploaded {
    asset: Asset
    query: Query
    related(lib: ID! @library): String
  }
  type LibraryQueries {
    count(lib: ID! @library): String
  }
  type LibraryMutations {
    delete(lib: ID! @library): String
    look(lib: ID! @library(level: READ)): String
  }
  type Page {
    hits: [Asset!]!
    found: Int!
  }
  type Library implements Node @inLibrary(organization: "organizationId", id: "id") {
    id: ID!
    assets: [Asset!]
  }
  type Asset implements Node @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    libraryId: ID
    name: String
    near(lib: ID! @library): String
    tags: [Tag!]
  }
  type Tag {
    assets: [Asset!]
  }
  type Note implements Node @unmarked(why: "belongs to nobody") {
    id: ID!
  }
  type Hall implements Shelf @unmarked(why: "a place") {
    books(lib: ID! = "porto" @library): String
  }
  type Yard implements Shelf @unmarked(why: "a place") {
    books: String
  }
  type Den implements Rack @unmarked(why: "a place") {
    books(lib: ID!): String
  }
`;
