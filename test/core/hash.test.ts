import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createKeyHasher } from "../../src/core/hash.js";
import { aText, verdictOf } from "../support/fixture.js";
import vectors from "../vectors/hash.json" with { type: "json" };

type Pepper = string | Uint8Array | undefined;

const implementations = [
  ["the runtime's own", (pepper: Pepper) => createKeyHasher(pepper)],
  ["portable", (pepper: Pepper) => createKeyHasher(pepper, null)],
  [
    "portable, as the runtime has neither function",
    (pepper: Pepper) => createKeyHasher(pepper, {}),
  ],
] as const;

const pepperOf = ({ hex, text }: { hex?: string; text?: string }): string | Uint8Array =>
  hex === undefined ? text! : Uint8Array.from(Buffer.from(hex, "hex"));

describe.each(implementations)("%s", (_, create) => {
  it.each(vectors.sha256)("SHA-256: $name", ({ key, digest }) => {
    expect(create(undefined)(key)).toBe(digest);
  });

  it.each(vectors.hmac)("HMAC: $name", ({ pepper, key, digest }) => {
    expect(create(pepperOf(pepper))(key)).toBe(digest);
  });

  it("agrees with node:crypto on any text and pepper", () => {
    const peppers = fc.uint8Array({ minLength: 16, maxLength: 200 });
    fc.assert(
      fc.property(aText(0, 300), peppers, (key, pepper) => {
        expect(create(undefined)(key)).toBe(createHash("sha256").update(key).digest("hex"));
        expect(create(pepper)(key)).toBe(createHmac("sha256", pepper).update(key).digest("hex"));
      }),
    );
  });

  it("copies the pepper, which the caller may wipe", () => {
    const pepper = new Uint8Array(32).fill(7);
    const hash = create(pepper);
    const before = hash("a key");
    pepper.fill(0);
    expect(hash("a key")).toBe(before);
  });
});

describe("native hashing", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const native = {
    hash: () => "native hash",
    createHmac: () => ({ update: () => ({ digest: () => "native hmac" }) }),
  };
  const portable = createKeyHasher(undefined, null)("a key");

  it.each([
    [
      "node:crypto",
      { getBuiltinModule: (id: string) => id === "node:crypto" && native },
      "native hash",
    ],
    ["a runtime without node:crypto", { getBuiltinModule: () => undefined }, portable],
    ["a runtime without getBuiltinModule", {}, portable],
    ["a runtime without process", undefined, portable],
  ])("%s", (_, process, digest) => {
    vi.stubGlobal("process", process);
    const hash = createKeyHasher();
    vi.unstubAllGlobals();
    expect(hash("a key")).toBe(digest);
  });

  it("is used for peppers too", () => {
    expect(createKeyHasher("x".repeat(16), native)("a key")).toBe("native hmac");
  });
});

describe("pepper", () => {
  it.each([
    ["16 bytes", new Uint8Array(16), "ok"],
    ["15 bytes", new Uint8Array(15), "RangeError"],
    ["a Buffer of 16 bytes", Buffer.alloc(16), "ok"],
    ["an empty Buffer", Buffer.alloc(0), "RangeError"],
    ["text of 16 bytes", "é".repeat(8), "ok"],
    ["text of 14 bytes", "é".repeat(7), "RangeError"],
    ["empty text", "", "RangeError"],
    ["null", null, "TypeError"],
    ["a number", 16, "TypeError"],
    ["an array of 16 numbers", Array.from({ length: 16 }, () => 0), "TypeError"],
    ["an ArrayBuffer", new ArrayBuffer(16), "TypeError"],
    ["16 words", new Uint16Array(16), "TypeError"],
  ])("%s", async (_, pepper, verdict) => {
    expect(await verdictOf(() => createKeyHasher(pepper as never))).toBe(verdict);
  });

  it("gives other digests than none, and than another pepper", () => {
    const peppers = [undefined, "a".repeat(16), "b".repeat(16), `${"a".repeat(16)}\0`];
    const digests = peppers.map((pepper) => createKeyHasher(pepper)("a key"));
    // HMAC fills a short secret with zeros (RFC 2104 §2): a trailing NUL changes nothing.
    expect([new Set(digests).size, digests[1]]).toEqual([3, digests[3]]);
  });

  it("is not in the message", async () => {
    await expect(async () => createKeyHasher("hunter2")).rejects.toThrow(
      /^"pepper" expected at least 16 bytes, got 7$/,
    );
  });
});
