/** A small API, marked in two ways, and operations of it. */
import {
  buildSchema,
  parse,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { createApiKeys } from "../../src/core/api-keys.js";
import type { Caller } from "../../src/core/caller.js";
import { accessDirectives } from "../../src/graphql/directives.js";
import { createGuard } from "../../src/graphql/guard.js";
import { createMemoryStore } from "../../src/stores/memory.js";

/** `marked`: every asset that leaves is judged too; `unmarked`: only what an operation names. */
export type Kind = "marked" | "unmarked";

const sdl = (kind: Kind) => /* GraphQL */ `
  type Query {
    asset(organizationId: ID! @organization, libraryId: ID! @library, assetId: ID!): Asset
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
    folders(organizationId: ID! @organization, libraryId: ID! @library): [Folder!]!
    search(organizationId: ID! @organization, filter: AssetFilter!): Asset
  }
  type Mutation {
    transferAssets(
      organizationId: ID! @organization
      sourceLibraryId: ID! @library
      targetLibraryId: ID! @library
      assetIds: [ID!]!
    ): TransferResult!
  }
  type TransferResult {
    transferred: Int!
  }
  type Folder {
    name: String!
    albums: [Album!]!
  }
  type Album {
    name: String!
    assets: [Asset!]!
  }
  input AssetFilter {
    libraryId: ID! @library
    name: String
    any: [AssetFilter!]
    not: AssetFilter
  }
  type Asset ${kind === "marked" ? '@inLibrary(organization: "organizationId", id: "libraryId")' : ""} {
    organizationId: ID!
    libraryId: ID!
    id: ID!
    name: String!
    description: String
    contentType: String!
    url: String!
    width: Int!
    height: Int!
    size: Float!
  }
`;

/** 100 assets, every second of them in another library if there is one. */
export const createAssets = (otherLibraryId = "barcelona") =>
  Array.from({ length: 100 }, (_, i) => assetOf(i, i % 2 === 0 ? "barcelona" : otherLibraryId));

const assetOf = (i: number, libraryId: string) => ({
  organizationId: "monogram-labs",
  libraryId,
  id: `asset-${i}`,
  name: `Asset ${i}`,
  description: i % 3 === 0 ? null : `The asset of number ${i}`,
  contentType: "image/jpeg",
  url: `https://assets.example/${i}`,
  width: 1920,
  height: 1080 + i,
  size: 250_000.5 + i,
});

export type Asset = ReturnType<typeof assetOf>;

const times = <T>(length: number, make: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => make(i));

const ASSETS = createAssets();
const FOLDERS = times(20, (i) => ({
  name: `Folder ${i}`,
  albums: times(20, (j) => ({ name: `Album ${j}`, assets: ASSETS.slice(j * 5, j * 5 + 5) })),
}));

/** How often a resolver of a root field ran. */
export const calls = { resolved: 0 };

const counted =
  <T>(value: T) =>
  (): T => {
    calls.resolved++;
    return value;
  };

/** What the root fields do, in every schema of the bench. */
export const resolversOf = (assets: readonly Asset[] = ASSETS) => ({
  Query: {
    asset: counted(ASSETS[0]),
    assets: counted(assets),
    folders: counted(FOLDERS),
    search: counted(ASSETS[0]),
  },
  Mutation: { transferAssets: counted({ transferred: 1 }) },
});

/** The schema as it is without this package. */
export function createSchema(kind: Kind, assets?: readonly Asset[]): GraphQLSchema {
  const schema = buildSchema(accessDirectives + sdl(kind));
  for (const [typeName, resolvers] of Object.entries(resolversOf(assets))) {
    const type = schema.getType(typeName) as GraphQLObjectType;
    for (const [name, resolve] of Object.entries(resolvers))
      type.getFields()[name]!.resolve = resolve;
  }
  return schema;
}

export function createGuarded(kind: Kind, assets?: readonly Asset[]) {
  return createGuard(createSchema(kind, assets), kind === "unmarked" ? { types: "none" } : {});
}

const FIELDS = "id name description contentType url width height size";
const TARGETS = "organizationId: $organizationId, libraryId: $libraryId";
const HEAD = "query ($organizationId: ID!, $libraryId: ID!, $assetId: ID!)";
const VARIABLES = { organizationId: "monogram-labs", libraryId: "barcelona", assetId: "asset-0" };

const aliases = times(20, (i) => `a${i}: asset(${TARGETS}, assetId: $assetId) { ${FIELDS} }`);

/** An operation, and variables of it that name a library which the bench's key does not reach. */
export interface FieldOperation {
  readonly id: string;
  readonly what: string;
  readonly document: DocumentNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly forbidden: Readonly<Record<string, unknown>>;
}

/** One root field, a list of 100 objects, and 20 aliased root fields; 8 fields of every object. */
export const OPERATIONS = [
  {
    id: "one",
    what: "1 root field",
    fields: 1,
    document: parse(`${HEAD} { asset(${TARGETS}, assetId: $assetId) { ${FIELDS} } }`),
    variableValues: VARIABLES,
  },
  {
    id: "list",
    what: "list of 100 × 8",
    fields: 1,
    document: parse(
      `query ($organizationId: ID!, $libraryId: ID!) { assets(${TARGETS}) { ${FIELDS} } }`,
    ),
    variableValues: VARIABLES,
  },
  {
    id: "aliases",
    what: "20 aliased root fields",
    fields: 20,
    document: parse(`${HEAD} { ${aliases.join(" ")} }`),
    variableValues: VARIABLES,
  },
] as const;

/** Ten libraries, three levels deep; the innermost is given. */
const filterOf = (libraryId: string) => ({
  libraryId: "barcelona",
  any: times(4, (i) => ({
    libraryId: "lisbon",
    name: `Asset ${i}`,
    not: { libraryId: i === 3 ? libraryId : "porto" },
  })),
  not: { libraryId: "porto", name: "Draft" },
});

const FORBIDDEN = { ...VARIABLES, libraryId: "berlin" };
const TRANSFER = {
  organizationId: "monogram-labs",
  sourceLibraryId: "barcelona",
  targetLibraryId: "girona",
  assetIds: ["asset-0"],
};

/** What the field was measured with, and nested input objects. */
export const FIELD_OPERATIONS: readonly FieldOperation[] = [
  ...OPERATIONS.map((operation) => ({ ...operation, forbidden: FORBIDDEN })),
  {
    id: "nested",
    what: "nested 20×20×5",
    document: parse(
      `query ($organizationId: ID!, $libraryId: ID!) {
        folders(${TARGETS}) { name albums { name assets { id name width } } }
      }`,
    ),
    variableValues: VARIABLES,
    forbidden: FORBIDDEN,
  },
  {
    id: "mutation",
    what: "mutation, 2 targets",
    document: parse(
      `mutation ($organizationId: ID!, $sourceLibraryId: ID!, $targetLibraryId: ID!, $assetIds: [ID!]!) {
        transferAssets(
          organizationId: $organizationId
          sourceLibraryId: $sourceLibraryId
          targetLibraryId: $targetLibraryId
          assetIds: $assetIds
        ) { transferred }
      }`,
    ),
    variableValues: TRANSFER,
    forbidden: { ...TRANSFER, targetLibraryId: "lisbon" }, // which may be read
  },
  {
    id: "input",
    what: "nested input",
    document: parse(
      `query ($organizationId: ID!, $filter: AssetFilter!) {
        search(organizationId: $organizationId, filter: $filter) { ${FIELDS} }
      }`,
    ),
    variableValues: { organizationId: "monogram-labs", filter: filterOf("porto") },
    forbidden: { organizationId: "monogram-labs", filter: filterOf("berlin") },
  },
];

/** The list of 100, all of whose objects are judged. */
export const LIST = FIELD_OPERATIONS.find(({ id }) => id === "list")!;

/** Twenty fields of which the last one is out of reach. */
export const LAST_FORBIDDEN: FieldOperation = {
  ...FIELD_OPERATIONS.find(({ id }) => id === "aliases")!,
  document: parse(
    `${HEAD} { ${aliases.slice(1).join(" ")} last: asset(${TARGETS.replace("$libraryId", '"berlin"')}, assetId: $assetId) { id } }`,
  ),
};

/** What a key of the bench reaches. */
export const ACCESS = {
  barcelona: "write",
  girona: "write",
  lisbon: "read",
  porto: "read",
} as const;

export const apiKeys = createApiKeys({ store: createMemoryStore() });

/** A caller as authentication makes it. */
export async function createKeyCaller(): Promise<Caller> {
  const { key } = await apiKeys.create({
    organizationId: "monogram-labs",
    name: "Bench",
    access: ACCESS,
  });
  const result = await apiKeys.authenticate(key);
  if (!result.ok) throw new Error(`the bench's own key was refused: ${result.reason}`);
  return result.caller;
}
