import { expectStored, hashOf, refOf, together, TRIALS, useOf, type Requirement } from "./case.js";
import { equal } from "./expect.js";
import { race } from "./race.js";

/** Uses and leases that overlap each other, and writes. */
export const TOUCH_RACE_CASES: readonly Requirement[] = [
  race(
    "race-touch-delete",
    "a use MUST NOT bring back a record whose deletion overlaps it",
    async ({ record, handles, handle, next }) => {
      await together<unknown>([
        () => handle(0).touch(useOf(record, 5)),
        () => handle(1).touch(useOf(record, 6, { newHash: next(0).hash })),
        () => handle(0).delete(refOf(record)),
        () => handle(1).touch(useOf(record, 7)),
      ]);
      await expectStored(handles.other, record, null);
      await expectStored(handles.store, next(0), null);
    },
  ),
  race(
    "race-touch-replace",
    "neither a use nor a change that overlap MUST be lost: touch ∥ setAccess",
    async ({ record, handles, handle, next }) => {
      const after = next(0, record.hash);
      const [, replaced] = await together<unknown>([
        () => handle(1).touch(useOf(record, 9)),
        () => handle(0).replace(after, record),
        () => handle(1).touch(useOf(record, 5)),
        () => handle(0).touch(useOf(record, 7)),
      ]);
      equal("replaced", replaced, true);
      await expectStored(handles.store, after, { ...after, lastUsedAtMs: 9 });
    },
  ),
  race(
    "race-touch-regenerate",
    "a use of a key that is being regenerated MUST NOT bring back its hash: touch ∥ regenerate",
    async ({ record, handles, handle, next }) => {
      const after = next(0);
      const [, replaced] = await together<unknown>([
        () => handle(0).touch(useOf(record, 5)),
        () => handle(1).replace(after, record),
        () => handle(0).touch(useOf(record, 5)),
      ]);
      equal("replaced", replaced, true);
      equal("by the old hash", (await handles.other.findByHash(record.hash)).record, null);
      const { record: found } = await handles.store.findByHash(after.hash);
      equal("found", found, { ...after, lastUsedAtMs: found?.lastUsedAtMs === 5 ? 5 : null });
    },
  ),
  race(
    "race-rehash-regenerate",
    "of a use with newHash and a regeneration that overlap exactly one MUST give the hash",
    async ({ record, handles, handle, next }) => {
      const [after, { hash: newHash }] = [next(0), next(1)];
      const [replaced] = await together<unknown>([
        () => handle(0).replace(after, record),
        () => handle(1).touch(useOf(record, 5, { newHash })),
      ]);
      const { record: found } = await handles.store.findById(refOf(record));
      const lastUsedAtMs = replaced === true ? null : 5;
      const expected = replaced === true ? after : { ...record, hash: newHash };
      equal("found", found, { ...expected, lastUsedAtMs });
      await expectStored(handles.other, found!, found);
      const dead = [record.hash, replaced === true ? newHash : after.hash];
      for (const hash of dead) equal("dead", (await handles.other.findByHash(hash)).record, null);
    },
  ),
  race(
    "race-touch",
    "of uses that overlap the latest MUST be the one that is kept",
    async ({ record, handles, handle }) => {
      const times = [3, 9, 1, 7, 5];
      await together(times.map((atMs, i) => () => handle(i).touch(useOf(record, atMs))));
      await expectStored(handles.store, record, { ...record, lastUsedAtMs: 9 });
    },
  ),
  [
    "race-lease",
    "of leases that are raised at once the longest MUST be kept",
    async ({ store, other }) => {
      const leases = [30, 90, 10, 70, 50];
      for (let n = 1; n <= TRIALS; n++) {
        await together(
          leases.map((ms, i) => () => (i % 2 === 0 ? store : other).raiseLease(n * 100 + ms)),
        );
        equal("lease", (await store.findByHash(hashOf(1))).leaseMs, n * 100 + 90);
      }
    },
  ],
];
