import type Database from "libsql";
import type { SqlStoreOptions } from "../../src/stores/sql.js";

/** Runs statements on a SQLite file, as in docs/stores.md. */
export const viaLibsql =
  (db: InstanceType<typeof Database>): SqlStoreOptions["query"] =>
  (sql, params) => {
    const statement = db.prepare(sql);
    if (statement.reader) return { rows: statement.all(...params) };
    db.exec("BEGIN IMMEDIATE");
    try {
      const { changes } = statement.run(...params);
      db.exec("COMMIT");
      return { rows: [], affected: changes };
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK");
      throw error;
    }
  };
