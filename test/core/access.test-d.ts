import { describe, expectTypeOf, it } from "vitest";
import {
  everyLibrary,
  type AccessTable,
  type CallerAccess,
  type EveryLibrary,
  type Level,
  type LibraryRef,
} from "../../src/index.js";

describe("access", () => {
  it("levels are two", () => {
    expectTypeOf<Level>().toEqualTypeOf<"read" | "write">();
    // @ts-expect-error there is no third level
    void ("admin" satisfies Level);
  });

  it("a library is always the pair", () => {
    expectTypeOf<LibraryRef>().toEqualTypeOf<{
      readonly organizationId: string;
      readonly libraryId: string;
    }>();
    // @ts-expect-error an id alone names no library
    void ({ libraryId: "barcelona" } satisfies LibraryRef);
  });

  it("a table maps ids to levels, and cannot be written to", () => {
    expectTypeOf<{ barcelona: "write"; lisbon: "read" }>().toExtend<AccessTable>();
    expectTypeOf<{ barcelona: "admin" }>().not.toExtend<AccessTable>();
    expectTypeOf<Map<string, Level>>().not.toExtend<AccessTable>();
    expectTypeOf<readonly string[]>().not.toExtend<AccessTable>();
    const table = {} as AccessTable;
    // @ts-expect-error tables are not changed in place
    table["barcelona"] = "write";
    expectTypeOf(table["barcelona"]).toEqualTypeOf<Level | undefined>();
  });

  it("everyLibrary is no table, and a caller's access may be either", () => {
    expectTypeOf(everyLibrary).parameters.toEqualTypeOf<[Level]>();
    expectTypeOf(everyLibrary).returns.toEqualTypeOf<EveryLibrary>();
    expectTypeOf<CallerAccess>().toEqualTypeOf<AccessTable | EveryLibrary>();
    expectTypeOf<{ every: "write" }>().not.toExtend<EveryLibrary>();
    // @ts-expect-error there is no such level
    everyLibrary("admin");
  });
});
