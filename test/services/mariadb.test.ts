import { createPool, type Pool, type PoolOptions, type ResultSetHeader } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyStore } from "../../src/index.js";
import { createSqlStore, type SqlStoreOptions } from "../../src/stores/sql.js";
import { NO_FAULT, RACES, runRace } from "../support/races.js";
import { itKeepsKeys } from "../support/store-cases.js";

type Query = SqlStoreOptions["query"];

const url = process.env["MARIADB_URL"] ?? "mysql://root@127.0.0.1:3306";
const database = `graphql_api_keys_${process.pid}`;
const pools: Pool[] = [];

function open(options: PoolOptions = {}): Pool {
  const pool = createPool({ uri: url, connectionLimit: 5, ...options });
  pools.push(pool);
  return pool;
}

beforeAll(async () => {
  try {
    await open().query(`CREATE DATABASE ${database}`);
  } catch (cause) {
    throw new Error(
      `No MariaDB or MySQL at ${url.replace(/^.*@/, "")}. Start one (Debian: apt-get install mariadb-server, then ` +
        "mariadbd-safe), or say where it is: MARIADB_URL=mysql://user:password@host:port",
      { cause },
    );
  }
});

afterAll(async () => {
  await pools[0]?.query(`DROP DATABASE IF EXISTS ${database}`);
  for (const pool of pools) await pool.end();
}, 120_000); // hundreds of tables

const answerOf = (answer: unknown) =>
  Array.isArray(answer)
    ? { rows: answer as unknown[] }
    : { rows: [], affected: (answer as ResultSetHeader).affectedRows };

/** As in docs/stores.md. */
const prepared =
  (pool: Pool): Query =>
  async (sql, params) =>
    answerOf((await pool.execute(sql, params))[0]);

/** Parameters are put into the text by the driver. */
const escaped =
  (pool: Pool): Query =>
  async (sql, params) =>
    answerOf((await pool.query(sql, params))[0]);

let tables = 0;

async function twoStores(first: Query, second: Query) {
  const table = `api_keys_${++tables}`;
  const [store, other] = [first, second].map((query) =>
    createSqlStore({ dialect: "mysql", query, table }),
  );
  await store!.migrate();
  return [store!, other!, table] as const;
}

const ways: readonly (readonly [name: string, run: (pool: Pool) => Query, options: PoolOptions])[] =
  [
    ["prepared statements, rows that matched count as affected", prepared, {}],
    [
      "escaped parameters, only rows that changed count as affected",
      escaped,
      { flags: ["-FOUND_ROWS"] },
    ],
    [
      "prepared statements, big numbers as text",
      prepared,
      { supportBigNumbers: true, bigNumberStrings: true },
    ],
  ];

describe.each(ways)("%s", (_, run, options) => {
  let queries: readonly [Query, Query] | undefined;
  itKeepsKeys(async () => {
    queries ??= [run(open({ database, ...options })), run(open({ database, ...options }))];
    const [store, other] = await twoStores(...queries);
    return { store, reopen: () => other };
  });
});

describe("on one MariaDB", () => {
  let queries: readonly [Query, Query];
  beforeAll(() => {
    queries = [prepared(open({ database })), prepared(open({ database }))];
  });

  it.each(RACES)(
    "400 races without a fault: %s",
    async (name) => {
      const [store, other] = await twoStores(...queries);
      const count = await runRace(name, [store, other]);
      expect(count).toMatchObject({ ...NO_FAULT, trials: 400 });
      expect(count.overlapped).toBeGreaterThan(200);
    },
    120_000,
  );

  it("instances that start at once create the tables once", async () => {
    for (let n = 1; n <= 10; n++) {
      const table = `at_once_${n}`;
      const stores = Array.from({ length: 6 }, (_, i) =>
        createSqlStore({ dialect: "mysql", query: queries[i % 2]!, table }),
      );
      await Promise.all(stores.map((store) => store.migrate()));
      await stores[0]!.raiseLease(500);
      await Promise.all(stores.map((store) => store.migrate()));
      expect(await stores[1]!.findByHash("none")).toEqual({ record: null, leaseMs: 500 });
    }
  });

  it("says what to do when the tables are missing", async () => {
    const store: KeyStore = createSqlStore({ dialect: "mysql", query: queries[0], table: "none" });
    await expect(store.findByHash("none")).rejects.toThrow(
      '"none" is missing: run store.migrate()',
    );
  });

  it("looks a key up by its index", async () => {
    const [store, , table] = await twoStores(...queries);
    const explained: unknown[] = [];
    const explaining = createSqlStore({
      dialect: "mysql",
      table,
      async query(sql, params) {
        explained.push(...(await queries[0](`EXPLAIN ${sql}`, params)).rows);
        return queries[0](sql, params);
      },
    });
    await store.migrate();
    await explaining.findByHash("a".repeat(64));
    expect(explained).toMatchObject([
      { table: "s", type: "const", key: "PRIMARY" },
      { table: "k", key: "hash" },
    ]);
  });
});
