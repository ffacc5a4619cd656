import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createApiKeys, type KeyStore } from "../../src/index.js";
import { createRedisStore, type RedisStoreOptions } from "../../src/stores/redis.js";
import { storeCases } from "../../src/testing/index.js";
import { recordOf, verdictOf } from "../support/fixture.js";
import { NO_FAULT, RACES, runRace } from "../support/races.js";
import { itKeepsKeys } from "../support/store-cases.js";
import { CLIENTS, CLUSTER_CLIENTS, type Connect, type Connection } from "./redis-clients.js";
import { startCluster, startRedis, type RedisServer } from "./redis-server.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const record = recordOf();
const ref = { organizationId: record.organizationId, id: record.id };

let prefixes = 0;

/** Two connections, opened once for a group of tests, and prefixes that are used once. */
function connected(connect: Connect, servers: () => readonly RedisServer[]) {
  let both: readonly [Connection, Connection];
  beforeAll(async () => {
    const ports = servers().map(({ port }) => port);
    both = [await connect(...ports), await connect(...ports)];
  });
  afterAll(() => both.forEach((connection) => connection.close()));
  return (): readonly [KeyStore, KeyStore] => {
    const prefix = `case-${prefixes++}`;
    const [store, other] = both.map(({ command }) => createRedisStore({ command, prefix }));
    return [store!, other!];
  };
}

let opened: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.toReversed()) await close();
  opened = [];
});

async function server(...config: readonly string[]): Promise<RedisServer> {
  const started = await startRedis(...config);
  opened.push(() => started.stop());
  return started;
}

async function connection({ port }: RedisServer, name = "node-redis"): Promise<Connection> {
  const open = await CLIENTS[name]!(port);
  opened.push(() => open.close());
  return open;
}

async function storeOn(redis: RedisServer): Promise<KeyStore> {
  const { command } = await connection(redis);
  return createRedisStore({ command });
}

describe("one server", () => {
  let redis: RedisServer;
  beforeAll(async () => void (redis = await startRedis()));
  afterAll(() => redis.stop());

  describe.each(Object.entries(CLIENTS))("%s", (_, connect) => {
    const stores = connected(connect, () => [redis]);
    itKeepsKeys(() => {
      const [store, other] = stores();
      return { store, reopen: () => other };
    });
  });

  describe.each(["node-redis", "ioredis", "iovalkey", "Valkey GLIDE"])("races over %s", (name) => {
    const stores = connected(CLIENTS[name]!, () => [redis]);
    it.each(RACES)("%s, 400 times", async (race) => {
      const count = await runRace(race, stores());
      expect(count).toMatchObject({ trials: 400, ...NO_FAULT });
      expect(count.overlapped).toBeGreaterThan(40);
    });
  });

  describe("every command sent twice, as a client does that did not get the first answer", () => {
    itKeepsKeys(async () => {
      const { command, close } = await CLIENTS["node-redis"]!(redis.port);
      const prefix = `twice-${Math.random()}`;
      const twice: RedisStoreOptions["command"] = async (args) => {
        await Promise.resolve(command(args)).catch(() => {});
        return command(args);
      };
      return { store: createRedisStore({ command: twice, prefix }), close };
    });
  });

  it("prefixes share nothing", async () => {
    const { command } = await connection(redis);
    const [a, b] = ["a", "b"].map((prefix) => createRedisStore({ command, prefix }));
    await a!.insert(record);
    await a!.raiseLease(7);
    expect(await b!.findByHash(record.hash)).toEqual({ record: null, leaseMs: 0 });
    expect(await b!.insert(record)).toBe(true);
    expect(await a!.delete(ref)).toBe(true);
    expect(await b!.findById(ref)).toEqual({ record, leaseMs: 0 });
  });
});

describe("a cluster of three", () => {
  let nodes: readonly RedisServer[];
  beforeAll(async () => void (nodes = await startCluster()));
  afterAll(() => Promise.all(nodes.map((node) => node.stop())));

  describe.each(Object.entries(CLUSTER_CLIENTS))("%s", (_, connect) => {
    const stores = connected(connect, () => nodes);
    itKeepsKeys(() => {
      const [store, other] = stores();
      return { store, reopen: () => other };
    });
    it.each(RACES)("%s, 400 times", async (race) => {
      const count = await runRace(race, stores());
      expect(count).toMatchObject({ trials: 400, ...NO_FAULT });
      expect(count.overlapped).toBeGreaterThan(40);
    });
  });

  it("holds records on every node", async () => {
    const sizes = await Promise.all(nodes.map((node) => node.admin("DBSIZE")));
    expect(sizes.every((size) => Number(size) > 100)).toBe(true);
  });
});

describe("round trips", () => {
  /** How many commands went out one after another: what is sent in one turn of the event loop counts once. */
  async function tripsOf(store: KeyStore, sent: number[], call: (store: KeyStore) => unknown) {
    sent.length = 0;
    await call(store);
    return sent.length;
  }

  it.each<[string, number, (store: KeyStore) => unknown]>([
    ["a key seen before", 1, (s) => s.findByHash(record.hash)],
    ["an unknown key", 1, (s) => s.findByHash("e".repeat(64))],
    ["a record by its id", 1, (s) => s.findById(ref)],
    ["a use", 1, (s) => s.touch({ ...ref, hash: record.hash, atMs: 5, newHash: null })],
    ["a change", 1, (s) => s.replace({ ...record, version: 2 }, record)],
    ["a page", 2, (s) => s.list(record.organizationId, 50, null)],
    ["a deletion", 2, (s) => s.delete(ref)],
    ["a new record", 3, (s) => s.insert(recordOf({ id: "b", hash: "b".repeat(64) }))],
    ["a new key", 4, (s) => s.replace({ ...record, version: 2, hash: "c".repeat(64) }, record)],
  ])("%s takes %i", async (_, expected, call) => {
    const { command } = await connection(await server());
    const sent: number[] = [];
    let isBatch = false;
    const counted = createRedisStore({
      command: (args) => {
        if (!isBatch) sent.push(0);
        isBatch = true;
        setImmediate(() => (isBatch = false));
        return command(args);
      },
    });
    // Scripts are known to the server, and their digests to the process.
    for (let i = 0; i < 2; i++) {
      await counted.insert({ ...record, id: "warm", hash: "d".repeat(64) });
      await counted.delete({ ...ref, id: "warm" });
    }
    await counted.insert(record);
    await counted.findByHash(record.hash);
    await counted.list(record.organizationId, 1, null);
    await counted.touch({ ...ref, hash: "0", atMs: 5, newHash: null });
    expect(await tripsOf(counted, sent, call)).toBe(expected);
  });
});

describe("scripts", () => {
  it("are sent by digest, and in full only when the server does not know them", async () => {
    const redis = await server();
    const { command } = await connection(redis);
    const names: string[] = [];
    const store = createRedisStore({
      command: (args) => {
        names.push(args[0]!);
        return command(args);
      },
    });
    const use = async () => {
      names.length = 0;
      const leaseMs = (await store.findByHash(record.hash)).leaseMs;
      expect([await store.insert(record), await store.delete(ref), leaseMs]).toEqual([
        true,
        true,
        0,
      ]);
      return new Set(names);
    };
    expect(await use()).toEqual(new Set(["EVALSHA", "EVAL"]));
    expect(await use()).toEqual(new Set(["EVALSHA"]));
    await redis.admin("SCRIPT", "FLUSH");
    expect(await use()).toEqual(new Set(["EVALSHA", "EVAL"]));
    expect(await use()).toEqual(new Set(["EVALSHA"]));
  });

  it.each(Object.keys(CLIENTS))("are sent again after SCRIPT FLUSH: %s", async (name) => {
    const redis = await server();
    const { command } = await connection(redis, name);
    const store = createRedisStore({ command });
    await store.insert(record);
    await redis.admin("SCRIPT", "FLUSH");
    expect(await store.findByHash(record.hash)).toEqual({ record, leaseMs: 0 });
    await redis.restart();
    await expect.poll(() => verdictOf(() => store.insert(record)), { timeout: 10_000 }).toBe("ok");
    expect(await store.findByHash(record.hash)).toEqual({ record, leaseMs: 0 });
  });

  it("have their first key in args[3], for every command of every case", async () => {
    const redis = await server();
    const { command } = await connection(redis);
    let n = 0;
    for (const { run } of storeCases(() => {
      const prefix = `p${n++}`;
      const checked: RedisStoreOptions["command"] = (args) => {
        if (!args[3]!.startsWith(`${prefix}:`)) throw new Error(`no key: ${args[3]}`);
        return command(args);
      };
      return { store: createRedisStore({ command: checked, prefix }) };
    })) {
      await run();
    }
    expect(n).toBeGreaterThan(50);
  });
});

describe("who must not answer", () => {
  it("a replica answers neither reads nor writes", async () => {
    const [primary, replica] = [await server(), await server()];
    await (await storeOn(primary)).insert(record);
    await replica.admin("REPLICAOF", "127.0.0.1", String(primary.port));
    await expect
      .poll(() => replica.admin("DBSIZE"), { timeout: 10_000 })
      .toBe(await primary.admin("DBSIZE"));
    const store = await storeOn(replica);
    const rejected = /READONLY|read-?only|write flag/i;
    await expect(store.findByHash(record.hash)).rejects.toThrow(rejected);
    await expect(store.findById(ref)).rejects.toThrow(rejected);
    await expect(store.list(record.organizationId, 1, null)).rejects.toThrow(rejected);
    await expect(store.delete(ref)).rejects.toThrow(rejected);
  });

  it("a primary that was cut off from its replicas answers neither reads nor writes", async () => {
    const [primary, replica] = [await server(), await server()];
    await replica.admin("REPLICAOF", "127.0.0.1", String(primary.port));
    await primary.admin("CONFIG", "SET", "repl-ping-replica-period", "1");
    await primary.admin("CONFIG", "SET", "min-replicas-max-lag", "1");
    await primary.admin("CONFIG", "SET", "min-replicas-to-write", "1");
    const apiKeys = createApiKeys({ store: await storeOn(primary) });
    const { organizationId } = record;
    const create = () => apiKeys.create({ organizationId, name: "Website" });
    await expect.poll(() => verdictOf(create), { timeout: 10_000 }).toBe("ok");
    const { key } = await create();
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    await replica.kill();
    await sleep(2500);
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: false, reason: "unavailable" });
    expect(await verdictOf(create)).toBe("UNAVAILABLE");
  });

  it("a write that no replica has is an outage, with WAIT", async () => {
    const [primary, replica] = [await server(), await server()];
    await replica.admin("REPLICAOF", "127.0.0.1", String(primary.port));
    const { command } = await connection(primary);
    const apiKeys = createApiKeys({
      store: createRedisStore({
        async command(args) {
          const [answer, replicas] = await Promise.all([
            command(args),
            command(["WAIT", "1", "500"]),
          ]);
          if (Number(replicas) < 1) throw new Error("no replica has the write");
          return answer;
        },
      }),
    });
    const create = () => apiKeys.create({ organizationId: "monogram-labs", name: "Website" });
    await expect.poll(() => verdictOf(create), { timeout: 20_000 }).toBe("ok");
    const { key } = await create();
    await replica.kill();
    expect(await verdictOf(create)).toBe("UNAVAILABLE");
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: false, reason: "unavailable" });
  });

  it("with its memory full a server still verifies and deletes, and creates nothing", async () => {
    const redis = await server();
    const apiKeys = createApiKeys({ store: await storeOn(redis) });
    const create = () => apiKeys.create({ organizationId: "monogram-labs", name: "Website" });
    const { key, apiKey } = await create();
    await redis.admin("CONFIG", "SET", "maxmemory", "1");
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    expect(await verdictOf(create)).toBe("UNAVAILABLE");
    expect(await verdictOf(() => apiKeys.regenerate(apiKey))).not.toBe("ok");
    const { organizationId, id } = apiKey;
    expect(await apiKeys.delete({ organizationId, id })).toBe(true);
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: false, reason: "unknown" });
  });

  it("something else under a record's name is an outage, not an unknown key", async () => {
    const redis = await server();
    const store = await storeOn(redis);
    await store.insert(record);
    await redis.admin("SET", "api-keys:{key:broken}", "text");
    await expect(store.findById({ ...ref, id: "broken" })).rejects.toThrow("WRONGTYPE");
    await redis.admin("HSET", "api-keys:{key:half}", "r", "{}");
    await expect(store.findById({ ...ref, id: "half" })).rejects.toThrow(TypeError);
    await redis.admin("SET", "api-keys:lease", "soon");
    await expect(store.findByHash(record.hash)).rejects.toThrow(TypeError);
  });
});
