/** Random schemas, operations, variables and callers: what runs and what leaves is what a plain reading of the marks lets. */
import fc from "fast-check";
import { versionInfo } from "graphql";
import { expect, it } from "vitest";
import { holds, newTally, samples } from "./property/sample.js";

// 1,000 cases, each by graphql-js and by @graphql-tools/executor; many more: npm run fuzz.
const SCHEMAS = 125;
const SIZE = { documents: 4, requests: 2 };

it("random schemas let through what is within reach, and nothing else", async () => {
  const tally = newTally();
  await fc.assert(
    fc.asyncProperty(samples(SIZE), (sample) => holds(sample, tally)),
    { numRuns: SCHEMAS },
  );
  expect(tally.unfit).toEqual([]);
  expect(tally.cases).toBe(1000);
  // A generator that makes only one kind of operation would prove nothing.
  expect(tally.verdicts.runs).toBeGreaterThan(200);
  expect(tally.verdicts.refused).toBeGreaterThan(200);
  expect(tally.showing).toBeGreaterThan(50);
  expect(tally.filtering).toBeGreaterThan(50);
  expect(tally.unlocked).toBeGreaterThan(50);
  if (versionInfo.major === 16) expect(tally.deviating).toBe(0);
}, 600_000);
