import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { internalsOf } from "../../src/core/api-keys.js";
import { createHashers, createKeyHasher } from "../../src/core/hash.js";
import type { ApiKeyEvent, ApiKeys, Found, KeyStore, KeyUse, Pepper } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, NOW_MS } from "../support/fixture.js";
import { delayed } from "../support/stores.js";
import { pass, turn, useVirtualTime } from "../support/virtual-time.js";

const organizationId = "monogram-labs";
const OLD = "old pepper, of 16 bytes and more";
const NEW = new Uint8Array(32).fill(7);
const THIRD = "a third pepper of enough bytes";

type Peppers = Pepper | readonly (Pepper | null)[] | undefined;

const under = (store: KeyStore, pepper: Peppers, leaseMs = 0) =>
  createFixture({ store, leaseMs, now: Date.now, ...(pepper !== undefined && { pepper }) });

const digestOf = (key: string, pepper?: Pepper) => createKeyHasher(pepper)(key);

describe("createHashers", () => {
  const key = "pk_00000000000000000000000000000000";
  it.each<[string, Peppers, readonly (Pepper | undefined)[]]>([
    ["none", undefined, [undefined]],
    ["one", OLD, [OLD]],
    ["bytes", NEW, [NEW]],
    ["one in a list", [OLD], [OLD]],
    ["several", [NEW, OLD, null], [NEW, OLD, undefined]],
    ["none, in a list", [null], [undefined]],
  ])("answers one for each of %s", (_, peppers, expected) => {
    const digests = createHashers(peppers).map((hash) => hash(key));
    expect(digests).toEqual(expected.map((pepper) => digestOf(key, pepper)));
  });
});

describe("a rotation", () => {
  useVirtualTime();

  /** A store with a key under one pepper. */
  async function createOne(pepper: Peppers, wrap = (store: KeyStore): KeyStore => store) {
    const memory = createMemoryStore();
    const store = wrap(memory);
    const issuer = under(store, pepper).apiKeys;
    const access = { barcelona: "write", lisbon: "read" } as const;
    const { key, apiKey } = await issuer.create({ organizationId, name: "A", access });
    const ref = { organizationId, id: apiKey.id };
    const record = () => (memory.findById(ref) as Found).record!;
    return { memory, store, key, ref, record, issuer };
  }

  const isAccepted = async (apiKeys: ApiKeys, key: string) => (await apiKeys.authenticate(key)).ok;

  it.each<[string, Peppers, Peppers, boolean]>([
    ["the same", OLD, OLD, true],
    ["another", OLD, NEW, false],
    ["none", OLD, undefined, false],
    ["none before", undefined, OLD, false],
    ["a new one first", OLD, [NEW, OLD], true],
    ["a new one last", OLD, [OLD, NEW], true],
    ["three", OLD, [NEW, THIRD, OLD], true],
    ["none before, said so", undefined, [NEW, null], true],
    ["none before, said so last of three", undefined, [NEW, OLD, null], true],
    ["none now, said so", OLD, [null, OLD], true],
    ["two others", OLD, [NEW, THIRD], false],
    ["the current of several", [OLD, NEW], OLD, true],
    ["the last of several", [OLD, NEW], NEW, false],
  ])("to %s: %#", async (_, before, after, verdict) => {
    const { store, key } = await createOne(before);
    expect(await isAccepted(under(store, after).apiKeys, key)).toBe(verdict);
  });

  it.each([0, 1000])("in three steps refuses nobody; lease %d ms", async (leaseMs) => {
    const { memory, key: first } = await createOne(OLD);
    const instances: ApiKeys[] = Array.from(
      { length: 3 },
      () => under(memory, OLD, leaseMs).apiKeys,
    );
    const keys = [first];
    const steps: readonly Peppers[] = [[OLD, NEW], [NEW, OLD], NEW];
    for (const step of steps) {
      // One instance after the other is restarted, while all are in use.
      for (let i = 0; i < instances.length; i++) {
        instances[i] = under(memory, step, leaseMs).apiKeys;
        for (const [n, instance] of instances.entries()) {
          const { key } = await instance.create({ organizationId, name: `${n}` });
          keys.push(key);
          for (const one of instances) {
            for (const each of keys) expect(await isAccepted(one, each)).toBe(true);
            await turn();
          }
        }
        await pass(61_000);
      }
      for (const one of instances) {
        for (const each of keys) expect(await isAccepted(one, each)).toBe(true);
        await pass(61_000);
      }
    }
    expect(keys).toHaveLength(28);
    const records = memory.list(organizationId, 100, null) as readonly { hash: string }[];
    expect(new Set(records.map(({ hash }) => hash))).toEqual(
      new Set(keys.map((key) => digestOf(key, NEW))),
    );
  });

  it("moves a key by its use: digest and time, and nothing else", async () => {
    const { memory, key, ref, record } = await createOne(OLD);
    const before = record();
    const { apiKeys, events } = under(memory, [NEW, OLD]);
    const { verify } = internalsOf(apiKeys);
    expect(verify(key)).toMatchObject({ ok: true, caller: { version: 1 } });
    expect(record().hash).toBe(digestOf(key, OLD)); // not by the request itself
    await turn();
    expect({ ...record() }).toEqual({ ...before, hash: digestOf(key, NEW), lastUsedAtMs: NOW_MS });
    expect(events).toEqual([]);
    expect(await apiKeys.get(ref)).toMatchObject({ version: 1, updatedAtMs: before.updatedAtMs });
    // What a manager read before is still the version to change.
    expect(await apiKeys.setAccess({ ...ref, version: 1 }, {})).toMatchObject({ version: 2 });
  });

  it("moves a key although it was used a moment ago", async () => {
    const { memory, key, record, issuer } = await createOne(OLD);
    await isAccepted(issuer, key);
    await turn();
    await isAccepted(under(memory, [NEW, OLD]).apiKeys, key);
    await turn();
    expect(record()).toMatchObject({ hash: digestOf(key, NEW), lastUsedAtMs: NOW_MS });
  });

  it.each<[string, (one: { apiKeys: ApiKeys; key: string; ref: Ref }) => unknown]>([
    ["disabled", async ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false })],
    [
      "expired",
      async ({ apiKeys, ref }) => {
        await apiKeys.update(ref, { expiresAtMs: Date.now() + 1 });
        await pass(1);
      },
    ],
  ])("does not move a key that is %s", async (_, kill) => {
    const { memory, key, ref, record } = await createOne(OLD);
    const { apiKeys } = under(memory, [NEW, OLD]);
    await kill({ apiKeys, key, ref });
    expect(await isAccepted(apiKeys, key)).toBe(false);
    await turn();
    expect(record().hash).toBe(digestOf(key, OLD));
  });

  it("looks a key up under one pepper after the other, and none is malformed", async () => {
    const asked: string[] = [];
    const { store, key } = await createOne(OLD, (memory) => ({
      ...memory,
      findByHash: (hash) => (asked.push(hash), memory.findByHash(hash)),
    }));
    const { apiKeys, events } = under(store, [NEW, THIRD, OLD, null]);
    await isAccepted(apiKeys, key);
    expect(asked).toEqual([NEW, THIRD, OLD].map((pepper) => digestOf(key, pepper)));
    asked.length = 0;
    await turn();
    await isAccepted(apiKeys, key);
    expect(asked).toEqual([digestOf(key, NEW)]);
    asked.length = 0;
    await apiKeys.delete({
      organizationId,
      id: (await apiKeys.list({ organizationId })).apiKeys[0]!.id,
    });
    expect(await apiKeys.authenticate(key)).toEqual({ ok: false, reason: "unknown" });
    expect(asked).toEqual([NEW, THIRD, OLD, undefined, NEW].map((pepper) => digestOf(key, pepper)));
    expect(events.filter(({ type }) => type === "refused")).toHaveLength(1);
  });

  interface Ref {
    readonly organizationId: string;
    readonly id: string;
  }

  describe("and a caller", () => {
    async function createCaller(from: Peppers, to: Peppers, leaseMs = 0) {
      const one = await createOne(from);
      const { apiKeys } = under(one.memory, to, leaseMs);
      const result = await apiKeys.authenticate(one.key);
      if (!result.ok) expect.unreachable();
      return { ...one, apiKeys, caller: result.caller };
    }

    it.each([0, 1000])(
      "that was let in before its key was moved lives on; lease %d ms",
      async (leaseMs) => {
        const { caller, record, key } = await createCaller(OLD, [NEW, OLD], leaseMs);
        expect(await caller.current()).toMatchObject({ id: caller.id });
        await turn();
        expect(record().hash).toBe(digestOf(key, NEW));
        for (let i = 0; i < 5; i++) {
          expect(await caller.current()).toMatchObject({ id: caller.id, version: 1 });
          await pass(700);
        }
      },
    );

    it("that was found under the current pepper survives that an older instance moves its key back", async () => {
      const { caller, record, key, memory } = await createCaller(NEW, [NEW, OLD]);
      await isAccepted(under(memory, [OLD, NEW]).apiKeys, key);
      await turn();
      expect(record().hash).toBe(digestOf(key, OLD));
      expect(await caller.current()).toMatchObject({ id: caller.id });
      const again = await caller.current();
      expect(await again!.current()).toMatchObject({ id: caller.id });
    });

    it("is dead once its key is regenerated or deleted, moved or not", async () => {
      for (const isMoved of [false, true]) {
        for (const kill of ["regenerate", "delete"] as const) {
          const { caller, apiKeys, ref } = await createCaller(OLD, [NEW, OLD]);
          if (isMoved) await turn();
          await apiKeys[kill](ref);
          await turn();
          expect(await caller.current()).toBeNull();
        }
      }
    });

    it("is told of a store that fails at any of the look-ups", async () => {
      const { memory, key } = await createOne(OLD);
      for (let failing = 0; failing < 3; failing++) {
        let n = 0;
        let isBroken = false;
        const findByHash: KeyStore["findByHash"] = (hash) => {
          if (isBroken && n++ === failing) throw new Error("down");
          return isBroken ? { record: null, leaseMs: 0 } : memory.findByHash(hash);
        };
        const store = { ...memory, findByHash, touch: () => {} };
        const { apiKeys } = under(store, [NEW, OLD]);
        const result = await apiKeys.authenticate(key);
        if (!result.ok) expect.unreachable();
        isBroken = true;
        await expect((async () => result.caller.current())()).rejects.toMatchObject({
          code: "UNAVAILABLE",
        });
        n = 0;
        expect(await apiKeys.authenticate(key)).toMatchObject({ ok: false, reason: "unavailable" });
      }
    });
  });

  it("finds a key that moves between two look-ups", async () => {
    let move: (() => void) | null = null;
    const { store, memory, key, ref, record } = await createOne(OLD, (memory) => ({
      ...memory,
      findByHash(hash) {
        const found = memory.findByHash(hash);
        move?.();
        return found;
      },
    }));
    const [oldHash, newHash] = [digestOf(key, OLD), digestOf(key, NEW)];
    move = () => void memory.touch({ ...ref, hash: oldHash, atMs: NOW_MS, newHash });
    for (const wrapped of [store, delayed(store, turn)]) {
      memory.touch({ ...ref, hash: newHash, atMs: NOW_MS, newHash: oldHash });
      expect(record().hash).toBe(oldHash);
      expect(await isAccepted(under(wrapped, [NEW, OLD]).apiKeys, key)).toBe(true);
    }
  });

  it("under leases finds a key that another instance has moved", async () => {
    const { memory, key } = await createOne(OLD);
    const [a, b] = [1, 2].map(() => under(memory, [NEW, OLD], 1000).apiKeys);
    expect(await isAccepted(a!, key)).toBe(true);
    await turn();
    for (let i = 0; i < 30; i++) {
      expect([await isAccepted(a!, key), await isAccepted(b!, key)]).toEqual([true, true]);
      await pass(100);
    }
  });

  it.each<[string, (apiKeys: ApiKeys, ref: Ref) => Promise<unknown>]>([
    ["setAccess", (apiKeys, ref) => apiKeys.setAccess({ ...ref, version: 1 }, { porto: "read" })],
    ["regenerate", (apiKeys, ref) => apiKeys.regenerate({ ...ref, version: 1 })],
    [
      "update at a version",
      (apiKeys, ref) => apiKeys.update({ ...ref, version: 1 }, { name: "B" }),
    ],
    ["grant", (apiKeys, ref) => apiKeys.grant(ref, { libraryId: "porto", level: "read" })],
  ])("between the read and the write of %s is no conflict", async (_, change) => {
    const { memory, key, ref, record } = await createOne(OLD);
    let isMoved = false;
    const replace: KeyStore["replace"] = (record, before) => {
      if (!isMoved) {
        isMoved = true;
        memory.touch({ ...ref, hash: before.hash, atMs: NOW_MS, newHash: digestOf(key, NEW) });
      }
      return memory.replace(record, before);
    };
    const { apiKeys } = under({ ...memory, replace }, [NEW, OLD]);
    expect(await change(apiKeys, ref)).toBeTruthy();
    expect(record()).toMatchObject({ version: 2, lastUsedAtMs: NOW_MS });
    // Its key was not moved back by what was read before.
    expect(record().hash).not.toBe(digestOf(key, OLD));
  });

  it("that goes on for ever between read and write is a conflict in the end", async () => {
    const { memory, key, ref } = await createOne(OLD);
    const digests = [digestOf(key, OLD), digestOf(key, NEW)];
    const replace: KeyStore["replace"] = (record, before) => {
      const newHash = digests.find((digest) => digest !== before.hash)!;
      memory.touch({ ...ref, hash: before.hash, atMs: NOW_MS, newHash });
      return memory.replace(record, before);
    };
    const { apiKeys } = under({ ...memory, replace }, [NEW, OLD]);
    await expect(apiKeys.regenerate(ref)).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("whatever the order in which a store's answers arrive", () => {
  it("a move never revives a key that was regenerated or deleted, nor undoes a change", async () => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom("regenerate", "delete", "revoke"),
      async (scheduler, kind) => {
        const memory = createMemoryStore();
        const issuer = under(memory, OLD).apiKeys;
        const access = { lisbon: "read" } as const;
        const { key, apiKey } = await issuer.create({ organizationId, name: "A", access });
        const ref = { organizationId, id: apiKey.id };
        const slow = delayed(memory, () => scheduler.schedule(Promise.resolve()));
        const events: ApiKeyEvent[] = [];
        const { apiKeys } = createFixture({
          store: slow,
          pepper: [NEW, OLD],
          onEvent: (event) => events.push(event),
        });
        const uses = [1, 2].map(() => apiKeys.authenticate(key));
        const change =
          kind === "revoke"
            ? apiKeys.revoke(ref, { libraryId: "lisbon" })
            : apiKeys[kind as "regenerate"](ref);
        await scheduler.waitFor(Promise.all([...uses, change]));
        await scheduler.waitFor(apiKeys.close());
        const now = under(memory, [NEW, OLD]).apiKeys;
        const result = await now.authenticate(key);
        if (kind === "revoke") {
          if (!result.ok) expect.unreachable();
          expect(result.caller.libraries("read")).toEqual([]);
        } else expect(result).toEqual({ ok: false, reason: "unknown" });
        expect(memory.findById(ref)).toMatchObject({
          record: kind === "delete" ? null : { version: 2 },
        });
        expect(events.some(({ type }) => type === "unavailable")).toBe(false);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it("the store is given digests only", async () => {
    const seen: KeyUse[] = [];
    const memory = createMemoryStore();
    const { key } = await under(memory, OLD).apiKeys.create({ organizationId, name: "A" });
    const { apiKeys } = under({ ...memory, touch: (use) => void seen.push(use) }, [NEW, OLD]);
    await apiKeys.authenticate(key);
    await apiKeys.close();
    expect(seen).toEqual([
      expect.objectContaining({ hash: digestOf(key, OLD), newHash: digestOf(key, NEW) }),
    ]);
  });
});
