import { isEveryLibrary, type AccessTable } from "./access.js";
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
  if (typeof record !== "object" || record === null) return false;
  return FrozenRecord.isSound(record) || isSound(record);
}

function isSound(record: ApiKeyRecord): boolean {
  return (
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

/**
 * A copy of a record for a store that keeps objects. It cannot change, so that it stays sound if it was: looking through
 * one of many records anew is a third of a verification, most of it cache misses.
 *
 * @param lastUsedAtMs - In place of the record's own.
 */
export function freezeRecord(record: ApiKeyRecord, lastUsedAtMs: number | null): ApiKeyRecord {
  return new FrozenRecord(record, lastUsedAtMs);
}

/** A class because its private field cannot be forged. What verification reads comes first, to be close together. */
class FrozenRecord implements ApiKeyRecord {
  readonly #isSound: boolean;
  /** A small integer: the milliseconds are an object of their own, and a cache miss more. */
  readonly #usedAtSeconds: number | null;
  readonly hash: string;
  readonly id: string;
  readonly organizationId: string;
  readonly access: AccessTable;
  readonly version: number;
  readonly enabled: boolean;
  readonly expiresAtMs: number | null;
  readonly name: string;
  readonly hint: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly lastUsedAtMs: number | null;

  constructor(record: ApiKeyRecord, lastUsedAtMs: number | null) {
    this.hash = record.hash;
    this.id = record.id;
    this.organizationId = record.organizationId;
    this.access = record.access;
    this.version = record.version;
    this.enabled = record.enabled;
    this.expiresAtMs = record.expiresAtMs;
    this.name = record.name;
    this.hint = record.hint;
    this.createdAtMs = record.createdAtMs;
    this.updatedAtMs = record.updatedAtMs;
    this.lastUsedAtMs = lastUsedAtMs;
    this.#isSound = isSound(this) && isFixed(this.access);
    this.#usedAtSeconds = secondsOf(lastUsedAtMs);
    Object.freeze(this);
  }

  static isSound(record: object): boolean {
    return #isSound in record && record.#isSound;
  }

  static usedAtSeconds(record: ApiKeyRecord): number | null {
    return #isSound in record ? record.#usedAtSeconds : secondsOf(record.lastUsedAtMs);
  }
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1000);
}

/** The Unix second of the last use that a record tells of; null: never used. */
export function usedAtSeconds(record: ApiKeyRecord): number | null {
  return FrozenRecord.usedAtSeconds(record);
}

/** Whether nothing can be added to a table any more, not even by way of a prototype. */
function isFixed(access: AccessTable): boolean {
  return Object.isFrozen(access) && Object.getPrototypeOf(access) === null;
}
