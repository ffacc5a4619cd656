import { unavailable } from "./ask.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import type { ApiKeyRecord, KeyUse, KeyWriter } from "./store.js";

/**
 * Notes that a key is being used. Writes nothing: that happens later, and never makes the request wait.
 *
 * @param newHash - The digest to be put in place of the record's; null: it is that already.
 */
export type NoteUse = (record: ApiKeyRecord, newHash: string | null) => void;

/** Collects uses, and writes them to the store behind the requests. */
export interface Uses {
  readonly note: NoteUse;
  /**
   * Writes what is collected.
   *
   * @throws ApiKeyError `UNAVAILABLE` when the store would not take all of it. The rest is kept.
   */
  flush(): Promise<void>;
}

/** What {@link createUses} needs. */
interface UsesParts {
  readonly store: Pick<KeyWriter, "touch">;
  readonly now: () => number;
  readonly emit: Emit<ApiKeyEvent>;
}

/** A use that is to be written, or was written less than a minute ago. */
interface Noted {
  readonly use: KeyUse;
  isWritten: boolean;
}

const MINUTE_MS = 60_000;
const BATCH_MS = 5_000;
// Few, so that verifications find a free connection meanwhile.
const WRITES_AT_ONCE = 4;

/** Makes the sink of uses: at most one write a key and minute, the first use at once, nothing lost while the process lives. */
export function createUses({ store, now, emit }: UsesParts): Uses {
  const noted = new Map<string, Noted>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  function note(record: ApiKeyRecord, newHash: string | null): void {
    const atMs = now();
    const { lastUsedAtMs } = record;
    if (newHash === null && lastUsedAtMs !== null && atMs - lastUsedAtMs < MINUTE_MS) return;
    if (!Number.isSafeInteger(atMs) || atMs < 0) return;
    const before = noted.get(record.hash);
    if (before && (!before.isWritten || atMs - before.use.atMs < MINUTE_MS)) return;
    const { organizationId, id, hash } = record;
    noted.set(hash, { use: { organizationId, id, hash, atMs, newHash }, isWritten: false });
    if (lastUsedAtMs === null || newHash !== null) queueMicrotask(flushQuietly);
    else flushLater();
  }

  function flushLater(): void {
    timer ??= setTimeout(flushQuietly, BATCH_MS);
    // A process that has nothing else to do ends.
    (timer as { unref?: () => void }).unref?.();
  }

  function flushQuietly(): void {
    flush().catch(() => {}); // it was emitted, and is tried again
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const flushed = writing.then(write);
    writing = flushed.catch(() => {});
    return flushed;
  }

  async function write(): Promise<void> {
    forget();
    const waiting = [...noted.values()].filter(({ isWritten }) => !isWritten).values();
    const failures: unknown[] = [];
    const worker = async () => {
      for (const one of waiting) {
        try {
          await store.touch(one.use);
          one.isWritten = true;
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, worker));
    if (failures.length === 0) return;
    flushLater();
    const error = unavailable(failures[0]);
    emit?.({ type: "unavailable", atMs: now(), error });
    throw error;
  }

  /** Drops what was written long enough ago for the record to say so. */
  function forget(): void {
    const atMs = now();
    for (const [hash, { use, isWritten }] of noted) {
      if (isWritten && !(atMs - use.atMs < MINUTE_MS)) noted.delete(hash);
    }
  }

  return { note, flush };
}
