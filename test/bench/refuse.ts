/** What keys cost that are none, against one hash; and that they never reach the store. */
import * as crypto from "node:crypto";
import { createApiKeys, internalsOf } from "../../src/core/api-keys.js";
import type { Authentication } from "../../src/core/verify.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { malformedKeys, misspeltKeys, rotate } from "./keys.js";
import { bytesOf, compare } from "./measure.js";
import { answer, bytesRow, ratioRow, type Row } from "./rows.js";

const COUNT = 10_000;

let storeCalls = 0;
const store = createMemoryStore();
const counting = {
  ...store,
  findByHash(hash: string) {
    storeCalls++;
    return store.findByHash(hash);
  },
};
const { verify } = internalsOf(createApiKeys({ store: counting }));

async function rowsOf(id: string, what: string, keys: readonly string[]): Promise<readonly Row[]> {
  const floorKey = rotate(keys, keys.length >> 1);
  const key = rotate(keys);
  const floor = (times: number): number => {
    let length = 0;
    for (let i = 0; i < times; i++) length += crypto.hash("sha256", floorKey(), "hex").length;
    return length;
  };
  const refuse = (times: number): number => {
    let refused = 0;
    for (let i = 0; i < times; i++) if (!(verify(key()) as Authentication).ok) refused++;
    if (refused !== times) throw new Error("a key was accepted");
    return refused;
  };
  return [
    ratioRow(id, what, await compare(floor, refuse), 0.4),
    bytesRow(`${id}.bytes`, "  allocates", await bytesOf(refuse), 0, await bytesOf(floor)),
  ];
}

const rows = [
  ...(await rowsOf("malformed", "a malformed key, to one hash", malformedKeys(COUNT))),
  ...(await rowsOf("missummed", "a mis-summed key, to one hash", misspeltKeys(COUNT))),
];
if (storeCalls > 0) throw new Error(`the store was asked ${storeCalls} times`);
answer(rows);
