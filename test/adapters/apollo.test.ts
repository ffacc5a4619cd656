import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type Express } from "express";
import { buildSchema, parse } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import { createServerParts, type ConnectRequest } from "../../src/adapters/apollo.js";
import { apiKey, createGuard, unmarked } from "../../src/graphql/index.js";
import { createApiKeys, createCaller, everyLibrary } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { keysIn } from "../support/canary.js";
import { apolloServer, createGuardedApollo, logged } from "./apollo-server.js";
import { casesFor } from "./cases.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./cases/documents.js";
import {
  assertData,
  assertRefused,
  headOf,
  receive,
  runCase,
  unknownKey,
  withSubject,
  type Parts,
  type Subject,
} from "./subject.js";

const O = `organizationId: "monogram-labs"`;

afterEach(() => {
  expect(keysIn(logged.splice(0))).toEqual([]);
});

/** Runs with a server that has these settings. */
function withApollo(
  settings: Parameters<typeof createGuardedApollo>[1],
  use: (subject: Subject) => Promise<void>,
): Promise<void> {
  return withSubject(async (parts) => (await createGuardedApollo(parts, settings)).app, use);
}

/** Runs with an application of its own making. */
function withApp(
  make: (parts: Parts) => Promise<Express> | Express,
  use: (subject: Subject) => Promise<void>,
): Promise<void> {
  return withSubject(make, use);
}

describe("Apollo Server on Express", () => {
  it.each(casesFor(apolloServer.capabilities))("$id: $name", (test) => runCase(apolloServer, test));
});

describe("a part that is missing or wrong", () => {
  const ask = async ({ key, send, service }: Subject) => {
    const answer = await send({ key, query: VIEWER });
    expect([answer.status, service.ran]).toEqual([500, []]);
    return answer;
  };

  it.each([
    ["no context function", async () => ({})],
    ["the context of nobody", async () => ({ caller: { can: () => true } })],
  ])("runs nothing with %s", (_, context) =>
    withApp(
      async ({ apiKeys, guard }) => {
        const { plugin } = createServerParts({ apiKeys, guard });
        const server = new ApolloServer({
          schema: guard.schema,
          plugins: [plugin],
          logger: console,
        });
        Object.assign(server, { logger: { error: (line: string) => logged.push(line) } });
        await server.start();
        return express().use("/graphql", express.json(), expressMiddleware(server, { context }));
      },
      async (subject) => {
        await ask(subject);
        expect(logged.join()).toMatch(/Give the context function of createServerParts/);
      },
    ),
  );

  it("runs nothing without the plugin, whatever the schema", () =>
    withApp(
      async ({ apiKeys, guard }) => {
        const { context } = createServerParts({ apiKeys, guard });
        const schema = buildSchema("type Query { viewer: String }");
        const server = new ApolloServer({ schema });
        await server.start();
        return express().use("/graphql", express.json(), expressMiddleware(server, { context }));
      },
      async (subject) => {
        expect((await ask(subject)).text).toMatch(/Give the plugin of createServerParts/);
      },
    ));

  it("does not start with another schema than the guard's, also one that comes later", async () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const schema = buildSchema("type Query { viewer: String }");
    const guard = createGuard(schema, { rules: { "Query.viewer": apiKey() }, types: "none" });
    const { plugin } = createServerParts({ apiKeys, guard });
    await expect(new ApolloServer({ schema, plugins: [plugin] }).start()).rejects.toThrow(
      /guard\.schema itself/,
    );
    const listener = (await plugin.serverWillStart!({ schema: guard.schema } as never)) as any;
    listener.schemaDidLoadOrUpdate({ apiSchema: guard.schema });
    expect(() => listener.schemaDidLoadOrUpdate({ apiSchema: schema })).toThrow(/guard\.schema/);
    for (const name of ["defer", "stream"]) {
      const parts = buildSchema(`directive @${name} on FIELD type Query { viewer: String }`);
      const rules = { "Query.viewer": apiKey(), [`@${name}`]: unmarked("it is the server's") };
      const own = createGuard(parts, { rules: rules as never, types: "none" });
      const { plugin: its } = createServerParts({ apiKeys, guard: own });
      const server = new ApolloServer({ schema: own.schema, plugins: [its] });
      await expect(server.start()).rejects.toThrow(/no @defer, no @stream/);
    }
  });

  it("checks its options", () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const schema = buildSchema("type Query { viewer: String }");
    const guard = createGuard(schema, { rules: { "Query.viewer": apiKey() }, types: "none" });
    for (const wrong of [
      {},
      { apiKeys },
      { guard },
      { apiKeys, guard, wrong: 1 },
      { apiKeys, guard, connection: 1 },
      { apiKeys, guard, trustProxy: 1 },
      { apiKeys, guard, otherCallers: {} },
    ]) {
      expect(() => createServerParts(wrong as never)).toThrow(TypeError);
    }
    expect(() => createServerParts({ apiKeys, guard }).authenticate("json" as never)).toThrow(
      TypeError,
    );
  });

  it("refuses a request whose body was read elsewhere, and its key died before the end of it", () =>
    withApp(
      async ({ apiKeys, guard }) => {
        const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
        const server = new ApolloServer({ schema: guard.schema, plugins: [plugin] });
        await server.start();
        const graphql = expressMiddleware(server, { context });
        return express()
          .use("/graphql", authenticate(), express.json(), graphql)
          .use("/alone", express.json(), graphql);
      },
      async (subject) => {
        const { apiKeys, key, ref, connect, send, takeReads } = subject;
        for (const path of ["/graphql", "/alone"]) {
          assertRefused(await send({ query: VIEWER, path }), 401, "UNAUTHENTICATED");
          assertRefused(
            await subject.sendPlain({ key, query: VIEWER, path }),
            403,
            "HTTPS_REQUIRED",
          );
          const answer = await send({ key, query: VIEWER, path });
          assertData(answer, { viewer: `monogram-labs ${ref.id}` });
          expect(answer.headers).toMatchObject({
            vary: "Authorization",
            "cache-control": "no-store",
          });
        }
        takeReads();
        const body = JSON.stringify({ query: VIEWER });
        const socket = await connect();
        socket.write(
          headOf({
            authorization: `Bearer ${key}`,
            "content-type": "application/json",
            "content-length": body.length,
          }) + body.slice(0, 5),
        );
        await sleep(30);
        expect(takeReads()).toBe(1);
        await apiKeys.delete(ref);
        socket.write(body.slice(5));
        assertRefused(await receive(socket), 401, "UNAUTHENTICATED");
        socket.destroy();
      },
    ));

  it("reads the key once, and twice when it has to be known before a body", () =>
    withApollo({}, async ({ key, send, takeReads }) => {
      const reads = async (query: string) => {
        takeReads();
        expect((await send({ key, query })).status).toBe(200);
        return takeReads();
      };
      expect(await reads(VIEWER)).toBe(1);
      expect(await reads(VIEWER + " ".repeat(70_000))).toBe(2);
    }));
});

describe("the context", () => {
  const withContext = (
    wrap: (context: (first: object) => Promise<object>) => (first: object) => Promise<object>,
    use: (subject: Subject) => Promise<void>,
  ) =>
    withApp(async ({ apiKeys, guard }) => {
      const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
      const server = new ApolloServer({
        schema: guard.schema,
        plugins: [plugin],
        allowBatchedHttpRequests: true,
      });
      Object.assign(server, { logger: { error: (line: string) => logged.push(line) } });
      await server.start();
      const graphql = expressMiddleware(server, { context: wrap(context) });
      return express().use("/graphql", authenticate(express.json()), graphql);
    }, use);

  it("may have more in it", () =>
    withContext(
      (context) => async (first) => ({ ...(await context(first)), more: 1 }),
      async ({ key, send }) => {
        const query = ASSETS;
        const variables = { library: "barcelona" };
        assertData(await send({ key, query, variables }), BARCELONA);
        const batch = await send({ key, body: JSON.stringify([{ query, variables }, { query }]) });
        expect([batch.status, batch.body[0].data, batch.body[1].data]).toEqual([
          200,
          BARCELONA,
          undefined,
        ]);
      },
    ));

  it("serves one request", () => {
    let first: Promise<object> | undefined;
    return withContext(
      (context) => (given) => (first ??= context(given)),
      async ({ key, send, service }) => {
        expect((await send({ key, query: VIEWER })).status).toBe(200);
        expect((await send({ key: unknownKey(), query: VIEWER })).status).toBe(401);
        expect((await send({ key, query: VIEWER })).status).toBe(500);
        expect(logged.splice(0).join()).toMatch(/new context for every request/);
        expect(service.ran).toEqual(["Query.viewer"]);
      },
    );
  });

  it("asks for the key again when it is made a second time", () => {
    let between = async (): Promise<unknown> => null;
    return withContext(
      (context) => async (given) => {
        await context(given);
        await between();
        return context(given);
      },
      async ({ apiKeys, key, ref, send, service }) => {
        expect((await send({ key, query: VIEWER })).status).toBe(200);
        between = () => apiKeys.delete(ref);
        service.ran.length = 0;
        assertRefused(await send({ key, query: VIEWER }), 401, "UNAUTHENTICATED");
        expect(service.ran).toEqual([]);
      },
    );
  });

  it("lets no other plugin replace its caller", () => {
    const stranger = createCaller({
      id: "root",
      version: 1,
      organizationId: "monogram-labs",
      access: everyLibrary("write"),
    });
    const after: ApolloServerPlugin = {
      async requestDidStart({ contextValue }) {
        Object.assign(contextValue, { caller: stranger });
      },
    };
    return withApollo({ after: [after] }, async ({ key, send, service }) => {
      const answer = await send({ key, query: RENAME, variables: { library: "porto" } });
      assertRefused(answer, 403, "UNAUTHORIZED");
      expect(service.ran).toEqual([]);
    });
  });
});

describe("other plugins", () => {
  type Change = (context: any) => void;
  const changes: readonly (readonly [string, Change])[] = [
    ["variables", (context) => (context.request.variables = { library: "porto" })],
    ["the values in variables", ({ request }) => (request.variables.library = "porto")],
    [
      "the document",
      (context) => (context.document = parse(`{ assets(${O}, libraryId: "porto") { id } }`)),
    ],
    ["the context", (context) => (context.contextValue = { ...context.contextValue })],
  ];
  const hooks = ["responseForOperation", "executionDidStart"] as const;

  it.each(hooks.flatMap((hook) => changes.map(([what, change]) => [what, hook, change] as const)))(
    "that change %s in %s, after the check, get nothing resolved",
    (_, hook, change) => {
      const after: ApolloServerPlugin = {
        async requestDidStart() {
          return {
            async [hook](context: unknown) {
              change(context);
              return null;
            },
          } as object;
        },
      };
      return withApollo({ after: [after] }, async ({ key, send, service }) => {
        const answer = await send({ key, query: ASSETS, variables: { library: "barcelona" } });
        expect(answer.status).toBe(200);
        expect(answer.body.data).toBeNull();
        expect(answer.body.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
        expect(service.touched).toEqual([]);
      });
    },
  );

  it("answer from a cache only what its caller may ask", () => {
    const cache = new Map<string, any>();
    const keyOf = ({ contextValue, source }: any) => `${contextValue.caller.cacheKey} ${source}`;
    const after: ApolloServerPlugin = {
      async requestDidStart() {
        return {
          responseForOperation: async (context) => cache.get(keyOf(context)) ?? null,
          async willSendResponse(context) {
            cache.set(keyOf(context), structuredClone({ body: context.response.body, http: {} }));
          },
        };
      },
    };
    return withApollo({ after: [after] }, async ({ apiKeys, key, ref, send, service }) => {
      const sent = { key, query: `{ assets(${O}, libraryId: "lisbon") { id } }` };
      for (let i = 0; i < 2; i++) expect((await send(sent)).status).toBe(200);
      expect(service.ran).toEqual(["Query.assets"]);
      await apiKeys.revoke(ref, { libraryId: "lisbon" });
      assertRefused(await send(sent), 403, "UNAUTHORIZED");
    });
  });

  it("and the host's formatter see errors without keys, and refusals as what they are", () => {
    const seen: unknown[] = [];
    const after: ApolloServerPlugin = {
      async requestDidStart() {
        return {
          async didEncounterErrors({ errors }) {
            seen.push(...errors);
          },
        };
      },
    };
    const formatError = (formatted: any, error: unknown) => {
      seen.push(formatted, error);
      return formatted;
    };
    const settings = { after: [after], formatError, includeStacktraceInErrorResponses: true };
    return withApollo(settings, async ({ key, send }) => {
      const library = `${O}, libraryId: "barcelona"`;
      for (const query of [
        `{ viewer "${key}" }`,
        `{ ${key} }`,
        `{ count(${library}, first: "${key}") }`,
        `{ fails(${library}, text: "at ${key}") }`,
      ]) {
        expect((await send({ key, query })).body.errors).toHaveLength(1);
      }
      expect(seen).toHaveLength(12);
      expect(keysIn(seen)).toEqual([]);
      const refused = await send({
        key,
        query: `mutation { requires(${library}, other: "porto") }`,
      });
      expect(refused.status).toBe(200);
      expect(refused.body.errors[0].extensions.code).toBe("UNAUTHORIZED");
    });
  });

  it("may add keys to errors, of which the client sees none", () => {
    const formatError = (formatted: any) => ({ ...formatted, hint: `use ${secret}` });
    let secret = "";
    return withApollo({ formatError }, async ({ key, send }) => {
      secret = key;
      expect((await send({ key, query: "{ nothing }" })).text).toMatch(/use pk_.{4}…/);
    });
  });
});

describe("refusals", () => {
  it("are listed all, one a field", () =>
    withApollo({}, async ({ key, send }) => {
      const fields = ["a", "b", "c"].map((n) => `${n}: assets(${O}, libraryId: "porto") { id }`);
      const query = `{ ${fields.join(" ")} }`;
      const answer = await send({ key, query });
      assertRefused(answer, 403, "UNAUTHORIZED");
      expect(answer.body.errors.map(({ path }: any) => path)).toEqual([["a"], ["b"], ["c"]]);
      expect(answer.body.errors.map(({ locations }: any) => locations[0].column)).toHaveLength(3);
    }));

  it("inside a resolver carry no status, also when there is no data left", () =>
    withApollo({ allowBatchedHttpRequests: true }, async ({ key, send, service }) => {
      const rename = `renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "done") { name }`;
      const query = `mutation { ${rename} requires(${O}, libraryId: "barcelona", other: "porto") }`;
      for (const body of [{ query }, [{ query }, { query: VIEWER }]]) {
        const answer = await send({ key, body: JSON.stringify(body) });
        expect(answer.status).toBe(200);
        const [first] = [answer.body].flat();
        expect(first.data).toEqual({ renameAsset: { name: "done" }, requires: null });
        expect(answer.headers["www-authenticate"]).toBeUndefined();
      }
      expect(service.assets[0]!.name).toBe("done");
    }));

  it("say 401 when the key dies between authentication and check", () => {
    let between = async (): Promise<unknown> => null;
    const after: ApolloServerPlugin = {
      requestDidStart: async () => ({ didResolveSource: async () => void (await between()) }),
    };
    return withSubject(
      async ({ guard }) => {
        const { app } = await createGuardedApollo({ apiKeys: leased, guard }, { after: [after] });
        return app;
      },
      async ({ send, service }) => {
        const organizationId = "monogram-labs";
        const access = { barcelona: "write" } as const;
        const { key, apiKey } = await leased.create({ organizationId, name: "x", access });
        between = () => leased.delete({ organizationId, id: apiKey.id });
        const answer = await send({ key, query: ASSETS, variables: { library: "barcelona" } });
        assertRefused(answer, 401, "UNAUTHENTICATED");
        expect(answer.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
        expect(service.ran).toEqual([]);
      },
    );
  });

  const leased = createApiKeys({ store: createMemoryStore(), leaseMs: 20 });

  it("register no persisted query, and strangers ask for none", () =>
    withApollo({}, async ({ key, send, createKey }) => {
      const query = `{ assets(${O}, libraryId: "porto") { id } }`;
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(query));
      const sha256Hash = Buffer.from(digest).toString("hex");
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      const ask = (asker: string | undefined, body: object) =>
        send({ ...(asker && { key: asker }), body: JSON.stringify({ ...body, extensions }) });
      assertRefused(await ask(key, { query }), 403, "UNAUTHORIZED");
      expect((await ask(key, {})).text).toMatch(/PersistedQueryNotFound/);
      assertRefused(await ask(undefined, {}), 401, "UNAUTHENTICATED");
      const { key: other } = await createKey({ porto: "read" });
      expect((await ask(other, { query })).status).toBe(200);
      expect((await ask(other, {})).status).toBe(200);
      assertRefused(await ask(key, {}), 403, "UNAUTHORIZED");
    }));
});

describe("what Apollo answers in its own way", () => {
  it("protects cookies from other sites, once the key is good", () =>
    withApollo({ csrfPrevention: true }, async ({ key, send }) => {
      const get = (asker: string, headers: Record<string, string> = {}) =>
        send({ key: asker, method: "GET", path: "/graphql?query={viewer}", headers });
      expect((await get(key)).status).toBe(400);
      expect((await get(key, { "apollo-require-preflight": "1" })).status).toBe(200);
      assertRefused(await get(unknownKey()), 401, "UNAUTHENTICATED");
    }));

  it("answers pages to people alone: what has a body, or is asked for otherwise, needs a key", () =>
    withApollo({ includeStacktraceInErrorResponses: false }, async ({ send }) => {
      const accept = "text/html, application/json";
      const path = "/graphql?query={viewer}";
      expect((await send({ method: "GET", path, headers: { accept: "text/html" } })).status).toBe(
        200,
      );
      assertRefused(
        await send({ method: "GET", path, headers: { accept: "application/json, text/html" } }),
        401,
        "UNAUTHENTICATED",
      );
      assertRefused(
        await send({
          method: "GET",
          path,
          headers: { accept, "content-type": "application/json", "content-length": "1" },
          body: "{",
        }),
        401,
        "UNAUTHENTICATED",
      );
    }));

  it("says what is wrong with a body, in JSON and without keys, and hides what a parser threw", () =>
    withApp(
      async ({ apiKeys, guard }) => {
        const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
        const server = new ApolloServer({ schema: guard.schema, plugins: [plugin] });
        await server.start();
        const broken = (_req: unknown, _res: unknown, next: (error?: unknown) => void) =>
          next(new Error("the disk is on fire"));
        const rejects = async () => Promise.reject(new Error("the network is down"));
        const graphql = expressMiddleware(server, { context });
        return express()
          .use("/graphql", authenticate(express.json({ limit: 100 })), graphql)
          .use("/broken", authenticate(broken), graphql)
          .use("/rejects", authenticate(rejects), graphql)
          .use(((error, _req, res, _next) => {
            res.status(500).send(String(error));
          }) as express.ErrorRequestHandler);
      },
      async ({ key, send }) => {
        const answer = await send({ key, query: VIEWER + " ".repeat(200) });
        expect([answer.status, answer.body.errors[0].extensions]).toEqual([
          413,
          { code: "BAD_REQUEST" },
        ]);
        const preflight = { method: "OPTIONS", headers: { "apollo-require-preflight": "1" } };
        assertRefused(await send(preflight), 401, "UNAUTHENTICATED"); // nobody else answers it
        const html = { accept: "text/html", "content-type": "application/json" };
        for (const path of ["/broken", "/rejects"]) {
          expect((await send({ key, path, query: VIEWER })).status).toBe(500);
          assertRefused(await send({ path, query: VIEWER }), 401, "UNAUTHENTICATED");
          expect((await send({ path, method: "GET", headers: html })).status).toBe(500);
        }
      },
    ));

  it("refuses an upload while its body is still coming, and takes one", () => {
    /** As graphql-upload: goes on once it has the operation, while files follow. */
    const upload = (req: any, _res: unknown, next: () => void) => {
      req.once("data", (first: Buffer) => {
        req.pause();
        const [operation] = first.toString().split("\n");
        req.body = JSON.parse(operation!);
        req.body.variables.files = [{ text: async () => (await text(req)).trim() }];
        next();
      });
    };
    return withApp(
      async ({ apiKeys, guard }) => {
        const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
        const server = new ApolloServer({ schema: guard.schema, plugins: [plugin] });
        await server.start();
        return express().use(
          "/graphql",
          authenticate(upload),
          expressMiddleware(server, { context }),
        );
      },
      async ({ connect, key, service }) => {
        const query = `mutation ($l: ID!, $files: [Upload!]!) { uploadAssets(${O}, libraryId: $l, files: $files) }`;
        const begin = async (l: string) => {
          const socket = await connect();
          const head = {
            authorization: `Bearer ${key}`,
            "content-type": "multipart/x",
            "content-length": 50_000,
          };
          socket.write(`${headOf(head)}${JSON.stringify({ query, variables: { l } })}\n`);
          return socket;
        };
        const refused = await begin("lisbon");
        assertRefused(await receive(refused), 403, "UNAUTHORIZED");
        refused.destroy();
        expect(service.ran).toEqual([]);
        const taken = await begin("barcelona");
        await sleep(30);
        expect(service.ran).toEqual(["Mutation.uploadAssets"]);
        taken.destroy();
        await once(taken, "close");
      },
    );
  });
});

describe("scenario 105: requests without an API key", () => {
  const user = () =>
    createCaller({
      id: "user-1",
      version: 1,
      organizationId: "monogram-labs",
      access: everyLibrary("write"),
    });

  it("are the host's own callers, when a browser would have asked", () => {
    const asked: (string | undefined)[] = [];
    const otherCallers = ({ headers }: ConnectRequest) => {
      asked.push(String(headers["cookie"]));
      if (headers["cookie"] === "broken") throw new Error("the session store is down");
      return headers["cookie"] === "session=1" ? user() : null;
    };
    return withApollo({ options: { otherCallers } }, async ({ key, send }) => {
      const cookie = "session=1";
      const sent = { query: ASSETS, variables: { library: "porto" }, headers: { cookie } };
      expect((await send(sent)).status).toBe(200);
      expect(asked.splice(0)).toEqual([cookie]);
      assertRefused(await send({ ...sent, key }), 403, "UNAUTHORIZED");
      assertRefused(await send({ ...sent, key: unknownKey() }), 401, "UNAUTHENTICATED");
      const simple = { cookie, "content-type": "text/plain" };
      assertRefused(await send({ ...sent, headers: simple }), 401, "UNAUTHENTICATED");
      const path = "/graphql?query={viewer}";
      assertRefused(
        await send({ method: "GET", path, headers: { cookie } }),
        401,
        "UNAUTHENTICATED",
      );
      expect(asked).toEqual([]);
      assertRefused(await send({ ...sent, headers: { cookie: "other" } }), 401, "UNAUTHENTICATED");
      assertRefused(await send({ ...sent, headers: { cookie: "broken" } }), 503, "UNAVAILABLE");
    });
  });
});

describe("integrations that are not Express", () => {
  it("hand over a request in their own way", async () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const schema = buildSchema("type Query { viewer: String }");
    const guard = createGuard(schema, { rules: { "Query.viewer": apiKey() }, types: "none" });
    const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "x" });
    const headers = { authorization: `Bearer ${key}` };
    const { plugin, context } = createServerParts<{ event: { headers: object } }>({
      apiKeys,
      guard,
      connection: ({ event }) => ({ headers: event.headers as never, encrypted: true }),
    });
    const server = new ApolloServer({ schema: guard.schema, plugins: [plugin] });
    await server.start();
    const answer = await server.executeOperation(
      { query: VIEWER },
      { contextValue: await context({ event: { headers } }) },
    );
    expect(answer.body).toMatchObject({ singleResult: { data: { viewer: null } } });
    await expect(context({ event: { headers: {} } })).rejects.toThrow(/API key is required/);

    const plain = createServerParts({ apiKeys, guard });
    await new ApolloServer({ schema: guard.schema, plugins: [plain.plugin] }).start();
    const sent = new Map<string, string>();
    const raw = {
      getHeader: (name: string) => sent.get(name),
      setHeader: (name: string, value: string) => sent.set(name, value),
    };
    const request = { raw: { socket: { encrypted: true } }, headers };
    expect(await plain.context(request, { raw })).toHaveProperty("caller.organizationId");
    expect([...sent]).toEqual([
      ["vary", "Authorization"],
      ["cache-control", "no-store"],
    ]);
    await expect(plain.context({})).rejects.toThrow(/HTTPS is required/);
  });
});
