/** What leases ask of a store, and what strangers leave in memory. */
import { createKeyFormat } from "../../src/core/key.js";
import { createKeys } from "./keys.js";
import { answer, exactRow, type Row } from "./rows.js";
import { createLateStore } from "./stores.js";

const MB = 2 ** 20;

/** Many requests with one key that nobody has used for long. */
async function coldRow(): Promise<Row> {
  const { store, reads } = createLateStore();
  const { apiKeys, keys } = await createKeys(1, { store, leaseMs: 1000 });
  const before = reads();
  const results = await Promise.all(
    Array.from({ length: 1000 }, () => apiKeys.authenticate(keys[0]!)),
  );
  if (!results.every(({ ok }) => ok)) throw new Error("a key was refused");
  return exactRow("lease.cold", "1,000 at once of one cold key", reads() - before, "reads", 1);
}

/** How often the store is read in the time of a lease, for a key that never rests. */
async function rateRow(): Promise<Row> {
  const leaseMs = 100;
  const { store, reads } = createLateStore();
  const { apiKeys, keys } = await createKeys(10, { store, leaseMs });
  const before = reads();
  const startMs = performance.now();
  while (performance.now() - startMs < 20 * leaseMs) {
    for (const key of keys) {
      if (!(await apiKeys.authenticate(key)).ok) throw new Error("a key was refused");
    }
  }
  const leases = (performance.now() - startMs) / leaseMs;
  // The first one begins before the first lease.
  const perLease = ((reads() - before) / keys.length - 1) / leases;
  return exactRow("lease.rate", "reads of a busy key in the time of a lease", perLease, "×", 1);
}

/** The heap without garbage. Collecting by type leaves some of it. */
async function heldBytes(): Promise<number> {
  await new Promise((resolve) => void setImmediate(resolve));
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

/** A million keys that nobody issued. */
async function strangersRow(): Promise<Row> {
  const { store } = createLateStore();
  const { apiKeys } = await createKeys(1, { store, leaseMs: 1000 });
  const { generate } = createKeyFormat();
  const flood = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1000) {
      const some = Array.from({ length: 1000 }, () => apiKeys.authenticate(generate()));
      if ((await Promise.all(some)).some(({ ok }) => ok)) throw new Error("a key was let in");
    }
  };
  await flood(20_000);
  const before = await heldBytes();
  await flood(1_000_000);
  const added = Math.max(0, (await heldBytes()) - before) / MB;
  return exactRow("lease.strangers", "a million unknown keys leave behind", added, "MB", 1);
}

answer([await coldRow(), await rateRow(), await strangersRow()]);
