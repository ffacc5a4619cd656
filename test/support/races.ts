/** Races on a real store, counted: how often something dead was let in, something written was lost, too many won. */
import { createApiKeys, isApiKeyError, type ApiKeys, type KeyStore } from "../../src/index.js";

/** What came of the trials of one race. */
export interface RaceCount {
  /** How many there were. */
  trials: number;
  /** Trials in which every call had begun before any ended. */
  overlapped: number;
  /** Keys accepted by a verification that began after what killed them had resolved. */
  deadAccepted: number;
  /** Writes that resolved and of which nothing is left, and records that came back. */
  lostUpdates: number;
  /** Trials that had not exactly one winner. */
  notOneWinner: number;
}

type Pair<T> = readonly [T, T];

interface Trial {
  readonly n: number;
  readonly stores: Pair<KeyStore>;
  readonly apiKeys: Pair<ApiKeys>;
  readonly key: string;
  readonly ref: { readonly organizationId: string; readonly id: string };
  readonly count: RaceCount;
}

const races = {
  async "regenerate ∥ verify"(trial: Trial) {
    const { apiKeys, key, ref, count } = trial;
    let again: string | undefined;
    await overlap(trial, [
      async () => (again = (await apiKeys[0].regenerate(ref)).key),
      () => apiKeys[1].authenticate(key),
      () => apiKeys[0].authenticate(key),
    ]);
    if (await isAccepted(trial, key)) count.deadAccepted++;
    if (!(await isAccepted(trial, again!))) count.lostUpdates++;
  },

  async "delete ∥ touch"(trial: Trial) {
    const { stores, apiKeys, key, ref, count, n } = trial;
    const { hash } = (await stores[0].findById(ref)).record!;
    const newHash = n % 2 === 0 ? null : n.toString(16).padStart(64, "0");
    await overlap(trial, [
      () => stores[1].touch({ ...ref, hash, atMs: n, newHash }),
      () => apiKeys[0].delete(ref),
      () => stores[0].touch({ ...ref, hash, atMs: n, newHash: null }),
    ]);
    if (await isAccepted(trial, key)) count.deadAccepted++;
    if ((await stores[1].findById(ref)).record !== null) count.lostUpdates++;
  },

  async "regenerate ∥ regenerate ∥ regenerate"(trial: Trial) {
    const { key, ref, count } = trial;
    const meeting = meet(trial.stores, 3);
    const winners: string[] = [];
    const regenerate = (i: 0 | 1) => async () => {
      const issued = await unlessConflict(meeting[i].regenerate(ref));
      if (issued !== null) winners.push(issued.key);
    };
    await overlap(trial, [regenerate(0), regenerate(1), regenerate(0)]);
    if (winners.length !== 1) count.notOneWinner++;
    if (await isAccepted(trial, key)) count.deadAccepted++;
    for (const winner of winners) if (!(await isAccepted(trial, winner))) count.lostUpdates++;
  },

  async "setAccess ∥ setAccess"(trial: Trial) {
    const { apiKeys, ref, count } = trial;
    const meeting = meet(trial.stores, 2);
    const winners: string[] = [];
    const setAccess = (i: 0 | 1, libraryId: string) => async () => {
      const apiKey = await unlessConflict(meeting[i].setAccess(ref, { [libraryId]: "write" }));
      if (apiKey !== null) winners.push(libraryId);
    };
    await overlap(trial, [setAccess(0, "a"), setAccess(1, "b")]);
    if (winners.length !== 1) count.notOneWinner++;
    const now = await apiKeys[0].get(ref);
    const isKept = now?.version === 2 && Object.keys(now.access).join() === winners[0];
    if (!isKept) count.lostUpdates++;
  },
};

/** The names of the races. */
export const RACES = Object.keys(races) as (keyof typeof races)[];

/** What a race without a fault looks like. */
export const NO_FAULT = { deadAccepted: 0, lostUpdates: 0, notOneWinner: 0 };

/**
 * Runs one race over and over, each time with a new key.
 *
 * @param name - Which one; see {@link RACES}.
 * @param stores - Two handles on one database, each with connections of its own.
 */
export async function runRace(
  name: keyof typeof races,
  stores: Pair<KeyStore>,
  trials = 400,
): Promise<RaceCount> {
  const apiKeys = [
    createApiKeys({ store: stores[0] }),
    createApiKeys({ store: stores[1] }),
  ] as const;
  const count = { trials: 0, overlapped: 0, deadAccepted: 0, lostUpdates: 0, notOneWinner: 0 };
  for (let n = 1; n <= trials; n++) {
    const organizationId = "monogram-labs";
    const { key, apiKey } = await apiKeys[0].create({ organizationId, name: `${name} ${n}` });
    if (!(await isAccepted({ apiKeys }, key))) throw new Error("a new key was refused");
    await races[name]({ n, stores, apiKeys, key, ref: { organizationId, id: apiKey.id }, count });
    count.trials++;
  }
  for (const each of apiKeys) await each.close(); // uses are written behind the calls
  return count;
}

/** Calls that begin close together, in another order and at other distances each time. */
async function overlap({ n, count }: Trial, calls: readonly (() => unknown)[]): Promise<void> {
  let [begun, endedBefore] = [0, false];
  await Promise.all(
    calls.map(async (_, i) => {
      const call = calls[(i + n) % calls.length]!;
      for (let turns = (n * i) % 4; turns > 0; turns--) await nextTurn();
      begun++;
      await call();
      endedBefore ||= begun < calls.length;
    }),
  );
  if (!endedBefore) count.overlapped++;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Instances whose first reads by id wait for each other: all have read before any writes. */
function meet(stores: Pair<KeyStore>, readers: number): Pair<ApiKeys> {
  const waiting: (() => void)[] = [];
  const meeting = (store: KeyStore) =>
    createApiKeys({
      store: {
        ...store,
        async findById(ref) {
          const found = await store.findById(ref);
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            if (waiting.length >= readers) waiting.forEach((arrive) => arrive());
          });
          return found;
        },
      },
    });
  return [meeting(stores[0]), meeting(stores[1])];
}

async function unlessConflict<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isApiKeyError(error, "CONFLICT")) return null;
    throw error;
  }
}

/** Whether some instance accepts a key. */
async function isAccepted({ apiKeys }: Pick<Trial, "apiKeys">, key: string): Promise<boolean> {
  const verdicts = await Promise.all(apiKeys.map((each) => each.authenticate(key)));
  if (verdicts.some((verdict) => !verdict.ok && verdict.reason === "unavailable")) {
    throw new Error("the store failed");
  }
  return verdicts.some(({ ok }) => ok);
}
