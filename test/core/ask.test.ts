import { describe, expect, it } from "vitest";
import { checkAccess, everyLibrary, type AccessTable } from "../../src/core/access.js";
import { ask, askWrite, freezeRecord, isRecord, unavailable } from "../../src/core/ask.js";
import { ApiKeyError, type ApiKeyErrorCode } from "../../src/core/errors.js";
import { errorOf, recordOf } from "../support/fixture.js";

const down = new Error("down");
const codes: readonly ApiKeyErrorCode[] = ["UNAUTHORIZED", "CONFLICT", "NOT_FOUND"];

describe("unavailable", () => {
  it.each([[down], ["down"], [undefined], [null]])("wraps what a store threw: %s", (cause) => {
    expect(unavailable(cause)).toMatchObject({ code: "UNAVAILABLE", cause });
  });

  it("keeps an outage that is one already, of whichever copy of this package", () => {
    const own = new ApiKeyError("UNAVAILABLE", "No answer.");
    const other = Object.assign(new Error("No answer."), {
      name: "ApiKeyError",
      code: "UNAVAILABLE",
    });
    expect([unavailable(own), unavailable(other)]).toEqual([own, other]);
    expect([unavailable(own) === own, unavailable(other) === (other as never)]).toEqual([
      true,
      true,
    ]);
  });

  it.each(codes)("a store's own %s is an outage", (code) => {
    const cause = new ApiKeyError(code, "The store's.");
    expect(unavailable(cause)).toMatchObject({ code: "UNAVAILABLE", cause });
  });
});

describe("ask and askWrite", () => {
  it("pass the answer on", async () => {
    expect(await ask(() => 1)).toBe(1);
    expect(await ask(async () => undefined)).toBeUndefined();
    expect([await askWrite(() => true), await askWrite(async () => false)]).toEqual([true, false]);
  });

  it.each([
    ["throws", () => JSON.parse("{") as never],
    ["rejects", async () => Promise.reject(down)],
  ])("what %s is an outage", async (_, question) => {
    expect(await errorOf(() => ask(question))).toMatchObject({ code: "UNAVAILABLE" });
    expect(await errorOf(() => askWrite(question))).toMatchObject({ code: "UNAVAILABLE" });
  });

  it.each([[undefined], [null], [1], [0], ["OK"], [{}], [[true]]])(
    "a write that is answered by %j is an outage",
    async (answer) => {
      const error = await errorOf(() => askWrite(() => answer as never));
      expect(error).toMatchObject({ code: "UNAVAILABLE", cause: expect.any(TypeError) });
    },
  );
});

describe("isRecord", () => {
  it.each<[string, unknown, boolean]>([
    ["a record", recordOf(), true],
    ["an empty table", recordOf({ access: {} }), true],
    ["disabled", recordOf({ enabled: false }), true],
    ["an expiry", recordOf({ expiresAtMs: 0 }), true],
    ["null", null, false],
    ["undefined", undefined, false],
    ["text", "a record", false],
    ["an array", [], false],
    ["an empty object", {}, false],
    ...broken("id", undefined, null, 1),
    ...broken("organizationId", undefined, null, "", 1, ["monogram-labs"]),
    ...broken(
      "access",
      undefined,
      null,
      "{}",
      true,
      everyLibrary("read"),
      Object.create(everyLibrary("write")),
    ),
    ...broken("enabled", undefined, null, 1, "true"),
    ...broken("version", undefined, null, "1", NaN, 1.5, 1n),
    ...broken("expiresAtMs", undefined, "2030-01-01", NaN, Infinity, 1n, new Date(), 0.5),
  ])("%s: %#", (_, value, verdict) => {
    expect(isRecord(value as never)).toBe(verdict);
  });

  function broken(field: string, ...values: unknown[]): [string, unknown, boolean][] {
    return values.map((value) => [
      `${field} ${typeof value}`,
      { ...recordOf(), [field]: value },
      false,
    ]);
  }
});

describe("freezeRecord", () => {
  const sound = recordOf({ access: checkAccess("access", { barcelona: "write" }) });

  it("copies all that a record has, for good", () => {
    const frozen = freezeRecord(sound, 5);
    expect({ ...frozen }).toEqual({ ...sound, lastUsedAtMs: 5 });
    expect(Object.isFrozen(frozen)).toBe(true);
    expect(isRecord(frozen)).toBe(true);
  });

  it("makes no record of what is none", () => {
    const frozen = freezeRecord({ ...sound, organizationId: "" }, null);
    expect([isRecord(frozen), isRecord(freezeRecord({} as never, null))]).toEqual([false, false]);
  });

  it("lends its soundness to nothing else", () => {
    const frozen = freezeRecord(sound, null);
    const others = [{ ...frozen, id: 1 }, Object.create(frozen, { id: { value: 1 } })];
    expect(others.map((other) => isRecord(other as never))).toEqual([false, false]);
  });

  it.each<[string, () => { access: object; spoil: (every: object) => void }]>([
    [
      "a table that was not frozen",
      () => {
        const access = Object.create(null) as object;
        return { access, spoil: (every) => Object.assign(access, every) };
      },
    ],
    [
      "a table with a prototype",
      () => {
        const prototype = {};
        const access = Object.freeze(Object.create(prototype) as object);
        return { access, spoil: (every) => Object.assign(prototype, every) };
      },
    ],
  ])("does not trust %s", (_, make) => {
    const { access, spoil } = make();
    const frozen = freezeRecord(recordOf({ access: access as AccessTable }), null);
    expect(isRecord(frozen)).toBe(true);
    spoil(everyLibrary("write"));
    expect(isRecord(frozen)).toBe(false);
  });
});
