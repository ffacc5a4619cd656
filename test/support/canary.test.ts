import { describe, expect, it, vi } from "vitest";
import vectors from "../vectors/key.json" with { type: "json" };
import { expectNoKeys, expectNoKeysInResponse, findKeys, keysIn } from "./canary.js";
import { watchConsole, watchStream } from "./watch.js";

describe("the canary itself", () => {
  const key = vectors.valid[4]!.key;
  const sample = vectors.refused[0]!.key; // the specification's, which has no checksum

  it.each(vectors.valid)("finds $name in any text", ({ key }) => {
    expect(findKeys(`Bearer ${key}, ${key}x and "${key}"`)).toEqual([key, key, key]);
    expect(findKeys(`__${key}`)).toContain(key);
  });

  it.each([sample, key.slice(0, -1), key.toUpperCase(), "", "pk_", "a_".repeat(1000)])(
    "finds nothing in what is no key (%#)",
    (text) => {
      expect(findKeys(text)).toEqual([]);
    },
  );

  class Keeper {
    readonly #key: string;
    constructor(key: string) {
      this.#key = key;
    }
    has(key: string): boolean {
      return key === this.#key;
    }
  }

  it.each<[string, unknown, boolean]>([
    ["text", key, true],
    ["a deep property", { a: [{ b: { key } }] }, true],
    ["a hidden property", Object.defineProperty({}, "key", { value: key }), true],
    ["the name of a property", { [key]: 1 }, true],
    ["a symbol", { [Symbol(key)]: 1 }, true],
    ["a Map", new Map([["a", new Set([key])]]), true],
    ["a Buffer", Buffer.from(key), true],
    ["a message", new Error(`bad key ${key}`), true],
    ["a cause", new Error("bad key", { cause: new Error("of", { cause: { key } }) }), true],
    ["JSON only", { toJSON: () => key }, true],
    ["toString only", { toString: () => key }, true],
    [
      "a getter that throws it",
      {
        get a() {
          throw new Error(key);
        },
      },
      true,
    ],
    ["a private field", new Keeper(key), false],
    ["another text", { a: sample }, false],
  ])("looks into %s", (_, value, verdict) => {
    expect(keysIn([value])).toEqual(verdict ? [key] : []);
  });

  it("says where, and not what", () => {
    expect(() => expectNoKeys("The log", { key })).toThrow(
      `The log shows a key: ${key.slice(0, 7)}…`,
    );
    expect(() => expectNoKeys("The log", { key: sample })).not.toThrow();
  });

  it.each<[string, Response, boolean]>([
    ["a body", Response.json({ errors: [{ message: `bad ${key}` }] }), true],
    ["an escaped body", new Response(encodeURIComponent(`{"key":"${key}"}`)), true],
    ["a header", new Response("", { headers: { "www-authenticate": key } }), true],
    ["a status text", new Response("", { statusText: key }), true],
    ["nothing", Response.json({ hint: "pk_4eC3…", percent: "100%" }), false],
  ])("looks into %s of an answer, and leaves it unread", async (_, response, verdict) => {
    const shown = await expectNoKeysInResponse(response).then(
      () => false,
      () => true,
    );
    expect(shown).toBe(verdict);
    expect(response.bodyUsed).toBe(false);
  });

  it("sees what goes to a stream, also in pieces, once", () => {
    const written: unknown[] = [];
    const found: string[] = [];
    const stream = { write: (chunk: unknown) => written.push(chunk) };
    const undo = watchStream(stream, (keys) => found.push(...keys));
    stream.write("a key: ");
    stream.write(key.slice(0, 10));
    stream.write(Buffer.from(key.slice(10)));
    stream.write(" and no other");
    expect([found, written.length]).toEqual([[key], 4]);
    undo();
    stream.write(key);
    expect(found).toEqual([key]);
  });

  it("sees what goes to a console", () => {
    const found: string[] = [];
    const target = { log: vi.fn(), error: vi.fn(), table: vi.fn(), count: 1 };
    const { log, error } = target;
    const undo = watchConsole(target, (keys) => found.push(...keys));
    target.log("a %s", "key");
    target.error(new Error("of", { cause: key }));
    target.table([{ key }]);
    expect([found, log.mock.calls, error.mock.calls.length]).toEqual([
      [key, key],
      [["a %s", "key"]],
      1,
    ]);
    undo();
    target.log(key);
    expect(found).toHaveLength(2);
  });
});
