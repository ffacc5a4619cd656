import { describe, expect, it } from "vitest";
import type { ApiKeyRecord, Found, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { NO_FAULT, RACES, runRace } from "./races.js";
import { delayed } from "./stores.js";

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
const recordOf = (found: unknown): ApiKeyRecord | null => (found as Found).record;

/** Stores that read before they write, and one that answers what it read before. */
function broken(store: KeyStore): KeyStore {
  const seen = new Map<string, Found>();
  return {
    ...store,
    findByHash(hash) {
      if (!seen.has(hash)) seen.set(hash, store.findByHash(hash) as Found);
      return seen.get(hash)!;
    },
    async replace(record, before) {
      const isExpected = recordOf(store.findById(record))?.version === before.version;
      await soon();
      const now = recordOf(store.findById(record));
      return isExpected && now !== null && store.replace(record, now);
    },
    async touch(use) {
      const record = recordOf(store.findById(use));
      await soon();
      await store.delete(use);
      if (record !== null) await store.insert({ ...record, lastUsedAtMs: use.atMs });
    },
  };
}

describe("the races count", () => {
  it.each(RACES)("nothing on a sound store: %s", async (name) => {
    const store = delayed(createMemoryStore(), soon);
    const count = await runRace(name, [store, store], 20);
    expect(count).toMatchObject({ ...NO_FAULT, trials: 20 });
    expect(count.overlapped).toBeGreaterThanOrEqual(10);
  });

  it.each(RACES)("faults on a broken one: %s", async (name) => {
    const store = delayed(broken(createMemoryStore()), soon);
    const faults = await runRace(name, [store, store], 20).then(
      ({ deadAccepted, lostUpdates, notOneWinner }) => deadAccepted + lostUpdates + notOneWinner,
      () => Infinity, // createApiKeys has noticed it
    );
    expect(faults).toBeGreaterThan(10);
  });
});
