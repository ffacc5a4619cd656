import { buildSchema, GraphQLScalarType, parse, print, visit, type GraphQLSchema } from "graphql";
import {
  accessDirectives,
  inLibrary,
  targets,
  unmarked,
  withAccess,
} from "../../src/graphql/index.js";
import type { ProofOptions } from "../../src/graphql/testing.js";

/** Every kind of target and of result that a schema can have. */
export const sdl = /* GraphQL */ `
  ${accessDirectives}
  directive @trace on FIELD
  scalar Upload
  scalar LibraryKey
  enum Sort {
    NEWEST
    OLDEST
  }
  scalar Stamp
  enum Region {
    EU
    US
  }
  interface Node {
    id: ID!
    file(organizationId: ID! @organization, libraryId: ID! @library): String
  }
  interface Named {
    name: String!
  }
  union Thing = Asset | Folder
  union Either = Asset | Note

  type Query {
    viewer: Viewer! @apiKey
    assets(organizationId: ID! @organization, libraryId: ID! @library, first: Int! = 5): [Asset!]!
    matrix(organizationId: ID! @organization, libraryIds: [[ID!]!]! @library): [[Asset]!]
    asset(organizationId: ID! @organization, libraryId: ID! @library): Asset!
    maybe(organizationId: ID! @organization, libraryId: ID! @library): Asset
    search(
      organizationId: ID! @organization
      libraries: [ID] @library(whenOmitted: REACHABLE)
      q: String!
    ): Page!
    mine(organizationId: ID @organization(whenOmitted: CALLERS), libraryId: ID! @library): [Thing!]!
    filtered(filter: Filter!): [Asset!]!
    picked(organizationId: ID! @organization, by: By!): Thing
    nodes(organizationId: ID! @organization, ids: [ID!]!): [Node]! @positional
    everything: [Thing!]!
    thing(organizationId: ID! @organization): Thing!
    notes: [Either!]! @apiKey
    byRegion(organizationId: ID! @organization, region: Region! @library): [Asset!]!
    byNumber(organizationId: ID! @organization, number: Int! @library): [Asset!]!
    byKey(organizationId: ID! @organization, key: LibraryKey! @library): [Asset!]!
    report(organization: ID!, library: ID!): String
    loaded(assetId: ID!): Asset
    sorted(organizationId: ID! @organization, libraries: [ID!] @library, by: Sort!): [[Sort!]]
    stamp(organizationId: ID @organization, libraryId: ID @library): Stamp
    loose(organizationId: ID! @organization, filter: LooseFilter): Int!
    recent: [Recent!]!
  }
  type Mutation {
    upload(organizationId: ID! @organization, libraryId: ID! @library, files: [Upload!]!): Uploaded!
    move(
      organizationId: ID! @organization
      from: ID! @library(level: READ)
      to: ID! @library
    ): Asset!
    update(input: UpdateInput!): Asset!
    remove(organizationId: ID! @organization, assetIds: [ID!]!): Boolean!
    tag(organizationId: ID! @organization, libraryId: ID! @library, assetIds: [ID!]!): Boolean!
    create(organizationId: ID! @organization, name: String!): Asset! @apiKey(level: WRITE)
    folders: FolderMutations! @namespace
  }
  type Subscription {
    added(organizationId: ID! @organization, libraryId: ID! @library): Asset!
    changed(organizationId: ID! @organization, libraryId: ID! @library): Change
  }
  type Viewer {
    name: String
    query: Query!
  }
  type Page {
    hits: [Hit!]!
    found: Int!
    endCursor: String
  }
  type Hit {
    node: Asset!
    score: Float!
  }
  type Uploaded {
    query: Query
    assets: [Asset] @positional
  }
  type Change {
    asset: Asset
    cursor: ID
  }
  type FolderMutations {
    rename(organizationId: ID! @organization, libraryId: ID! @library): Folder!
  }
  type Note implements Named @unmarked(why: "of nobody") {
    name: String!
  }
  type Asset implements Node & Named @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    name: String!
    file(organizationId: ID! @organization, libraryId: ID! @library): String
    siblings(organizationId: ID! @organization, libraries: [ID!]! @library): [Asset!]!
    named: Named
  }
  type Folder implements Node
    @inLibrary(organization: "library.organization.id", id: "library.id") {
    id: ID!
    file(organizationId: ID! @organization, libraryId: ID! @library, size: Int): String
    things: [Thing!]
  }
  type Clip implements Node @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    file(organizationId: ID! @organization, libraryId: ID! @library): String
  }
  type Reel implements Node @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    file(organizationId: ID! @organization, libraryId: ID! @library, more: ID @library): String
  }
  type Recent {
    id: ID!
  }
  input Filter {
    organizationId: ID! @organization
    libraryId: ID! @library
    and: [Filter!]
    not: Filter
  }
  input LooseFilter {
    libraryId: ID! @library
  }
  input By @oneOf {
    libraryId: ID @library
    libraryIds: [ID!] @library
  }
  input UpdateInput {
    organizationId: ID! @organization
    libraryId: ID @library(whenOmitted: NONE)
    targets: [TargetInput!]! = []
    target: TargetInput!
  }
  input TargetInput {
    libraryId: ID! @library
    note: String! = ""
  }
`;

/** The definitions with only these of the root fields. */
export function fewer(kept: readonly string[]): string {
  const document = visit(parse(sdl), {
    ObjectTypeDefinition(type) {
      if (!["Query", "Mutation", "Subscription"].includes(type.name.value)) return undefined;
      const fields = type.fields?.filter(({ name }) => kept.includes(name.value)) ?? [];
      return fields.length > 0 ? { ...type, fields } : null;
    },
  });
  return print(document);
}

const COORDINATES = /^asset-(.+)-(.+)$/;

/** The library in an asset's id. */
function libraryOf(assetId: string) {
  const [, organizationId, libraryId] = COORDINATES.exec(assetId) ?? [];
  return organizationId && libraryId ? { organizationId, libraryId } : null;
}

export const rules = {
  "@trace": unmarked("for debugging"),
  "Query.report(organization:)": unmarked("withAccess"),
  "Query.loaded": targets(({ assetId }: { assetId: string }, { db }: { db: typeof libraryOf }) =>
    Promise.resolve(db(assetId)),
  ),
  "Mutation.remove": targets(({ assetIds }: { assetIds: string[] }) => assetIds.map(libraryOf)),
  "Mutation.tag": targets(({ assetIds }: { assetIds: string[] }) => assetIds.map(libraryOf)),
  Recent: inLibrary((recent: { of: string }) => libraryOf(recent.of)),
  Asset: inLibrary((asset: { organizationId: string; libraryId: string }) => ({
    organizationId: String(asset.organizationId),
    libraryId: asset.libraryId,
  })),
} as const;

/** Samples and rules without those of fields that are not in a schema. */
export function only<T extends object>(given: T, kept: readonly string[]): T {
  const isKept = ([name]: [string, unknown]): boolean =>
    !/^(Query|Mutation)\./.test(name) || kept.includes(name.replace(/^\w+\.(\w+).*/, "$1"));
  return Object.fromEntries(Object.entries(given).filter(isKept)) as T;
}

/** What proves all of it. */
export const options = {
  rules,
  samples: {
    context: () => ({ db: libraryOf }),
    targets: {
      "Query.report": ({ organizationId, libraryId }) => ({
        organization: organizationId,
        library: libraryId,
      }),
      "Query.loaded": ({ organizationId, libraryId }) => ({
        assetId: `asset-${organizationId}-${libraryId}`,
      }),
      "Mutation.tag": ({ organizationId, libraryId }) => ({
        libraryId: "made up by the proof itself",
        assetIds: [`asset-${organizationId}-${libraryId}`],
      }),
      "Mutation.remove": ({ organizationId, libraryId }) => ({
        assetIds: [`asset-${organizationId}-${libraryId}`],
      }),
    },
    objects: {
      Recent: ({ organizationId, libraryId }) => ({ of: `asset-${organizationId}-${libraryId}` }),
    },
    values: { LibraryKey: (id: string) => `key:${id}` },
  },
} as const satisfies ProofOptions;

/** Resolvers that nobody may run. */
export function makeSchema(text = sdl): GraphQLSchema {
  const schema = buildSchema(text);
  const mustNotRun = (): never => {
    throw new Error("A resolver of the host ran.");
  };
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) field.resolve = mustNotRun;
  }
  const report = schema.getQueryType()?.getFields().report;
  if (report) {
    report.resolve = withAccess(
      "read",
      (args: { organization: string; library: string }) => ({
        organizationId: args.organization,
        libraryId: args.library,
      }),
      mustNotRun,
    ) as never;
  }
  const key = schema.getType("LibraryKey");
  if (key instanceof GraphQLScalarType) {
    key.parseValue = (value) => {
      if (typeof value !== "string" || !value.startsWith("key:")) throw new TypeError("no key");
      return value.slice(4);
    };
    key.parseLiteral = (node) => key.parseValue("value" in node ? node.value : null);
    Object.assign(key, { coerceInputValue: key.parseValue });
  }
  return schema;
}
