import { checkFunction } from "../core/check.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import type { KeyStore } from "../core/store.js";
import { API_KEYS_CASES } from "./api-keys-cases.js";
import type { Requirement } from "./case.js";
import { DATA_CASES } from "./data-cases.js";
import { FIND_CASES } from "./find-cases.js";
import { LIST_CASES } from "./list-cases.js";
import { RACE_CASES } from "./race-cases.js";
import { TOUCH_CASES } from "./touch-cases.js";
import { TOUCH_RACE_CASES } from "./touch-race-cases.js";
import { WRITE_CASES } from "./write-cases.js";

/** A store to be tested, without records, and what its cases may do with it. */
export interface StoreUnderTest {
  readonly store: KeyStore;
  /**
   * Opens the same data once more, as another process would: with a connection of its own. Called once a case. Absent:
   * the store has no data outside of itself.
   */
  readonly reopen?: () => MaybePromise<KeyStore>;
  /** Called after the case, whether it passed or not. */
  readonly close?: () => MaybePromise<void>;
}

/** One thing that a store must do. */
export interface StoreCase {
  /** A name that stays the same, and never changes its meaning. */
  readonly id: string;
  /** What the store must do, in a sentence. */
  readonly name: string;
  /** Rejects with an Error that says what was expected, and what was found. */
  run(): Promise<void>;
}

const REQUIREMENTS: readonly Requirement[] = [
  ...FIND_CASES,
  ...LIST_CASES,
  ...WRITE_CASES,
  ...TOUCH_CASES,
  ...DATA_CASES,
  ...RACE_CASES,
  ...TOUCH_RACE_CASES,
  ...API_KEYS_CASES,
];

/**
 * Everything that a `KeyStore` must do, for any test runner. A store that passes can be given to `createApiKeys`.
 *
 * @param makeStore - Makes a store without records: the store itself, or with a second connection to its data and with
 * what is to be closed. Called once a case.
 * @returns The cases. Each is independent of the others.
 * @throws TypeError when `makeStore` is no function.
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 * import { storeCases } from "graphql-api-keys/testing";
 *
 * for (const { id, name, run } of storeCases(() => createMemoryStore())) {
 *   test(`${id}: ${name}`, run);
 * }
 * ```
 */
export function storeCases(
  makeStore: () => MaybePromise<KeyStore | StoreUnderTest>,
): readonly StoreCase[] {
  checkFunction("makeStore", makeStore);
  return REQUIREMENTS.map(([id, name, run]) => ({
    id,
    name,
    async run() {
      const { store, reopen, close } = asUnderTest(await makeStore());
      try {
        await run({ store, other: reopen === undefined ? store : await reopen() });
      } finally {
        await close?.();
      }
    },
  }));
}

function asUnderTest(made: KeyStore | StoreUnderTest): StoreUnderTest {
  return "findByHash" in made ? { store: made } : made;
}
