import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKeys } from "../../src/index.js";
import { createSqlStore, type SqlStoreOptions } from "../../src/stores/sql.js";
import { errorOf, recordOf, verdictOf } from "../support/fixture.js";
import { startPostgres, type Postgres } from "../support/postgres.js";
import { NO_FAULT, RACES, runRace } from "../support/races.js";
import { itKeepsKeys } from "../support/store-cases.js";

type Query = SqlStoreOptions["query"];

let server: Postgres;
let pools: readonly [pg.Pool, pg.Pool];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startPostgres();
  pools = [openPool(), openPool()];
}, 60_000);

afterAll(async () => {
  for (const close of [...closing, ...pools.map((pool) => () => pool.end())]) await close();
  await server.stop();
});

/** Without the listener an idle connection that the server closes would end the process. */
const openPool = (options: pg.PoolConfig = {}) =>
  new pg.Pool({ connectionString: server.url, ...options }).on("error", () => {});

const viaPg =
  (pool: pg.Pool): Query =>
  async (sql, params) => {
    const { rows, rowCount } = await pool.query(sql, params);
    return { rows, affected: rowCount };
  };

function viaPostgresJs(): Query {
  const client = postgres(server.url, { max: 5, onnotice: () => {} });
  closing.push(() => client.end());
  return async (sql, params) => {
    const rows = await client.unsafe(sql, params);
    return { rows, affected: rows.count };
  };
}

function viaKysely(pool: pg.Pool): Query {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  return async (sql, params) => {
    const { rows, numAffectedRows } = await db.executeQuery(CompiledQuery.raw(sql, params));
    return { rows, affected: numAffectedRows };
  };
}

function viaDrizzle(pool: pg.Pool): Query {
  const db = drizzle(pool);
  return async (sql, params) => {
    const [first, ...texts] = sql.split(/\$\d+/);
    const parts = texts.flatMap((text, i) => [drizzleSql`${params[i]}`, drizzleSql.raw(text)]);
    const { rows, rowCount } = await db.execute(
      drizzleSql.join([drizzleSql.raw(first!), ...parts]),
    );
    return { rows, affected: rowCount };
  };
}

let tables = 0;

/** Two stores on one new table. */
async function twoStores(first: Query, second: Query) {
  const table = `api_keys_${++tables}`;
  const [store, other] = [first, second].map((query) =>
    createSqlStore({ dialect: "postgres", query, table }),
  );
  await store!.migrate();
  return { store: store!, other: other!, table };
}

const drivers: readonly (readonly [name: string, open: () => readonly [Query, Query]])[] = [
  ["pg", () => [viaPg(pools[0]), viaPg(pools[1])]],
  ["postgres.js", () => [viaPostgresJs(), viaPostgresJs()]],
  ["Kysely", () => [viaKysely(pools[0]), viaKysely(pools[1])]],
  ["Drizzle", () => [viaDrizzle(pools[0]), viaDrizzle(pools[1])]],
];

describe.each(drivers)("%s", (_, open) => {
  let queries: readonly [Query, Query] | undefined;
  itKeepsKeys(async () => {
    queries ??= open();
    const { store, other } = await twoStores(...queries);
    return { store, reopen: () => other };
  });
});

it("verifies a key with one statement, and asks nothing of one that is misspelt", async () => {
  const statements: string[] = [];
  const query: Query = (sql, params) => {
    statements.push(sql.slice(0, 6));
    return viaPg(pools[0])(sql, params);
  };
  const { store } = await twoStores(query, query);
  const apiKeys = createApiKeys({ store });
  const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "A" });
  await apiKeys.authenticate(key);
  await apiKeys.close(); // the first use is written
  statements.length = 0;
  for (let i = 0; i < 10; i++) expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
  await apiKeys.authenticate(key.slice(0, -1));
  expect(statements).toEqual(Array(10).fill("SELECT"));
});

describe("races on PostgreSQL, 400 trials each", () => {
  it.each(RACES)(
    "%s",
    async (name) => {
      const { store, other } = await twoStores(viaPg(pools[0]), viaPg(pools[1]));
      const count = await runRace(name, [store, other]);
      expect(count).toMatchObject({ ...NO_FAULT, trials: 400 });
      expect(count.overlapped).toBeGreaterThan(200);
    },
    60_000,
  );
});

describe("migrate", () => {
  it("creates the tables once when instances start at once", async () => {
    for (let n = 1; n <= 10; n++) {
      const stores = Array.from({ length: 8 }, (_, i) =>
        createSqlStore({ dialect: "postgres", query: viaPg(pools[i % 2]!), table: `at_once_${n}` }),
      );
      await Promise.all(stores.map((store) => store.migrate()));
      await stores[0]!.raiseLease(500);
      await Promise.all(stores.map((store) => store.migrate()));
      expect(await stores[1]!.findByHash("none")).toEqual({ record: null, leaseMs: 500 });
    }
  });

  it("takes a table in a schema", async () => {
    await pools[0].query("CREATE SCHEMA auth");
    const query = viaPg(pools[0]);
    const store = createSqlStore({ dialect: "postgres", query, table: "auth.api_keys" });
    const error = await errorOf(() => store.findByHash("none"));
    expect(error.message).toBe('"auth.api_keys" is missing: run store.migrate()');
    await store.migrate();
    expect(await store.insert(recordOf())).toBe(true);
  });
});

describe("whatever the isolation that sessions begin with", () => {
  it("grants at once all arrive", async () => {
    const options = "-c default_transaction_isolation=serializable";
    const pool = openPool({ options });
    closing.push(() => pool.end());
    const { store } = await twoStores(viaPg(pool), viaPg(pool));
    const apiKeys = createApiKeys({ store });
    const { apiKey } = await apiKeys.create({ organizationId: "monogram-labs", name: "Website" });
    const ref = { organizationId: "monogram-labs", id: apiKey.id };
    const ids = ["a", "b", "c", "d"];
    await Promise.all(ids.map((libraryId) => apiKeys.grant(ref, { libraryId, level: "read" })));
    expect(await apiKeys.get(ref)).toMatchObject({ version: 5 });
  });
});

it("a verification is one look into an index, 100,000 keys or not", async () => {
  const { table } = await twoStores(viaPg(pools[0]), viaPg(pools[1]));
  await pools[0].query(
    `INSERT INTO ${table} SELECT 'key ' || n, 'organization ' || n % 100, n, 'hash ' || n, '', '', '{}', 1, 1, NULL, n, NULL
     FROM generate_series(1, 100000) n`,
  );
  await pools[0].query(`ANALYZE ${table}`);
  const plans: string[] = [];
  const store = createSqlStore({
    dialect: "postgres",
    table,
    async query(sql, params) {
      const { rows } = await pools[0].query<Record<string, string>>(`EXPLAIN ${sql}`, params);
      plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
      return { rows: [{ id: null, lease_ms: 0 }] };
    },
  });
  await store.findByHash("hash 5");
  await store.findById({ organizationId: "organization 5", id: "key 5" });
  expect(plans[0]).toContain(`Index Scan using ${table}_hash_key`);
  expect(plans[1]).toContain(`Index Scan using ${table}_pkey`);
  await Promise.resolve(store.list("organization 5", 50, { createdAtMs: 5, id: "a" })).catch(
    () => {},
  );
  expect(plans[2]).toContain(`Index Scan using ${table}_organization_id_created_at_ms_id_key`);
  expect(plans[2]).not.toContain("Sort");
});

describe("the fence: a transaction of the host, while its key is current", () => {
  /** As in docs/stores.md. */
  async function whileCurrent<T>(
    table: string,
    fence: { readonly keyId: string; readonly version: number },
    effect: (client: pg.ClientBase) => Promise<T>,
  ): Promise<T> {
    const client = await pools[1].connect();
    try {
      await client.query("BEGIN");
      const { rowCount } = await client.query(
        `SELECT 1 FROM ${table} WHERE id = $1 AND version = $2
         AND (expires_at_ms IS NULL OR expires_at_ms > $3) FOR SHARE`,
        [fence.keyId, fence.version, Date.now()],
      );
      if (rowCount !== 1) throw new Error("the key is no longer current");
      const answer = await effect(client);
      await client.query("COMMIT");
      return answer;
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    } finally {
      client.release();
    }
  }

  async function oneKey(expiresAtMs: number | null = null) {
    const { store, table } = await twoStores(viaPg(pools[0]), viaPg(pools[1]));
    await pools[0].query(`CREATE TABLE ${table}_effects (n INTEGER)`);
    const apiKeys = createApiKeys({ store });
    const organizationId = "monogram-labs";
    const { key, apiKey } = await apiKeys.create({ organizationId, name: "Website", expiresAtMs });
    const verdict = await apiKeys.authenticate(key);
    if (!verdict.ok) throw new Error("a new key was refused");
    const effect = (client: pg.ClientBase) =>
      client.query(`INSERT INTO ${table}_effects VALUES (1)`);
    const effects = async () =>
      (await pools[0].query(`SELECT 1 FROM ${table}_effects`)).rowCount ?? 0;
    const ref = { organizationId, id: apiKey.id };
    return { apiKeys, ref, table, fence: verdict.caller.fence!, effect, effects };
  }
  type One = Awaited<ReturnType<typeof oneKey>>;

  it("commits", async () => {
    const { table, fence, effect, effects } = await oneKey();
    await whileCurrent(table, fence, effect);
    expect(await effects()).toBe(1);
  });

  it.each<[string, (one: One) => Promise<unknown>]>([
    ["regenerated", ({ apiKeys, ref }) => apiKeys.regenerate(ref)],
    ["deleted", ({ apiKeys, ref }) => apiKeys.delete(ref)],
    ["narrowed", ({ apiKeys, ref }) => apiKeys.setAccess(ref, { a: "read" })],
    ["disabled", ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false })],
  ])("fails once the key is %s", async (_, kill) => {
    const one = await oneKey();
    await kill(one);
    const error = await errorOf(() => whileCurrent(one.table, one.fence, one.effect));
    expect(error.message).toBe("the key is no longer current");
    expect(await one.effects()).toBe(0);
  });

  it("fails once the key has expired", async () => {
    const { table, fence, effect, effects } = await oneKey(Date.now() + 200);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await verdictOf(() => whileCurrent(table, fence, effect))).toBe("Error");
    expect(await effects()).toBe(0);
  });

  it.each<[string, (one: One) => Promise<unknown>]>([
    ["regeneration", ({ apiKeys, ref }) => apiKeys.regenerate(ref)],
    ["narrowing", ({ apiKeys, ref }) => apiKeys.setAccess(ref, { a: "read" })],
    ["deletion", ({ apiKeys, ref }) => apiKeys.delete(ref)],
  ])("makes a %s wait for it, so that no effect comes after that", async (_, kill) => {
    for (let n = 0; n < 20; n++) {
      const one = await oneKey();
      const transaction = whileCurrent(one.table, one.fence, async (client) => {
        await new Promise((resolve) => setTimeout(resolve, n % 5));
        return one.effect(client);
      }).catch(() => {});
      const killing = kill(one).then(one.effects);
      const [, before] = await Promise.all([transaction, killing]);
      expect(await one.effects()).toBe(before);
    }
  });
});
