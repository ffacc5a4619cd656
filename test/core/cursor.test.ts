import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/core/cursor.js";
import { aText, errorOf, NO_STRINGS } from "../support/fixture.js";

describe("cursors", () => {
  it("come back as what they were, for any time and id", () => {
    const id = aText(1, 256).filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(fc.maxSafeNat(), id, (createdAtMs, id) => {
        const place = { createdAtMs, id };
        expect(decodeCursor("after", encodeCursor(place))).toEqual(place);
      }),
    );
  });

  it.each([undefined, null])("%s begins at the start", (cursor) => {
    expect(decodeCursor("after", cursor)).toBeNull();
  });

  it.each([
    ["empty", ""],
    ["no dot", "m3xk2w00"],
    ["no time", ".key_00000000000000000001"],
    ["no id", "m3xk2w00."],
    ["a time in capitals", "M3XK2W00.key_00000000000000000001"],
    ["a negative time", "-1.key_00000000000000000001"],
    ["a fraction", "1,5.key_00000000000000000001"],
    ["a time of 12 digits", `${"1".repeat(12)}.key_00000000000000000001`],
    ["a time over 2^53", `${"z".repeat(11)}.key_00000000000000000001`],
    ["a space before", " 1.key_00000000000000000001"],
    ["a line feed before", "\n1.key_00000000000000000001"],
    ["a key", "pk_4eC39HqLH3U46nipzJ6ixhzdp7dc42Sf"],
    ["1 MB", "a".repeat(1_000_000)],
  ])("%s: RangeError that does not show it", async (_, cursor) => {
    const { name, message } = await errorOf(() => decodeCursor("after", cursor));
    expect([name, message]).toEqual(["RangeError", '"after" expected the endCursor of a page']);
  });

  it.each([
    ["NUL, which databases refuse", "1.a\0"],
    ["a line feed", "1.key_00000000000000000001\n"],
    ["a lone surrogate", "1.\ud800"],
    ["257 characters", `1.${"a".repeat(257)}`],
    ["1 MB", `1.${"a".repeat(1_000_000)}`],
  ])("with an id of %s: RangeError", async (_, cursor) => {
    const { name, message } = await errorOf(() => decodeCursor("after", cursor));
    expect([name, message]).toEqual([
      "RangeError",
      expect.stringMatching(/^"after" expected .{0,80}$/),
    ]);
  });

  const wrong = NO_STRINGS.filter(
    ([kind]) => !["undefined", "null", "a revoked proxy"].includes(kind),
  );
  it.each(wrong)("%s: TypeError", async (_, cursor) => {
    const { name, message } = await errorOf(() => decodeCursor("after", cursor));
    expect([name, message]).toEqual([
      "TypeError",
      expect.stringMatching(/^"after" expected a str/),
    ]);
  });
});
