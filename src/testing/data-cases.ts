import type { Level } from "../core/access.js";
import type { ApiKeyRecord } from "../core/store.js";
import {
  accessOf,
  expectStored,
  insertAll,
  recordOf,
  refOf,
  useOf,
  type Requirement,
} from "./case.js";
import { equal } from "./expect.js";

/** Text that has a meaning somewhere: in SQL, Lua, JSON, JavaScript, patterns, protocols. */
const TEXTS = [
  `'"\`\\`,
  "'; DROP TABLE api_keys; --",
  "\\'; --",
  "$1 ? :id @p1 %s ${x} #{x} {0}",
  "%_*?[a]",
  "]] return 1 --[[",
  "KEYS[1] ARGV[1]",
  "{tag}:a|b:c/d\\e",
  "\r\n*1\r\n$4\r\n",
  "\u0001\u0008\t\u001f\u007f\u0085",
  '{"a":[null]}',
  "NULL",
  "0",
  "1e3",
  "true",
  " two  spaces ",
  "__proto__",
  "constructor",
  "toString",
  "🔑👩‍👩‍👧 𝒦",
  "\u2028\u200b\ufeff\uffff",
  "مفتاح キー",
];

/** Different ids, each of which some collation, trimming or normalization takes for the one before it. */
const LOOKALIKES = [
  ["barcelona", "Barcelona", "BARCELONA"],
  ["lisboa", "lisbóa", "lisbo\u0301a"],
  ["porto", "porto ", " porto", "porto\u00a0", "porto\u200b", "porto\t"],
  ["madrid", "ｍａｄｒｉｄ"],
  ["strasse", "straße"],
  ["i", "I", "ı", "İ"],
  ["1", "01", "1.0", "１"],
  ["a_b", "axb", "a%b"],
  ["a\\", "a\\\\"],
  ["ﬁn", "fin"],
  ["0", "0x0", "-0"],
];

const LONG = [
  "a".repeat(256),
  "€".repeat(256),
  "🔑".repeat(128),
  `${"a".repeat(255)}b`,
  "a".repeat(255),
];

/** Inserts one record an id, and looks whether each is found as itself. */
async function expectDistinct(
  ids: readonly string[],
  recordFor: (id: string, n: number) => ApiKeyRecord,
  { store, other }: Parameters<Requirement[2]>[0],
): Promise<void> {
  const records = ids.map(recordFor);
  await insertAll(store, ...records);
  for (const record of records) await expectStored(other, record, record);
  for (const record of records) {
    await other.touch(useOf(record, 5));
    equal("delete", await store.delete(refOf(record)), true);
    await expectStored(other, record, null);
  }
}

const tableOf = (ids: readonly string[]) =>
  accessOf(ids.map((id, i): [string, Level] => [id, i % 2 === 0 ? "read" : "write"]));

/** Data that stores are known to refuse, cut or take for other data. */
export const DATA_CASES: readonly Requirement[] = [
  [
    "data-organizations",
    "organization ids MUST be kept and compared as they are, whatever the characters",
    (handles) =>
      expectDistinct(TEXTS, (organizationId, n) => recordOf(n, { organizationId }), handles),
  ],
  [
    "data-ids",
    "ids MUST be kept and compared as they are, whatever the characters",
    (handles) => expectDistinct(TEXTS, (id, n) => recordOf(n, { id }), handles),
  ],
  [
    "data-organizations-alike",
    "organization ids that only look or sort alike MUST be different organizations",
    (handles) =>
      expectDistinct(
        LOOKALIKES.flat(),
        (organizationId, n) => recordOf(n, { organizationId }),
        handles,
      ),
  ],
  [
    "data-ids-alike",
    "ids that only look or sort alike MUST be different records",
    (handles) => expectDistinct(LOOKALIKES.flat(), (id, n) => recordOf(n, { id }), handles),
  ],
  [
    "data-ids-long",
    "ids of 256 UTF-16 code units MUST be kept and compared whole",
    async (handles) => {
      await expectDistinct(LONG, (id, n) => recordOf(n, { id, organizationId: id }), handles);
    },
  ],
  [
    "data-joined",
    "organization and id MUST be compared each by itself, not joined",
    async ({ store }) => {
      const pairs = [
        ["a", "b:c"],
        ["a:b", "c"],
        ["a", "b"],
        ["a:", "bc"],
      ] as const;
      const records = pairs.map(([organizationId, id], n) => recordOf(n, { organizationId, id }));
      await insertAll(store, ...records);
      for (const record of records) await expectStored(store, record, record);
      const crossed = await store.findById({ organizationId: "a:b", id: "b:c" });
      equal("crossed", crossed.record, null);
    },
  ],
  [
    "data-names",
    "names and hints MUST come back as they are, up to 200 UTF-16 code units",
    async ({ store }) => {
      const names = [...TEXTS, "x".repeat(200), "€".repeat(200), "🔑".repeat(100)];
      for (const [n, name] of names.entries()) {
        const hint = `${"p".repeat(31)}_4eC3…`;
        const record = recordOf(n, { name, hint });
        await insertAll(store, record);
        equal("name", (await store.findById(refOf(record))).record, record);
        const next = { ...record, name: name.length < 200 ? `${name}!` : "!", version: 2 };
        equal("replace", await store.replace(next, record), true);
        equal("name", (await store.findById(refOf(record))).record, next);
      }
    },
  ],
  [
    "data-access-empty",
    "an empty access table MUST come back as an empty one",
    async ({ store }) => {
      const record = recordOf(1, { access: accessOf([]) });
      await insertAll(store, record, recordOf(2));
      await expectStored(store, record, record);
      const emptied = { ...recordOf(2), access: accessOf([]), version: 2 };
      equal("replace", await store.replace(emptied, recordOf(2)), true);
      await expectStored(store, emptied, emptied);
    },
  ],
  [
    "data-access-ids",
    "library ids MUST come back as they are, __proto__ and lookalikes included, as own properties",
    async ({ store }) => {
      const ids = [...TEXTS, ...LOOKALIKES.flat(), ...LONG];
      const record = recordOf(1, { access: tableOf([...new Set(ids)]) });
      await insertAll(store, record);
      await expectStored(store, record, record);
      const { access } = (await store.findByHash(record.hash)).record!;
      equal("__proto__", Object.hasOwn(access, "__proto__"), true);
      equal(
        "not granted",
        [access["valueOf"], access["Porto"]].map(String).includes("write"),
        false,
      );
    },
  ],
  [
    "data-access-large",
    "access tables of 10,000 libraries MUST be kept whole",
    async ({ store }) => {
      const ids = Array.from({ length: 10_000 }, (_, i) => `library-${i}-${"é".repeat(20)}`);
      const record = recordOf(1, { access: tableOf(ids) });
      await insertAll(store, record);
      await expectStored(store, record, record);
      const next = { ...record, access: tableOf(ids.slice(1)), version: 2 };
      equal("replace", await store.replace(next, record), true);
      await expectStored(store, next, next);
    },
  ],
  [
    "data-numbers",
    "times from 0 to 8.64e15 and versions up to 2^53 - 1 MUST come back as the same numbers",
    async ({ store }) => {
      const times = [0, 1, 2 ** 31, 2 ** 32 + 1, 8.64e15 - 1, 8.64e15];
      for (const [n, atMs] of times.entries()) {
        const version = [1, 2 ** 31, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1, 7][n]!;
        const record = recordOf(n, {
          version,
          expiresAtMs: atMs,
          createdAtMs: atMs,
          updatedAtMs: atMs,
          lastUsedAtMs: atMs,
        });
        await insertAll(store, record);
        await expectStored(store, record, record);
        const first = recordOf(n + 100);
        await insertAll(store, first);
        await store.touch(useOf(first, atMs));
        await expectStored(store, first, { ...first, lastUsedAtMs: atMs });
      }
      const large = recordOf(200, { version: 2 ** 53 - 2 });
      await insertAll(store, large);
      const next = { ...large, version: 2 ** 53 - 1 };
      equal("later", await store.replace(next, { ...large, version: 2 ** 53 - 1 }), false);
      equal("replace", await store.replace(next, large), true);
      equal("delete", await store.delete(refOf(large), 2 ** 53 - 2), false);
    },
  ],
  [
    "data-null",
    "null MUST come back as null where there was a number, and a number where there was null",
    async ({ store }) => {
      const record = recordOf(1, { expiresAtMs: 5 });
      await insertAll(store, record);
      const never = { ...record, expiresAtMs: null, version: 2 };
      await store.replace(never, record);
      await expectStored(store, never, never);
      const again = { ...record, expiresAtMs: 0, version: 3 };
      await store.replace(again, never);
      await expectStored(store, again, again);
    },
  ],
];
