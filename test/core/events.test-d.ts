import { describe, expectTypeOf, it } from "vitest";
import type { AccessTable, ApiKeyEvent, ApiKeyListener, KeyFailure } from "../../src/index.js";

type EventOf<T extends ApiKeyEvent["type"]> = Extract<ApiKeyEvent, { readonly type: T }>;

describe("events", () => {
  it("are a closed union", () => {
    expectTypeOf<ApiKeyEvent["type"]>().toEqualTypeOf<
      | "created"
      | "accessChanged"
      | "updated"
      | "regenerated"
      | "deleted"
      | "exposed"
      | "refused"
      | "unavailable"
    >();
    expectTypeOf<KeyFailure>().toEqualTypeOf<
      "malformed" | "unknown" | "disabled" | "expired" | "unavailable"
    >();
    expectTypeOf<ApiKeyListener>().toEqualTypeOf<(event: ApiKeyEvent) => unknown>();
  });

  it("say when, and what of", () => {
    expectTypeOf<ApiKeyEvent["atMs"]>().toEqualTypeOf<number>();
    expectTypeOf<EventOf<"created">["access"]>().toEqualTypeOf<AccessTable>();
    expectTypeOf<EventOf<"accessChanged">["before" | "after"]>().toEqualTypeOf<AccessTable>();
    expectTypeOf<EventOf<"updated">["changed"]>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<EventOf<"deleted">["actor"]>().toEqualTypeOf<string | null>();
    expectTypeOf<EventOf<"exposed">["keyId"]>().toEqualTypeOf<string>();
    expectTypeOf<EventOf<"refused">["keyId"]>().toEqualTypeOf<string | null>();
    expectTypeOf<EventOf<"refused">["reason"]>().toEqualTypeOf<
      Exclude<KeyFailure, "unavailable">
    >();
    expectTypeOf<EventOf<"unavailable">["error"]>().toEqualTypeOf<Error>();
    // @ts-expect-error an event never carries a key
    void (null as unknown as EventOf<"created">).key;
  });
});
