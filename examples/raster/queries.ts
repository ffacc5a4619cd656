import type { CallerContext } from "graphql-api-keys/graphql";
import type { InLibrary, InOrganization } from "./args.js";
import { isImage, tagsOf, type Asset, type Data } from "./data.js";
import { pageOf, upTo, type PageArgs } from "./input.js";

const MAX_TAGS = 500;

/** The resolvers of queries. They keep lists and counts to the libraries that the caller reaches. */
export function createQueries(data: Data) {
  const libraryOf = (args: InLibrary) => data.library(args.organizationId, args.libraryId);

  return {
    viewer(_: unknown, __: unknown, { caller }: CallerContext) {
      const { organizationId } = caller;
      const { name: organizationName, plan } = data.organization(organizationId);
      const libraries = data.libraries(organizationId, caller.libraries("read"));
      return {
        organizationId,
        organizationName,
        plan,
        libraries: libraries.map(({ id: libraryId }) => ({
          library: libraryId,
          access: caller.can("write", { organizationId, libraryId }) ? "write" : "read",
        })),
      };
    },

    libraries(_: unknown, args: InOrganization & PageArgs, { caller }: CallerContext) {
      const reachable = data.libraries(args.organizationId, caller.libraries("read"));
      return pageOf(reachable, args).items;
    },

    assets(_: unknown, args: InLibrary & PageArgs & { tags?: readonly string[] | null }) {
      const wanted = args.tags ?? [];
      const assets = [...libraryOf(args).assets.values()];
      const tagged = assets.filter((asset) => wanted.every((tag) => asset.tags.includes(tag)));
      return pageOf(tagged, args).items;
    },

    asset(_: unknown, args: InLibrary & { assetId: string }) {
      return libraryOf(args).assets.get(args.assetId) ?? null;
    },

    tags(_: unknown, args: InLibrary & { limit?: number | null }) {
      const tags = tagsOf(libraryOf(args));
      return tags.slice(0, upTo("limit", args.limit ?? MAX_TAGS, MAX_TAGS));
    },

    searchAssets(
      _: unknown,
      args: InOrganization & PageArgs & { q: string; libraries?: readonly string[] | null },
      { caller }: CallerContext,
    ) {
      // Where a client names none, the guard puts in those that the caller reaches, unless it reaches every library.
      const wanted = args.libraries ?? caller.libraries("read");
      const libraries = data.libraries(args.organizationId, wanted);
      const hits = libraries
        .flatMap((library) => [...library.assets.values()])
        .map((asset) => ({ ...asset, score: scoreOf(asset, args.q) }))
        .filter((hit) => hit.score > 0)
        .sort((a, b) => b.score - a.score);
      const { items, page } = pageOf(hits, args);
      return { hits: items, found: hits.length, page };
    },

    photos(_: unknown, args: InLibrary & PageArgs) {
      return pageOf([...libraryOf(args).assets.values()].filter(isImage), args).items;
    },
  };
}

/** A find in the name counts most. Zero: not found. */
function scoreOf(asset: Asset, q: string): number {
  const wanted = q.trim().toLowerCase();
  const has = (value: string) => value.toLowerCase().includes(wanted);
  return (
    Number(has(asset.name)) * 4 + Number(asset.tags.some(has)) * 2 + Number(has(asset.description))
  );
}
