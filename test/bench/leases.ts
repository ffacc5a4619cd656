/** Verification by records that are kept under leases, against what it takes in memory anyway; their store answers later. */
import * as crypto from "node:crypto";
import { internalsOf } from "../../src/core/api-keys.js";
import type { Authentication } from "../../src/core/verify.js";
import { createKeys, rotate } from "./keys.js";
import { bytesOf, compare, type Batch } from "./measure.js";
import { answer, bytesRow, ratioRow } from "./rows.js";
import { createLateStore } from "./stores.js";

const count = Number(process.argv[2]);
const { apiKeys, keys, byHash } = await createKeys(count, {
  store: createLateStore().store,
  leaseMs: 30_000, // longer than this takes
  maxLeases: count,
});
const inner = internalsOf(apiKeys);
const floorKey = rotate(keys, keys.length >> 1);
const key = rotate(keys);
/** The last answer, so that the compiler makes it. */
export let kept: unknown;

const floor: Batch = (times) => {
  for (let i = 0; i < times; i++) kept = byHash.get(crypto.hash("sha256", floorKey(), "hex"));
  return kept;
};
const verify: Batch = (times) => {
  for (let i = 0; i < times; i++) {
    const result = inner.verify(key()) as Authentication;
    if (!result.ok) throw new Error("a lease has ended, or a key was refused");
    kept = result;
  }
  return kept;
};

for (const each of keys) await apiKeys.authenticate(each);
const label = `${count.toLocaleString("en")} ${count === 1 ? "key" : "keys"}`;
answer([
  ratioRow(`lease.${count}`, `verify, ${label} under leases`, await compare(floor, verify), 2.5),
  bytesRow(
    `lease.${count}.bytes`,
    "  allocates",
    await bytesOf(verify),
    null,
    await bytesOf(floor),
  ),
]);
