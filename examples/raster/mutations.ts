import type { ApiKeys } from "graphql-api-keys";
import type { CallerContext } from "graphql-api-keys/graphql";
import type { InLibrary, InOrganization, OfAssets } from "./args.js";
import type { Data } from "./data.js";
import { badInput, text, unique } from "./input.js";

const MAX_IDS = 100;
const MAX_FILES = 20;
const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 100;
const MAX_NAME_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 5000;

/** The resolvers of mutations. */
export function createMutations(data: Data, apiKeys: ApiKeys) {
  const libraryOf = (args: InLibrary) => data.library(args.organizationId, args.libraryId);

  return {
    async uploadAssets(
      _: unknown,
      args: InLibrary & { files: readonly File[]; parentId?: string | null },
    ) {
      const files = unique("files", args.files, MAX_FILES);
      const contents = await Promise.all(files.map((file) => file.arrayBuffer()));
      // From here on nothing waits, so what is checked still holds when the assets are added.
      const library = libraryOf(args);
      const parentId = args.parentId ?? null;
      if (parentId !== null && !library.assets.has(parentId)) {
        throw badInput('"parentId" names no asset of the library.');
      }
      const assets = data.addAssets(
        library,
        files.map((file, i) => ({
          name: text("file name", file.name, MAX_NAME_LENGTH),
          description: "",
          contentType: file.type || "application/octet-stream",
          bytes: new Uint8Array(contents[i]!),
          width: null,
          height: null,
          parentId,
          tags: [],
        })),
      );
      return { responseText: `Uploaded ${assets.length}.`, assets };
    },

    deleteAssets(_: unknown, args: InLibrary & { assets: readonly string[] }) {
      const ids = unique("assets", args.assets, MAX_IDS);
      data.deleteAssets(libraryOf(args), ids);
      return { success: true, message: `Deleted ${ids.length}.`, ids };
    },

    tagAssets(_: unknown, args: OfAssets & { tags: readonly string[] }) {
      const ids = unique("assetIds", args.assetIds, MAX_IDS);
      const tags = tagsFrom(args.tags);
      data.changeAssets(libraryOf(args), ids, (asset) => ({
        tags: [...new Set([...asset.tags, ...tags])],
      }));
      return { taggedCount: ids.length };
    },

    untagAssets(_: unknown, args: OfAssets & { tags: readonly string[] }) {
      const ids = unique("assetIds", args.assetIds, MAX_IDS);
      const tags = tagsFrom(args.tags);
      data.changeAssets(libraryOf(args), ids, (asset) => ({
        tags: asset.tags.filter((tag) => !tags.includes(tag)),
      }));
      return { untaggedCount: ids.length };
    },

    transferAssets(
      _: unknown,
      args: InOrganization & {
        sourceLibraryId: string;
        targetLibraryId: string;
        assetIds: readonly string[];
      },
    ) {
      const { organizationId, sourceLibraryId, targetLibraryId } = args;
      const ids = unique("assetIds", args.assetIds, MAX_IDS);
      const source = data.library(organizationId, sourceLibraryId);
      const target = data.library(organizationId, targetLibraryId);
      data.transferAssets(source, target, ids);
      return { transferredCount: ids.length, sourceLibraryId, targetLibraryId };
    },

    updateAssetDescription(_: unknown, args: InLibrary & { assetId: string; description: string }) {
      const { assetId, description } = args;
      if (description.length > MAX_DESCRIPTION_LENGTH) {
        throw badInput(`"description" expected at most ${MAX_DESCRIPTION_LENGTH} characters.`);
      }
      data.changeAssets(libraryOf(args), [assetId], () => ({ description }));
      return { assetId, description };
    },

    async createLibrary(
      _: unknown,
      args: InOrganization & { name: string; slug?: string | null },
      { caller }: CallerContext,
    ) {
      const { organizationId } = args;
      const name = text("name", args.name, MAX_NAME_LENGTH);
      const library = data.addLibrary(organizationId, slugFrom(args.slug ?? name), name);
      try {
        const ref = { organizationId, id: caller.id };
        // Libraries go with this process and keys stay: one of this slug may have been granted before.
        await apiKeys.removeLibrary({ organizationId, libraryId: library.id });
        await apiKeys.grant(ref, { libraryId: library.id, level: "write" });
      } catch (error) {
        // Without the grant nobody reaches it, and its slug would be taken for ever.
        data.removeLibrary(organizationId, library.id);
        throw error;
      }
      return library;
    },

    renameLibrary(_: unknown, args: InLibrary & { name: string }) {
      const library = libraryOf(args);
      library.name = text("name", args.name, MAX_NAME_LENGTH);
      return library;
    },
  };
}

function tagsFrom(tags: readonly string[]): readonly string[] {
  return unique("tags", tags, MAX_TAGS).map((tag) => text("tag", tag, MAX_TAG_LENGTH));
}

/** `"São Paulo 2026"` becomes `"sao-paulo-2026"`. */
function slugFrom(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  if (slug === "" || slug.length > 63) {
    throw badInput('"slug" expected 1 to 63 letters, digits and "-".');
  }
  return slug;
}
