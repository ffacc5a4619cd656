import { expectStored, insertAll, recordOf, refOf, useOf, type Requirement } from "./case.js";
import { equal } from "./expect.js";

const record = recordOf(1);
const nobody = { record: null, leaseMs: 0 };

/** Reads of one record, and the lease length that comes with them. */
export const FIND_CASES: readonly Requirement[] = [
  [
    "find-nothing",
    "findByHash and findById MUST answer no record and lease 0 of a new store",
    async ({ store }) => {
      equal("findByHash", await store.findByHash(record.hash), nobody);
      equal("findById", await store.findById(refOf(record)), nobody);
    },
  ],
  [
    "find-record",
    "findByHash and findById MUST answer every field of a record as it was inserted",
    async ({ store }) => {
      await insertAll(store, record, recordOf(2));
      equal("findByHash", await store.findByHash(record.hash), { record, leaseMs: 0 });
      equal("findById", await store.findById(refOf(record)), { record, leaseMs: 0 });
    },
  ],
  [
    "find-fields",
    "reads MUST tell a record that is enabled, never expires and was never used from one that is not",
    async ({ store }) => {
      const other = recordOf(2, { enabled: false, expiresAtMs: 5, lastUsedAtMs: 7, version: 9 });
      await insertAll(store, record, other);
      await expectStored(store, record, record);
      await expectStored(store, other, other);
    },
  ],
  [
    "find-hash-exact",
    "findByHash MUST find nothing by a hash that only resembles one",
    async ({ store }) => {
      await insertAll(store, recordOf(0xab));
      const { hash } = recordOf(0xab);
      const similar = [hash.toUpperCase(), hash.slice(1), `${hash} `, "", "__proto__", `${hash}0`];
      for (const text of similar) equal(`of "${text}"`, await store.findByHash(text), nobody);
    },
  ],
  [
    "find-id-organization",
    "findById MUST find nothing by an id of another organization",
    async ({ store }) => {
      await insertAll(store, record, recordOf(2, { organizationId: "acme-co" }));
      const refs = [
        { ...refOf(record), organizationId: "acme-co" },
        { organizationId: record.organizationId, id: recordOf(2).id },
      ];
      for (const ref of refs) equal("findById", await store.findById(ref), nobody);
    },
  ],
  [
    "find-elsewhere",
    "a write MUST be seen by every read that begins after it resolved, through another handle too",
    async ({ store, other }) => {
      await insertAll(store, record);
      await expectStored(other, record, record);
      const next = { ...record, version: 2, hash: recordOf(3).hash };
      equal("replace", await other.replace(next, record), true);
      await expectStored(store, next, next);
      equal("by the old hash", (await store.findByHash(record.hash)).record, null);
      await store.touch(useOf(next, 5));
      await expectStored(other, next, { ...next, lastUsedAtMs: 5 });
      equal("delete", await other.delete(refOf(record)), true);
      await expectStored(store, next, null);
    },
  ],
  [
    "find-unshared-given",
    "a store MUST keep what it was given, whatever becomes of the object",
    async ({ store }) => {
      const given = { ...record };
      await insertAll(store, given);
      Object.assign(given, { enabled: false, version: 7 });
      await expectStored(store, record, record);
      const next = { ...record, version: 2 };
      equal("replace", await store.replace(next, record), true);
      Object.assign(next, { enabled: false, name: "Shop" });
      await expectStored(store, record, { ...record, version: 2 });
    },
  ],
  [
    "find-unshared-answered",
    "a record that was answered MUST NOT change any later answer, whatever becomes of it",
    async ({ store }) => {
      await insertAll(store, record);
      const answers = [
        (await store.findByHash(record.hash)).record,
        (await store.findById(refOf(record))).record,
        ...(await store.list(record.organizationId, 10, null)),
      ];
      for (const answer of answers) {
        Reflect.set(answer!, "enabled", false);
        Reflect.set(answer!.access, "madrid", "write");
        Reflect.deleteProperty(answer!.access, "lisbon");
      }
      await expectStored(store, record, record);
    },
  ],
  [
    "find-unshared-list",
    "a list that was answered MUST NOT change any later list, whatever becomes of it",
    async ({ store }) => {
      await insertAll(store, record);
      const answer = await store.list(record.organizationId, 500, null);
      Reflect.set(answer, 0, recordOf(2));
      Reflect.set(answer, "length", 0);
      await expectStored(store, record, record);
    },
  ],
  [
    "find-as-it-was",
    "a record that was answered MUST stay as it was read, whatever is written afterwards",
    async ({ store }) => {
      await insertAll(store, record);
      const answer = (await store.findByHash(record.hash)).record;
      await store.replace({ ...record, version: 2, enabled: false }, record);
      await store.touch(useOf(record, 5));
      await store.delete(refOf(record));
      equal("the answer", answer, record);
    },
  ],
  [
    "lease-raise",
    "raiseLease MUST make every read answer at least that lease, record or none, other handles too",
    async ({ store, other }) => {
      await insertAll(store, record);
      await store.raiseLease(1500);
      for (const each of [store, other]) {
        equal("findByHash", await each.findByHash(record.hash), { record, leaseMs: 1500 });
        equal("findById", await each.findById(refOf(record)), { record, leaseMs: 1500 });
        equal("no hash", await each.findByHash(recordOf(2).hash), { record: null, leaseMs: 1500 });
        const another = await each.findById(refOf(recordOf(2)));
        equal("no id", another, { record: null, leaseMs: 1500 });
      }
    },
  ],
  [
    "lease-never-lowered",
    "raiseLease MUST NOT lower the lease",
    async ({ store, other }) => {
      await store.raiseLease(2000);
      await other.raiseLease(1000);
      await other.raiseLease(0);
      equal("lease", (await store.findByHash(record.hash)).leaseMs, 2000);
      await other.raiseLease(30_000);
      equal("lease", (await store.findByHash(record.hash)).leaseMs, 30_000);
    },
  ],
  [
    "lease-stays",
    "the lease MUST outlive every record",
    async ({ store, other }) => {
      await insertAll(store, record);
      await store.raiseLease(1500);
      await store.delete(refOf(record));
      equal("lease", await other.findByHash(record.hash), { record: null, leaseMs: 1500 });
    },
  ],
];
