import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkAccess,
  checkLevel,
  checkLibrary,
  everyLibrary,
  includes,
  isEveryLibrary,
  levelOf,
  librariesOf,
  reachesSome,
  strongest,
  withLevel,
  type AccessTable,
  type CallerAccess,
  type Level,
} from "../../src/core/access.js";
import { errorOf, verdictOf } from "../support/fixture.js";

/** Ids that JavaScript objects treat in a special way, among others. */
const SPECIAL_IDS = ["__proto__", "constructor", "toString", "hasOwnProperty", "then", "toJSON"];
const anId = fc.oneof(
  fc.constantFrom(...SPECIAL_IDS, "0", "1", "barcelona", "Barcelona", "barcelona ", "é", "e\u0301"),
  fc.string({ minLength: 1, maxLength: 4 }).filter((id) => !/[\x00-\x1f\x7f-\x9f]/.test(id)),
);
const aLevel = fc.constantFrom<Level>("read", "write");
const entriesOfTable = fc.uniqueArray(fc.tuple(anId, aLevel), { selector: ([id]) => id });

/** A table as a host gives it: `fromEntries` makes `__proto__` a property of its own, as `JSON.parse` does. */
const tableOf = (entries: readonly (readonly [string, Level])[]) =>
  checkAccess("access", Object.fromEntries(entries));

describe("includes", () => {
  it.each([
    [undefined, "read", false],
    [undefined, "write", false],
    ["read", "read", true],
    ["read", "write", false],
    ["write", "read", true],
    ["write", "write", true],
    ["admin", "read", false],
    ["READ", "read", false],
    ["Write", "write", false],
    ["", "read", false],
    [null, "read", false],
    [true, "read", false],
    [1, "read", false],
    [["write"], "write", false],
    [{}, "read", false],
  ])("%j for %s: %s", (granted, needed, verdict) => {
    expect(includes(granted as Level, needed as Level)).toBe(verdict);
  });

  it.each(["admin", "", undefined, null, "READ"])("a need of %j is met by nothing", (needed) => {
    const granted = [undefined, "read", ...(needed === undefined ? [] : ["admin"])];
    expect(granted.some((level) => includes(level as Level, needed as never))).toBe(false);
  });
});

describe("what a table reaches, by an oracle", () => {
  /** Sets of pairs: what is granted at all, and what at write. */
  function oracleOf(entries: readonly (readonly [string, Level])[]) {
    const write = new Set(entries.filter(([, level]) => level === "write").map(([id]) => id));
    const read = new Set(entries.map(([id]) => id));
    return { read, write };
  }

  it("agrees for any table, library and level", () => {
    fc.assert(
      fc.property(entriesOfTable, anId, aLevel, (entries, libraryId, level) => {
        const table = tableOf(entries);
        const reached = oracleOf(entries)[level];
        expect(includes(levelOf(table, libraryId), level)).toBe(reached.has(libraryId));
        expect(reachesSome(table, level)).toBe(reached.size > 0);
        expect(new Set(librariesOf(table, level))).toEqual(reached);
        expect(librariesOf(table, level)).toHaveLength(reached.size);
      }),
    );
  });

  it("agrees after any library is set to any level, or removed", () => {
    const change = fc.tuple(anId, fc.option(aLevel, { nil: undefined }));
    fc.assert(
      fc.property(entriesOfTable, fc.array(change), (entries, changes) => {
        const expected = new Map(entries);
        let table = tableOf(entries);
        for (const [libraryId, level] of changes) {
          const before = table;
          const wasSo = expected.get(libraryId) === level;
          table = withLevel(before, libraryId, level);
          if (level === undefined) expected.delete(libraryId);
          else expected.set(libraryId, level);
          expect(table === before).toBe(wasSo);
          expect([Object.isFrozen(table), Object.getPrototypeOf(table)]).toEqual([true, null]);
        }
        expect(new Map(Object.entries(table))).toEqual(expected);
      }),
    );
  });

  it("grows with every grant, and the stronger level wins", () => {
    fc.assert(
      fc.property(fc.option(aLevel, { nil: undefined }), aLevel, aLevel, (a, b, needed) => {
        expect(includes(strongest(a, b), needed)).toBe(includes(a, needed) || includes(b, needed));
      }),
    );
  });

  it("keeps the order of the table", () => {
    const table = tableOf([
      ["lisbon", "read"],
      ["barcelona", "write"],
      ["porto", "read"],
    ]);
    expect(librariesOf(table, "read")).toEqual(["lisbon", "barcelona", "porto"]);
    expect(librariesOf(table, "write")).toEqual(["barcelona"]);
    expect(Object.keys(withLevel(table, "lisbon", "write"))).toEqual(Object.keys(table));
  });
});

describe("everyLibrary", () => {
  it.each([
    ["read", "read", true],
    ["read", "write", false],
    ["write", "read", true],
    ["write", "write", true],
  ] as const)("(%j) for %s: %s", (granted, needed, verdict) => {
    const access = everyLibrary(granted);
    expect(includes(levelOf(access, "any"), needed)).toBe(verdict);
    expect(includes(levelOf(access, "__proto__"), needed)).toBe(verdict);
    expect(reachesSome(access, needed)).toBe(verdict);
    expect(librariesOf(access, needed)).toEqual(verdict ? "every" : []);
  });

  it("is recognised by another copy of this package, and nothing else is", () => {
    const copy = { [Symbol.for("graphql-api-keys.everyLibrary")]: "read" };
    expect([everyLibrary("read"), copy].map(isEveryLibrary)).toEqual([true, true]);
    const others = [
      null,
      undefined,
      "every",
      {},
      { every: "write" },
      { everyLibrary: "write" },
      [],
    ];
    expect(others.filter(isEveryLibrary)).toEqual([]);
  });

  it("with a level that is none reaches nothing", () => {
    const access = { [Symbol.for("graphql-api-keys.everyLibrary")]: "admin" } as never;
    expect([levelOf(access, "a") === "write", reachesSome(access, "read")]).toEqual([false, false]);
    expect(librariesOf(access, "read")).toEqual([]);
  });

  it("cannot be changed", () => {
    expect(Object.isFrozen(everyLibrary("read"))).toBe(true);
  });
});

describe("an access object that some store answered", () => {
  const inherited = Object.create({ barcelona: "write" }) as AccessTable;

  it.each<[string, CallerAccess]>([
    ["inherited entries", inherited],
    ["a Map", new Map([["barcelona", "write"]]) as never],
    ["an entry that is no level", { barcelona: "admin" } as never],
    ["an entry in capitals", { barcelona: "WRITE" } as never],
    ["an entry that is true", { barcelona: true } as never],
    ["an entry that is an array", { barcelona: ["write"] } as never],
    ["another case", { Barcelona: "write" }],
  ])("with %s reaches nothing", (_, access) => {
    expect(includes(levelOf(access, "barcelona"), "read")).toBe(false);
    expect(reachesSome(access, "read") && !("Barcelona" in access)).toBe(false);
    expect(librariesOf(access, "read")).not.toContain("barcelona");
  });

  it("with inherited entries reaches its own", () => {
    const access = Object.assign(inherited, { lisbon: "read" as const });
    expect(librariesOf(access, "read")).toEqual(["lisbon"]);
    expect([reachesSome(access, "read"), reachesSome(access, "write")]).toEqual([true, false]);
  });

  it("reaches nothing by way of a polluted Object.prototype", () => {
    const prototype = Object.prototype as unknown as Record<string, unknown>;
    prototype["porto"] = "write";
    try {
      for (const access of [{}, tableOf([])]) {
        expect([levelOf(access, "porto"), reachesSome(access, "read")]).toEqual([undefined, false]);
        expect(librariesOf(access, "read")).toEqual([]);
      }
      expect(Object.keys(checkAccess("access", {}))).toEqual([]);
    } finally {
      delete prototype["porto"];
    }
  });

  it.each(SPECIAL_IDS)("%s is in no table that does not name it", (libraryId) => {
    expect([levelOf({}, libraryId), levelOf(tableOf([]), libraryId)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(levelOf(tableOf([[libraryId, "write"]]), libraryId)).toBe("write");
  });
});

describe("checkAccess", () => {
  class Table {
    barcelona = "write";
  }

  it.each<[string, unknown, string]>([
    ["an empty table", {}, "ok"],
    ["a table without a prototype", Object.assign(Object.create(null), { a: "read" }), "ok"],
    ["read and write", { barcelona: "write", lisbon: "read" }, "ok"],
    ["constructor as an id", { constructor: "read" }, "ok"],
    ["its own __proto__", JSON.parse('{"__proto__": "write"}'), "ok"],
    ["__proto__ as a prototype", { __proto__: { a: "write" } }, "TypeError"],
    ["10,000 libraries", Object.fromEntries(numbered(10_000)), "ok"],
    [
      "10,000 libraries, one of them admin",
      { ...Object.fromEntries(numbered(10_000)), z: "admin" },
      "RangeError",
    ],
    ["a property that is not enumerable", Object.defineProperty({}, "a", { value: "admin" }), "ok"],
    ["admin", { barcelona: "admin" }, "RangeError"],
    ["a level in capitals", { barcelona: "READ" }, "RangeError"],
    ["an empty level", { barcelona: "" }, "RangeError"],
    ["a level of null", { barcelona: null }, "TypeError"],
    ["a level of undefined", { barcelona: undefined }, "TypeError"],
    ["a level of true", { barcelona: true }, "TypeError"],
    ["a list of levels", { barcelona: ["read", "write"] }, "TypeError"],
    ["a String object as a level", { barcelona: new String("read") }, "TypeError"],
    ["an empty id", { "": "read" }, "RangeError"],
    ["an id of 256 characters", { ["a".repeat(256)]: "read" }, "ok"],
    ["an id of 257 characters", { ["a".repeat(257)]: "read" }, "RangeError"],
    ["an id with NUL", { "a\0": "read" }, "RangeError"],
    ["an id with a lone surrogate", { "\ud800": "read" }, "RangeError"],
    ["an id with a whole pair", { "\u{1f511}": "read" }, "ok"],
    ["a Map", new Map([["barcelona", "write"]]), "TypeError"],
    ["a Set", new Set(["barcelona"]), "TypeError"],
    ["an array", ["barcelona"], "TypeError"],
    ["an empty array", [], "TypeError"],
    ["an instance of a class", new Table(), "TypeError"],
    ["a Date", new Date(0), "TypeError"],
    ["everyLibrary", everyLibrary("write"), "TypeError"],
    ["null", null, "TypeError"],
    ["undefined", undefined, "TypeError"],
    ["text", "barcelona", "TypeError"],
    ["a function", () => ({}), "TypeError"],
  ])("%s: %#", async (_, input, verdict) => {
    const error = await verdictOf(() => checkAccess("access", input));
    expect(error).toBe(verdict);
  });

  it("copies and freezes, so that nobody changes the table afterwards", () => {
    const input: Record<string, Level> = { barcelona: "read" };
    const table = checkAccess("access", input);
    input["barcelona"] = "write";
    expect({ ...table }).toEqual({ barcelona: "read" });
    expect([Object.isFrozen(table), Object.getPrototypeOf(table)]).toEqual([true, null]);
  });

  it("reads each level once", () => {
    let reads = 0;
    const input = {
      get barcelona() {
        return reads++ === 0 ? "read" : "admin";
      },
    };
    expect({ ...checkAccess("access", input) }).toEqual({ barcelona: "read" });
  });

  it.each([
    ["a", 'access["a"] expected "read" or "write"'],
    ["pk_4eC39HqLH3U46nipzJ6ixhzdp7dc42Sf", 'access["…"] expected "read" or "write"'],
  ])("names the library %#, unless it might be a key", async (libraryId, message) => {
    const error = await errorOf(() => checkAccess("access", { [libraryId]: "admin" }));
    expect(error.message).toBe(message);
  });

  function numbered(count: number): [string, Level][] {
    return Array.from({ length: count }, (_, i) => [`library-${i}`, "read"]);
  }
});

describe("checkLevel and checkLibrary", () => {
  it.each([
    ["read", "ok"],
    ["write", "ok"],
    ["admin", "RangeError"],
    ["Read", "RangeError"],
    ["", "RangeError"],
    [null, "TypeError"],
    [undefined, "TypeError"],
    [1, "TypeError"],
    [["read"], "TypeError"],
  ])("level %j: %s", async (level, verdict) => {
    expect(await verdictOf(() => checkLevel("level", level))).toBe(verdict);
    expect(await verdictOf(() => everyLibrary(level as never))).toBe(verdict);
  });

  it.each<[string, unknown, string]>([
    ["a pair", { organizationId: "monogram-labs", libraryId: "barcelona" }, "ok"],
    ["ids that cannot be", { organizationId: "", libraryId: "\0" }, "ok"],
    ["more than a pair", { organizationId: "a", libraryId: "b", name: "c" }, "ok"],
    ["no organization", { libraryId: "barcelona" }, "TypeError"],
    ["no library", { organizationId: "monogram-labs" }, "TypeError"],
    ["a number for an id", { organizationId: "monogram-labs", libraryId: 7 }, "TypeError"],
    ["an array for an id", { organizationId: ["monogram-labs"], libraryId: "a" }, "TypeError"],
    ["an id alone", "barcelona", "TypeError"],
    ["null", null, "TypeError"],
  ])("library: %s", async (_, library, verdict) => {
    expect(await verdictOf(() => checkLibrary("library", library))).toBe(verdict);
  });

  it.each<[call: () => unknown, message: string]>([
    [() => checkLibrary("library", null), '"library" expected an object, got null'],
    [
      () => checkLibrary("library", { libraryId: "barcelona" }),
      '"library.organizationId" expected a string, got undefined',
    ],
    [
      () => checkLibrary("library", { organizationId: "monogram-labs", libraryId: null }),
      '"library.libraryId" expected a string, got null',
    ],
    [() => everyLibrary("admin" as never), '"level" expected "read" or "write"'],
  ])("name what is wrong: %s", async (call, message) => {
    expect((await errorOf(call)).message).toBe(message);
  });
});
