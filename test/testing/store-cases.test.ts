import { describe, expect, it } from "vitest";
import type { ApiKeyRecord, Found, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { storeCases, type StoreUnderTest } from "../../src/testing/index.js";
import { delayed } from "../support/stores.js";

/** Stores that are broken on purpose. The cases are worth what they catch. */
type Mutant = readonly [
  name: string,
  make: (store: KeyStore) => Partial<KeyStore>,
  caughtBy: readonly string[],
];

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
const found = (answer: unknown) => answer as Found;
const changed = (answer: unknown, change: (record: ApiKeyRecord) => object): Found => {
  const { record, leaseMs } = found(answer);
  return { record: record && { ...record, ...change(record) }, leaseMs };
};
const tableOf = (record: ApiKeyRecord, keep: (id: string) => boolean) =>
  Object.fromEntries(Object.entries(record.access).filter(([id]) => keep(id)));
const byId = (store: KeyStore, ref: { organizationId: string; id: string }) =>
  found(store.findById(ref)).record;
const list = (store: KeyStore, organizationId: string) =>
  store.list(organizationId, 1e6, null) as readonly ApiKeyRecord[];

const mutants: readonly Mutant[] = [
  [
    "hashes are found in any case",
    (store) => ({ findByHash: (hash) => store.findByHash(hash.toLowerCase()) }),
    ["find-hash-exact"],
  ],
  [
    "ids are trimmed",
    (store) => ({ findById: (ref) => store.findById({ ...ref, id: ref.id.trimEnd() }) }),
    ["data-ids", "data-ids-alike"],
  ],
  [
    "organizations are compared without regard to case",
    (store) => ({
      insert: (r) => store.insert({ ...r, organizationId: r.organizationId.toLowerCase() }),
      list: (id, ...rest) => store.list(id.toLowerCase(), ...rest),
    }),
    ["data-organizations-alike"],
  ],
  [
    "ids are normalized",
    (store) => ({
      insert: (r) => store.insert({ ...r, id: r.id.normalize("NFC") }),
    }),
    ["data-ids-alike", "list-order-id"],
  ],
  [
    "names are cut",
    (store) => ({ insert: (r) => store.insert({ ...r, name: r.name.slice(0, 191) }) }),
    ["data-names"],
  ],
  [
    "large access tables are cut",
    (store) => ({
      findByHash: (hash) =>
        changed(store.findByHash(hash), (record) => ({
          access: Object.fromEntries(Object.entries(record.access).slice(0, 9999)),
        })),
    }),
    ["data-access-large"],
  ],
  [
    "a library named __proto__ is lost",
    (store) => ({
      insert: (r) => store.insert({ ...r, access: tableOf(r, (id) => id !== "__proto__") }),
    }),
    ["data-access-ids"],
  ],
  [
    "times are 32 bits",
    (store) => ({ insert: (r) => store.insert({ ...r, createdAtMs: r.createdAtMs | 0 }) }),
    ["data-numbers", "list-order-time"],
  ],
  [
    "null becomes 0",
    (store) => ({ insert: (r) => store.insert({ ...r, expiresAtMs: r.expiresAtMs ?? 0 }) }),
    ["find-record"],
  ],
  [
    "reads find other organizations' records",
    (store) => ({
      insert: (r) => store.insert({ ...r, organizationId: "everybody's" }),
      findById: (ref) =>
        changed(store.findById({ ...ref, organizationId: "everybody's" }), () => ref),
    }),
    ["find-id-organization"],
  ],
  [
    "the lease length is left out where nothing is found",
    (store) => ({
      findByHash(hash) {
        const answer = found(store.findByHash(hash));
        return answer.record ? answer : { record: null, leaseMs: 0 };
      },
    }),
    ["lease-raise", "lease-stays"],
  ],
  [
    "the lease is lowered",
    (store) => {
      let leaseMs = 0;
      return {
        raiseLease: (ms) => void (leaseMs = ms),
        findByHash: (hash) => ({ ...found(store.findByHash(hash)), leaseMs }),
        findById: (ref) => ({ ...found(store.findById(ref)), leaseMs }),
      };
    },
    ["lease-never-lowered", "race-lease"],
  ],
  [
    "lists are in the order of insertion",
    (store) => {
      const ids: string[] = [];
      const place = ({ id }: { id: string }) => ids.indexOf(id);
      return {
        insert: (r) => (ids.push(r.id), store.insert(r)),
        list: (organizationId, first, after) =>
          list(store, organizationId)
            .toSorted((a, b) => place(a) - place(b))
            .slice(after === null ? 0 : place(after) + 1)
            .slice(0, first),
      };
    },
    ["list-order-time", "list-order-id", "list-pages"],
  ],
  [
    "lists order ids as a dictionary does",
    (store) => ({
      list: (organizationId, first, after) =>
        after === null
          ? list(store, organizationId)
              .toSorted((a, b) => a.createdAtMs - b.createdAtMs || a.id.localeCompare(b.id))
              .slice(0, first)
          : store.list(organizationId, first, after),
    }),
    ["list-order-id"],
  ],
  [
    "pages are counted by offset",
    (store) => {
      const offsets = new Map<string, number>();
      return {
        list(organizationId, first, after) {
          const start = after === null ? 0 : (offsets.get(after.id) ?? 0);
          const page = list(store, organizationId).slice(start, start + first);
          for (const [i, { id }] of page.entries()) offsets.set(id, start + i + 1);
          return page;
        },
      };
    },
    ["list-stable", "list-after"],
  ],
  [
    "pages go on after the time alone",
    (store) => ({
      list: (organizationId, first, after) =>
        list(store, organizationId)
          .filter(({ createdAtMs }) => after === null || createdAtMs > after.createdAtMs)
          .slice(0, first),
    }),
    ["list-pages", "list-after"],
  ],
  [
    "insert does not look at other organizations",
    (store) => ({
      insert(r) {
        const taken = byId(store, r) ?? found(store.findByHash(r.hash)).record;
        if (taken === null || taken.organizationId === r.organizationId) return store.insert(r);
        return true;
      },
    }),
    ["insert-taken"],
  ],
  [
    "insert overwrites",
    (store) => ({
      insert(r) {
        void store.delete(r);
        return store.insert(r);
      },
    }),
    ["insert-taken", "race-insert-id"],
  ],
  [
    "replace looks at the version only",
    (store) => ({
      replace: (r, { version }) => store.replace(r, { version, hash: byId(store, r)?.hash ?? "" }),
    }),
    ["replace-expected"],
  ],
  [
    "replace looks at the hash only",
    (store) => ({
      replace: (r, { hash }) => store.replace(r, { hash, version: byId(store, r)?.version ?? 0 }),
    }),
    ["replace-expected", "race-replace-same-hash", "keys-set-access"],
  ],
  [
    "replace inserts what is gone",
    (store) => ({
      replace: (r, before) => store.replace(r, before) || store.insert(r),
    }),
    ["replace-deleted", "replace-nothing", "keys-delete"],
  ],
  [
    "replace writes lastUsedAtMs",
    (store) => ({
      replace(r, before) {
        if (byId(store, r)?.version !== before.version) return false;
        if (!(store.replace(r, before) as boolean)) return false;
        void store.delete(r);
        return store.insert(r);
      },
    }),
    ["replace-used", "race-touch-replace"],
  ],
  [
    "replace leaves the old hash",
    (store) => {
      const old = new Map<string, ApiKeyRecord>();
      return {
        replace(r, before) {
          old.set(before.hash, r);
          return store.replace(r, before);
        },
        findByHash(hash) {
          const answer = found(store.findByHash(hash));
          return { ...answer, record: answer.record ?? old.get(hash) ?? null };
        },
      };
    },
    ["replace-all", "race-replace", "touch-regenerated"],
  ],
  [
    "replace reads, then writes",
    (store) => ({
      async replace(r, { version, hash }) {
        const before = byId(store, r);
        if (before?.version !== version || before.hash !== hash) return false;
        await soon();
        const now = byId(store, r);
        return now === null ? false : store.replace(r, now);
      },
    }),
    ["race-replace", "race-replace-same-hash", "keys-regenerate", "keys-grant"],
  ],
  [
    "insert reads, then writes",
    (store) => ({
      async insert(r) {
        if (byId(store, r) || found(store.findByHash(r.hash)).record) return false;
        await soon();
        store.insert(r);
        return true;
      },
    }),
    ["race-insert-id", "race-insert-hash"],
  ],
  [
    "delete ignores the version",
    (store) => ({ delete: (ref) => store.delete(ref) }),
    ["delete-expected", "race-replace-delete"],
  ],
  [
    "delete takes version 0 for none",
    (store) => ({ delete: (ref, version) => store.delete(ref, version || undefined) }),
    ["delete-expected"],
  ],
  [
    "delete always answers true",
    (store) => ({
      delete(ref, version) {
        void store.delete(ref, version);
        return true;
      },
    }),
    ["delete-any", "race-delete"],
  ],
  [
    "delete resolves before it is done",
    (store) => ({
      delete(ref, version) {
        const record = byId(store, ref);
        if (record === null || (version !== undefined && version !== record.version)) return false;
        setImmediate(() => store.delete(ref, version));
        return true;
      },
    }),
    ["delete-version", "race-find-delete", "keys-delete"],
  ],
  [
    "touch moves the time back",
    (store) => ({
      touch(use) {
        const record = byId(store, use);
        if (record?.hash !== use.hash) return;
        void store.delete(use);
        void store.insert({ ...record, hash: use.newHash ?? use.hash, lastUsedAtMs: use.atMs });
      },
    }),
    ["touch-forward", "touch-inserted", "race-touch"],
  ],
  [
    "touch ignores the hash",
    (store) => ({
      touch: (use) => store.touch({ ...use, hash: byId(store, use)?.hash ?? use.hash }),
    }),
    ["touch-exact", "touch-regenerated"],
  ],
  [
    "touch takes time 0 for none",
    (store) => ({ touch: (use) => (use.atMs === 0 ? undefined : store.touch(use)) }),
    ["touch-zero"],
  ],
  [
    "touch counts as a change",
    (store) => ({
      touch(use) {
        void store.touch(use);
        const record = byId(store, use);
        if (record) void store.replace({ ...record, version: record.version + 1 }, record);
      },
    }),
    ["touch-version", "touch-forward"],
  ],
  [
    "touch writes back what it read",
    (store) => ({
      async touch(use) {
        const record = byId(store, use);
        if (record?.hash !== use.hash) return;
        const lastUsedAtMs = Math.max(record.lastUsedAtMs ?? 0, use.atMs);
        await soon();
        void store.delete(use);
        void store.insert({ ...record, hash: use.newHash ?? use.hash, lastUsedAtMs });
      },
    }),
    ["race-touch-delete", "race-touch-replace", "race-touch-regenerate", "race-touch"],
  ],
  [
    "touch creates what is gone",
    (store) => {
      const seen = new Map<string, ApiKeyRecord>();
      return {
        insert: (r) => (seen.set(r.id, r), store.insert(r)),
        touch(use) {
          const gone = byId(store, use) === null && seen.get(use.id);
          if (gone) void store.insert(gone);
          return store.touch(use);
        },
      };
    },
    ["touch-deleted", "race-touch-delete"],
  ],
  [
    "touch forgets newHash",
    (store) => ({ touch: (use) => store.touch({ ...use, newHash: null }) }),
    ["touch-new-hash"],
  ],
  [
    "touch fails when newHash is taken",
    (store) => ({
      touch(use) {
        const { record } = found(store.findByHash(use.newHash ?? ""));
        if (record !== null && record.id !== use.id) return;
        return store.touch(use);
      },
    }),
    ["touch-new-hash-taken"],
  ],
  [
    "records are shared with those who gave them",
    (store) => {
      const given = new Map<string, ApiKeyRecord>();
      return {
        insert(r) {
          given.set(r.hash, r);
          return store.insert(r);
        },
        findByHash(hash) {
          const answer = found(store.findByHash(hash));
          const own = given.get(hash);
          return answer.record && own ? { ...answer, record: own } : answer;
        },
      };
    },
    ["find-unshared-given"],
  ],
  [
    "records are shared with those who read them",
    (store) => {
      const answers = new Map<string, Found>();
      return {
        findById(ref) {
          const now = found(store.findById(ref));
          const kept = answers.get(ref.id);
          if (now.record && kept) return Object.assign(kept, { leaseMs: now.leaseMs });
          const copy = now.record && { ...now.record, access: { ...now.record.access } };
          answers.set(ref.id, { ...now, record: copy });
          return answers.get(ref.id)!;
        },
      };
    },
    ["find-unshared-answered"],
  ],
  [
    "lists are shared with those who read them",
    (store) => {
      const pages = new Map<string, readonly ApiKeyRecord[]>();
      return {
        list(...place) {
          const key = JSON.stringify(place);
          if (!pages.has(key)) pages.set(key, store.list(...place) as readonly ApiKeyRecord[]);
          return pages.get(key)!;
        },
      };
    },
    ["find-unshared-list"],
  ],
];

/** Ids of the cases that a store fails, and what the first of them says. */
async function failuresOf(makeStore: () => StoreUnderTest) {
  const failures = new Map<string, Error>();
  for (const { id, run } of storeCases(makeStore)) {
    await run().catch((error: Error) => failures.set(id, error));
  }
  return failures;
}

describe("a broken store is caught", () => {
  it.each(mutants)("%s", async (_, make, caughtBy) => {
    const failures = await failuresOf(() => {
      const store = createMemoryStore();
      return { store: { ...store, ...make(store) } };
    });
    expect([...failures.keys()]).toEqual(expect.arrayContaining([...caughtBy]));
  });
});

describe("an instance that keeps something to itself is caught", () => {
  it.each<[string, (store: KeyStore) => Partial<KeyStore>, readonly string[]]>([
    [
      "the lease",
      (store) => ({ findByHash: (hash) => ({ ...found(store.findByHash(hash)), leaseMs: 0 }) }),
      ["lease-raise", "lease-stays"],
    ],
    [
      "records that it has read",
      (store) => {
        const cache = new Map<string, Found>();
        return {
          findByHash(hash) {
            const kept = cache.get(hash);
            if (kept) return kept;
            const answer = found(store.findByHash(hash));
            if (answer.record) cache.set(hash, answer);
            return answer;
          },
        };
      },
      ["race-find-delete", "keys-delete", "keys-regenerate"],
    ],
    ["everything", () => createMemoryStore(), ["find-elsewhere", "race-insert-id"]],
  ])("%s", async (_, make, caughtBy) => {
    const failures = await failuresOf(() => {
      const store = createMemoryStore();
      return { store, reopen: () => ({ ...store, ...make(store) }) };
    });
    expect([...failures.keys()]).toEqual(expect.arrayContaining([...caughtBy]));
  });
});

describe("the cases", () => {
  it("pass for a store whose answers take their time", async () => {
    const failures = await failuresOf(() => ({ store: delayed(createMemoryStore(), soon) }));
    expect(Object.fromEntries(failures)).toEqual({});
  });

  it("take a store by itself", async () => {
    for (const { run } of storeCases(createMemoryStore)) await run();
  });

  it("have ids of their own, and sentences that say MUST", () => {
    const cases = storeCases(() => ({ store: createMemoryStore() }));
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    for (const { id, name } of cases) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(name).toMatch(/\bMUST\b/);
    }
  });

  it("begin with a new store each, opened twice, and close it, whatever happens", async () => {
    const calls: string[] = [];
    const cases = storeCases(async () => {
      const store = createMemoryStore();
      calls.push("make");
      return {
        store,
        reopen: async () => (calls.push("reopen"), store),
        close: async () => void calls.push("close"),
      };
    });
    await cases[0]!.run();
    await cases[0]!.run();
    expect(calls).toEqual(["make", "reopen", "close", "make", "reopen", "close"]);
    const broken = storeCases(() => ({
      store: { ...createMemoryStore(), findByHash: () => Promise.reject(new Error("down")) },
      close: () => void calls.push("closed"),
    }));
    await expect(broken[0]!.run()).rejects.toThrow("down");
    expect(calls.at(-1)).toBe("closed");
  });

  it("say what was expected, and what was found", async () => {
    const [first] = storeCases(() => ({
      store: { ...createMemoryStore(), findByHash: () => ({ record: null, leaseMs: 7 }) },
    }));
    await expect(first!.run()).rejects.toThrow(
      'findByHash: expected {"leaseMs": 0, "record": null}, got {"leaseMs": 7, "record": null}',
    );
  });

  it("refuse anything but a function", () => {
    expect(() => storeCases(createMemoryStore() as never)).toThrow(
      '"makeStore" expected a function, got object',
    );
  });
});
