import { askWrite } from "./ask.js";
import {
  checkInteger,
  checkOptions,
  checkId,
  checkText,
  MAX_NAME_LENGTH,
  MAX_TIME_MS,
} from "./check.js";
import type { ChangeRef } from "./api-keys.js";
import { ApiKeyError } from "./errors.js";
import { find } from "./find.js";
import type { Settle } from "./settle.js";
import type { ApiKey, ApiKeyRecord, ApiKeyRef, KeyStore } from "./store.js";

/** A reference that was checked. */
export interface Target extends ApiKeyRef {
  readonly version: number | undefined;
  readonly actor: string | null;
}

/** What a change makes of a record; undefined: it is so already, and nothing is written. */
export type Change = (record: ApiKeyRecord) => Partial<ApiKeyRecord> | undefined;

/** What became of a record. */
export interface Changed {
  readonly before: ApiKeyRecord;
  readonly after: ApiKeyRecord;
  /** False: it was so already. */
  readonly wrote: boolean;
}

/** What {@link createChanger} needs. */
interface ChangerParts {
  readonly store: KeyStore;
  readonly now: () => number;
  readonly settle: Settle;
  /** Told of the digest whose record has changed. */
  readonly forget: (hash: string) => void;
}

/** Changes one record; every change is one compare-and-set. */
export interface Changer {
  /**
   * Reads, changes and puts back if nobody came between.
   *
   * @param retry - For changes that commute with any other: begin anew when somebody did.
   */
  change(ref: Target, change: Change, retry: boolean): Promise<Changed>;
  /**
   * Waits until nobody decides by what was there before. Also where nothing was written: who did may not have waited.
   *
   * @param deadHash - A digest that the record must not have any more.
   */
  settled(after: ApiKeyRecord, deadHash?: string): Promise<void>;
  /** The clock, whose answers are stored: a fraction or NaN would break the order of lists and "expired". */
  time(): number;
}

const REF = ["organizationId", "id", "version", "actor"] as const;
// Somebody wins each round of a race, so this is the number of rivals that one grant can outlast.
const MAX_ROUNDS = 100;

/** Makes the function that all changes of records go through. */
export function createChanger({ store, now, settle, forget }: ChangerParts): Changer {
  async function change(ref: Target, next: Change, retry: boolean): Promise<Changed> {
    for (let round = 1; ; round++) {
      const { record: before } = await find(store, ref);
      if (before === null) {
        throw new ApiKeyError("NOT_FOUND", "The organization has no such API key.");
      }
      if (ref.version !== undefined && ref.version !== before.version) throw conflict(before);
      const changes = next(before);
      if (changes === undefined) return { before, after: before, wrote: false };
      const version = before.version + 1;
      const after = Object.freeze({ ...before, ...changes, version, updatedAtMs: time() });
      if (await askWrite(() => store.replace(after, before))) {
        forget(before.hash);
        return { before, after, wrote: true };
      }
      const { record } = await find(store, ref);
      // The same version with another digest is the same key under another pepper: nobody changed it.
      const isMoved = record?.version === before.version && record.hash !== before.hash;
      const mayRetry = isMoved || (retry && ref.version === undefined);
      if (!mayRetry || round === MAX_ROUNDS) throw conflict(record);
    }
  }

  function settled(after: ApiKeyRecord, deadHash?: string): Promise<void> {
    const { version, updatedAtMs } = after;
    return settle(after, (record) => {
      if (record === null) return true;
      // Others may have changed what was there before a write that was lost.
      if (record.hash === deadHash) return false;
      if (record.version > version) return true;
      return record.version === version && record.updatedAtMs === updatedAtMs;
    });
  }

  function time(): number {
    return checkInteger("now()", now(), 0, MAX_TIME_MS);
  }

  return { change, settled, time };
}

/** Checks a reference and copies it: what happens after an await must not depend on what became of the object. */
export function checkRef(ref: ChangeRef, known: readonly string[] = REF): Target {
  checkOptions("ref", ref, known);
  const { version } = ref;
  if (version !== undefined) checkInteger("ref.version", version, 1, Number.MAX_SAFE_INTEGER);
  return {
    organizationId: checkId("ref.organizationId", ref.organizationId),
    id: checkId("ref.id", ref.id),
    version,
    actor: checkActor(ref.actor),
  };
}

/** Checks who does something. */
export function checkActor(actor: unknown): string | null {
  return actor === undefined || actor === null ? null : checkText("actor", actor, MAX_NAME_LENGTH);
}

/** What every event of a change says. */
export function changed(record: ApiKeyRecord, { actor }: Pick<Target, "actor">) {
  const { updatedAtMs: atMs, organizationId, id: keyId, version } = record;
  return { atMs, organizationId, keyId, version, actor };
}

/** The error of whoever changed an API key that somebody else has changed since. */
export function conflict(record: ApiKeyRecord | null): ApiKeyError {
  return new ApiKeyError("CONFLICT", "Someone changed this API key in the meantime.", {
    apiKey: record && withoutHash(record),
  });
}

/** What may be shown of a record. */
export function withoutHash({ hash: _, ...apiKey }: ApiKeyRecord): ApiKey {
  return Object.freeze(apiKey);
}
