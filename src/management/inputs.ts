import type { ApiKeys } from "../core/api-keys.js";
import type { Level } from "../core/access.js";
import { checkString, kindOf, MAX_NAME_LENGTH } from "../core/check.js";

/** A row of the table that a client sends. */
export interface AccessInput {
  readonly libraryId: string;
  readonly level: "READ" | "WRITE";
}

/** The most libraries that one change may name. */
export const MAX_LIBRARIES = 5000;

const LEVELS: Readonly<Record<AccessInput["level"], Level>> = { READ: "read", WRITE: "write" };

/** The table of a list of rows. A library that is named twice has no certain level. */
export function readAccess(rows: unknown): Readonly<Record<string, Level>> {
  if (!isRows(rows)) throw new TypeError(`"access" expected a list, got ${kindOf(rows)}`);
  if (rows.length > MAX_LIBRARIES) {
    throw new RangeError(`"access" expected at most ${MAX_LIBRARIES} libraries`);
  }
  const table = new Map(rows.map(({ libraryId, level }) => [libraryId, LEVELS[level]]));
  if (table.size < rows.length) throw new RangeError('"access" names a library twice');
  return Object.fromEntries(table); // defines properties, `__proto__` included
}

/** What is inside a list is GraphQL's to check. */
function isRows(rows: unknown): rows is readonly AccessInput[] {
  return Array.isArray(rows);
}

/**
 * A name that is safe to show anywhere. Whatever sends mails or draws dashboards from audit logs may forget to escape;
 * and a key that was pasted into the wrong field would be kept in clear. Its length is the core's to check.
 */
export function readName(apiKeys: ApiKeys, name: unknown): string {
  if (checkString("name", name).length > MAX_NAME_LENGTH) return name as string;
  if (/[<>]/.test(name as string)) throw new RangeError('"name" expected text without "<" and ">"');
  if (apiKeys.redact(name as string) !== name) {
    throw new RangeError('"name" expected a name, and has a key in it');
  }
  return name;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Unix milliseconds of a time in ISO 8601 with its zone; null: never. What cannot be read is never "never". */
export function readExpiry(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const text = checkString("expiresAt", value);
  const parts = TIME.exec(text);
  const atMs = parts === null ? Number.NaN : Date.parse(text);
  // JavaScript reads the 30th of February as the 2nd of March.
  if (parts === null || Number.isNaN(atMs) || !isDay(parts.slice(1).map(Number))) {
    throw new RangeError('"expiresAt" expected a time such as "2027-01-31T12:00:00Z", or null');
  }
  return atMs;
}

function isDay([year, month, day]: readonly number[]): boolean {
  return new Date(Date.UTC(year!, month! - 1, day)).getUTCDate() === day;
}

/** The argument that an error of the core or of these functions is about, and its message in words of the API. */
export function problemOf(error: unknown): { argument: string; message: string } | null {
  if (!(error instanceof RangeError || error instanceof TypeError)) return null;
  const argument = ARGUMENT.exec(error.message)?.[1];
  if (argument === undefined) return null;
  const isTime = error.message.startsWith('"expiresAtMs"');
  const message = isTime ? '"expiresAt" expected a time in the future' : error.message;
  return { argument, message: message.replace(/^"ref\./, '"') };
}

// Names of options and functions of the host are none of these.
const ARGUMENT =
  /^"(?:ref\.)?(name|access|expiresAt|enabled|id|version|first|after|search|submissionId)(?:Ms)?(?:["[:]|$)/;
