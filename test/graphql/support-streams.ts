/** Subscriptions over sources that tests feed by hand, run by every executor. */
import { subscribe as toolsSubscribe } from "@graphql-tools/executor";
import {
  buildSchema,
  parse,
  subscribe as graphqlSubscribe,
  type ExecutionArgs,
  type ExecutionResult,
} from "graphql";
import { createSubscribe, type SubscribeOptions } from "../../src/adapters/execute.js";
import {
  accessDirectives,
  apiKey as anyKey,
  createGuard,
  type Guard,
  type GuardEvent,
  type GuardOptions,
} from "../../src/graphql/index.js";
import type { AccessTable, ApiKeys, Caller, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createFixture } from "../support/fixture.js";

export const OWN = "monogram-labs";
export const OTHER = "acme-co";
export const HEARTBEAT_MS = 1000;

type Subscribe = (args: ExecutionArgs) => unknown;

/** What runs subscriptions: graphql-js of the project's major, and the executor of Yoga. */
export const subscribers: readonly (readonly [name: string, subscribe: Subscribe])[] = [
  ["graphql-js", graphqlSubscribe],
  ["@graphql-tools/executor", toolsSubscribe as unknown as Subscribe],
];

/** A source of events, and what was done to it. */
export interface Feed {
  /** What a subscribe resolver answers. */
  open(): AsyncIterableIterator<unknown>;
  push(event: unknown): void;
  end(): void;
  fail(error: unknown): void;
  readonly opened: number;
  /** How often `return` was called. */
  readonly closed: number;
  /** Events taken from it. */
  readonly taken: number;
}

/** A source that is fed by hand. With `endless`, one that has no `return` and never ends by itself. */
export function createFeed({ endless = false } = {}): Feed {
  const events: unknown[] = [];
  const waiting: Waiting[] = [];
  const counts = { opened: 0, closed: 0, taken: 0 };

  /** Answers those who wait: all, or one subscriber only. */
  function settleAll(answer: (one: Waiting) => void, subscriber?: number): void {
    for (const one of waiting.splice(0)) {
      if (subscriber === undefined || one.subscriber === subscriber) answer(one);
      else waiting.push(one);
    }
  }

  return {
    open() {
      const subscriber = ++counts.opened;
      const iterator: AsyncIterableIterator<unknown> = {
        next: () =>
          new Promise((resolve, reject) => {
            if (events.length === 0) return void waiting.push({ subscriber, resolve, reject });
            counts.taken++;
            resolve({ done: false, value: events.shift() });
          }),
        [Symbol.asyncIterator]: () => iterator,
      };
      if (endless) return iterator;
      iterator.return = async () => {
        counts.closed++;
        settleAll(({ resolve }) => resolve({ done: true, value: undefined }), subscriber);
        return { done: true, value: undefined };
      };
      return iterator;
    },
    push(event) {
      const one = waiting.shift();
      if (one === undefined) return void events.push(event);
      counts.taken++;
      one.resolve({ done: false, value: event });
    },
    end: () => settleAll(({ resolve }) => resolve({ done: true, value: undefined })),
    fail: (error) => settleAll(({ reject }) => reject(error)),
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
    get taken() {
      return counts.taken;
    },
  };
}

interface Waiting {
  readonly subscriber: number;
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

const OF = "organizationId: ID! @organization, libraryId: ID! @library";

export const typeDefs = /* GraphQL */ `
  type Query {
    viewer: String @apiKey
    asset(${OF}): Asset
  }
  type Subscription {
    assetAdded(${OF}): Asset!
    assetOrNothing(${OF}): Asset
    assetsAdded(${OF}): [Asset!]!
    anyAsset: Asset!
    anyAssets: [[Asset]!]
    tick(${OF}): Int
    changed(assetId: ID!): Int
    watched(library: ID!): Int
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
    slow: Int
    siblings(libraryId: ID! @library, organizationId: ID! @organization): Int
  }
`;

/** An asset as sources send it. */
export function assetIn(libraryId: string, id = "1", organizationId = OWN) {
  return { organizationId, libraryId, id };
}

export interface StreamFixture {
  readonly apiKeys: ApiKeys;
  readonly guard: Guard;
  readonly feed: Feed;
  readonly clock: { nowMs: number };
  /** Names of the fields of which a resolver ran. */
  readonly ran: string[];
  readonly reported: GuardEvent[];
  readonly ref: { readonly organizationId: string; readonly id: string };
  readonly key: string;
  authenticate(key?: string): Promise<Caller>;
  /** Opens a subscription. */
  open(query: string, opened?: Opened): Promise<Stream | ExecutionResult>;
  /** The same, where it must open. */
  stream(query: string, opened?: Opened): Promise<Stream>;
}

/** A stream of results. */
export type Stream = AsyncGenerator<ExecutionResult>;

export interface Opened {
  readonly caller?: Caller | null;
  readonly context?: object;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface StreamOptions {
  readonly subscribe?: Subscribe;
  readonly store?: KeyStore;
  readonly access?: AccessTable;
  readonly feed?: Feed;
  readonly heartbeatMs?: number;
  readonly guard?: Omit<GuardOptions, "rules"> & {
    readonly rules?: Readonly<Record<string, unknown>>;
  };
  /** Field of Subscription → its subscribe resolver, instead of the feed. */
  readonly sources?: Readonly<Record<string, unknown>>;
  /** More directives of the schema. */
  readonly directives?: string;
  /** Field of Asset → its resolver. */
  readonly asset?: Readonly<Record<string, unknown>>;
}

/** A guard whose subscriptions are fed by hand. */
export function createStreamGuard(options: StreamOptions = {}) {
  const { feed = createFeed(), sources = {}, asset = {}, directives = "" } = options;
  const ran: string[] = [];
  const reported: GuardEvent[] = [];

  const schema = buildSchema(`${accessDirectives} ${directives} ${typeDefs}`);
  for (const field of Object.values(schema.getSubscriptionType()!.getFields())) {
    field.subscribe = (sources[field.name] as never) ?? (() => feed.open());
    field.resolve = (event: unknown) => {
      ran.push(field.name);
      return event;
    };
  }
  schema.getQueryType()!.getFields()["asset"]!.resolve = (_, { libraryId }) => assetIn(libraryId);
  const fields = (schema.getType("Asset") as any).getFields();
  for (const [name, resolve] of Object.entries(asset)) fields[name].resolve = resolve;

  const { rules, ...settings } = options.guard ?? {};
  const guard = createGuard(schema, {
    onEvent: (event) => reported.push(event),
    ...settings,
    rules: { ...UNUSED, ...rules },
  } as GuardOptions);
  return { guard, feed, ran, reported };
}

/** The same with a key for it: write on barcelona, read on lisbon. */
export async function createStreamFixture(options: StreamOptions = {}): Promise<StreamFixture> {
  const { apiKeys, clock } = createFixture({ store: options.store ?? createMemoryStore() });
  const { guard, feed, ran, reported } = createStreamGuard(options);
  const subscribe = createSubscribe({
    apiKeys,
    guard,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    ...(options.subscribe && { subscribe: options.subscribe }),
  } as SubscribeOptions);

  const { access = { barcelona: "write", lisbon: "read" } } = options;
  const { key, apiKey } = await apiKeys.create({ organizationId: OWN, name: "Website", access });

  const fixture: StreamFixture = {
    apiKeys,
    guard,
    feed,
    clock,
    ran,
    reported,
    key,
    ref: { organizationId: OWN, id: apiKey.id },
    async authenticate(given = key) {
      const who = await apiKeys.authenticate(given);
      if (!who.ok) throw new Error(`expected a caller, got ${who.reason}`);
      return who.caller;
    },
    async open(query, { caller, context, variables } = {}) {
      return subscribe({
        document: parse(query),
        caller: caller === undefined ? await fixture.authenticate() : caller,
        ...(context && { contextValue: context }),
        ...(variables && { variableValues: variables }),
      }) as Promise<Stream | ExecutionResult>;
    },
    async stream(query, opened) {
      const stream = await fixture.open(query, opened);
      if (!(Symbol.asyncIterator in stream)) {
        throw new Error(`expected a stream, got ${JSON.stringify(stream)}`);
      }
      return stream;
    },
  };
  return fixture;
}

/** Fields that a test gives no rule are covered all the same, so that the guard takes the schema. */
const UNUSED = { "Subscription.changed": anyKey(), "Subscription.watched": anyKey() };

/** A result in short: `"done"`, the code of its only error, or its data. */
export function shortOf(result: IteratorResult<ExecutionResult, unknown>): unknown {
  if (result.done) return "done";
  return shortOfResult(result.value);
}

export function shortOfResult({ data, errors }: ExecutionResult): unknown {
  if (errors === undefined) return JSON.parse(JSON.stringify(data));
  const codes = errors.map(({ extensions }) => extensions["code"] ?? "error");
  return data === undefined ? codes.join(", ") : { data, codes };
}

/** The rest of a stream in short. */
export async function restOf(stream: Stream): Promise<readonly unknown[]> {
  const rest: unknown[] = [];
  for (let i = 0; i < 100; i++) {
    const result = await stream.next();
    if (result.done) return rest;
    rest.push(shortOf(result));
  }
  throw new Error("expected the stream to end");
}

/** Lets everything that waits for promises only go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** `field(arguments) { id }` of a library of one's own. */
export function added(field: string, libraryId = "barcelona", selection = "{ id }"): string {
  const of = `organizationId: "${OWN}", libraryId: "${libraryId}"`;
  return `subscription { ${field}(${of}) ${selection} }`;
}
