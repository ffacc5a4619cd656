import {
  buildASTSchema,
  lexicographicSortSchema,
  parse,
  visit,
  type DocumentNode,
  type GraphQLSchema,
} from "graphql";
import { describe, expect, it } from "vitest";
import {
  accessDirectives,
  createGuard,
  library,
  withAccess,
  type GuardOptions,
} from "../../src/graphql/index.js";
import { schemaOf } from "./fixtures.js";

const SDL = /* GraphQL */ `
  input Where {
    libraryId: ID! @library(level: READ)
    and: [Where!]
    owner: Owner
    note: String
  }
  input Owner {
    organizationId: ID! @organization
    where: Where
  }
  type Query {
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
    search(
      libraries: [ID!] @library(whenOmitted: REACHABLE)
      organizationId: ID! @organization
    ): Page
    filter(where: Where!, other: Where, organizationId: ID! @organization): Int
    any: Viewer @apiKey
    reads: Int @apiKey(level: READ)
    writes: Int @apiKey(level: WRITE)
    report: Int
  }
  type Mutation {
    create: Asset @apiKey
    reads: Int @apiKey(level: READ)
    upload(organizationId: ID! @organization, libraryId: ID! @library): Page
  }
  type Viewer {
    name: String
    friend: Viewer
    deep(libraryId: ID! @library, organizationId: ID! @organization): Int
    any: Int @apiKey
    most: Int @apiKey(level: WRITE)
  }
  type Page {
    assets: [Asset!]!
    next: Page
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: ID
    owner: Viewer
    other: Asset
  }
`;

function manifestOf(
  change: (schema: GraphQLSchema) => GraphQLSchema = (schema) => schema,
  options: GuardOptions = {},
) {
  const schema = schemaOf(SDL);
  schema.getQueryType()!.getFields()["report"]!.resolve = withAccess(
    "write",
    () => null,
    () => 1,
  ) as never;
  return createGuard(change(schema), options).manifest();
}

describe("the manifest", () => {
  it("lists all that is enforced", () => {
    const organization = { at: "organizationId", kind: "organization" };
    const library = { at: "libraryId", kind: "library" };
    expect(manifestOf()).toEqual({
      introspection: "callers",
      unmarked: [],
      fields: [
        { field: "Asset.other", level: "operation", filters: ["Asset"] },
        { field: "Mutation.create", level: "write", apiKey: "write", filters: ["Asset"] },
        { field: "Mutation.reads", level: "write", apiKey: "read" },
        { field: "Mutation.upload", level: "write", targets: [library, organization] },
        { field: "Page.assets", level: "operation", filters: ["Asset"] },
        { field: "Query.any", level: "read", apiKey: "any" },
        {
          field: "Query.assets",
          level: "read",
          targets: [library, organization],
          filters: ["Asset"],
        },
        {
          field: "Query.filter",
          level: "read",
          targets: [
            organization,
            { at: "other.libraryId", kind: "library", level: "read" },
            { at: "other.owner.organizationId", kind: "organization" },
            { at: "where.libraryId", kind: "library", level: "read" },
            { at: "where.owner.organizationId", kind: "organization" },
          ],
        },
        { field: "Query.reads", level: "read", apiKey: "read" },
        { field: "Query.report", level: "read", withAccess: "write" },
        {
          field: "Query.search",
          level: "read",
          targets: [{ at: "libraries", kind: "library", whenOmitted: "reachable" }, organization],
        },
        { field: "Query.writes", level: "read", apiKey: "write" },
        { field: "Viewer.any", level: "operation", apiKey: "operation" },
        { field: "Viewer.deep", level: "operation", targets: [library, organization] },
        { field: "Viewer.most", level: "operation", apiKey: "write" },
      ],
      types: [
        { type: "Asset", from: ["Asset.other", "Mutation.create", "Page.assets", "Query.assets"] },
      ],
      unfiltered: [
        "Asset.owner",
        "Mutation.upload",
        "Page.next",
        "Query.any",
        "Query.search",
        "Viewer.friend",
      ],
    });
  });

  it("is the same text whatever the order of the schema", () => {
    const text = JSON.stringify(manifestOf());
    expect(JSON.stringify(manifestOf())).toBe(text);
    const reversed = visit(parse(`${accessDirectives} ${SDL}`), {
      leave: (node) =>
        Object.fromEntries(
          Object.entries(node).map(([key, value]) => [
            key,
            Array.isArray(value) ? value.toReversed() : (value as unknown),
          ]),
        ),
    }) as DocumentNode;
    const schema = buildASTSchema(reversed);
    expect(Object.keys(schema.getQueryType()!.getFields())[0]).toBe("report");
    schema.getQueryType()!.getFields()["report"]!.resolve = withAccess(
      "write",
      () => null,
      () => 1,
    ) as never;
    expect(JSON.stringify(createGuard(schema).manifest())).toBe(text);
    expect(JSON.stringify(manifestOf(lexicographicSortSchema))).toBe(text);
  });

  it("shows a change of access", () => {
    const rules = { "Query.assets(libraryId:)": library({ level: "write" }) };
    const { fields } = manifestOf(undefined, { rules });
    expect(fields.find(({ field }) => field === "Query.assets")!.targets).toContainEqual({
      at: "libraryId",
      kind: "library",
      level: "write",
    });
    expect(fields).not.toEqual(manifestOf().fields);
  });

  it("tells of @apiKey rules that hold together", () => {
    const schema = schemaOf(
      "type Query { a: Int @apiKey } type Mutation { a: Int @apiKey(level: READ) }",
    );
    const rules = {
      "Query.a": { kind: "apiKey", level: "read" },
      "Mutation.a": [
        { kind: "apiKey", level: null },
        { kind: "apiKey", level: "read" },
      ],
    } as const;
    const { fields } = createGuard(schema, { rules, types: "none" }).manifest();
    expect(fields.map(({ field, apiKey }) => [field, apiKey])).toEqual([
      ["Mutation.a", "write"],
      ["Query.a", "read"],
    ]);
  });

  it("takes no longer than the schema is, however its inputs refer to each other", () => {
    const names = Array.from({ length: 30 }, (_, i) => `In${i}`);
    const inputs = names.map(
      (name) =>
        `input ${name} { l: ID @library ${names.map((other) => `${other}: ${other}`).join(" ")} }`,
    );
    const schema = schemaOf(`${inputs.join("\n")} type Query { a(in: In0): Int }`);
    const { fields } = createGuard(schema, { organization: "callers", types: "none" }).manifest();
    const places = fields[0]!.targets!.map(({ at }) => at);
    expect(places).toEqual(
      [
        "in.l",
        ...names
          .slice(1)
          .map((name) => `in.${name}.l`)
          .sort(),
      ].sort(),
    );
  });
});
