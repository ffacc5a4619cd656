/**
 * Every case of the store kit again, on stores that are read through leases and whose writes wait for them, as
 * createApiKeys does. Time is virtual: a wait takes none.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, describe } from "vitest";
import { createLeasedReader } from "../../src/core/lease.js";
import { createSettle } from "../../src/core/settle.js";
import type { ApiKeyRef, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createSqlStore } from "../../src/stores/sql.js";
import { viaLibsql } from "../support/libsql.js";
import { itKeepsKeys } from "../support/store-cases.js";

const LEASE_MS = 1000;

/** Several readers with leases over one store, each a process of its own. */
function withLeases(store: KeyStore): {
  readonly store: KeyStore;
  readonly reopen: () => KeyStore;
} {
  let nowMs = 0;
  let raisedMs = 0;
  const clock = { monotonic: () => nowMs, wall: () => nowMs };
  const sleep = async (ms: number) => void (nowMs += ms);
  const settle = createSettle({ store, leaseMs: LEASE_MS, monotonic: clock.monotonic, sleep });

  function open(): KeyStore {
    const reader = createLeasedReader({
      store: {
        findByHash: async (hash) => ({ ...(await store.findByHash(hash)), leaseMs: LEASE_MS }),
        raiseLease: () => {}, // what the cases raise is theirs
      },
      leaseMs: LEASE_MS,
      maxRecords: 100,
      clock,
    });
    const waited = async <T>(ref: ApiKeyRef, write: () => T): Promise<Awaited<T>> => {
      const { record } = await store.findById(ref);
      const answer = await write();
      if (record !== null) reader.forget(record.hash);
      await settle(ref, () => true);
      return answer;
    };
    return {
      ...store,
      findByHash: async (hash) => ({ ...(await reader.findByHash(hash)), leaseMs: raisedMs }),
      insert: async (record) => store.insert(record),
      replace: (record, before) => waited(record, () => store.replace(record, before)),
      delete: (ref, version) => waited(ref, () => store.delete(ref, version)),
      touch: (use) => waited(use, () => store.touch(use)),
      async raiseLease(ms) {
        await store.raiseLease(ms);
        raisedMs = Math.max(raisedMs, ms);
      },
    };
  }

  return { store: open(), reopen: open };
}

const folder = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

describe("memory under leases", () => {
  itKeepsKeys(() => withLeases(createMemoryStore()));
});

describe("libsql under leases", () => {
  itKeepsKeys(async () => {
    const db = new Database(join(folder, `${++files}.db`), { timeout: 5000 });
    db.exec("PRAGMA synchronous = OFF"); // no test pulls the plug
    const store = createSqlStore({ dialect: "sqlite", query: viaLibsql(db) });
    await store.migrate();
    return { ...withLeases(store), close: () => void db.close() };
  });
});
