/**
 * A process that takes the write lock of a SQLite file when it is told `lock`, deletes every key there, and takes that
 * back when it is told `unlock`.
 *
 *     tsx test/stores/sqlite-holder.ts <file>
 */
import { createInterface } from "node:readline";
import Database from "libsql";

const db = new Database(process.argv[2]!);
const pause = new Int32Array(new SharedArrayBuffer(4));

for await (const word of createInterface({ input: process.stdin })) {
  if (word === "lock") lock();
  else db.exec("ROLLBACK");
  console.log(`${word}ed`);
}

/** SQLite's own way of waiting looks so seldom that others would come first for seconds. */
function lock(): void {
  for (;;) {
    try {
      db.exec("BEGIN IMMEDIATE; DELETE FROM api_keys");
      return;
    } catch {
      Atomics.wait(pause, 0, 0, 0.2);
    }
  }
}
