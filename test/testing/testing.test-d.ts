import { describe, expectTypeOf, it } from "vitest";
import type { KeyStore, MaybePromise } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { storeCases, type StoreCase, type StoreUnderTest } from "../../src/testing/index.js";

describe("storeCases", () => {
  it("takes a function that makes a store, now or later", () => {
    expectTypeOf(storeCases).parameters.toEqualTypeOf<
      [() => MaybePromise<KeyStore | StoreUnderTest>]
    >();
    expectTypeOf(storeCases).returns.toEqualTypeOf<readonly StoreCase[]>();
    storeCases(() => ({ store: createMemoryStore() }));
    storeCases(async () => ({
      store: createMemoryStore(),
      reopen: async () => createMemoryStore(),
      close: async () => {},
    }));
    storeCases(createMemoryStore);
    // @ts-expect-error a store is no function
    storeCases(createMemoryStore());
    // @ts-expect-error nor is anything else a store
    storeCases(() => ({}));
  });

  it("answers cases for any test runner", () => {
    expectTypeOf<StoreCase["id" | "name"]>().toEqualTypeOf<string>();
    expectTypeOf<StoreCase["run"]>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<StoreUnderTest["store"]>().toEqualTypeOf<KeyStore>();
  });
});
