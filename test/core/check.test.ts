import { describe, expect, it } from "vitest";
import * as check from "../../src/core/check.js";
import { verdictOf } from "../support/fixture.js";
import vectors from "../vectors/key.json" with { type: "json" };

type Row = readonly [name: string, value: unknown, verdict: string];

function table(title: string, call: (value: unknown) => unknown, rows: readonly Row[]): void {
  it.each(rows)(`${title}: %s`, async (_, value, verdict) => {
    expect(await verdictOf(() => call(value))).toBe(verdict);
    if (verdict === "ok") expect(call(value)).toBe(value);
    else expect(() => call(value)).toThrow(/^"it" /);
  });
}

describe("checks answer the value, or name the argument", () => {
  table("text of at most 5", (value) => check.checkText("it", value, 5), [
    ["1 character", "a", "ok"],
    ["5 characters", "abcde", "ok"],
    ["none", "", "RangeError"],
    ["6 characters", "abcdef", "RangeError"],
    ["1 MB", "a".repeat(1_000_000), "RangeError"],
    ["a pair of surrogates", "\u{1f511}", "ok"],
    ["a lone high surrogate", "a\ud83d", "RangeError"],
    ["a lone low surrogate", "\udd11a", "RangeError"],
    ["surrogates in the wrong order", "\udd11\ud83d", "RangeError"],
    ["NUL", "a\0", "RangeError"],
    ["a line feed", "a\n", "RangeError"],
    ["U+001F", "\x1f", "RangeError"],
    ["a space, U+0020", " ", "ok"],
    ["a tilde, U+007E", "~", "ok"],
    ["U+007F", "\x7f", "RangeError"],
    ["U+009F", "\x9f", "RangeError"],
    ["a no-break space, U+00A0", "\xa0", "ok"],
    ["undefined", undefined, "TypeError"],
    ["null", null, "TypeError"],
    ["a number", 5, "TypeError"],
    ["a String object", new String("a"), "TypeError"],
    ["an array", ["a"], "TypeError"],
  ]);

  table("id", (value) => check.checkId("it", value), [
    ["256 characters", "a".repeat(256), "ok"],
    ["257 characters", "a".repeat(257), "RangeError"],
    ["none", "", "RangeError"],
    ["a number", 7, "TypeError"],
  ]);

  table("string", (value) => check.checkString("it", value), [
    ["none", "", "ok"],
    ["NUL", "\0", "ok"],
    ["undefined", undefined, "TypeError"],
    ["an object", {}, "TypeError"],
  ]);

  table("integer from 1 to 500", (value) => check.checkInteger("it", value, 1, 500), [
    ["1", 1, "ok"],
    ["500", 500, "ok"],
    ["0", 0, "RangeError"],
    ["-1", -1, "RangeError"],
    ["501", 501, "RangeError"],
    ["1.5", 1.5, "RangeError"],
    ["NaN", NaN, "RangeError"],
    ["Infinity", Infinity, "RangeError"],
    ["text", "50", "TypeError"],
    ["a bigint", 50n, "TypeError"],
    ["null", null, "TypeError"],
    ["a Number object", new Number(5), "TypeError"],
  ]);

  table("integer up to the largest", (value) => check.checkInteger("it", value, 0, Infinity), [
    ["2^53 - 1", 2 ** 53 - 1, "ok"],
    ["2^53", 2 ** 53, "RangeError"],
  ]);

  table("boolean", (value) => check.checkBoolean("it", value), [
    ["true", true, "ok"],
    ["false", false, "ok"],
    ["0", 0, "TypeError"],
    ["text", "false", "TypeError"],
    ["null", null, "TypeError"],
    ["undefined", undefined, "TypeError"],
  ]);

  table("function", (value) => check.checkFunction("it", value), [
    ["a function", () => {}, "ok"],
    ["a class", class {}, "ok"],
    ["an object", {}, "TypeError"],
    ["undefined", undefined, "TypeError"],
  ]);

  table("object", (value) => check.checkObject("it", value), [
    ["an object", {}, "ok"],
    ["an object without a prototype", Object.create(null), "ok"],
    ["an instance", new Map(), "ok"],
    ["an array", [], "TypeError"],
    ["null", null, "TypeError"],
    ["undefined", undefined, "TypeError"],
    ["a function", () => {}, "TypeError"],
    ["text", "{}", "TypeError"],
  ]);

  table("options", (value) => check.checkOptions("it", value, ["name", "expiresAtMs"]), [
    ["none", {}, "ok"],
    ["known ones", { name: "a", expiresAtMs: 1 }, "ok"],
    ["a known one that is undefined", { name: undefined }, "ok"],
    ["expiresAt", { expiresAt: 1 }, "TypeError"],
    ["an unknown one that is undefined", { expiresAt: undefined }, "TypeError"],
    ["its own __proto__", JSON.parse('{"__proto__": 1}'), "TypeError"],
    ["toString", { toString: 1 }, "TypeError"],
    ["an array", ["name"], "TypeError"],
    ["null", null, "TypeError"],
  ]);
});

describe("messages", () => {
  it("say what is known", () => {
    expect(() => check.checkOptions("options", { expiresAt: 1 }, ["name", "expiresAtMs"])).toThrow(
      /^"options" has no property "expiresAt"; known: name, expiresAtMs$/,
    );
  });

  it("say what came", () => {
    const kinds = [null, [], {}, undefined, 1, "", 1n, Symbol("s"), () => {}];
    expect(kinds.map(check.kindOf)).toEqual([
      ..."null array object undefined number string bigint symbol function".split(" "),
    ]);
  });

  it.each([
    ["an id", "barcelona-2.Á".normalize("NFD").slice(0, 12), '"barcelona-2."'],
    ["64 characters", "a".repeat(64), `"${"a".repeat(64)}"`],
    ["65 characters", "a".repeat(65), '"…"'],
    ["an underscore", "a_b", '"…"'],
    ["a quotation mark", 'a"b', '"…"'],
    ["a line feed at the end", "a\n", '"…"'],
    ["nothing", "", '"…"'],
    ["a space", "a b", '"…"'],
  ])("quote %s", (_, text, quoted) => {
    expect(check.quote(text)).toBe(quoted);
  });

  it.each([...vectors.valid, ...vectors.refused])("quote never shows $name", ({ key }) => {
    const harmless = !key.includes("_") && key.length < 36; // e.g. "pk-…", which no format of ours makes
    if (!harmless) expect(check.quote(key)).toBe('"…"');
  });
});
