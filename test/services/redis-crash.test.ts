import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiKeyRecord, KeyStore } from "../../src/index.js";
import { createRedisStore, type RedisStoreOptions } from "../../src/stores/redis.js";
import { recordOf } from "../support/fixture.js";
import { CLIENTS, type Connection } from "./redis-clients.js";
import { startRedis, type RedisServer } from "./redis-server.js";

/*
 * Writes of several commands, stopped at each of them: by a process that dies or loses its connection, before a command is
 * sent or before its answer came; and by one that pauses there while another process wants the same digest.
 */

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const record = recordOf();
const ref = { organizationId: record.organizationId, id: record.id };
const [oldHash, newHash] = [record.hash, "b".repeat(64)];
const rival = recordOf({ id: "key_00000000000000000002", hash: newHash });

interface Write {
  readonly before: ApiKeyRecord | null;
  readonly after: ApiKeyRecord | null;
  readonly run: (store: KeyStore) => unknown;
}

const regenerated = { ...record, version: 2, hash: newHash };
const renamed = { ...record, version: 2, name: "Shop" };
const use = { ...ref, hash: oldHash, atMs: 5 };

const writes: Readonly<Record<string, Write>> = {
  insert: {
    before: null,
    after: { ...record, hash: newHash },
    run: (store) => store.insert({ ...record, hash: newHash }),
  },
  "replace with a new hash": {
    before: record,
    after: regenerated,
    run: (store) => store.replace(regenerated, record),
  },
  "replace with the same hash": {
    before: record,
    after: renamed,
    run: (store) => store.replace(renamed, record),
  },
  "touch with a new hash": {
    before: record,
    after: { ...record, hash: newHash, lastUsedAtMs: 5 },
    run: (store) => store.touch({ ...use, newHash }),
  },
  touch: {
    before: record,
    after: { ...record, lastUsedAtMs: 5 },
    run: (store) => store.touch({ ...use, newHash: null }),
  },
  delete: { before: record, after: null, run: (store) => store.delete(ref) },
};

let redis: RedisServer;
let connection: Connection;
let prefix: string;
let other: KeyStore;
let trial = 0;

beforeAll(async () => {
  redis = await startRedis();
  connection = await CLIENTS["node-redis"]!(redis.port);
  // Every script is known to the server from here on, so that each step is one command.
  for (const { before, run } of Object.values(writes)) {
    await begin(before);
    await run(other);
  }
});

afterAll(async () => {
  connection.close();
  await redis.stop();
});

beforeEach(() => begin(null));

/** A process that has seen nothing yet: its reads need the pointers. */
const fresh = () => createRedisStore({ command: connection.command, prefix });

async function begin(before: ApiKeyRecord | null): Promise<void> {
  prefix = `trial-${trial++}`;
  other = fresh();
  if (before !== null) await other.insert(before);
}

const FAULT = new Error("no answer");
const LIMIT = 20;

const FAULTS = {
  "dies before it is sent": { isSent: false, goesOn: false },
  "dies before its answer came": { isSent: true, goesOn: false },
  "cannot send it, and goes on": { isSent: false, goesOn: true },
  "does not get its answer, and goes on": { isSent: true, goesOn: true },
} as const;

/** A process that has a fault at its nth command, and a way to ask whether it came to it. */
function faulty(n: number, fault: keyof typeof FAULTS) {
  const { isSent, goesOn } = FAULTS[fault];
  let commands = 0;
  const command: RedisStoreOptions["command"] = async (args) => {
    const place = commands++;
    if (place === n && isSent) await connection.command(args);
    if (place === n || (place > n && !goesOn)) throw FAULT;
    return connection.command(args);
  };
  return { store: createRedisStore({ command, prefix }), happened: () => commands > n };
}

/** Everything that anyone can see agrees about the record, and with one of the states that it may be in. */
async function expectOneOf(states: readonly (ApiKeyRecord | null)[]): Promise<ApiKeyRecord | null> {
  const { record: found } = await other.findById(ref);
  expect(states).toContainEqual(found);
  for (const hash of [oldHash, newHash]) {
    const expected = found?.hash === hash ? found : null;
    expect(await fresh().findByHash(hash)).toEqual({ record: expected, leaseMs: 0 });
  }
  const listed = await other.list(ref.organizationId, 10, null);
  expect(listed).toEqual(found === null ? [] : [found]);
  return found;
}

describe.each(Object.entries(writes))("%s", (name, { before, after, run }) => {
  it.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])(
    "by a process that, at any command, %s",
    async (fault) => {
      let n = 0;
      for (; n < LIMIT; n++) {
        await begin(before);
        const { store, happened } = faulty(n, fault);
        const outcome = await Promise.resolve(run(store)).catch((error: unknown) => error);
        if (!happened()) break;
        const found = await expectOneOf([before, after]);
        // It was acknowledged, so it is there, whatever became of clearing up.
        if (outcome !== FAULT) expect([outcome, found]).toEqual([outcome ?? undefined, after]);

        // The same again, by a process that lives.
        await run(other);
        await expectOneOf([after]);

        // What is carried is taken, and what is not is free.
        for (const hash of [oldHash, newHash]) {
          const isFree = after?.hash !== hash;
          const next = { ...rival, hash };
          expect(await other.insert(next)).toBe(isFree);
          if (!isFree) continue;
          expect(await fresh().findByHash(hash)).toEqual({ record: next, leaseMs: 0 });
          expect(await other.delete(next)).toBe(true);
        }
        await expectOneOf([after]);
        await other.delete(ref);
        await expectOneOf([null]);
      }
      expect([n > 0, n < LIMIT]).toEqual([true, true]);
    },
  );

  it.each([
    ["before it is sent", "new", newHash],
    ["before its answer came", "new", newHash],
    ["before it is sent", "old", oldHash],
    ["before its answer came", "old", oldHash],
  ] as const)(
    "by a process that pauses at any command, %s, while another inserts the %s hash",
    async (how, which, hash) => {
      const rival = recordOf({ id: "key_00000000000000000002", hash });
      for (let n = 0; ; n++) {
        await begin(before);
        let resume = () => {};
        let reached = () => {};
        const pause = new Promise<void>((resolve) => (resume = resolve));
        const isThere = new Promise<void>((resolve) => (reached = resolve));
        let commands = 0;
        const command: RedisStoreOptions["command"] = async (args) => {
          if (commands++ !== n) return connection.command(args);
          const answer = how === "before its answer came" ? await connection.command(args) : null;
          reached();
          await pause;
          return answer ?? connection.command(args);
        };
        const store = createRedisStore({ command, prefix });
        const writing = Promise.resolve(run(store)).then(
          (answer) => answer ?? true,
          () => "failed",
        );
        await Promise.race([isThere, writing]);
        if (commands <= n) return;
        const rivalInserted = await other.insert(rival);
        // Acknowledged, so it is found from now on, whatever the first one goes on to do.
        const rivalFound = async () => (await fresh().findByHash(hash)).record;
        if (rivalInserted) expect(await rivalFound()).toEqual(rival);
        resume();
        const written = await writing;
        const own = (await other.findById(ref)).record;
        if (rivalInserted) expect(await rivalFound()).toEqual(rival);
        else expect(await rivalFound()).toEqual(own?.hash === hash ? own : null);
        if (rivalInserted) expect(own?.hash).not.toBe(hash);
        else if (which === "new") expect(own?.hash).toBe(hash);
        // A use is noted even if its new digest turns out to be taken.
        const used = { ...record, lastUsedAtMs: 5 };
        if (written === true)
          expect(name.startsWith("touch") ? [after, used] : [after]).toContainEqual(own);
        if (written !== true) expect(own).toEqual(before);
        const ids = (await other.list(ref.organizationId, 10, null)).map(({ id }) => id);
        const expected = [...(own ? [own.id] : []), ...(rivalInserted ? [rival.id] : [])];
        expect(ids).toEqual(expected);
      }
    },
  );
});

describe("what a process that died leaves behind", () => {
  const inserting = { ...record, hash: newHash };

  it("an entry of a list is passed over, and removed once it cannot become a record", async () => {
    await expect(faulty(3, "dies before it is sent").store.insert(inserting)).rejects.toBe(FAULT);
    const list = `${prefix}:list:${ref.organizationId}`;
    expect(await redis.admin("ZCARD", list)).toBe(1);
    expect(await other.list(ref.organizationId, 10, null)).toEqual([]);
    expect(await redis.admin("ZCARD", list)).toBe(1);
    await expireIntents();
    expect(await other.list(ref.organizationId, 10, null)).toEqual([]);
    expect(await redis.admin("ZCARD", list)).toBe(0);
  });

  it("a page is full, however many entries have no record", async () => {
    for (let i = 0; i < 5; i++) {
      await expect(faulty(3, "dies before it is sent").store.insert(inserting)).rejects.toBe(FAULT);
    }
    await other.insert(rival);
    expect(await other.list(ref.organizationId, 1, null)).toEqual([rival]);
  });

  it("an intent that has expired lets nothing be written", async () => {
    let isFirst = true;
    const store = createRedisStore({
      prefix,
      command: async (args) => {
        const [, , keys, first] = args;
        if (keys === "2" && first!.includes("{key:") && isFirst) {
          isFirst = false;
          await expireIntents();
        }
        return connection.command(args);
      },
    });
    await expect(store.insert(inserting)).rejects.toThrow("nothing was written");
    await expectOneOf([null]);
    expect(await other.insert(inserting)).toBe(true);
    await expectOneOf([inserting]);
  });

  it("is nothing but what expires, after writes that came to their end", async () => {
    for (const { before, run } of Object.values(writes)) {
      await begin(before);
      await run(other);
      await other.insert({ ...record, hash: "c".repeat(64) });
      await other.replace({ ...regenerated, hash: "d".repeat(64) }, { version: 7, hash: oldHash });
      await other.delete(ref);
      await other.insert(rival);
      await other.delete(rival);
      const lasting: string[] = [];
      for (const key of await keys()) {
        if (Number(await redis.admin("TTL", key)) === -1) lasting.push(key);
      }
      expect(lasting).toEqual([]);
    }
  });

  const keys = async () => (await redis.admin("KEYS", `${prefix}:*`)) as string[];

  /** What passes with time. */
  async function expireIntents(): Promise<void> {
    for (const key of await keys()) {
      if (Number(await redis.admin("TTL", key)) > 0) await redis.admin("DEL", key);
    }
  }
});
