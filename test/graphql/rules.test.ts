import { describe, expect, it } from "vitest";
import { apiKey, inLibrary, library, organization } from "../../src/graphql/index.js";

describe("a rule", () => {
  it("is a frozen value", () => {
    const libraryOf = () => null;
    const rules = [organization(), library(), apiKey(), inLibrary(libraryOf)];
    expect(rules).toEqual([
      { kind: "organization", whenOmitted: null },
      { kind: "library", level: null, whenOmitted: null },
      { kind: "apiKey", level: null },
      { kind: "inLibrary", libraryOf, namesOrganization: true },
    ]);
    for (const rule of [...rules, inLibrary({ id: "x" })]) expect(Object.isFrozen(rule)).toBe(true);
  });

  it("has a level, where that is said", () => {
    expect([library({ level: "read" }).level, library({ level: "write" }).level]).toEqual([
      "read",
      "write",
    ]);
    expect([apiKey({ level: "read" }).level, apiKey({ level: "write" }).level]).toEqual([
      "read",
      "write",
    ]);
    expect(library({ whenOmitted: "reachable" })).toEqual({
      kind: "library",
      level: null,
      whenOmitted: "reachable",
    });
  });

  const wrong: readonly (readonly [
    name: string,
    make: () => unknown,
    kind: typeof Error,
    message: string,
  ])[] = [
    [
      "library's level",
      () => library({ level: "admin" as never }),
      RangeError,
      '"level" expected "read" or "write"',
    ],
    [
      "library's level in SDL's words",
      () => library({ level: "WRITE" as never }),
      RangeError,
      '"level" expected "read" or "write"',
    ],
    [
      "library's level that is null",
      () => library({ level: null as never }),
      TypeError,
      '"level" expected "read" or "write"',
    ],
    [
      "library's whenOmitted",
      () => library({ whenOmitted: "callers" as never }),
      RangeError,
      '"whenOmitted" expected "reachable" or "none"',
    ],
    [
      "library's options",
      () => library({ levels: "read" } as never),
      TypeError,
      '"options" has no property "levels"',
    ],
    [
      "library's options that are a level",
      () => library("write" as never),
      TypeError,
      '"options" expected an object, got string',
    ],
    [
      "apiKey's level",
      () => apiKey({ level: "admin" as never }),
      RangeError,
      '"level" expected "read" or "write"',
    ],
    [
      "apiKey's options",
      () => apiKey("write" as never),
      TypeError,
      '"options" expected an object, got string',
    ],
    [
      "apiKey's options' names",
      () => apiKey({ whenOmitted: "none" } as never),
      TypeError,
      '"options" has no property "whenOmitted"',
    ],
    [
      "organization's options",
      () => (organization as (options: unknown) => unknown)({ whenOmitted: "none" }),
      RangeError,
      '"whenOmitted" expected "callers"',
    ],
    [
      "inLibrary's source",
      () => inLibrary("id" as never),
      TypeError,
      '"source" expected an object, got string',
    ],
    [
      "inLibrary's names",
      () => inLibrary({ id: "id", library: "x" } as never),
      TypeError,
      '"source" has no property "library"',
    ],
    [
      "inLibrary's id",
      () => inLibrary({ organization: "o" } as never),
      TypeError,
      '"source.id" expected a string, got undefined',
    ],
    [
      "inLibrary's id, empty",
      () => inLibrary({ id: "" }),
      RangeError,
      '"source.id" expected 1 to 256 characters, got 0',
    ],
    [
      "inLibrary's organization",
      () => inLibrary({ id: "id", organization: null as never }),
      TypeError,
      '"source.organization" expected a string, got null',
    ],
  ];

  it.each(wrong)("does not take wrong options: %s", (_name, make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
});

describe("inLibrary by property names", () => {
  const { libraryOf, namesOrganization } = inLibrary({ organization: "org", id: "lib" });
  const alone = inLibrary({ id: "lib" });

  it("reads the pair of a value, or nothing", () => {
    expect([namesOrganization, alone.namesOrganization]).toEqual([true, false]);
    expect(libraryOf({ org: "a", lib: "b" })).toEqual({ organizationId: "a", libraryId: "b" });
    expect(alone.libraryOf({ org: "a", lib: "b" })).toEqual({ libraryId: "b" });
    for (const value of [null, undefined, "x", 5, {}, { lib: undefined }, Object.create(null)]) {
      for (const read of [libraryOf, alone.libraryOf]) {
        expect(read(value)?.libraryId ?? null).toBe(null);
      }
    }
    expect(libraryOf({ lib: "b" })).toBe(null);
  });
});
