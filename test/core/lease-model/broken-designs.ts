/** Ways to get leases wrong, each made of the real parts and one wrapper that spoils a rule. */
import type { Found } from "../../../src/index.js";
import { DESIGN, type Design, type Finder, type Finding, type Parts } from "./simulation.js";

/** A cache in front of the real reader, as somebody might put one there. */
function cached(
  find: Finder,
  parts: Parts,
  rules: {
    /** When an entry counts as begun. */
    readonly begins: "before" | "after";
    /** Whether use begins it anew. */
    readonly slides?: boolean;
    /** How much older an entry may be: while it is read anew, or after that failed. */
    readonly staleMs?: number;
    readonly when?: "revalidating" | "failed";
  },
): Finder {
  let kept: { finding: Finding; sinceMs: number } | null = null;
  const ageMs = () => (kept === null ? Infinity : parts.clock.wall() - kept.sinceMs);
  const always = (finding: Finding): Finding => ({ ...finding, isFresh: () => true });
  async function read(): Promise<Finding> {
    const beforeMs = parts.clock.wall();
    const finding = await find();
    kept = { finding, sinceMs: rules.begins === "before" ? beforeMs : parts.clock.wall() };
    return finding;
  }
  return async () => {
    const known = kept;
    if (known !== null && ageMs() < parts.leaseMs) {
      if (rules.slides) known.sinceMs = parts.clock.wall();
      return always(known.finding);
    }
    const isUsable = known !== null && rules.staleMs !== undefined && ageMs() < rules.staleMs;
    if (isUsable && rules.when === "revalidating") {
      void read().catch(() => {});
      return always(known.finding);
    }
    try {
      return await read();
    } catch (error) {
      if (isUsable && rules.when === "failed") return always(known.finding);
      throw error;
    }
  };
}

/** Joins a read under way, and counts the lease from then on. */
function joined(_: Finder, { clock, leaseMs, ask }: Parts): Finder {
  let reading: Promise<Found> | null = null;
  return async () => {
    const sinceMs = clock.wall();
    reading ??= ask().finally(() => (reading = null));
    const found = await reading;
    return { found, isFresh: () => clock.wall() - sinceMs < leaseMs };
  };
}

/** Name → what is wrong. Every one of them must be caught. */
export const brokenDesigns: Readonly<Record<string, Design>> = {
  "the lease begins after the read": {
    ...DESIGN,
    finder: (find, parts) => cached(find, parts, { begins: "after" }),
  },
  "use prolongs the lease": {
    ...DESIGN,
    finder: (find, parts) => cached(find, parts, { begins: "before", slides: true }),
  },
  "whoever joins a read counts from when he came": { ...DESIGN, finder: joined },
  "what is old is used while it is read anew": {
    ...DESIGN,
    finder: (find, parts) =>
      cached(find, parts, { begins: "before", staleMs: 500, when: "revalidating" }),
  },
  "what is old is used while the store is down": {
    ...DESIGN,
    finder: (find, parts) =>
      cached(find, parts, { begins: "before", staleMs: 500, when: "failed" }),
  },
  "the deadline is not asked for at the decision": { ...DESIGN, asksAtDecision: false },
  "only the monotonic clock is asked": {
    ...DESIGN,
    clock: ({ monotonic }) => ({ monotonic, wall: monotonic }),
  },
  "the writer does not wait": { ...DESIGN, write: (commit) => commit() },
  "the writer waits before its commit is done": {
    ...DESIGN,
    write: async (commit, wait) => {
      await Promise.all([commit(), wait().catch(() => {})]);
    },
  },
  "a replica is read that is behind": { ...DESIGN, lagMs: 200 },
  "an instance has a longer lease, and the store does not know it": {
    ...DESIGN,
    leaseOf: () => 250,
    storedLeaseMs: 100,
    // The reader takes the smaller one of both: the wrapper gives it back what it believes in.
    finder: (find, parts) => cached(find, { ...parts, leaseMs: 250 }, { begins: "before" }),
  },
  "the store loses commits, and nobody looks": {
    ...DESIGN,
    losesWithinMs: 150,
    readsBack: false,
  },
};

/** Variants that hold. */
export const soundDesigns: Readonly<Record<string, Design>> = {
  "the design": DESIGN,
  "instances with different leases": {
    ...DESIGN,
    leaseOf: (instance) => [20, 100, 250][instance]!,
  },
  "a stored lease that is longer than any": { ...DESIGN, storedLeaseMs: 400 },
  "a store that loses commits, and a writer who looks": { ...DESIGN, losesWithinMs: 150 },
};
