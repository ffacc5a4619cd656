import { freezeRecord } from "../core/ask.js";
import type { ApiKeyRecord, ApiKeyRef, Found, KeyStore } from "../core/store.js";

/**
 * Keeps API keys in this process: for tests, examples and single-process services that load keys at start. Synchronous,
 * and as fast with a million keys as with one. Nothing outlives the process.
 *
 * @returns An empty store.
 * @example
 * ```ts
 * import { createApiKeys } from "graphql-api-keys";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 *
 * const apiKeys = createApiKeys({ store: createMemoryStore() });
 * ```
 */
export function createMemoryStore(): KeyStore {
  const byHash = new Map<string, ApiKeyRecord>();
  const byId = new Map<string, ApiKeyRecord>();
  // Per organization, so that a list does not walk every other organization's keys.
  const organizations = new Map<string, Map<string, ApiKeyRecord>>();
  let leaseMs = 0;

  function own({ organizationId, id }: ApiKeyRef): ApiKeyRecord | null {
    const record = byId.get(id);
    return record?.organizationId === organizationId ? record : null;
  }

  function put(record: ApiKeyRecord): void {
    byHash.set(record.hash, record);
    byId.set(record.id, record);
    let keys = organizations.get(record.organizationId);
    if (keys === undefined) organizations.set(record.organizationId, (keys = new Map()));
    keys.set(record.id, record);
  }

  const found = (record: ApiKeyRecord | null): Found => ({ record, leaseMs });

  return {
    findByHash: (hash) => found(byHash.get(hash) ?? null),

    findById: (ref) => found(own(ref)),

    list(organizationId, first, after) {
      const records = [...(organizations.get(organizationId)?.values() ?? [])].sort(inOrder);
      const start = after === null ? 0 : records.findIndex((record) => inOrder(after, record) < 0);
      return start === -1 ? [] : records.slice(start, start + first);
    },

    insert(record) {
      if (byId.has(record.id) || byHash.has(record.hash)) return false;
      put(freezeRecord(record, record.lastUsedAtMs));
      return true;
    },

    replace(record, expected) {
      const before = own(record);
      if (before?.version !== expected.version || before.hash !== expected.hash) return false;
      const taken = byHash.get(record.hash);
      if (taken !== undefined && taken !== before) return false;
      byHash.delete(before.hash);
      put(freezeRecord(record, before.lastUsedAtMs));
      return true;
    },

    delete(ref, version) {
      const record = own(ref);
      if (record === null || (version !== undefined && record.version !== version)) return false;
      byHash.delete(record.hash);
      byId.delete(record.id);
      const keys = organizations.get(record.organizationId)!;
      keys.delete(record.id);
      if (keys.size === 0) organizations.delete(record.organizationId);
      return true;
    },

    touch({ organizationId, id, hash, atMs, newHash }) {
      const record = own({ organizationId, id });
      if (record?.hash !== hash) return;
      const isNew = newHash !== null && !byHash.has(newHash);
      if (isNew) byHash.delete(hash);
      const used = Math.max(record.lastUsedAtMs ?? atMs, atMs);
      put(freezeRecord(isNew ? { ...record, hash: newHash } : record, used));
    },

    raiseLease(ms) {
      leaseMs = Math.max(leaseMs, ms);
    },
  };
}

type Place = Pick<ApiKeyRecord, "createdAtMs" | "id">;

function inOrder(a: Place, b: Place): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}
