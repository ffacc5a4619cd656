import { describe, expect, it } from "vitest";
import { brokenDesigns, soundDesigns } from "./broken-designs.js";
import { simulate, type Design } from "./simulation.js";

const SEEDS = Number(process.env["LEASE_SEEDS"] ?? 400);

async function count(design: Design, seeds: number, stopsAtLate: boolean) {
  const sum = { worlds: 0, accepted: 0, late: 0, resolved: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = await simulate(seed, design);
    sum.worlds++;
    sum.accepted += outcome.accepted;
    sum.late += outcome.late;
    sum.resolved += Number(outcome.resolved);
    if (stopsAtLate && sum.late > 0) break;
  }
  return sum;
}

describe("no decision comes after the call that killed the key has resolved", () => {
  it.each(Object.entries(soundDesigns))("with %s", { timeout: 600_000 }, async (_, design) => {
    const { worlds, accepted, late, resolved } = await count(design, SEEDS, false);
    expect({ worlds, late }).toEqual({ worlds: SEEDS, late: 0 });
    // Worlds in which nothing happens would prove nothing.
    expect(accepted).toBeGreaterThan(20 * SEEDS);
    expect(resolved).toBeGreaterThan(0.5 * SEEDS);
  });
});

describe("the simulation sees it when", () => {
  it.each(Object.entries(brokenDesigns))("%s", { timeout: 600_000 }, async (_, design) => {
    expect((await count(design, SEEDS, true)).late).toBeGreaterThan(0);
  });
});
