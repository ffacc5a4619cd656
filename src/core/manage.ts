import { checkAccess, checkLevel, levelOf, strongest, type AccessTable } from "./access.js";
import {
  checkBoolean,
  checkId,
  checkInteger,
  checkOptions,
  checkText,
  MAX_NAME_LENGTH,
  quote,
} from "./check.js";
import type { ApiKeys, ChangeRef, CreateOptions, LibrariesThatExist } from "./api-keys.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import { ApiKeyError } from "./errors.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import type { KeyHasher } from "./hash.js";
import type { KeyFormat } from "./key.js";
import type { ApiKey, ApiKeyRecord, ApiKeyRef, Found, KeyStore } from "./store.js";
import { isRecord, unavailable } from "./verify.js";

/** What managing needs. */
interface ManagerParts {
  readonly store: KeyStore;
  readonly format: KeyFormat;
  readonly hash: KeyHasher;
  readonly newId: () => string;
  readonly now: () => number;
  readonly emit: Emit<ApiKeyEvent>;
  readonly libraries: LibrariesThatExist | undefined;
}

type Manager = Pick<
  ApiKeys,
  | "create"
  | "list"
  | "get"
  | "setAccess"
  | "grant"
  | "revoke"
  | "update"
  | "regenerate"
  | "delete"
>;

/** What a change makes of a record; undefined: it is so already, and nothing is written. */
type Change = (record: ApiKeyRecord) => Partial<ApiKeyRecord> | undefined;

const REF = ["organizationId", "id", "version", "actor"] as const;
const MAX_TIME_MS = 8.64e15; // ECMA-262, time values
const MAX_PAGE = 500;
// Somebody wins each round of a race, so this is the number of rivals that one grant can outlast.
const MAX_ROUNDS = 100;

/** The management half of createApiKeys. Every write is one compare-and-set on the version of one record. */
export function createManager(parts: ManagerParts): Manager {
  const { store, format, hash, newId, now, emit, libraries } = parts;

  async function create(options: CreateOptions): Promise<{ key: string; apiKey: ApiKey }> {
    const known = ["organizationId", "name", "access", "expiresAtMs", "enabled", "actor"];
    checkOptions("options", options, known);
    const organizationId = checkId("organizationId", options.organizationId);
    const name = checkText("name", options.name, MAX_NAME_LENGTH);
    const access = checkAccess("access", options.access ?? {});
    const expiresAtMs = checkExpiry(options.expiresAtMs ?? null);
    const enabled = checkBoolean("enabled", options.enabled ?? true);
    const actor = checkActor(options.actor);
    await checkLibrariesExist(organizationId, Object.keys(access));
    const atMs = now();
    const key = format.generate();
    const record: ApiKeyRecord = Object.freeze({
      id: newId(),
      organizationId,
      name,
      hash: hash(key),
      hint: format.hint(key),
      access,
      version: 1,
      enabled,
      expiresAtMs,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      lastUsedAtMs: null,
    });
    if (!(await ask(() => store.insert(record)))) {
      throw unavailable(new Error("a new random id or hash was taken"));
    }
    emit?.({ type: "created", ...changed(record, actor), access });
    return { key, apiKey: withoutHash(record) };
  }

  async function list(options: { organizationId: string; first?: number; after?: string | null }) {
    checkOptions("options", options, ["organizationId", "first", "after"]);
    const organizationId = checkId("organizationId", options.organizationId);
    const first = checkInteger("first", options.first ?? 50, 1, MAX_PAGE);
    const after = decodeCursor("after", options.after);
    const records = await ask(() => store.list(organizationId, first + 1, after));
    if (!Array.isArray(records)) throw unavailable(new TypeError("the store answered no list"));
    for (const record of records) assertOwn(record, organizationId);
    const apiKeys = records.slice(0, first).map(withoutHash);
    const last = apiKeys.at(-1);
    return { apiKeys, endCursor: records.length > first && last ? encodeCursor(last) : null };
  }

  async function get(ref: ApiKeyRef): Promise<ApiKey | null> {
    const record = await find(checkRef(ref, ["organizationId", "id"]));
    return record && withoutHash(record);
  }

  async function setAccess(ref: ChangeRef, access: AccessTable): Promise<ApiKey> {
    checkRef(ref, REF);
    const after = checkAccess("access", access);
    await checkLibrariesExist(ref.organizationId, Object.keys(after));
    return changeAccess(ref, () => after, false);
  }

  async function grant(ref: ChangeRef, library: { libraryId: string; level: "read" | "write" }) {
    checkRef(ref, REF);
    checkOptions("library", library, ["libraryId", "level"]);
    const libraryId = checkId("libraryId", library.libraryId);
    const level = checkLevel('"level"', library.level);
    await checkLibrariesExist(ref.organizationId, [libraryId]);
    return changeAccess(
      ref,
      (access) => withLevel(access, libraryId, strongest(levelOf(access, libraryId), level)),
      true,
    );
  }

  async function revoke(ref: ChangeRef, library: { libraryId: string }): Promise<ApiKey> {
    checkRef(ref, REF);
    checkOptions("library", library, ["libraryId"]);
    const libraryId = checkId("libraryId", library.libraryId);
    return changeAccess(ref, (access) => withLevel(access, libraryId, undefined), true);
  }

  async function update(
    ref: ChangeRef,
    changes: { name?: string; expiresAtMs?: number | null; enabled?: boolean },
  ): Promise<ApiKey> {
    checkRef(ref, REF);
    checkOptions("changes", changes, ["name", "expiresAtMs", "enabled"]);
    const { name, expiresAtMs, enabled } = changes;
    const next: { -readonly [K in keyof ApiKeyRecord]?: ApiKeyRecord[K] } = {};
    if (name !== undefined) next.name = checkText("name", name, MAX_NAME_LENGTH);
    if (expiresAtMs !== undefined) next.expiresAtMs = checkExpiry(expiresAtMs);
    if (enabled !== undefined) next.enabled = checkBoolean("enabled", enabled);
    const fields = Object.keys(next) as (keyof ApiKeyRecord)[];
    const differs = (record: ApiKeyRecord) => fields.some((field) => record[field] !== next[field]);
    const { after, wrote } = await write(ref, (record) => (differs(record) ? next : undefined), true);
    if (wrote) emit?.({ type: "updated", ...changed(after, ref.actor), changed: fields });
    return withoutHash(after);
  }

  async function regenerate(ref: ChangeRef): Promise<{ key: string; apiKey: ApiKey }> {
    checkRef(ref, REF);
    const key = format.generate();
    const next = { hash: hash(key), hint: format.hint(key) };
    const { after } = await write(ref, () => next, false);
    emit?.({ type: "regenerated", ...changed(after, ref.actor) });
    return { key, apiKey: withoutHash(after) };
  }

  async function remove(ref: ChangeRef): Promise<boolean> {
    const { organizationId, id, version } = checkRef(ref, REF);
    if (!(await ask(() => store.delete({ organizationId, id }, version)))) {
      const record = version === undefined ? null : await find(ref);
      if (record) throw conflict(record);
      return false;
    }
    emit?.({ type: "deleted", atMs: now(), organizationId, keyId: id, actor: ref.actor ?? null });
    return true;
  }

  async function changeAccess(
    ref: ChangeRef,
    change: (access: AccessTable) => AccessTable,
    retry: boolean,
  ): Promise<ApiKey> {
    const { before, after, wrote } = await write(
      ref,
      (record) => {
        const access = change(record.access);
        return access === record.access ? undefined : { access };
      },
      retry,
    );
    if (wrote) {
      const table = { before: before.access, after: after.access };
      emit?.({ type: "accessChanged", ...changed(after, ref.actor), ...table });
    }
    return withoutHash(after);
  }

  /** Reads, changes and puts back if nobody came between. `retry` is for changes that commute with any other. */
  async function write(ref: ChangeRef, change: Change, retry: boolean) {
    for (let round = 1; ; round++) {
      const before = await find(ref);
      if (before === null) {
        throw new ApiKeyError("NOT_FOUND", "The organization has no such API key.");
      }
      if (ref.version !== undefined && ref.version !== before.version) throw conflict(before);
      const next = change(before);
      if (next === undefined) return { before, after: before, wrote: false };
      const version = before.version + 1;
      const after = Object.freeze({ ...before, ...next, version, updatedAtMs: now() });
      if (await ask(() => store.replace(after, before.version))) {
        return { before, after, wrote: true };
      }
      if (!retry || ref.version !== undefined || round === MAX_ROUNDS) {
        throw conflict(await find(ref));
      }
    }
  }

  async function find({ organizationId, id }: ApiKeyRef): Promise<ApiKeyRecord | null> {
    const { record } = (await ask(() => store.findById({ organizationId, id }))) as Partial<Found>;
    if (record === null) return null;
    assertOwn(record, organizationId);
    if (record.id !== id) throw unavailable(new TypeError("the store answered another API key"));
    return record;
  }

  async function checkLibrariesExist(organizationId: string, ids: readonly string[]) {
    if (libraries === undefined || ids.length === 0) return;
    const existing = new Set(await ask(() => libraries(organizationId, ids)));
    const missing = ids.find((id) => !existing.has(id));
    if (missing !== undefined) {
      throw new RangeError(`"access" names a library that does not exist: ${quote(missing)}`);
    }
  }

  function checkExpiry(value: unknown): number | null {
    if (value === null) return null;
    const expiresAtMs = checkInteger("expiresAtMs", value, 0, MAX_TIME_MS);
    if (expiresAtMs <= now()) {
      throw new RangeError('"expiresAtMs" expected Unix milliseconds in the future');
    }
    return expiresAtMs;
  }

  function changed(record: ApiKeyRecord, actor: string | undefined | null) {
    const { organizationId, id: keyId, version } = record;
    return { atMs: now(), organizationId, keyId, version, actor: actor ?? null };
  }

  return { create, list, get, setAccess, grant, revoke, update, regenerate, delete: remove };
}

/** Asks the store; whatever it throws becomes an outage with a cause. */
async function ask<T>(question: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw unavailable(error);
  }
}

function checkRef<R extends ChangeRef>(ref: R, known: readonly string[]): R {
  checkOptions("ref", ref, known);
  checkId("ref.organizationId", ref.organizationId);
  checkId("ref.id", ref.id);
  if (ref.version !== undefined) checkInteger("ref.version", ref.version, 1, Number.MAX_SAFE_INTEGER);
  checkActor(ref.actor);
  return ref;
}

function checkActor(actor: unknown): string | null {
  return actor === undefined || actor === null ? null : checkText("actor", actor, MAX_NAME_LENGTH);
}

function assertOwn(
  record: ApiKeyRecord | undefined,
  organizationId: string,
): asserts record is ApiKeyRecord {
  if (!isRecord(record) || record.organizationId !== organizationId) {
    throw unavailable(new TypeError("the store answered a record of another organization"));
  }
}

function conflict(record: ApiKeyRecord | null): ApiKeyError {
  return new ApiKeyError("CONFLICT", "Someone changed this API key in the meantime.", {
    apiKey: record && withoutHash(record),
  });
}

function withLevel(
  access: AccessTable,
  libraryId: string,
  level: "read" | "write" | undefined,
): AccessTable {
  if (levelOf(access, libraryId) === level) return access;
  const entries = Object.entries(access).filter(([id]) => id !== libraryId);
  if (level !== undefined) entries.push([libraryId, level]);
  const table = Object.create(null) as Record<string, "read" | "write">;
  for (const [id, existing] of entries) table[id] = existing;
  return Object.freeze(table);
}

function withoutHash({ hash: _, ...apiKey }: ApiKeyRecord): ApiKey {
  return Object.freeze(apiKey);
}
