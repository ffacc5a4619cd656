/** Pothos with its scope-auth plugin: a scope for every root field, and one for every asset. */
import { execute } from "graphql";
import SchemaBuilder from "@pothos/core";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import { resolversOf } from "../operations.ts";
import { key, measurePeer } from "../peer.ts";
import { maySee, POLICY } from "./policy.ts";

/** The schema of the bench, in code; without the plugin nothing looks at `authScopes`. */
function schemaOf(assets, plugins, results) {
  const builder = new SchemaBuilder({ plugins, scopeAuth: { authScopes: () => ({}) } });
  const { Query, Mutation } = resolversOf(assets);
  const scope = (allows) => ({ authScopes: (_parent, args, context) => allows(args, context.key) });

  const Asset = builder.objectRef("Asset").implement({
    ...(results && { authScopes: (asset, context) => maySee(asset, context.key) }),
    runScopesOnType: true,
    fields: (t) => ({
      id: t.exposeID("id"),
      name: t.exposeString("name"),
      description: t.exposeString("description", { nullable: true }),
      contentType: t.exposeString("contentType"),
      url: t.exposeString("url"),
      width: t.exposeInt("width"),
      height: t.exposeInt("height"),
      size: t.exposeFloat("size"),
    }),
  });
  const Album = builder.objectRef("Album").implement({
    fields: (t) => ({
      name: t.exposeString("name"),
      assets: t.field({ type: [Asset], resolve: (album) => album.assets }),
    }),
  });
  const Folder = builder.objectRef("Folder").implement({
    fields: (t) => ({
      name: t.exposeString("name"),
      albums: t.field({ type: [Album], resolve: (folder) => folder.albums }),
    }),
  });
  const TransferResult = builder.objectRef("TransferResult").implement({
    fields: (t) => ({ transferred: t.exposeInt("transferred") }),
  });
  const AssetFilter = builder.inputRef("AssetFilter").implement({
    fields: (t) => ({
      libraryId: t.id({ required: true }),
      name: t.string(),
      any: t.field({ type: [AssetFilter] }),
      not: t.field({ type: AssetFilter }),
    }),
  });

  const id = (t) => t.arg.id({ required: true });
  const named = (t) => ({ organizationId: id(t), libraryId: id(t) });
  builder.queryType({
    fields: (t) => ({
      asset: t.field({
        type: Asset,
        nullable: true,
        args: { ...named(t), assetId: id(t) },
        ...scope(POLICY.Query.asset),
        resolve: Query.asset,
      }),
      assets: t.field({
        type: [Asset],
        args: named(t),
        ...scope(POLICY.Query.assets),
        resolve: Query.assets,
      }),
      folders: t.field({
        type: [Folder],
        args: named(t),
        ...scope(POLICY.Query.folders),
        resolve: Query.folders,
      }),
      search: t.field({
        type: Asset,
        nullable: true,
        args: { organizationId: id(t), filter: t.arg({ type: AssetFilter, required: true }) },
        ...scope(POLICY.Query.search),
        resolve: Query.search,
      }),
    }),
  });
  builder.mutationType({
    fields: (t) => ({
      transferAssets: t.field({
        type: TransferResult,
        args: {
          organizationId: id(t),
          sourceLibraryId: id(t),
          targetLibraryId: id(t),
          assetIds: t.arg.idList({ required: true }),
        },
        ...scope(POLICY.Mutation.transferAssets),
        resolve: Mutation.transferAssets,
      }),
    }),
  });
  return builder.toSchema();
}

await measurePeer({
  id: "pothos",
  what: "Pothos scope-auth",
  seesResults: true,
  create(assets, results) {
    const open = schemaOf(assets, [], false);
    const schema = schemaOf(assets, [ScopeAuthPlugin], results);
    return {
      bare: (operation) => execute({ schema: open, ...operation, contextValue: { key } }),
      guarded: (operation) => execute({ schema, ...operation, contextValue: { key } }),
    };
  },
});
