import { describe, expect, it } from "vitest";
import { andThen, isPromiseLike } from "../../src/core/maybe-promise.js";

describe("isPromiseLike", () => {
  it.each([
    ["a promise", Promise.resolve(), true],
    ["an object with a then", { then() {} }, true],
    ["an object whose then is no function", { then: true }, false],
    ["an object", {}, false],
    ["null", null, false],
    ["undefined", undefined, false],
    ["text", "then", false],
    ["a function", () => {}, false],
    ["a function with a then", Object.assign(() => {}, { then() {} }), true],
  ])("%s: %s", (_, value, verdict) => {
    expect(isPromiseLike(value)).toBe(verdict);
  });
});

describe("andThen", () => {
  it("goes on at once with a value", () => {
    expect(andThen(1, (value) => value + 1)).toBe(2);
  });

  it("goes on later with a promise", async () => {
    const promise = andThen(Promise.resolve(1), (value) => value + 1);
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe(2);
  });
});
