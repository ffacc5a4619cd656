import { checkId, checkObject, checkString, quote } from "./check.js";

/** What a key may do with a library. Write includes read. */
export type Level = "read" | "write";

/** A library. Its id is unique within its organization only, so it is always the pair. */
export interface LibraryRef {
  /** Id of the organization that the library belongs to. */
  readonly organizationId: string;
  /** Id of the library within it. */
  readonly libraryId: string;
}

/** A key's table, library id → level, within its organization. There is no wildcard; an empty table reaches nothing. */
export type AccessTable = Readonly<Record<string, Level>>;

// In the registry of symbols, so that a value made by one copy of this package is understood by another.
const EVERY: unique symbol = Symbol.for("graphql-api-keys.everyLibrary") as never;

/** Every library of the caller's organization at one level. Made by {@link everyLibrary}; never part of a key. */
export interface EveryLibrary {
  readonly [EVERY]: Level;
}

/** What a caller reaches within its organization. */
export type CallerAccess = AccessTable | EveryLibrary;

/**
 * Access to every library of an organization, for callers that are not API keys.
 *
 * @param level - `"read"` or `"write"`.
 * @returns A value for the `access` of `createCaller`.
 * @throws TypeError when the level is no string, RangeError when it is neither.
 */
export function everyLibrary(level: Level): EveryLibrary {
  return Object.freeze({ [EVERY]: checkLevel('"level"', level) });
}

/** Whether an access is {@link everyLibrary}'s. */
export function isEveryLibrary(access: unknown): access is EveryLibrary {
  return typeof access === "object" && access !== null && EVERY in access;
}

/** Throws unless the value is `"read"` or `"write"`. */
export function checkLevel(name: string, value: unknown): Level {
  if (value === "read" || value === "write") return value;
  const kind = typeof value === "string" ? RangeError : TypeError;
  throw new kind(`${name} expected "read" or "write"`);
}

/** Throws unless the value is a pair of strings. Any strings: what a client names need not be an id, and is out of reach. */
export function checkLibrary(name: string, value: unknown): LibraryRef {
  const { organizationId, libraryId } = checkObject(name, value) as Partial<LibraryRef>;
  checkString(`${name}.organizationId`, organizationId);
  checkString(`${name}.libraryId`, libraryId);
  return value as LibraryRef;
}

/**
 * Checks an access table and copies it, so that nobody changes it afterwards.
 *
 * @param name - How error messages call the table.
 * @param input - An object from library id to level. Only its own enumerable properties count.
 * @returns A frozen copy without a prototype, so that `constructor` and `__proto__` are ids like any other.
 * @throws TypeError when it is no such object; RangeError when an id or a level is not valid.
 */
export function checkAccess(name: string, input: unknown): AccessTable {
  const given = checkObject(name, input);
  const prototype = Object.getPrototypeOf(given) as object | null;
  const plain = prototype === null || Object.hasOwn(prototype, "isPrototypeOf");
  if (!plain || isEveryLibrary(given)) {
    // A Map or a class instance has no entries of its own: it would be taken for an empty table. So would the table in
    // `{ __proto__: table }`, which JavaScript reads as the object's prototype, and `everyLibrary`, which no key can have.
    throw new TypeError(`"${name}" expected a plain object of library id → level`);
  }
  const table = emptyTable();
  for (const [libraryId, level] of Object.entries(given)) {
    checkId(`${name}: library id`, libraryId);
    table[libraryId] = checkLevel(`${name}[${quote(libraryId)}]`, level);
  }
  return Object.freeze(table);
}

/**
 * A copy of a store's table that nobody can change, as {@link checkAccess} makes them. Its ids are whatever they are: what
 * cannot be granted any more may have been granted once.
 *
 * @throws TypeError or RangeError when a level is none.
 */
export function copyAccess(access: AccessTable): AccessTable {
  const table = emptyTable();
  for (const [libraryId, level] of Object.entries(access))
    table[libraryId] = checkLevel("level", level);
  return Object.freeze(table);
}

/** Whether an access at one level is enough for what needs another. */
export function includes(granted: Level | undefined, needed: Level): boolean {
  return granted === "write" || (granted === "read" && needed === "read");
}

/** The level on one library, or undefined. Own properties only, whatever object a store answered. */
export function levelOf(access: CallerAccess, libraryId: string): Level | undefined {
  if (Object.hasOwn(access, libraryId)) return (access as AccessTable)[libraryId];
  return (access as EveryLibrary)[EVERY];
}

/** Whether some library is within reach at a level. */
export function reachesSome(access: CallerAccess, level: Level): boolean {
  const every = (access as EveryLibrary)[EVERY];
  if (every !== undefined) return includes(every, level);
  for (const libraryId in access) if (includes(levelOf(access, libraryId), level)) return true;
  return false;
}

/** The ids within reach at a level in the order of the table, or `"every"`. */
export function librariesOf(access: CallerAccess, level: Level): readonly string[] | "every" {
  const every = (access as EveryLibrary)[EVERY];
  if (every !== undefined) return includes(every, level) ? "every" : [];
  return Object.keys(access).filter((libraryId) => includes(levelOf(access, libraryId), level));
}

/** The larger of two levels. */
export function strongest(a: Level | undefined, b: Level): Level {
  return a === "write" ? a : b;
}

/** A copy of a table with one library at a level, or without it; the same table where that changes nothing. */
export function withLevel(
  access: AccessTable,
  libraryId: string,
  level: Level | undefined,
): AccessTable {
  if (levelOf(access, libraryId) === level) return access;
  const table = Object.assign(emptyTable(), access);
  if (level === undefined) delete table[libraryId];
  else table[libraryId] = level;
  return Object.freeze(table);
}

/**
 * An object without a prototype. Not by `Object.create(null)`: V8 gives each of those a hidden class of its own once it
 * is frozen, which costs memory for every key and a cache miss at every use.
 */
function emptyTable(): Record<string, Level> {
  return Object.setPrototypeOf({}, null) as Record<string, Level>;
}
