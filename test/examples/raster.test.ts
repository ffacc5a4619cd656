import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccessTable } from "graphql-api-keys";
import {
  headOf,
  HEAD_OF_MULTIPART,
  receive,
  startRaster,
  type Answer,
  type Sent,
} from "./raster-client.js";

const SPEC_QUERY = 'query { libraries(organizationId: "monogram-labs") { id name } }';
const PRINTED: AccessTable = { barcelona: "write", lisbon: "read" };
const PNG = { name: "cat.png", type: "image/png", content: "not really a picture" };

let raster: Awaited<ReturnType<typeof startRaster>>;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(() => raster.reset());
afterAll(() => raster.stop());

/** No data, one code, and the status. */
function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(answer.body, answer.text).toBeDefined();
  expect(answer.body).not.toHaveProperty("data");
  const codes = new Set(answer.body!.errors!.map((error) => error.extensions?.code));
  expect([answer.status, [...codes]]).toEqual([status, [code]]);
}

async function assetIds(libraryId: string, organizationId = "monogram-labs"): Promise<string[]> {
  const { key } = await raster.createKey({ [libraryId]: "read" }, organizationId);
  const query = `{ assets(organizationId: "${organizationId}", libraryId: "${libraryId}") { id } }`;
  const { body } = await raster.send({ key, query });
  return body!.data.assets.map((asset: { id: string }) => asset.id);
}

describe("the spec's own request", () => {
  it("answers the libraries that the key reaches, and only those", async () => {
    const { key } = await raster.createKey(PRINTED);
    const { status, body } = await raster.send({ key, query: SPEC_QUERY });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        libraries: [
          { id: "barcelona", name: "Barcelona" },
          { id: "lisbon", name: "Lisbon" },
        ],
      },
    });
  });

  it("takes the scheme in any case and several spaces", async () => {
    const { key } = await raster.createKey(PRINTED);
    const headers = { authorization: `bEARER   ${key}` };
    expect((await raster.send({ query: SPEC_QUERY, headers })).status).toBe(200);
  });

  it("takes a key without access to anything, which reaches nothing", async () => {
    const { key } = await raster.createKey({});
    const { body } = await raster.send({ key, query: SPEC_QUERY });
    expect(body).toEqual({ data: { libraries: [] } });
  });
});

describe("authentication required", () => {
  const INVALID = 'Bearer error="invalid_token"';
  const AMBIGUOUS = 'Bearer error="invalid_request"';
  const rows: [
    name: string,
    sent: (key: string) => Promise<Sent> | Sent,
    status: number,
    challenge: string,
  ][] = [
    ["no header", () => ({}), 401, "Bearer"],
    ["another scheme", (key) => ({ headers: { authorization: `Basic ${key}` } }), 401, "Bearer"],
    ["a key without a scheme", (key) => ({ headers: { authorization: key } }), 401, "Bearer"],
    [
      "a key in the address",
      (key) => ({ path: `/?key=${key}&authorization=Bearer%20${key}` }),
      401,
      "Bearer",
    ],
    ["an empty key", () => ({ headers: { authorization: "Bearer " } }), 401, "Bearer"],
    ["a malformed key", () => ({ key: "pk_short" }), 401, INVALID],
    ["the spec's sample key", () => ({ key: "pk_4eC39HqLH3U46nipzJ6ixhzdp7dc42Sf" }), 401, INVALID],
    ["a key with a typing mistake", (key) => ({ key: mistype(key) }), 401, INVALID],
    ["an unknown key", async () => ({ key: await createAndDelete() }), 401, INVALID],
    [
      "several headers",
      (key) => ({ headers: { authorization: [`Bearer ${key}`, `Bearer ${key}`] } }),
      400,
      AMBIGUOUS,
    ],
    [
      "several headers in one",
      (key) => ({ headers: { authorization: `Bearer ${key}, Bearer ${key}` } }),
      400,
      AMBIGUOUS,
    ],
  ];

  it.each(rows)("refuses %s", async (_, sent, status, challenge) => {
    const { key } = await raster.createKey(PRINTED);
    const answer = await raster.send({ query: SPEC_QUERY, ...(await sent(key)) });
    expectRefusal(answer, status, "UNAUTHENTICATED");
    expect(answer.headers["www-authenticate"]).toBe(challenge);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.text).not.toContain(key);
  });

  it("refuses a deleted key", async () => {
    const { key, apiKey } = await raster.createKey(PRINTED);
    expect((await raster.send({ key, query: SPEC_QUERY })).status).toBe(200);
    await raster.apiKeys.delete({ organizationId: "monogram-labs", id: apiKey.id });
    const answer = await raster.send({ key, query: SPEC_QUERY });
    expectRefusal(answer, 401, "UNAUTHENTICATED");
    expect(answer.headers["www-authenticate"]).toBe(INVALID);
  });

  it("refuses a regenerated key's old value and takes the new one", async () => {
    const { key, apiKey } = await raster.createKey(PRINTED);
    const again = await raster.apiKeys.regenerate({
      organizationId: "monogram-labs",
      id: apiKey.id,
    });
    const answer = await raster.send({ key, query: SPEC_QUERY });
    expectRefusal(answer, 401, "UNAUTHENTICATED");
    expect(answer.headers["www-authenticate"]).toBe(INVALID);
    expect((await raster.send({ key: again.key, query: SPEC_QUERY })).status).toBe(200);
  });

  it("refuses a disabled key and takes it again when it is enabled", async () => {
    const { key, apiKey } = await raster.createKey(PRINTED);
    const ref = { organizationId: "monogram-labs", id: apiKey.id };
    await raster.apiKeys.update(ref, { enabled: false });
    expectRefusal(await raster.send({ key, query: SPEC_QUERY }), 401, "UNAUTHENTICATED");
    await raster.apiKeys.update(ref, { enabled: true });
    expect((await raster.send({ key, query: SPEC_QUERY })).status).toBe(200);
  });

  it("tells a stranger nothing of the schema", async () => {
    for (const query of [
      "{ nothing }",
      "{{{",
      "{ __schema { types { name } } }",
      "{ viewer { plan } }",
    ]) {
      const answer = await raster.send({ key: "pk_short", query });
      expectRefusal(answer, 401, "UNAUTHENTICATED");
      expect(answer.text).toBe((await raster.send({ key: "pk_other", query: SPEC_QUERY })).text);
    }
  });

  it("refuses a request whose body ends after its key was deleted", async () => {
    const { key, apiKey } = await raster.createKey(PRINTED);
    const body = JSON.stringify({ query: SPEC_QUERY });
    const answers = [];
    for (const deleteKey of [false, true]) {
      const socket = await raster.connect();
      const answer = receive(socket, (text) => text.includes("\r\n\r\n"));
      socket.write(
        headOf({
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "content-length": String(body.length),
        }),
      );
      socket.write(body.slice(0, 10));
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (deleteKey)
        await raster.apiKeys.delete({ organizationId: "monogram-labs", id: apiKey.id });
      socket.write(body.slice(10));
      answers.push(statusOf(await answer));
      socket.destroy();
    }
    expect(answers).toEqual([200, 401]);
  });

  it("refuses a multipart request of a stranger before its body", async () => {
    const unknown = await createAndDelete();
    const keys = [{}, { authorization: "Bearer pk_short" }, { authorization: `Bearer ${unknown}` }];
    for (const authorization of keys) {
      const socket = await raster.connect();
      const answer = receive(socket, (text) => text.includes("UNAUTHENTICATED"));
      socket.write(headOf({ ...HEAD_OF_MULTIPART, ...authorization }));
      expect(statusOf(await answer)).toBe(401);
      socket.destroy();
    }
  });

  it("gives every client of a refused upload the answer, also one that sends it all first", async () => {
    const content = "x".repeat(2_000_000);
    const answer = await raster.upload({ key: "pk_short", libraryId: "barcelona" }, [
      { ...PNG, content },
    ]);
    expectRefusal(answer, 401, "UNAUTHENTICATED");
  });

  function mistype(key: string): string {
    const last = key.at(-1) === "0" ? "1" : "0";
    return key.slice(0, -1) + last;
  }

  /** A key that was right once. Nothing tells it from one that never was. */
  async function createAndDelete(): Promise<string> {
    const { key, apiKey } = await raster.createKey(PRINTED);
    await raster.apiKeys.delete({ organizationId: "monogram-labs", id: apiKey.id });
    return key;
  }
});

describe("HTTPS only", () => {
  it("refuses plain HTTP, with a good key, a bad one and none, without a redirect", async () => {
    const { key } = await raster.createKey(PRINTED);
    const texts = new Set<string>();
    for (const sent of [{ key }, { key: "pk_short" }, {}]) {
      const answer = await raster.sendPlain({ query: SPEC_QUERY, ...sent });
      expectRefusal(answer, 403, "HTTPS_REQUIRED");
      expect(answer.headers).not.toHaveProperty("location");
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
  });

  it("does not believe a client that says it came over HTTPS", async () => {
    const { key } = await raster.createKey(PRINTED);
    const headers = { "x-forwarded-proto": "https", forwarded: "proto=https" };
    const answer = await raster.sendPlain({ key, query: SPEC_QUERY, headers });
    expectRefusal(answer, 403, "HTTPS_REQUIRED");
  });

  it("serves pictures over HTTPS only", async () => {
    const { key } = await raster.createKey(PRINTED);
    const query = '{ assets(organizationId: "monogram-labs", libraryId: "barcelona") { url } }';
    const { body } = await raster.send({ key, query });
    const path = new URL(body!.data.assets[0].url).pathname;
    expect((await raster.send({ method: "GET", path })).status).toBe(200);
    expect((await raster.sendPlain({ method: "GET", path })).status).toBe(403);
  });
});

describe("scope", () => {
  const inMonogram = 'organizationId: "monogram-labs"';
  const inAcme = 'organizationId: "acme-co"';
  const barcelona = `${inMonogram}, libraryId: "barcelona"`;
  const lisbon = `${inMonogram}, libraryId: "lisbon"`;
  const porto = `${inMonogram}, libraryId: "porto"`;
  const ids = (...list: string[]) => JSON.stringify(list);
  const deny = "UNAUTHORIZED";

  // rule, document, what the printed key (Write on barcelona, Read on lisbon) gets: data, or the code of a refusal.
  const rows: [rule: string, query: string, verdict: object | typeof deny][] = [
    [
      "viewer: any key",
      "{ viewer { organizationId organizationName plan libraries { library access } } }",
      {
        viewer: {
          organizationId: "monogram-labs",
          organizationName: "Monogram Labs",
          plan: "team",
          libraries: [
            { library: "barcelona", access: "write" },
            { library: "lisbon", access: "read" },
          ],
        },
      },
    ],
    [
      "libraries: the reachable ones",
      `{ libraries(${inMonogram}) { id assetsCount photosCount trashCount } }`,
      {
        libraries: [
          { id: "barcelona", assetsCount: 3, photosCount: 3, trashCount: 0 },
          { id: "lisbon", assetsCount: 2, photosCount: 2, trashCount: 0 },
        ],
      },
    ],
    ["libraries: another organization", `{ libraries(${inAcme}) { id } }`, deny],
    ["libraries: an unknown organization", '{ libraries(organizationId: "nobody") { id } }', deny],
    [
      "libraries: pages of the reachable ones",
      `{ first: libraries(${inMonogram}, page: 1, pageSize: 1) { id }
         second: libraries(${inMonogram}, page: 2, pageSize: 1) { id }
         third: libraries(${inMonogram}, page: 3, pageSize: 1) { id } }`,
      { first: [{ id: "barcelona" }], second: [{ id: "lisbon" }], third: [] },
    ],
    [
      "assets: write includes read",
      `{ assets(${barcelona}) { id } }`,
      { assets: [{ id: "sagrada-familia" }, { id: "casa-batllo" }, { id: "barceloneta" }] },
    ],
    [
      "assets: read",
      `{ assets(${lisbon}) { id } }`,
      { assets: [{ id: "belem-tower" }, { id: "tram-28" }] },
    ],
    ["assets: a library out of reach", `{ assets(${porto}) { id } }`, deny],
    ["assets: an unknown library", `{ assets(${inMonogram}, libraryId: "nowhere") { id } }`, deny],
    [
      "assets: the same slug of another organization",
      `{ assets(${inAcme}, libraryId: "barcelona") { id } }`,
      deny,
    ],
    [
      "assets: one of two fields out of reach",
      `{ a: assets(${lisbon}) { id } b: assets(${porto}) { id } }`,
      deny,
    ],
    [
      "assets: a null library",
      `query ($id: ID!) { assets(${inMonogram}, libraryId: $id) { id } }`,
      deny,
    ],
    ["asset", `{ asset(${lisbon}, assetId: "tram-28") { name } }`, { asset: { name: "Tram 28" } }],
    ["asset: missing", `{ asset(${lisbon}, assetId: "nothing") { name } }`, { asset: null }],
    [
      "asset: in another library",
      `{ asset(${lisbon}, assetId: "casa-batllo") { name } }`,
      { asset: null },
    ],
    [
      "asset: of another organization",
      `{ asset(${barcelona}, assetId: "kitchen") { name } }`,
      { asset: null },
    ],
    ["asset: in a library out of reach", `{ asset(${porto}, assetId: "tram-28") { name } }`, deny],
    [
      "tags",
      `{ tags(${barcelona}, limit: 1) { id count type } }`,
      { tags: [{ id: "gaudi", count: 2, type: "manual" }] },
    ],
    ["tags: a library out of reach", `{ tags(${porto}) { id } }`, deny],
    [
      "searchAssets: everything within reach, counted",
      `{ searchAssets(${inMonogram}, q: "a picture", pageSize: 2) { found page hits { libraryId } } }`,
      {
        searchAssets: {
          found: 5,
          page: 1,
          hits: [{ libraryId: "barcelona" }, { libraryId: "barcelona" }],
        },
      },
    ],
    [
      "searchAssets: named libraries",
      `{ searchAssets(${inMonogram}, q: "tram", libraries: ["lisbon"]) { found hits { id } } }`,
      { searchAssets: { found: 1, hits: [{ id: "tram-28" }] } },
    ],
    [
      "searchAssets: one library out of reach",
      `{ searchAssets(${inMonogram}, q: "tram", libraries: ["lisbon", "porto"]) { found } }`,
      deny,
    ],
    [
      "searchAssets: another organization",
      `{ searchAssets(${inAcme}, q: "door") { found } }`,
      deny,
    ],
    ["photos", `{ photos(${lisbon}) { id name metadata } }`, photosOfLisbon()],
    ["photos: a library out of reach", `{ photos(${porto}) { id } }`, deny],
    [
      "tagAssets",
      `mutation { tagAssets(${barcelona}, assetIds: ["barceloneta"], tags: ["sea"]) { taggedCount } }`,
      { tagAssets: { taggedCount: 1 } },
    ],
    [
      "tagAssets: with Read",
      `mutation { tagAssets(${lisbon}, assetIds: ["tram-28"], tags: ["x"]) { taggedCount } }`,
      deny,
    ],
    [
      "untagAssets",
      `mutation { untagAssets(${barcelona}, assetIds: ["barceloneta"], tags: ["beach"]) { untaggedCount } }`,
      { untagAssets: { untaggedCount: 1 } },
    ],
    [
      "untagAssets: with Read",
      `mutation { untagAssets(${lisbon}, assetIds: ["tram-28"], tags: ["tram"]) { untaggedCount } }`,
      deny,
    ],
    [
      "deleteAssets",
      `mutation { deleteAssets(${barcelona}, assets: ["casa-batllo"]) { success ids } }`,
      { deleteAssets: { success: true, ids: ["casa-batllo"] } },
    ],
    [
      "deleteAssets: with Read",
      `mutation { deleteAssets(${lisbon}, assets: ["tram-28"]) { success } }`,
      deny,
    ],
    [
      "deleteAssets: the same slug of another organization",
      `mutation { deleteAssets(${inAcme}, libraryId: "barcelona", assets: ["kitchen"]) { success } }`,
      deny,
    ],
    [
      "updateAssetDescription",
      `mutation { updateAssetDescription(${barcelona}, assetId: "casa-batllo", description: "") { assetId description } }`,
      { updateAssetDescription: { assetId: "casa-batllo", description: "" } },
    ],
    [
      "updateAssetDescription: with Read",
      `mutation { updateAssetDescription(${lisbon}, assetId: "tram-28", description: "") { assetId } }`,
      deny,
    ],
    [
      "renameLibrary",
      `mutation { renameLibrary(${barcelona}, name: "Barça") { id name } }`,
      { renameLibrary: { id: "barcelona", name: "Barça" } },
    ],
    [
      "renameLibrary: with Read",
      `mutation { renameLibrary(${lisbon}, name: "Lisboa") { id } }`,
      deny,
    ],
    [
      "transferAssets: Read on the target",
      `mutation { transferAssets(${inMonogram}, sourceLibraryId: "barcelona", targetLibraryId: "lisbon", assetIds: []) { transferredCount } }`,
      deny,
    ],
    [
      "transferAssets: Read on the source",
      `mutation { transferAssets(${inMonogram}, sourceLibraryId: "lisbon", targetLibraryId: "barcelona", assetIds: []) { transferredCount } }`,
      deny,
    ],
    [
      "createLibrary: write on some library",
      `mutation { createLibrary(${inMonogram}, name: "São Paulo") { id name assetsCount } }`,
      { createLibrary: { id: "sao-paulo", name: "São Paulo", assetsCount: 0 } },
    ],
    [
      "createLibrary: another organization",
      `mutation { createLibrary(${inAcme}, name: "Ours") { id } }`,
      deny,
    ],
    [
      "a mutation with a good first and a bad second field",
      `mutation {
         good: deleteAssets(${barcelona}, assets: ["casa-batllo"]) { success }
         bad: deleteAssets(${porto}, assets: []) { success }
       }`,
      deny,
    ],
  ];

  it.each(rows)("%s", async (_, query, verdict) => {
    const before = await everything();
    const { key } = await raster.createKey(PRINTED);
    const variables = query.includes("$id") ? { id: null } : {};
    const answer = await raster.send({ key, query, variables });
    if (verdict !== deny) {
      expect(answer.body).toEqual({ data: verdict });
      expect(answer.status).toBe(200);
      return;
    }
    if (query.includes("$id")) {
      expect(answer.body).not.toHaveProperty("data"); // a request error of GraphQL's own
    } else {
      expectRefusal(answer, 403, "UNAUTHORIZED");
    }
    expect(await everything()).toEqual(before);
  });

  it("answers the same for a library out of reach and one that does not exist", async () => {
    const { key } = await raster.createKey(PRINTED);
    const answer = async (id: string) => {
      const { text } = await raster.send({
        key,
        query: `{ assets(${inMonogram}, libraryId: "${id}") { id } }`,
      });
      return text.replaceAll(id, "ID");
    };
    expect(await answer("nwhre")).toBe(await answer("porto"));
  });

  it("names the field of a refusal", async () => {
    const { key } = await raster.createKey(PRINTED);
    const { body } = await raster.send({
      key,
      query: `{ mine: assets(${lisbon}) { id } other: assets(${porto}) { id } }`,
    });
    expect(body!.errors).toHaveLength(1);
    expect(body!.errors![0]!.path).toEqual(["other"]);
  });

  it("takes library ids that are properties of every object for what they are: unknown", async () => {
    const { key } = await raster.createKey(PRINTED);
    for (const id of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const query = `{ assets(${inMonogram}, libraryId: "${id}") { id } }`;
      expectRefusal(await raster.send({ key, query }), 403, "UNAUTHORIZED");
    }
  });

  it("refuses createLibrary and moves nothing for a key with Read only", async () => {
    const { key } = await raster.createKey({ barcelona: "read", lisbon: "read" });
    const query = `mutation { createLibrary(${inMonogram}, name: "Faro") { id } }`;
    const before = await everything();
    expectRefusal(await raster.send({ key, query }), 403, "UNAUTHORIZED");
    expect(await everything()).toEqual(before);
  });

  it("moves assets between two libraries with write on both, all or nothing", async () => {
    const { key } = await raster.createKey({ barcelona: "write", lisbon: "write" });
    const move = (assets: string) =>
      raster.send({
        key,
        query: `mutation { transferAssets(${inMonogram}, sourceLibraryId: "barcelona", targetLibraryId: "lisbon",
          assetIds: ${assets}) { transferredCount sourceLibraryId targetLibraryId } }`,
      });
    const before = await everything();
    for (const stranger of ["tram-28", "kitchen", "nothing"]) {
      const answer = await move(ids("casa-batllo", stranger));
      expect(answer.body!.errors![0]!.extensions!.code).toBe("NOT_FOUND");
    }
    expect(await everything()).toEqual(before);
    expect((await move(ids("casa-batllo", "barceloneta", "casa-batllo"))).body).toEqual({
      data: {
        transferAssets: {
          transferredCount: 2,
          sourceLibraryId: "barcelona",
          targetLibraryId: "lisbon",
        },
      },
    });
    expect(await assetIds("barcelona")).toEqual(["sagrada-familia"]);
    expect(await assetIds("lisbon")).toEqual([
      "belem-tower",
      "tram-28",
      "casa-batllo",
      "barceloneta",
    ]);
  });

  it("gives the key that creates a library write on it at once", async () => {
    const { key } = await raster.createKey(PRINTED);
    const other = await raster.createKey(PRINTED);
    await raster.send({
      key,
      query: `mutation { createLibrary(${inMonogram}, name: "Faro", slug: "faro") { id } }`,
    });
    const faro = `${inMonogram}, libraryId: "faro"`;
    const rename = { query: `mutation { renameLibrary(${faro}, name: "Algarve") { name } }` };
    expect((await raster.send({ key, ...rename })).body).toEqual({
      data: { renameLibrary: { name: "Algarve" } },
    });
    expect((await raster.upload({ key, libraryId: "faro" }, [PNG])).body!.errors).toBeUndefined();
    expectRefusal(await raster.send({ key: other.key, ...rename }), 403, "UNAUTHORIZED");
  });

  it("grants nothing when the slug of a new library is taken", async () => {
    const { key, apiKey } = await raster.createKey(PRINTED);
    for (const slug of ["porto", "lisbon"]) {
      const query = `mutation { createLibrary(${inMonogram}, name: "Mine", slug: "${slug}") { id } }`;
      const answer = await raster.send({ key, query });
      expect(answer.body!.errors![0]!.extensions!.code).toBe("CONFLICT");
    }
    const after = await raster.apiKeys.get({ organizationId: "monogram-labs", id: apiKey.id });
    expect({ ...after!.access }).toEqual(PRINTED);
    expectRefusal(
      await raster.send({ key, query: `{ assets(${porto}) { id } }` }),
      403,
      "UNAUTHORIZED",
    );
  });

  it("answers a deleted asset like one that never was", async () => {
    const { key } = await raster.createKey(PRINTED);
    await raster.send({
      key,
      query: `mutation { deleteAssets(${barcelona}, assets: ["casa-batllo"]) { ids } }`,
    });
    const query = `{ asset(${barcelona}, assetId: "casa-batllo") { id } libraries(${inMonogram}) { trashCount } }`;
    const { body } = await raster.send({ key, query });
    expect(body).toEqual({
      data: { asset: null, libraries: [{ trashCount: 1 }, { trashCount: 0 }] },
    });
  });

  it("follows a change of access at once", async () => {
    const { key, apiKey } = await raster.createKey(PRINTED);
    const query = `{ assets(${lisbon}) { id } }`;
    expect((await raster.send({ key, query })).status).toBe(200);
    await raster.apiKeys.revoke(
      { organizationId: "monogram-labs", id: apiKey.id },
      { libraryId: "lisbon" },
    );
    expectRefusal(await raster.send({ key, query }), 403, "UNAUTHORIZED");
  });

  it("keeps the assets of two libraries of one slug apart", async () => {
    const ours = await assetIds("barcelona");
    const theirs = await assetIds("barcelona", "acme-co");
    expect([ours.length, theirs.length]).toEqual([3, 4]);
    expect(ours.filter((id) => theirs.includes(id))).toEqual([]);
  });

  function photosOfLisbon(): object {
    const metadata = { contentType: "image/svg+xml", size: expect.any(Number) };
    return {
      photos: [
        { id: "belem-tower", name: "Belém Tower", metadata },
        { id: "tram-28", name: "Tram 28", metadata },
      ],
    };
  }

  /** All that the API shows of both organizations. */
  async function everything(): Promise<unknown[]> {
    const all = [
      ["monogram-labs", { barcelona: "read", lisbon: "read", porto: "read" }],
      ["acme-co", { barcelona: "read", warehouse: "read" }],
    ] as const;
    return Promise.all(
      all.map(async ([organizationId, access]) => {
        const { key } = await raster.createKey(access, organizationId);
        const named = `organizationId: "${organizationId}"`;
        const assets = Object.keys(access).map(
          (id) =>
            `${id}: assets(${named}, libraryId: "${id}") { id libraryId name description tags }`,
        );
        const query = `{ libraries(${named}) { id name trashCount } ${assets.join(" ")} }`;
        return (await raster.send({ key, query })).body;
      }),
    );
  }
});

describe("uploads", () => {
  it("adds the files", async () => {
    const { key } = await raster.createKey(PRINTED);
    const text = { name: "notes.txt", type: "text/plain", content: "x" };
    const { body } = await raster.upload({ key, libraryId: "barcelona" }, [PNG, text]);
    expect(body).toEqual({
      data: {
        uploadAssets: {
          responseText: "Uploaded 2.",
          assets: ["cat.png", "notes.txt"].map((name) => ({
            id: expect.any(String),
            name,
            filename: name,
            contentType: name === "cat.png" ? "image/png" : "text/plain",
            url: expect.stringContaining(`${raster.url}pictures/`),
            created: expect.any(Number),
            tags: [],
            status: "done",
            progress: 1,
          })),
        },
      },
    });
    expect(await assetIds("barcelona")).toHaveLength(5);
    const { pathname } = new URL(body!.data.uploadAssets.assets[0].url);
    expect((await raster.send({ method: "GET", path: pathname })).text).toBe(PNG.content);
  });

  const refused: [
    name: string,
    access: AccessTable,
    where: { organizationId?: string; libraryId: string },
  ][] = [
    ["with a Read key", { barcelona: "read" }, { libraryId: "barcelona" }],
    ["into a library out of reach", PRINTED, { libraryId: "porto" }],
    [
      "into the same slug of another organization",
      PRINTED,
      { organizationId: "acme-co", libraryId: "barcelona" },
    ],
  ];
  it.each(refused)("refuses an upload %s and adds nothing", async (_, access, where) => {
    const before = await assetIds(where.libraryId, where.organizationId);
    const { key } = await raster.createKey(access);
    expectRefusal(await raster.upload({ key, ...where }, [PNG]), 403, "UNAUTHORIZED");
    expect(await assetIds(where.libraryId, where.organizationId)).toEqual(before);
  });

  it("takes 20 files and refuses 21, adding none of them", async () => {
    const { key } = await raster.createKey(PRINTED);
    const files = (count: number) => Array.from({ length: count }, () => PNG);
    const refusal = await raster.upload({ key, libraryId: "barcelona" }, files(21));
    expect(refusal.body!.errors![0]!.extensions!.code).toBe("BAD_USER_INPUT");
    expect(await assetIds("barcelona")).toHaveLength(3);
    const { body } = await raster.upload({ key, libraryId: "barcelona" }, files(20));
    expect(body!.data.uploadAssets.assets).toHaveLength(20);
  });

  it("takes a parent of the library and refuses any other", async () => {
    const { key } = await raster.createKey(PRINTED);
    const upload = (parentId: string) =>
      raster.upload({ key, libraryId: "barcelona", parentId }, [PNG]);
    expect((await upload("casa-batllo")).body!.errors).toBeUndefined();
    expect((await upload("tram-28")).body!.errors![0]!.extensions!.code).toBe("BAD_USER_INPUT");
    expect(await assetIds("barcelona")).toHaveLength(4);
  });

  it("refuses what is no file", async () => {
    const { key } = await raster.createKey(PRINTED);
    const query = `mutation ($files: [Upload!]!) {
      uploadAssets(organizationId: "monogram-labs", libraryId: "barcelona", files: $files) { responseText } }`;
    for (const file of ["text", 1, {}, null, { name: "x", arrayBuffer: "x" }]) {
      const { body } = await raster.send({ key, query, variables: { files: [file] } });
      expect(body!.errors).toHaveLength(1);
      expect(body!.data ?? null).toBeNull();
    }
    expect(await assetIds("barcelona")).toHaveLength(3);
  });

  it("never runs what people upload", async () => {
    const { key } = await raster.createKey(PRINTED);
    const files = [
      { name: "a.svg", type: "image/svg+xml", content: "<svg onload='alert(1)'/>" },
      { name: "a.html", type: "text/html", content: "<script>alert(1)</script>" },
    ];
    const { body } = await raster.upload({ key, libraryId: "barcelona" }, files);
    const types = [];
    for (const { url } of body!.data.uploadAssets.assets) {
      const { headers } = await raster.send({ method: "GET", path: new URL(url).pathname });
      expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*sandbox/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      types.push(headers["content-type"]);
    }
    expect(types).toEqual(["image/svg+xml", "application/octet-stream"]);
  });
});

describe("pictures", () => {
  it("are where the assets say, for whoever knows the address", async () => {
    const { key } = await raster.createKey(PRINTED);
    const query =
      '{ assets(organizationId: "monogram-labs", libraryId: "lisbon") { name url thumbUrl size } }';
    const { body } = await raster.send({ key, query });
    for (const { name, url, thumbUrl, size } of body!.data.assets) {
      const { status, headers, text } = await raster.send({
        method: "GET",
        path: new URL(url).pathname,
      });
      expect([status, headers["content-type"], thumbUrl]).toEqual([200, "image/svg+xml", url]);
      expect(text).toContain(name);
      expect(Buffer.byteLength(text)).toBe(size);
    }
  });

  it("have addresses that nobody can guess, and that end with their asset", async () => {
    for (const guess of [
      "monogram-labs/barcelona/casa-batllo.svg",
      "casa-batllo",
      "",
      "constructor",
      "%00",
    ]) {
      expect((await raster.send({ method: "GET", path: `/pictures/${guess}` })).status).toBe(404);
    }
    const { key } = await raster.createKey(PRINTED);
    const named = 'organizationId: "monogram-labs", libraryId: "barcelona"';
    const { body } = await raster.send({
      key,
      query: `{ asset(${named}, assetId: "casa-batllo") { url } }`,
    });
    await raster.send({
      key,
      query: `mutation { deleteAssets(${named}, assets: ["casa-batllo"]) { ids } }`,
    });
    expect(
      (await raster.send({ method: "GET", path: new URL(body!.data.asset.url).pathname })).status,
    ).toBe(404);
  });
});

describe("limits and pages", () => {
  const named = 'organizationId: "monogram-labs", libraryId: "barcelona"';
  const many = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => `x${i}`));
  const FIRST = { list: [{ id: "sagrada-familia" }, { id: "casa-batllo" }] };
  const ALL = { list: [...FIRST.list, { id: "barceloneta" }] };
  const list = (args: string) => `{ list: assets(${named}, ${args}) { id } }`;

  // document, and the data or the code of the error
  const rows: [name: string, query: string, verdict: object | string][] = [
    ["page 0", list("page: 0, pageSize: 2"), FIRST],
    ["page 1", list("page: 1, pageSize: 2"), FIRST],
    ["page null", list("page: null, pageSize: 2"), FIRST],
    ["page 2", list("page: 2, pageSize: 2"), { list: [{ id: "barceloneta" }] }],
    ["a page after the last", list("page: 2000000000, pageSize: 500"), { list: [] }],
    ["page -1", list("page: -1"), "BAD_USER_INPUT"],
    ["pageSize 500", list("pageSize: 500"), ALL],
    ["pageSize null", list("pageSize: null"), ALL],
    ["pageSize 501", list("pageSize: 501"), "BAD_USER_INPUT"],
    ["pageSize 0", list("pageSize: 0"), "BAD_USER_INPUT"],
    ["pageSize -1", list("pageSize: -1"), "BAD_USER_INPUT"],
    ["no tags filter nothing", list("tags: []"), ALL],
    ["null tags filter nothing", list("tags: null"), ALL],
    ["a tag", list('tags: ["gaudi"]'), FIRST],
    ["all of the tags", list('tags: ["gaudi", "house"]'), { list: [{ id: "casa-batllo" }] }],
    [
      "libraries: pageSize 501",
      '{ libraries(organizationId: "monogram-labs", pageSize: 501) { id } }',
      "BAD_USER_INPUT",
    ],
    [
      "searchAssets: pageSize 501",
      '{ searchAssets(organizationId: "monogram-labs", q: "a", pageSize: 501) { page } }',
      "BAD_USER_INPUT",
    ],
    [
      "searchAssets: page 0",
      '{ searchAssets(organizationId: "monogram-labs", q: "a", page: 0) { page } }',
      { searchAssets: { page: 1 } },
    ],
    ["photos: page 0", `{ photos(${named}, page: 0) { id } }`, { photos: ALL.list }],
    ["tags: limit -1", `{ tags(${named}, limit: -1) { id } }`, "BAD_USER_INPUT"],
    [
      "delete 101",
      `mutation { deleteAssets(${named}, assets: ${many(101)}) { ids } }`,
      "BAD_USER_INPUT",
    ],
    [
      "delete 100 that are not there",
      `mutation { deleteAssets(${named}, assets: ${many(100)}) { ids } }`,
      "NOT_FOUND",
    ],
    [
      "delete one that is there and one that is not",
      `mutation { deleteAssets(${named}, assets: ["casa-batllo", "x"]) { ids } }`,
      "NOT_FOUND",
    ],
    [
      "delete nothing",
      `mutation { deleteAssets(${named}, assets: []) { ids } }`,
      { deleteAssets: { ids: [] } },
    ],
    [
      "tag one that is there and one that is not",
      `mutation { tagAssets(${named}, assetIds: ["casa-batllo", "x"], tags: ["a"]) { taggedCount } }`,
      "NOT_FOUND",
    ],
    [
      "tag 101",
      `mutation { tagAssets(${named}, assetIds: ${many(101)}, tags: ["a"]) { taggedCount } }`,
      "BAD_USER_INPUT",
    ],
    [
      "21 tags",
      `mutation { tagAssets(${named}, assetIds: ["casa-batllo"], tags: ${many(21)}) { taggedCount } }`,
      "BAD_USER_INPUT",
    ],
    [
      "20 tags",
      `mutation { tagAssets(${named}, assetIds: ["casa-batllo"], tags: ${many(20)}) { taggedCount } }`,
      { tagAssets: { taggedCount: 1 } },
    ],
    [
      "an empty tag",
      `mutation { tagAssets(${named}, assetIds: ["casa-batllo"], tags: [" "]) { taggedCount } }`,
      "BAD_USER_INPUT",
    ],
    [
      "untag 101",
      `mutation { untagAssets(${named}, assetIds: ${many(101)}, tags: ["a"]) { untaggedCount } }`,
      "BAD_USER_INPUT",
    ],
    [
      "transfer 101",
      `mutation { transferAssets(organizationId: "monogram-labs", sourceLibraryId: "barcelona", targetLibraryId: "barcelona", assetIds: ${many(101)}) { transferredCount } }`,
      "BAD_USER_INPUT",
    ],
    [
      "describe one that is not there",
      `mutation { updateAssetDescription(${named}, assetId: "x", description: "") { assetId } }`,
      "NOT_FOUND",
    ],
    [
      "an empty name",
      'mutation { createLibrary(organizationId: "monogram-labs", name: " ") { id } }',
      "BAD_USER_INPUT",
    ],
    [
      "a name without a slug",
      'mutation { createLibrary(organizationId: "monogram-labs", name: "日本") { id } }',
      "BAD_USER_INPUT",
    ],
    [
      "a name with a slug",
      'mutation { createLibrary(organizationId: "monogram-labs", name: "日本", slug: "nihon") { id } }',
      { createLibrary: { id: "nihon" } },
    ],
    [
      "a slug that every object has",
      'mutation { createLibrary(organizationId: "monogram-labs", name: "constructor") { id } }',
      { createLibrary: { id: "constructor" } },
    ],
  ];

  it.each(rows)("%s", async (_, query, verdict) => {
    const before = await assetIds("barcelona");
    const { key } = await raster.createKey(PRINTED);
    const { body } = await raster.send({ key, query });
    if (typeof verdict !== "string") return expect(body).toEqual({ data: verdict });
    expect(body!.errors!.map((error) => error.extensions!.code)).toEqual([verdict]);
    expect(body!.data ?? null).toBeNull();
    expect(await assetIds("barcelona")).toEqual(before);
  });
});

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

function statusOf(response: string): number {
  return Number(response.split(" ")[1]);
}
