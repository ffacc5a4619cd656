import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectRefusal, PNG, PRINTED, startRaster } from "./client.js";

let raster: Awaited<ReturnType<typeof startRaster>>;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(() => raster.reset());
afterAll(() => raster.stop());

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
    const before = await raster.assetIds("barcelona");
    const { key } = await raster.createKey(PRINTED);
    const { body } = await raster.send({ key, query });
    if (typeof verdict !== "string") return expect(body).toEqual({ data: verdict });
    expect(body!.errors!.map((error) => error.extensions!.code)).toEqual([verdict]);
    expect(body!.data ?? null).toBeNull();
    expect(await raster.assetIds("barcelona")).toEqual(before);
  });
});

describe("the rules", () => {
  const inMonogram = 'organizationId: "monogram-labs"';
  const barcelona = `${inMonogram}, libraryId: "barcelona"`;
  const porto = `${inMonogram}, libraryId: "porto"`;
  const ids = (...list: string[]) => JSON.stringify(list);

  it("refuses createLibrary and moves nothing for a key with Read only", async () => {
    const { key } = await raster.createKey({ barcelona: "read", lisbon: "read" });
    const query = `mutation { createLibrary(${inMonogram}, name: "Faro") { id } }`;
    const before = await raster.everything();
    expectRefusal(await raster.send({ key, query }), 403, "UNAUTHORIZED");
    expect(await raster.everything()).toEqual(before);
  });

  it("moves assets between two libraries with write on both, all or nothing", async () => {
    const { key } = await raster.createKey({ barcelona: "write", lisbon: "write" });
    const move = (assets: string) =>
      raster.send({
        key,
        query: `mutation { transferAssets(${inMonogram}, sourceLibraryId: "barcelona", targetLibraryId: "lisbon",
          assetIds: ${assets}) { transferredCount sourceLibraryId targetLibraryId } }`,
      });
    const before = await raster.everything();
    for (const stranger of ["tram-28", "kitchen", "nothing"]) {
      const answer = await move(ids("casa-batllo", stranger));
      expect(answer.body!.errors![0]!.extensions!.code).toBe("NOT_FOUND");
    }
    expect(await raster.everything()).toEqual(before);
    expect((await move(ids("casa-batllo", "barceloneta", "casa-batllo"))).body).toEqual({
      data: {
        transferAssets: {
          transferredCount: 2,
          sourceLibraryId: "barcelona",
          targetLibraryId: "lisbon",
        },
      },
    });
    expect(await raster.assetIds("barcelona")).toEqual(["sagrada-familia"]);
    expect(await raster.assetIds("lisbon")).toEqual([
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
});
