import { unavailable, usedAtSeconds } from "./ask.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import { createSeconds } from "./seconds.js";
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

const MINUTE_MS = 60_000;
const BATCH_MS = 5_000;
// Few, so that verifications find a free connection meanwhile.
const WRITES_AT_ONCE = 4;

/**
 * Makes the sink of uses: at most one write a key and minute, the first use at once, nothing lost while the process
 * lives. Holds the keys that were used in the last minute, and those whose use the store would not take.
 */
export function createUses({ store, now, emit }: UsesParts): Uses {
  const seconds = createSeconds(now);
  const waiting = new Map<string, KeyUse>();
  /** Digest → when its last use was written, in this order. */
  const written = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  /** A flush that has not begun. */
  let queued: Promise<void> | undefined;

  function note(record: ApiKeyRecord, newHash: string | null): void {
    if (newHash === null && isUsed(record)) return;
    const atMs = now();
    const { lastUsedAtMs } = record;
    if (newHash === null && lastUsedAtMs !== null && atMs - lastUsedAtMs < MINUTE_MS) return;
    if (!Number.isSafeInteger(atMs) || atMs < 0) return;
    const { organizationId, id, hash } = record;
    if (waiting.has(hash) || atMs - (written.get(hash) ?? -Infinity) < MINUTE_MS) return;
    waiting.set(hash, { organizationId, id, hash, atMs, newHash });
    if (lastUsedAtMs === null || newHash !== null) flushQuietly();
    else flushLater();
  }

  /** Whether a record tells of a use in this minute: at a glance, since almost all of them do. */
  function isUsed(record: ApiKeyRecord): boolean {
    const atSeconds = usedAtSeconds(record);
    return atSeconds !== null && seconds() - atSeconds < MINUTE_MS / 1000;
  }

  function flushLater(): void {
    timer ??= setTimeout(flushQuietly, BATCH_MS);
    // A process that has nothing else to do ends.
    (timer as { unref?: () => void }).unref?.();
  }

  function flushQuietly(): void {
    if (queued !== undefined) return;
    flush().catch(() => {}); // it was emitted, and is tried again
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (queued !== undefined) return queued;
    queued = writing.then(() => {
      queued = undefined;
      return write();
    });
    writing = queued.catch(() => {});
    return queued;
  }

  async function write(): Promise<void> {
    forget();
    // What is noted meanwhile, or waits again, comes after all that waits now.
    const batch = waiting.values();
    let left = waiting.size;
    const failures: unknown[] = [];
    const worker = async () => {
      for (const use of batch) {
        if (left === 0) return;
        left--;
        try {
          await store.touch(use);
          waiting.delete(use.hash);
          written.delete(use.hash);
          written.set(use.hash, use.atMs);
        } catch (error) {
          failures.push(error);
          // Next time it comes last, so that one use which no store takes keeps none of the others waiting.
          waiting.delete(use.hash);
          waiting.set(use.hash, use);
          return; // a store that hangs would take its time for each
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
    for (const [hash, writtenAtMs] of written) {
      if (atMs - writtenAtMs < MINUTE_MS) return;
      written.delete(hash);
    }
  }

  return { note, flush };
}
