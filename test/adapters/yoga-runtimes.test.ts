/** Yoga in the hands of other servers than Node's own, and of runtimes that are not Node. */
import type { RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { useApiKeys } from "../../src/adapters/yoga.js";
import { callerOf, type Connection } from "../../src/http/index.js";
import { createApiKeys, type ApiKeys } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { ASSETS, BARCELONA, VIEWER } from "./cases/documents.js";
import { createService } from "./service.js";
import { assertData, assertRefused, withSubject, type Subject } from "./subject.js";
import { createGuardedYoga, takeLog } from "./yoga-server.js";

afterEach(() => void takeLog());

const BARCELONA_ASSETS = { query: ASSETS, variables: { library: "barcelona" } };

/** Lets a good key in, and keeps bad ones and plain HTTP out. */
async function expectGuarded({ key, send, sendPlain }: Subject): Promise<void> {
  assertData(await send({ key, ...BARCELONA_ASSETS }), BARCELONA);
  assertRefused(
    await send({ key, query: ASSETS, variables: { library: "porto" } }),
    403,
    "UNAUTHORIZED",
  );
  assertRefused(await send({ query: VIEWER }), 401, "UNAUTHENTICATED");
  assertRefused(await send({ key: "pk_0", query: VIEWER }), 401, "UNAUTHENTICATED");
  assertRefused(await sendPlain({ key, query: VIEWER }), 403, "HTTPS_REQUIRED");
}

async function expectOneLine({ connect, key }: Subject): Promise<void> {
  const body = JSON.stringify({ query: VIEWER });
  const line = `authorization: Bearer ${key}\r\n`;
  const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  const socket = await connect();
  socket.write(`${head}${line}${line}content-length: ${body.length}\r\n\r\n${body}`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
}

describe("Yoga behind a Node framework", () => {
  type Mount = (yoga: ReturnType<typeof createGuardedYoga>) => RequestListener;

  const MOUNTS: readonly (readonly [what: string, mount: Mount])[] = [
    ["as Node's listener", (yoga) => yoga],
    [
      "like Express: with a body that was parsed before, and a path that was cut",
      (yoga) => async (req, res) => {
        const body = JSON.parse(await text(req));
        const own = { body, query: {}, originalUrl: req.url, url: "/" };
        await yoga(Object.assign(req, own), res);
      },
    ],
    [
      "like Fastify: with a request of its own around Node's",
      (yoga) => async (req, res) => {
        const own = {
          raw: req,
          headers: req.headers,
          method: req.method,
          url: req.url,
          socket: req.socket,
        };
        const response = await yoga.handleNodeRequestAndResponse(
          own as never,
          res as never,
          {
            req: own,
            reply: res,
          } as never,
        );
        res.writeHead(response.status, Object.fromEntries(response.headers));
        res.end(await response.text());
      },
    ],
    [
      "like Koa: with Node's request in a context",
      (yoga) => async (req, res) => {
        const context = { req, res, state: {} };
        const response = await yoga.handleNodeRequestAndResponse(req, res, context as never);
        res.writeHead(response.status, Object.fromEntries(response.headers));
        res.end(await response.text());
      },
    ],
  ];

  it.for(MOUNTS)("%s", ([, mount]) =>
    withSubject(
      (parts) => mount(createGuardedYoga(parts)),
      async (subject) => {
        await expectGuarded(subject);
        await expectOneLine(subject);
      },
    ),
  );

  it("reads the record after a framework has read the body", () => {
    let change = async (_apiKeys: ApiKeys): Promise<unknown> => undefined;
    return withSubject(
      (parts) => {
        const yoga = createGuardedYoga(parts);
        return async (req, res) => {
          const body = JSON.parse(await text(req));
          await change(parts.apiKeys);
          await yoga(Object.assign(req, { body }), res);
        };
      },
      async ({ key, ref, send }) => {
        assertData(await send({ key, ...BARCELONA_ASSETS }), BARCELONA);
        change = (apiKeys) => apiKeys.delete(ref);
        assertRefused(await send({ key, ...BARCELONA_ASSETS }), 401, "UNAUTHENTICATED");
      },
    );
  });

  it("refuses when it does not find Node's request, for it cannot know of TLS", () =>
    withSubject(
      (parts) => {
        const yoga = createGuardedYoga(parts);
        return async (req, res) => {
          const request = new Request(`https://localhost${req.url}`, {
            method: "POST",
            headers: req.headers as Record<string, string>,
            body: await text(req),
          });
          const response = await yoga.fetch(request);
          res.writeHead(response.status, Object.fromEntries(response.headers));
          res.end(await response.text());
        };
      },
      async ({ key, send }) => {
        assertRefused(await send({ key, query: VIEWER }), 403, "HTTPS_REQUIRED");
      },
    ));
});

describe("Yoga without Node's server", () => {
  const URL = "https://api.example.com/graphql";

  async function createBench(connection?: (request: Request, context: unknown) => Connection) {
    const { guard, ran } = createService();
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const access = { barcelona: "write" } as const;
    const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "Test", access });
    const yoga = createGuardedYoga(
      { apiKeys, guard },
      { options: connection ? { connection } : {} },
    );
    const ask = async (
      headers: HeadersInit,
      context: object = {},
      operation: object = BARCELONA_ASSETS,
    ) => {
      const request = new Request(URL, {
        method: "POST",
        headers: [["content-type", "application/json"], ...new Headers(headers)],
        body: JSON.stringify(operation),
      });
      const response = await yoga.fetch(request, context);
      return { request, response, body: (await response.json()) as any };
    };
    return { apiKeys, ask, bearer: { authorization: `Bearer ${key}` }, guard, ran, yoga };
  }

  const secure = (request: Request): Connection => ({ headers: request.headers, encrypted: true });

  it("takes every request for plain HTTP until it is told where the connection is", async () => {
    const { ask, bearer, ran } = await createBench();
    for (const context of [{}, { req: {} }, { req: { socket: {} } }, { req: null }, { env: {} }]) {
      const { response, body } = await ask(bearer, context);
      expect(response.status).toBe(403);
      expect(body.errors[0].extensions).toStrictEqual({ code: "HTTPS_REQUIRED" });
    }
    const proto = { ...bearer, "x-forwarded-proto": "https", forwarded: "proto=https" };
    expect((await ask(proto)).response.status).toBe(403);
    expect(ran).toStrictEqual([]);
  });

  it("believes what the connection option says, and reads every header of it", async () => {
    const { ask, bearer } = await createBench(secure);
    const { request, response, body } = await ask(bearer);
    expect(response.status).toBe(200);
    expect(body).toStrictEqual({ data: BARCELONA });
    expect(callerOf(request).organizationId).toBe("monogram-labs");
    expect((await ask({})).response.status).toBe(401);
    const joined = { authorization: `${bearer.authorization}, ${bearer.authorization}` };
    expect((await ask(joined)).response.status).toBe(400);
  });

  it("gives the connection option Yoga's server context", async () => {
    const seen: unknown[] = [];
    const { ask, bearer } = await createBench((request, context) => {
      seen.push(context);
      const { tls } = context as { tls?: boolean };
      return { headers: request.headers, encrypted: tls === true };
    });
    expect((await ask(bearer, { tls: true })).response.status).toBe(200);
    expect((await ask(bearer, { tls: false })).response.status).toBe(403);
    expect((await ask(bearer)).response.status).toBe(403);
    expect(seen[0]).toMatchObject({ tls: true });
  });

  it.for([
    ["nothing", () => undefined],
    ["a promise", async (request: Request) => secure(request)],
    ["no headers", () => ({ encrypted: true })],
    ["text for encrypted", (request: Request) => ({ headers: request.headers, encrypted: "yes" })],
    [
      "an error",
      () => {
        throw new Error("no socket");
      },
    ],
  ] as const)("lets nobody in when the connection option answers %s", async ([, connection]) => {
    const { ask, bearer, ran } = await createBench(connection as never);
    const { response, body } = await ask(bearer);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(body.data).toBeUndefined();
    expect(ran).toStrictEqual([]);
  });

  it("authenticates a request object anew each time it is given", async () => {
    const { apiKeys, bearer, yoga } = await createBench(secure);
    const request = new Request(`${URL}?query=${encodeURIComponent(VIEWER)}`, { headers: bearer });
    expect((await yoga.fetch(request)).status).toBe(200);
    const { id } = callerOf(request);
    await apiKeys.delete({ organizationId: "monogram-labs", id });
    expect((await yoga.fetch(request)).status).toBe(401);
    expect(() => callerOf(request)).toThrow(TypeError);
  });
});

describe("useApiKeys", () => {
  const { guard } = createService();
  const apiKeys = createApiKeys({ store: createMemoryStore() });

  it.for([
    ["nothing", undefined, TypeError],
    ["no apiKeys", { guard }, TypeError],
    ["no guard", { apiKeys }, TypeError],
    ["apiKeys that it did not make", { apiKeys: { ...apiKeys }, guard }, TypeError],
    ["a guard that it did not make", { apiKeys, guard: { ...guard } }, TypeError],
    ["a schema for a guard", { apiKeys, guard: guard.schema }, TypeError],
    ["an option that it does not know", { apiKeys, guard, trustProxies: "loopback" }, TypeError],
    ["a count of proxies", { apiKeys, guard, trustProxy: 1 }, TypeError],
    ["a proxy that is none", { apiKeys, guard, trustProxy: "everybody" }, RangeError],
    ["a connection that is no function", { apiKeys, guard, connection: {} }, TypeError],
  ] as const)("throws for %s", ([, options, kind]) => {
    expect(() => useApiKeys(options as never)).toThrow(kind);
  });
});
