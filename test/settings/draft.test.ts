import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changesBetween,
  choiceOf,
  conflictBetween,
  draftOf,
  isDecided,
  resolve,
  withChoice,
  type Side,
} from "../../src/settings/draft.js";
import type { Choice, Level } from "../../src/settings/types.js";
import { keyWith } from "./fixtures.js";

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

  it("puts the name first and leaves what was given as it was", () => {
    const draft = { name: "Blog", access: withChoice(base.access, ["porto", "lisbon"], "READ") };
    expect(changesBetween(base, draft)).toEqual([
      { libraryId: null, from: "Website", to: "Blog" },
      { libraryId: "lisbon", from: "WRITE", to: "READ" },
      { libraryId: "porto", from: "NONE", to: "READ" },
    ]);
    expect([...base.access]).toEqual([
      ["barcelona", "READ"],
      ["lisbon", "WRITE"],
    ]);
  });
});

describe("a conflict", () => {
  const mine = { name: "Blog", access: withChoice(base.access, ["barcelona"], "WRITE") };

  it("asks about what both changed, and takes over what only they did", () => {
    const theirs = keyWith({ lisbon: "WRITE", porto: "READ" }, { name: "Shop", version: 2 });
    const conflict = conflictBetween(base, mine, theirs);
    expect(conflict.collisions).toEqual([
      { libraryId: null, mine: "Blog", theirs: "Shop" },
      { libraryId: "barcelona", mine: "WRITE", theirs: "NONE" },
    ]);
    expect(conflict.taken).toEqual([{ libraryId: "porto", from: "NONE", to: "READ" }]);
    expect(isDecided(conflict)).toBe(false);

    const choices = new Map<string | null, Side>([
      [null, "theirs"],
      ["barcelona", "mine"],
    ]);
    const decided = { ...conflict, choices };
    expect(isDecided(decided)).toBe(true);
    const resolved = resolve(base, mine, decided);
    expect(resolved.name).toBe("Shop");
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
          open.collisions.map(({ libraryId }, index) => [libraryId, picks[index]!] as const),
        );
        const result = resolve(from, draft, { ...open, choices });
        for (const id of ["a", "b", "c"]) {
          const [was, my, their] = [from, draft, theirs].map((one) => choiceOf(one.access, id));
          const expected =
            my === was || (choices.get(id) === "theirs" && their !== was) ? their : my;
          expect(choiceOf(result.access, id)).toBe(expected);
        }
      }),
    );
  });
});
