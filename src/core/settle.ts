import { unavailable } from "./ask.js";
import { find } from "./find.js";
import type { ApiKeyRecord, ApiKeyRef, KeyReader } from "./store.js";

/**
 * The second half of a write that narrows: waits until no process can decide any more by what was there before.
 *
 * @param ref - The API key that was written, or any other: every read tells how long leases are.
 * @param holds - Whether the store still has the write, given the record as it is now.
 * @throws ApiKeyError `UNAVAILABLE` when it has not: it lost a write that it had confirmed.
 */
export type Settle = (
  ref: ApiKeyRef,
  holds: (record: ApiKeyRecord | null) => boolean | Promise<boolean>,
) => Promise<void>;

/** What {@link createSettle} needs. */
interface SettleParts {
  readonly store: Pick<KeyReader, "findById">;
  /** The lease of this process. The store may know of a longer one. */
  readonly leaseMs: number;
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

// Clocks of machines drift by less than a thousandth; the rest is for pauses that both clocks of a reader sleep through,
// such as the move of a virtual machine.
const DRIFT = 1.05;
const MARGIN_MS = 50;

/** Makes the function that is called right after each commit that narrows. */
export function createSettle({ store, leaseMs, monotonic, sleep }: SettleParts): Settle {
  return async (ref, holds) => {
    const commitMs = read();
    // Asked after the commit: who raised the lease before it may have read what was there before, and who raises it
    // later has not.
    const found = await find(store, ref);
    const longestMs = Math.max(leaseMs, found.leaseMs);
    let { record } = found;
    if (longestMs > 0) {
      await sleepUntil(commitMs + longestMs * DRIFT + MARGIN_MS);
      ({ record } = await find(store, ref));
    }
    // A server that failed over may have lost what it confirmed.
    if (!(await holds(record))) {
      throw unavailable(new Error("the store lost a write that it had confirmed"));
    }
  };

  /** Timers fire early. */
  async function sleepUntil(ms: number): Promise<void> {
    for (let left; (left = ms - read()) > 0;) await sleep(Math.ceil(left));
  }

  /** By a clock that answers no number every wait would be over. */
  function read(): number {
    const atMs = monotonic();
    if (Number.isFinite(atMs)) return atMs;
    throw unavailable(new TypeError(`"monotonicNow()" expected a number, got ${atMs}`));
  }
}
