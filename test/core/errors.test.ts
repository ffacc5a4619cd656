import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { ApiKeyError, isApiKeyError, type ApiKeyErrorCode } from "../../src/core/errors.js";
import { recordOf } from "../support/fixture.js";

const CODES: readonly ApiKeyErrorCode[] = ["UNAUTHORIZED", "CONFLICT", "NOT_FOUND", "UNAVAILABLE"];

describe("ApiKeyError", () => {
  it.each(CODES)("%s: code, message, and extensions for GraphQL", (code) => {
    const error = new ApiKeyError(code, "Because.");
    expect(error).toMatchObject({ name: "ApiKeyError", code, message: "Because." });
    expect(error.extensions).toEqual({ code });
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toContain("ApiKeyError: Because.");
  });

  it.each([
    ["an error", new Error("down")],
    ["a string", "down"],
    ["undefined, when a store throws that", undefined],
  ])("carries a cause: %s", (_, cause) => {
    const error = new ApiKeyError("UNAVAILABLE", "Down.", { cause });
    expect([Object.hasOwn(error, "cause"), error.cause]).toEqual([true, cause]);
  });

  it("has no cause and no API key when none was given", () => {
    const error = new ApiKeyError("NOT_FOUND", "Gone.");
    expect([Object.hasOwn(error, "cause"), "apiKey" in error && error.apiKey]).toEqual([
      false,
      undefined,
    ]);
  });

  it.each([[recordOf()], [null]])("carries the API key of a conflict, or null %#", (apiKey) => {
    expect(new ApiKeyError("CONFLICT", "Changed.", { apiKey }).apiKey).toBe(apiKey);
  });
});

describe("isApiKeyError", () => {
  const error = new ApiKeyError("NOT_FOUND", "Gone.");
  const otherCopy = Object.assign(new Error("Gone."), { name: "ApiKeyError", code: "NOT_FOUND" });

  it.each<[string, unknown, ApiKeyErrorCode | undefined, boolean]>([
    ["any code", error, undefined, true],
    ["its code", error, "NOT_FOUND", true],
    ["another code", error, "CONFLICT", false],
    ["one of another copy, any code", otherCopy, undefined, true],
    ["one of another copy, its code", otherCopy, "NOT_FOUND", true],
    ["one of another copy, another code", otherCopy, "UNAVAILABLE", false],
    ["another error", new Error("Gone."), undefined, false],
    [
      "another error with such a code",
      Object.assign(new Error(), { code: "NOT_FOUND" }),
      "NOT_FOUND",
      false,
    ],
    ["an object that is no error", { name: "ApiKeyError", code: "NOT_FOUND" }, "NOT_FOUND", false],
    ["an object of another realm", runInNewContext("({ name: 'ApiKeyError' })"), undefined, false],
    ["null", null, undefined, false],
    ["undefined", undefined, undefined, false],
    ["its code alone", "NOT_FOUND", "NOT_FOUND", false],
  ])("%s", (_, value, code, verdict) => {
    expect(isApiKeyError(value, code)).toBe(verdict);
  });
});
