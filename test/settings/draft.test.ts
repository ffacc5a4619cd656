import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changesBetween,
  choiceOf,
  conflictBetween,
  draftOf,
  isDecided,
  libraryOf,
  resolve,
  savedBy,
  withChoice,
  type Field,
  type Side,
} from "../../src/settings/draft.js";
import type { Choice, Level } from "../../src/settings/types.js";
import { keyWith } from "./fixtures.js";

const LATER = "2027-01-31T22:59:59.000Z";
const base = draftOf(keyWith({ barcelona: "READ", lisbon: "WRITE" }));

describe("changes", () => {
  it.each<[libraryId: string, choice: Choice, changes: number]>([
    ["barcelona", "READ", 0],
    ["barcelona", "WRITE", 1],
    ["barcelona", "NONE", 1],
    ["porto", "NONE", 0],
    ["porto", "READ", 1],
    ["__proto__", "READ", 1],
    ["constructor", "NONE", 0],
  ])("%s set to %s: %i", (libraryId, choice, changes) => {
    const draft = { ...base, access: withChoice(base.access, [libraryId], choice) };
    expect(changesBetween(base, draft)).toHaveLength(changes);
    expect(choiceOf(draft.access, libraryId)).toBe(choice);
  });

  it("puts the key's own fields first and leaves what was given as it was", () => {
    const access = withChoice(base.access, ["porto", "lisbon"], "READ");
    const draft = { name: "Blog", expiresAt: LATER, enabled: false, access };
    expect(changesBetween(base, draft)).toEqual([
      { field: "name", from: "Website", to: "Blog" },
      { field: "expiresAt", from: null, to: LATER },
      { field: "enabled", from: true, to: false },
      { field: "library:lisbon", from: "WRITE", to: "READ" },
      { field: "library:porto", from: "NONE", to: "READ" },
    ]);
    expect([...base.access]).toEqual([
      ["barcelona", "READ"],
      ["lisbon", "WRITE"],
    ]);
  });
});

it.each<[Field, string | null]>([
  ["name", null],
  ["enabled", null],
  ["library:", ""],
  ["library:name", "name"],
  ["library:library:a", "library:a"],
])("%s is the level in %j", (field, libraryId) => {
  expect(libraryOf(field)).toBe(libraryId);
});

describe("a save", () => {
  it.each<[string, Partial<typeof base>, object]>([
    ["nothing", {}, {}],
    ["a name", { name: "Blog" }, { name: "Blog" }],
    ["an expiry", { expiresAt: LATER }, { expiresAt: LATER }],
    ["a state", { enabled: false }, { enabled: false }],
    ["a library named like a field", { access: new Map([["name", "READ"]]) }, {}],
  ])("sends %s and nothing else", (_, part, expected) => {
    const { access, ...rest } = savedBy(base, { ...base, ...part });
    expect([rest, access]).toEqual([expected, part.access]);
  });

  it("sends access whole, with what was not touched", () => {
    const access = withChoice(base.access, ["porto"], "READ");
    expect(savedBy(base, { ...base, access })).toEqual({ access });
    expect([...access.keys()]).toEqual(["barcelona", "lisbon", "porto"]);
  });
});

describe("a conflict", () => {
  const mine = {
    ...base,
    name: "Blog",
    access: withChoice(base.access, ["barcelona"], "WRITE"),
  };

  it("asks about what both changed, and takes over what only they did", () => {
    const change = { name: "Shop", version: 2, enabled: false };
    const theirs = keyWith({ lisbon: "WRITE", porto: "READ" }, change);
    const conflict = conflictBetween(base, mine, theirs);
    expect(conflict.collisions).toEqual([
      { field: "name", mine: "Blog", theirs: "Shop" },
      { field: "library:barcelona", mine: "WRITE", theirs: "NONE" },
    ]);
    expect(conflict.taken).toEqual([
      { field: "enabled", from: true, to: false },
      { field: "library:porto", from: "NONE", to: "READ" },
    ]);
    expect(isDecided(conflict)).toBe(false);

    const choices = new Map<Field, Side>([
      ["name", "theirs"],
      ["library:barcelona", "mine"],
    ]);
    const decided = { ...conflict, choices };
    expect(isDecided(decided)).toBe(true);
    const resolved = resolve(base, mine, decided);
    expect(resolved).toMatchObject({ name: "Shop", enabled: false, expiresAt: null });
    expect(Object.fromEntries(resolved.access)).toEqual({
      barcelona: "WRITE",
      lisbon: "WRITE",
      porto: "READ",
    });
  });

  it("asks nothing where both did the same", () => {
    const theirs = keyWith({ barcelona: "WRITE", lisbon: "WRITE" }, { name: "Blog", version: 2 });
    const conflict = conflictBetween(base, mine, theirs);
    expect(conflict).toMatchObject({ collisions: [], taken: [] });
    expect(changesBetween(theirs, resolve(base, mine, conflict))).toEqual([]);
  });

  it("loses nothing of either side, whatever was changed", () => {
    const access = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.constantFrom<Level>("READ", "WRITE"),
    );
    const sides = fc.array(fc.constantFrom<Side>("mine", "theirs"), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(access, access, access, sides, (before, own, others, picks) => {
        const from = draftOf(keyWith(before));
        const draft = draftOf(keyWith(own));
        const theirs = keyWith(others, { version: 2 });
        const open = conflictBetween(from, draft, theirs);
        const choices = new Map(
          open.collisions.map(({ field }, index) => [field, picks[index]!] as const),
        );
        const result = resolve(from, draft, { ...open, choices });
        for (const id of ["a", "b", "c"]) {
          const [was, my, their] = [from, draft, theirs].map((one) => choiceOf(one.access, id));
          const expected =
            my === was || (choices.get(`library:${id}`) === "theirs" && their !== was) ? their : my;
          expect(choiceOf(result.access, id)).toBe(expected);
        }
      }),
    );
  });
});
