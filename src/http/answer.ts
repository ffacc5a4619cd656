import type { KeyFailure } from "../core/events.js";

/** Why a request was not let in. */
export type RequestFailure = KeyFailure | "insecure" | "missing" | "ambiguous";

/** What a refused request is answered. */
export interface FailureAnswer {
  /** HTTP status. */
  readonly status: 400 | 401 | 403 | 503;
  /** `extensions.code` of the GraphQL error. */
  readonly code: "HTTPS_REQUIRED" | "UNAUTHENTICATED" | "UNAVAILABLE";
  /** For people. */
  readonly message: string;
  /** Header name in lower case → value. */
  readonly headers: Readonly<Record<string, string>>;
}

const NO_STORE = { "cache-control": "no-store" };

const INSECURE = answer(
  403,
  "HTTPS_REQUIRED",
  "HTTPS is required. Regenerate a key that was sent over plain HTTP: others may have read it.",
);
const MISSING = answer(
  401,
  "UNAUTHENTICATED",
  "An API key is required: `Authorization: Bearer <API_KEY>`.",
  "Bearer",
);
const AMBIGUOUS = answer(
  400,
  "UNAUTHENTICATED",
  "Send one `Authorization` header.",
  'Bearer error="invalid_request"',
);
const INVALID = answer(
  401,
  "UNAUTHENTICATED",
  "The API key is not valid.",
  'Bearer error="invalid_token"',
);
const REFUSED = Object.freeze({ status: 403, headers: Object.freeze(NO_STORE) } as const);
const UNAVAILABLE = answer(503, "UNAVAILABLE", "API keys cannot be checked at the moment.");

/**
 * The answer to a request that was not let in. Keys that are malformed, unknown, disabled or expired look alike.
 *
 * @param reason - Why it was not let in.
 * @returns Status, code, message and headers.
 * @see RFC 6750 section 3 (challenges), RFC 9110 section 11.6.1, OWASP ASVS 5.0 4.1.2 (no redirect)
 */
export function answerTo(reason: RequestFailure): FailureAnswer {
  switch (reason) {
    case "insecure":
      return INSECURE;
    case "missing":
      return MISSING;
    case "ambiguous":
      return AMBIGUOUS;
    case "malformed":
    case "unknown":
    case "disabled":
    case "expired":
      return INVALID;
    case "unavailable":
      return UNAVAILABLE;
    default:
      // A reason from the future, or from another copy of this package, opens nothing.
      return (reason satisfies never, UNAVAILABLE);
  }
}

/** The answer to an operation that did not run, by the code of its first error; null: it was wrong in itself. */
export function answerToCode(code: unknown): Pick<FailureAnswer, "status" | "headers"> | null {
  switch (code) {
    case "UNAUTHORIZED":
      return REFUSED;
    case "UNAUTHENTICATED":
      return INVALID; // it died between authentication and the check
    case "UNAVAILABLE":
      return UNAVAILABLE;
    default:
      return null;
  }
}

function answer(
  status: FailureAnswer["status"],
  code: FailureAnswer["code"],
  message: string,
  challenge?: string,
): FailureAnswer {
  const headers = challenge ? { ...NO_STORE, "www-authenticate": challenge } : NO_STORE;
  return Object.freeze({ status, code, message, headers: Object.freeze(headers) });
}
