/** Stores made of other stores. */
import type { KeyStore } from "../../src/index.js";

/** A store that waits before and after everything it does: on the way there, and on the way back. */
export function delayed(store: KeyStore, wait: () => PromiseLike<unknown>): KeyStore {
  const methods = Object.entries(store) as [string, (...values: unknown[]) => unknown][];
  const delayedMethods = methods.map(([name, method]) => [
    name,
    async (...values: unknown[]) => {
      await wait();
      const answer = method(...values);
      await wait();
      return answer;
    },
  ]);
  return Object.fromEntries(delayedMethods) as KeyStore;
}
