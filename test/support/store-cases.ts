import { it } from "vitest";
import type { MaybePromise } from "../../src/index.js";
import { storeCases, type StoreUnderTest } from "../../src/testing/index.js";

/** Every case of the store kit as a test of its own. */
export function itKeepsKeys(makeStore: () => MaybePromise<StoreUnderTest>): void {
  it.each(storeCases(makeStore).map((each) => [each.id, each.name, each.run] as const))(
    "%s: %s",
    (_id, _name, run) => run(),
  );
}
