import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PNG, PRINTED, SPEC_QUERY, startRaster } from "./client.js";

let raster: Awaited<ReturnType<typeof startRaster>>;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(() => raster.reset());
afterAll(() => raster.stop());

describe("transport", () => {
  const ORIGIN = "https://shop.example";

  it("answers a preflight without a key", async () => {
    const { status, headers } = await raster.send({
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,authorization,apollo-require-preflight",
      },
    });
    expect(status).toBe(204);
    expect(["*", ORIGIN]).toContain(headers["access-control-allow-origin"]);
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
    const list = (name: string) => String(headers[name]).toLowerCase().split(/, */);
    expect(list("access-control-allow-methods")).toContain("post");
    expect(list("access-control-allow-headers").sort()).toEqual([
      "apollo-require-preflight",
      "authorization",
      "content-type",
    ]);
  });

  it("lets other origins read answers and refusals", async () => {
    const { key } = await raster.createKey(PRINTED);
    const headers = { origin: ORIGIN, accept: "application/graphql-response+json" };
    const porto = '{ assets(organizationId: "monogram-labs", libraryId: "porto") { id } }';
    const answers = [
      await raster.send({ key, headers, query: SPEC_QUERY }),
      await raster.send({ headers, query: SPEC_QUERY }),
      await raster.send({ key, headers, query: porto }),
      await raster.send({ key, headers, query: "{ nothing }" }),
      await raster.sendPlain({ key, headers, query: SPEC_QUERY }),
      await raster.upload({ headers, libraryId: "barcelona" }, [PNG]),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 403, 400, 403, 401]);
    for (const answer of answers) {
      expect(["*", ORIGIN]).toContain(answer.headers["access-control-allow-origin"]);
    }
  });

  it("takes variables that the document does not declare", async () => {
    const { key } = await raster.createKey(PRINTED);
    const variables = { organizationId: "acme-co", libraryId: "porto", extra: { deep: [1] } };
    const { body } = await raster.send({ key, query: SPEC_QUERY, variables });
    expect(body!.data.libraries).toHaveLength(2);
  });

  it("takes variables of the types that existing clients declare", async () => {
    const { key } = await raster.createKey(PRINTED);
    const query = `query ($organizationId: String!, $id: ID!, $libraryId: ID!, $tags: [String!], $pageSize: Int) {
      libraries(organizationId: $organizationId) { id }
      assets(organizationId: $id, libraryId: $libraryId, tags: $tags, pageSize: $pageSize) { id }
    }`;
    const variables = {
      organizationId: "monogram-labs",
      id: "monogram-labs",
      libraryId: "lisbon",
      tags: [],
    };
    const { body } = await raster.send({ key, query, variables });
    expect([body!.data.libraries.length, body!.data.assets.length]).toEqual([2, 2]);
  });

  it("refuses GraphQL that is not valid, and bodies that are not JSON", async () => {
    const { key } = await raster.createKey(PRINTED);
    const headers = { accept: "application/graphql-response+json" };
    for (const sent of [
      { query: "{ nothing }" },
      { query: "{" },
      { body: "{" },
      { body: '"text"' },
    ]) {
      const answer = await raster.send({ key, headers, ...sent });
      expect(answer.status).toBe(400);
      expect(answer.body).not.toHaveProperty("data");
    }
  });

  it("never shows a key", async () => {
    const { key } = await raster.createKey(PRINTED);
    const query = `query ($n: Int!) { libraries(organizationId: "monogram-labs", page: $n) { id } }`;
    const answers = [
      await raster.send({ key, query, variables: { n: key } }),
      await raster.send({ key, query: `{ ${key} }` }),
      await raster.send({ key, query: `"${key}" {` }),
      await raster.send({ key, body: `{ "${key}` }),
    ];
    for (const { text } of answers) expect(text).not.toContain(key.slice(7));
  });
});
