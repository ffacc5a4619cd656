/** What the first Apollo Server that is supported cannot do yet, and later ones can: not run on that one (test/peers). */
import { expect, it } from "vitest";
import { createGuardedApollo } from "./apollo-server.js";
import { VIEWER } from "./cases/documents.js";
import { withSubject } from "./subject.js";

it("answers nothing in parts: the first one, and that there are no others", () => {
  const subsequentResults = { next: () => new Promise(() => {}) };
  const initialResult = { data: { viewer: "x" }, hasNext: true };
  const legacyExperimentalExecuteIncrementally = async () => ({
    initialResult,
    subsequentResults,
  });
  const settings = {
    legacyExperimentalExecuteIncrementally: legacyExperimentalExecuteIncrementally as never,
  };
  return withSubject(
    async (parts) => (await createGuardedApollo(parts, settings)).app,
    async ({ key, send }) => {
      const headers = { accept: "multipart/mixed; deferSpec=20220824, application/json" };
      const answer = await send({ key, query: VIEWER, headers });
      expect(answer.body.data).toEqual({ viewer: "x" });
      expect(answer.body.errors[0].message).toMatch(/nothing in parts/);
    },
  );
});
