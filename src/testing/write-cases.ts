import type { ApiKeyRecord, ApiKeyRef } from "../core/store.js";
import {
  accessOf,
  expectStored,
  hashOf,
  insertAll,
  ORGANIZATION,
  recordOf,
  refOf,
  type Requirement,
} from "./case.js";
import { equal } from "./expect.js";

const record = recordOf(1);
const another = recordOf(2);
const next = recordOf(1, {
  version: 2,
  hash: hashOf(3),
  hint: "pk_9zYx…",
  name: "Shop",
  access: accessOf([["porto", "write"]]),
  enabled: false,
  expiresAtMs: 5,
  updatedAtMs: 6,
});

/** Insert, compare-and-set and delete, one after the other. */
export const WRITE_CASES: readonly Requirement[] = [
  [
    "insert-taken",
    "insert MUST answer false and change nothing when the id or the hash is taken, in any organization",
    async ({ store, other }) => {
      await insertAll(store, record);
      const taken: readonly ApiKeyRecord[] = [
        record,
        { ...another, id: record.id },
        { ...another, id: record.id, organizationId: "acme-co" },
        { ...another, hash: record.hash },
        { ...another, hash: record.hash, organizationId: "acme-co" },
      ];
      for (const each of taken) {
        for (const handle of [store, other]) equal("insert", await handle.insert(each), false);
      }
      await expectStored(store, record, record);
      equal("list", await store.list(ORGANIZATION, 10, null), [record]);
      equal("list", await store.list("acme-co", 10, null), []);
      equal("findByHash", (await store.findByHash(another.hash)).record, null);
    },
  ],
  [
    "insert-again",
    "the id and the hash of a deleted record MUST be free again",
    async ({ store }) => {
      await insertAll(store, record);
      await store.delete(refOf(record));
      const reborn = { ...another, id: record.id, organizationId: "acme-co" };
      await insertAll(store, reborn, { ...recordOf(3), hash: record.hash });
      await expectStored(store, reborn, reborn);
      equal("findById", (await store.findById(refOf(record))).record, null);
    },
  ],
  [
    "replace-all",
    "replace MUST put every field in place and answer true",
    async ({ store }) => {
      await insertAll(store, record, another);
      equal("replace", await store.replace(next, record), true);
      await expectStored(store, next, next);
      await expectStored(store, another, another);
      equal("by the old hash", (await store.findByHash(record.hash)).record, null);
    },
  ],
  [
    "replace-same-hash",
    "replace with the same hash MUST leave the record to be found by it",
    async ({ store }) => {
      await insertAll(store, record);
      const renamed = { ...record, version: 2, name: "Shop" };
      equal("replace", await store.replace(renamed, record), true);
      await expectStored(store, renamed, renamed);
    },
  ],
  [
    "replace-expected",
    "replace MUST answer false and change nothing unless version, hash, organization and id are as expected",
    async ({ store }) => {
      await insertAll(store, record);
      const { version, hash } = record;
      const rows: readonly [string, ApiKeyRecord, { version: number; hash: string }][] = [
        ["an older version", next, { version: 0, hash }],
        ["a later version", next, { version: 2, hash }],
        ["another hash", next, { version, hash: another.hash }],
        ["the new hash", next, { version, hash: next.hash }],
        ["another organization", { ...next, organizationId: "acme-co" }, record],
        ["another id", { ...next, id: another.id }, record],
      ];
      for (const [what, after, before] of rows) {
        equal(what, await store.replace(after, before), false);
        await expectStored(store, record, record);
        equal("by the new hash", (await store.findByHash(next.hash)).record, null);
      }
      equal("elsewhere", await store.list("acme-co", 10, null), []);
    },
  ],
  [
    "replace-once",
    "replace MUST NOT succeed a second time with the same expectation",
    async ({ store, other }) => {
      await insertAll(store, record);
      equal("first", await store.replace(next, record), true);
      equal("second", await other.replace({ ...next, name: "Late" }, record), false);
      const late = { ...next, hash: hashOf(9) };
      equal("with another hash", await other.replace(late, record), false);
      await expectStored(store, next, next);
    },
  ],
  [
    "replace-taken",
    "replace with a hash that another record has MUST answer false and change nothing",
    async ({ store }) => {
      await insertAll(store, record, another);
      equal("replace", await store.replace({ ...next, hash: another.hash }, record), false);
      await expectStored(store, record, record);
      await expectStored(store, another, another);
    },
  ],
  [
    "replace-used",
    "replace MUST leave lastUsedAtMs as the store has it",
    async ({ store }) => {
      await insertAll(store, { ...record, lastUsedAtMs: 7 }, another);
      await store.replace({ ...next, lastUsedAtMs: 3 }, record);
      await expectStored(store, next, { ...next, lastUsedAtMs: 7 });
      const used = { ...another, version: 2, lastUsedAtMs: 9 };
      await store.replace(used, another);
      await expectStored(store, used, { ...used, lastUsedAtMs: null });
    },
  ],
  [
    "replace-deleted",
    "replace of a deleted record MUST answer false and MUST NOT bring it back",
    async ({ store, other }) => {
      await insertAll(store, record);
      await store.delete(refOf(record));
      for (const each of [store, other]) equal("replace", await each.replace(next, record), false);
      await expectStored(store, next, null);
    },
  ],
  [
    "replace-nothing",
    "replace of a record that never was MUST NOT create one",
    async ({ store }) => {
      equal("replace", await store.replace(next, record), false);
      await expectStored(store, next, null);
    },
  ],
  [
    "delete-expected",
    "delete MUST answer false and remove nothing at another version, organization or id",
    async ({ store }) => {
      await insertAll(store, record);
      const rows: readonly [ApiKeyRef, number?][] = [
        [refOf(record), 2],
        [refOf(record), 0],
        [{ ...refOf(record), organizationId: "acme-co" }],
        [{ ...refOf(record), organizationId: "acme-co" }, 1],
        [{ ...refOf(record), id: another.id }],
      ];
      for (const row of rows) equal("delete", await store.delete(...row), false);
      await expectStored(store, record, record);
    },
  ],
  [
    "delete-any",
    "delete without a version MUST remove the record at any, answer true, and false from then on",
    async ({ store, other }) => {
      await insertAll(store, { ...record, version: 5 }, another);
      equal("delete", await store.delete(refOf(record)), true);
      await expectStored(other, record, null);
      await expectStored(other, another, another);
      equal("again", await other.delete(refOf(record)), false);
      equal("undefined", await store.delete(refOf(another), undefined), true);
    },
  ],
  [
    "delete-version",
    "delete with a version MUST remove the record at that one",
    async ({ store }) => {
      await insertAll(store, { ...record, version: 5 });
      equal("delete", await store.delete(refOf(record), 5), true);
      await expectStored(store, record, null);
    },
  ],
];
