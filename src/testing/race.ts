import type { ApiKeyRecord } from "../core/store.js";
import {
  expectStored,
  hashOf,
  insertAll,
  recordOf,
  TRIALS,
  winnersOf,
  type Handles,
  type Requirement,
} from "./case.js";
import { equal } from "./expect.js";

/** What a race begins with in each of its trials: a record of its own, and the handles in turn. */
export interface Trial {
  readonly record: ApiKeyRecord;
  readonly handles: Handles;
  /** The record at version 2 as rival `i` would have it; its own hash, or the record's. */
  readonly next: (i: number, hash?: string) => ApiKeyRecord;
  readonly handle: (i: number) => Handles["store"];
}

/** A requirement that is tried over and over, each time with another record. */
export function race(id: string, name: string, run: (trial: Trial) => Promise<void>): Requirement {
  return [
    id,
    name,
    async (handles) => {
      for (let n = 1; n <= TRIALS; n++) {
        const record = recordOf(n * 1000);
        await insertAll(handles.store, record);
        const next = (i: number, hash = hashOf(n * 1000 + i + 1)) => ({
          ...record,
          version: 2,
          name: `Rival ${i}`,
          hash,
        });
        const handle = (i: number) => (i % 2 === 0 ? handles.store : handles.other);
        await run({ record, handles, next, handle });
      }
    },
  ];
}

export const RIVALS = [0, 1, 2, 3, 4] as const;

/** Of rivals exactly one has won, and nothing of the others is left. */
export async function expectOneWinner(
  { store, other }: Handles,
  answers: readonly boolean[],
  rivals: readonly ApiKeyRecord[],
): Promise<void> {
  const winners = winnersOf(answers);
  equal("number of winners", winners.length, 1);
  const winner = rivals[winners[0]!]!;
  await expectStored(store, winner, winner);
  for (const { hash } of rivals) {
    const expected = hash === winner.hash ? winner : null;
    equal("findByHash", (await other.findByHash(hash)).record, expected);
  }
}
