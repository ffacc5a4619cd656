import { decodeProtectedHeader } from "jose";

/**
 * Whether a `typ` may be that of a token that was minted from an API key. Theirs has `api-key` in it, as no session's has.
 *
 * @see RFC 8725 section 3.11
 */
export function isMintedType(typ: unknown): boolean {
  return typeof typ === "string" && typ.toLowerCase().includes("api-key");
}

/** Whether a text says of itself that it was minted from an API key. Nothing of it is verified. */
export function isMinted(token: string): boolean {
  try {
    return isMintedType(decodeProtectedHeader(token).typ);
  } catch {
    return false; // no JWT at all
  }
}
