import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectRefusal, PRINTED, startRaster } from "./client.js";

let raster: Awaited<ReturnType<typeof startRaster>>;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(() => raster.reset());
afterAll(() => raster.stop());

describe("scope", () => {
  const inMonogram = 'organizationId: "monogram-labs"';
  const inAcme = 'organizationId: "acme-co"';
  const barcelona = `${inMonogram}, libraryId: "barcelona"`;
  const lisbon = `${inMonogram}, libraryId: "lisbon"`;
  const porto = `${inMonogram}, libraryId: "porto"`;
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
    const before = await raster.everything();
    const { key } = await raster.createKey(PRINTED);
    const answer = await raster.send({ key, query });
    if (verdict !== deny) {
      expect(answer.body).toEqual({ data: verdict });
      expect(answer.status).toBe(200);
      return;
    }
    expectRefusal(answer, 403, "UNAUTHORIZED");
    expect(await raster.everything()).toEqual(before);
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

  it("refuses a null library before anything runs", async () => {
    const { key } = await raster.createKey(PRINTED);
    const query = `query ($id: ID!) { assets(${inMonogram}, libraryId: $id) { id } }`;
    const { body } = await raster.send({ key, query, variables: { id: null } });
    expect(body!.errors).toHaveLength(1);
    expect(body).not.toHaveProperty("data");
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
    const ours = await raster.assetIds("barcelona");
    const theirs = await raster.assetIds("barcelona", "acme-co");
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
});

describe("the manifest", () => {
  it("is the one that was reviewed", async () => {
    const manifest = JSON.stringify(raster.guard.manifest(), null, 2);
    await expect(manifest).toMatchFileSnapshot("manifest.snap");
  });
});
