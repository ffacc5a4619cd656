import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Database from "libsql";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createApiKeys, type ApiKeys, type KeyStore } from "../../src/index.js";
import { answerTo, authenticateRequest } from "../../src/http/index.js";
import { createSqlStore, type SqlStoreOptions } from "../../src/stores/sql.js";
import { errorOf, verdictOf } from "../support/fixture.js";
import { viaLibsql } from "../support/libsql.js";
import { underLoad } from "../support/load.js";
import { startPostgres, type Postgres } from "../support/postgres.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/*
 * Servers that die, connections that are cut, commits that are lost, databases that are slow, locked or full. What was
 * acknowledged is compared with what is there afterwards; nothing is restarted but the server.
 */

type Query = SqlStoreOptions["query"];
type Ref = Parameters<ApiKeys["delete"]>[0];

const LEASES = [0, 150];
const organizationId = "monogram-labs";

/** Every way to take something away from a key. */
const KILLS: readonly (readonly [name: string, kill: (apiKeys: ApiKeys, ref: Ref) => unknown])[] = [
  ["regenerate", (apiKeys, ref) => apiKeys.regenerate(ref)],
  ["delete", (apiKeys, ref) => apiKeys.delete(ref)],
  ["disable", (apiKeys, ref) => apiKeys.update(ref, { enabled: false })],
  ["narrow", (apiKeys, ref) => apiKeys.setAccess(ref, { barcelona: "read" })],
];

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Whether a key may still do what it could at first. `"unavailable"`: nobody knows. */
async function mayWrite(apiKeys: ApiKeys, key: string): Promise<boolean | "unavailable"> {
  const result = await apiKeys.authenticate(key);
  if (!result.ok) return result.reason === "unavailable" ? result.reason : false;
  return result.caller.can("write", { organizationId, libraryId: "barcelona" });
}

async function statusOf(apiKeys: ApiKeys, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const result = await authenticateRequest(apiKeys, { headers, encrypted: true });
  return result.ok ? 200 : answerTo(result.reason).status;
}

const createKey = (apiKeys: ApiKeys) =>
  apiKeys.create({ organizationId, name: "Website", access: { barcelona: "write" } });

describe("PostgreSQL", () => {
  let server: Postgres;
  let tables = 0;

  beforeAll(async () => {
    // The delay and the lack of autovacuum matter to commits that are to be lost only.
    const settings = ["wal_writer_delay=10s", "autovacuum=off"];
    server = await startPostgres({ isDurable: true, settings });
  });

  afterAll(() => server.stop());

  function openPool(options: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: server.url, max: 8, ...options });
    closing.push(() => pool.end());
    // Without a listener a lost connection ends the process.
    return pool.on("error", () => {}).on("connect", (client) => void client.on("error", () => {}));
  }

  const viaPg =
    (pool: pg.Pool): Query =>
    async (sql, params) => {
      const { rows, rowCount } = await pool.query(sql, params);
      return { rows, affected: rowCount };
    };

  /** A store a query, on one new table. */
  async function createStores(...queries: Query[]): Promise<KeyStore[]> {
    const table = `api_keys_${++tables}`;
    const stores = queries.map((query) => createSqlStore({ dialect: "postgres", query, table }));
    await stores[0]!.migrate();
    return stores;
  }

  const twoStores = () => createStores(viaPg(openPool()), viaPg(openPool()));

  describe.each(LEASES)("with a lease of %i ms", (leaseMs) => {
    it("that is killed twice and started again loses nothing it acknowledged", async () => {
      const ledger = await underLoad(
        await twoStores(),
        async ({ apiKeys, ledger: { live }, more }) => {
          for (let round = 0; round < 2; round++) {
            await more();
            await server.kill();
            await sleep(200); // a lease may be held so long
            for (const each of apiKeys) expect(await statusOf(each, live[0]!.key)).toBe(503);
            await server.restart();
          }
        },
        { leaseMs },
      );
      expect(ledger.outages).toBeGreaterThan(0);
      expect(ledger.unavailable).toBeGreaterThan(0);
    });

    it("whose connections are cut thirty times has outages at most", async () => {
      const admin = openPool({ max: 1 });
      let cut = 0;
      const ledger = await underLoad(
        await twoStores(),
        async ({ more }) => {
          await more();
          for (let round = 0; round < 30; round++) {
            await sleep(40);
            const { rows } = await admin.query(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
            );
            cut += rows.length;
          }
        },
        { leaseMs },
      );
      expect(cut).toBeGreaterThan(60);
      expect(ledger.outages + ledger.unavailable).toBeGreaterThan(0);
    });

    it("that loses a commit is found out before the call resolves", async () => {
      const forgetful = openPool({ options: "-c synchronous_commit=off" });
      const all = latch();
      const restarted = latch();
      const reads = new Map<string, number>();
      let arrived = 0;
      const [store, durable] = await createStores(async (sql, params) => {
        const id = [...reads.keys()].find((each) => params.includes(each));
        if (id !== undefined && sql.startsWith("SELECT")) {
          const count = reads.get(id)! + 1;
          reads.set(id, count);
          // The first read is that before the write; with leases the second begins the wait, and the third ends it.
          if (count === (leaseMs > 0 ? 3 : 2)) {
            if (++arrived === KILLS.length) all.open();
            await restarted.opened;
          }
        }
        return viaPg(forgetful)(sql, params);
      }, viaPg(openPool()));
      const careful = createApiKeys({ store: durable!, leaseMs });
      const careless = createApiKeys({ store: store!, leaseMs, storeTimeoutMs: 60_000 });
      const keys = await Promise.all(KILLS.map(() => createKey(careful)));
      const refs = keys.map(({ apiKey: { id } }) => ({ organizationId, id }));
      // No read before the deletion.
      for (const [i, { id }] of refs.entries()) reads.set(id, KILLS[i]![0] === "delete" ? 1 : 0);

      await stopWriters(server.url);
      const errors = KILLS.map(([, kill], i) => errorOf(() => kill(careless, refs[i]!)));
      await all.opened;
      await server.kill();
      await server.restart();
      restarted.open();

      for (const error of await Promise.all(errors)) {
        expect(error).toMatchObject({
          code: "UNAVAILABLE",
          cause: { message: "the store lost a write that it had confirmed" },
        });
      }
      for (const [i, { key }] of keys.entries()) {
        expect(await mayWrite(careful, key)).toBe(true);
        await KILLS[i]![1](careful, refs[i]!);
        expect(await mayWrite(careful, key)).toBe(false);
      }
      await careful.close();
    });

    it("that is locked fails in time, and works once it is not", async () => {
      const blocker = await openPool({ max: 1 }).connect();
      closing.push(() => blocker.release(true));
      blocker.on("error", () => {});
      const [store] = await createStores(viaPg(openPool()));
      const apiKeys = createApiKeys({ store: store!, leaseMs, storeTimeoutMs: 300 });
      const keys = await Promise.all(KILLS.map(() => createKey(apiKeys)));
      for (const { key } of keys) expect(await mayWrite(apiKeys, key)).toBe(true);
      await apiKeys.close();
      await blocker.query(`BEGIN; LOCK TABLE api_keys_${tables} IN ACCESS EXCLUSIVE MODE`);
      await sleep(leaseMs);

      const killAll = () =>
        Promise.all(
          KILLS.map(([, kill], i) =>
            verdictOf(() => kill(apiKeys, { organizationId, id: keys[i]!.apiKey.id })),
          ),
        );
      expect(await killAll()).toEqual(KILLS.map(() => "UNAVAILABLE"));
      const statuses = keys.map(({ key }) => statusOf(apiKeys, key));
      expect(await Promise.all(statuses)).toEqual(KILLS.map(() => 503));
      await blocker.query("COMMIT");
      // Statements that nobody waited for may still win against the second try, and it says so.
      await expect.poll(killAll, { timeout: 10_000 }).toEqual(KILLS.map(() => "ok"));
      for (const { key } of keys) expect(await mayWrite(apiKeys, key)).toBe(false);
    });
  });

  /** Runs a statement, and keeps what it found for a while: the server sleeps between it and its answer. */
  function slowly(pool: pg.Pool, seconds: () => number): Query {
    return async (sql, params) => {
      const client = await pool.connect();
      try {
        const { rows, rowCount } = await client.query(sql, params);
        if (sql.startsWith("SELECT")) await client.query("SELECT pg_sleep($1)", [seconds()]);
        return { rows, affected: rowCount };
      } finally {
        client.release();
      }
    };
  }

  describe("slower than the lease", () => {
    it("counts as failed, however often it is asked", async () => {
      const pool = openPool();
      const [slow, fast] = await createStores(
        slowly(pool, () => 0.2),
        viaPg(pool),
      );
      const { key } = await createKey(createApiKeys({ store: fast! }));
      const apiKeys = createApiKeys({ store: slow!, leaseMs: 150 });
      const started = performance.now();
      const results = await Promise.all(Array.from({ length: 9 }, () => apiKeys.authenticate(key)));
      expect(performance.now() - started).toBeGreaterThan(550);
      for (const result of results) {
        expect(result).toMatchObject({
          reason: "unavailable",
          error: { cause: { message: "the store takes longer than the lease of 150 ms" } },
        });
      }
      expect(await statusOf(apiKeys, key)).toBe(503);
    });

    it("at times accepts nothing that was taken away", async () => {
      const pool = openPool({ max: 20 });
      const [slow, fast] = await createStores(
        slowly(pool, () => Math.random() * 0.3),
        viaPg(openPool()),
      );
      const reader = createApiKeys({ store: slow!, leaseMs: 150 });
      const writer = createApiKeys({ store: fast! });
      const keys = await Promise.all(Array.from({ length: 40 }, () => createKey(writer)));
      const gone = new Set<string>();
      const count = { accepted: 0, late: 0, unavailable: 0 };
      let isOver = false;
      const read = async (key: string) => {
        while (!isOver) {
          const may = await mayWrite(reader, key);
          if (may === "unavailable") count.unavailable++;
          else if (may) count.accepted++;
          if (may === true && gone.has(key)) count.late++;
          await sleep(1);
        }
      };
      const reading = Promise.all(keys.map(({ key }) => read(key)));
      // However busy the machine is: some have to be accepted before they are taken away.
      await vi.waitUntil(() => count.accepted > 20, { timeout: 10_000 });
      await Promise.all(
        keys.map(async ({ key, apiKey: { id } }, i) => {
          await sleep(300 + 20 * i);
          await KILLS[i % KILLS.length]![1](writer, { organizationId, id });
          gone.add(key);
        }),
      );
      await sleep(500);
      isOver = true;
      await reading;
      await reader.close();
      expect(count.late).toBe(0);
      expect(count.accepted).toBeGreaterThan(20);
      expect(count.unavailable).toBeGreaterThan(0);
      for (const { key } of keys) expect(await mayWrite(writer, key)).toBe(false);
      await writer.close();
    });
  });
});

describe.each(LEASES)("SQLite, with a lease of %i ms", (leaseMs) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Two connections to one file, and a store on each. */
  async function twoStores(file: string, timeout: number) {
    const dbs = [new Database(file, { timeout }), new Database(file, { timeout })];
    closing.push(...dbs.map((db) => () => db.close()));
    dbs[0]!.exec("PRAGMA journal_mode = WAL");
    // No test pulls the plug.
    for (const db of dbs) db.exec("PRAGMA synchronous = OFF");
    const stores = dbs.map((db) => createSqlStore({ dialect: "sqlite", query: viaLibsql(db) }));
    await stores[0]!.migrate();
    return { dbs, stores };
  }

  it("a file that is full twice loses nothing, and goes on answering", async () => {
    const { dbs, stores } = await twoStores(join(folder, "full.db"), 5000);
    const [{ page_count: pages }] = dbs[0]!.prepare("PRAGMA page_count").all() as [
      { page_count: number },
    ];
    const limit = (count: number) => {
      for (const db of dbs) db.prepare(`PRAGMA max_page_count = ${count}`).all();
    };
    const ledger = await underLoad(
      stores,
      async ({ ledger: now, apiKeys, more }) => {
        for (let round = 1; round <= 2; round++) {
          await more();
          const before = now.outages;
          limit(pages + 1); // it cannot be less than there are
          await expect.poll(() => now.outages, { timeout: 20_000 }).toBeGreaterThan(before + 20);
          const error = await errorOf(async () => {
            for (;;) await createKey(apiKeys[0]!);
          });
          expect(error).toMatchObject({ code: "UNAVAILABLE", cause: { code: "SQLITE_FULL" } });
          limit(1_000_000);
        }
      },
      { leaseMs },
    );
    expect(ledger.unavailable).toBe(0);
  });

  it("a process that holds the lock, and dies with it, loses nothing of the others", async () => {
    const file = join(folder, "locked.db");
    const { stores } = await twoStores(file, 1);
    const holder = await startHolder(file);
    const ledger = await underLoad(
      stores,
      async ({ ledger: now, more }) => {
        for (let round = 1; round <= 2; round++) {
          await more();
          await holder.lock();
          const before = now.outages;
          await expect.poll(() => now.outages, { timeout: 20_000 }).toBeGreaterThan(before + 20);
          if (round < 2) await holder.unlock();
          else await holder.kill();
        }
      },
      { leaseMs },
    );
    expect(ledger.outages).toBeGreaterThan(40);
    expect(ledger.unavailable).toBe(0);
  });
});

/** A process that deletes every key of a file, in a transaction that it never commits. */
async function startHolder(file: string) {
  const script = fileURLToPath(new URL("sqlite-holder.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", script, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  closing.push(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const say = async (word: string) => {
    child.stdin!.write(`${word}\n`);
    expect((await lines.next()).value).toBe(`${word}ed`);
  };
  return {
    lock: () => say("lock"),
    unlock: () => say("unlock"),
    async kill() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Stops what writes the log behind the commits, so that those which do not wait for it are lost with the server. */
async function stopWriters(url: string): Promise<void> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE backend_type IN ('walwriter', 'background writer', 'checkpointer')`,
  );
  expect(rows).toHaveLength(3);
  for (const { pid } of rows) process.kill(pid, "SIGSTOP");
  await client.end();
}

function latch() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
