import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIdGenerator, createKeyFormat, type FillRandom } from "../../src/core/key.js";
import { findKeys, hasChecksum } from "../support/canary.js";
import { aText, errorOf } from "../support/fixture.js";
import vectors from "../vectors/key.json" with { type: "json" };

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const format = createKeyFormat();
/** A valid key, another every time. */
const aKey = fc.nat().map(() => format.generate());
const bodyIndex = fc.integer({ min: 3, max: 34 });

describe("matches, by the vectors", () => {
  it.each(vectors.valid)("takes $name", ({ key, prefix = "pk_" }) => {
    expect(createKeyFormat({ prefix }).matches(key)).toBe(true);
    expect(createKeyFormat({ prefix, checksum: "ignore" }).matches(key)).toBe(true);
    expect(hasChecksum(key)).toBe(true);
  });

  it.each(vectors.valid)("refuses $name under a prefix one longer", ({ key, prefix = "pk_" }) => {
    const another = createKeyFormat({ prefix: `${prefix.slice(0, 30)}x_` });
    expect(another.matches(key)).toBe(false);
  });

  it.each(vectors.refused)("refuses $name: $reason", ({ key }) => {
    expect(format.matches(key)).toBe(false);
  });

  it.each(vectors.refused)("without checksum, $name is $ignoringChecksum", (vector) => {
    const lenient = createKeyFormat({ checksum: "ignore" });
    expect(lenient.matches(vector.key)).toBe(vector.ignoringChecksum === "valid");
  });
});

describe("generate", () => {
  it("makes keys of 35 characters whose checksum an independent CRC-32 confirms", () => {
    fc.assert(
      fc.property(aKey, (key) => {
        expect(key).toMatch(/^pk_[0-9A-Za-z]{32}$/);
        expect(hasChecksum(key)).toBe(true);
        expect(format.matches(key)).toBe(true);
      }),
    );
  });

  it("makes keys of any prefix, which no other prefix takes", () => {
    const prefix = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,29}$/).map((text) => `${text}_`);
    fc.assert(
      fc.property(prefix, prefix, (mine, other) => {
        const key = createKeyFormat({ prefix: mine }).generate();
        expect(hasChecksum(key)).toBe(true);
        expect(createKeyFormat({ prefix: other }).matches(key)).toBe(mine === other);
      }),
    );
  });

  it("makes every character of the body equally likely", () => {
    const counts = new Map([...ALPHABET].map((character) => [character, 0]));
    const keys = 5000;
    const made = new Set<string>();
    for (let i = 0; i < keys; i++) {
      const body = format.generate().slice(3, 29);
      made.add(body);
      for (const character of body) counts.set(character, counts.get(character)! + 1);
    }
    const expected = (keys * 26) / 62;
    const distances = [...counts.values()].map((count) => (count - expected) ** 2 / expected);
    const chiSquare = distances.reduce((sum, distance) => sum + distance, 0);
    expect(chiSquare).toBeLessThan(140); // 61 degrees of freedom: once in 10^7 runs by chance
    expect(made.size).toBe(keys);
  });
});

describe("a change of a key", () => {
  it("of any single character is refused", () => {
    fc.assert(
      fc.property(
        aKey,
        fc.nat(34),
        fc.constantFrom(...ALPHABET, "_", "-"),
        (key, at, character) => {
          fc.pre(key[at] !== character);
          expect(format.matches(key.slice(0, at) + character + key.slice(at + 1))).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("of any single character into any other of Unicode is refused, checksum or not", () => {
    const lenient = createKeyFormat({ checksum: "ignore" });
    const foreign = aText(1, 1);
    fc.assert(
      fc.property(aKey, fc.nat(34), foreign, (key, at, character) => {
        fc.pre(!/[0-9A-Za-z_]/.test(character));
        const changed = key.slice(0, at) + character + key.slice(at + 1);
        expect([format.matches(changed), lenient.matches(changed)]).toEqual([false, false]);
      }),
      { numRuns: 2000 },
    );
  });

  it("by which two different characters trade places is refused", () => {
    fc.assert(
      fc.property(aKey, bodyIndex, bodyIndex, (key, i, j) => {
        fc.pre(key[i] !== key[j]);
        const characters = [...key];
        [characters[i], characters[j]] = [characters[j]!, characters[i]!];
        expect(format.matches(characters.join(""))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("by which it loses or gains characters is refused", () => {
    fc.assert(
      fc.property(aKey, fc.nat(35), fc.string({ minLength: 1 }), (key, at, more) => {
        expect(format.matches(key.slice(0, at) + more + key.slice(at))).toBe(false);
        expect(format.matches(key.slice(0, at))).toBe(at === 35);
      }),
    );
  });
});

describe("randomness", () => {
  const filling = (...bytes: readonly number[]): FillRandom => {
    return (target) => target.set(target.map((_, i) => bytes[i % bytes.length]!));
  };

  it("uses every digit once before it uses one again, when the bytes count up", () => {
    const counting = createKeyFormat({
      fillRandom: filling(...Array.from({ length: 256 }, (_, i) => i)),
    });
    const bodies = Array.from({ length: 62 }, () => counting.generate().slice(3, 29));
    expect(bodies.join("")).toBe(ALPHABET.repeat(26));
  });

  it.each([
    ["62 and 63 are thrown away", [62, 0, 63, 61], "0z"],
    ["only the lowest 6 bits count", [0b11_000001, 0b01_000010], "12"],
    ["62 and 63 are thrown away whatever the upper bits", [0xff, 0xfe, 0x7e, 0x3f, 0x05], "5"],
  ])("%s", (_, bytes, pattern) => {
    const generated = createKeyFormat({ fillRandom: filling(...bytes) }).generate();
    expect(generated.slice(3, 29)).toBe(pattern.repeat(26).slice(0, 26));
  });

  it("is asked for as a whole, and not before it is needed", () => {
    let calls = 0;
    const lengths = new Set<number>();
    const counting = createKeyFormat({
      fillRandom(target) {
        calls++;
        lengths.add(target.length);
        globalThis.crypto.getRandomValues(target);
      },
    });
    expect(calls).toBe(0);
    for (let i = 0; i < 100; i++) counting.generate();
    expect([calls, [...lengths]]).toEqual([1, [4096]]);
    for (let i = 0; i < 100; i++) counting.generate();
    expect(calls).toBe(2);
  });

  it("does not stay in memory once it is in a key", () => {
    let pool = new Uint8Array();
    const spying = createKeyFormat({ fillRandom: (target) => (pool = target).fill(1, 0, 4095) });
    spying.generate();
    expect([...pool.subarray(0, 27)]).toEqual([...Array<number>(26).fill(0), 1]);
  });

  it.each([
    ["does nothing", () => {}],
    [
      "answers later",
      async (target: Uint8Array) => void (await Promise.resolve(), target.fill(1, 1)),
    ],
    ["fills in zeros", filling(0)],
    ["fills in one byte, which would never end", filling(0xff)],
  ])("a source that %s makes no key", async (_, fillRandom) => {
    const { name, message } = await errorOf(() => createKeyFormat({ fillRandom }).generate());
    expect([name, message]).toEqual(["RangeError", expect.stringContaining("format.fillRandom")]);
  });

  it("a source that fails once is asked again", () => {
    let calls = 0;
    const failing = createKeyFormat({
      fillRandom(target) {
        if (calls++ === 0) throw new Error("no entropy");
        globalThis.crypto.getRandomValues(target);
      },
    });
    expect(() => failing.generate()).toThrow("no entropy");
    expect(format.matches(failing.generate())).toBe(true);
  });
});

describe("redact and hint", () => {
  const hintPattern = /pk_[0-9A-Za-z]{4}…/;

  it("removes every key from any text, and nothing else", () => {
    const between = fc.string({ unit: "grapheme" }).filter((text) => !/_[0-9A-Za-z]*$/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(between, aKey)), between, (parts, end) => {
        const redacted = format.redact(parts.flat().join("") + end);
        expect(findKeys(redacted)).toEqual([]);
        expect(redacted).toBe(parts.map(([text, key]) => text + format.hint(key)).join("") + end);
      }),
    );
  });

  const key = vectors.valid[4]!.key;
  it.each([
    ["a key with a wrong checksum", vectors.refused[0]!.key, "pk_4eC3…"],
    ["a key that more text follows", `${key}abc`, `${key.slice(0, 7)}…abc`],
    ["a prefix before a key", `pk_${key}`, `pk_${key.slice(0, 7)}…`],
    ["a text with a key in JSON", JSON.stringify({ key }), `{"key":"${key.slice(0, 7)}…"}`],
    ["a key that misses one character", key.slice(0, -1), key.slice(0, -1)],
    ["a key of another prefix", `sk_${key.slice(3)}`, `sk_${key.slice(3)}`],
    ["a key in capitals of the prefix", `PK_${key.slice(3)}`, `PK_${key.slice(3)}`],
    ["no text", "", ""],
  ])("%s", (_, text, redacted) => {
    expect(format.redact(text)).toBe(redacted);
  });

  it("knows its own prefix only", () => {
    const acme = createKeyFormat({ prefix: "acme_live_" });
    const generated = acme.generate();
    expect(acme.redact(`${generated} ${key}`)).toBe(`${generated.slice(0, 14)}… ${key}`);
    expect(acme.hint(generated)).toBe(`${generated.slice(0, 14)}…`);
  });

  it("shows 4 characters", () => {
    expect(format.hint(vectors.refused[0]!.key)).toBe("pk_4eC3…");
    expect(format.hint(key)).toMatch(hintPattern);
  });

  it("takes text only", async () => {
    const { name, message } = await errorOf(() => format.redact(undefined as never));
    expect([name, message]).toEqual(["TypeError", '"text" expected a string, got undefined']);
  });
});

describe("options", () => {
  it.each([
    ["pk_", "ok"],
    ["k_", "ok"],
    ["acme_live_", "ok"],
    ["Acme2_", "ok"],
    [`${"a".repeat(31)}_`, "ok"],
    [`${"a".repeat(32)}_`, "RangeError"],
    ["", "RangeError"],
    ["_", "RangeError"],
    ["pk", "RangeError"],
    ["pk-", "RangeError"],
    ["2pk_", "RangeError"],
    ["_pk_", "RangeError"],
    ["p.k_", "RangeError"],
    ["p k_", "RangeError"],
    ["pk_\n", "RangeError"],
    ["пк_", "RangeError"],
    [null, "TypeError"],
    [["pk_"], "TypeError"],
  ])("prefix %j: %s", (prefix, verdict) => {
    expect(verdictOfFormat({ prefix })).toBe(verdict);
  });

  it.each([
    ["checksum verify", { checksum: "verify" }, "ok"],
    ["checksum ignore", { checksum: "ignore" }, "ok"],
    ["checksum none", { checksum: "none" }, "RangeError"],
    ["checksum false", { checksum: false }, "RangeError"],
    ["checksum null", { checksum: null }, "RangeError"],
    ["fillRandom that is no function", { fillRandom: new Uint8Array(4096) }, "TypeError"],
    ["fillRandom null", { fillRandom: null }, "TypeError"],
    ["an unknown option", { length: 16 }, "TypeError"],
    ["null", null, "TypeError"],
    ["an array", [], "TypeError"],
    ["a prefix alone", "pk_", "TypeError"],
  ])("%s: %s", (_, options, verdict) => {
    expect(verdictOfFormat(options)).toBe(verdict);
  });

  function verdictOfFormat(options: unknown): string {
    let made;
    try {
      made = createKeyFormat(options as never);
    } catch (error) {
      const { name, message } = error as Error;
      return message.startsWith('"format') ? name : message;
    }
    const { prefix, generate, matches } = made;
    return generate().startsWith(prefix) && matches(generate()) ? "ok" : "broken";
  }
});

describe("createIdGenerator", () => {
  it("makes different ids that are no keys, under any prefix", () => {
    const newId = createIdGenerator();
    const ids = Array.from({ length: 1000 }, newId);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.filter((id) => !/^key_[0-9A-Za-z]{20}$/.test(id))).toEqual([]);
    const confusing = createKeyFormat({ prefix: "key_", checksum: "ignore" });
    expect(ids.filter((id) => confusing.matches(id) || confusing.redact(id) !== id)).toEqual([]);
  });
});
