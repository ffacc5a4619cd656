import { randomBytes, randomUUID } from "node:crypto";
import { createChannel, type Channel } from "./channel.js";
import { conflict, notFound } from "./input.js";

/** A tenant. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly plan: string;
  readonly libraries: Map<string, Library>;
}

/** A library. Its id is unique within its organization only. */
export interface Library {
  readonly organizationId: string;
  readonly id: string;
  name: string;
  trashCount: number;
  readonly assets: Map<string, Asset>;
  /** Assets that come into it. */
  readonly additions: Channel<Asset>;
}

/** An asset. It carries both ids of its library: that is where the guard looks. */
export interface Asset extends NewAsset {
  readonly organizationId: string;
  readonly libraryId: string;
  readonly id: string;
  /** Part of its picture's address; nobody can guess it. */
  readonly pictureId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What somebody who adds an asset says about it. */
export interface NewAsset {
  readonly id?: string;
  readonly name: string;
  readonly description: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number | null;
  readonly height: number | null;
  readonly parentId: string | null;
  readonly tags: readonly string[];
}

/** What a change may give an asset. */
type Change = Partial<Pick<Asset, "description" | "tags">>;

/** The example's database. Every operation happens as a whole or, when it throws, not at all. */
export type Data = ReturnType<typeof createData>;

/** Makes an empty database in memory. */
export function createData() {
  const organizations = new Map<string, Organization>();
  const pictures = new Map<string, Asset>();

  function organization(id: string): Organization {
    const found = organizations.get(id);
    if (found === undefined) throw notFound("There is no such organization.");
    return found;
  }

  function library(organizationId: string, id: string): Library {
    const found = organization(organizationId).libraries.get(id);
    if (found === undefined) throw notFound("There is no such library.");
    return found;
  }

  /** All of these assets of a library; one that is missing, and nothing is answered. */
  function pick(from: Library, ids: readonly string[]): Asset[] {
    return ids.map((id) => {
      const asset = from.assets.get(id);
      if (asset === undefined) {
        throw notFound("Not all of these assets are in the library. Nothing was changed.");
      }
      return asset;
    });
  }

  function put(asset: Asset): Asset {
    library(asset.organizationId, asset.libraryId).assets.set(asset.id, asset);
    pictures.set(asset.pictureId, asset);
    return asset;
  }

  return {
    organization,
    library,

    organizations: (): Organization[] => [...organizations.values()],

    addOrganization(id: string, name: string, plan: string): void {
      organizations.set(id, { id, name, plan, libraries: new Map() });
    },

    /** The libraries of these ids that exist, in the organization's order. */
    libraries(organizationId: string, ids: readonly string[] | "every"): Library[] {
      const all = [...(organizations.get(organizationId)?.libraries.values() ?? [])];
      return ids === "every" ? all : all.filter((one) => ids.includes(one.id));
    },

    addLibrary(organizationId: string, id: string, name: string): Library {
      const { libraries } = organization(organizationId);
      if (libraries.has(id)) throw conflict(`The slug "${id}" is taken.`);
      const added: Library = {
        organizationId,
        id,
        name,
        trashCount: 0,
        assets: new Map(),
        additions: createChannel(),
      };
      libraries.set(id, added);
      return added;
    },

    removeLibrary(organizationId: string, id: string): void {
      organization(organizationId).libraries.delete(id);
    },

    addAssets(to: Library, assets: readonly NewAsset[]): Asset[] {
      const now = Date.now();
      const { organizationId, id: libraryId } = to;
      const added = assets.map((asset) => {
        const pictureId = randomBytes(16).toString("base64url");
        const times = { createdAtMs: now, updatedAtMs: now };
        return put({ id: randomUUID(), ...asset, organizationId, libraryId, pictureId, ...times });
      });
      added.forEach(to.additions.publish);
      return added;
    },

    changeAssets(of: Library, ids: readonly string[], change: (asset: Asset) => Change): void {
      const updatedAtMs = Date.now();
      for (const asset of pick(of, ids)) put({ ...asset, ...change(asset), updatedAtMs });
    },

    deleteAssets(from: Library, ids: readonly string[]): void {
      for (const asset of pick(from, ids)) {
        from.assets.delete(asset.id);
        pictures.delete(asset.pictureId);
        from.trashCount++;
      }
    },

    transferAssets(from: Library, to: Library, ids: readonly string[]): void {
      const updatedAtMs = Date.now();
      const moved = pick(from, ids).map((asset) => {
        from.assets.delete(asset.id);
        return put({ ...asset, libraryId: to.id, updatedAtMs });
      });
      if (from !== to) moved.forEach(to.additions.publish);
    },

    picture(pictureId: string): Asset | undefined {
      return pictures.get(pictureId);
    },
  };
}

/** Whether an asset is a picture. */
export function isImage(asset: Asset): boolean {
  return asset.contentType.startsWith("image/");
}

/** The tags of a library, the most frequent first. */
export function tagsOf(library: Library): { id: string; count: number; type: string }[] {
  const counts = new Map<string, number>();
  for (const asset of library.assets.values()) {
    for (const tag of asset.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const tags = [...counts].map(([id, count]) => ({ id, count, type: "manual" }));
  return tags.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
}
