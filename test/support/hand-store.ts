/** A store that is answered by hand, and two clocks that are moved by hand. */
import type { Clock } from "../../src/core/lease.js";
import type { ApiKeyRecord, Found } from "../../src/index.js";
import { NOW_MS, recordOf } from "./fixture.js";

/** A question to the store that waits. */
export interface Question<Answer> {
  readonly of: string | number;
  answer(value: Answer): void;
  fail(error: unknown): void;
}

/** What {@link createHandStore} answers. */
export interface HandStore {
  readonly store: {
    findByHash(hash: string): Promise<Found>;
    raiseLease(leaseMs: number): Promise<void>;
  };
  /** Reads by hash that were not answered yet. */
  readonly reads: Question<Found>[];
  /** Raises that were not answered yet. */
  readonly raises: Question<void>[];
  /** How many reads there were at all. */
  readonly asked: number;
}

/** A store whose every answer is given by the test. */
export function createHandStore(): HandStore {
  const reads: Question<Found>[] = [];
  const raises: Question<void>[] = [];
  let asked = 0;
  return {
    reads,
    raises,
    get asked() {
      return asked;
    },
    store: {
      findByHash(hash) {
        asked++;
        return ask(reads, hash);
      },
      raiseLease: (leaseMs) => ask(raises, leaseMs),
    },
  };
}

function ask<Answer>(questions: Question<Answer>[], of: string | number): Promise<Answer> {
  return new Promise((answer, fail) => questions.push({ of, answer, fail }));
}

/** Two clocks that stand still until they are moved. */
export interface HandClock extends Clock {
  /** Both go on. */
  pass(ms: number): void;
  monotonicMs: number;
  wallMs: number;
}

export function createHandClock(): HandClock {
  const clock: HandClock = {
    monotonicMs: 5000,
    wallMs: NOW_MS,
    pass(ms) {
      clock.monotonicMs += ms;
      clock.wallMs += ms;
    },
    monotonic: () => clock.monotonicMs,
    wall: () => clock.wallMs,
  };
  return clock;
}

/** What a store answers of a record. */
export function foundOf(values: Partial<ApiKeyRecord> = {}, leaseMs = 100): Found {
  return { record: recordOf(values), leaseMs };
}

/** Lets everything that waits for promises only go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
