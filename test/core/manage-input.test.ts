import { beforeAll, describe, expect, it } from "vitest";
import { everyLibrary, type ApiKeys } from "../../src/index.js";
import { createFixture, errorOf, NOW_MS, verdictOf } from "../support/fixture.js";
import vectors from "../vectors/key.json" with { type: "json" };

const organizationId = "monogram-labs";
const KEY = vectors.valid[4]!.key;
const MB = "a".repeat(1_000_000);

type Call = (apiKeys: ApiKeys, input: never) => unknown;
/** A value for one argument, and how the message begins; null: it is taken. */
type Row = readonly [name: string, input: unknown, error: string | null];

const text = (argument: string, max: number): Row[] => [
  ["one character", "a", null],
  [`${max} characters`, "a".repeat(max), null],
  [`${max + 1} characters`, "a".repeat(max + 1), `RangeError: "${argument}" expected 1 to ${max}`],
  ["1 MB", MB, `RangeError: "${argument}" expected 1 to ${max} characters, got 1000000`],
  ["empty", "", `RangeError: "${argument}"`],
  ["NUL", "a\0b", `RangeError: "${argument}"`],
  ["a line feed", "a\nb", `RangeError: "${argument}"`],
  ["a lone surrogate", "a\ud800b", `RangeError: "${argument}"`],
  ["an astral character", "\u{1f511}", null],
  ["a number", 7, `TypeError: "${argument}" expected a string, got number`],
  ["null", null, `TypeError: "${argument}"`],
  ["an array", ["a"], `TypeError: "${argument}" expected a string, got array`],
  ["an object", { toString: () => "a" }, `TypeError: "${argument}"`],
];

const required = (argument: string): Row => ["undefined", undefined, `TypeError: "${argument}"`];

const optionalText = (argument: string): Row[] => [
  ...text(argument, 200).filter(([name]) => name !== "null"),
  ["null", null, null],
  ["undefined", undefined, null],
];

const expiry: Row[] = [
  ["1 ms from now", NOW_MS + 1, null],
  ["null", null, null],
  ["undefined", undefined, null],
  ["the last moment of time", 8.64e15, null],
  ["after the last moment of time", 8.64e15 + 1, 'RangeError: "expiresAtMs"'],
  ["now", NOW_MS, 'RangeError: "expiresAtMs" expected Unix milliseconds in the future'],
  ["the past", NOW_MS - 1, 'RangeError: "expiresAtMs"'],
  [
    "seconds, of a year from now",
    NOW_MS / 1000 + 31_536_000,
    'RangeError: "expiresAtMs" expected Unix milliseconds',
  ],
  ["30 days", "30 days", 'TypeError: "expiresAtMs" expected a number, got string'],
  ["a date as text", "2030-01-01", 'TypeError: "expiresAtMs"'],
  ["a Date", new Date(NOW_MS + 1), 'TypeError: "expiresAtMs" expected a number, got object'],
  ["NaN", NaN, 'RangeError: "expiresAtMs"'],
  ["Infinity", Infinity, 'RangeError: "expiresAtMs"'],
  ["a fraction", NOW_MS + 1.5, 'RangeError: "expiresAtMs"'],
  ["negative", -1, 'RangeError: "expiresAtMs"'],
  ["a bigint", BigInt(NOW_MS + 1), 'TypeError: "expiresAtMs"'],
  ["false", false, 'TypeError: "expiresAtMs"'],
];

const enabled: Row[] = [
  ["true", true, null],
  ["false", false, null],
  ["undefined", undefined, null],
  ["null", null, 'TypeError: "enabled" expected a boolean, got null'],
  ["text", "false", 'TypeError: "enabled"'],
  ["0", 0, 'TypeError: "enabled"'],
];

const access: Row[] = [
  ["nothing", {}, null],
  ["null", null, 'TypeError: "access"'],
  ["admin", { barcelona: "admin" }, 'RangeError: access["barcelona"] expected "read" or "write"'],
  ["no level", { barcelona: undefined }, 'TypeError: access["barcelona"]'],
  ["its own __proto__", JSON.parse('{"__proto__": "write"}'), null],
  [
    "__proto__ as a prototype",
    { __proto__: { a: "write" } },
    'TypeError: "access" expected a plain object',
  ],
  ["a Map", new Map([["a", "write"]]), 'TypeError: "access" expected a plain object'],
  ["an array", ["barcelona"], 'TypeError: "access" expected an object, got array'],
  ["everyLibrary", everyLibrary("read"), 'TypeError: "access" expected a plain object'],
  ["an id with NUL", { "a\0": "read" }, 'RangeError: "access: library id"'],
  ["an id of 1 MB", { [MB]: "read" }, 'RangeError: "access: library id"'],
  ["a key as an id, at no level", { [KEY]: "admin" }, 'RangeError: access["…"] expected'],
];

const level: Row[] = [
  ["read", "read", null],
  ["admin", "admin", 'RangeError: "level" expected "read" or "write"'],
  ["undefined", undefined, 'TypeError: "level"'],
  ["true", true, 'TypeError: "level"'],
];

const version: Row[] = [
  ["undefined", undefined, null],
  ["0", 0, 'RangeError: "ref.version"'],
  ["1.5", 1.5, 'RangeError: "ref.version"'],
  ["text", "1", 'TypeError: "ref.version"'],
  ["null", null, 'TypeError: "ref.version"'],
  ["NaN", NaN, 'RangeError: "ref.version"'],
];

const first: Row[] = [
  ["1", 1, null],
  ["500", 500, null],
  ["undefined", undefined, null],
  ["0", 0, 'RangeError: "first" expected an integer from 1 to 500'],
  ["-1", -1, 'RangeError: "first"'],
  ["501", 501, 'RangeError: "first"'],
  ["1e9", 1e9, 'RangeError: "first"'],
  ["1.5", 1.5, 'RangeError: "first"'],
  ["NaN", NaN, 'RangeError: "first"'],
  ["Infinity", Infinity, 'RangeError: "first"'],
  ["text", "50", 'TypeError: "first"'],
  ["null", null, 'TypeError: "first"'],
];

const after: Row[] = [
  ["null", null, null],
  ["undefined", undefined, null],
  ["empty", "", 'RangeError: "after" expected the endCursor of a page'],
  ["a key", KEY, 'RangeError: "after"'],
  ["a time alone", "m3xk2w00", 'RangeError: "after"'],
  ["SQL", "0' OR 1=1 --", 'RangeError: "after"'],
  ["a number", 2, 'TypeError: "after"'],
  ["an object", { createdAtMs: 0 }, 'TypeError: "after"'],
];

function object(argument: string, unknown: string): Row[] {
  return [
    ["undefined", undefined, `TypeError: "${argument}" expected an object, got undefined`],
    ["null", null, `TypeError: "${argument}"`],
    ["an array", [], `TypeError: "${argument}"`],
    ["text", "monogram-labs", `TypeError: "${argument}"`],
    [
      `${unknown}, which is unknown`,
      { [unknown]: 1 },
      `TypeError: "${argument}" has no property "${unknown}"`,
    ],
    ["a key for a property", { [KEY]: 1 }, `TypeError: "${argument}" has no property "…"`],
  ];
}

let id = "";
const ref = (values: object) => ({ organizationId, id, ...values });
const one = { organizationId, name: "A" };
const porto = { libraryId: "porto", level: "read" } as const;

const calls: readonly [call: string, Call, Row[]][] = [
  ["create(options)", (a, options) => a.create(options), object("options", "expiresAt")],
  [
    "create organizationId",
    (a, organizationId) => a.create({ ...one, organizationId }),
    [...text("organizationId", 256), required("organizationId")],
  ],
  [
    "create name",
    (a, name) => a.create({ ...one, name }),
    [...text("name", 200), required("name")],
  ],
  [
    "create access",
    (a, access) => a.create({ ...one, access }),
    [...access, ["undefined", undefined, null]],
  ],
  ["create expiresAtMs", (a, expiresAtMs) => a.create({ ...one, expiresAtMs }), expiry],
  ["create enabled", (a, enabled) => a.create({ ...one, enabled }), enabled],
  ["create actor", (a, actor) => a.create({ ...one, actor }), optionalText("actor")],
  [
    "create idempotencyKey",
    (a, idempotencyKey) => a.create({ ...one, idempotencyKey }),
    [...text("idempotencyKey", 256), ["undefined", undefined, null]],
  ],

  ["list(options)", (a, options) => a.list(options), object("options", "limit")],
  [
    "list organizationId",
    (a, organizationId) => a.list({ organizationId }),
    [...text("organizationId", 256), required("organizationId")],
  ],
  ["list first", (a, first) => a.list({ organizationId, first }), first],
  ["list after", (a, after) => a.list({ organizationId, after }), after],

  [
    "get(ref)",
    (a, ref) => a.get(ref),
    [...object("ref", "version"), ["an actor", { actor: "a" }, "TypeError"]],
  ],
  [
    "get ref.organizationId",
    (a, organizationId) => a.get(ref({ organizationId })),
    text("ref.organizationId", 256),
  ],
  ["get ref.id", (a, id) => a.get(ref({ id })), [...text("ref.id", 256), required("ref.id")]],

  ["setAccess(ref)", (a, ref) => a.setAccess(ref, {}), object("ref", "keyId")],
  ["setAccess version", (a, version) => a.setAccess(ref({ version }), {}), version],
  ["setAccess actor", (a, actor) => a.setAccess(ref({ actor }), {}), optionalText("actor")],
  [
    "setAccess access",
    (a, access) => a.setAccess(ref({}), access),
    [...access, required("access")],
  ],

  ["grant(ref)", (a, ref) => a.grant(ref, porto), object("ref", "keyId")],
  ["grant version", (a, version) => a.grant(ref({ version }), porto), version],
  ["grant actor", (a, actor) => a.grant(ref({ actor }), porto), optionalText("actor")],
  ["grant library", (a, library) => a.grant(ref({}), library), object("library", "organizationId")],
  [
    "grant libraryId",
    (a, libraryId) => a.grant(ref({}), { ...porto, libraryId }),
    text("libraryId", 256),
  ],
  ["grant level", (a, level) => a.grant(ref({}), { ...porto, level }), level],

  ["revoke(ref)", (a, ref) => a.revoke(ref, { libraryId: "porto" }), object("ref", "keyId")],
  ["revoke version", (a, version) => a.revoke(ref({ version }), { libraryId: "porto" }), version],
  ["revoke library", (a, library) => a.revoke(ref({}), library), object("library", "level")],
  [
    "revoke libraryId",
    (a, libraryId) => a.revoke(ref({}), { libraryId }),
    [...text("libraryId", 256), required("libraryId")],
  ],

  ["update(ref)", (a, ref) => a.update(ref, {}), object("ref", "keyId")],
  ["update version", (a, version) => a.update(ref({ version }), {}), version],
  ["update changes", (a, changes) => a.update(ref({}), changes), object("changes", "expiresAt")],
  [
    "update name",
    (a, name) => a.update(ref({}), { name }),
    [...text("name", 200), ["undefined", undefined, null]],
  ],
  ["update expiresAtMs", (a, expiresAtMs) => a.update(ref({}), { expiresAtMs }), expiry],
  ["update enabled", (a, enabled) => a.update(ref({}), { enabled }), enabled],
  [
    "update access",
    (a, access) => a.update(ref({}), { access }),
    [...access, ["undefined", undefined, null]],
  ],
  [
    "update, which takes all or nothing",
    (a, name) => a.update(ref({}), { access: { porto: "read" }, name }),
    text("name", 200),
  ],

  ["regenerate(ref)", (a, ref) => a.regenerate(ref), object("ref", "keyId")],
  ["regenerate ref.id", (a, id) => a.regenerate(ref({ id })), [required("ref.id")]],
  ["regenerate version", (a, version) => a.regenerate(ref({ version })), version],
  ["regenerate actor", (a, actor) => a.regenerate(ref({ actor })), optionalText("actor")],

  ["delete(ref)", (a, ref) => a.delete(ref), object("ref", "keyId")],
  ["delete ref.id", (a, id) => a.delete(ref({ id })), [required("ref.id")]],
  ["delete version", (a, version) => a.delete(ref({ version })), version],
  ["delete actor", (a, actor) => a.delete(ref({ actor })), optionalText("actor")],
];

describe.each(calls)("%s", (_, call, rows) => {
  let fixture: ReturnType<typeof createFixture>;

  beforeAll(async () => {
    fixture = createFixture();
    id = (await fixture.apiKeys.create(one)).apiKey.id;
  });

  it.each(rows)("%s", async (_, input, expected) => {
    const { apiKeys, store } = fixture;
    const before = store.list(organizationId, 1000, null);
    if (expected === null) {
      const verdict = await verdictOf(() => call(apiKeys, input as never));
      return expect(["ok", "NOT_FOUND"]).toContain(verdict); // taken: what it names need not be there
    }
    const error = await errorOf(() => call(apiKeys, input as never));
    expect(`${error.name}: ${error.message}`.slice(0, expected.length)).toBe(expected);
    expect(error.message.length).toBeLessThan(200);
    expect(error.message).not.toContain(KEY);
    expect(store.list(organizationId, 1000, null)).toEqual(before);
  });
});

describe("a clock that answers", () => {
  it.each([
    ["NaN", NaN],
    ["a fraction", 1.5],
    ["a negative time", -1],
    ["text", "now"],
    ["a Date", new Date()],
  ])("%s stops every write", async (_, nowMs) => {
    const { apiKeys, clock, store } = createFixture();
    const { apiKey } = await apiKeys.create(one);
    const ref = { organizationId, id: apiKey.id };
    clock.nowMs = nowMs as number;
    const calls = [
      () => apiKeys.create(one),
      () => apiKeys.update(ref, { name: "B" }),
      () => apiKeys.update(ref, { expiresAtMs: NOW_MS + 1 }),
      () => apiKeys.setAccess(ref, { porto: "read" }),
      () => apiKeys.regenerate(ref),
    ];
    for (const call of calls) {
      expect((await errorOf(call)).message).toMatch(/^"now\(\)" expected /);
    }
    expect(store.list(organizationId, 10, null)).toEqual([expect.objectContaining(apiKey)]);
  });
});
