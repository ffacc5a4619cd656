import { describe, expect, it } from "vitest";
import { explore } from "./model.js";
import { broken, holding } from "./settings.js";

// `npm run model` tries more of them, for minutes.
const MORE_TICKS = Number(process.env["LEASE_MODEL_TICKS"] ?? 0);
const timeout = 3_600_000;

const longer = ({ horizon = 7, ...rest }: (typeof holding)[string]) => ({
  ...rest,
  horizon: horizon + MORE_TICKS,
});

describe("in every order of steps the promise holds with", () => {
  it.each(Object.entries(holding))("%s", { timeout }, (_, setting) => {
    const { states, trace } = explore(longer(setting));
    expect(trace).toBeNull();
    expect(states).toBeGreaterThan(1000);
  });
});

describe("some order of steps breaks the promise when", () => {
  it.each(Object.entries(broken))("%s", { timeout }, (_, setting) => {
    const { trace } = explore(longer(setting));
    expect(trace?.at(-1)).toMatch(/^tick \d: /);
    expect(trace!.some((step) => step.includes("resolves"))).toBe(true);
  });
});
