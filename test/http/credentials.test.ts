import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { readBearer } from "../../src/http/credentials.js";
import { createBench, ROWS, type Bench } from "./fixtures.js";

describe("readBearer", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
  });

  it.each(ROWS)("$name", ({ lines, verdict }) => {
    const credentials = readBearer(lines(bench.keys).flatMap((line) => ["authorization", line]));
    const reason = credentials.ok ? null : credentials.reason;
    expect(reason).toBe(verdict === "missing" || verdict === "ambiguous" ? verdict : null);
  });

  it("answers what follows the spaces as it is", () => {
    const token = (value: string) => readBearer({ authorization: value });
    expect(token("Bearer x")).toStrictEqual({ ok: true, token: "x" });
    expect(token("bEaReR   x y ")).toStrictEqual({ ok: true, token: "x y " });
    expect(token("Bearer \tx")).toStrictEqual({ ok: true, token: "\tx" });
    expect(token("Bearer \u00a0x")).toStrictEqual({ ok: true, token: "\u00a0x" });
    expect(token("Bearer ")).toStrictEqual({ ok: true, token: "" });
    expect(token("Bearer   ")).toStrictEqual({ ok: true, token: "" });
  });

  it("does not trim what a server should have trimmed", () => {
    expect(readBearer({ authorization: " Bearer x" })).toMatchObject({ reason: "missing" });
    expect(readBearer({ authorization: "\nBearer x" })).toMatchObject({ reason: "missing" });
    expect(readBearer({ authorization: "X\r\nBearer x" })).toMatchObject({ reason: "missing" });
  });

  it("ignores headers that only sound like it", () => {
    for (const name of ["proxy-authorization", "x-api-key", "api-key", "cookie", "authorisation"]) {
      expect(readBearer({ [name]: `Bearer ${bench.keys.good}` })).toMatchObject({
        reason: "missing",
      });
    }
  });

  it("answers nothing that a listener could change for everyone", () => {
    expect(Object.isFrozen(readBearer({}))).toBe(true);
    expect(Object.isFrozen(readBearer(["authorization", "a", "authorization", "b"]))).toBe(true);
  });

  // An obviously right reading of the grammar: `1*SP`, then anything without a comma.
  const oracle = (line: string) => /^bearer\x20+([^, ][^,]*)?$/is.exec(line);

  it("agrees with the grammar on any line", () => {
    const piece = fc.constantFrom(
      "Bearer",
      "bearer",
      "Basic",
      " ",
      "  ",
      "\t",
      ",",
      "pk_x",
      "=",
      '"',
      "\n",
      "é",
    );
    const line = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(line, (value) => {
        const credentials = readBearer({ authorization: value });
        const match = oracle(value);
        expect(credentials.ok).toBe(match !== null);
        if (credentials.ok) expect(credentials.token).toBe(match![1] ?? "");
      }),
      { numRuns: 2000 },
    );
  });

  it("agrees with itself on the three shapes of one line", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~](?:[ -~]{0,60}[!-~])?$/), (value) => {
        const raw = readBearer(["Authorization", value]);
        expect(readBearer({ authorization: value })).toStrictEqual(raw);
        expect(readBearer(new Headers({ authorization: value }))).toStrictEqual(raw);
      }),
    );
  });
});
