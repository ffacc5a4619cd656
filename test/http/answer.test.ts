import { describe, expect, it } from "vitest";
import { answerTo, type RequestFailure } from "../../src/http/index.js";
import { ANSWERS } from "./fixtures.js";

describe("answerTo", () => {
  it.each(Object.entries(ANSWERS))("%s", (reason, answer) => {
    expect(answerTo(reason as RequestFailure)).toStrictEqual(answer);
  });

  it("answers one and the same object for every bad key", () => {
    const answer = answerTo("malformed");
    for (const reason of ["unknown", "disabled", "expired"] as const) {
      expect(answerTo(reason)).toBe(answer);
    }
  });

  it.each(Object.keys(ANSWERS))("%s: cannot be changed by one server for all others", (reason) => {
    const answer = answerTo(reason as RequestFailure);
    expect(Object.isFrozen(answer)).toBe(true);
    expect(Object.isFrozen(answer.headers)).toBe(true);
  });

  it.each([
    ...["ok", "", "constructor", "__proto__", "toString", "INSECURE", "missing "],
    ...[undefined, null, true, 200, {}, ["missing"], Symbol("missing")],
  ])("%s, which is no reason, opens nothing", (reason) => {
    expect(answerTo(reason as RequestFailure)).toStrictEqual(ANSWERS.unavailable);
  });

  it("redirects nobody", () => {
    for (const reason of Object.keys(ANSWERS)) {
      const { status, headers } = answerTo(reason as RequestFailure);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(Object.keys(headers)).not.toContain("location");
    }
  });

  it("challenges with every 401", () => {
    for (const reason of Object.keys(ANSWERS)) {
      const { status, headers } = answerTo(reason as RequestFailure);
      if (status === 401) expect(headers["www-authenticate"]).toMatch(/^Bearer( error="\w+")?$/);
    }
  });
});
