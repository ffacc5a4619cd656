import { setTimeout as sleep } from "node:timers/promises";
import websocket from "@fastify/websocket";
import Fastify, { type FastifyInstance } from "fastify";
import { buildSchema } from "graphql";
import { makeHandler } from "graphql-ws/use/@fastify/websocket";
import mercurius, { type MercuriusOptions } from "mercurius";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createPlugin, type MercuriusRequest } from "../../src/adapters/mercurius.js";
import { accessDirectives, createGuard, type Guard } from "../../src/graphql/index.js";
import { createApiKeys, createCaller, everyLibrary } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { keysIn } from "../support/canary.js";
import { RENAME, VIEWER } from "./cases/documents.js";
import { ADDED, ANY_ADDED, enter, subscribe } from "./cases/sockets.js";
import {
  createGuardedMercurius,
  handlerOf,
  logged,
  sockets,
  withSockets,
} from "./mercurius-server.js";
import { headOf, receive, withSubject } from "./subject.js";
import { openSocket, type Message } from "./web-socket.js";

const O = `organizationId: "monogram-labs"`;
const closed = (code: number): Message => ({ type: "closed", code });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

afterEach(() => {
  expect(keysIn(logged.splice(0))).toEqual([]);
});

describe("what cannot be had", () => {
  const register = async (settings: object, options: object = {}, before?: boolean) => {
    const app = Fastify();
    if (before) await app.register(websocket);
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const sdl = `${accessDirectives} type Query { viewer: String @apiKey }`;
    const guard = createGuard(buildSchema(sdl), { types: "none" });
    await app.register(
      createPlugin(mercurius, { apiKeys, guard, sockets, ...options }),
      settings as MercuriusOptions,
    );
  };

  it.each<[string, object, object?, boolean?]>([
    ["subscriptions without sockets", { subscription: true }, { sockets: undefined }],
    ["an older subprotocol", { subscription: { wsDefaultSubprotocol: "graphql-ws" } }],
    ["an option that nobody knows", { subscription: { onOperation() {} } }],
    ["a client verified by another's server", { subscription: { verifyClient() {} } }, {}, true],
    ["sockets of nothing", {}, { sockets: {} }],
    ["sockets of something else", {}, { sockets: { ...sockets, useServer() {} } }],
    ["a heartbeat that is none", {}, { heartbeatMs: 1 }],
  ])("%s", async (_, settings, options, before) => {
    await expect(register(settings, options, before)).rejects.toThrow(/./);
    await expect(register({ subscription: true }, {}, before)).resolves.toBeUndefined();
  });
});

describe("the route of sockets", () => {
  it("is where Mercurius' own is, and leaves the host's sockets alone", () => {
    const before = async (app: FastifyInstance) => {
      await app.register(websocket, { options: { maxPayload: 1000 } });
      app.get("/echo", { websocket: true }, (socket) => {
        socket.on("message", (data) => socket.send(data as Buffer));
      });
    };
    return withSockets({ before, prefix: "/api", path: "/all" }, async (subject) => {
      const { key, send } = subject;
      const client = await openSocket(subject, { path: "/api/all", params: bearer(key) });
      expect(await client.next()).toEqual({ type: "connection_ack" });
      expect(await client.run(VIEWER)).toHaveLength(2);
      await client.close();
      expect((await send({ key, path: "/api/all", query: VIEWER })).status).toBe(200);
      const echo = await openSocket(subject, { path: "/echo", params: null });
      echo.send({ type: "hello" });
      expect(await echo.next()).toEqual({ type: "hello" });
      await echo.close();
    });
  });

  it("is none where Mercurius has none", () =>
    withSockets({ routes: false }, async (subject) => {
      await expect(openSocket(subject)).rejects.toThrow("404");
      expect(subject.app.graphql.pubsub).toBeDefined();
    }));

  it("takes messages of 1 MiB", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    return withSockets({}, async (subject) => {
      const client = await openSocket(subject, { params: null });
      client.send({ type: "connection_init", payload: { text: "x".repeat(1_048_576) } });
      expect(await client.next()).toEqual(closed(1009));
    });
  });

  it("has the host's hooks of the route, and its verifyClient", () => {
    const asked: unknown[] = [];
    return withSockets(
      {
        additionalRouteOptions: {
          preHandler: async (request) => void asked.push(request.headers["user-agent"]),
          preValidation: async (request, reply) => {
            if (request.headers["x-refused"]) await reply.code(418).send();
          },
        },
        subscription: { verifyClient: ({ req }, next) => next(!req.headers["x-unverified"], 402) },
      },
      async (subject) => {
        const client = await openSocket(subject, { headers: { "user-agent": "x" } });
        await client.close();
        expect(asked).toEqual(["x"]);
        const refused = openSocket(subject, { headers: { "x-refused": "1" } });
        await expect(refused).rejects.toThrow("418");
        const unverified = openSocket(subject, { headers: { "x-unverified": "1" } });
        await expect(unverified).rejects.toThrow("402");
      },
    );
  });

  it("says so when it is not asked to upgrade", () =>
    withSockets({}, async ({ connect, key, service }) => {
      const socket = await connect();
      const head = { authorization: `Bearer ${key}`, upgrade: "websocket" };
      socket.write(headOf(head, `GET /graphql?query={viewer} HTTP/1.1`));
      expect(await receive(socket)).toMatchObject({ status: 426 });
      expect(service.ran).toEqual([]);
      socket.destroy();
    }));

  it("lets no mutation by GET through that asks to upgrade to something else", () =>
    withSockets({}, async ({ connect, key, service }) => {
      const query = encodeURIComponent(
        `mutation { renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "x") { id } }`,
      );
      for (const upgrade of ["h2c", "websocket, h2c", "websocket"]) {
        for (const method of ["GET", "POST"]) {
          const socket = await connect();
          const head = { authorization: `Bearer ${key}`, connection: "upgrade", upgrade };
          socket.write(headOf(head, `${method} /graphql?query=${query} HTTP/1.1`));
          expect((await receive(socket)).status).toBeGreaterThanOrEqual(400);
          socket.destroy();
        }
      }
      expect(service.ran).toEqual([]);
    }));

  it("is the only one: Mercurius' own transport turns everybody away", () => {
    let own: any;
    const before = (app: FastifyInstance) =>
      void app.addHook("onRoute", (options: any) => {
        if (options.url === "/graphql" && options.wsHandler && !options.constraints) {
          own = options.wsHandler;
        }
      });
    const host = (app: FastifyInstance) => app.route({ ...OWN_ROUTE, wsHandler: own } as never);
    return withSockets({ before, host }, async (subject) => {
      for (const query of [VIEWER, ANY_ADDED]) {
        const client = await openSocket(subject, { path: "/own", params: bearer(subject.key) });
        const messages = [await client.next(), ...(await client.run(query))];
        expect(messages.map(({ type }) => type)).toEqual(["connection_error", "closed"]);
        const early = await openSocket(subject, { path: "/own", params: null });
        expect((await early.run(query)).map(({ type }) => type)).toEqual(["connection_error"]);
        expect((await early.next()).type).toBe("closed");
      }
      expect([subject.service.ran, subject.service.feed.opened]).toEqual([[], 0]);
    });
  });
});

const OWN_ROUTE = { method: "GET", url: "/own", handler: () => "nothing" };

describe("sockets that a host serves without the adapter", () => {
  it.each<[string, (guard: Guard) => object]>([
    ["a schema alone", ({ schema }) => ({ schema })],
    ["contexts of its own", ({ schema }) => ({ schema, context: {} })],
  ])("get nothing of %s", (_, createOptions) => {
    const before = async (app: FastifyInstance) => {
      await app.register(websocket);
      const wsHandler = makeHandler(createOptions(given) as never);
      app.route({ ...OWN_ROUTE, wsHandler } as never);
    };
    let given: Guard;
    return withSubject(
      async (parts) => {
        given = parts.guard;
        return handlerOf(await createGuardedMercurius(parts, { before }));
      },
      async (subject) => {
        const client = await openSocket(subject, { path: "/own" });
        await client.next();
        for (const query of [VIEWER, RENAME, ADDED("barcelona")]) {
          const [answer] = await client.run(query, { library: "barcelona" });
          expect(answer!.payload.data?.viewer ?? null).toBeNull();
          expect(answer!.payload.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
        }
        expect([subject.service.ran, subject.service.feed.opened]).toEqual([[], 0]);
        await client.close();
      },
      { subscriptions: true },
    );
  });
});

describe("the host's say in a socket", () => {
  it("comes after the key, which it does not see", () => {
    const seen: unknown[] = [];
    const subscription: MercuriusOptions["subscription"] = {
      fullWsTransport: true,
      context: (socket, request) => {
        seen.push(request.headers, request.raw.headers, request.raw.rawHeaders);
        return { socket, tenant: request.headers["x-tenant"] };
      },
      onConnect(data) {
        seen.push(data);
        return { nickname: data.payload.nickname };
      },
      onDisconnect: (context) => void seen.push(Object.keys(context)),
    };
    return withSockets({ subscription }, async (subject) => {
      const stranger = await openSocket(subject, { params: { nickname: "nobody" } });
      expect(await stranger.next()).toEqual(closed(4401));
      expect(seen).toEqual([]);
      const contexts: any[] = [];
      subject.app.graphql.addHook("onResolution", async (_execution, context) => {
        contexts.push(context);
      });
      const headers = { ...bearer(subject.key), "x-tenant": "t" };
      const client = await openSocket(subject, { params: { nickname: "n" }, headers });
      await client.next();
      await client.run(VIEWER);
      await client.run(VIEWER);
      const [first, second] = contexts;
      expect(first).not.toBe(second);
      expect(first).toMatchObject({
        tenant: "t",
        nickname: "n",
        _connectionInit: { nickname: "n" },
      });
      expect(first.caller.id).toBe(subject.ref.id);
      expect(first.app.server).toBe(subject.app.server);
      expect(first.pubsub).toBe(subject.app.graphql.pubsub);
      await client.close();
      while (seen.length < 5) await sleep(1);
      expect(seen[3]).toEqual({ type: "connection_init", payload: { nickname: "n" } });
      expect(seen[4]).toContain("nickname");
      expect(keysIn(seen)).toEqual([]);
    });
  });

  it.each<[string, Exclude<MercuriusOptions["subscription"], boolean>, number]>([
    ["does not want it", { onConnect: () => false }, 4403],
    ["does not say", { onConnect: () => undefined }, 4403],
    ["fails", { onConnect: () => Promise.reject(new Error("down")) }, 1011],
    [
      "has no context for it",
      {
        context: () => {
          throw new Error("down");
        },
      },
      1011,
    ],
  ])("closes it when it %s", (_, subscription, code) =>
    withSockets({ subscription: subscription! }, async (subject) => {
      const client = await openSocket(subject, { params: bearer(subject.key) });
      expect(await client.run(ANY_ADDED)).toEqual([closed(code)]);
      expect(subject.service.feed.opened).toBe(0);
    }),
  );

  it("is asked by its own callers with the request of the upgrade", () => {
    const access = everyLibrary("read");
    const user = createCaller({
      id: "user-7",
      version: 1,
      organizationId: "monogram-labs",
      access,
    });
    const otherCallers = ({ headers }: MercuriusRequest) =>
      headers.cookie === "session=1" ? user : null;
    return withSockets({ options: { otherCallers } }, async (subject) => {
      const client = await openSocket(subject, { headers: { cookie: "session=1" } });
      await client.next();
      const [viewer] = await client.run(VIEWER);
      expect(viewer!.payload.data).toEqual({ viewer: "monogram-labs user-7" });
      await client.close();
      // What a client says in its first message is no header of its request.
      const liar = await openSocket(subject, { params: { cookie: "session=1" } });
      expect(await liar.next()).toEqual(closed(4401));
    });
  });
});

describe("queries and mutations on a socket", () => {
  it.each([true, { fullWsTransport: false }])(
    "are refused unless the host wants them (%j)",
    (subscription) =>
      withSockets({ subscription }, async (subject) => {
        const client = await enter(subject);
        for (const query of [VIEWER, RENAME]) {
          const [refused] = await client.run(query, { library: "barcelona" });
          expect([refused!.type, refused!.payload[0].message]).toEqual([
            "error",
            "Only subscriptions are served over WebSocket.",
          ]);
        }
        expect(subject.service.ran).toEqual([]);
        await client.close();
        const stream = await subscribe(subject);
        await stream.close();
      }),
  );
});
