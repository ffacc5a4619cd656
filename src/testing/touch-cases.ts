import type { KeyUse } from "../core/store.js";
import {
  expectStored,
  hashOf,
  insertAll,
  ORGANIZATION,
  recordOf,
  refOf,
  useOf,
  type Requirement,
} from "./case.js";
import { equal } from "./expect.js";

const record = recordOf(1);
const another = recordOf(2);
const newHash = hashOf(3);

/** Uses, one after the other. */
export const TOUCH_CASES: readonly Requirement[] = [
  [
    "touch-forward",
    "touch MUST move lastUsedAtMs forward, never back, and change nothing else",
    async ({ store, other }) => {
      await insertAll(store, record, another);
      const seen: unknown[] = [];
      for (const atMs of [5, 3, 0, 10, 9, 10]) {
        await other.touch(useOf(record, atMs));
        seen.push((await store.findById(refOf(record))).record?.lastUsedAtMs);
      }
      equal("lastUsedAtMs", seen, [5, 5, 5, 10, 10, 10]);
      await expectStored(store, record, { ...record, lastUsedAtMs: 10 });
      await expectStored(store, another, another);
    },
  ],
  [
    "touch-zero",
    "touch MUST note a first use at the time 0",
    async ({ store }) => {
      await insertAll(store, record);
      await store.touch(useOf(record, 0));
      await expectStored(store, record, { ...record, lastUsedAtMs: 0 });
    },
  ],
  [
    "touch-inserted",
    "touch MUST NOT move back a lastUsedAtMs that was inserted",
    async ({ store }) => {
      await insertAll(store, { ...record, lastUsedAtMs: 7 });
      await store.touch(useOf(record, 6));
      await expectStored(store, record, { ...record, lastUsedAtMs: 7 });
    },
  ],
  [
    "touch-version",
    "touch MUST NOT change the version: a change that began before it succeeds",
    async ({ store, other }) => {
      await insertAll(store, record);
      await store.touch(useOf(record, 5));
      const next = { ...record, version: 2 };
      equal("replace", await other.replace(next, record), true);
      await store.touch(useOf(next, 6));
      equal("delete", await store.delete(refOf(record), 2), true);
    },
  ],
  [
    "touch-exact",
    "touch MUST do nothing unless organization, id and hash are the record's",
    async ({ store }) => {
      await insertAll(store, record, another);
      const rows: readonly Partial<KeyUse>[] = [
        { organizationId: "acme-co" },
        { id: recordOf(9).id },
        { id: another.id },
        { hash: another.hash },
        { hash: hashOf(9) },
      ];
      for (const values of rows) {
        await store.touch(useOf(record, 5, values));
        await store.touch(useOf(record, 5, { newHash, ...values }));
      }
      await expectStored(store, record, record);
      await expectStored(store, another, another);
      equal("by the new hash", (await store.findByHash(newHash)).record, null);
      equal("elsewhere", await store.list("acme-co", 10, null), []);
    },
  ],
  [
    "touch-regenerated",
    "touch with the hash of before a regeneration MUST do nothing",
    async ({ store, other }) => {
      await insertAll(store, record);
      const next = { ...record, version: 2, hash: newHash };
      await store.replace(next, record);
      await other.touch(useOf(record, 5));
      await other.touch(useOf(record, 5, { newHash: hashOf(4) }));
      await expectStored(store, next, next);
      equal("by the old hash", (await store.findByHash(record.hash)).record, null);
      equal("by another", (await store.findByHash(hashOf(4))).record, null);
    },
  ],
  [
    "touch-deleted",
    "touch of a deleted record MUST NOT create one",
    async ({ store, other }) => {
      await insertAll(store, record);
      await store.delete(refOf(record));
      await other.touch(useOf(record, 5));
      await other.touch(useOf(record, 5, { newHash }));
      await expectStored(store, record, null);
      equal("by the new hash", (await store.findByHash(newHash)).record, null);
      equal("list", await store.list(ORGANIZATION, 10, null), []);
    },
  ],
  [
    "touch-new-hash",
    "touch with newHash MUST put it in place of the hash, without moving the time back",
    async ({ store, other }) => {
      await insertAll(store, { ...record, lastUsedAtMs: 9 });
      await other.touch(useOf(record, 5, { newHash }));
      const rehashed = { ...record, hash: newHash, lastUsedAtMs: 9 };
      await expectStored(store, rehashed, rehashed);
      equal("by the old hash", (await store.findByHash(record.hash)).record, null);
      const next = { ...rehashed, version: 2 };
      equal("replace of before", await store.replace(next, record), false);
      equal("replace", await store.replace(next, rehashed), true);
    },
  ],
  [
    "touch-new-hash-same",
    "touch with newHash equal to the hash MUST record the use",
    async ({ store }) => {
      await insertAll(store, record);
      await store.touch(useOf(record, 5, { newHash: record.hash }));
      await expectStored(store, record, { ...record, lastUsedAtMs: 5 });
    },
  ],
  [
    "touch-new-hash-taken",
    "touch with a newHash that another record has MUST record the use and leave both hashes",
    async ({ store }) => {
      await insertAll(store, record, another);
      await store.touch(useOf(record, 5, { newHash: another.hash }));
      await expectStored(store, record, { ...record, lastUsedAtMs: 5 });
      await expectStored(store, another, another);
    },
  ],
];
