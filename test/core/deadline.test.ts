import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withDeadline } from "../../src/core/deadline.js";
import type { KeyStore } from "../../src/core/store.js";
import { recordOf, verdictOf } from "../support/fixture.js";

const METHODS = {
  findByHash: ["a hash"],
  findById: [{ organizationId: "monogram-labs", id: "key_1" }],
  list: ["monogram-labs", 50, null],
  insert: [recordOf()],
  replace: [recordOf(), { version: 1, hash: "a hash" }],
  delete: [{ organizationId: "monogram-labs", id: "key_1" }, 1],
  touch: [{ organizationId: "monogram-labs", id: "key_1", hash: "a hash", atMs: 1, newHash: null }],
  raiseLease: [1000],
} as const;

const methods = Object.entries(METHODS) as [keyof KeyStore, readonly unknown[]][];

/** A store all of whose methods answer the same, and which notes its calls. */
class OneAnswer {
  readonly calls: unknown[] = [];
  readonly #answer: () => unknown;

  constructor(answer: () => unknown) {
    this.#answer = answer;
    for (const [method] of methods) {
      Object.assign(this, {
        [method](this: OneAnswer, ...values: unknown[]) {
          this.calls.push([method, ...values]);
          return this.#answer();
        },
      });
    }
  }
}

function call(answer: () => unknown, method: keyof KeyStore, values: readonly unknown[]) {
  const store = new OneAnswer(answer);
  const bounded = withDeadline(store as never, 1000) as unknown as Record<string, Function>;
  return { answered: bounded[method]!(...values) as unknown, calls: store.calls };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each(methods)("%s", (method, values) => {
  it("passes the arguments on, and a synchronous answer back as it is", () => {
    const answer = {};
    const { answered, calls } = call(() => answer, method, values);
    expect(answered).toBe(answer);
    expect(calls).toEqual([[method, ...values]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes a promise's answer back, and leaves no timer", async () => {
    const { answered } = call(async () => "later", method, values);
    expect(vi.getTimerCount()).toBe(1);
    expect(await answered).toBe("later");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes failures on as they are, now and later", async () => {
    const failure = new Error("down");
    const fail = () => {
      throw failure;
    };
    expect(() => call(fail, method, values)).toThrow(failure);
    await expect(call(async () => fail(), method, values).answered).rejects.toBe(failure);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails when no answer came in time, and not before", async () => {
    const verdict = verdictOf(() => call(() => new Promise(() => {}), method, values).answered);
    let settled = false;
    void verdict.then(() => (settled = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await verdict).toBe("UNAVAILABLE");
  });
});

describe("answers that are late or strange", () => {
  it.each([
    ["an answer", () => "late"],
    ["a failure", () => Promise.reject(new Error("late"))],
  ])("%s after the deadline changes nothing", async (_, late) => {
    const answer = new Promise((resolve) => void setTimeout(resolve, 2000)).then(late);
    const verdict = verdictOf(() => call(() => answer, "findByHash", ["a hash"]).answered);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await verdict).toBe("UNAVAILABLE");
  });

  it.each([
    ["resolves", { then: (resolve: (value: string) => void) => resolve("done") }, "ok"],
    ["throws", { then: () => JSON.parse("{") as never }, "SyntaxError"],
    ["never calls back", { then: () => {} }, "UNAVAILABLE"],
  ])("a foreign promise that %s: %#", async (_, thenable, expected) => {
    const verdict = verdictOf(() => call(() => thenable, "list", METHODS.list).answered);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await verdict).toBe(expected);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says how long it waited", async () => {
    const { answered } = call(() => new Promise(() => {}), "list", METHODS.list);
    const message = expect(answered).rejects.toThrow(
      "The store of API keys did not answer in 1000 ms.",
    );
    await vi.advanceTimersByTimeAsync(1000);
    await message;
  });
});
