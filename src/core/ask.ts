import { isEveryLibrary } from "./access.js";
import { ApiKeyError, isApiKeyError } from "./errors.js";
import type { MaybePromise } from "./maybe-promise.js";
import type { ApiKeyRecord } from "./store.js";

/** Why a store counts as failed that answered, but not what it was asked. */
export const NONSENSE = new TypeError(
  "the store answered something other than what it was asked for",
);

/** An outage of the store, with its cause: whatever it threw. Its own `NOT_FOUND` is not this package's. */
export function unavailable(cause: unknown): ApiKeyError {
  if (isApiKeyError(cause, "UNAVAILABLE")) return cause;
  return new ApiKeyError("UNAVAILABLE", "The store of API keys failed.", { cause });
}

/** Asks the store; whatever it throws becomes an outage. */
export async function ask<T>(question: () => MaybePromise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw unavailable(error);
  }
}

/** Asks the store to write, and whether it did: an `undefined` must not become "it was gone already". */
export async function askWrite(question: () => MaybePromise<boolean>): Promise<boolean> {
  const answer: unknown = await ask(question);
  if (typeof answer !== "boolean") throw unavailable(NONSENSE);
  return answer;
}

/** Whether a store's answer has the fields that decisions are taken from. */
export function isRecord(record: ApiKeyRecord | null | undefined): record is ApiKeyRecord {
  return (
    typeof record === "object" &&
    record !== null &&
    typeof record.id === "string" &&
    typeof record.organizationId === "string" &&
    record.organizationId !== "" &&
    typeof record.access === "object" &&
    record.access !== null &&
    !isEveryLibrary(record.access) &&
    typeof record.enabled === "boolean" &&
    Number.isSafeInteger(record.version) &&
    (record.expiresAtMs === null || Number.isSafeInteger(record.expiresAtMs))
  );
}
