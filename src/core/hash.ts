import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { kindOf } from "./check.js";

/** Answers the digest under which a key is stored: 64 lower-case hex characters. */
export type KeyHasher = (key: string) => string;

/** A keyed hash of `node:crypto` under way. */
export interface NativeHmac {
  /** Takes in text as UTF-8. */
  update(data: string): Pick<NativeHmac, "digest">;
  /** Answers the digest as lower-case hex. */
  digest(encoding: "hex"): string;
}

/** What `process.getBuiltinModule("node:crypto")` has that is used here. */
export interface NativeCrypto {
  /** Hashes text in one call. */
  hash?(algorithm: "sha256", data: string, encoding: "hex"): string;
  /** Begins a keyed hash. */
  createHmac?(algorithm: "sha256", secret: Uint8Array): Pick<NativeHmac, "update">;
}

const MIN_PEPPER_BYTES = 16;

/**
 * Makes the function that digests keys: SHA-256, or HMAC-SHA-256 under a pepper. A key of 154 random bits needs no slow
 * hash: there is nothing to guess.
 *
 * @param pepper - A secret kept outside the database, at least 16 bytes (text counts as UTF-8). Absent: plain SHA-256.
 * @param native - The runtime's own `node:crypto`, or null for the portable implementation; the digest is the same.
 * @returns A function from a key to 64 lower-case hex characters.
 * @throws TypeError when the pepper is neither text nor bytes, RangeError when it is too short.
 * @see OWASP ASVS 5.0 6.5.2, 11.5.1; RFC 2104
 */
export function createKeyHasher(
  pepper?: string | Uint8Array,
  native: NativeCrypto | null = nativeCrypto(),
): KeyHasher {
  const secret = pepper === undefined ? null : pepperBytes(pepper);
  if (secret !== null) {
    const createHmac = native?.createHmac;
    if (createHmac) return (key) => createHmac("sha256", secret).update(key).digest("hex");
    return (key) => bytesToHex(hmac(sha256, secret, utf8ToBytes(key)));
  }
  const hash = native?.hash;
  if (hash) return (key) => hash("sha256", key, "hex");
  return (key) => bytesToHex(sha256(utf8ToBytes(key)));
}

/**
 * The hashers of several peppers, the current one first.
 *
 * @param pepper - One, several, or none; null among several stands for plain SHA-256.
 */
export function createHashers(
  pepper: string | Uint8Array | readonly (string | Uint8Array | null)[] | undefined,
): readonly KeyHasher[] {
  if (!Array.isArray(pepper)) return [createKeyHasher(pepper as string | Uint8Array | undefined)];
  if (pepper.length === 0) throw new RangeError('"pepper" expected at least one pepper');
  // A variable that is not set must not take the pepper off the keys that are used meanwhile.
  if (pepper.includes(undefined)) {
    throw new TypeError('"pepper" expected peppers, or null for none, got undefined');
  }
  return pepper.map((one: string | Uint8Array | null) => createKeyHasher(one ?? undefined));
}

function pepperBytes(pepper: unknown): Uint8Array {
  const bytes = typeof pepper === "string" ? utf8ToBytes(pepper) : pepper;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`"pepper" expected a string or Uint8Array, got ${kindOf(pepper)}`);
  }
  if (bytes.length < MIN_PEPPER_BYTES) {
    throw new RangeError(
      `"pepper" expected at least ${MIN_PEPPER_BYTES} bytes, got ${bytes.length}`,
    );
  }
  return Uint8Array.from(bytes); // a copy: the caller may wipe or reuse its buffer
}

/** `node:crypto` without importing it, so that the same file runs where there is none. */
function nativeCrypto(): NativeCrypto | null {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): NativeCrypto | undefined };
  };
  return process?.getBuiltinModule?.("node:crypto") ?? null;
}
