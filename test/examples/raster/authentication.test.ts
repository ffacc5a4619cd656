import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  expectRefusal,
  headOf,
  HEAD_OF_MULTIPART,
  PNG,
  PRINTED,
  receive,
  SPEC_QUERY,
  startRaster,
  statusOf,
  type Sent,
} from "./client.js";

let raster: Awaited<ReturnType<typeof startRaster>>;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(() => raster.reset());
afterAll(() => raster.stop());

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
