import {
  checkAccess,
  checkLevel,
  includes,
  levelOf,
  strongest,
  withLevel,
  type AccessTable,
} from "./access.js";
import { askWrite } from "./ask.js";
import {
  changed,
  checkRef,
  conflict,
  withoutHash,
  type Changed,
  type Changer,
  type Target,
} from "./change.js";
import {
  checkBoolean,
  checkId,
  checkInteger,
  checkOptions,
  checkText,
  MAX_NAME_LENGTH,
} from "./check.js";
import type { ApiKeys, ChangeRef } from "./api-keys.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import { find, page } from "./find.js";
import type { KeyHasher } from "./hash.js";
import type { KeyFormat } from "./key.js";
import type { LiveChecks } from "./live-checks.js";
import type { Settle } from "./settle.js";
import type { ApiKey, ApiKeyRecord, ApiKeyRef, KeyStore } from "./store.js";

/** What managing needs. */
interface ManagerParts {
  readonly store: KeyStore;
  readonly format: KeyFormat;
  readonly hash: KeyHasher;
  readonly now: () => number;
  readonly emit: Emit<ApiKeyEvent>;
  readonly checks: LiveChecks;
  readonly changer: Changer;
  readonly settle: Settle;
}

type Manager = Pick<
  ApiKeys,
  "list" | "get" | "setAccess" | "grant" | "revoke" | "update" | "regenerate" | "delete"
>;

/** What an update may change, in the order in which events name it. */
const UPDATED = ["name", "expiresAtMs", "enabled", "access"] as const;

type Changes = Partial<Pick<ApiKeyRecord, (typeof UPDATED)[number]>>;

const MAX_PAGE = 500;

/**
 * The management half of createApiKeys. What narrows a key resolves only once it counts everywhere, also where the key
 * was as narrow already: whoever made it so may not have waited.
 */
export function createManager(parts: ManagerParts): Manager {
  const { store, format, hash, now, emit, checks, changer, settle } = parts;
  const { change, settled } = changer;

  async function list(options: { organizationId: string; first?: number; after?: string | null }) {
    checkOptions("options", options, ["organizationId", "first", "after"]);
    const { organizationId, first = 50 } = options;
    checkId("organizationId", organizationId);
    checkInteger("first", first, 1, MAX_PAGE);
    const after = decodeCursor("after", options.after);
    const records = await page(store, organizationId, first + 1, after);
    const apiKeys = records.slice(0, first).map(withoutHash);
    const last = apiKeys.at(-1);
    return { apiKeys, endCursor: records.length > first && last ? encodeCursor(last) : null };
  }

  async function get(ref: ApiKeyRef): Promise<ApiKey | null> {
    const { record } = await find(store, checkRef(ref, ["organizationId", "id"]));
    return record && withoutHash(record);
  }

  async function setAccess(ref: ChangeRef, access: AccessTable): Promise<ApiKey> {
    const target = checkRef(ref);
    const table = checkAccess("access", access);
    await checks.librariesExist(target.organizationId, Object.keys(table));
    const { before, after } = await changeAccess(target, () => table, false);
    if (!isWidened(before.access, after.access)) await settled(after);
    return withoutHash(after);
  }

  async function grant(ref: ChangeRef, library: { libraryId: string; level: "read" | "write" }) {
    const target = checkRef(ref);
    checkOptions("library", library, ["libraryId", "level"]);
    const libraryId = checkId("libraryId", library.libraryId);
    const level = checkLevel('"level"', library.level);
    await checks.librariesExist(target.organizationId, [libraryId]);
    const widen = (access: AccessTable) =>
      withLevel(access, libraryId, strongest(levelOf(access, libraryId), level));
    return withoutHash((await changeAccess(target, widen, true)).after);
  }

  async function revoke(ref: ChangeRef, library: { libraryId: string }): Promise<ApiKey> {
    const target = checkRef(ref);
    checkOptions("library", library, ["libraryId"]);
    const libraryId = checkId("libraryId", library.libraryId);
    const narrow = (access: AccessTable) => withLevel(access, libraryId, undefined);
    const { after } = await changeAccess(target, narrow, true);
    await settled(after);
    return withoutHash(after);
  }

  async function update(
    ref: ChangeRef,
    changes: Parameters<ApiKeys["update"]>[1],
  ): Promise<ApiKey> {
    const target = checkRef(ref);
    const next = checkChanges(changes);
    const { access, enabled, expiresAtMs } = next;
    if (access) await checks.librariesExist(target.organizationId, Object.keys(access));
    const { before, after, wrote } = await change(
      target,
      (record) => (differing(record, next).length > 0 ? next : undefined),
      // A whole table was made of what someone saw: it must not replace what nobody saw.
      access === undefined,
    );
    if (wrote) announce(before, after, target);
    const isNarrowed = access !== undefined && !isWidened(before.access, after.access);
    if (isNarrowed || enabled === false || typeof expiresAtMs === "number") await settled(after);
    return withoutHash(after);
  }

  async function regenerate(ref: ChangeRef): Promise<{ key: string; apiKey: ApiKey }> {
    const target = checkRef(ref);
    const key = format.generate();
    const next = { hash: hash(key), hint: format.hint(key) };
    const { before, after } = await change(target, () => next, false);
    emit?.({ type: "regenerated", ...changed(after, target) });
    await settled(after, before.hash);
    return { key, apiKey: withoutHash(after) };
  }

  async function remove(ref: ChangeRef): Promise<boolean> {
    const target = checkRef(ref);
    const { organizationId, id, version, actor } = target;
    const removed = await askWrite(() => store.delete({ organizationId, id }, version));
    if (removed) emit?.({ type: "deleted", atMs: now(), organizationId, keyId: id, actor });
    else if (version !== undefined) {
      const { record } = await find(store, target);
      if (record) throw conflict(record);
    }
    await settle(target, (record) => record === null);
    return removed;
  }

  async function changeAccess(
    target: Target,
    changeTable: (access: AccessTable) => AccessTable,
    retry: boolean,
  ): Promise<Changed> {
    const result = await change(
      target,
      (record) => {
        const access = changeTable(record.access);
        return access === record.access ? undefined : { access };
      },
      retry,
    );
    const { before, after, wrote } = result;
    if (wrote) announceAccess(before, after, target);
    return result;
  }

  /** Tells what an update changed: access in the event that has both tables, the rest by name. */
  function announce(before: ApiKeyRecord, after: ApiKeyRecord, target: Target): void {
    const fields = differing(before, after);
    const others = fields.filter((field) => field !== "access");
    if (others.length < fields.length) announceAccess(before, after, target);
    if (others.length > 0) emit?.({ type: "updated", ...changed(after, target), changed: others });
  }

  function announceAccess(before: ApiKeyRecord, after: ApiKeyRecord, target: Target): void {
    const tables = { before: before.access, after: after.access };
    emit?.({ type: "accessChanged", ...changed(after, target), ...tables });
  }

  /** Checks what an update asks for and copies it. */
  function checkChanges(changes: Parameters<ApiKeys["update"]>[1]): Changes {
    checkOptions("changes", changes, UPDATED);
    const { name, expiresAtMs, enabled, access } = changes;
    return {
      ...(name !== undefined && { name: checkText("name", name, MAX_NAME_LENGTH) }),
      ...(expiresAtMs !== undefined && { expiresAtMs: checks.expiry(expiresAtMs) }),
      ...(enabled !== undefined && { enabled: checkBoolean("enabled", enabled) }),
      ...(access !== undefined && { access: checkAccess("access", access) }),
    };
  }

  return { list, get, setAccess, grant, revoke, update, regenerate, delete: remove };
}

/** The fields in which a record is not what it is to become. */
function differing(record: ApiKeyRecord, next: Changes): readonly (typeof UPDATED)[number][] {
  return UPDATED.filter((field) => {
    if (next[field] === undefined || next[field] === record[field]) return false;
    return field !== "access" || !isSame(record.access, next.access!);
  });
}

/** Whether more is within reach than before, and nothing less. The same again may be a retry of what did not wait. */
function isWidened(before: AccessTable, after: AccessTable): boolean {
  return includesAll(after, before) && !includesAll(before, after);
}

/** Whether two tables reach the same. */
function isSame(access: AccessTable, other: AccessTable): boolean {
  return includesAll(access, other) && includesAll(other, access);
}

/** Whether all that one table reaches is within reach of another. */
function includesAll(access: AccessTable, other: AccessTable): boolean {
  return Object.entries(other).every(([id, level]) => includes(levelOf(access, id), level));
}
