import {
  expectStored,
  insertAll,
  ORGANIZATION,
  recordOf,
  refOf,
  together,
  winnersOf,
  type Requirement,
} from "./case.js";
import { equal } from "./expect.js";
import { expectOneWinner, race, RIVALS } from "./race.js";

/** Writes that overlap. A store that reads before it writes loses some of these. */
export const RACE_CASES: readonly Requirement[] = [
  race(
    "race-insert-id",
    "of inserts of one id exactly one MUST succeed",
    async ({ record, handles, handle }) => {
      const rivals = RIVALS.map((i) => ({
        ...record,
        id: `${record.id}-x`,
        hash: `${"abcde"[i]}${record.hash.slice(1)}`,
      }));
      const answers = await together(rivals.map((rival, i) => () => handle(i).insert(rival)));
      await expectOneWinner(handles, answers, rivals);
    },
  ),
  race(
    "race-insert-hash",
    "of inserts of one hash exactly one MUST succeed",
    async ({ record, handles, handle }) => {
      const hash = `f${record.hash.slice(1)}`;
      const rivals = RIVALS.map((i) => ({ ...record, id: `${record.id}-${i}`, hash }));
      const answers = await together(rivals.map((rival, i) => () => handle(i).insert(rival)));
      await expectOneWinner(handles, answers, rivals);
      const ids = (await handles.store.list(ORGANIZATION, 500, null)).map(({ id }) => id);
      const left = ids.filter((id) => id.startsWith(`${record.id}-`));
      equal("records", left.length, 1);
    },
  ),
  race(
    "race-replace",
    "of replacements that expect the same exactly one MUST succeed: regenerate ∥ regenerate",
    async ({ record, handles, handle, next }) => {
      const rivals = RIVALS.map((i) => next(i));
      const answers = await together(
        rivals.map((rival, i) => () => handle(i).replace(rival, record)),
      );
      await expectOneWinner(handles, answers, rivals);
      equal("by the old hash", (await handles.store.findByHash(record.hash)).record, null);
    },
  ),
  race(
    "race-replace-same-hash",
    "of replacements that keep the hash exactly one MUST succeed: setAccess ∥ setAccess",
    async ({ record, handles, handle, next }) => {
      const rivals = RIVALS.map((i) => next(i, record.hash));
      const answers = await together(
        rivals.map((rival, i) => () => handle(i).replace(rival, record)),
      );
      await expectOneWinner(handles, answers, rivals);
    },
  ),
  race(
    "race-replace-taken",
    "of replacements by one hash, of different records, exactly one MUST succeed",
    async ({ record, handles, handle, next }) => {
      const { hash } = next(0);
      const before = RIVALS.map((i) =>
        recordOf(0, { id: `${record.id}-${i}`, hash: next(i + 10).hash }),
      );
      await insertAll(handles.store, ...before);
      const answers = await together(
        before.map((each, i) => () => handle(i).replace({ ...each, version: 2, hash }, each)),
      );
      equal("number of winners", winnersOf(answers).length, 1);
      for (const [i, each] of before.entries()) {
        const after = answers[i] ? { ...each, version: 2, hash } : each;
        await expectStored(handles.store, after, after);
      }
    },
  ),
  race(
    "race-replace-delete",
    "a replacement MUST NOT survive a deletion, and of one at a version exactly one MUST succeed",
    async ({ record, handles, handle, next }) => {
      const [replaced, deleted] = await together([
        () => handle(0).replace(next(0), record),
        () => handle(1).delete(refOf(record), 1),
      ]);
      equal(
        "replaced, deleted",
        [replaced !== deleted, await handles.store.delete(refOf(record))],
        [true, replaced],
      );
      const second = recordOf(0, { id: `${record.id}-x`, hash: next(1).hash });
      await insertAll(handles.store, second);
      const after = { ...second, version: 2, hash: next(2).hash };
      const [, gone] = await together([
        () => handle(0).replace(after, second),
        () => handle(1).delete(refOf(second)),
      ]);
      equal("deleted", gone, true);
      await expectStored(handles.other, second, null);
      await expectStored(handles.other, after, null);
    },
  ),
  race(
    "race-delete",
    "of deletions of one record exactly one MUST answer true",
    async ({ record, handles, handle }) => {
      const answers = await together(RIVALS.map((i) => () => handle(i).delete(refOf(record))));
      equal("number of winners", winnersOf(answers).length, 1);
      await expectStored(handles.store, record, null);
    },
  ),
  race(
    "race-find-delete",
    "a read that begins after a deletion resolved MUST find nothing, whatever reads overlap it",
    async ({ record, handle }) => {
      let isDeleted = false;
      const reads = RIVALS.map((i) => async () => {
        for (let left = 8; left > 0; left--) {
          const mustBeGone = isDeleted;
          const { record: found } = await handle(i).findByHash(record.hash);
          if (mustBeGone) equal("findByHash", found, null);
        }
      });
      const deletion = async () => {
        equal("delete", await handle(1).delete(refOf(record)), true);
        isDeleted = true;
      };
      await together([...reads, deletion, ...reads]);
      for (const i of RIVALS)
        equal("findByHash", (await handle(i).findByHash(record.hash)).record, null);
    },
  ),
];
