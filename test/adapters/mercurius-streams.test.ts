import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { GraphQLError, parse, type ASTVisitor, type ValidationContext } from "graphql";
import mercurius, { type MercuriusOptions } from "mercurius";
import { afterEach, describe, expect, it } from "vitest";
import { accessDirectives, createGuard } from "../../src/graphql/index.js";
import { assetIn } from "../graphql/support-streams.js";
import { keysIn } from "../support/canary.js";
import { ASSETS, VIEWER } from "./cases/documents.js";
import { ADDED, enter, subscribe } from "./cases/sockets.js";
import { logged, withSockets, type Settings } from "./mercurius-server.js";
import { assertRefused, type Subject } from "./subject.js";

const O = `organizationId: "monogram-labs"`;
const RENAMES_PORTO = `mutation { renameAsset(${O}, libraryId: "porto", assetId: "porto-1", name: "x") { id } }`;

afterEach(() => {
  expect(keysIn(logged.splice(0))).toEqual([]);
});

/** An emitter of messages in this process that counts who listens. */
function createEmitter() {
  const listeners = new Map<string, Set<(message: any, done: () => void) => void>>();
  const of = (topic: string) => listeners.get(topic) ?? new Set();
  return {
    on(topic: string, listener: () => void, done: () => void) {
      listeners.set(topic, of(topic).add(listener));
      done();
    },
    removeListener: (topic: string, listener: () => void) => of(topic).delete(listener),
    emit(message: { topic: string }, done?: () => void) {
      for (const listener of of(message.topic)) listener(message, () => {});
      done?.();
    },
    count: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
    last: () => [...listeners.values()].flatMap((all) => [...all]).at(-1)!,
  };
}

const SDL = `${accessDirectives}
  type Query { viewer: String @apiKey }
  type Mutation { rename(${"organizationId: ID! @organization, libraryId: ID! @library"}, name: String!): Asset }
  type Subscription {
    renamed(organizationId: ID! @organization, libraryId: ID! @library): Asset!
    filtered(organizationId: ID! @organization, libraryId: ID! @library): Asset!
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! name: String! thumbnail: String }
`;

/** The options of a host that publishes by Mercurius, and what its loader was asked. */
function publishing(
  emitter: ReturnType<typeof createEmitter>,
  loaded: unknown[] = [],
): Settings & MercuriusOptions {
  const topic = ({ libraryId }: { libraryId: string }) => `renamed ${libraryId}`;
  const subscribeTo = (_source: unknown, args: any, { pubsub }: any) =>
    pubsub.subscribe(topic(args));
  return {
    options: { guard: (schema) => createGuard(schema) },
    schema: SDL,
    subscription: { emitter },
    resolvers: {
      Mutation: {
        async rename(_source: unknown, args: any, { pubsub }: any) {
          const asset = { ...args, id: "1" };
          await pubsub.publish({
            topic: topic(args),
            payload: { renamed: asset, filtered: asset },
          });
          return asset;
        },
      },
      Subscription: {
        renamed: { subscribe: subscribeTo },
        filtered: {
          subscribe: mercurius.withFilter(
            subscribeTo,
            ({ filtered }: any) => filtered.name !== "no",
          ),
        },
      },
    } as never,
    loaders: {
      Asset: {
        thumbnail: async (queries: { obj: { name: string } }[], { caller, reply }: any) => {
          loaded.push([caller.id, typeof reply.request.ip, ...queries.map(({ obj }) => obj.name)]);
          return queries.map(({ obj }) => `${obj.name}.png`);
        },
      },
    } as never,
  };
}

const renamed = (field = "renamed", selection = "name") =>
  `subscription { ${field}(${O}, libraryId: "barcelona") { ${selection} } }`;
const rename = (name: string) =>
  `mutation { rename(${O}, libraryId: "barcelona", name: "${name}") { id } }`;

describe("what Mercurius publishes", () => {
  const open = async (
    subject: Subject,
    emitter: ReturnType<typeof createEmitter>,
    query = renamed(),
  ) => {
    const client = await enter(subject);
    client.send({ id: "s", type: "subscribe", payload: { query } });
    while (emitter.count() === 0) await sleep(1);
    return client;
  };

  it("reaches subscriptions, by resolvers, filters and loaders as Mercurius has them", () => {
    const emitter = createEmitter();
    const loaded: unknown[] = [];
    return withSockets(publishing(emitter, loaded), async (subject) => {
      const { key, send, ref } = subject;
      const client = await open(subject, emitter, renamed("filtered", "a: thumbnail b: thumbnail"));
      for (const name of ["no", "x", "x"]) {
        expect((await send({ key, query: rename(name) })).status).toBe(200);
      }
      for (let i = 0; i < 2; i++) {
        const data = { filtered: { a: "x.png", b: "x.png" } };
        expect((await client.next()).payload).toEqual({ data });
      }
      // Once an event: a stream is open for longer than anything cached is true.
      expect(loaded).toEqual([
        [ref.id, "string", "x"],
        [ref.id, "string", "x"],
      ]);
      expect(subject.app.graphql.pubsub).toBeDefined();
      await client.close();
      while (emitter.count() > 0) await sleep(1);
    });
  });

  it.each([renamed(), renamed("filtered")])(
    "is let go of when the client has enough, and when it goes: %s",
    (query) => {
      const emitter = createEmitter();
      let context: any;
      const host = ({ graphql }: FastifyInstance) =>
        graphql.addHook("preSubscriptionExecution", async (_s, _d, of) => void (context = of));
      return withSockets({ ...publishing(emitter), host }, async (subject) => {
        const client = await open(subject, emitter, query);
        client.send({ id: "s", type: "complete" });
        while (emitter.count() > 0 || !context.pubsub.queue.destroyed) await sleep(1);
        const payload = { query };
        for (const id of ["a", "b"]) client.send({ id, type: "subscribe", payload });
        while (emitter.count() < 2) await sleep(1);
        await client.close();
        while (emitter.count() > 0) await sleep(1);
      });
    },
  );

  it.each([renamed(), renamed("filtered")])(
    "is let go of within a heartbeat of the key's death: %s",
    (query) => {
      const emitter = createEmitter();
      return withSockets(
        publishing(emitter),
        async (subject) => {
          const client = await open(subject, emitter, query);
          const late = emitter.last();
          await subject.apiKeys.delete(subject.ref);
          expect((await client.next()).payload.errors[0].extensions.code).toBe("UNAUTHENTICATED");
          expect(await client.next()).toEqual({ type: "closed", code: 4401 });
          expect(emitter.count()).toBe(0);
          late({ payload: {} }, () => {}); // a message that was on its way
        },
        30,
      );
    },
  );

  it("is let go of with its socket while it is not subscribed to yet", () => {
    const seen: string[] = [];
    const pubsub = {
      subscribe(topic: string, queue: any) {
        seen.push(topic);
        queue.close.push(() => {
          seen.push("closed");
          queueMicrotask(() => seen.push(`late ${queue.push({})}`)); // a message that was on its way
        });
        return new Promise(() => {});
      },
      publish: () => {},
    };
    const settings = { ...publishing(createEmitter()), subscription: { pubsub: pubsub as never } };
    return withSockets(settings, async (subject) => {
      const client = await enter(subject);
      client.send({ id: "s", type: "subscribe", payload: { query: renamed() } });
      while (seen.length === 0) await sleep(1);
      await client.close();
      while (seen.length < 3) await sleep(1);
      expect(seen).toEqual(["renamed barcelona", "closed", "late false"]);
    });
  });

  it("may be the host's own to publish, with arguments and a buffer of its choice", () => {
    const queues: any[] = [];
    const pubsub = {
      async subscribe(topic: string, queue: any, ...more: unknown[]) {
        queues.push(queue, topic, ...more);
        queue.close.push(() => queues.push("closed"));
        queue.push(assetIn("barcelona", topic));
      },
      publish: (_event: unknown, done: (error: Error) => void) => done(new Error("no")),
    };
    const subscription = { pubsub: pubsub as never, queueHighWaterMark: 7 };
    let context: any;
    const host = ({ graphql }: FastifyInstance) => {
      graphql.addHook("onSubscriptionResolution", async (_result, given) => void (context = given));
    };
    return withSockets(
      {
        ...publishing(createEmitter()),
        subscription,
        host,
        resolvers: {
          Subscription: {
            renamed: {
              subscribe: (_: unknown, _args: unknown, { pubsub: own }: any) =>
                own.subscribe(["a", "b"], 1, 2),
              resolve: (asset: object) => ({ ...asset, name: "n" }),
            },
          },
        } as never,
      },
      async (subject) => {
        const client = await enter(subject);
        client.send({ id: "s", type: "subscribe", payload: { query: renamed() } });
        expect((await client.next()).payload.data).toEqual({ renamed: { name: "n" } });
        expect((await client.next()).payload.data).toEqual({ renamed: { name: "n" } });
        expect(queues).toMatchObject([
          { readableHighWaterMark: 7 },
          "a",
          1,
          2,
          queues[0],
          "b",
          1,
          2,
        ]);
        await context.pubsub.publish({ topic: "a", payload: 1 }); // what fails is logged
        expect(context.pubsub).toMatchObject({ closed: false, fastify: {}, queue: queues[0] });
        client.send({ id: "s", type: "complete" });
        while (queues.length < 10) await sleep(1);
        expect(context.pubsub.closed).toBe(true);
        expect(context.pubsub.close()).toBe(false);
        await context.pubsub.subscribe("too late");
        expect(queues.at(-1)).toBe("closed");
        while (!queues[0].destroyed) await sleep(1);
        await client.close();
      },
    );
  });
});

describe("hooks", () => {
  /** Adds hooks that note what they were called with. */
  const noting = (
    seen: unknown[],
    more: (graphql: FastifyInstance["graphql"]) => void = () => {},
  ) => {
    const note =
      (name: string) =>
      async (...args: any[]) =>
        void seen.push([name, ...args.filter((arg) => arg && typeof arg !== "object")]);
    return ({ graphql }: FastifyInstance) => {
      for (const name of HOOKS) (graphql.addHook as any)(name, note(name));
      more(graphql);
    };
  };
  const HOOKS = [
    "preParsing",
    "preValidation",
    "preExecution",
    "onResolution",
    "preSubscriptionParsing",
    "preSubscriptionExecution",
    "onSubscriptionResolution",
    "onSubscriptionEnd",
  ];

  it("of operations are asked of subscriptions too, then those of subscriptions", () => {
    const seen: unknown[] = [];
    return withSockets({ host: noting(seen) }, async (subject) => {
      const client = await subscribe(subject);
      const query = ADDED("barcelona");
      expect(seen.splice(0)).toEqual([
        ["preParsing", query],
        ["preValidation"],
        ["preExecution"],
        ["preSubscriptionParsing", query, "s"],
        ["preSubscriptionExecution", "s"],
      ]);
      subject.service.feed.push(assetIn("barcelona"));
      await client.next();
      client.send({ id: "s", type: "complete" });
      await client.run(VIEWER);
      expect(seen.splice(0)).toEqual([
        ["onSubscriptionResolution", "s"],
        ["onSubscriptionEnd", "s"],
        ["preParsing", VIEWER],
        ["preValidation"],
        ["preExecution"],
        ["onResolution"],
      ]);
      const [refused] = await client.run(ADDED("porto"));
      expect(refused!.payload.errors[0].extensions.code).toBe("UNAUTHORIZED");
      expect(seen.map(([name]: any) => name)).not.toContain("onSubscriptionResolution");
      await client.close();
    });
  });

  const DEFAULTED = `subscription ($library: ID = "barcelona") { assetAdded(${O}, libraryId: $library) { id } }`;

  it.each<[string, string, object]>([
    ["the variables of a query", ASSETS, { variables: { library: "porto" } }],
    ["the variables of a subscription", DEFAULTED, { variables: { library: "porto" } }],
    ["the document of a subscription", ADDED("barcelona"), { document: parse(ADDED("porto")) }],
    ["a query into a subscription", VIEWER, { document: parse(ADDED("porto")) }],
    ["a subscription into a mutation", ADDED("barcelona"), { document: parse(RENAMES_PORTO) }],
  ])("that change %s have it refused", (_, query, change) => {
    const host = ({ graphql }: FastifyInstance) =>
      graphql.addHook("preExecution", async () => change as never);
    return withSockets({ host }, async (subject) => {
      const client = await enter(subject);
      const [refused] = await client.run(query, { library: "barcelona" });
      expect(refused!.payload.errors[0].extensions.code).toBe("UNAUTHORIZED");
      expect([subject.service.ran, subject.service.feed.opened]).toEqual([[], 0]);
      await client.close();
    });
  });

  it.each([
    "preParsing",
    "preValidation",
    "preExecution",
    "preSubscriptionParsing",
    "preSubscriptionExecution",
  ])("that fail in %s are the error of the operation, without keys", (name) => {
    let text = "";
    const host = ({ graphql }: FastifyInstance) =>
      (graphql.addHook as any)(name, async () => {
        throw new Error(`not with ${text}`);
      });
    return withSockets({ host }, async (subject) => {
      text = subject.key;
      const client = await enter(subject);
      const [failed] = await client.run(ADDED("barcelona"));
      expect([failed!.type, failed!.payload[0].message]).toMatchObject([
        "error",
        expect.stringContaining("not with pk_"),
      ]);
      expect(subject.service.feed.opened).toBe(0);
      await client.close();
    });
  });

  it("that fail of an event have it not sent, and the socket closed", () => {
    const host = ({ graphql }: FastifyInstance) =>
      graphql.addHook("onSubscriptionResolution", async () => {
        throw new Error("not this one");
      });
    return withSockets({ host }, async (subject) => {
      const client = await subscribe(subject);
      subject.service.feed.push(assetIn("barcelona"));
      expect(await client.next()).toEqual({ type: "closed", code: 1011 });
      while (subject.service.feed.closed === 0) await sleep(1);
    });
  });

  it("need to be hooks", () =>
    withSockets({}, async ({ app }) => {
      expect(() => (app.graphql.addHook as any)("onNothing", async () => {})).toThrow();
      expect(() => app.graphql.addHook("onSubscriptionEnd", 1 as never)).toThrow();
    }));
});

describe("what a host limits over HTTP is limited on sockets", () => {
  const DEEP = `subscription { anyAssetAdded(${O}) { ...F } } fragment F on Asset { id }`;
  const noFields = (context: ValidationContext): ASTVisitor => ({
    Field(node) {
      context.reportError(new GraphQLError("No fields.", { nodes: [node] }));
    },
  });

  it.each<[string, Settings]>([
    ["the depth of documents", { queryDepth: 1 }],
    ["their tokens", { graphql: { parseOptions: { maxTokens: 5 } } }],
    ["by rules of its own", { validationRules: [noFields] }],
    ["by rules for each", { validationRules: () => [noFields], cache: false }],
    ["to persisted ones", { persistedQueries: { viewer: VIEWER }, onlyPersisted: true }],
  ])("%s", (_, settings) =>
    withSockets(settings, async (subject) => {
      const { key, send, service } = subject;
      const client = await enter(subject);
      for (const query of [DEEP, `{ libraries(${O}) { id } }`]) {
        const answer = await send({ key, query });
        expect([answer.status, Object.keys(answer.body)]).toEqual([400, ["errors"]]);
        const [failed] = await client.run(query);
        expect(failed!.type).toBe("error");
        const messages = (errors: any[]) => errors.map(({ message }) => message);
        // Where a provider has no words for it, Mercurius says "undefined".
        const over = messages(answer.body.errors).map((m) =>
          m === "undefined" ? "Bad Request" : m,
        );
        expect(messages(failed!.payload)).toEqual(over);
      }
      expect([service.ran, service.feed.opened]).toEqual([[], 0]);
      await client.close();
    }),
  );

  it.each<[string, Settings, object, string]>([
    [
      "persisted",
      { persistedQueries: { v: VIEWER, p: RENAMES_PORTO, s: ADDED("porto") } },
      { persisted: true },
      "Bad Request",
    ],
    [
      "persisted only",
      { persistedQueries: { v: VIEWER, p: RENAMES_PORTO, s: ADDED("porto") }, onlyPersisted: true },
      { persisted: true },
      "Bad Request",
    ],
    [
      "of a provider",
      {
        persistedQueryProvider: {
          isPersistedQuery: ({ extensions }: any) => extensions?.persisted,
          getHash: ({ query }: any) => query,
          getQueryFromHash: async (hash: string) =>
            ({ v: VIEWER, p: RENAMES_PORTO, s: ADDED("porto") })[hash],
          notFoundError: "Who?",
        } as never,
      },
      { extensions: { persisted: true } },
      "Who?",
    ],
  ])("documents that are %s are judged by what runs", (_, settings, more, unknown) =>
    withSockets(settings, async (subject) => {
      const { key, send, ref, service } = subject;
      const client = await enter(subject);
      const ask = async (query: string) => {
        client.send({ id: "x", type: "subscribe", payload: { query, ...more } });
        const answer = await client.next();
        if (answer.type === "next") await client.next();
        return answer.payload;
      };
      const viewer = { viewer: `monogram-labs ${ref.id}` };
      const over = (query: string) => send({ key, body: JSON.stringify({ query, ...more }) });
      expect([(await over("v")).body, await ask("v")]).toEqual([
        { data: viewer },
        { data: viewer },
      ]);
      service.ran.length = 0;
      for (const query of ["p", "s"]) {
        expect((await ask(query)).errors[0].extensions.code).toBe("UNAUTHORIZED");
      }
      assertRefused(await over("p"), 403, "UNAUTHORIZED");
      for (const query of ["nothing", "constructor"]) {
        expect((await ask(query))[0].message).toBe(unknown);
        expect((await over(query)).status).toBe(400);
      }
      expect([service.ran, service.feed.opened]).toEqual([[], 0]);
      await client.close();
    }),
  );

  it("to what a provider knows how to persist", () => {
    const persistedQueryProvider = {
      isPersistedQuery: () => true,
      getHash: () => "",
      getQueryFromHash: async () => VIEWER,
      notSupportedError: "Persist it.",
    } as never;
    return withSockets({ persistedQueryProvider }, async (subject) => {
      const client = await enter(subject);
      expect((await client.run(VIEWER))[0]!.payload[0].message).toBe("Persist it.");
      expect(subject.service.ran).toEqual([]);
      await client.close();
    });
  });
});

describe("errors on a socket", () => {
  it("are what the host makes of them", () => {
    const formatted: unknown[] = [];
    const errorFormatter = ({ errors, data }: any, context: any) => {
      formatted.push(
        errors.map(({ message }: Error) => message),
        typeof context.app.log,
      );
      return { statusCode: 200, response: { data, errors: [{ message: "Masked." }] } };
    };
    return withSockets({ errorFormatter }, async (subject) => {
      const masked = { errors: [{ message: "Masked." }] };
      const client = await subscribe(subject, `subscription { anyAssetAdded(${O}) { id name } }`);
      subject.service.feed.push(assetIn("barcelona")); // it has no name
      expect((await client.next()).payload).toEqual({ data: null, ...masked });
      client.send({ id: "s", type: "complete" });
      const fails = `{ fails(${O}, libraryId: "barcelona", text: "the disk of db-7 is full") }`;
      expect((await client.run(fails))[0]!.payload).toEqual({ data: { fails: null }, ...masked });
      expect((await client.run(ADDED("porto")))[0]!.payload).toEqual(masked);
      expect((await client.run(ASSETS, { library: "porto" }))[0]!.payload).toEqual(masked);
      expect((await client.run("{ nothing }"))[0]!.payload).toEqual(masked.errors);
      expect(formatted).toHaveLength(10);
      await client.close();
    });
  });

  it("say of no mutation that is partly done that nothing ran", () =>
    withSockets({}, async (subject) => {
      const client = await enter(subject);
      const query = `mutation {
        renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "done") { name }
        pause(${O}, libraryId: "barcelona")
        again: renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "dead") { name }
      }`;
      subject.service.between = () => subject.apiKeys.delete(subject.ref);
      const [answer] = await client.run(query);
      expect(answer!.payload.errors[0].path).toEqual(["again"]);
      expect(subject.service.assets[0]!.name).toBe("done");
      expect((await client.run(VIEWER)).at(-1)).toEqual({ type: "closed", code: 4401 });
    }));
});

describe("what a subscription holds", () => {
  it("runs nothing else", () => {
    let context: any;
    const host = ({ graphql }: FastifyInstance) =>
      graphql.addHook("preSubscriptionExecution", async (_s, _d, given) => void (context = given));
    return withSockets({ host }, async (subject) => {
      const client = await subscribe(subject);
      expect(context.caller.id).toBe(subject.ref.id);
      await expect(subject.app.graphql(VIEWER, context)).rejects.toThrow();
      await expect(subject.app.graphql(VIEWER, { ...context })).rejects.toThrow();
      expect(subject.service.ran).toEqual([]);
      expect(keysIn([context.reply.request.raw.rawHeaders, context._connectionInit])).toEqual([]);
      await client.close();
    });
  });

  it("is not opened over HTTP", () =>
    withSockets({}, async ({ key, send, service }) => {
      const path = `/graphql?query=${encodeURIComponent(ADDED("barcelona"))}`;
      expect((await send({ key, method: "GET", path })).status).toBe(405);
      const answer = await send({ key, query: ADDED("barcelona") });
      expect(answer.body.data).toBeNull();
      expect(service.feed.opened).toBe(0);
    }));
});
