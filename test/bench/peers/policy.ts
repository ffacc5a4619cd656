/** What users of a peer write by hand: which calls of a root field a key may make, and which objects it may see. */
import type { key as benchKey } from "../peer.js";

type Key = typeof benchKey;
type Allows = (args: any, key: Key) => boolean;

const reads = (key: Key, libraryId: string): boolean => key.access.has(libraryId);
const writes = (key: Key, libraryId: string): boolean => key.access.get(libraryId) === "write";

const readsNamed: Allows = ({ organizationId, libraryId }, key) =>
  organizationId === key.organizationId && reads(key, libraryId);

interface Filter {
  readonly libraryId: string;
  readonly any?: readonly Filter[] | null;
  readonly not?: Filter | null;
}

function readsFilter({ libraryId, any, not }: Filter, key: Key): boolean {
  if (!reads(key, libraryId) || (not && !readsFilter(not, key))) return false;
  return !any || any.every((inner) => readsFilter(inner, key));
}

/** Type → root field → whether a call is allowed. */
export const POLICY: Readonly<Record<string, Readonly<Record<string, Allows>>>> = {
  Query: {
    asset: readsNamed,
    assets: readsNamed,
    folders: readsNamed,
    search: ({ organizationId, filter }, key) =>
      organizationId === key.organizationId && readsFilter(filter as Filter, key),
  },
  Mutation: {
    transferAssets: ({ organizationId, sourceLibraryId, targetLibraryId }, key) =>
      organizationId === key.organizationId &&
      writes(key, sourceLibraryId) &&
      writes(key, targetLibraryId),
  },
};

/** Whether a key may see an asset. */
export const maySee = (asset: { organizationId: string; libraryId: string }, key: Key): boolean =>
  asset.organizationId === key.organizationId && reads(key, asset.libraryId);
