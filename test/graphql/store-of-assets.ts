/** Assets known by their id, and a loader that batches what is asked in one tick, as DataLoader does. */
import { OTHER, OWN } from "./support-complete.js";

export interface Asset {
  readonly id: string;
  readonly organizationId: string;
  libraryId: string;
}

export const asset = (id: string, libraryId: string, organizationId = OWN): Asset => ({
  id,
  organizationId,
  libraryId,
});

/** What is stored; `x` is another organization's, in a library with a slug that the caller has. */
export const stored = (): ReadonlyMap<string, Asset> =>
  new Map(
    [
      asset("b1", "barcelona"),
      asset("b2", "barcelona"),
      asset("l1", "lisbon"),
      asset("p1", "porto"),
      asset("x1", "barcelona", OTHER),
    ].map((one) => [one.id, one]),
  );

export interface AssetLoader {
  readonly assets: ReadonlyMap<string, Asset>;
  /** The ids of every trip to the store. */
  readonly batches: (readonly string[])[];
  load(id: string): Promise<Asset | null>;
  loadMany(ids: readonly string[]): Promise<(Asset | null)[]>;
}

/** A loader as a host makes it for every operation. */
export function createAssetLoader(assets = stored()): AssetLoader {
  const batches: (readonly string[])[] = [];
  let waiting: { id: string; resolve: (found: Asset | null) => void }[] = [];

  function load(id: string): Promise<Asset | null> {
    return new Promise((resolve) => {
      if (waiting.length === 0) process.nextTick(dispatch);
      waiting.push({ id, resolve });
    });
  }

  function dispatch(): void {
    const batch = waiting;
    waiting = [];
    batches.push(batch.map(({ id }) => id));
    for (const { id, resolve } of batch) resolve(assets.get(id) ?? null);
  }

  return { assets, batches, load, loadMany: (ids) => Promise.all(ids.map(load)) };
}

/** The context of an operation. */
export interface Context {
  readonly loader: AssetLoader;
}

export const contextOf = (assets?: ReadonlyMap<string, Asset>): Context => ({
  loader: createAssetLoader(assets),
});
