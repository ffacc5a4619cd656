/** Verification with so many keys, against what it cannot do without: one hash and one look into a Map. */
import * as crypto from "node:crypto";
import { internalsOf } from "../../src/core/api-keys.js";
import type { Authentication } from "../../src/core/verify.js";
import { createKeys, rotate, type Keys } from "./keys.js";
import { bytesOf, compare } from "./measure.js";
import { answer, bytesRow, ratioRow, type Row } from "./rows.js";

async function rowsOf(count: number): Promise<readonly Row[]> {
  const holder = await createKeys(count);
  const { floor, verify } = synchronous(holder);
  const { asyncFloor, authenticate } = asynchronous(holder);
  const label = `${count.toLocaleString("en")} ${count === 1 ? "key" : "keys"}`;
  return [
    ratioRow(`verify.${count}`, `verify, ${label}`, await compare(floor, verify), 1.5),
    bytesRow(
      `verify.${count}.bytes`,
      "  allocates",
      await bytesOf(verify),
      300,
      await bytesOf(floor),
    ),
    ratioRow(
      `authenticate.${count}`,
      `await authenticate(), ${label}`,
      await compare(asyncFloor, authenticate),
      1.3,
    ),
  ];
}

function synchronous({ apiKeys, keys, byHash }: Keys) {
  const inner = internalsOf(apiKeys);
  const floorKey = rotate(keys, keys.length >> 1);
  const key = rotate(keys);
  return {
    floor(times: number): number {
      let found = 0;
      for (let i = 0; i < times; i++) {
        kept = byHash.get(crypto.hash("sha256", floorKey(), "hex"));
        if (kept !== undefined) found++;
      }
      return all(found, times);
    },
    verify(times: number): number {
      let found = 0;
      for (let i = 0; i < times; i++) {
        const result = inner.verify(key()) as Authentication;
        kept = result;
        if (result.ok) found++;
      }
      return all(found, times);
    },
  };
}

function asynchronous({ apiKeys, keys, byHash }: Keys) {
  const floorKey = rotate(keys, keys.length >> 1);
  const key = rotate(keys);
  const find = async (text: string) => byHash.get(crypto.hash("sha256", text, "hex"));
  return {
    async asyncFloor(times: number): Promise<number> {
      let found = 0;
      for (let i = 0; i < times; i++) if ((await find(floorKey())) !== undefined) found++;
      return all(found, times);
    },
    async authenticate(times: number): Promise<number> {
      let found = 0;
      for (let i = 0; i < times; i++) if ((await apiKeys.authenticate(key())).ok) found++;
      return all(found, times);
    },
  };
}

/** The last answer. What nobody keeps, the compiler would not even make. */
export let kept: unknown;

function all(found: number, times: number): number {
  if (found !== times) throw new Error(`${times - found} of ${times} keys were refused`);
  return found;
}

answer(await rowsOf(Number(process.argv[2])));
