const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const MAX_LENGTH = 8192;

/**
 * Whether a text is a compact JWS as an issuer writes it. Decoders take more, such as flipped bits that base64url does
 * not use or a space at the end, so that one session would have many texts.
 *
 * @see RFC 7515 section 7.1, RFC 4648 section 3.5
 */
export function isCanonical(token: string): boolean {
  const parts = token.length <= MAX_LENGTH ? COMPACT.exec(token) : null;
  return parts !== null && parts.slice(1).every(isBase64Url);
}

function isBase64Url(part: string): boolean {
  const rest = part.length % 4;
  if (rest === 0) return true;
  const unused = rest === 2 ? 0b1111 : 0b11;
  return rest !== 1 && (ALPHABET.indexOf(part.at(-1)!) & unused) === 0;
}
