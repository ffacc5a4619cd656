/** WebSockets: who is let in, what each operation on an open socket is asked, and how its streams end. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createCaller, everyLibrary } from "../../../src/index.js";
import { assetIn } from "../../graphql/support-streams.js";
import { misspell, type AdapterCase, type Mood, type Subject } from "../subject.js";
import { openSocket, type Client, type Message, type Opening } from "../web-socket.js";
import { ASSETS, RENAME, VIEWER } from "./documents.js";

const O = `organizationId: "monogram-labs"`;
const ACK: Message = { type: "connection_ack" };
const HEARTBEAT_MS = 30;
const closed = (code: number): Message => ({ type: "closed", code });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const codeOf = (message: Message | undefined): unknown =>
  message?.payload?.errors?.[0]?.extensions?.code;

export const ADDED = (library: string) =>
  `subscription { assetAdded(${O}, libraryId: "${library}") { id } }`;
export const ANY_ADDED = `subscription { anyAssetAdded(${O}) { id } }`;

/** A socket that was let in. */
export async function enter(subject: Subject, key = subject.key): Promise<Client> {
  const client = await openSocket(subject, { params: bearer(key) });
  assert.deepEqual(await client.next(), ACK);
  return client;
}

/** A socket with an open subscription, `s`. */
export async function subscribe(subject: Subject, query = ADDED("barcelona")): Promise<Client> {
  const client = await enter(subject);
  const { opened } = subject.service.feed;
  client.send({ id: "s", type: "subscribe", payload: { query } });
  while (subject.service.feed.opened === opened) await sleep(1);
  return client;
}

async function untilClosed({ service: { feed } }: Subject): Promise<void> {
  while (feed.closed === 0) await sleep(1);
}

/** Fails unless a stream ends with this error, and its source and the socket with it. */
async function assertDies(subject: Subject, client: Client): Promise<void> {
  const last = await client.next();
  assert.equal(codeOf(last), "UNAUTHENTICATED");
  assert.deepEqual(Object.keys(last.payload), ["errors"]);
  assert.deepEqual(await client.next(), closed(4401));
  assert.equal(subject.service.feed.closed, 1);
}

type Make = (subject: Subject) => Opening;

const ENTERING: readonly Make[] = [
  ({ key }) => ({ params: bearer(key) }),
  ({ key }) => ({ params: { authorization: `bearer ${key}` } }),
  ({ key }) => ({ headers: bearer(key) }),
];

const REFUSED: readonly (readonly [what: string, make: Make])[] = [
  ["no key", () => ({})],
  ["no payload", () => ({ params: undefined as never })],
  ["a misspelt key", ({ key }) => ({ params: bearer(misspell(key)) })],
  ["another scheme", ({ key }) => ({ params: { Authorization: key } })],
  ["a key that is no text", () => ({ params: { Authorization: 7 } })],
  [
    "two spellings of it",
    ({ key }) => ({ params: { ...bearer(key), authorization: `Bearer ${key}` } }),
  ],
  ["a key in both places", ({ key }) => ({ params: bearer(key), headers: bearer(key) })],
  [
    "a bad key beside a good one",
    ({ key }) => ({ params: bearer(misspell(key)), headers: bearer(key) }),
  ],
  ["a key in the address", ({ key }) => ({ path: `/graphql?Authorization=Bearer%20${key}` })],
  ["a key in the address, by itself", ({ key }) => ({ path: `/graphql?key=${key}` })],
  ["a key of another header", ({ key }) => ({ headers: { "x-api-key": key } })],
];

const KILLINGS: readonly ((subject: Subject) => Promise<unknown>)[] = [
  ({ apiKeys, ref }) => apiKeys.regenerate(ref),
  ({ apiKeys, ref }) => apiKeys.delete(ref),
  ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false }),
];

const USER = createCaller({
  id: "user-7",
  version: 1,
  organizationId: "monogram-labs",
  access: everyLibrary("read"),
});

const cases: readonly Omit<AdapterCase, "needs">[] = [
  {
    id: "WS01",
    name: "MUST let a socket in by the key of its first message or of its upgrade",
    async run(subject) {
      for (const make of ENTERING) {
        const client = await openSocket(subject, make(subject));
        assert.deepEqual(await client.next(), ACK);
        const viewer = `monogram-labs ${subject.ref.id}`;
        assert.deepEqual(await client.run(VIEWER), [
          { id: "1", type: "next", payload: { data: { viewer } } },
          { id: "1", type: "complete" },
        ]);
        await client.close();
      }
    },
  },
  {
    id: "WS02",
    name: "MUST close a socket without one good key in one good place with 4401",
    async run(subject) {
      for (const [what, make] of REFUSED) {
        const client = await openSocket(subject, make(subject));
        assert.deepEqual(await client.next(), closed(4401), what);
      }
      assert.deepEqual(subject.service.ran, []);
    },
  },
  {
    id: "WS03",
    name: "MUST close a socket over plain HTTP with 4403, and name a key that came over it",
    async run(subject) {
      for (const params of [{}, bearer(subject.key)]) {
        subject.takeEvents();
        const client = await openSocket(subject, { params, plain: true });
        assert.deepEqual(await client.next(), closed(4403));
      }
      await sleep(10);
      const events = subject.takeEvents() as readonly { type: string; keyId?: string }[];
      assert.deepEqual(
        events.map(({ type, keyId }) => [type, keyId]),
        [["exposed", subject.ref.id]],
      );
    },
  },
  {
    id: "WS04",
    name: "MUST believe a proxy that is named",
    trustProxy: "loopback",
    async run(subject) {
      const sent = { params: bearer(subject.key), plain: true };
      const proxied = { ...sent, headers: { "x-forwarded-proto": "https" } };
      const client = await openSocket(subject, proxied);
      assert.deepEqual(await client.next(), ACK);
      await client.close();
      const forwarded = { ...sent, headers: { "x-forwarded-proto": "http" } };
      assert.deepEqual(await (await openSocket(subject, forwarded)).next(), closed(4403));
    },
  },
  {
    id: "WS05",
    name: "MUST ask to try again while the store fails",
    async run(subject) {
      for (const mood of ["throws", "rejects", "hangs", "nonsense"] satisfies Mood[]) {
        subject.setMood(mood);
        const client = await openSocket(subject, { params: bearer(subject.key) });
        assert.deepEqual(await client.next(), closed(1013));
      }
    },
  },
  {
    id: "WS06",
    name: "MUST NOT run anything before the first message (scenario 77)",
    async run(subject) {
      const headers = bearer(subject.key);
      for (const query of [VIEWER, ADDED("barcelona")]) {
        const client = await openSocket(subject, { params: null, headers });
        assert.deepEqual(await client.run(query), [closed(4401)]);
      }
      assert.deepEqual([subject.service.ran, subject.service.feed.opened], [[], 0]);
    },
  },
  {
    id: "WS10",
    name: "MUST decide each operation of a socket by itself, queries and mutations too (scenario 78)",
    async run(subject) {
      const client = await enter(subject);
      const [refused] = await client.run(ASSETS, { library: "porto" });
      assert.deepEqual([refused!.type, codeOf(refused)], ["next", "UNAUTHORIZED"]);
      assert.deepEqual(Object.keys(refused!.payload), ["errors"]);
      assert.deepEqual(subject.service.ran, []);
      const [allowed] = await client.run(ASSETS, { library: "barcelona" });
      assert.equal(allowed!.payload.data.assets.length, 2);
      const mutation = `mutation {
        a: renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "x") { name }
        b: renameAsset(${O}, libraryId: "lisbon", assetId: "lisbon-1", name: "x") { name }
      }`;
      assert.equal(codeOf((await client.run(mutation))[0]), "UNAUTHORIZED");
      assert.equal(subject.service.assets[0]!.name, "1.jpg");
      const [renamed] = await client.run(RENAME, { library: "barcelona", name: "new.jpg" });
      assert.deepEqual(renamed!.payload, { data: { renameAsset: { name: "new.jpg" } } });
      await client.close();
    },
  },
  {
    id: "WS11",
    name: "MUST authenticate each operation anew, and close the socket of a dead key with 4401",
    async run(subject) {
      for (const kill of KILLINGS) {
        const { key, apiKey } = await subject.createKey({ barcelona: "write" });
        const client = await enter(subject, key);
        await client.run(VIEWER);
        subject.service.ran.length = 0;
        await kill({ ...subject, ref: { organizationId: apiKey.organizationId, id: apiKey.id } });
        assert.deepEqual(await client.run(VIEWER), [closed(4401)]);
        assert.deepEqual(subject.service.ran, []);
      }
    },
  },
  {
    id: "WS12",
    name: "MUST refuse both of two operations that are sent at once after the key is regenerated",
    async run(subject) {
      const client = await enter(subject);
      await subject.apiKeys.regenerate(subject.ref);
      client.send({ id: "a", type: "subscribe", payload: { query: ADDED("barcelona") } });
      client.send({ id: "b", type: "subscribe", payload: { query: VIEWER } });
      let last = await client.next();
      while (last.type !== "closed") {
        assert.equal(last.type, "error");
        last = await client.next();
      }
      assert.equal(last.code, 4401);
      assert.deepEqual([subject.service.ran, subject.service.feed.opened], [[], 0]);
    },
  },
  {
    id: "WS13",
    name: "MUST go by what the key reaches now",
    async run(subject) {
      const client = await enter(subject);
      await subject.apiKeys.setAccess(subject.ref, { lisbon: "read" });
      const [refused] = await client.run(ASSETS, { library: "barcelona" });
      assert.equal(codeOf(refused), "UNAUTHORIZED");
      await subject.apiKeys.setAccess(subject.ref, { porto: "read" });
      const [allowed] = await client.run(ASSETS, { library: "porto" });
      assert.equal(allowed!.payload.data.assets.length, 2);
      await client.close();
    },
  },
  {
    id: "WS14",
    name: "MUST fail while the store does, and go on afterwards",
    async run(subject) {
      const client = await enter(subject);
      subject.setMood("rejects");
      const [failed] = await client.run(VIEWER);
      assert.deepEqual(
        [failed!.type, failed!.payload[0].extensions.code],
        ["error", "UNAVAILABLE"],
      );
      assert.deepEqual(subject.service.ran, []);
      subject.setMood("well");
      assert.equal((await client.run(VIEWER)).length, 2);
      await client.close();
    },
  },
  {
    id: "WS15",
    name: "MUST answer what cannot be parsed or is not valid without keys, and leave the socket open",
    async run(subject) {
      const client = await enter(subject);
      for (const query of [
        `{ ${subject.key}`,
        `{ viewer(of: "${subject.key}") }`,
        "{ nothing }",
        "subscription { nothing }",
        `subscription { assetAdded(${O}, libraryId: "barcelona") { nothing } }`,
        `subscription { a: anyAssetAdded(${O}) { id } b: anyAssetAdded(${O}) { id } }`,
      ]) {
        const messages = await client.run(query);
        assert.deepEqual(
          messages.map(({ type }) => type),
          ["error"],
          query,
        );
      }
      assert.deepEqual([subject.service.ran, subject.service.feed.opened], [[], 0]);
      assert.equal((await client.run(VIEWER)).length, 2);
      await client.close();
    },
  },
  {
    id: "WS26",
    name: "MUST close with a socket all that it opened, also where its client used an id again at once",
    async run(subject) {
      const { feed } = subject.service;
      const client = await enter(subject);
      const payload = { query: ADDED("barcelona") };
      for (let i = 0; i < 20; i++) {
        client.send({ id: "1", type: "subscribe", payload });
        client.send({ id: "1", type: "complete" });
      }
      client.send({ id: "1", type: "subscribe", payload });
      while (feed.opened < 2) await sleep(1);
      await client.close();
      for (let i = 0; i < 500 && feed.closed < feed.opened; i++) await sleep(1);
      assert.equal(feed.closed, feed.opened);
    },
  },
  {
    id: "WS16",
    name: "MUST give each operation its caller, subscriptions too",
    async run(subject) {
      const client = await subscribe(subject);
      await client.run(VIEWER);
      const ids = subject.service.callers.map((caller) => (caller as { id: string }).id);
      assert.deepEqual(ids, [subject.ref.id, subject.ref.id]);
      await client.close();
    },
  },
  {
    id: "WS17",
    name: "MUST run the operation that is named, an empty name being none, and no other",
    async run(subject) {
      const client = await enter(subject);
      const ask = async (query: string, operationName: string) => {
        client.send({ id: "n", type: "subscribe", payload: { query, operationName } });
        const answer = await client.next();
        if (answer.type === "next") await client.next();
        return answer;
      };
      const two = `query A { viewer } query B { assets(${O}, libraryId: "porto") { id } }`;
      assert.ok((await ask(two, "A")).payload.data.viewer);
      assert.equal(codeOf(await ask(two, "B")), "UNAUTHORIZED");
      for (const name of ["", "C"]) {
        assert.ok(!("data" in (await ask(two, name)).payload), name);
      }
      const rename = `mutation { renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "x") { name } }`;
      assert.deepEqual((await ask(rename, "")).payload, { data: { renameAsset: { name: "x" } } });
      assert.deepEqual(subject.service.ran, ["Query.viewer", "Mutation.renameAsset"]);
      await client.close();
    },
  },
  {
    id: "WS20",
    name: "MUST send events within reach only, until the client has enough",
    async run(subject) {
      const client = await subscribe(subject, ANY_ADDED);
      const { feed } = subject.service;
      feed.push(assetIn("porto", "hidden"));
      feed.push(assetIn("barcelona", "hidden", "acme-co"));
      feed.push(assetIn("barcelona", "2"));
      const data = { anyAssetAdded: { id: "2" } };
      assert.deepEqual(await client.next(), { id: "s", type: "next", payload: { data } });
      client.send({ id: "s", type: "complete" });
      await untilClosed(subject);
      await client.close();
    },
  },
  {
    id: "WS21",
    name: "MUST NOT open a source before the check",
    async run(subject) {
      const client = await enter(subject);
      const variables = { library: "porto" };
      const query = `subscription ($library: ID = "barcelona") { assetAdded(${O}, libraryId: $library) { id } }`;
      for (const [text, values] of [
        [ADDED("porto"), {}],
        [query, variables],
        [`subscription { anyAssetAdded(organizationId: "acme-co") { id } }`, {}],
      ] as const) {
        const [refused] = await client.run(text, values);
        assert.deepEqual([refused!.type, codeOf(refused)], ["next", "UNAUTHORIZED"]);
        assert.deepEqual(Object.keys(refused!.payload), ["errors"]);
      }
      assert.equal(subject.service.feed.opened, 0);
      await client.close();
    },
  },
  {
    id: "WS22",
    name: "MUST end a stream with the event after its key's death, and close source and socket",
    async run(subject) {
      const client = await subscribe(subject);
      await subject.apiKeys.regenerate(subject.ref);
      subject.service.feed.push(assetIn("barcelona"));
      await assertDies(subject, client);
      assert.ok(!subject.service.ran.includes("Subscription.assetAdded"));
    },
  },
  {
    id: "WS23",
    name: "MUST end an idle stream within a heartbeat of its key's death",
    heartbeatMs: HEARTBEAT_MS,
    async run(subject) {
      const client = await subscribe(subject);
      await subject.apiKeys.delete(subject.ref);
      await assertDies(subject, client);
    },
  },
  {
    id: "WS24",
    name: "MUST end a stream whose key was narrowed, and leave the socket open",
    heartbeatMs: HEARTBEAT_MS,
    async run(subject) {
      const client = await subscribe(subject);
      await subject.apiKeys.setAccess(subject.ref, { lisbon: "read" });
      assert.equal(codeOf(await client.next()), "UNAUTHORIZED");
      assert.deepEqual(await client.next(), { id: "s", type: "complete" });
      assert.equal((await client.run(VIEWER)).length, 2);
      assert.equal(subject.service.feed.closed, 1);
      await client.close();
    },
  },
  {
    id: "WS25",
    name: "MUST end a stream with UNAVAILABLE when the store fails",
    async run(subject) {
      const client = await subscribe(subject);
      subject.setMood("rejects");
      subject.service.feed.push(assetIn("barcelona"));
      assert.equal(codeOf(await client.next()), "UNAVAILABLE");
      assert.deepEqual(await client.next(), { id: "s", type: "complete" });
      assert.equal(subject.service.feed.closed, 1);
      await client.close();
    },
  },
  {
    id: "WS26",
    name: "MUST close the source with its socket",
    async run(subject) {
      const client = await subscribe(subject);
      await client.close();
      await untilClosed(subject);
    },
  },
  {
    id: "WS30",
    name: "MUST ask the host about sockets without a key that no page of another site has opened, anew each time",
    otherCallers: () => USER,
    async run(subject) {
      const origin = `https://localhost:${subject.port}`;
      for (const headers of [{}, { origin }]) {
        const client = await openSocket(subject, { headers: headers as Record<string, string> });
        assert.deepEqual(await client.next(), ACK);
        const [allowed] = await client.run(VIEWER);
        assert.deepEqual(allowed!.payload.data, { viewer: "monogram-labs user-7" });
        // Nobody can read this caller anew, so it holds no stream.
        const [refused] = await client.run(ADDED("barcelona"));
        assert.equal(codeOf(refused), "UNAUTHORIZED");
        await client.close();
      }
      for (const other of ["https://evil.example", "https://localhost", "null"]) {
        const client = await openSocket(subject, { headers: { origin: other } });
        assert.deepEqual(await client.next(), closed(4401));
      }
      const params = bearer(misspell(subject.key));
      assert.deepEqual(await (await openSocket(subject, { params })).next(), closed(4401));
      assert.equal(subject.service.feed.opened, 0);
    },
  },
];

export const socketCases: readonly AdapterCase[] = cases.map((each) => ({
  ...each,
  needs: ["sockets"],
}));
