import { once } from "node:events";
import { request, createServer, type Server } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { createApiKeys, type ApiKeys } from "graphql-api-keys";
import { createMemoryStore } from "graphql-api-keys/stores/memory";
import { createApp as createApollo } from "../../examples/apollo/app.js";
import { createApp as createCustom } from "../../examples/custom-resolvers/app.js";
import { createApp as createGraphQLHttp } from "../../examples/graphql-http/app.js";
import { attach } from "../../examples/graphql-ws/app.js";
import { createApp as createHono } from "../../examples/hono/app.js";
import { createApp as createMercurius } from "../../examples/mercurius/app.js";
import { createApp as createNest } from "../../examples/nestjs/app.js";
import { createRoute } from "../../examples/next/route.js";
import { createApp as createPothos } from "../../examples/pothos/app.js";
import { createApp as createYoga } from "../../examples/yoga/app.js";
import { getCertificate, HOST } from "../adapters/subject.js";
import { openSocket } from "../adapters/web-socket.js";

const assetsOf = (libraryId: string): string =>
  `{ assets(organizationId: "monogram-labs", libraryId: "${libraryId}") { id } }`;
const RENAME = `mutation {
  renameAsset(organizationId: "monogram-labs", libraryId: "barcelona", id: "barcelona-1", name: "2.jpg") { name }
}`;
const BARCELONA = { data: { assets: [{ id: "barcelona-1" }] } };

/** A key that reads barcelona, and another that writes it. */
async function createKeys() {
  const apiKeys = createApiKeys({ store: createMemoryStore() });
  const create = async (level: "read" | "write") =>
    (
      await apiKeys.create({
        organizationId: "monogram-labs",
        name: level,
        access: { barcelona: level },
      })
    ).key;
  return { apiKeys, reads: await create("read"), writes: await create("write") };
}

interface Answer {
  readonly status: number;
  readonly body: any;
}

type Send = (key: string | null, query: string) => Promise<Answer>;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, HOST);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function secureServer(listener?: RequestListener): Promise<Server> {
  const { key, cert } = await getCertificate();
  return createServer({ key, cert }, listener);
}

const headersOf = (key: string | null) => ({
  "content-type": "application/json",
  ...(key !== null && { authorization: `Bearer ${key}` }),
});

/** Over HTTPS, on a real socket. */
async function overHttps(listener: RequestListener | Server): Promise<Send> {
  const { cert } = await getCertificate();
  const port = await listen(
    typeof listener === "function" ? await secureServer(listener) : listener,
  );
  return async (key, query) => {
    const options = { port, host: HOST, ca: cert, path: "/graphql", method: "POST" };
    const req = request({ ...options, headers: headersOf(key) }).end(JSON.stringify({ query }));
    const [res] = await once(req, "response");
    return { status: res.statusCode, body: await json(res) };
  };
}

/** Fastify makes its own server. */
async function byFastify(apiKeys: ApiKeys): Promise<Send> {
  const app = await createMercurius(apiKeys, await getCertificate());
  await app.ready();
  return overHttps(app.server);
}

/** Nest too. */
async function openNest(apiKeys: ApiKeys) {
  return (await createNest(apiKeys, await getCertificate())).init();
}

/** As Next.js calls a route handler, behind a proxy that ends TLS. */
async function byRoute(apiKeys: ApiKeys): Promise<Send> {
  const { POST } = createRoute(apiKeys);
  return async (key, query) => {
    const headers = { ...headersOf(key), "x-forwarded-proto": "https" };
    const url = `http://${HOST}/api/graphql`;
    const body = JSON.stringify({ query });
    const response = await POST(new Request(url, { method: "POST", headers, body }));
    return { status: response.status, body: await response.json() };
  };
}

describe.each<[string, (apiKeys: ApiKeys) => Promise<Send>]>([
  ["yoga", (apiKeys) => overHttps(createYoga(apiKeys))],
  ["apollo", async (apiKeys) => overHttps(await createApollo(apiKeys))],
  ["mercurius", byFastify],
  ["graphql-http", (apiKeys) => overHttps(createGraphQLHttp(apiKeys))],
  ["hono", (apiKeys) => overHttps(createHono(apiKeys))],
  ["nestjs", async (apiKeys) => overHttps((await openNest(apiKeys)).getHttpServer())],
  ["next", byRoute],
  ["pothos", (apiKeys) => overHttps(createPothos(apiKeys))],
  ["custom-resolvers", (apiKeys) => overHttps(createCustom(apiKeys))],
])("examples/%s", (_, open) => {
  it("answers, and refuses", async () => {
    const { apiKeys, reads, writes } = await createKeys();
    const send = await open(apiKeys);
    expect(await send(reads, assetsOf("barcelona"))).toEqual({ status: 200, body: BARCELONA });
    expect(await send(writes, RENAME)).toMatchObject({
      status: 200,
      body: { data: { renameAsset: { name: "2.jpg" } } },
    });
    for (const query of [assetsOf("porto"), RENAME]) {
      const { status, body } = await send(reads, query);
      expect([status, Object.keys(body), body.errors[0].extensions.code]).toEqual([
        403,
        ["errors"],
        "UNAUTHORIZED",
      ]);
    }
    expect(await send(null, assetsOf("barcelona"))).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
    });
  });
});

const stream = (libraryId: string): string =>
  `subscription { assetRenamed(organizationId: "monogram-labs", libraryId: "${libraryId}") { id } }`;

/** A socket of a server that listens: its key's, and a stranger's. */
async function expectStreams(server: Server, key: string, refused: readonly string[]) {
  const { cert } = await getCertificate();
  const at = { port: await listen(server), plainPort: 0, cert };
  const client = await openSocket(at, { params: { Authorization: `Bearer ${key}` } });
  expect(await client.next()).toEqual({ type: "connection_ack" });
  const [event] = await client.run(stream("barcelona"));
  expect(event!.payload).toEqual({ data: { assetRenamed: { id: "barcelona-1" } } });
  for (const query of refused) {
    const [refusal] = await client.run(query);
    expect(refusal!.payload.errors[0].extensions.code).toBe("UNAUTHORIZED");
  }
  const stranger = await openSocket(at);
  expect(await stranger.next()).toEqual({ type: "closed", code: 4401 });
  return client;
}

describe("examples/mercurius", () => {
  it("streams, and refuses", async () => {
    const { apiKeys, reads } = await createKeys();
    const app = await createMercurius(apiKeys, await getCertificate());
    await app.ready();
    const client = await expectStreams(app.server, reads, [stream("porto")]);
    await client.close();
  });
});

describe.each<[string, (apiKeys: ApiKeys) => Promise<Server>]>([
  [
    "graphql-ws",
    async (apiKeys) => {
      const server = await secureServer();
      attach(apiKeys, server);
      return server;
    },
  ],
  ["nestjs", async (apiKeys) => (await openNest(apiKeys)).getHttpServer()],
])("examples/%s over a socket", (_, open) => {
  it("answers, streams, and refuses", async () => {
    const { apiKeys, reads } = await createKeys();
    const server = await open(apiKeys);
    const refused = [assetsOf("porto"), RENAME, stream("porto")];
    const client = await expectStreams(server, reads, refused);
    const [answer] = await client.run(assetsOf("barcelona"));
    expect(answer!.payload).toEqual(BARCELONA);
    await client.close();
  });
});
