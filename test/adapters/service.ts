/** The service that every adapter's cases talk to, and what its resolvers did. */
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import type { Caller } from "../../src/index.js";
import { createFeed, type Feed } from "../graphql/support-streams.js";
import { accessDirectives, createGuard, withAccess, type Guard } from "../../src/graphql/index.js";

interface Asset {
  readonly organizationId: string;
  readonly libraryId: string;
  readonly id: string;
  name: string;
}

/** A service with data of its own. */
export interface Service {
  readonly guard: Guard;
  /** What is guarded, for servers that make the guard themselves. */
  readonly schema: GraphQLSchema;
  /** `Type.field` of every resolver that ran, in order. */
  readonly ran: string[];
  /** `organization/library` of every library that a resolver was asked about, in order. */
  readonly touched: string[];
  /** Every asset: what mutations change. */
  readonly assets: readonly Asset[];
  /** What resolvers found as `context.caller`. */
  readonly callers: unknown[];
  /** The source of all subscriptions. */
  readonly feed: Feed;
  /** Resolves once a `slow` field runs. */
  readonly slowBegan: Promise<void>;
  /** Lets `slow` fields end. */
  release(): void;
  /** Called in `Mutation.pause`, between two fields of a mutation. */
  between: () => unknown;
}

interface Context {
  readonly caller: Caller;
}

export const typeDefs = /* GraphQL */ `
  ${accessDirectives}
  scalar Upload
  type Query {
    viewer: String! @apiKey
    libraries(organizationId: ID! @organization): [Library!]!
    library(organizationId: ID! @organization, slug: ID!): Library
    mustLibrary(organizationId: ID! @organization, slug: ID!): Library!
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
    searchAssets(
      organizationId: ID! @organization
      q: String!
      libraries: [ID!] @library(whenOmitted: REACHABLE)
    ): [Asset!]!
    count(organizationId: ID! @organization, libraryId: ID! @library, first: Int): Int!
    fails(organizationId: ID! @organization, libraryId: ID! @library, text: String!): String
    slow(organizationId: ID! @organization, libraryId: ID! @library): String!
    report(of: ID!): String
  }
  type Mutation {
    renameAsset(
      organizationId: ID! @organization
      libraryId: ID! @library
      assetId: ID!
      name: String!
    ): Asset!
    uploadAssets(
      organizationId: ID! @organization
      libraryId: ID! @library
      files: [Upload!]!
    ): [String!]!
    requires(organizationId: ID! @organization, libraryId: ID! @library, other: ID!): Boolean
    pause(organizationId: ID! @organization, libraryId: ID! @library): Boolean
    slowly(organizationId: ID! @organization, libraryId: ID! @library): String!
    createLibrary(organizationId: ID! @organization, name: String!): String! @apiKey(level: WRITE)
  }
  type Library @inLibrary(organization: "organizationId", id: "id") {
    id: ID!
    assets: [Asset!]!
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    libraryId: ID!
    name: String!
  }
`;

const SUBSCRIPTIONS = /* GraphQL */ `
  type Subscription {
    assetAdded(organizationId: ID! @organization, libraryId: ID! @library): Asset!
    anyAssetAdded(organizationId: ID! @organization): Asset!
  }
`;

const ORGANIZATIONS = ["monogram-labs", "acme-co"];
const LIBRARIES = ["barcelona", "lisbon", "porto"];

/** Two organizations with three libraries of the same names, and two assets in each. */
export function createService({ subscriptions = false } = {}): Service {
  const ran: string[] = [];
  const touched: string[] = [];
  const callers: unknown[] = [];
  const libraries = ORGANIZATIONS.flatMap((organizationId) =>
    LIBRARIES.map((id) => ({ organizationId, id })),
  );
  const assets: Asset[] = libraries.flatMap(({ organizationId, id: libraryId }) =>
    [1, 2].map((n) => ({ organizationId, libraryId, id: `${libraryId}-${n}`, name: `${n}.jpg` })),
  );
  let begin: () => void;
  const slowBegan = new Promise<void>((resolve) => (begin = resolve));
  let release: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));

  const find = (_source: unknown, { organizationId, slug }: any) =>
    libraries.find((each) => each.organizationId === organizationId && each.id === slug);
  const inLibrary = ({ organizationId, libraryId }: any) =>
    assets.filter((each) => each.organizationId === organizationId && each.libraryId === libraryId);
  const slow = async () => {
    begin();
    await released;
    return "done";
  };

  const resolvers: Record<string, Record<string, GraphQLFieldResolver<any, any>>> = {
    Query: {
      viewer: (_source, _args, { caller }: Context) => `${caller.organizationId} ${caller.id}`,
      libraries: (_source, { organizationId }) =>
        libraries.filter((library) => library.organizationId === organizationId),
      library: find,
      mustLibrary: find,
      assets: (_source, args) => inLibrary(args),
      searchAssets: (_source, { organizationId, libraries: ids }) =>
        ids.flatMap((libraryId: string) => inLibrary({ organizationId, libraryId })),
      count: (_source, args) => inLibrary(args).length,
      fails: (_source, { text }) => {
        throw new Error(text);
      },
      slow,
      report: withAccess(
        "read",
        ({ of }: { of: string }) => ({ organizationId: "monogram-labs", libraryId: of }),
        (_source, { of }) => `All is well in ${of}`,
      ),
    },
    Mutation: {
      renameAsset: (_source, { assetId, name, ...library }) => {
        const asset = inLibrary(library).find(({ id }) => id === assetId)!;
        asset.name = name;
        return asset;
      },
      uploadAssets: (_source, { files }) =>
        Promise.all(files.map(async (file: Promise<File> | File) => (await file).text())),
      requires: (_source, { organizationId, other }, { caller }: Context) => {
        caller.require("write", { organizationId, libraryId: other });
        return true;
      },
      pause: async () => {
        await service.between();
        return true;
      },
      slowly: slow,
      createLibrary: (_source, { name }) => name,
    },
    Library: {
      assets: ({ organizationId, id }) => inLibrary({ organizationId, libraryId: id }),
    },
  };

  const feed = createFeed();
  const schema = buildSchema(subscriptions ? typeDefs + SUBSCRIPTIONS : typeDefs);
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName) as any;
    for (const [name, resolve] of Object.entries(fields)) {
      type.getFields()[name].resolve = logged(typeName, name, resolve);
    }
  }

  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.resolve = logged("Subscription", field.name, (asset) => asset);
    field.subscribe = (_source, _args, { caller }: Context) => {
      callers.push(caller);
      return feed.open();
    };
  }

  function logged(
    typeName: string,
    name: string,
    resolve: GraphQLFieldResolver<any, any>,
  ): GraphQLFieldResolver<any, any> {
    // A wrapper would hide the tag of withAccess from createGuard.
    if (name === "report") return resolve;
    return (source, args, context, info) => {
      ran.push(`${typeName}.${name}`);
      callers.push(context.caller);
      for (const libraryId of [args.libraryId, ...(args.libraries ?? [])]) {
        if (libraryId !== undefined) touched.push(`${args.organizationId}/${libraryId}`);
      }
      return resolve(source, args, context, info);
    };
  }

  const service: Service = {
    guard: createGuard(schema),
    schema,
    ran,
    touched,
    assets,
    callers,
    feed,
    slowBegan,
    release: () => release(),
    between: () => {},
  };
  return service;
}
