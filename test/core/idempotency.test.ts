/** One wish makes one key, however often, and on however many instances, it is sent. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIdDeriver } from "../../src/core/derived-id.js";
import type {
  ApiKeyError,
  ApiKeys,
  Caller,
  CreateOptions,
  IssuedKey,
  KeyStore,
} from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf, recordOf, verdictOf } from "../support/fixture.js";
import { delayed } from "../support/stores.js";

const organizationId = "monogram-labs";
const wish = { organizationId, name: "Website", idempotencyKey: "form-1" };

/** Two instances of one store. */
function createTwo(options = {}) {
  const store = createMemoryStore();
  const [one, two] = [createFixture({ store, ...options }), createFixture({ store, ...options })];
  return { store, one: one.apiKeys, two: two.apiKeys, events: [one.events, two.events] };
}

describe("create with an idempotency key", () => {
  it("makes one key; sent again, it is a conflict with what was made, without the secret", async () => {
    const { one, two, events, store } = createTwo();
    const { key, apiKey } = await one.create({ ...wish, access: { porto: "read" } });
    for (const again of [one, two]) {
      const error = (await errorOf(() => again.create({ ...wish, name: "Other" }))) as ApiKeyError;
      expect(error).toMatchObject({ code: "CONFLICT", apiKey });
      expect(JSON.stringify(error) + error.message + error.stack).not.toContain(key);
      expect(error.apiKey).not.toHaveProperty("hash");
    }
    expect(await two.authenticate(key)).toMatchObject({ ok: true });
    expect(store.list(organizationId, 10, null)).toHaveLength(1);
    expect(events.flat()).toMatchObject([{ type: "created", keyId: apiKey.id }]);
  });

  it("carries the key as it is by now", async () => {
    const { one, two } = createTwo();
    const { apiKey } = await one.create(wish);
    const now = await two.update({ organizationId, id: apiKey.id }, { name: "Shop" });
    expect(await errorOf(() => one.create(wish))).toMatchObject({ code: "CONFLICT", apiKey: now });
  });

  it.each<[string, Partial<CreateOptions>]>([
    ["another wish", { idempotencyKey: "form-2" }],
    ["a wish in other letters", { idempotencyKey: "FORM-1" }],
    ["the wish of another organization", { organizationId: "acme-co" }],
  ])("%s makes another key", async (_, other) => {
    const { one } = createTwo();
    const first = await one.create(wish);
    const second = await one.create({ ...wish, ...other });
    expect(second.apiKey.id).not.toBe(first.apiKey.id);
    expect(second.key).not.toBe(first.key);
  });

  it("has nothing in common with a key of the same wish that was deleted, but its id", async () => {
    const { one } = createTwo();
    const first = await one.create(wish);
    const ref = { organizationId, id: first.apiKey.id };
    const { caller: before } = (await one.authenticate(first.key)) as { caller: Caller };
    await one.delete(ref);
    const second = await one.create(wish);
    const { caller: after } = (await one.authenticate(second.key)) as { caller: Caller };
    expect(after.id).toBe(before.id);
    expect(after.fence).not.toEqual(before.fence);
    expect(after.cacheKey).not.toBe(before.cacheKey);
    expect(await before.current()).toBeNull();
    const stale = { ...ref, version: first.apiKey.version };
    expect(await verdictOf(() => one.setAccess(stale, { porto: "write" }))).toBe("CONFLICT");
    expect(await verdictOf(() => one.delete(stale))).toBe("CONFLICT");
  });

  it("begins at a version that leaves room for a billion changes in 31 bits", async () => {
    const { one } = createTwo();
    const versions = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const { apiKey } = await one.create({ ...wish, idempotencyKey: `form-${i}` });
      versions.add(apiKey.version);
    }
    expect(versions.size).toBe(200);
    expect(Math.min(...versions)).toBeGreaterThan(0);
    expect(Math.max(...versions)).toBeLessThan(2 ** 30);
  });

  it("without one every call makes a key", async () => {
    const { one } = createTwo();
    const { idempotencyKey: _, ...plain } = wish;
    const ids = [await one.create(plain), await one.create(plain)].map(({ apiKey }) => apiKey.id);
    expect(new Set(ids).size).toBe(2);
  });

  it("may be corrected and sent again when it was refused, or the store failed before it wrote", async () => {
    const store = createMemoryStore();
    let isDown = true;
    const failing: KeyStore = {
      ...store,
      insert(record) {
        if (isDown) throw new Error("down");
        return store.insert(record);
      },
    };
    const { apiKeys } = createFixture({ store: failing, libraries: () => ["porto"] });
    const wrong = { ...wish, access: { atlantis: "read" } } as const;
    expect(await verdictOf(() => apiKeys.create(wrong))).toBe("RangeError");
    expect(await verdictOf(() => apiKeys.create({ ...wish, name: "" }))).toBe("RangeError");
    expect(await verdictOf(() => apiKeys.create(wish))).toBe("UNAVAILABLE");
    isDown = false;
    expect(await verdictOf(() => apiKeys.create(wish))).toBe("ok");
  });

  it("is a conflict when the store wrote and its answer was lost", async () => {
    const store = createMemoryStore();
    const losing: KeyStore = {
      ...store,
      insert: (record) => (store.insert(record), Promise.reject(new Error("lost"))),
    };
    const { apiKeys } = createFixture({ store: losing });
    expect(await verdictOf(() => apiKeys.create(wish))).toBe("UNAVAILABLE");
    const again = createFixture({ store }).apiKeys;
    const error = (await errorOf(() => again.create(wish))) as ApiKeyError;
    expect([error.code, error.apiKey?.name]).toEqual(["CONFLICT", "Website"]);
  });

  it("says null where what it made is gone before it can be read", async () => {
    const { one, store } = createTwo();
    const { apiKey } = await one.create(wish);
    const deleting: KeyStore = {
      ...store,
      insert(record) {
        const isNew = store.insert(record);
        store.delete(apiKey);
        return isNew;
      },
    };
    const { apiKeys } = createFixture({ store: deleting });
    const error = await errorOf(() => apiKeys.create(wish));
    expect(error).toMatchObject({ code: "CONFLICT", apiKey: null });
  });

  it("shows nothing of another organization whose record has the id", async () => {
    const { one, store } = createTwo();
    const id = createIdDeriver()(organizationId, wish.idempotencyKey);
    store.insert(recordOf({ organizationId: "acme-co", id }));
    const error = await errorOf(() => one.create(wish));
    expect(error).toMatchObject({ code: "CONFLICT", apiKey: null });
  });

  it("makes another key, with another secret, once its key was deleted", async () => {
    const { one } = createTwo();
    const first = await one.create(wish);
    await one.delete({ organizationId, id: first.apiKey.id });
    const second = await one.create(wish);
    expect(second.apiKey.id).toBe(first.apiKey.id);
    expect(await one.authenticate(first.key)).toEqual({ ok: false, reason: "unknown" });
  });

  it("is the same under another pepper", async () => {
    const store = createMemoryStore();
    const instances = ["a pepper of one instance", "a pepper of the other one"].map(
      (pepper) => createFixture({ store, pepper }).apiKeys,
    );
    await instances[0]!.create(wish);
    expect(await verdictOf(() => instances[1]!.create(wish))).toBe("CONFLICT");
  });

  it("of several at once, in whatever order answers arrive, exactly one makes a key", async () => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 2, max: 5 }),
      async (scheduler, count) => {
        const store = createMemoryStore();
        const slow = delayed(store, () => scheduler.schedule(Promise.resolve()));
        const instances = Array.from({ length: count }, () => createFixture({ store: slow }));
        const calls = instances.map(({ apiKeys }: { apiKeys: ApiKeys }) => apiKeys.create(wish));
        const outcomes = await scheduler.waitFor(Promise.allSettled(calls));
        const made = outcomes.flatMap((outcome): IssuedKey[] =>
          outcome.status === "fulfilled" ? [outcome.value] : [],
        );
        expect(made).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === "fulfilled") continue;
          expect(outcome.reason).toMatchObject({ code: "CONFLICT", apiKey: made[0]!.apiKey });
        }
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});
