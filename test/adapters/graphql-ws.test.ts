import { setTimeout as sleep } from "node:timers/promises";
import { GraphQLError, parse } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  createServerOptions,
  type GraphQLWsOptions,
  type Prepare,
} from "../../src/adapters/graphql-ws.js";
import { createCaller, everyLibrary } from "../../src/index.js";
import { keysIn } from "../support/canary.js";
import {
  added,
  assetIn,
  createFeed,
  createStreamGuard,
  type Feed,
} from "../graphql/support-streams.js";
import { ASSETS, RENAME, VIEWER } from "./cases/documents.js";
import { misspell, withSubject, type Parts, type Subject } from "./subject.js";
import { openSocket, type Client, type Message } from "./web-socket.js";

const ACK: Message = { type: "connection_ack" };
const closed = (code: number): Message => ({ type: "closed", code });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

interface Serving extends Subject {
  /** Everything that graphql-ws knew of its sockets. */
  readonly sockets: unknown[];
}

/** A server of graphql-ws on real sockets. */
function withServer(
  use: (subject: Serving) => Promise<void>,
  options: Partial<GraphQLWsOptions> = {},
  guard?: Parts["guard"],
): Promise<void> {
  const sockets: unknown[] = [];
  return withSubject(
    (parts) => ({
      listener: (_req, res) => void res.writeHead(404).end(),
      attach(server) {
        const { apiKeys } = parts;
        const settings = createServerOptions({ apiKeys, guard: guard ?? parts.guard, ...options });
        const { onConnect } = settings;
        const watched = {
          ...settings,
          onConnect: async (socket: Parameters<typeof onConnect>[0]) => {
            const answer = await onConnect(socket);
            sockets.push(socket);
            return answer;
          },
        };
        useServer(watched as never, new WebSocketServer({ server, path: "/graphql" }));
      },
    }),
    (subject) => use({ ...subject, sockets }),
  );
}

async function open(subject: Subject, params: object = bearer(subject.key)): Promise<Client> {
  const client = await openSocket(subject, { params: params as Record<string, unknown> });
  expect(await client.next()).toEqual(ACK);
  return client;
}

describe("scenario 76: letting a socket in", () => {
  it.each<[string, (subject: Subject) => Parameters<typeof openSocket>[1]]>([
    ["connectionParams", ({ key }) => ({ params: bearer(key) })],
    ["lower-case connectionParams", ({ key }) => ({ params: { authorization: `bearer ${key}` } })],
    ["its upgrade", ({ key }) => ({ headers: bearer(key) })],
  ])("by the key in %s, and keeps its digest only", (_, opening) =>
    withServer(async (subject) => {
      const client = await openSocket(subject, opening(subject));
      expect(await client.next()).toEqual(ACK);
      const messages = await client.run(VIEWER);
      expect(messages).toEqual([
        { id: "1", type: "next", payload: { data: { viewer: `monogram-labs ${subject.ref.id}` } } },
        { id: "1", type: "complete" },
      ]);
      expect(keysIn(subject.sockets)).toEqual([]);
      await client.close();
    }),
  );

  it.each<[string, (subject: Subject) => Parameters<typeof openSocket>[1], number]>([
    ["no key", () => ({}), 4401],
    ["no payload", () => ({ params: undefined as never }), 4401],
    ["a misspelt key", ({ key }) => ({ params: bearer(misspell(key)) }), 4401],
    ["another scheme", ({ key }) => ({ params: { Authorization: key } }), 4401],
    ["a key that is no text", () => ({ params: { Authorization: 7 } }), 4401],
    [
      "two spellings of it",
      ({ key }) => ({ params: { ...bearer(key), authorization: `Bearer ${key}` } }),
      4401,
    ],
    ["a key in both places", ({ key }) => ({ params: bearer(key), headers: bearer(key) }), 4401],
    [
      "a bad key beside a good one",
      ({ key }) => ({ params: bearer(misspell(key)), headers: bearer(key) }),
      4401,
    ],
    ["a key over plain HTTP", ({ key }) => ({ params: bearer(key), plain: true }), 4403],
    ["no key over plain HTTP", () => ({ plain: true }), 4403],
  ])("is refused with %s", (_, opening, code) =>
    withServer(async (subject) => {
      const client = await openSocket(subject, opening(subject));
      expect(await client.next()).toEqual(closed(code));
      expect(subject.service.ran).toEqual([]);
      expect(keysIn(subject.sockets)).toEqual([]);
    }),
  );

  it("believes a proxy that is named", () =>
    withServer(
      async (subject) => {
        const headers = { "x-forwarded-proto": "https" };
        const client = await openSocket(subject, {
          params: bearer(subject.key),
          headers,
          plain: true,
        });
        expect(await client.next()).toEqual(ACK);
        await client.close();
      },
      { trustProxy: "loopback" },
    ));

  it("names a key that came over plain HTTP", () =>
    withServer(async (subject) => {
      const client = await openSocket(subject, { params: bearer(subject.key), plain: true });
      await client.next();
      await sleep(10);
      expect(subject.takeEvents()).toMatchObject([{ type: "exposed", keyId: subject.ref.id }]);
    }));

  it.each(["throws", "rejects", "hangs", "nonsense"] as const)(
    "asks to try again while the store %s",
    (mood) =>
      withServer(async (subject) => {
        subject.setMood(mood);
        const client = await openSocket(subject, { params: bearer(subject.key) });
        expect(await client.next()).toEqual(closed(1013));
      }),
  );

  it("answers no operation before the first message", () =>
    withServer(async (subject) => {
      const client = await openSocket(subject, { params: null, headers: bearer(subject.key) });
      expect(await client.run(VIEWER)).toEqual([closed(4401)]);
    }));
});

describe("scenario 77: operations on an open socket", () => {
  it("are decided one by one", () =>
    withServer(async (subject) => {
      const client = await open(subject);
      const [refused] = await client.run(ASSETS, { library: "porto" });
      expect(refused).toMatchObject({
        type: "next",
        payload: { errors: [{ extensions: { code: "UNAUTHORIZED" } }] },
      });
      expect(Object.keys(refused!.payload)).toEqual(["errors"]);
      expect(subject.service.ran).toEqual([]);
      const [allowed] = await client.run(ASSETS, { library: "barcelona" });
      expect(allowed!.payload.data.assets).toHaveLength(2);
      await client.close();
    }));

  it.each<[string, (subject: Subject) => Promise<unknown>]>([
    ["regenerated", ({ apiKeys, ref }) => apiKeys.regenerate(ref)],
    ["deleted", ({ apiKeys, ref }) => apiKeys.delete(ref)],
    ["disabled", ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false })],
  ])("authenticate anew: a key that was %s closes it with 4401", (_, kill) =>
    withServer(async (subject) => {
      const client = await open(subject);
      await client.run(VIEWER);
      await kill(subject);
      expect(await client.run(VIEWER)).toEqual([closed(4401)]);
      expect(subject.service.ran).toEqual(["Query.viewer"]);
    }),
  );

  it("go by the access of now", () =>
    withServer(async (subject) => {
      const client = await open(subject);
      await subject.apiKeys.setAccess(subject.ref, { lisbon: "read" });
      const [refused] = await client.run(ASSETS, { library: "barcelona" });
      expect(refused!.payload.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
      await subject.apiKeys.setAccess(subject.ref, { porto: "read" });
      const [allowed] = await client.run(ASSETS, { library: "porto" });
      expect(allowed!.payload.data.assets).toHaveLength(2);
      await client.close();
    }));

  it("fail while the store does, and go on afterwards", () =>
    withServer(async (subject) => {
      const client = await open(subject);
      subject.setMood("rejects");
      expect(await client.run(VIEWER)).toMatchObject([
        { type: "error", payload: [{ extensions: { code: "UNAVAILABLE" } }] },
      ]);
      subject.setMood("well");
      expect(await client.run(VIEWER)).toHaveLength(2);
      await client.close();
    }));

  it("that cannot be parsed or are not valid leave the socket open, and tell no key", () =>
    withServer(async (subject) => {
      const client = await open(subject);
      for (const query of [`{ ${subject.key}`, `{ viewer(of: "${subject.key}") }`, "{ nothing }"]) {
        expect(await client.run(query)).toMatchObject([{ type: "error" }]);
      }
      expect(await client.run(VIEWER)).toHaveLength(2);
      await client.close();
    }));

  it("obey the host's own rules of documents", () =>
    withServer(
      async (subject) => {
        const client = await open(subject);
        expect(await client.run(VIEWER)).toMatchObject([{ type: "error" }]);
        await client.close();
      },
      {
        validationRules: [
          (context) => ({
            Field(node) {
              context.reportError(new GraphQLError("No fields.", { nodes: [node] }));
            },
          }),
        ],
      },
    ));

  it("mutate as over HTTP", () =>
    withServer(async (subject) => {
      const client = await open(subject);
      const [renamed] = await client.run(RENAME, { library: "barcelona", name: "new.jpg" });
      expect(renamed!.payload.errors).toBeUndefined();
      await client.close();
    }));

  it("get a context of their own, with the caller in it", () =>
    withServer(
      async (subject) => {
        const client = await open(subject);
        await client.run(VIEWER);
        await client.run(VIEWER);
        expect(subject.service.callers).toHaveLength(2);
        expect(subject.service.callers).toMatchObject([
          { id: subject.ref.id },
          { id: subject.ref.id },
        ]);
        await client.close();
      },
      { context: () => ({ mine: true }) },
    ));

  it("need a context that is an object, and of this adapter", () => {
    return withSubject(
      ({ apiKeys, guard }) => {
        const { execute } = createServerOptions({ apiKeys, guard });
        expect(() => execute({ contextValue: {} } as never)).toThrow(TypeError);
        return (_req, res) => void res.end();
      },
      async () => {},
    );
  });
});

describe("scenario 54: documents that the host prepares", () => {
  const PORTO = `{ assets(organizationId: "monogram-labs", libraryId: "porto") { id } }`;
  const known = new Map([
    ["viewer", VIEWER],
    ["assets", ASSETS],
    ["porto", PORTO],
    ["invalid", "{ nothing }"],
  ]);
  const prepare: Prepare = ({ payload: { query, variables } }) => {
    const text = known.get(query);
    if (text === undefined) throw new GraphQLError(`${query} is not persisted.`);
    return { document: parse(text), ...(variables?.["library"] === "swap" && { variables: {} }) };
  };

  it("are run, and what is wrong with them is told without keys", () =>
    withServer(
      async (subject) => {
        const client = await open(subject);
        const [viewer] = await client.run("viewer");
        expect(viewer!.payload).toEqual({ data: { viewer: `monogram-labs ${subject.ref.id}` } });
        const [allowed] = await client.run("assets", { library: "barcelona" });
        expect(allowed!.payload.data.assets).toHaveLength(2);
        expect(await client.run(subject.key)).toMatchObject([{ type: "error" }]);
        expect(await client.run("viewer")).toHaveLength(2);
        await client.close();
      },
      { prepare },
    ));

  it("are checked, whatever the client sent", () =>
    withServer(
      async (subject) => {
        const client = await open(subject);
        for (const [query, variables] of [
          ["porto", { library: "barcelona" }],
          ["assets", { library: "porto" }],
        ] as const) {
          const [refused] = await client.run(query, variables);
          expect(refused!.payload.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
        }
        const [wrong] = await client.run("assets", { library: "swap" });
        expect(Object.keys(wrong!.payload)).toEqual(["errors"]);
        expect(subject.service.ran).toEqual([]);
        await client.close();
      },
      { prepare },
    ));

  it("may be refused by the host, who gets the caller of now", () => {
    const versions: number[] = [];
    return withServer(
      async (subject) => {
        const client = await open(subject);
        await client.run("viewer");
        await subject.apiKeys.grant(subject.ref, { libraryId: "porto", level: "read" });
        expect(await client.run("viewer")).toEqual([
          { id: "2", type: "error", payload: [{ message: "Not today." }] },
        ]);
        expect(versions).toEqual([1, 2]);
        expect(subject.service.ran).toEqual([]);
        await client.close();
      },
      {
        prepare({ caller, context, id, socket }) {
          expect(context).toMatchObject({ caller });
          expect([socket.acknowledged, id]).toEqual([true, `${versions.length + 1}`]);
          versions.push(caller.version);
          return [new GraphQLError("Not today.")];
        },
      },
    );
  });

  it("close the socket when they cannot be had, and the reason has no key", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    return withServer(
      async (subject) => {
        const client = await open(subject);
        expect(await client.run(subject.key)).toEqual([closed(4500)]);
        expect(keysIn(error.mock.calls)).toEqual([]);
      },
      {
        prepare: ({ payload }) => {
          throw new Error(`no cache for ${payload.query}`);
        },
      },
    );
  });
});

describe("scenario 78: streams on an open socket", () => {
  const HEARTBEAT_MS = 30;
  const QUERY = added("assetAdded");

  interface Streaming extends Serving {
    readonly feed: Feed;
  }

  function withStreams(use: (subject: Streaming) => Promise<void>, heartbeatMs = 10_000) {
    const feed = createFeed();
    const { guard } = createStreamGuard({ feed });
    return withServer((subject) => use({ ...subject, feed }), { heartbeatMs }, guard);
  }

  async function subscribe(subject: Streaming): Promise<Client> {
    const client = await open(subject);
    client.send({ id: "s", type: "subscribe", payload: { query: QUERY } });
    while (subject.feed.opened === 0) await sleep(1);
    return client;
  }

  it("send what is within reach, until the client has enough", () =>
    withStreams(async (subject) => {
      const client = await subscribe(subject);
      subject.feed.push(assetIn("porto", "hidden"));
      subject.feed.push(assetIn("barcelona", "2"));
      expect(await client.next()).toEqual({
        id: "s",
        type: "next",
        payload: { data: { assetAdded: { id: "2" } } },
      });
      client.send({ id: "s", type: "complete" });
      while (subject.feed.closed === 0) await sleep(1);
      await client.close();
    }));

  it("are not opened for another library", () =>
    withStreams(async (subject) => {
      const client = await open(subject);
      const [refused] = await client.run(added("assetAdded", "porto"));
      expect(refused!.payload.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
      expect(subject.feed.opened).toBe(0);
      await client.close();
    }));

  it("end with the event after the key's death, and the socket with them", () =>
    withStreams(async (subject) => {
      const client = await subscribe(subject);
      await subject.apiKeys.regenerate(subject.ref);
      subject.feed.push(assetIn("barcelona"));
      expect(await client.next()).toMatchObject({
        type: "next",
        payload: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
      });
      expect((await client.next()).code).toBe(4401);
      expect(subject.feed.closed).toBe(1);
    }));

  it("end within a heartbeat while idle", () =>
    withStreams(async (subject) => {
      const client = await subscribe(subject);
      await subject.apiKeys.delete(subject.ref);
      expect(await client.next()).toMatchObject({
        payload: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
      });
      expect((await client.next()).code).toBe(4401);
      expect(subject.feed.closed).toBe(1);
    }, HEARTBEAT_MS));

  it("end when the key is narrowed, and the socket stays", () =>
    withStreams(async (subject) => {
      const client = await subscribe(subject);
      await subject.apiKeys.setAccess(subject.ref, { lisbon: "read" });
      expect(await client.next()).toMatchObject({
        payload: { errors: [{ extensions: { code: "UNAUTHORIZED" } }] },
      });
      expect(await client.next()).toEqual({ id: "s", type: "complete" });
      await client.close();
    }, HEARTBEAT_MS));

  it("are closed with the socket", () =>
    withStreams(async (subject) => {
      const client = await subscribe(subject);
      await client.close();
      while (subject.feed.closed === 0) await sleep(1);
    }));
});

describe("scenario 105: sockets without an API key", () => {
  const user = createCaller({
    id: "user-7",
    version: 1,
    organizationId: "monogram-labs",
    access: everyLibrary("read"),
  });
  const origin = (subject: Subject) => `https://localhost:${subject.port}`;

  it.each<[string, (subject: Subject) => Record<string, string>, boolean]>([
    ["no page", () => ({}), true],
    ["a page of this site", (subject) => ({ origin: origin(subject) }), true],
    ["a page of another site", () => ({ origin: "https://evil.example" }), false],
    ["a page of another port", () => ({ origin: "https://localhost" }), false],
    ["a page in a sandbox", () => ({ origin: "null" }), false],
  ])("of %s: the host is asked, for each operation anew", (_, headers, isAsked) => {
    let asked = 0;
    const otherCallers = () => (asked++, asked < 4 ? user : null);
    return withServer(
      async (subject) => {
        const client = await openSocket(subject, { headers: headers(subject) });
        const first = await client.next();
        expect(first).toEqual(isAsked ? ACK : closed(4401));
        if (!isAsked) return expect(asked).toBe(0);
        const [allowed] = await client.run(VIEWER);
        expect(allowed!.payload.data).toEqual({ viewer: "monogram-labs user-7" });
        await client.run(VIEWER);
        expect(await client.run(VIEWER)).toEqual([closed(4401)]);
        expect(asked).toBe(4);
      },
      { otherCallers },
    );
  });

  it("are not asked about a socket with a key, good or bad", () =>
    withServer(
      async (subject) => {
        const client = await openSocket(subject, { params: bearer(misspell(subject.key)) });
        expect(await client.next()).toEqual(closed(4401));
      },
      { otherCallers: () => user },
    ));
});
