import { describe, expect, it, vi } from "vitest";
import type { ApiKeys, ChangeRef } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf, verdictOf } from "../support/fixture.js";

const organizationId = "monogram-labs";
const access = { barcelona: "write", lisbon: "read" } as const;

async function createOne(options = {}) {
  const fixture = createFixture(options);
  const { key, apiKey } = await fixture.apiKeys.create({ organizationId, name: "Website", access });
  fixture.events.length = 0;
  return { ...fixture, key, apiKey, ref: { organizationId, id: apiKey.id } };
}

describe("the libraries that exist", () => {
  const exist = (organizationId: string, ids: readonly string[]) =>
    organizationId === "acme-co" ? [] : ids.filter((id) => id !== "atlantis");

  const calls: readonly [string, (apiKeys: ApiKeys, ref: ChangeRef, id: string) => unknown][] = [
    [
      "create",
      (apiKeys, _, id) =>
        apiKeys.create({ organizationId, name: "A", access: { lisbon: "read", [id]: "read" } }),
    ],
    ["setAccess", (apiKeys, ref, id) => apiKeys.setAccess(ref, { lisbon: "read", [id]: "write" })],
    ["update", (apiKeys, ref, id) => apiKeys.update(ref, { name: "B", access: { [id]: "read" } })],
    ["grant", (apiKeys, ref, id) => apiKeys.grant(ref, { libraryId: id, level: "read" })],
  ];

  it.each(calls)("%s of one that exists, and of one that does not", async (_, call) => {
    const { apiKeys, ref, events, apiKey } = await createOne({ libraries: exist });
    expect(await verdictOf(() => call(apiKeys, ref, "porto"))).toBe("ok");
    const { version } = (await apiKeys.get(ref))!;
    events.length = 0;
    const { name, message } = await errorOf(() => call(apiKeys, ref, "atlantis"));
    expect([name, message]).toEqual([
      "RangeError",
      '"access" names a library that does not exist: "atlantis"',
    ]);
    expect([events, (await apiKeys.get(ref))!.version, apiKey.version]).toEqual([[], version, 1]);
  });

  it.each(calls)("%s, when they are asked of a promise, a Set or a generator", async (_, call) => {
    const kinds = [
      async (_: string, ids: readonly string[]) => exist("", ids),
      (_: string, ids: readonly string[]) => new Set(exist("", ids)),
      function* (_: string, ids: readonly string[]) {
        yield* exist("", ids);
      },
    ];
    for (const libraries of kinds) {
      const { apiKeys, ref } = await createOne({ libraries });
      expect(await verdictOf(() => call(apiKeys, ref, "porto"))).toBe("ok");
      expect(await verdictOf(() => call(apiKeys, ref, "atlantis"))).toBe("RangeError");
    }
  });

  it.each<[string, () => unknown]>([
    ["throws", () => JSON.parse("{")],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["answers nothing", () => undefined],
    ["answers null", () => null],
    ["answers a boolean", () => true],
    ["answers an object", () => ({ porto: true })],
  ])("a host that %s is an outage", async (_, libraries) => {
    const { apiKeys, ref } = await createOne();
    const broken = createFixture({ libraries: libraries as never, store: createMemoryStore() });
    const options = { organizationId, name: "A", access };
    expect(await verdictOf(() => broken.apiKeys.create(options))).toBe("UNAVAILABLE");
    expect((await broken.apiKeys.list({ organizationId })).apiKeys).toEqual([]);
    expect(await apiKeys.get(ref)).not.toBeNull();
  });

  it("is not asked about an empty table or a removal, and is told the organization", async () => {
    const libraries = vi.fn(exist);
    const { apiKeys, ref } = await createOne({ libraries });
    expect(libraries.mock.calls).toEqual([[organizationId, ["barcelona", "lisbon"]]]);
    await apiKeys.revoke(ref, { libraryId: "atlantis" });
    await apiKeys.setAccess(ref, {});
    await apiKeys.update(ref, { access: {}, name: "B" });
    await apiKeys.update(ref, { name: "C", enabled: false });
    await apiKeys.create({ organizationId: "acme-co", name: "A" });
    expect(libraries).toHaveBeenCalledTimes(1);
    const foreign = { organizationId: "acme-co", name: "A", access };
    expect(await verdictOf(() => apiKeys.create(foreign))).toBe("RangeError");
  });
});
