/** What the first Yoga that is supported cannot do yet, and later ones can: not run on that one (test/peers). */
import { once } from "node:events";
import {
  connect as connectHttp2,
  createSecureServer,
  createServer as createHttp2Server,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Plugin } from "graphql-yoga";
import { afterEach, describe, expect, it } from "vitest";
import { createApiKeys } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { ASSETS, BARCELONA, VIEWER } from "./cases/documents.js";
import { createService } from "./service.js";
import { assertData, assertRefused, getCertificate, withSubject } from "./subject.js";
import { createGuardedYoga, takeLog } from "./yoga-server.js";

afterEach(() => void takeLog());

describe("Yoga over HTTP/2", () => {
  async function overHttp2(
    tls: boolean,
    headers: (key: string) => Record<string, string>,
  ): Promise<{ readonly status: number; readonly body: any }> {
    const { guard } = createService();
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "Test" });
    const yoga = createGuardedYoga({ apiKeys, guard });
    const { key: privateKey, cert } = await getCertificate();
    const server = tls
      ? createSecureServer({ key: privateKey, cert }, yoga as never)
      : createHttp2Server(yoga as never);
    server.listen(0, "localhost");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const session = connectHttp2(`${tls ? "https" : "http"}://localhost:${port}`, { ca: cert });
    try {
      const stream = session.request({
        ":method": "POST",
        ":path": "/graphql",
        "content-type": "application/json",
        ...headers(key),
      } as never);
      const response = once(stream, "response");
      stream.end(JSON.stringify({ query: VIEWER }));
      const [answer] = (await response) as [Record<string, unknown>];
      return { status: Number(answer[":status"]), body: JSON.parse(await text(stream)) };
    } finally {
      session.close();
      server.close();
    }
  }

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

  it("lets a good key in over TLS", async () => {
    expect((await overHttp2(true, bearer)).status).toBe(200);
    expect((await overHttp2(true, () => ({}))).status).toBe(401);
  });

  it("does not believe :scheme over cleartext", async () => {
    for (const more of [{}, { ":scheme": "https" }, { "x-forwarded-proto": "https" }]) {
      const { status, body } = await overHttp2(false, (key) => ({ ...bearer(key), ...more }));
      expect(status).toBe(403);
      expect(body.errors[0].extensions).toStrictEqual({ code: "HTTPS_REQUIRED" });
    }
  });
});

it("says nothing of the limit of bodies to strangers", () =>
  withSubject(
    (parts) => createGuardedYoga(parts, { maxRequestBodySize: 100 }),
    async ({ key, send }) => {
      const body = JSON.stringify({ query: VIEWER + " ".repeat(200) });
      assertRefused(await send({ body }), 401, "UNAUTHENTICATED");
      expect((await send({ body, key })).status).toBe(413);
    },
  ));

it("knows the caller by its request when a plugin makes a context of its own", () => {
  const own: Plugin<any> = {
    onParams: ({ paramsHandler, setParamsHandler }) =>
      setParamsHandler(({ request, params }) =>
        paramsHandler({ request, params, context: {} as never }),
      ),
  };
  return withSubject(
    (parts) => createGuardedYoga(parts, { after: [own] }),
    async ({ key, send }) => {
      const ask = (library: string) => send({ key, query: ASSETS, variables: { library } });
      assertData(await ask("barcelona"), BARCELONA);
      assertRefused(await ask("porto"), 403, "UNAUTHORIZED");
    },
  );
});
