import {
  checkAccess,
  checkLevel,
  levelOf,
  strongest,
  withLevel,
  type AccessTable,
} from "./access.js";
import { ask, askWrite, isRecord, NONSENSE, unavailable } from "./ask.js";
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
  "create" | "list" | "get" | "setAccess" | "grant" | "revoke" | "update" | "regenerate" | "delete"
>;

/** A reference that was checked. */
interface Target extends ApiKeyRef {
  readonly version: number | undefined;
  readonly actor: string | null;
}

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
    const {
      organizationId,
      name,
      access: table = {},
      expiresAtMs = null,
      enabled = true,
    } = options;
    checkId("organizationId", organizationId);
    checkText("name", name, MAX_NAME_LENGTH);
    const access = checkAccess("access", table);
    checkExpiry(expiresAtMs);
    checkBoolean("enabled", enabled);
    const actor = checkActor(options.actor);
    await checkLibrariesExist(organizationId, Object.keys(access));
    const atMs = time();
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
    if (!(await askWrite(() => store.insert(record)))) {
      throw unavailable(new Error("a new random id or hash was taken"));
    }
    emit?.({ type: "created", ...changed(record, { actor }), access });
    return { key, apiKey: withoutHash(record) };
  }

  async function list(options: { organizationId: string; first?: number; after?: string | null }) {
    checkOptions("options", options, ["organizationId", "first", "after"]);
    const { organizationId, first = 50 } = options;
    checkId("organizationId", organizationId);
    checkInteger("first", first, 1, MAX_PAGE);
    const after = decodeCursor("after", options.after);
    const records = await ask(() => store.list(organizationId, first + 1, after));
    if (!Array.isArray(records)) throw unavailable(NONSENSE);
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
    const target = checkRef(ref, REF);
    const after = checkAccess("access", access);
    await checkLibrariesExist(target.organizationId, Object.keys(after));
    return changeAccess(target, () => after, false);
  }

  async function grant(ref: ChangeRef, library: { libraryId: string; level: "read" | "write" }) {
    const target = checkRef(ref, REF);
    checkOptions("library", library, ["libraryId", "level"]);
    const libraryId = checkId("libraryId", library.libraryId);
    const level = checkLevel('"level"', library.level);
    await checkLibrariesExist(target.organizationId, [libraryId]);
    return changeAccess(
      target,
      (access) => withLevel(access, libraryId, strongest(levelOf(access, libraryId), level)),
      true,
    );
  }

  async function revoke(ref: ChangeRef, library: { libraryId: string }): Promise<ApiKey> {
    const target = checkRef(ref, REF);
    checkOptions("library", library, ["libraryId"]);
    const libraryId = checkId("libraryId", library.libraryId);
    return changeAccess(target, (access) => withLevel(access, libraryId, undefined), true);
  }

  async function update(
    ref: ChangeRef,
    changes: { name?: string; expiresAtMs?: number | null; enabled?: boolean },
  ): Promise<ApiKey> {
    const target = checkRef(ref, REF);
    checkOptions("changes", changes, ["name", "expiresAtMs", "enabled"]);
    const { name, expiresAtMs, enabled } = changes;
    const next: { -readonly [K in keyof ApiKeyRecord]?: ApiKeyRecord[K] } = {};
    if (name !== undefined) next.name = checkText("name", name, MAX_NAME_LENGTH);
    if (expiresAtMs !== undefined) next.expiresAtMs = checkExpiry(expiresAtMs);
    if (enabled !== undefined) next.enabled = checkBoolean("enabled", enabled);
    const fields = Object.keys(next) as (keyof ApiKeyRecord)[];
    const differing = (record: ApiKeyRecord) =>
      fields.filter((field) => record[field] !== next[field]);
    const change = (record: ApiKeyRecord) => (differing(record).length > 0 ? next : undefined);
    const { before, after, wrote } = await write(target, change, true);
    if (wrote) {
      emit?.({ type: "updated", ...changed(after, target), changed: differing(before) });
    }
    return withoutHash(after);
  }

  async function regenerate(ref: ChangeRef): Promise<{ key: string; apiKey: ApiKey }> {
    const target = checkRef(ref, REF);
    const key = format.generate();
    const next = { hash: hash(key), hint: format.hint(key) };
    const { after } = await write(target, () => next, false);
    emit?.({ type: "regenerated", ...changed(after, target) });
    return { key, apiKey: withoutHash(after) };
  }

  async function remove(ref: ChangeRef): Promise<boolean> {
    const { organizationId, id, version, actor } = checkRef(ref, REF);
    if (!(await askWrite(() => store.delete({ organizationId, id }, version)))) {
      const record = version === undefined ? null : await find({ organizationId, id });
      if (record) throw conflict(record);
      return false;
    }
    emit?.({ type: "deleted", atMs: now(), organizationId, keyId: id, actor });
    return true;
  }

  async function changeAccess(
    ref: Target,
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
      emit?.({ type: "accessChanged", ...changed(after, ref), ...table });
    }
    return withoutHash(after);
  }

  /** Reads, changes and puts back if nobody came between. `retry` is for changes that commute with any other. */
  async function write(ref: Target, change: Change, retry: boolean) {
    for (let round = 1; ; round++) {
      const before = await find(ref);
      if (before === null) {
        throw new ApiKeyError("NOT_FOUND", "The organization has no such API key.");
      }
      if (ref.version !== undefined && ref.version !== before.version) throw conflict(before);
      const next = change(before);
      if (next === undefined) return { before, after: before, wrote: false };
      const version = before.version + 1;
      const after = Object.freeze({ ...before, ...next, version, updatedAtMs: time() });
      if (await askWrite(() => store.replace(after, before))) {
        return { before, after, wrote: true };
      }
      if (!retry || ref.version !== undefined || round === MAX_ROUNDS) {
        throw conflict(await find(ref));
      }
    }
  }

  async function find({ organizationId, id }: ApiKeyRef): Promise<ApiKeyRecord | null> {
    const found: Found | undefined = await ask(() => store.findById({ organizationId, id }));
    const record = found?.record;
    if (record === null) return null;
    assertOwn(record, organizationId);
    if (record.id !== id) throw unavailable(NONSENSE);
    return record;
  }

  async function checkLibrariesExist(organizationId: string, ids: readonly string[]) {
    if (libraries === undefined || ids.length === 0) return;
    const existing = await ask(async () => new Set([...(await libraries(organizationId, ids))]));
    const missing = ids.find((id) => !existing.has(id));
    if (missing !== undefined) {
      throw new RangeError(`"access" names a library that does not exist: ${quote(missing)}`);
    }
  }

  function checkExpiry(value: unknown): number | null {
    if (value === null) return null;
    const expiresAtMs = checkInteger("expiresAtMs", value, 0, MAX_TIME_MS);
    if (expiresAtMs <= time()) {
      throw new RangeError('"expiresAtMs" expected Unix milliseconds in the future');
    }
    return expiresAtMs;
  }

  /** The clock, whose answers are stored: a fraction or NaN would break the order of lists and "expired". */
  function time(): number {
    return checkInteger("now()", now(), 0, MAX_TIME_MS);
  }

  return { create, list, get, setAccess, grant, revoke, update, regenerate, delete: remove };
}

/** Checks a reference and copies it: what happens after an await must not depend on what became of the object. */
function checkRef(ref: ChangeRef, known: readonly string[]): Target {
  checkOptions("ref", ref, known);
  const { version } = ref;
  if (version !== undefined) checkInteger("ref.version", version, 1, Number.MAX_SAFE_INTEGER);
  return {
    organizationId: checkId("ref.organizationId", ref.organizationId),
    id: checkId("ref.id", ref.id),
    version,
    actor: checkActor(ref.actor),
  };
}

function changed(record: ApiKeyRecord, { actor }: Pick<Target, "actor">) {
  const { updatedAtMs: atMs, organizationId, id: keyId, version } = record;
  return { atMs, organizationId, keyId, version, actor };
}

function checkActor(actor: unknown): string | null {
  return actor === undefined || actor === null ? null : checkText("actor", actor, MAX_NAME_LENGTH);
}

function assertOwn(
  record: ApiKeyRecord | undefined,
  organizationId: string,
): asserts record is ApiKeyRecord {
  const own = isRecord(record) && record.organizationId === organizationId;
  if (!own || !Number.isSafeInteger(record.createdAtMs)) throw unavailable(NONSENSE);
}

function conflict(record: ApiKeyRecord | null): ApiKeyError {
  return new ApiKeyError("CONFLICT", "Someone changed this API key in the meantime.", {
    apiKey: record && withoutHash(record),
  });
}

function withoutHash({ hash: _, ...apiKey }: ApiKeyRecord): ApiKey {
  return Object.freeze(apiKey);
}
