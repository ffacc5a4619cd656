/** What the first use of a key takes longer than its next, until the store has recorded it; so many keys at once. */
import { internalsOf } from "../../src/core/api-keys.js";
import type { Authentication } from "../../src/core/verify.js";
import { createKeys, type Keys } from "./keys.js";
import { comparisonOf, time, type Batch, type Pair } from "./measure.js";
import { addedRow, answer } from "./rows.js";

const ROUNDS = 21;

/** Uses every key once, and waits until the store has all of it. */
function using({ apiKeys, keys }: Keys): Batch {
  const { verify } = internalsOf(apiKeys);
  return async () => {
    for (const key of keys) {
      if (!(verify(key) as Authentication).ok) throw new Error("a key was refused");
    }
    await apiKeys.close();
  };
}

const count = Number(process.argv[2]);
const samples: Pair[] = [];
for (let round = -2; round < ROUNDS; round++) {
  const holder = await createKeys(count, { areUsed: false });
  const use = using(holder);
  const ns = await time(use, count);
  const floorNs = await time(use, count);
  if (round >= 0) samples.push({ floorNs, ns });
}
const what = `first use of each of ${count.toLocaleString("en")} keys, added`;
answer([addedRow(`first-use.${count}`, what, comparisonOf(samples), 2)]);
