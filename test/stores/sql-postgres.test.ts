import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqlStore, type SqlStoreOptions } from "../../src/stores/sql.js";
import { startPostgres, type Postgres } from "../support/postgres.js";
import { NO_FAULT, RACES, runRace } from "../support/races.js";
import { itKeepsKeys } from "../support/store-cases.js";

type Query = SqlStoreOptions["query"];

let server: Postgres;
let pools: readonly [pg.Pool, pg.Pool];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startPostgres();
  const open = () => new pg.Pool({ connectionString: server.url }).on("error", () => {});
  pools = [open(), open()];
}, 60_000);

afterAll(async () => {
  for (const close of [...closing, ...pools.map((pool) => () => pool.end())]) await close();
  await server.stop();
});

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
