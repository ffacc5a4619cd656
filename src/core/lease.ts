import { LRUCache } from "lru-cache";
import { copyAccess } from "./access.js";
import { freezeRecord, isRecord, unavailable } from "./ask.js";
import { andThen, isPromiseLike, type MaybePromise } from "./maybe-promise.js";
import type { ApiKeyRecord, Found, KeyReader, KeyWriter } from "./store.js";

/** The two clocks of a process, in milliseconds. */
export interface Clock {
  /** Never goes back, but stands still while the machine sleeps. */
  readonly monotonic: () => number;
  /** Goes on while the machine sleeps, but can be set. */
  readonly wall: () => number;
}

/** How long what was read may be used. */
export interface Lease {
  /** Whether a decision may still be taken. Asked right before each, since any amount of time may have passed. */
  isFresh(): boolean;
}

/** A reader that keeps what it read for the length of a lease. */
export interface LeasedReader extends Pick<KeyReader, "findByHash"> {
  /** Drops a record, and what a read under way will answer: this process has just changed it. */
  forget(hash: string): void;
}

/** What a leased reader needs. */
interface LeaseParts {
  readonly store: Pick<KeyReader & KeyWriter, "findByHash" | "raiseLease">;
  /** The longest that this process keeps a record, in milliseconds; more than 0. */
  readonly leaseMs: number;
  /** How many records are kept. */
  readonly maxRecords: number;
  readonly clock: Clock;
}

/** Reads of one verification that may come too late before the store counts as failed. */
const MAX_READS = 3;

/**
 * A lease is Gray and Cheriton's, with the list of its holders thrown away: whoever narrows a key waits for the longest
 * lease that any process can hold, instead of asking them. It begins before its read does, nothing prolongs it, and a
 * read that was joined keeps its own beginning.
 *
 * @see Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file cache consistency", 1989.
 */
export function createLeasedReader(parts: LeaseParts): LeasedReader {
  const { store, leaseMs, maxRecords, clock } = parts;
  const kept = new LRUCache<string, LeasedRecord>({ max: maxRecords });
  const reads = new Map<string, PromiseLike<Found>>();
  let raised: MaybePromise<boolean> = false;

  /** Writers wait for the lease that the store knows of, so it has to know before the first record is kept. */
  function raise(): MaybePromise<boolean> {
    if (raised !== false) return raised;
    const raising = andThen(store.raiseLease(leaseMs), () => (raised = true));
    if (!isPromiseLike(raising)) return raising;
    const forgetful = raising.then(undefined, (error: unknown) => {
      raised = false;
      throw error;
    });
    return (raised = forgetful);
  }

  /** What the store answers, with the lease that began when it was asked. */
  function read(hash: string): MaybePromise<Found> {
    const monotonic = clock.monotonic();
    const wall = clock.wall();
    return andThen(store.findByHash(hash), (found) => {
      const record = found?.record;
      const ms = Math.min(leaseMs, found?.leaseMs);
      // Nothing is kept of unknown keys: a stranger could fill any memory with them.
      if (!isRecord(record) || record.hash !== hash || !(ms > 0)) return found;
      return new LeasedRecord(fixed(record), ms, clock, monotonic, wall);
    });
  }

  function keep(hash: string, found: Found): Found {
    if (found instanceof LeasedRecord) kept.set(hash, found);
    return found;
  }

  function begin(hash: string): MaybePromise<Found> {
    const reading = andThen(raise(), () => read(hash));
    if (!isPromiseLike(reading)) return keep(hash, reading);
    const mine: PromiseLike<Found> = reading.then(
      // A read that was forgotten meanwhile may have seen what was before the change.
      (found) => (end(hash, mine) ? keep(hash, found) : found),
      (error: unknown) => {
        end(hash, mine);
        throw error;
      },
    );
    reads.set(hash, mine);
    return mine;
  }

  function end(hash: string, reading: PromiseLike<Found>): boolean {
    return reads.get(hash) === reading && reads.delete(hash);
  }

  function fetch(hash: string, round: number): MaybePromise<Found> {
    const joined = reads.get(hash);
    return andThen(joined ?? begin(hash), (found): MaybePromise<Found> => {
      if (found instanceof LeasedRecord ? found.isFresh() : !found?.record) return found;
      if (!(found instanceof LeasedRecord)) {
        // Good for the moment, but not for one that came before whoever joined. The next read begins after that.
        return joined !== undefined && round === 1 ? fetch(hash, 2) : found;
      }
      // A lease is a deadline too: what comes after its end says nothing of now.
      if (round < MAX_READS) return fetch(hash, round + 1);
      throw unavailable(new Error(`the store takes longer than the lease of ${leaseMs} ms`));
    });
  }

  return {
    findByHash(hash) {
      const found = kept.get(hash);
      return found?.isFresh() ? found : fetch(hash, 1);
    },
    forget(hash) {
      kept.delete(hash);
      reads.delete(hash);
    },
  };
}

/** The lease of what a reader answered; null: it is good for the moment only, as every read is without leases. */
export function leaseOf(found: Found): Lease | null {
  return found instanceof LeasedRecord ? found : null;
}

/** A class, because its fields are asked for at every decision, and nobody else can make one. */
class LeasedRecord implements Found, Lease {
  readonly record: ApiKeyRecord;
  readonly leaseMs: number;
  readonly #clock: Clock;
  readonly #monotonic: number;
  readonly #wall: number;

  constructor(
    record: ApiKeyRecord,
    leaseMs: number,
    clock: Clock,
    monotonic: number,
    wall: number,
  ) {
    this.record = record;
    this.leaseMs = leaseMs;
    this.#clock = clock;
    this.#monotonic = monotonic;
    this.#wall = wall;
  }

  /** Its age is the larger of what two clocks say: one of them sees any pause. A wall clock that was set back ends it. */
  isFresh(): boolean {
    const { leaseMs } = this;
    const wall = this.#clock.wall() - this.#wall;
    return this.#clock.monotonic() - this.#monotonic < leaseMs && wall < leaseMs && wall >= 0;
  }
}

/** Most stores answer new objects, whose tables nobody checked: done once, it need not be done at every use. */
function fixed(record: ApiKeyRecord): ApiKeyRecord {
  const access = copyAccess(record.access);
  return freezeRecord({ ...record, access }, record.lastUsedAtMs);
}
