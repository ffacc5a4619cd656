import type { ApiKeyRecord, KeyStore, PageStart } from "../core/store.js";
import { insertAll, ORGANIZATION, recordOf, refOf, useOf, type Requirement } from "./case.js";
import { equal } from "./expect.js";

const at = (createdAtMs: number, n: number): ApiKeyRecord => recordOf(n, { createdAtMs });

/** Ids of an organization, page by page. */
async function walk(
  store: KeyStore,
  first: number,
  between: (page: readonly ApiKeyRecord[]) => Promise<void> = async () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let after: PageStart | null = null;
  for (;;) {
    const page: readonly ApiKeyRecord[] = await store.list(ORGANIZATION, first, after);
    if (page.length > first) throw new Error(`expected at most ${first}, got ${page.length}`);
    ids.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (last === undefined || ids.length > 1000) return ids;
    after = { createdAtMs: last.createdAtMs, id: last.id };
    await between(page);
  }
}

/** 25 records, many of the same moment, inserted in no order. */
const many = Array.from({ length: 25 }, (_, i) => (i * 7) % 25).map((n) => at(n >> 2, n));
const sorted = Array.from({ length: 25 }, (_, n) => recordOf(n).id);

/** Reads of a page. */
export const LIST_CASES: readonly Requirement[] = [
  [
    "list-nothing",
    "list MUST be empty for an organization without records",
    async ({ store }) => {
      await insertAll(store, recordOf(1, { organizationId: "acme-co" }));
      equal("list", await store.list(ORGANIZATION, 10, null), []);
    },
  ],
  [
    "list-own",
    "list MUST answer the organization's records, all of each, and no other's",
    async ({ store }) => {
      await insertAll(store, recordOf(1), recordOf(2, { organizationId: "acme-co" }), recordOf(3));
      equal("list", await store.list(ORGANIZATION, 10, null), [recordOf(1), recordOf(3)]);
    },
  ],
  [
    "list-order-time",
    "list MUST order by createdAtMs as numbers, whatever the ids and the order of insertion",
    async ({ store }) => {
      const times = [10, 9, 100, 0, 2 ** 40, 2 ** 31];
      await insertAll(store, ...times.map((time, n) => at(time, 9 - n)));
      const listed = (await store.list(ORGANIZATION, 10, null)).map((key) => key.createdAtMs);
      equal("times", listed, [0, 9, 10, 100, 2 ** 31, 2 ** 40]);
    },
  ],
  [
    "list-order-id",
    "list MUST order records of one moment by id as bytes, not as a dictionary does",
    async ({ store }) => {
      const ids = ["b", "B", "a", "é", "e\u0301", "Z", "z", "10", "9", "_", "~", "ß", "中"];
      await insertAll(store, ...ids.map((id, n) => recordOf(n, { id })));
      const expected = ["10", "9", "B", "Z", "_", "a", "b", "e\u0301", "z", "~", "ß", "é", "中"];
      const listed = (await store.list(ORGANIZATION, 20, null)).map(({ id }) => id);
      equal("ids", listed, expected);
    },
  ],
  [
    "list-order-changes",
    "a change or a use MUST NOT move a record within the list",
    async ({ store }) => {
      await insertAll(store, at(1, 1), at(2, 2), at(3, 3));
      await store.replace({ ...at(1, 1), version: 2, updatedAtMs: 9 }, at(1, 1));
      await store.touch(useOf(at(2, 2), 99));
      const listed = (await store.list(ORGANIZATION, 10, null)).map(({ id }) => id);
      const ids = [1, 2, 3].map((n) => recordOf(n).id);
      equal("ids", listed, ids);
    },
  ],
  [
    "list-first",
    "list MUST answer at most as many as were asked for, the first ones",
    async ({ store }) => {
      await insertAll(store, ...many);
      for (const first of [1, 4, 24, 25, 26]) {
        const ids = (await store.list(ORGANIZATION, first, null)).map(({ id }) => id);
        equal(`first ${first}`, ids, sorted.slice(0, first));
      }
    },
  ],
  [
    "list-after",
    "list MUST begin right after a place, whether a record is there or not",
    async ({ store }) => {
      await insertAll(store, at(5, 1), at(5, 3), at(7, 2));
      const rows: readonly [PageStart, number[]][] = [
        [{ createdAtMs: 5, id: recordOf(1).id }, [3, 2]],
        [{ createdAtMs: 5, id: recordOf(2).id }, [3, 2]],
        [{ createdAtMs: 5, id: recordOf(9).id }, [2]],
        [{ createdAtMs: 4, id: recordOf(9).id }, [1, 3, 2]],
        [{ createdAtMs: 6, id: recordOf(0).id }, [2]],
        [{ createdAtMs: 7, id: recordOf(2).id }, []],
        [{ createdAtMs: 8, id: recordOf(0).id }, []],
      ];
      for (const [after, expected] of rows) {
        const ids = (await store.list(ORGANIZATION, 10, after)).map(({ id }) => id);
        const what = `after ${after.createdAtMs} ${after.id}`;
        equal(
          what,
          ids,
          expected.map((n) => recordOf(n).id),
        );
      }
    },
  ],
  [
    "list-pages",
    "pages of any size MUST hold every record exactly once, in order",
    async ({ store }) => {
      await insertAll(store, ...many, recordOf(99, { organizationId: "acme-co" }));
      for (const first of [1, 3, 25, 100]) {
        equal(`pages of ${first}`, await walk(store, first), sorted);
      }
    },
  ],
  [
    "list-stable",
    "inserts and deletes between pages MUST neither repeat nor hide another record",
    async ({ store, other }) => {
      await insertAll(store, ...many);
      let pages = 0;
      const ids = await walk(store, 4, async (page) => {
        pages++;
        // One before the place where the next page begins; the record of that place itself; both.
        const first = recordOf(1000 + pages, { id: `a${pages}`, createdAtMs: 0 });
        if (pages !== 2) await insertAll(other, first);
        if (pages !== 1) await other.delete(refOf(page.at(-1)!));
      });
      equal("ids", ids, sorted);
    },
  ],
  [
    "list-deleted",
    "a deleted record MUST NOT be listed, and one that is inserted later MUST be",
    async ({ store, other }) => {
      await insertAll(store, at(1, 1), at(2, 2));
      await other.delete(refOf(recordOf(1)));
      await insertAll(other, at(3, 3));
      const ids = (await store.list(ORGANIZATION, 10, null)).map(({ id }) => id);
      equal("ids", ids, [recordOf(2).id, recordOf(3).id]);
    },
  ],
];
