import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIdDeriver } from "../../src/core/derived-id.js";
import { createIdGenerator } from "../../src/core/key.js";
import { aText } from "../support/fixture.js";
import vectors from "../vectors/id.json" with { type: "json" };

const idOf = createIdDeriver();

describe("the id of what an idempotency key makes", () => {
  it.each(vectors.ids)("is the same for ever: $name", ({ organizationId, idempotencyKey, id }) => {
    expect(idOf(organizationId, idempotencyKey)).toBe(id);
  });

  it("looks like every other id", () => {
    const shape = /^key_[0-9A-Za-z]{20}$/;
    expect(createIdGenerator()()).toMatch(shape);
    const seen = new Set<string>();
    for (let n = 0; n < 1000; n++) {
      const id = idOf("monogram-labs", String(n));
      expect(id).toMatch(shape);
      for (const character of id) seen.add(character);
    }
    expect(seen.size).toBe(63);
  });

  it("is another for every other pair, wherever it is cut", () => {
    const text = aText(1, 20).filter((one) => one.isWellFormed());
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        expect(idOf(a, b) === idOf(c, d)).toBe(a === c && b === d);
        expect(idOf(a + b, c)).not.toBe(idOf(a, b + c));
      }),
    );
  });
});
