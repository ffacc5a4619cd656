import { GraphQLScalarType } from "graphql";
import type { ApiKeys, Caller } from "graphql-api-keys";
import type { Asset, Data, Library } from "./data.js";
import { badInput, pageOf, text, unique, upTo, type PageArgs } from "./input.js";
import { pictureUrl } from "./pictures.js";

const MAX_IDS = 100;
const MAX_FILES = 20;
const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 100;
const MAX_NAME_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 5000;

interface Context {
  readonly caller: Caller;
}
interface InOrganization {
  readonly organizationId: string;
}
interface InLibrary extends InOrganization {
  readonly libraryId: string;
}
interface OfAssets extends InLibrary {
  readonly assetIds: readonly string[];
}

/**
 * The resolvers. None of them asks who may do what: the guard has decided before the first of them runs. They only keep
 * lists and counts to the libraries that the caller reaches.
 */
export function createResolvers(service: {
  readonly data: Data;
  readonly apiKeys: ApiKeys;
  readonly url: string;
}) {
  const { data, apiKeys } = service;
  const libraryOf = (args: InLibrary) => data.library(args.organizationId, args.libraryId);
  const url = (asset: Asset) => pictureUrl(service.url, asset);
  const thumbUrl = (asset: Asset) => (isImage(asset) ? url(asset) : null);

  return {
    Upload: new GraphQLScalarType({
      name: "Upload",
      parseValue: parseUpload,
      parseLiteral: noLiteral,
    }),
    Timestamp: new GraphQLScalarType({ name: "Timestamp" }),
    JSON: new GraphQLScalarType({ name: "JSON" }),

    Query: {
      viewer(_: unknown, __: unknown, { caller }: Context) {
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

      libraries(_: unknown, args: InOrganization & PageArgs, { caller }: Context) {
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
        return tags.slice(0, upTo("limit", args.limit ?? 100, 500));
      },

      searchAssets(
        _: unknown,
        args: InOrganization & PageArgs & { q: string; libraries?: readonly string[] | null },
      ) {
        // Absent only where the caller reaches every library: otherwise the guard has put in those it reaches.
        const libraries = data.libraries(args.organizationId, args.libraries ?? "every");
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
    },

    Mutation: {
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

      updateAssetDescription(
        _: unknown,
        args: InLibrary & { assetId: string; description: string },
      ) {
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
        { caller }: Context,
      ) {
        const { organizationId } = args;
        const name = text("name", args.name, MAX_NAME_LENGTH);
        const library = data.addLibrary(organizationId, slugFrom(args.slug ?? name), name);
        try {
          const ref = { organizationId, id: caller.id };
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
    },

    Library: {
      assetsCount: (library: Library) => library.assets.size,
      photosCount: (library: Library) => [...library.assets.values()].filter(isImage).length,
      tags: tagsOf,
    },

    Asset: {
      type: (asset: Asset) => (isImage(asset) ? "image" : "file"),
      size: (asset: Asset) => asset.bytes.length,
      url,
      thumbUrl,
      views: () => [],
      created: (asset: Asset) => asset.createdAtMs,
      updated: (asset: Asset) => asset.updatedAtMs,
    },

    SearchHit: { url, thumbUrl },

    Photo: {
      url,
      thumbUrl,
      views: () => [],
      createdAt: (asset: Asset) => asset.createdAtMs,
      updatedAt: (asset: Asset) => asset.updatedAtMs,
      metadata: ({ contentType, bytes }: Asset) => ({ contentType, size: bytes.length }),
    },

    UploadedAsset: {
      filename: (asset: Asset) => asset.name,
      url,
      created: (asset: Asset) => asset.createdAtMs,
      status: () => "done",
      progress: () => 1,
    },
  };
}

function isImage(asset: Asset): boolean {
  return asset.contentType.startsWith("image/");
}

function tagsOf(library: Library): { id: string; count: number; type: string }[] {
  const counts = new Map<string, number>();
  for (const asset of library.assets.values()) {
    for (const tag of asset.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const tags = [...counts].map(([id, count]) => ({ id, count, type: "manual" }));
  return tags.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
}

/** A find in the name counts most. Zero: not found. */
function scoreOf(asset: Asset, q: string): number {
  const wanted = q.trim().toLowerCase();
  const has = (value: string) => value.toLowerCase().includes(wanted);
  return (
    Number(has(asset.name)) * 4 + Number(asset.tags.some(has)) * 2 + Number(has(asset.description))
  );
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

function parseUpload(value: unknown): File {
  if (typeof (value as File | null)?.arrayBuffer !== "function") {
    throw badInput("An upload expected a file of a multipart request.");
  }
  return value as File;
}

function noLiteral(): never {
  throw badInput("An upload has to come in a variable.");
}
