/** What leases ask of a store, and what they hold: counted, through the public functions. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createKeyFormat, type KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createInstance, pass, useVirtualTime } from "../support/virtual-time.js";

const LEASE_MS = 1000;

/** An instance with leases over a store that answers later, and the reads of it. */
async function createOne() {
  const memory = createMemoryStore();
  let reads = 0;
  const store: KeyStore = {
    ...memory,
    async findByHash(hash) {
      reads++;
      return memory.findByHash(hash);
    },
  };
  const apiKeys = createInstance(store, { leaseMs: LEASE_MS });
  const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "A" });
  return { apiKeys, key, reads: () => reads };
}

describe("with leases", () => {
  useVirtualTime();

  it("a thousand verifications at once of a key that nobody used make one read", async () => {
    const { apiKeys, key, reads } = await createOne();
    const all = Array.from({ length: 1000 }, () => apiKeys.authenticate(key));
    expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true);
    expect(reads()).toBe(1);
  });

  it("a key that never rests is read once in the time of a lease", async () => {
    const { apiKeys, key, reads } = await createOne();
    for (let ms = 0; ms < 20 * LEASE_MS; ms += 50) {
      expect((await apiKeys.authenticate(key)).ok).toBe(true);
      await pass(50);
    }
    expect(reads()).toBe(20);
  });
});

it("unknown keys leave nothing in memory, and are asked for each time", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const { apiKeys, reads } = await createOne();
  const { generate } = createKeyFormat();
  const flood = async (count: number): Promise<number> => {
    let known = 0;
    for (let i = 0; i < count; i++) if ((await apiKeys.authenticate(generate())).ok) known++;
    expect(known).toBe(0);
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = await flood(1000);
  expect((await flood(50_000)) - before).toBeLessThan(2 * 2 ** 20); // 40 bytes a key
  expect(reads()).toBe(51_000);
});
