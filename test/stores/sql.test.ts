import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PGlite } from "@electric-sql/pglite";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKeyRecord, Found } from "../../src/index.js";
import {
  createSqlStore,
  type SqlDialect,
  type SqlResult,
  type SqlStoreOptions,
} from "../../src/stores/sql.js";
import { errorOf, recordOf, verdictOf } from "../support/fixture.js";
import { viaLibsql } from "../support/libsql.js";
import { itKeepsKeys } from "../support/store-cases.js";

type Query = SqlStoreOptions["query"];

const record = recordOf();
const another = recordOf({ id: "key_00000000000000000002", hash: "b".repeat(64) });
const ref = { organizationId: record.organizationId, id: record.id };

let folder: string;
let files = 0;
const open = (file = join(folder, `${++files}.db`)) => new Database(file, { timeout: 5000 });
type Db = ReturnType<typeof open>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function createLibsqlStore(db: Db = open()) {
  const query = viaLibsql(db);
  const store = createSqlStore({ dialect: "sqlite", query });
  await store.migrate();
  return { store, query, db };
}

describe("libsql", () => {
  itKeepsKeys(async () => {
    const file = join(folder, `${++files}.db`);
    const [db, again] = [open(file), open(file)];
    db.exec("PRAGMA journal_mode = WAL");
    const { store } = await createLibsqlStore(db);
    return {
      store,
      reopen: () => createSqlStore({ dialect: "sqlite", query: viaLibsql(again) }),
      close: () => [db, again].forEach((each) => each.close()),
    };
  });
});

describe("two processes on one file", () => {
  it("create the tables once, and of two writes that meet exactly one wins", async () => {
    const file = join(folder, `${++files}.db`);
    open(file).exec("PRAGMA journal_mode = WAL");
    const rival = fileURLToPath(new URL("sqlite-rival.ts", import.meta.url));
    const outputs = await Promise.all(
      ["a", "b"].map((name) =>
        promisify(execFile)(process.execPath, ["--import", "tsx", rival, file, name]),
      ),
    );
    const wins = outputs.map(
      ({ stdout }) => JSON.parse(stdout) as { inserted: number; replaced: number },
    );
    const sum = (field: "inserted" | "replaced") =>
      wins.reduce((total, each) => total + each[field], 0);
    expect({ inserted: sum("inserted"), replaced: sum("replaced") }).toEqual({
      inserted: 300,
      replaced: 300,
    });
  }, 60_000);
});

describe("PGlite", () => {
  let pglite: PGlite;
  let tables = 0;
  beforeAll(async () => {
    pglite = await PGlite.create();
  }, 60_000);
  afterAll(() => pglite.close());

  itKeepsKeys(async () => {
    const table = `api_keys_${++tables}`;
    const store = createSqlStore({
      dialect: "postgres",
      table,
      async query(sql, params) {
        const { rows, affectedRows } = await pglite.query(sql, params);
        return { rows, affected: affectedRows };
      },
    });
    await store.migrate();
    return { store };
  });
});

describe("a driver that answers at once", () => {
  it("makes a store that does", async () => {
    const { store } = await createLibsqlStore();
    expect(store.insert(record)).toBe(true);
    expect(store.insert(record)).toBe(false);
    expect(store.findByHash(record.hash)).toEqual({ record, leaseMs: 0 });
    expect(store.replace({ ...record, version: 2 }, record)).toBe(true);
    expect(store.touch({ ...ref, hash: record.hash, atMs: 1, newHash: null })).toBeUndefined();
    expect(store.list(record.organizationId, 9, null)).toHaveLength(1);
    expect(store.delete(ref)).toBe(true);
  });
});

describe("records", () => {
  it("are frozen, the table without a prototype", async () => {
    const { store } = await createLibsqlStore();
    await store.insert(record);
    const { record: found } = (await store.findById(ref)) as { record: ApiKeyRecord };
    expect([Object.isFrozen(found), Object.isFrozen(found.access)]).toEqual([true, true]);
    expect(Object.getPrototypeOf(found.access)).toBeNull();
  });

  const encoded = (text: string) => new TextEncoder().encode(text);
  it.each<[string, object]>([
    ["BIGINT as text", { lease_ms: "5", version: "1", created_at_ms: String(record.createdAtMs) }],
    ["BIGINT as bigint", { lease_ms: 5n, version: 1n, updated_at_ms: BigInt(record.updatedAtMs) }],
    ["booleans", { enabled: true }],
    ["booleans as bigint", { enabled: 1n }],
    ["booleans as text", { enabled: "1" }],
    ["JSON that is read already", { access: { ...record.access } }],
    ["JSON as bytes", { access: encoded(JSON.stringify(record.access)) }],
    ["text as bytes", { id: encoded(record.id), name: encoded(record.name) }],
  ])("are understood with %s", async (_, values) => {
    expect(await findWith(values)).toEqual({ record, leaseMs: 5 });
  });

  it.each<[string, object, RegExp]>([
    ["a fraction", { version: 1.5 }, /"version" expected an integer/],
    ["a number that is too large", { version: "9007199254740993" }, /"version" expected/],
    ["no number", { version: "" }, /"version" expected an integer/],
    ["null", { version: null }, /"version" expected an integer, got null/],
    ["a time that is none", { expires_at_ms: "soon" }, /"expires_at_ms" expected an integer/],
    ["a missing column", { expires_at_ms: undefined }, /"expires_at_ms" expected an integer/],
    ["enabled 2", { enabled: 2 }, /"enabled" expected 0 or 1/],
    ["no text", { name: 5 }, /"name" expected text, got number/],
    ["bytes that are no text", { name: new Uint8Array([0xff]) }, /encoded data was not valid/],
    ["access null", { access: null }, /"access" expected text/],
    ["access that is an array", { access: "[]" }, /"access" expected an object/],
    ["access that is no JSON", { access: "{" }, /JSON/],
    ["no lease", { lease_ms: null }, /"lease_ms" expected an integer/],
  ])("are refused with %s", async (_, values, message) => {
    expect((await errorOf(() => findWith(values))).message).toMatch(message);
  });

  async function findWith(values: object): Promise<Found> {
    const { store, query } = await createLibsqlStore();
    await store.insert(record);
    const { rows } = (await query(await findSql(), [record.hash])) as SqlResult;
    const row = { ...(rows[0] as object), lease_ms: 5, ...values };
    return createSqlStore({ dialect: "sqlite", query: () => ({ rows: [row] }) }).findByHash("");
  }

  async function findSql(): Promise<string> {
    let text = "";
    const query: Query = (sql) => ((text = sql), { rows: [{ id: null, lease_ms: 0 }] });
    await createSqlStore({ dialect: "sqlite", query }).findByHash("");
    return text;
  }
});

describe("every call", () => {
  const calls: readonly (readonly [string, (store: Store) => unknown])[] = [
    ["findByHash", (store) => store.findByHash(record.hash)],
    ["findById", (store) => store.findById(ref)],
    ["list", (store) => store.list("monogram-labs", 5, { createdAtMs: 1, id: "a" })],
    ["insert", (store) => store.insert(another)],
    ["replace", (store) => store.replace({ ...record, version: 2 }, record)],
    ["delete", (store) => store.delete(ref, 1)],
    ["touch", (store) => store.touch({ ...ref, hash: record.hash, atMs: 1, newHash: null })],
    [
      "touch with newHash",
      (store) => store.touch({ ...ref, hash: record.hash, atMs: 1, newHash: "c".repeat(64) }),
    ],
    ["raiseLease", (store) => store.raiseLease(5)],
  ];
  type Store = ReturnType<typeof createSqlStore>;

  it.each(calls)("is one statement, without a value in its text: %s", async (_, call) => {
    const { store, query } = await createLibsqlStore();
    await store.insert(record);
    const texts: string[] = [];
    const counting: Query = (sql, params) => (texts.push(sql), query(sql, params));
    await call(createSqlStore({ dialect: "sqlite", query: counting }));
    expect(texts).toHaveLength(1);
    for (const value of [record.hash, record.id, record.organizationId, "Website"]) {
      expect(texts[0]).not.toContain(value);
    }
  });

  it.each(calls)("reads through an index: %s", async (name, call) => {
    const { store, query, db } = await createLibsqlStore();
    await store.insert(record);
    const plans: string[] = [];
    const explaining: Query = (sql, params) => {
      const answer = query(sql, params);
      // After it: to SQLite what was explained is a write in progress.
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...params) as { detail: string }[];
      plans.push(...rows.map(({ detail }) => detail));
      return answer;
    };
    await call(createSqlStore({ dialect: "sqlite", query: explaining }));
    if (name !== "insert") expect(plans.join()).toContain("USING INDEX");
    expect(plans.join()).not.toMatch(/SCAN|TEMP B-TREE/);
  });

  it.each(calls)("passes the database's error on: %s", async (_, call) => {
    const down = new Error("down");
    const now = createSqlStore({ dialect: "sqlite", query: () => Promise.reject(down) });
    expect(await errorOf(() => call(now))).toBe(down);
    const later = createSqlStore({
      dialect: "sqlite",
      query() {
        throw down;
      },
    });
    expect(await errorOf(() => call(later))).toBe(down);
  });

  it.each(calls)("says what to do when the tables are missing: %s", async (_, call) => {
    const store = createSqlStore({ dialect: "sqlite", query: viaLibsql(open()) });
    const error = await errorOf(() => call(store));
    expect(error.message).toBe('"api_keys" is missing: run store.migrate()');
    expect(error.cause).toMatchObject({ message: expect.stringContaining("no such table") });
  });

  it.each(calls)("is tried again when it was rolled back for another: %s", async (_, call) => {
    for (const error of [{ code: "40001" }, { code: "40P01" }, { cause: { errno: 1213 } }]) {
      const { store, query } = await createLibsqlStore();
      await store.insert(record);
      let failures = 2;
      const failing: Query = (sql, params) => {
        if (failures-- > 0) throw Object.assign(new Error("deadlock"), error);
        return query(sql, params);
      };
      expect(
        await verdictOf(() => call(createSqlStore({ dialect: "sqlite", query: failing }))),
      ).toBe("ok");
      failures = 3;
      expect(
        await verdictOf(() => call(createSqlStore({ dialect: "sqlite", query: failing }))),
      ).not.toBe("ok");
    }
  });
});

describe("what is taken", () => {
  it.each<[string, object]>([
    ["PostgreSQL", { code: "23505" }],
    ["mysql2", { code: "ER_DUP_ENTRY", errno: 1062 }],
    ["better-sqlite3", { code: "SQLITE_CONSTRAINT_UNIQUE" }],
    ["node:sqlite", { code: "ERR_SQLITE_ERROR", errcode: 2067 }],
    ["D1", { message: "D1_ERROR: UNIQUE constraint failed: api_keys.hash: SQLITE_CONSTRAINT" }],
    ["Drizzle", { cause: { code: "23505" } }],
    ["Prisma", { code: "P2010", meta: { code: "23505" } }],
  ])("is told from a failure, as %s says it", async (_, values) => {
    const query: Query = () => Promise.reject(Object.assign(new Error("no"), values));
    const store = createSqlStore({ dialect: "mysql", query });
    expect(await store.insert(record)).toBe(false);
    expect(await store.replace({ ...record, version: 2 }, record)).toBe(false);
  });

  it.each<[string, unknown]>([
    ["another constraint", Object.assign(new Error("no"), { code: "23514" })],
    ["text in a message", new Error('Failed query, params: "UNIQUE constraint failed: x"')],
    ["text that is thrown", "23505"],
    ["nothing that is thrown", null],
  ])("is not %s", async (_, thrown) => {
    const store = createSqlStore({ dialect: "mysql", query: () => Promise.reject(thrown) });
    await expect(Promise.resolve(store.insert(record))).rejects.toBe(thrown);
  });
});

describe("query", () => {
  it.each<[string, unknown, RegExp]>([
    ["no rows", { affected: 1 }, /got undefined as rows/],
    ["rows that are arrays", { rows: [["a"]] }, /got array as rows/],
  ])("must not answer a SELECT with %s", async (_, answer, message) => {
    const store = createSqlStore({ dialect: "mysql", query: () => answer as SqlResult });
    expect((await errorOf(() => store.findByHash("a"))).message).toMatch(message);
    expect((await errorOf(() => store.list("a", 1, null))).message).toMatch(message);
  });

  it.each([undefined, null, "1", true])(
    "must not answer a write with affected %s",
    async (affected) => {
      const answer = { rows: [], affected } as unknown as SqlResult;
      const store = createSqlStore({ dialect: "mysql", query: async () => answer });
      for (const write of [
        () => store.insert(record),
        () => store.replace(record, record),
        () => store.delete(ref),
      ]) {
        expect((await errorOf(write)).message).toMatch(/expected to answer \{ rows, affected \}/);
      }
    },
  );

  it.each([0, 1, 0n, 1n])("may count as %s", async (affected) => {
    const store = createSqlStore({ dialect: "mysql", query: () => ({ rows: [], affected }) });
    expect(await store.delete(ref)).toBe(affected > 0);
  });
});

describe("migrate", () => {
  it("keeps what is there", async () => {
    const { store } = await createLibsqlStore();
    await store.insert(record);
    await store.raiseLease(700);
    await store.migrate();
    expect(await store.findById(ref)).toEqual({ record, leaseMs: 700 });
  });

  it("writes nothing where everything is up to date, or later", async () => {
    const { query, db } = await createLibsqlStore();
    db.exec("UPDATE api_keys_settings SET value = 9 WHERE name = 'schema'");
    const texts: string[] = [];
    const reading: Query = (sql, params) => (texts.push(sql), query(sql, params));
    await createSqlStore({ dialect: "sqlite", query: reading }).migrate();
    expect(texts).toEqual([expect.stringMatching(/^SELECT/)]);
  });

  it.each([1, 2, 3, 4, 5])(
    "goes on where another one broke off, after %i statements",
    async (n) => {
      const db = open();
      let left = n;
      const breaking: Query = (sql, params) => {
        if (!sql.startsWith("SELECT") && left-- <= 0) throw new Error("gone");
        return viaLibsql(db)(sql, params);
      };
      const verdict = await verdictOf(() =>
        createSqlStore({ dialect: "sqlite", query: breaking }).migrate(),
      );
      expect(verdict).toBe(n < 5 ? "Error" : "ok");
      const { store } = await createLibsqlStore(db);
      expect(await store.insert(record)).toBe(true);
    },
  );

  it("fails when the database does", async () => {
    const query: Query = () => Promise.reject(new Error("down"));
    await expect(createSqlStore({ dialect: "sqlite", query }).migrate()).rejects.toThrow("down");
  });

  it("says when its lease row is gone: it would mean that nobody keeps records", async () => {
    const { store, db } = await createLibsqlStore();
    db.exec("DELETE FROM api_keys_settings");
    expect((await errorOf(() => store.findByHash("a"))).message).toBe(
      '"api_keys_settings" has no lease: run store.migrate()',
    );
  });
});

describe("options", () => {
  const query: Query = () => ({ rows: [], affected: 0 });
  it.each<[string, object, string]>([
    ["no dialect", { query }, "TypeError"],
    ["an unknown dialect", { dialect: "oracle", query }, "RangeError"],
    ["toString as a dialect", { dialect: "toString", query }, "RangeError"],
    ["no query", { dialect: "mysql" }, "TypeError"],
    ["an unknown option", { dialect: "mysql", query, prefix: "a" }, "TypeError"],
    ["an empty table", { dialect: "mysql", query, table: "" }, "RangeError"],
    ["a table with SQL", { dialect: "mysql", query, table: "a; DROP TABLE b" }, "RangeError"],
    ["a table in capitals", { dialect: "mysql", query, table: "ApiKeys" }, "RangeError"],
    ["a table with two points", { dialect: "mysql", query, table: "a.b.c" }, "RangeError"],
    ["a long table", { dialect: "mysql", query, table: "a".repeat(41) }, "RangeError"],
    ["a table with a schema", { dialect: "mysql", query, table: "auth.api_keys" }, "ok"],
    ["a short table", { dialect: "mysql", query, table: "k" }, "ok"],
  ])("with %s: %s", async (_, options, verdict) => {
    expect(await verdictOf(() => createSqlStore(options as SqlStoreOptions))).toBe(verdict);
  });

  it.each<SqlDialect>(["postgres", "mysql", "sqlite"])(
    "lists at most a number: %s",
    async (dialect) => {
      const store = createSqlStore({ dialect, query });
      expect(await verdictOf(() => store.list("a", "1; DROP TABLE b" as never, null))).toBe(
        "TypeError",
      );
    },
  );
});
