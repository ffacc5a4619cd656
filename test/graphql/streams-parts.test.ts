import { execute as toolsExecute, normalizedExecutor } from "@graphql-tools/executor";
import * as graphql from "graphql";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createExecute } from "../../src/adapters/execute.js";
import { accessDirectives, createGuard } from "../../src/graphql/index.js";
import { createCaller, type KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture } from "../support/fixture.js";
import { assetIn, OWN, settle } from "./support-streams.js";

const HEARTBEAT_MS = 1000;

type Execute = (args: graphql.ExecutionArgs) => unknown;

const { experimentalExecuteIncrementally } = graphql as unknown as {
  readonly experimentalExecuteIncrementally?: Execute; // since graphql 17
};

/** Executors that answer in parts. */
const executors: readonly (readonly [name: string, execute: Execute])[] = [
  ["execute of @graphql-tools/executor", toolsExecute as unknown as Execute],
  ["normalizedExecutor", normalizedExecutor as unknown as Execute],
  ...(experimentalExecuteIncrementally
    ? [["experimentalExecuteIncrementally", experimentalExecuteIncrementally] as const]
    : []),
];

const OF = "organizationId: ID! @organization, libraryId: ID! @library";

const typeDefs = /* GraphQL */ `
  directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(if: Boolean, label: String, initialCount: Int = 0) on FIELD
  type Query {
    asset(${OF}): Asset
    assets(${OF}): [Asset!]!
    viewer: String @apiKey
  }
  type Mutation {
    rename(${OF}): Asset
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    slow: Int
    fails: Int!
    siblings(${OF}): Int
  }
`;

async function createParts(execute: Execute, store?: KeyStore) {
  const { apiKeys } = createFixture(store === undefined ? {} : { store });
  const ran: string[] = [];
  const waiting: ((value: unknown) => void)[] = [];
  const listing = { closed: 0 };
  const items: ((result: IteratorResult<unknown>) => void)[] = [];
  const { key, apiKey } = await apiKeys.create({
    organizationId: OWN,
    name: "Website",
    access: { barcelona: "write", lisbon: "read" },
  });

  const schema = graphql.buildSchema(`${accessDirectives} ${typeDefs}`);
  const resolvers: Record<string, Record<string, unknown>> = {
    Query: {
      asset: (_: unknown, { libraryId }: { libraryId: string }) => assetIn(libraryId),
      assets: () => {
        const list = {
          next: () => new Promise<IteratorResult<unknown>>((resolve) => items.push(resolve)),
          return: async () => {
            listing.closed++;
            return { done: true, value: undefined };
          },
          [Symbol.asyncIterator]: () => list,
        };
        return list;
      },
      viewer: () => "me",
    },
    Mutation: { rename: (_: unknown, { libraryId }: { libraryId: string }) => assetIn(libraryId) },
    Asset: {
      slow: () => new Promise((resolve) => waiting.push(resolve)),
      fails: () => new Promise((_, reject) => waiting.push(() => reject(new Error(`no ${key}`)))),
      siblings: () => 1,
    },
  };
  for (const [type, fields] of Object.entries(resolvers)) {
    for (const [name, resolve] of Object.entries(fields)) {
      const field = (schema.getType(type) as graphql.GraphQLObjectType).getFields()[name]!;
      field.resolve = (...call) => {
        ran.push(name);
        return (resolve as graphql.GraphQLFieldResolver<unknown, unknown>)(...call);
      };
    }
  }
  const guard = createGuard(schema);
  const run = createExecute({ apiKeys, guard, execute, heartbeatMs: HEARTBEAT_MS });

  return {
    apiKeys,
    ran,
    items,
    listing,
    key,
    ref: { organizationId: OWN, id: apiKey.id },
    /** Lets what waits go on. */
    async release() {
      for (const resolve of waiting.splice(0)) resolve(1);
      await settle();
    },
    async send(query: string, caller?: never) {
      const who = await apiKeys.authenticate(key);
      if (!who.ok) throw new Error("expected a caller");
      return run({ document: graphql.parse(query), caller: caller ?? who.caller });
    },
    /** The first part, and the rest as an iterator. */
    async begin(query: string) {
      const answer = (await this.send(query)) as any;
      if ("subsequentResults" in answer) {
        const rest = answer.subsequentResults[Symbol.asyncIterator]();
        return { first: answer.initialResult, rest };
      }
      const rest = answer[Symbol.asyncIterator]();
      return { first: (await rest.next()).value, rest };
    },
  };
}

const O = `organizationId: "${OWN}"`;
const DEFERRED = `{ asset(${O}, libraryId: "barcelona") { id ... @defer { slow } } }`;

function ended(code: string) {
  return { errors: [expect.objectContaining({ extensions: { code } })], hasNext: false };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe.for(executors)("scenario 81: parts that come later with %s", ([, execute]) => {
  const cases: readonly (readonly [name: string, query: string])[] = [
    ["a deferred root field", `{ viewer ... @defer { asset(${O}, libraryId: "porto") { id } } }`],
    [
      "a deferred nested field",
      `{ viewer asset(${O}, libraryId: "barcelona") {
        id ... @defer { siblings(${O}, libraryId: "porto") }
      } }`,
    ],
    [
      "a deferred fragment",
      `{ viewer ...Late @defer } fragment Late on Query { asset(${O}, libraryId: "porto") { id } }`,
    ],
    [
      "a field below a streamed one",
      `{ viewer assets(${O}, libraryId: "barcelona") @stream { siblings(${O}, libraryId: "porto") } }`,
    ],
    [
      "a part of a mutation's result",
      `mutation { rename(${O}, libraryId: "barcelona") {
        id ... @defer { siblings(${O}, libraryId: "porto") }
      } }`,
    ],
  ];

  it.for(cases)("checks %s before anything runs", async ([, query]) => {
    const { send, ran } = await createParts(execute);
    const answer = (await send(query)) as graphql.ExecutionResult;
    expect(answer).not.toHaveProperty("data");
    expect(answer.errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
    expect(ran).toEqual([]);
  });

  it("sends all parts of a key that lives, and leaves no timer", async () => {
    const parts = await createParts(execute);
    const { first, rest } = await parts.begin(DEFERRED);
    expect(JSON.parse(JSON.stringify(first.data))).toEqual({ asset: { id: "1" } });
    expect(first.hasNext).toBe(true);
    const next = rest.next();
    await settle();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS * 3);
    await parts.release();
    expect(JSON.stringify((await next).value)).toContain('{"slow":1}');
    while (!(await rest.next()).done);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.for([
    ["deleted", "UNAUTHENTICATED", (p) => p.apiKeys.delete(p.ref)],
    ["regenerated", "UNAUTHENTICATED", (p) => p.apiKeys.regenerate(p.ref)],
    ["narrowed", "UNAUTHORIZED", (p) => p.apiKeys.setAccess(p.ref, { lisbon: "read" })],
  ] as readonly [string, string, (parts: Awaited<ReturnType<typeof createParts>>) => unknown][])(
    "sends no part once the key is %s",
    async ([, code, end]) => {
      for (const isIdle of [false, true]) {
        const parts = await createParts(execute);
        const { rest } = await parts.begin(DEFERRED);
        const next = rest.next();
        await settle();
        await end(parts);
        if (isIdle) await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
        await parts.release();
        expect((await next).value).toEqual(ended(code));
        expect((await rest.next()).done).toBe(true);
        expect(vi.getTimerCount()).toBe(0);
      }
    },
  );

  it("closes a streamed list when the key dies between two items", async () => {
    const parts = await createParts(execute);
    const { rest } = await parts.begin(`{ assets(${O}, libraryId: "barcelona") @stream { id } }`);
    const next = rest.next();
    await settle();
    parts.items.shift()!({ done: false, value: assetIn("barcelona", "first") });
    expect(JSON.stringify((await next).value)).toContain("first");
    const dead = rest.next();
    await parts.apiKeys.delete(parts.ref);
    await settle();
    parts.items.shift()!({ done: false, value: assetIn("barcelona", "second") });
    const { value } = await dead;
    expect(value).toEqual(ended("UNAUTHENTICATED"));
    expect((await rest.next()).done).toBe(true);
    parts.items.shift()?.({ done: false, value: assetIn("barcelona", "third") });
    await settle();
    expect(parts.listing.closed).toBe(1);
  });

  it("ends when the store fails", async () => {
    let fails = false;
    const store = createMemoryStore();
    const failing: KeyStore = {
      ...store,
      findByHash(hash) {
        if (fails) throw new Error("the disk is on fire");
        return store.findByHash(hash);
      },
    };
    const parts = await createParts(execute, failing);
    const { rest } = await parts.begin(DEFERRED);
    const next = rest.next();
    await settle();
    fails = true;
    await parts.release();
    expect((await next).value).toEqual(ended("UNAVAILABLE"));
  });

  it("keeps keys out of errors of parts", async () => {
    const parts = await createParts(execute);
    const query = `{ asset(${O}, libraryId: "barcelona") { id ... @defer { fails } } }`;
    const { rest } = await parts.begin(query);
    const texts: string[] = [];
    const reading = (async () => {
      for (let next = await rest.next(); !next.done; next = await rest.next()) {
        texts.push(JSON.stringify(next.value));
      }
    })();
    await settle();
    await parts.release();
    await reading;
    const text = texts.join("\n");
    expect(text).toContain('"message":"no ');
    expect(text).not.toContain(parts.key);
  });

  it("gives none to a caller that cannot be read anew", async () => {
    const { send, listing } = await createParts(execute);
    const access = { barcelona: "read" } as const;
    const caller = createCaller({ id: "user-7", version: 1, organizationId: OWN, access });
    const answer = (await send(DEFERRED, caller as never)) as graphql.ExecutionResult;
    expect(Object.keys(answer)).toEqual(["errors"]);
    expect(answer.errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
    expect([listing.closed, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("lets a client go between two parts", async () => {
    const parts = await createParts(execute);
    const { rest } = await parts.begin(DEFERRED);
    const idle = rest.next();
    await settle();
    await rest.return();
    expect((await idle).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    await parts.release();
  });
});

describe("normalizedExecutor, which runs subscriptions too", () => {
  it("sends no first part for a key that died while it was made", async () => {
    const parts = await createParts(normalizedExecutor as unknown as Execute);
    const answer = (await parts.send(DEFERRED)) as unknown as AsyncIterable<unknown>;
    const results = answer[Symbol.asyncIterator]();
    await parts.apiKeys.delete(parts.ref);
    expect((await results.next()).value).toEqual(ended("UNAUTHENTICATED"));
    expect((await results.next()).done).toBe(true);
    await parts.release();
  });
});
