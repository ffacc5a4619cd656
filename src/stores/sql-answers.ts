import type { AccessTable } from "../core/access.js";
import { freezeRecord } from "../core/ask.js";
import { kindOf } from "../core/check.js";
import type { ApiKeyRecord } from "../core/store.js";

type Row = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A record from a row, whichever way a driver says BIGINT, JSON, VARBINARY and booleans. */
export function readRecord(row: Row): ApiKeyRecord {
  const record: ApiKeyRecord = {
    id: readText(row, "id"),
    organizationId: readText(row, "organization_id"),
    name: readText(row, "name"),
    hash: readText(row, "hash"),
    hint: readText(row, "hint"),
    access: readAccess(row),
    version: readInteger(row, "version"),
    enabled: readBoolean(row, "enabled"),
    expiresAtMs: readTime(row, "expires_at_ms"),
    createdAtMs: readInteger(row, "created_at_ms"),
    updatedAtMs: readInteger(row, "updated_at_ms"),
    lastUsedAtMs: readTime(row, "last_used_at_ms"),
  };
  return freezeRecord(record, record.lastUsedAtMs);
}

/** A column that holds an integer. */
export function readInteger(row: Row, column: string): number {
  const value = row[column];
  const integer = typeof value === "number" ? value : Number(isInteger(value) ? value : Number.NaN);
  if (!Number.isSafeInteger(integer)) throw unreadable(row, column, "an integer");
  return integer;
}

const isInteger = (value: unknown) =>
  typeof value === "bigint" || (typeof value === "string" && /^-?\d+$/.test(value));

function readTime(row: Row, column: string): number | null {
  return row[column] === null ? null : readInteger(row, column);
}

function readBoolean(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value === "boolean") return value;
  const integer = readInteger(row, column);
  if (integer !== 0 && integer !== 1) throw unreadable(row, column, "0 or 1");
  return integer === 1;
}

function readText(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  if (ArrayBuffer.isView(value)) return utf8.decode(value);
  throw unreadable(row, column, "text");
}

function readAccess(row: Row): AccessTable {
  const value = row["access"];
  const isRead = kindOf(value) === "object" && !ArrayBuffer.isView(value);
  const entries: unknown = isRead ? value : JSON.parse(readText(row, "access"));
  if (kindOf(entries) !== "object") throw unreadable(row, "access", "an object");
  const table = Object.setPrototypeOf({}, null) as AccessTable;
  return Object.freeze(Object.assign(table, entries));
}

function unreadable(row: Row, column: string, expected: string): TypeError {
  return new TypeError(`"${column}" expected ${expected}, got ${kindOf(row[column])}`);
}

/** PostgreSQL's SQLSTATE, MySQL's names and numbers, SQLite's extended codes, as the drivers give them. */
const CODES = {
  duplicate: [
    ...["23505", "ER_DUP_ENTRY", 1062],
    ...["SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", 1555, 2067],
  ],
  /** Rolled back for the sake of another; nothing was written, and a second try can succeed. */
  rolledBack: ["40001", "40P01", "ER_LOCK_DEADLOCK", 1213],
  missingTable: ["42P01", "ER_NO_SUCH_TABLE", 1146],
} satisfies Record<string, readonly unknown[]>;

/** For drivers that give SQLite's codes as text only, D1 among them. */
const MESSAGES: Partial<Record<keyof typeof CODES, RegExp>> = {
  duplicate: /^[\w: ]*UNIQUE constraint failed: /,
  missingTable: /^[\w: ]*no such table: /,
};

/** Whether an error, or what caused it, is of a kind. Query builders wrap the errors of drivers. */
export function isFailure(kind: keyof typeof CODES, error: unknown, depth = 4): boolean {
  if (typeof error !== "object" || error === null || depth === 0) return false;
  const { code, errno, errcode, message, cause, meta } = error as Record<string, unknown>;
  const codes: readonly unknown[] = CODES[kind];
  if ([code, errno, errcode].some((each) => codes.includes(each))) return true;
  if (typeof message === "string" && MESSAGES[kind]?.test(message) === true) return true;
  return isFailure(kind, cause, depth - 1) || isFailure(kind, meta, depth - 1);
}
