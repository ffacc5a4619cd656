import type { ApiKey } from "./store.js";

/**
 * Stable codes of what can go wrong while the program itself is right.
 *
 * - `UNAUTHORIZED`: a library, level or organization is out of the caller's reach.
 * - `CONFLICT`: someone changed the API key since the version that was named or read, or an idempotency key has made one
 *   already.
 * - `NOT_FOUND`: the organization has no such API key.
 * - `UNAVAILABLE`: the store threw, hung or answered nonsense; `cause` says what.
 */
export type ApiKeyErrorCode = "UNAUTHORIZED" | "CONFLICT" | "NOT_FOUND" | "UNAVAILABLE";

/** What an {@link ApiKeyError} may carry besides its message. */
export interface ApiKeyErrorOptions {
  /** What the store threw. */
  readonly cause?: unknown;
  /** With `CONFLICT`: the API key as it is now, or null when it is gone. */
  readonly apiKey?: ApiKey | null;
}

/**
 * An error of the world, not of the programmer. Compare `code`, not the class: an application can hold two copies
 * of this package. A programmer's mistake is a `TypeError` or a `RangeError` instead.
 */
export class ApiKeyError extends Error {
  override readonly name = "ApiKeyError";
  /** One of the stable codes. */
  readonly code: ApiKeyErrorCode;
  /** With `CONFLICT`: the API key as it is now, or null when it is gone. */
  readonly apiKey?: ApiKey | null;

  /**
   * @param code - One of the stable codes.
   * @param message - One sentence for people; never contains a key.
   * @param options - A cause, or the API key of a conflict.
   */
  constructor(code: ApiKeyErrorCode, message: string, options: ApiKeyErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.apiKey !== undefined) this.apiKey = options.apiKey;
  }

  /** What GraphQL servers copy into the answer's `extensions`. */
  get extensions(): { readonly code: ApiKeyErrorCode } {
    return { code: this.code };
  }
}

/**
 * Whether a value is an {@link ApiKeyError} of a code, from whichever copy of this package.
 *
 * @param error - Anything that was thrown.
 * @param code - The code to compare with; absent: any.
 * @returns True when it is.
 */
export function isApiKeyError(error: unknown, code?: ApiKeyErrorCode): error is ApiKeyError {
  if (!(error instanceof Error) || error.name !== "ApiKeyError") return false;
  return code === undefined || (error as ApiKeyError).code === code;
}
