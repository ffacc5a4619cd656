/** Stores that are asked as a database is: they answer later, and what they are asked is counted. */
import type { KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";

/** A store in memory whose reads by hash answer in a later turn. */
export function createLateStore(): { readonly store: KeyStore; readonly reads: () => number } {
  const memory = createMemoryStore();
  let reads = 0;
  const store: KeyStore = {
    ...memory,
    async findByHash(hash) {
      reads++;
      return memory.findByHash(hash);
    },
  };
  return { store, reads: () => reads };
}
