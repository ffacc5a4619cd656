import { describe, expect, it } from "vitest";
import { createEmit } from "../../src/core/events.js";
import { internalsOf } from "../../src/core/api-keys.js";
import type { ApiKeyEvent } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, NOW_MS } from "../support/fixture.js";
import vectors from "../vectors/key.json" with { type: "json" };

const organizationId = "monogram-labs";
const UNKNOWN_KEY = vectors.valid[0]!.key;

/** One API key, its reference, and the events after its creation. */
async function createOne(options = {}) {
  const fixture = createFixture(options);
  const access = { barcelona: "write", lisbon: "read" } as const;
  const { key, apiKey } = await fixture.apiKeys.create({ organizationId, name: "Website", access });
  const created = fixture.events.splice(0);
  return { ...fixture, key, apiKey, created, ref: { organizationId, id: apiKey.id } };
}

describe("every event with its fields", () => {
  it("created", async () => {
    const { events, apiKeys } = createFixture();
    const access = { barcelona: "write" } as const;
    const { apiKey } = await apiKeys.create({ organizationId, name: "A", access, actor: "ada" });
    expect(events).toEqual([
      {
        type: "created",
        atMs: NOW_MS,
        organizationId,
        keyId: apiKey.id,
        actor: "ada",
        version: 1,
        access,
      },
    ]);
  });

  it("accessChanged, by setAccess, grant and revoke", async () => {
    const { apiKeys, events, clock, ref } = await createOne();
    clock.nowMs += 1000;
    await apiKeys.setAccess({ ...ref, actor: "ada" }, { porto: "read" });
    await apiKeys.grant({ ...ref, actor: null }, { libraryId: "porto", level: "write" });
    await apiKeys.revoke(ref, { libraryId: "porto" });
    const common = { type: "accessChanged", atMs: NOW_MS + 1000, organizationId, keyId: ref.id };
    expect(events).toEqual([
      {
        ...common,
        actor: "ada",
        version: 2,
        before: { barcelona: "write", lisbon: "read" },
        after: { porto: "read" },
      },
      { ...common, actor: null, version: 3, before: { porto: "read" }, after: { porto: "write" } },
      { ...common, actor: null, version: 4, before: { porto: "write" }, after: {} },
    ]);
  });

  it("updated, naming what changed and not what was set to what it was", async () => {
    const { apiKeys, events, ref } = await createOne();
    await apiKeys.update({ ...ref, actor: "ada" }, { name: "Website", enabled: false });
    await apiKeys.update(ref, { name: "Shop", expiresAtMs: NOW_MS + 1, enabled: true });
    const common = { type: "updated", atMs: NOW_MS, organizationId, keyId: ref.id };
    expect(events).toEqual([
      { ...common, actor: "ada", version: 2, changed: ["enabled"] },
      { ...common, actor: null, version: 3, changed: ["name", "expiresAtMs", "enabled"] },
    ]);
  });

  it("accessChanged and updated, for one write that did both", async () => {
    const { apiKeys, events, ref } = await createOne();
    const before = { barcelona: "write", lisbon: "read" } as const;
    await apiKeys.update({ ...ref, actor: "ada" }, { name: "Shop", access: { porto: "read" } });
    await apiKeys.update(ref, { name: "Blog", access: { porto: "read" } });
    await apiKeys.update(ref, { name: "Blog", access: before });
    const common = { atMs: NOW_MS, organizationId, keyId: ref.id };
    const porto = { porto: "read" };
    const byAda = { ...common, actor: "ada", version: 2 };
    expect(events).toEqual([
      { type: "accessChanged", ...byAda, before, after: porto },
      { type: "updated", ...byAda, changed: ["name"] },
      { type: "updated", ...common, actor: null, version: 3, changed: ["name"] },
      { type: "accessChanged", ...common, actor: null, version: 4, before: porto, after: before },
    ]);
  });

  it("regenerated", async () => {
    const { apiKeys, events, ref } = await createOne();
    await apiKeys.regenerate({ ...ref, actor: "ada" });
    expect(events).toEqual([
      {
        type: "regenerated",
        atMs: NOW_MS,
        organizationId,
        keyId: ref.id,
        actor: "ada",
        version: 2,
      },
    ]);
  });

  it("deleted", async () => {
    const { apiKeys, events, ref, clock } = await createOne();
    clock.nowMs += 5;
    await apiKeys.delete({ ...ref, actor: "ada" });
    expect(events).toEqual([
      { type: "deleted", atMs: NOW_MS + 5, organizationId, keyId: ref.id, actor: "ada" },
    ]);
  });

  it("refused, with the ids where the key names a record", async () => {
    const { apiKeys, events, clock, key, ref } = await createOne();
    await apiKeys.authenticate("pk_");
    await apiKeys.authenticate(UNKNOWN_KEY);
    await apiKeys.update(ref, { enabled: false });
    await apiKeys.authenticate(key);
    await apiKeys.update(ref, { enabled: true, expiresAtMs: NOW_MS + 1 });
    clock.nowMs += 1;
    await apiKeys.authenticate(key);
    const nobody = { type: "refused", atMs: NOW_MS, organizationId: null, keyId: null };
    const known = { type: "refused", organizationId, keyId: ref.id };
    expect(events.filter(({ type }) => type === "refused")).toEqual([
      { ...nobody, reason: "malformed" },
      { ...nobody, reason: "unknown" },
      { ...known, atMs: NOW_MS, reason: "disabled" },
      { ...known, atMs: NOW_MS + 1, reason: "expired" },
    ]);
  });

  it("refused, by the part that reads no store", async () => {
    const { apiKeys, events } = createFixture();
    expect(internalsOf(apiKeys).screen("no key")).toEqual({ ok: false, reason: "malformed" });
    expect(internalsOf(apiKeys).screen(UNKNOWN_KEY)).toBeNull();
    expect(events).toMatchObject([{ type: "refused", reason: "malformed" }]);
  });

  it("unavailable", async () => {
    const cause = new Error("down");
    const findByHash = () => Promise.reject(cause);
    const { apiKeys, events } = createFixture({ store: { ...createMemoryStore(), findByHash } });
    await apiKeys.authenticate(UNKNOWN_KEY);
    expect(events).toEqual([
      {
        type: "unavailable",
        atMs: NOW_MS,
        error: expect.objectContaining({ code: "UNAVAILABLE", cause }),
      },
    ]);
  });
});

describe("no event", () => {
  it("when a key was accepted, or nothing changed", async () => {
    const { apiKeys, events, key, ref } = await createOne();
    await apiKeys.authenticate(key);
    await apiKeys.get(ref);
    await apiKeys.list({ organizationId });
    await apiKeys.grant(ref, { libraryId: "barcelona", level: "read" });
    await apiKeys.revoke(ref, { libraryId: "porto" });
    await apiKeys.update(ref, { name: "Website", enabled: true, expiresAtMs: null });
    await apiKeys.update(ref, {});
    await apiKeys.update(ref, { name: "Website", access: { lisbon: "read", barcelona: "write" } });
    await apiKeys.delete({ ...ref, id: "key_of_nobody" });
    expect(events).toEqual([]);
  });

  it("when a write was refused", async () => {
    const { apiKeys, events, ref } = await createOne();
    const stale = { ...ref, version: 7 };
    const calls = [
      apiKeys.setAccess(stale, {}),
      apiKeys.grant(stale, { libraryId: "porto", level: "read" }),
      apiKeys.revoke(stale, { libraryId: "lisbon" }),
      apiKeys.update(stale, { name: "B" }),
      apiKeys.update(stale, { name: "B", access: {} }),
      apiKeys.regenerate(stale),
      apiKeys.delete(stale),
    ];
    const outcomes = await Promise.allSettled(calls);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(events).toEqual([]);
  });
});

describe("a listener that", () => {
  it.each<[string, () => unknown]>([
    ["throws", () => JSON.parse("{")],
    ["rejects", () => Promise.reject(new Error("audit log down"))],
    ["answers what is no promise, and throws later", () => ({ then: () => JSON.parse("{") })],
    [
      "answers what throws when looked at",
      () => Object.defineProperty({}, "then", { get: () => JSON.parse("{") }),
    ],
    ["never answers", () => new Promise(() => {})],
  ])("%s breaks nothing", async (_, onEvent) => {
    const { apiKeys, key, ref } = await createOne({ onEvent });
    expect(await apiKeys.authenticate("no key")).toEqual({ ok: false, reason: "malformed" });
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    await apiKeys.setAccess(ref, {});
    expect(await apiKeys.delete(ref)).toBe(true);
    await new Promise(setImmediate); // an unhandled rejection would fail the run
  });

  it("is not there costs nothing: no event is made", () => {
    expect(createEmit(undefined)).toBeNull();
  });

  it("calls back into this package is served", async () => {
    const answers: boolean[] = [];
    const { apiKeys, ref, key } = await createOne({
      async onEvent({ type }: ApiKeyEvent) {
        if (type === "regenerated") answers.push((await apiKeys.authenticate(key)).ok);
      },
    });
    await apiKeys.regenerate(ref);
    await new Promise(setImmediate);
    expect(answers).toEqual([false]);
  });
});
