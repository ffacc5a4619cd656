import { checkFunction, checkOptions, checkString, checkText } from "./check.js";

/*
 * A key is the prefix, 26 random base62 characters (154 bits) and 6 base62 characters of CRC-32 (ISO 3309, the one of
 * zip and PNG) over everything before them, most significant first. The checksum keeps mistyped keys and scanners'
 * false positives away from the store; it is no secret and proves nothing.
 */
export const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LENGTH = 26;
const CHECKSUM_LENGTH = 6;
const BODY_LENGTH = RANDOM_LENGTH + CHECKSUM_LENGTH;
const HINT_LENGTH = 4;
/** What ids of API keys begin with. */
export const ID_PREFIX = "key_";
/** How many base62 characters follow. */
export const ID_LENGTH = 20;
const NOT_BASE62 = 255;

const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const DIGITS = new Uint8Array(128).fill(NOT_BASE62);
for (let digit = 0; digit < CODES.length; digit++) DIGITS[CODES[digit]!] = digit;

const CRC_TABLE = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  CRC_TABLE[byte] = crc;
}

/** Fills an array with bytes from a cryptographically secure source. */
export type FillRandom = (target: Uint8Array<ArrayBuffer>) => void;

/** Options of {@link createKeyFormat}. */
export interface KeyFormatOptions {
  /** What keys begin with: letters, digits and `_`, ending in `_`, at most 32 characters. Default `"pk_"`. */
  readonly prefix?: string;
  /**
   * `"verify"` (default) refuses a key with a wrong checksum before it costs a hash and a store read. `"ignore"` is for
   * keys that were issued elsewhere, without one.
   */
  readonly checksum?: "verify" | "ignore";
  /** Where random bytes come from. Default `crypto.getRandomValues`; anything weaker makes guessable keys. */
  readonly fillRandom?: FillRandom;
}

/** The text format of keys: how they are made and recognised. */
export interface KeyFormat {
  /** What keys begin with. */
  readonly prefix: string;
  /** Makes a key: the prefix and 32 base62 characters. */
  generate(): string;
  /** Whether a text has the format, checksum included. One pass, no hash, no store. */
  matches(text: string): boolean;
  /** What lists show of a key: the prefix, its first 4 characters and `…`. */
  hint(key: string): string;
  /** Replaces every key-shaped part of a text, whatever its checksum, by its hint. */
  redact(text: string): string;
}

/**
 * Makes the format of keys: `pk_` + 32 base62 characters unless told otherwise.
 *
 * @param options - Prefix, checksum and source of randomness.
 * @returns Functions that make and recognise keys.
 * @throws TypeError or RangeError when an option is not as described; the message names it.
 * @see OWASP ASVS 5.0 11.5.1 (at least 128 bits of entropy)
 * @example
 * ```ts
 * import { createKeyFormat } from "graphql-api-keys";
 *
 * const format = createKeyFormat({ prefix: "acme_live_" });
 * format.matches(format.generate()); // true
 * ```
 */
export function createKeyFormat(options: KeyFormatOptions = {}): KeyFormat {
  checkOptions("format", options, ["prefix", "checksum", "fillRandom"]);
  const { prefix = "pk_", checksum = "verify", fillRandom = fillFromCrypto } = options;
  checkText("format.prefix", prefix, 32);
  if (!/^[A-Za-z][A-Za-z0-9_]*_$/.test(prefix)) {
    throw new RangeError('"format.prefix" expected letters, digits and "_", ending in "_"');
  }
  if (checksum !== "verify" && checksum !== "ignore") {
    throw new RangeError('"format.checksum" expected "verify" or "ignore"');
  }
  checkFunction("format.fillRandom", fillRandom);
  const random = createRandomDigits(fillRandom);
  const seed = crcOf(prefix);
  const bodyStart = prefix.length;
  const checksumStart = bodyStart + RANDOM_LENGTH;
  const end = bodyStart + BODY_LENGTH;
  const shape = new RegExp(`${prefix}[0-9A-Za-z]{${BODY_LENGTH}}`, "g");

  return {
    prefix,

    generate() {
      const codes = new Array<number>(BODY_LENGTH);
      let crc = seed;
      for (let i = 0; i < RANDOM_LENGTH; i++) {
        const code = CODES[random()]!;
        codes[i] = code;
        crc = CRC_TABLE[(crc ^ code) & 0xff]! ^ (crc >>> 8);
      }
      let rest = ~crc >>> 0;
      for (let i = BODY_LENGTH - 1; i >= RANDOM_LENGTH; i--) {
        codes[i] = CODES[rest % 62]!;
        rest = Math.floor(rest / 62);
      }
      return prefix + String.fromCharCode(...codes);
    },

    matches(text) {
      if (text.length !== end || !text.startsWith(prefix)) return false;
      let crc = seed;
      // Every bit that occurs: one question at the end instead of one a character.
      let bits = 0;
      for (let i = bodyStart; i < checksumStart; i++) {
        const code = text.charCodeAt(i);
        bits |= code | DIGITS[code & 127]!;
        crc = CRC_TABLE[(crc ^ code) & 0xff]! ^ (crc >>> 8);
      }
      let claimed = 0;
      for (let i = checksumStart; i < end; i++) {
        const code = text.charCodeAt(i);
        const digit = DIGITS[code & 127]!;
        bits |= code | digit;
        claimed = claimed * 62 + digit;
      }
      // Bits from 128 on are of characters that are not ASCII, or not base62.
      return bits < 128 && (checksum === "ignore" || claimed === ~crc >>> 0);
    },

    hint(key) {
      return `${key.slice(0, bodyStart + HINT_LENGTH)}…`;
    },

    redact(text) {
      return checkString("text", text).replace(
        shape,
        (key) => `${key.slice(0, bodyStart + HINT_LENGTH)}…`,
      );
    },
  };
}

/** Makes the id of an API key: `key_` and 20 random base62 characters. Not secret, and not shaped like a key. */
export function createIdGenerator(fillRandom: FillRandom = fillFromCrypto): () => string {
  const random = createRandomDigits(fillRandom);
  return () => {
    let id = ID_PREFIX;
    for (let i = 0; i < ID_LENGTH; i++) id += ALPHABET[random()];
    return id;
  };
}

/** How many digits a first version has: 62 ** 5 versions, and room for as many changes in 31 bits. */
const VERSION_LENGTH = 5;

/**
 * Makes the first version of an API key whose id was another one's, perhaps, that is deleted: no version that someone
 * remembers, no fence and no cache key of that one fits this one.
 */
export function createVersionGenerator(fillRandom: FillRandom = fillFromCrypto): () => number {
  const random = createRandomDigits(fillRandom);
  return () => {
    let version = 0;
    for (let i = 0; i < VERSION_LENGTH; i++) version = version * 62 + random();
    return version + 1;
  };
}

/** CRC-32 register (not yet inverted) after a text of ASCII characters. */
function crcOf(text: string): number {
  let crc = -1;
  for (let i = 0; i < text.length; i++) {
    crc = CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff]! ^ (crc >>> 8);
  }
  return crc;
}

/**
 * Uniform numbers from 0 to 61 out of a pool that is refilled as a whole, because a call into the source of randomness
 * costs more than a key. Values over 61 are thrown away: a remainder would favour the first characters.
 */
function createRandomDigits(fillRandom: FillRandom): () => number {
  const pool = new Uint8Array(4096);
  let next = pool.length;
  return () => {
    for (;;) {
      if (next === pool.length) {
        fillRandom(pool);
        // What is left is zeros, or one value, of a source that answers later (an async function) or not at all.
        if (pool.every((byte) => byte === pool[0])) {
          throw new RangeError(
            '"format.fillRandom" expected to have filled the array with random bytes',
          );
        }
        next = 0;
      }
      const digit = pool[next]! & 63;
      pool[next++] = 0; // used bytes are key material: they do not stay in memory
      if (digit < 62) return digit;
    }
  };
}

function fillFromCrypto(target: Uint8Array<ArrayBuffer>): void {
  globalThis.crypto.getRandomValues(target);
}
