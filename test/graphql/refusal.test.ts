/** Events that are skipped, and what is not mistaken for one. */
import { GraphQLError } from "graphql";
import { expect, it } from "vitest";
import { isSkipped, skipEvent } from "../../src/graphql/refusal.js";

it("a result is skipped for the error of a skipped event only, wrapped or not", () => {
  const skipped = skipEvent("Subscription.added");
  const wrapped = new GraphQLError("at its place", { originalError: skipped });
  const alike = new GraphQLError(skipped.message, { extensions: { code: "UNAUTHORIZED" } });
  expect(isSkipped({ errors: [skipped] })).toBe(true);
  expect(isSkipped({ errors: [alike, wrapped] })).toBe(true);
  expect(isSkipped({ errors: [alike] })).toBe(false);
  expect(isSkipped({})).toBe(false);
});
