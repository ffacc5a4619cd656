import SchemaBuilder from "@pothos/core";
import type { ApiKeys } from "graphql-api-keys";
import { useApiKeys } from "graphql-api-keys/adapters/yoga";
import { createGuard, inLibrary, library, organization } from "graphql-api-keys/graphql";
import { createYoga } from "graphql-yoga";
import { assetsOf, renameAsset, type Asset } from "../schema.js";

/** Code-first: the rules are a map by schema coordinates. Give what it returns to `https.createServer`. */
export function createApp(apiKeys: ApiKeys) {
  const builder = new SchemaBuilder<{ Objects: { Asset: Asset } }>({});
  builder.objectType("Asset", {
    fields: (t) => ({ id: t.exposeID("id"), name: t.exposeString("name") }),
  });
  builder.queryType({
    fields: (t) => ({
      assets: t.field({
        type: ["Asset"],
        args: {
          organizationId: t.arg.id({ required: true }),
          libraryId: t.arg.id({ required: true }),
        },
        resolve: (_, args) => [...assetsOf(args)],
      }),
    }),
  });
  builder.mutationType({
    fields: (t) => ({
      renameAsset: t.field({
        type: "Asset",
        nullable: true,
        args: {
          organizationId: t.arg.id({ required: true }),
          libraryId: t.arg.id({ required: true }),
          id: t.arg.id({ required: true }),
          name: t.arg.string({ required: true }),
        },
        resolve: (_, args) => renameAsset(args),
      }),
    }),
  });

  const guard = createGuard(builder.toSchema(), {
    rules: {
      "*(organizationId:)": organization(),
      "*(libraryId:)": library(),
      Asset: inLibrary((asset: Asset) => asset),
    },
  });
  return createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] });
}
