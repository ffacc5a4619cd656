import { describe, expectTypeOf, it } from "vitest";
import {
  createCaller,
  everyLibrary,
  type AccessTable,
  type Caller,
  type CallerAccess,
  type CallerOptions,
  type EveryLibrary,
  type Level,
  type LibraryRef,
} from "../../src/index.js";

declare const caller: Caller;
const library = { organizationId: "monogram-labs", libraryId: "barcelona" };
const user = { id: "user-7", version: 1, organizationId: "monogram-labs" };

describe("a caller", () => {
  it("says who it is, and cannot be changed", () => {
    expectTypeOf(caller.id).toEqualTypeOf<string>();
    expectTypeOf(caller.version).toEqualTypeOf<number>();
    expectTypeOf(caller.organizationId).toEqualTypeOf<string>();
    expectTypeOf(caller.access).toEqualTypeOf<CallerAccess>();
    expectTypeOf(caller.cacheKey).toEqualTypeOf<string>();
    expectTypeOf(caller.fence).toEqualTypeOf<{
      readonly keyId: string;
      readonly version: number;
    } | null>();
    // @ts-expect-error a caller does not change its organization
    caller.organizationId = "acme-co";
    // @ts-expect-error nor its access
    caller.access = {};
    // @ts-expect-error its key is not known
    void caller.key;
    // @ts-expect-error nor its digest
    void caller.hash;
  });

  it("answers for a level and a library", () => {
    expectTypeOf(caller.can).toEqualTypeOf<(level: Level, library: LibraryRef) => boolean>();
    expectTypeOf(caller.require).toEqualTypeOf<(level: Level, library: LibraryRef) => void>();
    expectTypeOf(caller.libraries).toEqualTypeOf<(level: Level) => readonly string[] | "every">();
    // @ts-expect-error level first
    caller.can(library, "read");
    // @ts-expect-error an id alone names no library
    caller.can("read", "barcelona");
    // @ts-expect-error there is no such level
    caller.require("admin", library);
    // @ts-expect-error "every" is no list
    caller.libraries("read").map(String);
  });

  it("current may be a promise, and may be null", () => {
    expectTypeOf(caller.current).toEqualTypeOf<() => Caller | null | Promise<Caller | null>>();
    // @ts-expect-error it has to be awaited
    caller.current()?.can("read", library);
  });
});

describe("createCaller", () => {
  it("takes a table or everyLibrary", () => {
    expectTypeOf(createCaller).toEqualTypeOf<(options: CallerOptions) => Caller>();
    expectTypeOf<CallerOptions>().toEqualTypeOf<{
      readonly id: string;
      readonly version: number;
      readonly organizationId: string;
      readonly access: AccessTable | EveryLibrary;
      readonly current?: () => Caller | null | Promise<Caller | null>;
    }>();
    createCaller({ ...user, access: everyLibrary("read"), current: async () => null });
    // @ts-expect-error access is needed
    createCaller(user);
    // @ts-expect-error "every" is what libraries() answers, not what it takes
    createCaller({ ...user, access: "every" });
    // @ts-expect-error null is dead; undefined says nothing
    createCaller({ ...user, access: {}, current: () => undefined });
  });
});
