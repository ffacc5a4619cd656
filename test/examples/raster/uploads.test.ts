import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccessTable } from "graphql-api-keys";
import { expectRefusal, PNG, PRINTED, startRaster } from "./client.js";

let raster: Awaited<ReturnType<typeof startRaster>>;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(() => raster.reset());
afterAll(() => raster.stop());

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
    expect(await raster.assetIds("barcelona")).toHaveLength(5);
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
    const before = await raster.assetIds(where.libraryId, where.organizationId);
    const { key } = await raster.createKey(access);
    expectRefusal(await raster.upload({ key, ...where }, [PNG]), 403, "UNAUTHORIZED");
    expect(await raster.assetIds(where.libraryId, where.organizationId)).toEqual(before);
  });

  it("takes 20 files and refuses 21, adding none of them", async () => {
    const { key } = await raster.createKey(PRINTED);
    const files = (count: number) => Array.from({ length: count }, () => PNG);
    const refusal = await raster.upload({ key, libraryId: "barcelona" }, files(21));
    expect(refusal.body!.errors![0]!.extensions!.code).toBe("BAD_USER_INPUT");
    expect(await raster.assetIds("barcelona")).toHaveLength(3);
    const { body } = await raster.upload({ key, libraryId: "barcelona" }, files(20));
    expect(body!.data.uploadAssets.assets).toHaveLength(20);
  });

  it("takes a parent of the library and refuses any other", async () => {
    const { key } = await raster.createKey(PRINTED);
    const upload = (parentId: string) =>
      raster.upload({ key, libraryId: "barcelona", parentId }, [PNG]);
    expect((await upload("casa-batllo")).body!.errors).toBeUndefined();
    expect((await upload("tram-28")).body!.errors![0]!.extensions!.code).toBe("BAD_USER_INPUT");
    expect(await raster.assetIds("barcelona")).toHaveLength(4);
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
    expect(await raster.assetIds("barcelona")).toHaveLength(3);
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
