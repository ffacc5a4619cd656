import { expect, it } from "vitest";
import { createClient, TIMEOUT_MS, type SettingsFetcher } from "../../src/settings/client.js";

/** Answers pages of libraries whose cursors lead to one another. */
function pagesOf(next: Readonly<Record<string, string | null>>): {
  readonly asked: (string | null)[];
  readonly fetcher: SettingsFetcher;
} {
  const asked: (string | null)[] = [];
  return {
    asked,
    async fetcher(_url, { body }) {
      const { after } = JSON.parse(body as string).variables as { after: string | null };
      asked.push(after);
      const page = { nodes: [{ id: after ?? "", name: "" }], endCursor: next[after ?? ""] };
      return Response.json({ data: { page } });
    },
  };
}

it.each<[string, Readonly<Record<string, string | null>>, readonly (string | null)[]]>([
  ["once, page by page", { "": "a", a: "b", b: null }, [null, "a", "b"]],
  ["once from a server that goes round in circles", { "": "a", a: "b", b: "a" }, [null, "a", "b"]],
  ["once from a server that stays where it is", { "": "a", a: "a" }, [null, "a"]],
])("asks for libraries %s", async (_, next, expected) => {
  const { asked, fetcher } = pagesOf(next);
  const answer = await createClient("/graphql", "monogram-labs", fetcher).libraries();
  expect(answer).toMatchObject({ type: "loaded", nodes: expected.map((id) => ({ id: id ?? "" })) });
  expect(asked).toEqual(expected);
});

it("waits longer than the longest lease, with which the one answer that has a key comes", () => {
  expect(TIMEOUT_MS).toBeGreaterThan(30_000 * 1.05 + 50 + 20_000);
});
