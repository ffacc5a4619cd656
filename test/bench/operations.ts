/** A small API, marked in two ways, and three operations of it. */
import { buildSchema, parse, type GraphQLSchema } from "graphql";
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
  }
  type Asset ${kind === "marked" ? '@inLibrary(organization: "organizationId", id: "libraryId")' : ""} {
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

const ASSETS = Array.from({ length: 100 }, (_, i) => ({
  organizationId: "monogram-labs",
  libraryId: "barcelona",
  id: `asset-${i}`,
  name: `Asset ${i}`,
  description: i % 3 === 0 ? null : `The asset of number ${i}`,
  contentType: "image/jpeg",
  url: `https://assets.example/${i}`,
  width: 1920,
  height: 1080 + i,
  size: 250_000.5 + i,
}));

/** The schema as it is without this package. */
export function createSchema(kind: Kind): GraphQLSchema {
  const schema = buildSchema(accessDirectives + sdl(kind));
  const { asset, assets } = schema.getQueryType()!.getFields();
  asset!.resolve = () => ASSETS[0];
  assets!.resolve = () => ASSETS;
  return schema;
}

export function createGuarded(kind: Kind) {
  return createGuard(createSchema(kind), kind === "unmarked" ? { types: "none" } : {});
}

const FIELDS = "id name description contentType url width height size";
const TARGETS = "organizationId: $organizationId, libraryId: $libraryId";
const HEAD = "query ($organizationId: ID!, $libraryId: ID!, $assetId: ID!)";
const VARIABLES = { organizationId: "monogram-labs", libraryId: "barcelona", assetId: "asset-0" };

const aliases = Array.from({ length: 20 }, (_, i) => {
  return `a${i}: asset(${TARGETS}, assetId: $assetId) { ${FIELDS} }`;
});

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

export const apiKeys = createApiKeys({ store: createMemoryStore() });

/** A caller as authentication makes it. */
export async function createKeyCaller(): Promise<Caller> {
  const { key } = await apiKeys.create({
    organizationId: "monogram-labs",
    name: "Bench",
    access: { barcelona: "write", lisbon: "read", porto: "read" },
  });
  const result = await apiKeys.authenticate(key);
  if (!result.ok) throw new Error(`the bench's own key was refused: ${result.reason}`);
  return result.caller;
}
