/** Times two ways of doing a thing in turns, and says how they compare, with an interval. */

/** Does a thing so many times; answers something that depends on all of it, so that no compiler leaves it out. */
export type Batch = (times: number) => unknown;

/** The median of a figure over all rounds, and the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** How one thing compares with another. */
export interface Comparison {
  /** Time of the one over time of the other, pair by pair. */
  readonly ratio: Estimate;
  /** What the one takes longer, in nanoseconds a time, pair by pair. */
  readonly addedNs: Estimate;
  /** Medians, nanoseconds a time. */
  readonly ns: number;
  readonly floorNs: number;
}

/** Nanoseconds a time of the one and of the other, right after each other. */
export interface Pair {
  readonly floorNs: number;
  readonly ns: number;
}

const BATCH_MS = 1;
const WARM_UP_MS = 150;
const RESAMPLES = 2000;

/**
 * Times `batch` against `floor` in interleaved pairs. Which of them goes first alternates, and garbage of the one is
 * gone before the other begins, so that neither drift nor the collector favours a side.
 */
export async function compare(floor: Batch, batch: Batch, pairs = 151): Promise<Comparison> {
  const floorTimes = await warmUp(floor);
  const times = await warmUp(batch);
  const samples: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    let floorNs = pair % 2 === 0 ? await time(floor, floorTimes) : 0;
    const ns = await time(batch, times);
    floorNs ||= await time(floor, floorTimes);
    samples.push({ floorNs, ns });
  }
  return comparisonOf(samples);
}

/** What pairs of samples say together. */
export function comparisonOf(samples: readonly Pair[]): Comparison {
  return {
    ratio: estimate(samples.map(({ ns, floorNs }) => ns / floorNs)),
    addedNs: estimate(samples.map(({ ns, floorNs }) => ns - floorNs)),
    ns: median(samples.map(({ ns }) => ns)),
    floorNs: median(samples.map(({ floorNs }) => floorNs)),
  };
}

/** Runs a batch until it is compiled; answers how many times make one sample. */
async function warmUp(batch: Batch): Promise<number> {
  let times = 1;
  for (const end = performance.now() + WARM_UP_MS; ;) {
    const took = ((await time(batch, times)) * times) / 1e6;
    if (performance.now() > end && took > BATCH_MS / 2) return times;
    if (took < BATCH_MS) times = Math.ceil(times * Math.min(2, BATCH_MS / Math.max(took, 0.01)));
  }
}

/** Times a batch: nanoseconds a time. A batch that answers a promise is awaited. */
export async function time(batch: Batch, times: number): Promise<number> {
  collect("minor");
  const start = performance.now();
  const answer = batch(times);
  if (answer instanceof Promise) sink = await answer;
  else sink = answer;
  return ((performance.now() - start) * 1e6) / times;
}

/** What the batches answered. Exported, so that it counts as used. */
export let sink: unknown;

/** Bytes that one time allocates: what the heap grew by in so few times that nothing is collected in between. */
export async function bytesOf(batch: Batch): Promise<number> {
  await warmUp(batch);
  const few = 1000;
  const samples: number[] = [];
  for (let round = 0; round < 21; round++) {
    collect("minor");
    const first = process.memoryUsage().heapUsed;
    const second = process.memoryUsage().heapUsed; // asking allocates too
    sink = await batch(few);
    const third = process.memoryUsage().heapUsed;
    samples.push((third - second - (second - first)) / few);
  }
  return median(samples);
}

function collect(type: "minor" | "major"): void {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc({ type, execution: "sync" });
}

/** The median, with its interval by bootstrap: medians of samples drawn anew from the samples. */
export function estimate(samples: readonly number[]): Estimate {
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(samples.map(() => samples[Math.floor(Math.random() * samples.length)]!)),
  ).sort((a, b) => a - b);
  return {
    median: median(samples),
    low: medians[Math.floor(RESAMPLES * 0.025)]!,
    high: medians[Math.ceil(RESAMPLES * 0.975) - 1]!,
  };
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
