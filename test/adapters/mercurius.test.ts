import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import Fastify, { type FastifyInstance } from "fastify";
import { buildSchema, parse } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import mercurius from "mercurius";
import { WebSocketServer } from "ws";
import { afterEach, describe, expect, it } from "vitest";
import { createServerOptions } from "../../src/adapters/graphql-ws.js";
import {
  createPlugin,
  type MercuriusGuardOptions,
  type MercuriusRequest,
} from "../../src/adapters/mercurius.js";
import { accessDirectives, createGuard, type Guard } from "../../src/graphql/index.js";
import {
  createApiKeys,
  createCaller,
  everyLibrary,
  type ApiKeys,
  type Caller,
} from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { keysIn } from "../support/canary.js";
import { casesFor } from "./cases.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./cases/documents.js";
import { createGuardedMercurius, listenerOf, logged, mercuriusServer } from "./mercurius-server.js";
import {
  assertData,
  assertRefused,
  getCertificate,
  headOf,
  receive,
  runCase,
  unknownKey,
  withSubject,
  type Subject,
} from "./subject.js";
import { openSocket } from "./web-socket.js";

const O = `organizationId: "monogram-labs"`;

afterEach(() => {
  expect(keysIn(logged.splice(0))).toEqual([]);
});

/** Runs with a server that has these settings. */
function withMercurius(
  settings: Parameters<typeof createGuardedMercurius>[1],
  use: (subject: Subject) => Promise<void>,
): Promise<void> {
  return withSubject(
    async (parts) => listenerOf(await createGuardedMercurius(parts, settings)),
    use,
  );
}

describe("Mercurius", () => {
  it.each(casesFor(mercuriusServer.capabilities))("$id: $name", (test) =>
    runCase(mercuriusServer, test),
  );
});

const newKeys = () => createApiKeys({ store: createMemoryStore() });
const sdl = `${accessDirectives}
  type Query {
    viewer: String @apiKey
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! name: String! size: Int! }
`;

describe("what cannot be had beside a guard", () => {
  const register = async (settings: object, guard?: Guard | (() => Guard)) => {
    const app = Fastify();
    const own = guard ?? createGuard(buildSchema(sdl));
    await app.register(createPlugin(mercurius, { apiKeys: newKeys(), guard: own }), settings);
    return app;
  };

  it.each([
    ["compiled operations", { jit: 1 }],
    ["compiled operations in the background", { jit: { minCount: 1 } }],
    ["its subscriptions, without what serves sockets", { subscription: true }],
    ["another schema", { schema: sdl }],
    ["resolvers for it", { resolvers: { Query: { viewer: () => "x" } } }],
    ["loaders for it", { loaders: {} }],
    ["transforms of it", { schemaTransforms: [] }],
  ])("%s", async (_, settings) => {
    await expect(register(settings)).rejects.toThrow(TypeError);
  });

  it("a schema that changes later", async () => {
    const app = await register({});
    const { graphql } = app;
    const schema = buildSchema(sdl);
    for (const change of [
      () => graphql.replaceSchema(schema),
      () => graphql.extendSchema("extend type Query { more: String }"),
      () => graphql.defineResolvers({ Query: { viewer: () => "x" } }),
      () => graphql.defineLoaders({}),
      () => graphql.transformSchema([]),
    ]) {
      expect(change).toThrow(/guard last/);
    }
  });

  it("options that are none", () => {
    const apiKeys = newKeys();
    const guard = createGuard(buildSchema(sdl));
    for (const wrong of [
      {},
      { apiKeys },
      { guard },
      { apiKeys, guard, wrong: 1 },
      { apiKeys, guard: {} },
    ]) {
      expect(() => createPlugin(mercurius, wrong as never)).toThrow(TypeError);
    }
    expect(() => createPlugin({} as never, { apiKeys, guard })).toThrow(TypeError);
  });

  it("takes the guard's own schema for an option", async () => {
    const guard = createGuard(buildSchema(sdl));
    expect((await register({ schema: guard.schema }, guard)).graphql.schema).toBe(guard.schema);
  });

  it("runs nothing once another schema is there all the same", () =>
    withMercurius(
      { host: (app) => (app.graphql.schema = buildSchema("type Query { viewer: String }")) },
      async ({ key, send, service }) => {
        const answer = await send({ key, query: VIEWER });
        expect([answer.status, answer.body.data, service.ran]).toEqual([200, undefined, []]);
        expect(answer.text).toMatch(/lost guard\.schema/);
      },
    ));
});

describe("a guard of what Mercurius makes", () => {
  it("guards resolvers and loaders", async () => {
    const apiKeys = newKeys();
    const loaded: string[] = [];
    const asset = (args: object) => ({ ...args, id: "1" });
    const resolvers = { Query: { assets: (_: unknown, args: object) => [asset(args)] } };
    const loaders = {
      Asset: {
        name: async (queries: { obj: { libraryId: string } }[], { caller }: any) => {
          loaded.push(caller.organizationId, ...queries.map(({ obj }) => obj.libraryId));
          return queries.map(() => "1.jpg");
        },
      },
    };
    const app = Fastify({ https: await getCertificate() } as object) as unknown as FastifyInstance;
    const guard = (schema: Parameters<typeof createGuard>[0]) => createGuard(schema);
    const trustProxy = () => true;
    await app.register(createPlugin(mercurius, { apiKeys, guard, trustProxy }), {
      schema: sdl,
      resolvers: resolvers as never,
      loaders: loaders as never,
    });
    const { key } = await apiKeys.create({
      organizationId: "monogram-labs",
      name: "x",
      access: { barcelona: "read" },
    });
    const ask = async (libraryId: string) => {
      const answer = await app.inject({
        method: "POST",
        url: "/graphql",
        headers: { authorization: `Bearer ${key}`, "x-forwarded-proto": "https" },
        payload: { query: `{ assets(${O}, libraryId: "${libraryId}") { name } }` },
      });
      return [answer.statusCode, answer.json().data];
    };
    expect(await ask("barcelona")).toEqual([200, { assets: [{ name: "1.jpg" }] }]);
    expect(await ask("porto")).toEqual([403, undefined]);
    expect(loaded).toEqual(["monogram-labs", "barcelona"]);
    await app.close();
  });
});

describe("what loaders have cached", () => {
  /** Loaders of names that note whose they are, and what they were asked for. */
  const withLoaders = async (
    options: Partial<MercuriusGuardOptions>,
    use: (app: FastifyInstance, loaded: string[], apiKeys: ApiKeys) => Promise<void>,
  ) => {
    const apiKeys = newKeys();
    const loaded: string[] = [];
    const app = Fastify();
    const plugin = createPlugin(mercurius, {
      apiKeys,
      guard: (schema) => createGuard(schema),
      trustProxy: () => true,
      ...options,
    });
    await app.register(plugin, {
      schema: sdl,
      resolvers: {
        Query: { assets: (_: unknown, args: object) => [{ ...args, id: "1" }] },
      } as never,
      loaders: {
        Asset: {
          name: async (queries: { obj: { libraryId: string } }[], { caller }: any) => {
            const names = queries.map(({ obj }) => `${obj.libraryId} for ${caller?.id}`);
            loaded.push(...names);
            return names;
          },
        },
      } as never,
      allowBatchedQueries: true, // with which Mercurius keeps the loaders of a request
    });
    await use(app, loaded, apiKeys);
    await app.close();
  };
  const NAMES = `{ assets(${O}, libraryId: "barcelona") { name } }`;
  const https = { "x-forwarded-proto": "https" };

  it("is one caller's, also on one connection and in batches", () =>
    withLoaders({}, async (app, loaded, apiKeys) => {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const access = { barcelona: "read" } as const;
        const own = await apiKeys.create({ organizationId: "monogram-labs", name: "x", access });
        ids.push(own.apiKey.id);
        const headers = { authorization: `Bearer ${own.key}`, ...https };
        const payload = [{ query: NAMES }, { query: NAMES }];
        const answer = await app.inject({ method: "POST", url: "/graphql", headers, payload });
        const own1 = { data: { assets: [{ name: `barcelona for ${own.apiKey.id}` }] } };
        expect(answer.json()).toEqual([own1, own1]);
      }
      expect(loaded).toEqual(ids.map((id) => `barcelona for ${id}`));
    }));

  it("is not another's whom the host takes the same request for", () => {
    const users = ["a", "a", "b"].map((id) =>
      createCaller({
        id,
        version: 1,
        organizationId: "monogram-labs",
        access: everyLibrary("read"),
      }),
    );
    return withLoaders({ otherCallers: () => users.shift()! }, async (app, loaded) => {
      app.post("/twice", async (_request, reply) => {
        const context = { caller: { id: "host" } }; // what loaders get is the host's object
        const answers = [await reply.graphql(NAMES, context), await reply.graphql(NAMES, context)];
        await expect(reply.graphql(NAMES, context)).rejects.toThrow(/two callers/);
        return answers;
      });
      const headers = { "x-requested-with": "test", ...https };
      expect((await app.inject({ method: "POST", url: "/twice", headers })).json()).toHaveLength(2);
      expect(loaded).toHaveLength(1);
    });
  });
});

describe("hooks of the host", () => {
  type Change = (context: any) => object | void;
  const changes: readonly (readonly [string, Change])[] = [
    ["variables", () => ({ variables: { library: "porto" } })],
    ["the document", () => ({ document: parse(`{ assets(${O}, libraryId: "porto") { id } }`) })],
  ];

  it.each(changes)("that change %s before the check have it refused", (_, change) =>
    withMercurius(
      {
        host: (app) =>
          app.graphql.addHook(
            "preExecution",
            async (_schema, _document, context) => change(context) as never,
          ),
      },
      async ({ key, send, service }) => {
        const answer = await send({ key, query: ASSETS, variables: { library: "barcelona" } });
        assertRefused(answer, 403, "UNAUTHORIZED");
        expect(service.ran).toEqual([]);
      },
    ),
  );

  it("cannot come after the check", async () => {
    const app = Fastify();
    const guard = createGuard(buildSchema(sdl));
    await app.register(createPlugin(mercurius, { apiKeys: newKeys(), guard }));
    app.addHook("onReady", async () => {
      app.graphql.addHook("onResolution", async () => {});
      app.graphql.addHook("preExecution", async () => ({ schema: buildSchema(sdl) }) as never);
    });
    await expect(app.ready()).rejects.toThrow(/"preExecution" hooks before the server is ready/);
  });

  it("do not replace the caller", () => {
    const access = everyLibrary("write");
    const stranger = createCaller({
      id: "root",
      version: 1,
      organizationId: "monogram-labs",
      access,
    });
    const host = (app: FastifyInstance) =>
      app.graphql.addHook("preValidation", async (_schema, _document, context) => {
        Object.assign(context, { caller: stranger });
      });
    return withMercurius({ host }, async ({ key, send, service }) => {
      assertRefused(
        await send({ key, query: RENAME, variables: { library: "porto" } }),
        403,
        "UNAUTHORIZED",
      );
      expect(service.ran).toEqual([]);
    });
  });

  it("of the route run after ours, and see what is sent", () => {
    const seen: string[] = [];
    const additionalRouteOptions = {
      preParsing: [async () => void seen.push("preParsing")],
      preValidation: async () => void seen.push("preValidation"),
      onSend: async (_request: unknown, reply: any) => void seen.push(`onSend ${reply.statusCode}`),
    } as never;
    return withMercurius({ additionalRouteOptions }, async ({ key, send }) => {
      await send({ key, query: VIEWER });
      await send({ query: VIEWER });
      await send({ key: unknownKey(), body: "{" });
      expect(seen).toEqual([
        "preParsing",
        "preValidation",
        "onSend 200",
        "onSend 401",
        "preParsing",
        "onSend 401",
      ]);
    });
  });
});

describe("the context", () => {
  it("is one of its own for each operation, whatever the host makes", () => {
    const shared = { more: 1 };
    return withMercurius(
      { context: () => shared as never },
      async ({ createKey, send, setMood }) => {
        setMood("later");
        const issued = await Promise.all(
          Array.from({ length: 20 }, () => createKey({ barcelona: "read" })),
        );
        const answers = await Promise.all(issued.map(({ key }) => send({ key, query: VIEWER })));
        issued.forEach(({ apiKey }, i) =>
          assertData(answers[i]!, { viewer: `monogram-labs ${apiKey.id}` }),
        );
        expect(shared).toEqual({ more: 1 });
      },
    );
  });

  it("of an operation in a route of the host comes from its request, each time", () => {
    let between: () => unknown = () => {};
    const shared = {};
    const host = (app: FastifyInstance) => {
      app.get("/assets", async (_request, reply) => {
        const answers = [await reply.graphql(ASSETS, shared, { library: "barcelona" })];
        await between();
        answers.push(await reply.graphql(`{ viewer }`));
        return answers;
      });
      app.get("/named", async (_request, reply) =>
        reply.graphql(
          `query A { viewer } query B { assets(${O}, libraryId: "porto") { id } }`,
          {},
          undefined,
          "B",
        ),
      );
      app.get("/tree", async (_request, reply) => reply.graphql(parse("{ viewer }")));
      app.get("/nobody", async () => app.graphql("{ viewer }"));
    };
    return withMercurius({ host }, async ({ apiKeys, key, ref, send, sendPlain, service }) => {
      const get = (path: string, asker?: string) =>
        send({ method: "GET", path, ...(asker !== undefined && { key: asker }) });
      const answer = await get("/assets", key);
      expect(answer.body.map(({ data }: any) => data)).toEqual([
        BARCELONA,
        { viewer: `monogram-labs ${ref.id}` },
      ]);
      expect(answer.headers).toMatchObject({
        vary: "Origin, Authorization",
        "cache-control": "no-store",
      });
      expect(shared).not.toHaveProperty("caller");
      const stranger = await get("/assets");
      expect([stranger.status, stranger.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
      expect((await sendPlain({ method: "GET", path: "/assets", key })).status).toBe(403);
      expect((await get("/named", key)).status).toBe(403);
      expect((await get("/tree", key)).body.data.viewer).toContain(ref.id);
      expect((await get("/tree")).status).toBe(401);
      service.ran.length = 0;
      expect((await get("/nobody", key)).status).toBe(500);
      expect(service.ran).toEqual([]);
      between = () => apiKeys.delete(ref);
      expect((await get("/assets", key)).status).toBe(401);
    });
  });
});

describe("two plugins and one request", () => {
  it("keep their callers apart", async () => {
    const apiKeys = newKeys();
    const userOf = (id: string, access: Parameters<typeof createCaller>[0]["access"]) => () =>
      createCaller({ id, version: 1, organizationId: "monogram-labs", access });
    const resolvers = (more: object) => ({
      Query: { viewer: (_: unknown, _args: object, { caller }: any) => caller.id, ...more },
    });
    const plugin = (otherCallers: () => Caller) =>
      createPlugin(mercurius, {
        apiKeys,
        guard: (schema) => createGuard(schema),
        trustProxy: () => true,
        otherCallers,
      });
    const app = Fastify();
    const scopes: FastifyInstance[] = [];
    await app.register(async (scope) => {
      const ask = (_: unknown, _args: object, { reply }: any) =>
        scopes[0]!.graphql("{ viewer }", { reply });
      const Query = { assets: (_: unknown, args: object) => [{ ...args, id: "1" }], ask };
      await scope.register(plugin(userOf("limited", { barcelona: "read" })), {
        schema: `${sdl} extend type Query { ask: Answer @apiKey } type Answer { data: Viewer } type Viewer { viewer: String }`,
        resolvers: resolvers(Query) as never,
        allowBatchedQueries: true,
        persistedQueryProvider: {
          isPersistedQuery: ({ persisted }: any) => persisted,
          getHash: ({ query }: any) => query,
          getQueryFromHash: async (query: string) => (await sleep(50), query),
        } as never,
      });
    });
    await app.register(async (scope) => {
      scopes.push(scope);
      const settings = { schema: sdl, resolvers: resolvers({}) as never, path: "/admin" };
      await scope.register(plugin(userOf("admin", everyLibrary("write"))), settings);
    });
    const answer = await app.inject({
      method: "POST",
      url: "/graphql",
      headers: { "x-forwarded-proto": "https" },
      payload: [
        { query: "{ ask { data { viewer } } }" },
        { query: `{ assets(${O}, libraryId: "porto") { id } }`, persisted: true },
        { query: "{ viewer }", persisted: true },
      ],
    });
    const [asked, refused, own] = answer.json();
    expect(asked).toEqual({ data: { ask: { data: { viewer: "admin" } } } });
    expect(refused.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
    expect(own).toEqual({ data: { viewer: "limited" } });
    await app.close();
  });
});

describe("scenario 56: mutations", () => {
  it.each(["GET", "HEAD"])("do not run by %s", (method) =>
    withMercurius({}, async ({ key, send, service }) => {
      const query = RENAME.replace("$library: ID!", '$library: ID! = "barcelona"');
      const path = `/graphql?query=${encodeURIComponent(query)}`;
      expect((await send({ method, path, key })).status).toBe(405);
      expect(service.ran).toEqual([]);
      const read = await send({
        method,
        path: `/graphql?query=${encodeURIComponent(VIEWER)}`,
        key,
      });
      expect([read.status, service.ran]).toEqual([200, ["Query.viewer"]]);
    }),
  );
});

describe("documents that are JSON", () => {
  const treeOf = (text: string): any =>
    JSON.parse(JSON.stringify(parse(text, { noLocation: true })));

  it("are judged as if they were text", () =>
    withMercurius({}, async ({ key, send }) => {
      const variables = { library: "barcelona" };
      const query = JSON.stringify(treeOf(ASSETS));
      assertData(await send({ key, query, variables }), BARCELONA);
      const refused = await send({ key, query, variables: { library: "porto" } });
      assertRefused(refused, 403, "UNAUTHORIZED");
    }));

  it("have names of text", () =>
    withMercurius({}, async ({ key, send, service }) => {
      const tree = treeOf(`{ viewer assets(${O}, libraryId: "porto") { id } }`);
      tree.definitions[0].selectionSet.selections[1].name.value = ["assets"];
      const answer = await send({ key, query: JSON.stringify(tree) });
      expect([answer.status, answer.body.data]).toEqual([400, undefined]);
      expect(service.ran).toEqual([]);
    }));
});

describe("what goes wrong before execution", () => {
  const wrong = (key: string): readonly (readonly [string, Record<string, unknown>?])[] => [
    [`{ viewer "${key}" }`],
    [`{ ${key} }`],
    [ASSETS, { library: { a: key } }],
  ];

  it.each<[string, object]>([
    ["Fastify", { errorHandler: false }],
    [
      "the host",
      {
        errorHandler: (error: any, request: any, reply: any) => {
          request.log.error({ error, errors: error.errors });
          return reply.code(error.statusCode).send({ errors: error.errors });
        },
      },
    ],
  ])("is told without keys where %s tells it", (_, settings) =>
    withMercurius(settings, async ({ key, send }) => {
      for (const [query, variables] of wrong(key)) {
        const answer = await send({ key, query, ...(variables && { variables }) });
        expect([answer.status, keysIn([answer.text])]).toEqual([400, []]);
      }
    }),
  );

  it("is told without keys in a route of the host", () => {
    const host = (app: FastifyInstance): void =>
      void app.post("/own", async ({ body }: any, reply) =>
        reply.graphql(body.query, {}, body.variables),
      );
    return withMercurius({ host }, async ({ key, send }) => {
      for (const [query, variables] of wrong(key)) {
        const answer = await send({ key, path: "/own", query, ...(variables && { variables }) });
        expect([answer.status, keysIn([answer.text])]).toEqual([400, []]);
      }
    });
  });
});

describe("scenario 55: persisted queries", () => {
  const queries = {
    viewer: VIEWER,
    assets: ASSETS,
    porto: `{ assets(${O}, libraryId: "porto") { id } }`,
  };
  const post = (subject: Subject, body: object, key: string | null = subject.key) =>
    subject.send({ ...(key !== null && { key }), body: JSON.stringify(body) });

  it.each([false, true])("are judged by what runs (only persisted: %j)", (onlyPersisted) =>
    withMercurius({ persistedQueries: queries, onlyPersisted }, async (subject) => {
      const { ref, service } = subject;
      const persisted = true;
      const viewer = { viewer: `monogram-labs ${ref.id}` };
      assertData(await post(subject, { query: "viewer", persisted }), viewer);
      service.ran.length = 0;
      assertRefused(await post(subject, { query: "porto", persisted }), 403, "UNAUTHORIZED");
      const variables = { library: "porto" };
      const swapped = await post(subject, { query: "assets", persisted, variables });
      assertRefused(swapped, 403, "UNAUTHORIZED");
      for (const query of ["viewer", "nothing"]) {
        assertRefused(await post(subject, { query, persisted }, null), 401, "UNAUTHENTICATED");
      }
      expect(service.ran).toEqual([]);
      const text = await post(subject, { query: VIEWER });
      expect(text.status).toBe(onlyPersisted ? 400 : 200);
    }),
  );

  it("that clients persist are one caller's text and the next one's check", () =>
    withMercurius(
      { persistedQueryProvider: mercurius.persistedQueryDefaults.automatic() },
      async (subject) => {
        const { createKey, service } = subject;
        const hash = (query: string) => ({
          extensions: {
            persistedQuery: {
              version: 1,
              sha256Hash: createHash("sha256").update(query).digest("hex"),
            },
          },
        });
        const { porto } = queries;
        const other = (await createKey({ porto: "read" })).key;
        expect((await post(subject, { query: porto, ...hash(porto) }, other)).status).toBe(200);
        service.ran.length = 0;
        assertRefused(await post(subject, hash(porto)), 403, "UNAUTHORIZED");
        // Whatever runs of a text that is not that of its hash, was checked.
        const mismatch = await post(subject, { query: VIEWER, ...hash(porto) });
        expect([mismatch.status, service.touched.slice(1)]).toEqual([400, []]);
      },
    ));
});

describe("options that Mercurius had once", () => {
  it.each([
    { gateway: { services: [{ name: "x", url: "http://localhost:1/graphql" }] } },
    { federationMetadata: true },
  ])("%j: nothing comes of them", (settings) =>
    withMercurius(settings as never, async ({ key, ref, send, service }) => {
      assertData(await send({ key, query: VIEWER }), { viewer: `monogram-labs ${ref.id}` });
      service.ran.length = 0;
      for (const query of [
        "{ _service { sdl } }",
        `{ _entities(representations: []) { __typename } }`,
      ]) {
        expect((await send({ key, query })).status).toBe(400);
      }
      assertRefused(
        await send({ key, query: ASSETS, variables: { library: "porto" } }),
        403,
        "UNAUTHORIZED",
      );
      expect(service.ran).toEqual([]);
    }),
  );
});

describe("what a resolver finds", () => {
  /** A schema whose only field answers what it finds. */
  const withProbe = async (
    probe: (context: any) => unknown,
    use: (app: FastifyInstance, ask: (query?: string) => Promise<any>) => Promise<void>,
  ) => {
    const apiKeys = newKeys();
    const app = Fastify();
    await app.register(
      createPlugin(mercurius, {
        apiKeys,
        guard: (schema) => createGuard(schema, { types: "none" }),
        trustProxy: () => true,
      }),
      {
        schema: `${accessDirectives} type Query { probe: String @apiKey }`,
        resolvers: {
          Query: { probe: (_: unknown, _args: unknown, context: unknown) => probe(context) },
        } as never,
      },
    );
    const { key } = await apiKeys.create({ organizationId: "a", name: "x", access: {} });
    await use(app, async (query = "{ probe }") => {
      const headers = { authorization: `Bearer ${key}`, "x-forwarded-proto": "https" };
      const sent = { method: "POST", url: "/graphql", headers, payload: { query } } as const;
      return (await app.inject(sent)).json();
    });
    await app.close();
  };

  it("is what Mercurius puts there, beside the caller", () => {
    let found: any;
    return withProbe(
      (context) => void (found = context),
      async (app, ask) => {
        await ask();
        expect(found.app).toHaveProperty("graphql");
        expect(found.app.server).toBe(app.server);
        expect(found.reply).toHaveProperty("request");
        expect(found.caller.organizationId).toBe("a");
      },
    );
  });
});

describe("refusals", () => {
  it("are listed all, one a field, whatever the host makes of errors", () => {
    const errorFormatter = (execution: any, context: any) =>
      mercurius.defaultErrorFormatter(execution, context);
    return withMercurius({ errorFormatter }, async ({ key, send }) => {
      const fields = ["a", "b", "c"].map((n) => `${n}: assets(${O}, libraryId: "porto") { id }`);
      const answer = await send({ key, query: `{ ${fields.join(" ")} }` });
      assertRefused(answer, 403, "UNAUTHORIZED");
      expect(answer.body.errors.map(({ path }: any) => path)).toEqual([["a"], ["b"], ["c"]]);
      const invalid = await send({ key, query: "{ nothing nobody }" });
      expect([invalid.status, Object.keys(invalid.body), invalid.body.errors.length]).toEqual([
        400,
        ["errors"],
        2,
      ]);
    });
  });

  it("inside a resolver carry no status, also when there is no data left", () =>
    withMercurius({}, async ({ key, send, service }) => {
      const rename = `renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "done") { name }`;
      const query = `mutation { ${rename} requires(${O}, libraryId: "barcelona", other: "porto") }`;
      const answer = await send({ key, query });
      expect(answer.status).toBe(200);
      expect(answer.body.data).toEqual({ renameAsset: { name: "done" }, requires: null });
      expect(answer.body.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
      expect(service.assets[0]!.name).toBe("done");
    }));

  it("say 401 when the key dies between authentication and check", () => {
    const leased = createApiKeys({ store: createMemoryStore(), leaseMs: 20 });
    let between = async (): Promise<unknown> => null;
    const host = (app: FastifyInstance) =>
      app.graphql.addHook("preValidation", async () => void (await between()));
    return withSubject(
      async ({ guard }) =>
        listenerOf(
          await createGuardedMercurius(
            { apiKeys: leased, guard },
            { host, allowBatchedQueries: true },
          ),
        ),
      async ({ send, service }) => {
        const organizationId = "monogram-labs";
        const ask = async (...queries: readonly string[]) => {
          const access = { barcelona: "write" } as const;
          const { key, apiKey } = await leased.create({ organizationId, name: "x", access });
          const sent = queries.map((query) => ({ query }));
          between = () => leased.delete({ organizationId, id: apiKey.id });
          return send({ key, body: JSON.stringify(sent.length > 1 ? sent : sent[0]) });
        };
        const answer = await ask(`{ a: viewer }`);
        assertRefused(answer, 401, "UNAUTHENTICATED");
        expect(answer.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
        const batch = await ask(`{ b: viewer }`, `{ c: viewer }`);
        expect(batch.headers["www-authenticate"]).toBeUndefined();
        for (const { errors } of batch.body)
          expect(errors[0].extensions.code).toBe("UNAUTHENTICATED");
        expect(service.ran).toEqual([]);
      },
    );
  });

  it("come before what is wrong with a body, whoever handles errors", () =>
    withMercurius({ errorHandler: false }, async ({ key, send }) => {
      for (const body of ["{", key, `{"query": ${key}}`, " ".repeat(2_000_000)]) {
        assertRefused(await send({ key: unknownKey(), body }), 401, "UNAUTHENTICATED");
        expect((await send({ key, body })).status).toBeOneOf([400, 413]);
      }
    }));

  it("answer an upload before its bytes, and the rest of it is no other request", () =>
    withMercurius({}, async ({ connect, key }) => {
      const socket = await connect();
      const head = { "content-type": "multipart/form-data; boundary=b", "content-length": 10_000 };
      socket.write(headOf({ ...head, authorization: `Bearer ${unknownKey()}` }) + "x".repeat(100));
      assertRefused(await receive(socket), 401, "UNAUTHENTICATED");
      socket.write("x".repeat(9_900));
      const body = JSON.stringify({ query: ASSETS, variables: { library: "barcelona" } });
      socket.write(
        headOf({
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "content-length": body.length,
        }) + body,
      );
      assertData(await receive(socket), BARCELONA);
      socket.destroy();
    }));
});

describe("scenario 105: requests without an API key", () => {
  it("are the host's own callers, when a browser would have asked", () => {
    const access = everyLibrary("write");
    const user = createCaller({
      id: "user-1",
      version: 1,
      organizationId: "monogram-labs",
      access,
    });
    let asked = 0;
    const otherCallers = ({ headers }: MercuriusRequest) => {
      asked++;
      if (headers.cookie === "broken") throw new Error("the session store is down");
      return headers.cookie === "session=1" ? user : null;
    };
    return withMercurius({ options: { otherCallers } }, async ({ key, send }) => {
      const cookie = "session=1";
      const sent = { query: ASSETS, variables: { library: "porto" }, headers: { cookie } };
      expect((await send(sent)).status).toBe(200);
      expect(asked).toBe(1);
      assertRefused(await send({ ...sent, key }), 403, "UNAUTHORIZED");
      assertRefused(await send({ ...sent, key: unknownKey() }), 401, "UNAUTHENTICATED");
      const path = "/graphql?query={viewer}";
      assertRefused(
        await send({ method: "GET", path, headers: { cookie } }),
        401,
        "UNAUTHENTICATED",
      );
      const simple = { cookie, "content-type": "text/plain" };
      assertRefused(await send({ ...sent, headers: simple }), 401, "UNAUTHENTICATED");
      expect(asked).toBe(1);
      assertRefused(await send({ ...sent, headers: { cookie: "other" } }), 401, "UNAUTHENTICATED");
      assertRefused(await send({ ...sent, headers: { cookie: "broken" } }), 503, "UNAVAILABLE");
    });
  });
});

describe("subscriptions", () => {
  it("are served on the same server by the adapter graphql-ws", () =>
    withSubject(
      (parts) => {
        const made = createGuardedMercurius(parts);
        return {
          listener: async (req, res) => listenerOf(await made)(req, res),
          attach: (server) => {
            const { apiKeys, guard } = parts;
            const sockets = new WebSocketServer({ server, path: "/graphql" });
            useServer(createServerOptions({ apiKeys, guard }), sockets);
          },
        };
      },
      async (subject) => {
        const { key, ref, send } = subject;
        const viewer = { viewer: `monogram-labs ${ref.id}` };
        assertData(await send({ key, query: VIEWER }), viewer);
        const client = await openSocket(subject, { params: { authorization: `Bearer ${key}` } });
        expect(await client.next()).toEqual({ type: "connection_ack" });
        expect((await client.run(VIEWER))[0]!.payload).toEqual({ data: viewer });
        await client.close();
        const stranger = await openSocket(subject);
        expect(await stranger.next()).toEqual({ type: "closed", code: 4401 });
      },
    ));
});
