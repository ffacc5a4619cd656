import { describe, expectTypeOf, it } from "vitest";
import type {
  AccessTable,
  ApiKey,
  ApiKeyRecord,
  ApiKeyRef,
  Expected,
  Found,
  KeyReader,
  KeyStore,
  KeyUse,
  KeyWriter,
  MaybePromise,
  PageStart,
} from "../../src/index.js";

describe("a store", () => {
  it("is a reading and a writing half", () => {
    expectTypeOf<KeyStore>().toExtend<KeyReader & KeyWriter>();
    expectTypeOf<keyof KeyReader>().toEqualTypeOf<"findByHash" | "findById" | "list">();
    expectTypeOf<keyof KeyWriter>().toEqualTypeOf<
      "insert" | "replace" | "delete" | "touch" | "raiseLease"
    >();
    // @ts-expect-error the reading half cannot write
    void (null as unknown as KeyReader).insert;
  });

  it("answers now or later", () => {
    expectTypeOf<KeyReader["findByHash"]>().toEqualTypeOf<(hash: string) => MaybePromise<Found>>();
    expectTypeOf<KeyReader["findById"]>().toEqualTypeOf<(ref: ApiKeyRef) => MaybePromise<Found>>();
    expectTypeOf<KeyReader["list"]>().toEqualTypeOf<
      (
        organizationId: string,
        first: number,
        after: PageStart | null,
      ) => MaybePromise<readonly ApiKeyRecord[]>
    >();
    expectTypeOf<KeyWriter["insert"]>().returns.toEqualTypeOf<MaybePromise<boolean>>();
    expectTypeOf<KeyWriter["replace"]>().parameters.toEqualTypeOf<[ApiKeyRecord, Expected]>();
    expectTypeOf<KeyWriter["delete"]>().parameters.toEqualTypeOf<
      [ApiKeyRef, (number | undefined)?]
    >();
    expectTypeOf<KeyWriter["touch"]>().parameters.toEqualTypeOf<[KeyUse]>();
    expectTypeOf<KeyWriter["raiseLease"]>().parameters.toEqualTypeOf<[number]>();
    expectTypeOf<MaybePromise<number>>().toEqualTypeOf<number | PromiseLike<number>>();
  });

  it("says nothing rather than undefined", () => {
    expectTypeOf<Found>().toEqualTypeOf<{
      readonly record: ApiKeyRecord | null;
      readonly leaseMs: number;
    }>();
    expectTypeOf<PageStart>().toEqualTypeOf<{
      readonly createdAtMs: number;
      readonly id: string;
    }>();
    // @ts-expect-error a lease length is part of every answer
    void ({ record: null } satisfies Found);
  });
});

describe("a record", () => {
  it("is the API key and the digest", () => {
    expectTypeOf<Omit<ApiKeyRecord, "hash">>().toEqualTypeOf<Omit<ApiKey, never>>();
    expectTypeOf<ApiKeyRecord["hash"]>().toEqualTypeOf<string>();
    expectTypeOf<ApiKey["access"]>().toEqualTypeOf<AccessTable>();
    expectTypeOf<ApiKey["expiresAtMs" | "lastUsedAtMs"]>().toEqualTypeOf<number | null>();
    // @ts-expect-error records do not change
    (null as unknown as ApiKeyRecord).version = 2;
  });
});
