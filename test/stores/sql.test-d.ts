import { describe, expectTypeOf, it } from "vitest";
import type { KeyStore, MaybePromise } from "../../src/index.js";
import {
  createSqlStore,
  type SqlDialect,
  type SqlResult,
  type SqlStore,
  type SqlStoreOptions,
  type SqlValue,
} from "../../src/stores/sql.js";

describe("createSqlStore", () => {
  it("makes a store that can create its tables", () => {
    expectTypeOf(createSqlStore).parameters.toEqualTypeOf<[SqlStoreOptions]>();
    expectTypeOf(createSqlStore).returns.toEqualTypeOf<SqlStore>();
    expectTypeOf<SqlStore>().toExtend<KeyStore>();
    expectTypeOf<SqlStore["migrate"]>().toEqualTypeOf<() => Promise<void>>();
  });

  it("takes a dialect and a function that answers now or later", () => {
    expectTypeOf<SqlDialect>().toEqualTypeOf<"postgres" | "mysql" | "sqlite">();
    expectTypeOf<SqlStoreOptions["query"]>().toEqualTypeOf<
      (sql: string, params: SqlValue[]) => MaybePromise<SqlResult>
    >();
    expectTypeOf<SqlValue>().toEqualTypeOf<string | number | null>();
    const query = () => ({ rows: [], affected: 0n });
    createSqlStore({ dialect: "mysql", query, table: "keys" });
    // @ts-expect-error MariaDB is "mysql"
    createSqlStore({ dialect: "mariadb", query });
    // @ts-expect-error no dialect
    createSqlStore({ query });
    // @ts-expect-error an answer has rows
    createSqlStore({ dialect: "sqlite", query: () => ({ affected: 1 }) });
  });
});
