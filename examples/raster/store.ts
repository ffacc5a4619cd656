import { fileURLToPath } from "node:url";
import type { KeyStore } from "graphql-api-keys";
import { createRedisStore } from "graphql-api-keys/stores/redis";
import { createSqlStore } from "graphql-api-keys/stores/sql";
import Database from "libsql";
import pg from "pg";
import { createClient } from "redis";

/** A store, and what ends its connections. */
export interface Opened {
  readonly store: KeyStore;
  /** Several processes may use it at once. */
  readonly isShared: boolean;
  close(): Promise<void>;
}

const DEFAULT_FILE = fileURLToPath(new URL("keys.db", import.meta.url));

/**
 * Opens the store of keys: `DATABASE_URL`, for several processes, or an embedded database in `DATABASE_FILE`.
 *
 * @param env - The environment.
 */
export async function openStore(env: NodeJS.ProcessEnv): Promise<Opened> {
  const url = env["DATABASE_URL"];
  if (!url) return openFile(env["DATABASE_FILE"] || DEFAULT_FILE);
  if (/^postgres(ql)?:/.test(url)) return openPostgres(url);
  if (/^rediss?:/.test(url)) return openRedis(url);
  throw new RangeError("DATABASE_URL expected postgres://… or redis://…");
}

async function openFile(file: string): Promise<Opened> {
  const db = new Database(file, { timeout: 5000 });
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  const store = createSqlStore({
    dialect: "sqlite",
    query(sql, params) {
      const statement = db.prepare(sql);
      if (statement.reader) return { rows: statement.all(...params) };
      // libsql 0.5 leaves a write open that found the file locked, and nothing after it would be committed.
      db.exec("BEGIN IMMEDIATE");
      try {
        const { changes } = statement.run(...params);
        db.exec("COMMIT");
        return { rows: [], affected: changes };
      } catch (error) {
        if (db.inTransaction) db.exec("ROLLBACK");
        throw error;
      }
    },
  });
  await store.migrate();
  return { store, isShared: false, close: async () => void db.close() };
}

async function openPostgres(connectionString: string): Promise<Opened> {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", ({ message }) => console.error(message));
  const store = createSqlStore({
    dialect: "postgres",
    async query(sql, params) {
      const { rows, rowCount } = await pool.query(sql, params);
      return { rows, affected: rowCount };
    },
  });
  await store.migrate();
  return { store, isShared: true, close: () => pool.end() };
}

async function openRedis(url: string): Promise<Opened> {
  const redis = createClient({ url, disableOfflineQueue: true });
  redis.on("error", ({ message }: Error) => console.error(message));
  await redis.connect();
  const store = createRedisStore({ command: (args) => redis.sendCommand([...args]) });
  return { store, isShared: true, close: () => redis.close() };
}
