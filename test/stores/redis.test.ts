import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createApiKeys, type KeyStore } from "../../src/index.js";
import * as scripts from "../../src/stores/redis-scripts.js";
import { createLayout, escape } from "../../src/stores/redis-layout.js";
import { createRedisStore } from "../../src/stores/redis.js";
import fc from "fast-check";
import { aText, errorOf, recordOf, verdictOf } from "../support/fixture.js";

/* What can be said without a server. Everything else is in test/services. */

const record = recordOf();
const ref = { organizationId: record.organizationId, id: record.id };

describe("options", () => {
  const command = async () => "";
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "TypeError"],
    ["no command", {}, "TypeError"],
    ["a client", { command: {} }, "TypeError"],
    ["another property", { command, client: {} }, "TypeError"],
    ["a prefix that is no text", { command, prefix: 1 }, "TypeError"],
    ["a prefix with a hash tag", { command, prefix: "{app}" }, "RangeError"],
    ["a prefix with half a hash tag", { command, prefix: "app}" }, "RangeError"],
    ["a prefix", { command, prefix: "app:keys" }, "ok"],
    ["no prefix", { command }, "ok"],
  ])("%s", async (_, options, verdict) => {
    expect(await verdictOf(() => createRedisStore(options as { command: typeof command }))).toBe(
      verdict,
    );
  });
});

const calls: Readonly<Record<string, (store: KeyStore) => unknown>> = {
  findByHash: (store) => store.findByHash(record.hash),
  findById: (store) => store.findById(ref),
  list: (store) => store.list(record.organizationId, 1, null),
  insert: (store) => store.insert(record),
  replace: (store) => store.replace(record, record),
  "replace with a new hash": (store) => store.replace(record, { version: 1, hash: "" }),
  delete: (store) => store.delete(ref),
  touch: (store) => store.touch({ ...ref, hash: "", atMs: 1, newHash: null }),
  "touch with a new hash": (store) => store.touch({ ...ref, hash: "", atMs: 1, newHash: "a" }),
  raiseLease: (store) => store.raiseLease(1),
};

describe.each(Object.entries(calls))("%s", (_, call) => {
  it("rejects with what the client rejects with, after one command", async () => {
    const cause = new Error("connection lost");
    const names: string[] = [];
    const command = async ([name]: readonly string[]) => {
      names.push(name!);
      throw cause;
    };
    expect(await errorOf(() => call(createRedisStore({ command })))).toBe(cause);
    expect(new Set(names)).toEqual(new Set(["EVALSHA"]));
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["true", true],
    ["an object", {}],
    ["a list with nothing in it", [null]],
    ["a list of numbers", [1, 2, 3, 4]],
  ])("takes %s for an outage, never for an answer", async (_name, answer) => {
    const store = createRedisStore({ command: async () => answer });
    expect(await errorOf(() => call(store))).toBeInstanceOf(TypeError);
  });
});

it("an outage is no unknown key", async () => {
  const store = createRedisStore({ command: async () => undefined });
  const apiKeys = createApiKeys({ store });
  const { key } = await createApiKeys({
    store: { ...store, insert: () => true },
  }).create({ organizationId: "monogram-labs", name: "Website" });
  expect(await apiKeys.authenticate(key)).toMatchObject({ ok: false, reason: "unavailable" });
});

describe("names of keys", () => {
  const layout = createLayout("p");

  it("are printable, without braces of an id, and as distinct as the ids", () => {
    fc.assert(
      fc.property(aText(0, 20), aText(0, 20), (a, b) => {
        const key = layout.recordKey(escape(a));
        expect(key).toMatch(/^p:\{key:[!-z~]*\}$/);
        expect(layout.intentKey(escape(a), "t").startsWith(`${key}:`)).toBe(true);
        expect(key === layout.recordKey(escape(b))).toBe(a === b);
      }),
    );
  });

  it("sort like ids, with what follows an id in a list", () => {
    const order = (a: string, b: string) => (a < b ? -1 : Number(a > b));
    fc.assert(
      fc.property(aText(0, 6), aText(0, 6), (a, b) => {
        expect(order(`${escape(a)} x`, `${escape(b)} x`)).toBe(order(a, b));
        // Where a page begins: after the id itself, before every longer one.
        expect(order(`${escape(a)}!`, `${escape(b)} x`) < 0).toBe(a < b);
      }),
    );
  });
});

it.each(Object.entries(scripts))("%s is known by its SHA-1", async (_, { text, sha1 }) => {
  expect(await sha1()).toBe(createHash("sha1").update(text).digest("hex"));
});
