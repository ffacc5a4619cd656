/**
 * A process that fights with another one for the same records of a SQLite file, and prints how often it won.
 *
 *     tsx test/stores/sqlite-rival.ts <file> <name>
 */
import Database from "libsql";
import type { Found } from "../../src/index.js";
import { createSqlStore } from "../../src/stores/sql.js";
import { recordOf } from "../support/fixture.js";
import { viaLibsql } from "../support/libsql.js";

const ROUNDS = 300;

const [file, name] = process.argv.slice(2) as [string, string];
const db = new Database(file, { timeout: 20_000 });
const store = createSqlStore({ dialect: "sqlite", query: viaLibsql(db) });
await store.migrate();

// The rival is there too.
store.insert(recordOf({ id: `ready ${name}`, hash: `ready ${name}` }));
while ((store.list("monogram-labs", 2, null) as unknown[]).length < 2);

let inserted = 0;
for (let n = 0; n < ROUNDS; n++) {
  if (store.insert(recordOf({ id: `key ${n}`, hash: `${name} ${n}` })) === true) inserted++;
}
let replaced = 0;
const pause = new Int32Array(new SharedArrayBuffer(4));
const shared = recordOf({ id: "key 0" });
for (;;) {
  const record = (store.findById(shared) as Found).record!;
  if (record.version > ROUNDS) break;
  const next = { ...record, version: record.version + 1, hash: `${name} v${record.version}` };
  if (store.replace(next, record) === true) {
    replaced++;
    Atomics.wait(pause, 0, 0, 1); // whoever has just had the file would have it again
  }
  void store.touch({ ...next, atMs: record.version, newHash: null });
}
console.log(JSON.stringify({ inserted, replaced }));
