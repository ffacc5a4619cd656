import { createYoga, type Plugin } from "graphql-yoga";
import { afterEach, describe, expect, it } from "vitest";
import { useApiKeys } from "../../src/adapters/yoga.js";
import { casesFor } from "./cases.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./cases/documents.js";
import {
  assertData,
  assertRefused,
  runCase,
  unknownKey,
  withSubject,
  type Subject,
} from "./subject.js";
import { createGuardedYoga, takeLog, yogaServer } from "./yoga-server.js";

type Settings = NonNullable<Parameters<typeof createGuardedYoga>[1]>;

const O = `organizationId: "monogram-labs"`;

afterEach(() => void takeLog());

describe("Yoga", () => {
  it.for(casesFor(yogaServer.capabilities))("$id $name", (test) => runCase(yogaServer, test));
});

const withYoga = (settings: Settings, use: (subject: Subject) => Promise<void>) =>
  withSubject((parts) => createGuardedYoga(parts, settings), use);

describe("every way to ask Yoga", () => {
  const form = (params: Record<string, string>) => new URLSearchParams(params).toString();
  const multipart = (operations: unknown) => {
    const part = (name: string, value: unknown) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${JSON.stringify(value)}\r\n`;
    return `${part("operations", operations)}${part("map", {})}--b--\r\n`;
  };
  const query = `{ assets(${O}, libraryId: "LIBRARY") { id } }`;

  const WAYS: readonly (readonly [what: string, type: string, body: (query: string) => string])[] =
    [
      ["JSON", "application/json", (q) => JSON.stringify({ query: q })],
      [
        "JSON with a charset",
        "application/json; charset=utf-8",
        (q) => JSON.stringify({ query: q }),
      ],
      ["GraphQL as JSON", "application/graphql+json", (q) => JSON.stringify({ query: q })],
      ["a list of types", "application/json, text/plain", (q) => JSON.stringify({ query: q })],
      ["a document", "application/graphql", (q) => q],
      ["a form", "application/x-www-form-urlencoded", (q) => form({ query: q })],
      ["a multipart form", "multipart/form-data; boundary=b", (q) => multipart({ query: q })],
      ["a batch", "application/json", (q) => JSON.stringify([{ query: q }])],
      [
        "a batch in a multipart form",
        "multipart/form-data; boundary=b",
        (q) => multipart([{ query: q }]),
      ],
    ];

  it.for(WAYS)("authenticates and judges %s", ([, type, body]) =>
    withYoga({ batching: true }, async ({ key, send, service }) => {
      const headers = { "content-type": type };
      const ask = async (library: string, credentials: object) => {
        const sent = { body: body(query.replace("LIBRARY", library)), headers, ...credentials };
        const answer = await send(sent);
        const [first] = Array.isArray(answer.body) ? answer.body : [answer.body];
        return { ...answer, first };
      };
      expect((await ask("barcelona", { key })).first).toStrictEqual({ data: BARCELONA });
      expect(service.ran.splice(0)).toStrictEqual(["Query.assets"]);
      const porto = await ask("porto", { key });
      expect(porto.first.errors[0].extensions).toStrictEqual({ code: "UNAUTHORIZED" });
      expect(porto.first).not.toHaveProperty("data");
      for (const credentials of [{}, { key: "pk_0" }, { key: unknownKey() }]) {
        assertRefused(await ask("barcelona", credentials), 401, "UNAUTHENTICATED");
      }
      expect(service.ran).toStrictEqual([]);
    }),
  );

  it("says 415 to a type that it does not read, once the key looks like one", () =>
    withYoga({}, async ({ key, send }) => {
      const sent = { body: "{ viewer }", headers: { "content-type": "text/plain" } };
      assertRefused(await send(sent), 401, "UNAUTHENTICATED");
      assertRefused(await send({ ...sent, key: "pk_0" }), 401, "UNAUTHENTICATED");
      expect((await send({ ...sent, key })).status).toBe(415);
    }));

  it("says 405 to other methods, once the key looks like one", () =>
    withYoga({}, async ({ key, send, service }) => {
      for (const method of ["PUT", "PATCH"]) {
        const sent = { method, body: JSON.stringify({ query: VIEWER }) };
        assertRefused(await send(sent), 401, "UNAUTHENTICATED");
        expect((await send({ ...sent, key })).status).toBe(405);
      }
      const path = `/graphql?query=${encodeURIComponent(VIEWER)}`;
      expect((await send({ method: "HEAD", path, key })).status).toBe(405);
      expect(service.ran).toStrictEqual([]);
    }));

  it("reads the key once, and twice when it has to be known before a body", () =>
    withYoga({}, async ({ key, send, takeReads }) => {
      const path = `/graphql?${form({ query: VIEWER })}`;
      const reads = async (sent: object) => {
        expect((await send({ key, ...sent })).status).toBe(200);
        return takeReads();
      };
      expect(await reads({ query: VIEWER })).toBe(1);
      expect(await reads({ method: "GET", path })).toBe(1);
      expect(await reads({ query: VIEWER + " ".repeat(70_000) })).toBe(2);
      const type = "multipart/form-data; boundary=b";
      const sent = { body: multipart({ query: VIEWER }), headers: { "content-type": type } };
      expect(await reads(sent)).toBe(2);
      await send({ key: "pk_0", query: VIEWER });
      await send({ query: VIEWER });
      expect(takeReads()).toBe(0);
    }));

  it("takes no method, path or query from headers", () =>
    withYoga({}, async ({ key, send, service }) => {
      const path = `/graphql?${form({ query: RENAME, variables: '{"library":"barcelona"}' })}`;
      for (const header of ["x-http-method-override", "x-method-override", "x-original-method"]) {
        const answer = await send({ key, method: "GET", path, headers: { [header]: "POST" } });
        expect(answer.status).toBe(405);
      }
      const headers = { "x-original-url": path, "x-rewrite-url": path };
      expect((await send({ method: "GET", path: "/graphql", headers })).status).toBe(401);
      expect(service.ran).toStrictEqual([]);
    }));

  it("answers in any shape with the same refusal", () =>
    withYoga({}, async ({ key, send }) => {
      for (const accept of ["text/event-stream", "multipart/mixed", "application/*", "*/*"]) {
        const headers = { accept };
        const missing = await send({ query: VIEWER, headers });
        expect(missing.status).toBe(401);
        expect(missing.headers["www-authenticate"]).toBe("Bearer");
        expect(missing.headers["cache-control"]).toMatch(/no-store/);
        expect(missing.text).toContain('"UNAUTHENTICATED"');
        expect(missing.text).not.toContain('"data"');
        const porto = await send({ key, query: ASSETS, variables: { library: "porto" }, headers });
        expect(porto.status).toBe(403);
        expect(porto.text).toContain('"UNAUTHORIZED"');
        expect(porto.text).not.toContain('"data"');
      }
      const none = await send({ query: VIEWER, headers: { accept: "image/png" } });
      expect(none.status).toBe(406);
      expect(none.text).toBe("");
    }));

  it("serves other addresses without a key, and GraphQL at none of them", () =>
    withYoga({}, async ({ send, service }) => {
      const { status, headers } = await send({ method: "GET", path: "/health" });
      expect(status).toBe(200);
      // They are the same for everybody, and no business of ours.
      expect(headers).not.toHaveProperty("vary");
      expect(headers).not.toHaveProperty("cache-control");
      expect((await send({ method: "GET", path: "/nothing" })).status).toBe(404);
      const query = `query=${encodeURIComponent(VIEWER)}`;
      for (const path of [
        `/graphql/?${query}`,
        `/graphql?${query}&x=/graphql`,
        `/other?${query}&x=/graphql`,
        `//graphql?${query}`,
        `/./graphql?${query}`,
        `/graphql%2f?${query}`,
        `/graphql;key=1?${query}`,
        `/health/../graphql?${query}`,
      ]) {
        const answer = await send({ method: "GET", path });
        expect([401, 404], path).toContain(answer.status);
        expect(answer.text).not.toContain('"data"');
      }
      const health = await send({ method: "GET", path: `/graphql?${query}&x=/health` });
      expect(health.text).toBe("");
      expect(service.ran).toStrictEqual([]);
    }));
});

describe("settings of Yoga", () => {
  const REFUSALS = async ({ key, send, sendPlain, setMood }: Subject): Promise<void> => {
    assertData(await send({ key, query: ASSETS, variables: { library: "barcelona" } }), BARCELONA);
    assertRefused(await send({ query: VIEWER }), 401, "UNAUTHENTICATED");
    assertRefused(await send({ query: "{ nothing }", key: unknownKey() }), 401, "UNAUTHENTICATED");
    assertRefused(
      await send({ key, query: ASSETS, variables: { library: "porto" } }),
      403,
      "UNAUTHORIZED",
    );
    assertRefused(await sendPlain({ key, query: VIEWER }), 403, "HTTPS_REQUIRED");
    const query = `mutation { requires(${O}, libraryId: "barcelona", other: "porto") }`;
    const within = await send({ key, query });
    expect(within.status).toBe(200);
    expect(within.body.errors[0].extensions).toStrictEqual({ code: "UNAUTHORIZED" });
    setMood("rejects");
    assertRefused(await send({ key, query: VIEWER }), 503, "UNAVAILABLE");
  };

  const SETTINGS: readonly (readonly [what: string, settings: Settings])[] = [
    ["nothing", {}],
    ["errors that are not masked", { maskedErrors: false }],
    ["errors of developers", { maskedErrors: { isDev: true } }],
    ["a message of its own for masked errors", { maskedErrors: { errorMessage: "Oops." } }],
    ["no caches", { parserAndValidationCache: false }],
    ["no CORS", { cors: false }],
    ["no uploads", { multipart: false }],
    ["no page", { graphiql: false, landingPage: false }],
    ["batches", { batching: { limit: 2 } }],
    ["a small limit of bodies", { maxRequestBodySize: 2000 }],
    ["no limit of bodies", { maxRequestBodySize: false }],
    ["only some request headers", { allowedHeaders: { request: ["content-type"] } }],
    ["Node's own fetch", { fetchAPI: { Request, Response, Headers, URL } as never }],
  ];

  it.for(SETTINGS)("refuses the same with %s", ([, settings]) => withYoga(settings, REFUSALS));

  it("says nothing of limits to strangers", () =>
    withYoga({ batching: { limit: 1 } }, async ({ key, send }) => {
      const body = JSON.stringify([{}, {}]);
      assertRefused(await send({ body }), 401, "UNAUTHENTICATED");
      assertRefused(await send({ body, key: unknownKey() }), 401, "UNAUTHENTICATED");
      expect((await send({ body, key })).status).toBe(413);
    }));

  it("answers OPTIONS 401 when nobody else answers it", () =>
    withYoga({ cors: false }, async ({ send }) => {
      assertRefused(await send({ method: "OPTIONS" }), 401, "UNAUTHENTICATED");
    }));

  it("masks what resolvers throw, logs it without keys, and shows it without keys to developers", () =>
    withYoga({ maskedErrors: { isDev: true } }, async ({ key, send }) => {
      const query = `query ($t: String!) { fails(${O}, libraryId: "barcelona", text: $t) }`;
      const { body } = await send({ key, query, variables: { t: `secret ${key}` } });
      const [error] = body.errors;
      expect(error.message).toBe("Unexpected error.");
      expect(error.extensions.originalError.message).toBe(`secret ${key.slice(0, 7)}…`);
      expect(takeLog()).toContain(`secret ${key.slice(0, 7)}…`);
    }));

  it("says of JSON in an address that it is none, without the keys in it", () =>
    withYoga({ maskedErrors: { isDev: true } }, async ({ key, send }) => {
      for (const name of ["variables", "extensions"]) {
        const params = new URLSearchParams({ query: VIEWER, [name]: key });
        const path = `/graphql?${params}`;
        const answer = await send({ key, method: "GET", path });
        expect(answer.status).toBe(500);
        expect(answer.body.data).toBeUndefined();
        expect(takeLog()).toContain("is not valid JSON");
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        expect((await send({ key, body: `${params}`, headers })).status).toBe(500);
        assertRefused(
          await send({ key: unknownKey(), method: "GET", path }),
          401,
          "UNAUTHENTICATED",
        );
      }
    }));

  it("asks of a body that is none, what plugins throw, and hands on what is no error", () => {
    const thrown: unknown[] = [];
    const throwing: Plugin = {
      onRequestParse: ({ setRequestParser }) =>
        setRequestParser(() => {
          throw thrown[0];
        }),
    };
    return withYoga({ before: [throwing] }, async ({ key, send }) => {
      for (const value of [
        new Error(`no ${key}`),
        "text",
        null,
        new DOMException("gone", "AbortError"),
      ]) {
        thrown[0] = value;
        const answer = await send({ key, query: VIEWER });
        expect(answer.body?.data).toBeUndefined();
        assertRefused(await send({ key: unknownKey(), query: VIEWER }), 401, "UNAUTHENTICATED");
      }
    });
  });

  it("points at what is refused, also far down, but makes Yoga count no lines without end", () =>
    withYoga({}, async ({ key, send }) => {
      const locate = async (lines: number) => {
        const query = `{${"\n".repeat(lines)}   viewer assets(${O}, libraryId: "porto") { id } }`;
        const { body } = await send({ key, query });
        return body.errors[0].locations;
      };
      expect(await locate(0)).toStrictEqual([{ line: 1, column: 12 }]);
      expect(await locate(1)).toStrictEqual([{ line: 2, column: 11 }]);
      expect(await locate(9999)).toStrictEqual([{ line: 10_000, column: 11 }]);
      expect(await locate(10_000)).toBeUndefined();
    }));

  it("answers what cannot be coerced as Yoga does without a guard", () =>
    withYoga({}, async ({ key, send }) => {
      for (const accept of ["application/json", "application/graphql-response+json"]) {
        const answer = await send({ key, query: ASSETS, variables: {}, headers: { accept } });
        expect(answer.status).toBe(400);
        expect(answer.body.errors[0].locations).toStrictEqual([{ line: 2, column: 10 }]);
      }
    }));

  it("offers plugins and resolvers the caller", () => {
    const seen: unknown[] = [];
    return withSubject(
      (parts) =>
        createGuardedYoga(parts, {
          after: [
            { onContextBuilding: ({ context }) => void seen.push((context as any).caller.id) },
          ],
        }),
      async ({ key, ref, send }) => {
        await send({ key, query: VIEWER });
        expect(seen).toStrictEqual([ref.id]);
      },
    );
  });

  it("is a plugin like any other: it can be made once and given to two servers", () =>
    withSubject(
      ({ apiKeys, guard }) => {
        const plugin = useApiKeys({ apiKeys, guard });
        const yogas = [1, 2].map(() =>
          createYoga({ schema: guard.schema, plugins: [plugin], logging: false }),
        );
        let turn = 0;
        return (req, res) => yogas[turn++ % 2]!(req, res);
      },
      async ({ key, send }) => {
        for (let i = 0; i < 3; i++) {
          expect((await send({ key, query: VIEWER })).status).toBe(200);
          assertRefused(await send({ query: VIEWER }), 401, "UNAUTHENTICATED");
        }
      },
    ));
});
