import { describe, expectTypeOf, it } from "vitest";
import {
  ApiKeyError,
  isApiKeyError,
  type ApiKey,
  type ApiKeyErrorCode,
  type ApiKeyErrorOptions,
} from "../../src/index.js";

describe("ApiKeyError", () => {
  it("has one of four codes", () => {
    expectTypeOf<ApiKeyErrorCode>().toEqualTypeOf<
      "UNAUTHORIZED" | "CONFLICT" | "NOT_FOUND" | "UNAVAILABLE"
    >();
    expectTypeOf(ApiKeyError).toBeConstructibleWith("CONFLICT", "Changed.");
    expectTypeOf(ApiKeyError).toBeConstructibleWith("CONFLICT", "Changed.", { apiKey: null });
    expectTypeOf<ApiKeyErrorOptions>().toEqualTypeOf<{
      readonly cause?: unknown;
      readonly apiKey?: ApiKey | null;
    }>();
    // @ts-expect-error no such code
    void new ApiKeyError("FORBIDDEN", "No.");
    // @ts-expect-error a message is needed
    void new ApiKeyError("CONFLICT");
  });

  it("is an error that GraphQL servers understand", () => {
    const error = new ApiKeyError("CONFLICT", "Changed.");
    expectTypeOf(error).toExtend<Error>();
    expectTypeOf(error.name).toEqualTypeOf<string>();
    expectTypeOf(error.code).toEqualTypeOf<ApiKeyErrorCode>();
    expectTypeOf(error.apiKey).toEqualTypeOf<ApiKey | null | undefined>();
    expectTypeOf(error.extensions).toEqualTypeOf<{ readonly code: ApiKeyErrorCode }>();
    // @ts-expect-error codes do not change
    error.code = "NOT_FOUND";
  });

  it("isApiKeyError narrows", () => {
    expectTypeOf(isApiKeyError).parameters.toEqualTypeOf<
      [unknown, (ApiKeyErrorCode | undefined)?]
    >();
    const error: unknown = null;
    if (isApiKeyError(error)) expectTypeOf(error).toEqualTypeOf<ApiKeyError>();
    // @ts-expect-error no such code
    isApiKeyError(error, "FORBIDDEN");
  });
});
