import type { ApiKeyRecord } from "../core/store.js";

/** What the database speaks. MariaDB speaks `"mysql"`; libSQL, Turso and D1 speak `"sqlite"`. */
export type SqlDialect = "postgres" | "mysql" | "sqlite";

/** What a statement is given. */
export type SqlValue = string | number | null;

interface Dialect {
  /** A type for text that is compared as bytes: without collation, padding or normalization. Up to 256 UTF-16 units. */
  readonly id: string;
  /** A type for text of any length that nothing is looked up by. */
  readonly text: string;
  /** Follows an INSERT: a row whose key is taken stays as it is. */
  readonly keep: string;
  /** The same, where the number of rows has to tell that it stayed. Empty: an INSERT fails instead. */
  readonly skip: string;
  /** Follows a CREATE TABLE. */
  readonly table: string;
  /** Writes the n-th parameter. */
  readonly parameter: (n: number) => string;
}

const question = () => "?";

const DIALECTS: Readonly<Record<SqlDialect, Dialect>> = {
  postgres: {
    id: 'TEXT COLLATE "C"',
    text: "TEXT",
    keep: "ON CONFLICT DO NOTHING",
    skip: " ON CONFLICT DO NOTHING",
    table: "",
    parameter: (n) => `$${n}`,
  },
  mysql: {
    // utf8mb4_bin takes "a " for "a", and what does not is called differently in MySQL and MariaDB.
    id: "VARBINARY(768)",
    text: "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    keep: "ON DUPLICATE KEY UPDATE name = name",
    // INSERT IGNORE would hide other errors, and after ON DUPLICATE KEY UPDATE drivers count differently.
    skip: "",
    table: " ENGINE = InnoDB",
    parameter: question,
  },
  sqlite: {
    id: "TEXT",
    text: "TEXT",
    keep: "ON CONFLICT DO NOTHING",
    skip: " ON CONFLICT DO NOTHING",
    table: "",
    parameter: question,
  },
};

/** Every column, as a record's values go into it. */
const COLUMNS: Readonly<Record<string, (record: ApiKeyRecord) => SqlValue>> = {
  id: ({ id }) => id,
  organization_id: ({ organizationId }) => organizationId,
  created_at_ms: ({ createdAtMs }) => createdAtMs,
  hash: ({ hash }) => hash,
  hint: ({ hint }) => hint,
  name: ({ name }) => name,
  access: ({ access }) => JSON.stringify(access),
  version: ({ version }) => version,
  enabled: ({ enabled }) => Number(enabled),
  expires_at_ms: ({ expiresAtMs }) => expiresAtMs,
  updated_at_ms: ({ updatedAtMs }) => updatedAtMs,
  last_used_at_ms: ({ lastUsedAtMs }) => lastUsedAtMs,
};

const NAMES = Object.keys(COLUMNS);
/** What a replacement changes. */
const CHANGED = NAMES.filter((name) => !/^(id|organization_id|last_used_at_ms)$/.test(name));

const valuesOf = (record: ApiKeyRecord, names: readonly string[]): SqlValue[] =>
  names.map((name) => COLUMNS[name]!(record));

/** Values for `insert`. */
export const insertedValues = (record: ApiKeyRecord): SqlValue[] => valuesOf(record, NAMES);

/** Values for the first part of `replace`. */
export const changedValues = (record: ApiKeyRecord): SqlValue[] => valuesOf(record, CHANGED);

/**
 * The statements of a store, all of them.
 *
 * @param table - Name of the table of keys; that of the settings is `<table>_settings`.
 */
export function statementsOf(name: SqlDialect, table: string) {
  const dialect = DIALECTS[name];
  const settings = `${table}_settings`;

  /** Writes parameters as the dialect does. No statement has a `?` that is none. */
  const sql = (text: string): string => {
    let n = 0;
    return text.replace(/\?/g, () => dialect.parameter(++n));
  };
  // The settings row comes first, so that the lease length is answered also where there is no such key.
  const find = (condition: string) =>
    sql(
      `SELECT s.value AS lease_ms, ${NAMES.map((column) => `k.${column}`).join(", ")} ` +
        `FROM ${settings} s LEFT JOIN ${table} k ON ${condition} WHERE s.name = 'lease'`,
    );
  const own = "organization_id = ? AND id = ?";
  const touch = (alsoSet: string) =>
    sql(
      `UPDATE ${table} SET last_used_at_ms = CASE WHEN last_used_at_ms > ? THEN last_used_at_ms ` +
        `ELSE ? END${alsoSet} WHERE ${own} AND hash = ?`,
    );
  const raise = sql(`UPDATE ${settings} SET value = ? WHERE name = ? AND value < ?`);
  const setting = (row: string) => `INSERT INTO ${settings} (name, value) VALUES (${row}) `;

  return {
    findByHash: find("k.hash = ?"),
    findById: find("k.organization_id = ? AND k.id = ?"),
    // The limit is no parameter: MySQL takes none that its driver sent as a floating-point number.
    list: (first: number) =>
      sql(
        `SELECT ${NAMES.join(", ")} FROM ${table} WHERE organization_id = ? AND created_at_ms >= ? ` +
          `AND (created_at_ms > ? OR id > ?) ORDER BY created_at_ms, id LIMIT ${first}`,
      ),
    insert: sql(
      `INSERT INTO ${table} (${NAMES.join(", ")}) VALUES (${NAMES.map(question).join(", ")})` +
        dialect.skip,
    ),
    replace: sql(
      `UPDATE ${table} SET ${CHANGED.map((column) => `${column} = ?`).join(", ")} ` +
        `WHERE ${own} AND version = ? AND hash = ?`,
    ),
    delete: sql(`DELETE FROM ${table} WHERE ${own}`),
    deleteVersion: sql(`DELETE FROM ${table} WHERE ${own} AND version = ?`),
    touch: touch(""),
    touchAndRehash: touch(", hash = ?"),
    raise,
    schema: `SELECT value FROM ${settings} WHERE name = 'schema'`,
    /** Schema version → what leads there. Never changed once released, only added to; each may run twice, or at once. */
    migrations: [
      [
        `CREATE TABLE IF NOT EXISTS ${settings} ` +
          `(name ${dialect.id} NOT NULL PRIMARY KEY, value BIGINT NOT NULL)${dialect.table}`,
        `CREATE TABLE IF NOT EXISTS ${table} (
          id ${dialect.id} NOT NULL PRIMARY KEY,
          organization_id ${dialect.id} NOT NULL,
          created_at_ms BIGINT NOT NULL,
          hash ${dialect.id} NOT NULL,
          hint ${dialect.text} NOT NULL,
          name ${dialect.text} NOT NULL,
          access ${dialect.text} NOT NULL,
          version BIGINT NOT NULL,
          enabled SMALLINT NOT NULL,
          expires_at_ms BIGINT,
          updated_at_ms BIGINT NOT NULL,
          last_used_at_ms BIGINT,
          UNIQUE (hash),
          UNIQUE (organization_id, created_at_ms, id)
        )${dialect.table}`,
        setting("'lease', 0") + dialect.keep,
        setting("'schema', 0") + dialect.keep,
      ],
    ],
  };
}
