/** Making keys, against 32 random characters without a checksum. */
import { createKeyFormat } from "../../src/core/key.js";
import { compare } from "./measure.js";
import { answer, ratioRow } from "./rows.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const pool = new Uint8Array(4096);
let next = pool.length;

/** The least that makes an unbiased key: pooled randomness, rejection, one string. */
function floorKey(): string {
  const codes = new Array<number>(32);
  for (let i = 0; i < 32;) {
    if (next === pool.length) {
      globalThis.crypto.getRandomValues(pool);
      next = 0;
    }
    const digit = pool[next++]! & 63;
    if (digit < 62) codes[i++] = CODES[digit]!;
  }
  return `pk_${String.fromCharCode(...codes)}`;
}

const repeat = (make: () => string) => (times: number) => {
  let length = 0;
  for (let i = 0; i < times; i++) length += make().length;
  return length;
};

const { generate } = createKeyFormat();
answer([
  ratioRow("generate", "generate a key", await compare(repeat(floorKey), repeat(generate)), 1.3),
]);
