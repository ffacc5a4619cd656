/**
 * Many small worlds, each drawn from a seed: three instances with the real reader of leases, one store, and a key that
 * dies. Time is virtual; the store is slow and sometimes fails; machines sleep and loops are blocked.
 */
import { createLeasedReader, leaseOf, type Clock } from "../../../src/core/lease.js";
import { createSettle } from "../../../src/core/settle.js";
import type { ApiKeyRecord, Found } from "../../../src/index.js";
import { recordOf } from "../../support/fixture.js";

/** What a simulation is made of. A broken variant replaces one of these; the code itself knows of none. */
export interface Design {
  /** The lease that an instance believes in. */
  readonly leaseOf: (instance: number) => number;
  /** What the store answers of the lease; what instances raise it to unless said otherwise. */
  readonly storedLeaseMs?: number;
  /** The clocks as the reader is shown them. */
  readonly clock: (clock: Clock) => Clock;
  /** The finder of an instance as the verification uses it. */
  readonly finder: (finder: Finder, world: Parts) => Finder;
  /** Whether a decision asks for its lease. */
  readonly asksAtDecision: boolean;
  /** How long a replica is behind. */
  readonly lagMs: number;
  /** How the commit and the wait after it are put together. */
  readonly write: (commit: () => Promise<void>, wait: () => Promise<void>) => Promise<void>;
  /** How long after a commit the store may lose it; 0: it does not. */
  readonly losesWithinMs: number;
  /** Whether what was written is looked for after the wait. */
  readonly readsBack: boolean;
}

/** Answers the record of the key, and whether a decision may be taken by it now. */
export type Finder = () => Promise<Finding>;

/** What a finder answers. */
export interface Finding {
  readonly found: Found;
  readonly isFresh: () => boolean;
}

/** What a finder can be wrapped with. */
export interface Parts {
  /** Asks the store, with no lease around it. */
  readonly ask: () => Promise<Found>;
  readonly clock: Clock;
  readonly leaseMs: number;
}

const LEASE_MS = 100;

/** The design as it is. */
export const DESIGN: Design = {
  leaseOf: () => LEASE_MS,
  clock: (clock) => clock,
  finder: (finder) => finder,
  asksAtDecision: true,
  lagMs: 0,
  write: async (commit, wait) => {
    await commit();
    await wait();
  },
  losesWithinMs: 0,
  readsBack: true,
};

/** What happened in one world. */
export interface Outcome {
  /** Decisions in favour of the key. */
  readonly accepted: number;
  /** Those after the call that killed it had resolved. */
  readonly late: number;
  /** Whether that call resolved; it may fail with the store. */
  readonly resolved: boolean;
}

const INSTANCES = 3;
const ARRIVALS_UNTIL_MS = 1500;
const END_MS = 2500;

/** Lives through one world. */
export async function simulate(seed: number, design: Design): Promise<Outcome> {
  const draw = randomOf(seed);
  const time = createTime();
  const record = recordOf();
  const ref = { organizationId: record.organizationId, id: record.id };
  let dead = false;
  let diedAtMs = Infinity;
  let resolvedAtMs = Infinity;
  let storedLeaseMs = 0;
  let [accepted, late] = [0, 0];

  const latency = () => time.sleep(draw() < 0.1 ? draw() * 300 : draw() * 30);
  const answer = (isBehind: boolean): Found => {
    const sees = !dead || (isBehind && time.now() - diedAtMs < design.lagMs);
    return { record: sees ? record : null, leaseMs: design.storedLeaseMs ?? storedLeaseMs };
  };
  async function find(isBehind: boolean): Promise<Found> {
    await latency();
    if (draw() < 0.03) throw new Error("down");
    const found = answer(isBehind);
    await latency();
    return found;
  }
  const store = {
    findByHash: () => find(true),
    findById: (): Promise<Found> => find(false),
    async raiseLease(leaseMs: number) {
      await latency();
      storedLeaseMs = Math.max(storedLeaseMs, leaseMs);
      await latency();
    },
  };

  function startInstance(number: number): void {
    let [sleptMs, wakesAtMs] = [0, 0];
    const clock = design.clock({ monotonic: () => time.now() - sleptMs, wall: () => time.now() });
    const leaseMs = design.leaseOf(number);
    const reader = createLeasedReader({ store, leaseMs, maxRecords: 10, clock });
    const find = design.finder(
      async () => {
        const found = await reader.findByHash(record.hash);
        return { found, isFresh: () => leaseOf(found)?.isFresh() ?? true };
      },
      { clock, leaseMs, ask: store.findByHash },
    );

    async function request(): Promise<void> {
      if (time.now() < wakesAtMs) return;
      let finding;
      try {
        finding = await find();
      } catch {
        return; // 503
      }
      // Anything may come between the answer and the decision: other work, the loop, a machine that sleeps.
      if (draw() < 0.2) await time.sleep(draw() * 200);
      if (time.now() < wakesAtMs) await time.sleep(wakesAtMs - time.now() + 0.01);
      if (finding.found.record === null) return;
      if (design.asksAtDecision && !finding.isFresh()) return; // it is read anew; here it is given up
      accepted++;
      if (time.now() > resolvedAtMs) late++;
    }

    for (let ms = draw() * 50; ms < ARRIVALS_UNTIL_MS; ms += draw() * 40) time.at(ms, request);
    if (draw() < 0.7) {
      const [fromMs, forMs] = [draw() * 800, draw() * 400];
      time.at(fromMs, () => {
        sleptMs += forMs;
        wakesAtMs = time.now() + forMs;
      });
    }
  }

  async function kill(): Promise<void> {
    const commit = async () => {
      await latency();
      [dead, diedAtMs] = [true, time.now()];
      if (design.losesWithinMs > 0 && draw() < 0.3) {
        time.at(time.now() + draw() * design.losesWithinMs, () => (dead = false));
      }
      await latency();
    };
    const settle = createSettle({
      store,
      leaseMs: LEASE_MS,
      monotonic: () => time.now(),
      // Timers fire early.
      sleep: (ms) => time.sleep(ms - draw()),
    });
    const holds = (found: ApiKeyRecord | null) => found === null || !design.readsBack;
    try {
      await design.write(commit, () => settle(ref, holds));
      resolvedAtMs = time.now();
    } catch {
      // It did not resolve, so nothing was promised.
    }
  }

  for (let number = 0; number < INSTANCES; number++) startInstance(number);
  time.at(200 + draw() * 400, kill);
  await time.run(END_MS);
  return { accepted, late, resolved: resolvedAtMs < Infinity };
}

/** Time that passes from one thing that is due to the next. */
function createTime() {
  const due: { readonly ms: number; readonly run: () => unknown }[] = [];
  let nowMs = 0;
  const at = (ms: number, run: () => unknown): void => {
    let place = due.length;
    while (place > 0 && due[place - 1]!.ms > ms) place--;
    due.splice(place, 0, { ms, run });
  };
  return {
    at,
    now: () => nowMs,
    sleep: (ms: number) => new Promise<void>((resolve) => at(nowMs + Math.max(0, ms), resolve)),
    async run(untilMs: number): Promise<void> {
      for (let next = due.shift(); next && next.ms <= untilMs; next = due.shift()) {
        nowMs = Math.max(nowMs, next.ms);
        void next.run();
        // As many as the longest chain of promises between two waits takes.
        for (let i = 0; i < 20; i++) await Promise.resolve();
      }
    },
  };
}

/** Numbers from 0 to 1 that depend on the seed only: xorshift by Marsaglia, 2003. */
function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
