import { describe, expect, it } from "vitest";
import { internalsOf } from "../../src/core/api-keys.js";
import { createApiKeys } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf, verdictOf } from "../support/fixture.js";

const store = createMemoryStore();
const { touch: _, ...incomplete } = store;

describe("createApiKeys", () => {
  it.each<[string, unknown, string]>([
    ["a store alone", { store }, "ok"],
    ["a store of a class", { store: Object.create(store) }, "ok"],
    ["no store", {}, "TypeError"],
    ["a store of null", { store: null }, "TypeError"],
    ["a store that misses a method", { store: incomplete }, "TypeError"],
    ["a store whose method is no function", { store: { ...store, list: [] } }, "TypeError"],
    ["what makes a store, not called", { store: createMemoryStore }, "TypeError"],
    ["another prefix", { store, format: { prefix: "acme_" } }, "ok"],
    ["a prefix that cannot be", { store, format: { prefix: "acme" } }, "RangeError"],
    ["a format of null", { store, format: null }, "TypeError"],
    ["a pepper", { store, pepper: "p".repeat(16) }, "ok"],
    ["a short pepper", { store, pepper: "p".repeat(15) }, "RangeError"],
    ["an empty pepper, as of an unset variable", { store, pepper: "" }, "RangeError"],
    ["a pepper of null", { store, pepper: null }, "TypeError"],
    ["libraries", { store, libraries: () => [] }, "ok"],
    ["libraries as a list", { store, libraries: ["barcelona"] }, "TypeError"],
    ["a listener", { store, onEvent: () => {} }, "ok"],
    ["a listener of null", { store, onEvent: null }, "TypeError"],
    ["listeners in a list", { store, onEvent: [() => {}] }, "TypeError"],
    ["1 ms to answer", { store, storeTimeoutMs: 1 }, "ok"],
    ["600,000 ms to answer", { store, storeTimeoutMs: 600_000 }, "ok"],
    ["no time to answer", { store, storeTimeoutMs: 0 }, "RangeError"],
    ["negative time to answer", { store, storeTimeoutMs: -1 }, "RangeError"],
    ["more time than a timer can hold", { store, storeTimeoutMs: 600_001 }, "RangeError"],
    ["endless time to answer", { store, storeTimeoutMs: Infinity }, "RangeError"],
    ["time as text", { store, storeTimeoutMs: "5s" }, "TypeError"],
    ["time of null", { store, storeTimeoutMs: null }, "TypeError"],
    ["no lease", { store, leaseMs: 0 }, "ok"],
    ["a lease", { store, leaseMs: 30_000 }, "ok"],
    ["a lease of a minute", { store, leaseMs: 60_000 }, "RangeError"],
    ["a negative lease", { store, leaseMs: -1 }, "RangeError"],
    ["a lease in words", { store, leaseMs: "1s" }, "TypeError"],
    ["no room for leases", { store, leaseMs: 1, maxLeases: 0 }, "RangeError"],
    ["a clock that is none", { store, monotonicNow: 0 }, "TypeError"],
    ["no peppers", { store, pepper: [] }, "RangeError"],
    ["peppers, one of them short", { store, pepper: ["a".repeat(16), "short"] }, "RangeError"],
    ["peppers, one of them not set", { store, pepper: [undefined, "a".repeat(16)] }, "TypeError"],
    ["peppers, one of them a number", { store, pepper: [7] }, "TypeError"],
    ["a pepper before which there was none", { store, pepper: ["a".repeat(16), null] }, "ok"],
    ["a lease as text", { store, leaseMs: "0" }, "TypeError"],
    ["a clock", { store, now: () => 0 }, "ok"],
    ["a time for a clock", { store, now: Date.now() }, "TypeError"],
    ["an unknown option", { store, timeoutMs: 1000 }, "TypeError"],
    ["nothing", undefined, "TypeError"],
    ["a store in place of the options", store, "TypeError"],
  ])("with %s: %#", async (_, options, verdict) => {
    expect(await verdictOf(() => createApiKeys(options as never))).toBe(verdict);
  });

  it("names the method that is missing", async () => {
    const { message } = await errorOf(() => createApiKeys({ store: incomplete as never }));
    expect(message).toBe('"store.touch" expected a function, got undefined');
  });

  it("answers functions that work without the object, which nobody can change", async () => {
    const { apiKeys } = createFixture();
    const { create, authenticate, get, redact } = apiKeys;
    const organizationId = "monogram-labs";
    const { key, apiKey } = await create({ organizationId, name: "A" });
    expect(await get({ organizationId, id: apiKey.id })).toEqual(apiKey);
    expect(await authenticate(key)).toMatchObject({ ok: true });
    expect(redact(`Bearer ${key}`)).toBe(`Bearer ${apiKey.hint}`);
    expect(Object.isFrozen(apiKeys)).toBe(true);
  });

  it("calls the methods of a store on the store", async () => {
    class Wrapped {
      readonly #real = createMemoryStore();
      findByHash = (hash: string) => this.#real.findByHash(hash);
      list() {
        return this.#real.list("monogram-labs", 1, null);
      }
      insert(record: never) {
        return this.#real.insert(record);
      }
      findById = touchless;
      replace = touchless;
      delete = touchless;
      touch = touchless;
      raiseLease = touchless;
    }
    const { apiKeys } = createFixture({ store: new Wrapped() });
    await apiKeys.create({ organizationId: "monogram-labs", name: "A" });
    expect((await apiKeys.list({ organizationId: "monogram-labs" })).apiKeys).toHaveLength(1);
  });

  it("uses the system's clock and randomness when given none", async () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const before = Date.now();
    const { apiKey, key } = await apiKeys.create({ organizationId: "monogram-labs", name: "A" });
    expect(apiKey.createdAtMs).toBeGreaterThanOrEqual(before);
    expect(apiKey.createdAtMs).toBeLessThanOrEqual(Date.now());
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    expect(await apiKeys.authenticate("no key")).toEqual({ ok: false, reason: "malformed" });
  });

  it("takes ids from the same randomness as keys", async () => {
    let calls = 0;
    const fillRandom = (target: Uint8Array<ArrayBuffer>) => {
      target.forEach((_, i) => (target[i] = i + calls));
      calls++;
    };
    const { apiKeys } = createFixture({ format: { fillRandom } });
    const { apiKey, key } = await apiKeys.create({ organizationId: "monogram-labs", name: "A" });
    expect(key).toMatch(/^pk_0123456789ABCDEFGHIJKLMNOP/);
    expect(apiKey.id).toBe("key_123456789ABCDEFGHIJK");
  });
});

describe("internalsOf", () => {
  it.each([
    ["what createApiKeys returned", createFixture().apiKeys, "ok"],
    ["a copy of it", { ...createFixture().apiKeys }, "TypeError"],
    ["another object", {}, "TypeError"],
    ["undefined", undefined, "TypeError"],
    ["its options", { store }, "TypeError"],
  ])("of %s: %#", async (_, apiKeys, verdict) => {
    expect(await verdictOf(() => internalsOf(apiKeys as never))).toBe(verdict);
  });
});

function touchless(): never {
  expect.unreachable();
}
