import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { createApiKeys, createCaller, createKeyFormat, type ApiKeyEvent } from "../../src/index.js";
import { internalsOf } from "../../src/core/api-keys.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { expectNoKeys, expectNoKeysInResponse, findKeys, keysIn } from "../support/canary.js";
import { createFixture } from "../support/fixture.js";
import { watchConsole, watchStream } from "../support/watch.js";
import vectors from "../vectors/key.json" with { type: "json" };

const organizationId = "monogram-labs";

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

describe("a key shows up nowhere", () => {
  /** Every way to hand a key to a call that expects something else. */
  async function everyMistake(key: string, apiKeys: ReturnType<typeof createApiKeys>, id: string) {
    const ref = { organizationId, id };
    const wrong = key as never;
    const named = { [key]: key } as never;
    const calls: (() => unknown)[] = [
      () => apiKeys.create(wrong),
      () => apiKeys.create(named),
      () => apiKeys.create({ organizationId, name: `${key}\0` }),
      () => apiKeys.create({ organizationId: [key] as never, name: "A" }),
      () => apiKeys.create({ organizationId, name: "A", access: named }),
      () => apiKeys.create({ organizationId, name: "A", access: { [key]: "read" } }),
      () => apiKeys.create({ organizationId, name: "A", expiresAtMs: wrong }),
      () => apiKeys.create({ organizationId, name: "A", enabled: wrong }),
      () => apiKeys.create({ organizationId, name: "A", actor: `${key}\n` }),
      () => apiKeys.list({ organizationId, first: wrong }),
      () => apiKeys.list({ organizationId, after: key }),
      () => apiKeys.list(named),
      () => apiKeys.get({ organizationId, id: `${key}\0` }),
      () => apiKeys.get({ organizationId: key, id: key }),
      () => apiKeys.setAccess({ organizationId, id: key }, {}),
      () => apiKeys.setAccess(ref, wrong),
      () => apiKeys.setAccess({ ...ref, version: wrong }, {}),
      () => apiKeys.grant(ref, { libraryId: key, level: "read" }),
      () => apiKeys.grant(ref, { libraryId: "a", level: wrong }),
      () => apiKeys.grant(ref, named),
      () => apiKeys.revoke({ ...ref, version: 99 }, { libraryId: key }),
      () => apiKeys.update(ref, named),
      () => apiKeys.regenerate({ ...ref, version: 99 }),
      () => apiKeys.regenerate({ ...ref, id: key }),
      () => apiKeys.delete({ ...ref, version: 99 }),
      () => apiKeys.redact([key] as never),
      () => apiKeys.redact(key),
      () => apiKeys.authenticate(`${key} `),
      () => apiKeys.authenticate([key] as never),
      () => apiKeys.authenticate({ key } as never),
      () => createKeyFormat({ prefix: key }),
      () => createKeyFormat({ checksum: wrong }),
      () => createKeyFormat(named),
      () => createApiKeys({ store: wrong }),
      () => createApiKeys(named),
      () => createApiKeys({ store: createMemoryStore(), pepper: key.slice(0, 15) }),
      () => createCaller(named),
      () => createCaller({ id: "a", version: 1, organizationId, access: wrong }),
      () => internalsOf(wrong),
      () => internalsOf(named),
    ];
    const outcomes: unknown[] = [];
    for (const call of calls) {
      try {
        outcomes.push(await call());
      } catch (error) {
        outcomes.push(error, (error as Error).message, (error as Error).stack);
      }
    }
    return outcomes;
  }

  it("of all that is thrown, answered, inspected and reported", async () => {
    const store = createMemoryStore();
    const events: ApiKeyEvent[] = [];
    const libraries = (_: string, ids: readonly string[]) => ids.filter((id) => id === "a");
    const { apiKeys } = createFixture({
      store,
      libraries,
      onEvent: (event) => events.push(event),
    });
    const { key, apiKey } = await apiKeys.create({
      organizationId,
      name: "A",
      access: { a: "write" },
    });
    const ref = { organizationId, id: apiKey.id };
    const outcomes = await everyMistake(key, apiKeys, apiKey.id);
    const result = await apiKeys.authenticate(key);
    if (!result.ok) expect.unreachable();
    const { caller } = result;
    const shown: unknown[] = [outcomes, result, caller, apiKey, store, apiKeys];
    shown.push(await apiKeys.get(ref), await apiKeys.list({ organizationId }), caller.current());
    try {
      caller.require("write", { organizationId, libraryId: key });
    } catch (error) {
      shown.push(error);
    }
    const again = await apiKeys.regenerate(ref);
    await apiKeys.update(ref, { enabled: false });
    shown.push(
      await apiKeys.authenticate(key),
      await apiKeys.authenticate(again.key),
      again.apiKey,
    );
    await apiKeys.delete(ref);
    shown.push(caller.current(), await apiKeys.authenticate(again.key));
    expect(outcomes.filter((outcome) => outcome instanceof Error).length).toBeGreaterThan(30);
    expect(events.length).toBeGreaterThan(6);
    expect(keysIn(shown)).toEqual([]);
    expect(keysIn(events)).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ["throws", () => JSON.parse("{")],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["hangs", () => new Promise(() => {})],
    ["answers nonsense", () => "nonsense"],
  ])("of a store that %s, which is given the digest only", async (_, failure) => {
    const asked: unknown[] = [];
    const events: ApiKeyEvent[] = [];
    const real = createMemoryStore();
    const spied = (fail: boolean) =>
      Object.fromEntries(
        Object.entries(real).map(([name, method]) => [
          name,
          (...values: unknown[]) => {
            asked.push(values);
            return fail ? failure() : (method as (...values: unknown[]) => unknown)(...values);
          },
        ]),
      ) as never;
    const working = createFixture({ store: spied(false) });
    const { key, apiKey } = await working.apiKeys.create({ organizationId, name: "A" });
    const ref = { organizationId, id: apiKey.id };
    const result = await working.apiKeys.authenticate(key);
    const { apiKeys } = createFixture({
      store: spied(true),
      storeTimeoutMs: 10,
      onEvent: (event) => events.push(event),
    });
    const shown = await Promise.allSettled([
      apiKeys.authenticate(key),
      apiKeys.create({ organizationId, name: "B" }),
      apiKeys.regenerate(ref),
      apiKeys.setAccess(ref, {}),
      apiKeys.delete(ref),
    ]);
    expect(shown.filter(({ status }) => status === "rejected")).toHaveLength(4);
    expect(events).toMatchObject([{ type: "unavailable" }]);
    expect(keysIn([shown, events, asked, result, real])).toEqual([]);
  });

  it("of a caller that is inspected as deeply as Node can", async () => {
    const { apiKeys, store } = createFixture();
    const { key, apiKey } = await apiKeys.create({
      organizationId,
      name: "A",
      access: { a: "read" },
    });
    const result = await apiKeys.authenticate(key);
    if (!result.ok) expect.unreachable();
    const { record } = store.findById({ organizationId, id: apiKey.id }) as {
      record: { hash: string };
    };
    const print = inspect(result.caller, {
      showHidden: true,
      depth: Infinity,
      getters: true,
      showProxy: true,
    });
    expect([print.includes("key_"), print.includes(record.hash)]).toEqual([true, false]);
    expectNoKeys("The caller", print);
  });
});
