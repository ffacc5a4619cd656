import type { ServerResponse } from "node:http";
import { createHandler } from "graphql-http/lib/use/http";
import { describe, expect, it, vi } from "vitest";
import { createHandlerOptions } from "../../src/adapters/graphql-http.js";
import { casesFor } from "./cases.js";
import { ASSETS, VIEWER } from "./cases/documents.js";
import { graphqlHttpServer } from "./graphql-http-server.js";
import { assertRefused, runCase, withSubject } from "./subject.js";

describe("graphql-http", () => {
  it.each(casesFor(graphqlHttpServer.capabilities))("$id: $name", (test) =>
    runCase(graphqlHttpServer, test),
  );
});

describe("the host's context", () => {
  it("is no other caller's while it is used", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    let release = (): void => {};
    const shared = new Promise<object>((resolve) => (release = () => resolve({})));
    await withSubject(
      ({ apiKeys, guard }) =>
        createHandler(createHandlerOptions({ apiKeys, guard, context: () => shared })),
      async ({ createKey, key, send, service }) => {
        const strong = await createKey({ porto: "read" });
        const weak = send({ key, query: ASSETS, variables: { library: "porto" } });
        const other = send({ key: strong.key, query: VIEWER });
        await new Promise((resolve) => setTimeout(resolve, 50));
        release();
        const [first, second] = await Promise.all([weak, other]);
        assertRefused(first, 403, "UNAUTHORIZED");
        expect([second.status, service.ran]).toEqual([500, []]);
      },
    );
    expect(error.mock.calls.join()).toMatch(/two callers/);
    error.mockRestore();
  });
});

describe("what the host says of caches", () => {
  it("stays", () =>
    withSubject(
      ({ apiKeys, guard }) => {
        const handle = createHandler(createHandlerOptions({ apiKeys, guard }));
        return async (req, res: ServerResponse) => {
          res.setHeader("vary", "Origin").setHeader("cache-control", "private, max-age=5");
          await handle(req, res);
        };
      },
      async ({ key, send }) => {
        const good = await send({ key, query: VIEWER });
        expect(good.headers).toMatchObject({
          vary: "Origin, Authorization",
          "cache-control": "private, max-age=5",
        });
        const refused = await send({ query: VIEWER });
        expect(refused.headers).toMatchObject({
          vary: "Origin, Authorization",
          "cache-control": "no-store",
        });
      },
    ));
});
