import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyHasher } from "../../src/core/hash.js";
import type { ApiKey, ApiKeyRecord, ApiKeys, ChangeRef, KeyStore, Level } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture, errorOf } from "../support/fixture.js";
import { delayed } from "../support/stores.js";

const organizationId = "monogram-labs";
const hash = createKeyHasher();

/** What a call changes, as a model of the record: access as a Map, and the key by its digest. */
interface State {
  readonly access: ReadonlyMap<string, Level>;
  readonly name: string;
  readonly hash: string;
}

interface Call {
  readonly toString: () => string;
  /** Makes the call; answers the new key where there is one. */
  readonly run: (apiKeys: ApiKeys, ref: ChangeRef) => Promise<{ apiKey: ApiKey; key?: string }>;
  /** What the state must be afterwards, given the new key. */
  readonly apply: (state: State, key: string | undefined) => State;
}

const libraryId = fc.constantFrom("a", "b", "__proto__");
const level = fc.constantFrom<Level>("read", "write");
const only = async (apiKey: Promise<ApiKey>) => ({ apiKey: await apiKey });

const aGrant = fc.record({ libraryId, level }).map((library): Call => ({
  toString: () => `grant ${library.level} on ${library.libraryId}`,
  run: (apiKeys, ref) => only(apiKeys.grant(ref, library)),
  apply(state) {
    const access = new Map(state.access);
    const level = access.get(library.libraryId) === "write" ? "write" : library.level;
    return { ...state, access: access.set(library.libraryId, level) };
  },
}));

const aRevocation = libraryId.map((libraryId): Call => ({
  toString: () => `revoke ${libraryId}`,
  run: (apiKeys, ref) => only(apiKeys.revoke(ref, { libraryId })),
  apply(state) {
    return { ...state, access: new Map([...state.access].filter(([id]) => id !== libraryId)) };
  },
}));

const aTable = fc.dictionary(libraryId, level).map((table): Call => ({
  toString: () => `setAccess ${JSON.stringify(table)}`,
  run: (apiKeys, ref) => only(apiKeys.setAccess(ref, Object.fromEntries(Object.entries(table)))),
  apply: (state) => ({ ...state, access: new Map(Object.entries(table)) }),
}));

const aName = fc.constantFrom("x", "y").map((name): Call => ({
  toString: () => `rename to ${name}`,
  run: (apiKeys, ref) => only(apiKeys.update(ref, { name })),
  apply: (state) => ({ ...state, name }),
}));

const aSave = fc
  .record({ name: fc.constantFrom("x", "y"), table: fc.dictionary(libraryId, level) })
  .map(({ name, table }): Call => ({
    toString: () => `save ${name} ${JSON.stringify(table)}`,
    run: (apiKeys, ref) =>
      only(apiKeys.update(ref, { name, access: Object.fromEntries(Object.entries(table)) })),
    apply: (state) => ({ ...state, name, access: new Map(Object.entries(table)) }),
  }));

const aRegeneration = fc.constant<Call>({
  toString: () => "regenerate",
  run: (apiKeys, ref) => apiKeys.regenerate(ref),
  apply: (state, key) => ({ ...state, hash: hash(key!) }),
});

const aCall = fc.oneof(aGrant, aRevocation, aTable, aName, aSave, aRegeneration);

/** One API key in a memory store, whose every state is noted, behind a store that waits. */
async function createOne(wait: () => PromiseLike<unknown>) {
  const store = createMemoryStore();
  const states: State[] = [];
  const note = (record: ApiKeyRecord) => {
    expect(record.version).toBe(states.length + 1); // versions grow by one, and by nothing else
    const access = new Map(Object.entries(record.access));
    states.push({ access, name: record.name, hash: record.hash });
  };
  const noting: KeyStore = {
    ...store,
    insert: (record) => (note(record), store.insert(record)),
    replace(record, before) {
      const replaced = store.replace(record, before) as boolean;
      if (replaced) note(record);
      return replaced;
    },
  };
  const { apiKeys: setUp } = createFixture({ store: noting });
  const access = { a: "read" } as const;
  const { key, apiKey } = await setUp.create({ organizationId, name: "A", access });
  const { apiKeys, events } = createFixture({ store: delayed(noting, wait) });
  return { apiKeys, events, store, states, key, ref: { organizationId, id: apiKey.id } };
}

const gently = { numRuns: 300 };

describe("whatever the order in which a store's answers arrive", () => {
  it("no update is lost: replaying the writes by version gives every state", async () => {
    const calls = fc.array(aCall, { minLength: 2, maxLength: 6 });
    const property = fc.asyncProperty(fc.scheduler(), calls, async (scheduler, calls) => {
      const one = await createOne(() => scheduler.schedule(Promise.resolve()));
      const settled = await scheduler.waitFor(
        Promise.allSettled(
          calls.map((call, i) => call.run(one.apiKeys, { ...one.ref, actor: String(i) })),
        ),
      );
      // One write may be two events: of access, and of the rest.
      const versions = new Set(one.events.map((event) => ("version" in event ? event.version : 0)));
      expect([...versions].toSorted((a, b) => a - b)).toEqual(
        one.states.slice(1).map((_, i) => i + 2),
      );
      for (const event of one.events) {
        if (!("actor" in event) || !("version" in event)) expect.unreachable();
        const { version, actor } = event;
        const outcome = settled[Number(actor)]!;
        if (outcome.status === "rejected") expect.unreachable();
        const before = one.states[version - 2]!;
        const after = calls[Number(actor)]!.apply(before, outcome.value.key);
        expect(one.states[version - 1]).toEqual(after);
      }
      for (const [i, outcome] of settled.entries()) {
        if (outcome.status === "rejected") {
          expect(outcome.reason).toMatchObject({ code: "CONFLICT", apiKey: { id: one.ref.id } });
          continue;
        }
        // What a call answered is how the key was once, and the call's wish was true then.
        const { apiKey, key } = outcome.value;
        const state = one.states[apiKey.version - 1]!;
        expect(new Map(Object.entries(apiKey.access))).toEqual(state.access);
        expect(calls[i]!.apply(state, key)).toEqual(state);
      }
    });
    await fc.assert(property, gently);
  });

  it("grants, revocations and renames of different things all succeed", async () => {
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const one = await createOne(() => scheduler.schedule(Promise.resolve()));
      const { apiKeys, ref } = one;
      await scheduler.waitFor(
        Promise.all([
          apiKeys.grant(ref, { libraryId: "b", level: "read" }),
          apiKeys.grant(ref, { libraryId: "c", level: "write" }),
          apiKeys.revoke(ref, { libraryId: "a" }),
          apiKeys.update(ref, { name: "B" }),
        ]),
      );
      expect(one.store.findById(ref)).toMatchObject({ record: { version: 5, name: "B" } });
      expect(one.states.at(-1)!.access).toEqual(
        new Map([
          ["b", "read"],
          ["c", "write"],
        ]),
      );
    });
    await fc.assert(property, gently);
  });

  it("of regenerations of one version, exactly one wins; the others are told what is", async () => {
    const count = fc.integer({ min: 2, max: 5 });
    const property = fc.asyncProperty(fc.scheduler(), count, async (scheduler, count) => {
      const one = await createOne(() => scheduler.schedule(Promise.resolve()));
      const attempts = Array.from({ length: count }, () =>
        one.apiKeys.regenerate({ ...one.ref, version: 1 }),
      );
      const settled = await scheduler.waitFor(Promise.allSettled(attempts));
      const winners = settled.filter((outcome) => outcome.status === "fulfilled");
      const losers = settled.filter((outcome) => outcome.status === "rejected");
      expect([winners.length, losers.length]).toEqual([1, count - 1]);
      const { key, apiKey } = winners[0]!.value;
      expect(losers.map(({ reason }) => [reason.code, reason.apiKey])).toEqual(
        losers.map(() => ["CONFLICT", apiKey]),
      );
      const { authenticate } = createFixture({ store: one.store }).apiKeys;
      expect(await authenticate(key)).toMatchObject({ ok: true, caller: { version: 2 } });
      expect(await authenticate(one.key)).toEqual({ ok: false, reason: "unknown" });
    });
    await fc.assert(property, gently);
  });

  it("dead stays dead: no key is accepted after what killed it has resolved", async () => {
    const calls = fc.array(fc.oneof(aRegeneration, aGrant, aTable), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(fc.scheduler(), calls, async (scheduler, calls) => {
      const one = await createOne(() => scheduler.schedule(Promise.resolve()));
      const issued: { readonly key: string; readonly version: number }[] = [
        { key: one.key, version: 1 },
      ];
      let aliveFrom = 1; // keys of older versions are dead
      const checks: Promise<void>[] = [];
      const check = () => {
        for (const { key, version } of issued.filter(({ version }) => version < aliveFrom)) {
          const verdict = one.apiKeys.authenticate(key);
          checks.push(verdict.then(({ ok }) => expect([version, ok]).toEqual([version, false])));
        }
      };
      const changes = calls.map((call) =>
        call.run(one.apiKeys, one.ref).then(({ apiKey, key }) => {
          if (key !== undefined) {
            issued.push({ key, version: apiKey.version });
            aliveFrom = Math.max(aliveFrom, apiKey.version);
          }
          check();
        }),
      );
      const deletion = one.apiKeys.delete(one.ref).then((deleted) => {
        expect(deleted).toBe(true);
        aliveFrom = Infinity;
        check();
      });
      await scheduler.waitFor(Promise.allSettled([deletion, ...changes]));
      check();
      await scheduler.waitFor(Promise.all([deletion, ...checks]));
      expect(one.store.findById(one.ref)).toMatchObject({ record: null });
    });
    await fc.assert(property, gently);
  });
});

describe("when all have read before any writes", () => {
  /** A store whose reads by id wait until so many have arrived. */
  function atOnce(store: KeyStore, count: number): KeyStore {
    const waiting: (() => void)[] = [];
    return {
      ...store,
      async findById(ref) {
        const found = store.findById(ref);
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length >= count) waiting.forEach((arrive) => arrive());
        });
        return found;
      },
    };
  }

  async function raceOf(count: number) {
    const store = createMemoryStore();
    const { apiKeys: setUp } = createFixture({ store });
    const { apiKey, key } = await setUp.create({ organizationId, name: "A" });
    const { apiKeys } = createFixture({ store: atOnce(store, count) });
    return { apiKeys, setUp, key, ref: { organizationId, id: apiKey.id } };
  }

  it("one regeneration wins, without a version named", async () => {
    const { apiKeys, ref, setUp } = await raceOf(5);
    const attempts = Array.from({ length: 5 }, () => apiKeys.regenerate(ref));
    const settled = await Promise.allSettled(attempts);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await setUp.get(ref)).toMatchObject({ version: 2 });
  });

  it("one whole table wins over another", async () => {
    const { apiKeys, ref, setUp } = await raceOf(2);
    const [a, b] = await Promise.allSettled([
      apiKeys.setAccess(ref, { a: "read" }),
      apiKeys.setAccess(ref, { b: "write" }),
    ]);
    expect([a.status, b.status]).toEqual(["fulfilled", "rejected"]);
    expect(b.status === "rejected" && b.reason).toMatchObject({
      code: "CONFLICT",
      apiKey: await setUp.get(ref),
    });
  });

  it("a save does not overwrite a table that nobody saw, and what it names besides is not saved either", async () => {
    const { apiKeys, ref, setUp } = await raceOf(2);
    const [a, b] = await Promise.allSettled([
      apiKeys.grant(ref, { libraryId: "a", level: "read" }),
      apiKeys.update(ref, { name: "B", access: { b: "write" } }),
    ]);
    expect([a.status, b.status]).toEqual(["fulfilled", "rejected"]);
    const apiKey = await setUp.get(ref);
    expect(apiKey).toMatchObject({ name: "A", access: { a: "read" }, version: 2 });
    expect(b.status === "rejected" && b.reason).toMatchObject({ code: "CONFLICT", apiKey });
  });

  it("50 grants all arrive", async () => {
    const { apiKeys, ref } = await raceOf(50);
    const ids = Array.from({ length: 50 }, (_, i) => `library-${i}`);
    await Promise.all(ids.map((libraryId) => apiKeys.grant(ref, { libraryId, level: "read" })));
    const { access, version } = (await apiKeys.get(ref))!;
    expect([Object.keys(access).toSorted(), version]).toEqual([ids.toSorted(), 51]);
  });

  it("a change loses to a deletion that came between", async () => {
    const { apiKeys, ref, setUp, key } = await raceOf(2);
    const change = errorOf(() => apiKeys.regenerate(ref));
    const grant = errorOf(() => apiKeys.grant(ref, { libraryId: "a", level: "read" }));
    await setUp.delete(ref);
    expect(await change).toMatchObject({ code: "CONFLICT", apiKey: null });
    expect(await grant).toMatchObject({ code: "NOT_FOUND" });
    expect(await setUp.authenticate(key)).toEqual({ ok: false, reason: "unknown" });
  });
});
