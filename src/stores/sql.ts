import { checkFunction, checkInteger, checkOptions, checkString, kindOf } from "../core/check.js";
import { isPromiseLike, type MaybePromise } from "../core/maybe-promise.js";
import type { Found, KeyStore } from "../core/store.js";
import { isFailure, readInteger, readRecord } from "./sql-answers.js";
import {
  changedValues,
  insertedValues,
  statementsOf,
  type SqlDialect,
  type SqlValue,
} from "./sql-statements.js";

export type { SqlDialect, SqlValue } from "./sql-statements.js";

/** What a statement did. */
export interface SqlResult {
  /** What a SELECT found, as objects with a property a column; empty otherwise. */
  readonly rows: readonly unknown[];
  /** How many rows a statement other than SELECT changed, inserted or deleted. Whether unchanged ones count is equal. */
  readonly affected?: number | bigint | null | undefined;
}

/** Options of {@link createSqlStore}. */
export interface SqlStoreOptions {
  /** What the database speaks. */
  readonly dialect: SqlDialect;
  /**
   * Runs one statement in a transaction of its own, on the primary, and answers once it is committed. Parameters are
   * written `$1`, `$2`… for PostgreSQL, otherwise `?`. What reads begins with `SELECT`, and nothing else does. A driver
   * that answers at once makes a store that does.
   */
  readonly query: (sql: string, params: SqlValue[]) => MaybePromise<SqlResult>;
  /** The table of keys, with its schema if need be: `auth.api_keys`. Default `"api_keys"`. Settings are in `<table>_settings`. */
  readonly table?: string;
}

/** A store in a SQL database. */
export interface SqlStore extends KeyStore {
  /**
   * Creates the tables, or brings them up to date. Does nothing where they are; may run at every start, on several
   * instances at once. Tables of a later version of this package are left as they are.
   */
  migrate(): Promise<void>;
}

const TRIES = 3;

/**
 * Keeps API keys in PostgreSQL, MySQL, MariaDB or SQLite, through whatever runs statements there. Every call is one
 * statement and one round trip; a verification is one look into an index.
 *
 * @param options - The dialect, and a function that runs a statement.
 * @returns A store. Await `migrate()` once before it is used.
 * @throws TypeError or RangeError when an option is not as described; the message names it.
 * @example
 * ```ts
 * import pg from "pg";
 * import { createApiKeys } from "graphql-api-keys";
 * import { createSqlStore } from "graphql-api-keys/stores/sql";
 *
 * const pool = new pg.Pool();
 * const store = createSqlStore({
 *   dialect: "postgres",
 *   async query(sql, params) {
 *     const { rows, rowCount } = await pool.query(sql, params);
 *     return { rows, affected: rowCount };
 *   },
 * });
 * await store.migrate();
 * const apiKeys = createApiKeys({ store });
 * ```
 */
export function createSqlStore(options: SqlStoreOptions): SqlStore {
  checkOptions("options", options, ["dialect", "query", "table"]);
  const { dialect, query, table = "api_keys" } = options;
  if (!["postgres", "mysql", "sqlite"].includes(checkString("dialect", dialect))) {
    throw new RangeError('"dialect" expected "postgres", "mysql" or "sqlite"');
  }
  checkFunction("query", query);
  if (!/^([a-z_][a-z0-9_]{0,39}\.)?[a-z_][a-z0-9_]{0,39}$/.test(checkString("table", table))) {
    throw new RangeError('"table" expected 1 to 40 of a-z, 0-9 and "_", a schema and "." before');
  }
  const statements = statementsOf(dialect, table);

  /** Runs one statement; `rescue` answers when what it wants to write is taken. */
  function run<T>(
    sql: string,
    params: SqlValue[],
    read: (result: SqlResult) => T,
    rescue?: () => MaybePromise<T>,
    tries = TRIES,
  ): MaybePromise<T> {
    function fail(error: unknown): MaybePromise<T> {
      if (tries > 1 && isFailure("rolledBack", error)) {
        return run(sql, params, read, rescue, tries - 1);
      }
      if (rescue !== undefined && isFailure("duplicate", error)) return rescue();
      if (!isFailure("missingTable", error)) throw error;
      throw new Error(`"${table}" is missing: run store.migrate()`, { cause: error });
    }
    let result;
    try {
      result = query(sql, params);
    } catch (error) {
      return fail(error);
    }
    return isPromiseLike(result) ? result.then(read, fail) : read(result);
  }

  const write = (
    sql: string,
    params: SqlValue[],
    rescue: () => MaybePromise<boolean> = () => false,
  ) => run(sql, params, wasAffected, rescue);

  function readFound(result: SqlResult): Found {
    const [row] = rowsOf(result);
    if (row === undefined) throw new Error(`"${table}_settings" has no lease: run store.migrate()`);
    const record = row["id"] === null ? null : readRecord(row);
    return { record, leaseMs: readInteger(row, "lease_ms") };
  }

  const versionNow = () =>
    run(statements.schema, [], (result) => readInteger(rowsOf(result)[0] ?? { value: 0 }, "value"));

  /** For statements that may run twice. Two instances at once can fail in many ways, all of which pass. */
  async function insist(sql: string, params: SqlValue[] = []): Promise<void> {
    for (let tries = TRIES; ; tries--) {
      try {
        await query(sql, params);
        return;
      } catch (error) {
        if (tries === 1) throw error;
      }
    }
  }

  return {
    findByHash: (hash) => run(statements.findByHash, [hash], readFound),

    findById: ({ organizationId, id }) => run(statements.findById, [organizationId, id], readFound),

    list(organizationId, first, after) {
      const { createdAtMs, id } = after ?? { createdAtMs: -1, id: "" };
      const sql = statements.list(checkInteger("first", first, 0, Number.MAX_SAFE_INTEGER));
      const params = [organizationId, createdAtMs, createdAtMs, id];
      return run(sql, params, (result) => rowsOf(result).map(readRecord));
    },

    insert: (record) => write(statements.insert, insertedValues(record)),

    replace(record, { version, hash }) {
      const { organizationId, id } = record;
      const params = [...changedValues(record), organizationId, id, version, hash];
      return write(statements.replace, params);
    },

    delete: ({ organizationId, id }, version) =>
      version === undefined
        ? write(statements.delete, [organizationId, id])
        : write(statements.deleteVersion, [organizationId, id, version]),

    touch({ organizationId, id, hash, atMs, newHash }) {
      const used = () => run(statements.touch, [atMs, atMs, organizationId, id, hash], nothing);
      if (newHash === null) return used();
      const params = [atMs, atMs, newHash, organizationId, id, hash];
      return run(statements.touchAndRehash, params, nothing, used);
    },

    raiseLease: (leaseMs) => run(statements.raise, [leaseMs, "lease", leaseMs], nothing),

    async migrate() {
      // Where there is no table yet this fails; where there is no database everything after it does.
      const version = await Promise.resolve()
        .then(versionNow)
        .catch(() => 0);
      for (const [i, migration] of statements.migrations.entries()) {
        if (i < version) continue;
        for (const statement of migration) await insist(statement);
        await insist(statements.raise, [i + 1, "schema", i + 1]);
      }
    },
  };
}

function nothing(): void {}

function rowsOf({ rows }: SqlResult): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(rows)) throw answered("rows", rows);
  for (const row of rows) if (kindOf(row) !== "object") throw answered("rows", row);
  return rows as readonly Readonly<Record<string, unknown>>[];
}

function wasAffected({ affected }: SqlResult): boolean {
  // Anything else would become "nothing was written".
  if (typeof affected !== "number" && typeof affected !== "bigint") {
    throw answered("affected", affected);
  }
  return affected > 0;
}

function answered(property: string, value: unknown): TypeError {
  return new TypeError(
    `"query" expected to answer { rows, affected }, got ${kindOf(value)} as ${property}`,
  );
}
