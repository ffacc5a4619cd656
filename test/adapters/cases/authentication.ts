/** Who is let in, and what everybody else is answered: the table of DESIGN.md §4. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertData,
  assertRefused,
  headOf,
  misspell,
  receive,
  unknownKey,
  type AdapterCase,
  type Answer,
  type Mood,
  type Subject,
} from "../subject.js";
import { ASSETS, BARCELONA, VIEWER } from "./documents.js";

const ACCEPTS = [
  undefined,
  "application/json",
  "application/graphql-response+json",
  "application/graphql-response+json, application/json;q=0.9",
  "*/*",
] as const;

/** A bearer value that is refused. */
interface BadKey {
  readonly what: string;
  key(subject: Subject): string | Promise<string>;
}

const BAD_KEYS: readonly BadKey[] = [
  { what: "a malformed key", key: () => "pk_0000" },
  { what: "a key with a wrong checksum", key: ({ key }) => misspell(key) },
  { what: "an unknown key", key: unknownKey },
  {
    what: "a deleted key",
    async key({ apiKeys, key, ref }) {
      await apiKeys.delete(ref);
      return key;
    },
  },
  {
    what: "the old value of a regenerated key",
    async key({ apiKeys, key, ref }) {
      await apiKeys.regenerate(ref);
      return key;
    },
  },
  {
    what: "a disabled key",
    async key({ apiKeys, key, ref }) {
      await apiKeys.update(ref, { enabled: false });
      return key;
    },
  },
  {
    what: "an expired key",
    async key({ apiKeys, key, ref, pass }) {
      await apiKeys.update(ref, { expiresAtMs: Date.now() + 3_600_000 });
      pass(3_600_000);
      return key;
    },
  },
];

const INVALID = 'Bearer error="invalid_token"';

function challengeOf(answer: Answer): string | undefined {
  return answer.headers["www-authenticate"];
}

function ranNothing({ service }: Subject): void {
  assert.deepEqual(service.ran, []);
}

export const authenticationCases: readonly AdapterCase[] = [
  {
    id: "AU01",
    name: "MUST answer the caller of a good key, in any media type of GraphQL",
    async run(subject) {
      for (const accept of ACCEPTS) {
        const headers = accept === undefined ? {} : { accept };
        const sent = { key: subject.key, query: VIEWER, headers };
        assertData(await subject.send(sent), { viewer: `monogram-labs ${subject.ref.id}` });
      }
    },
  },
  {
    id: "AU02",
    name: "MUST answer 401 with a bare challenge when there is no Authorization, or another scheme",
    async run(subject) {
      const lines = [undefined, "", "Bearer", "Basic eDp5", subject.key, `Token ${subject.key}`];
      for (const authorization of lines) {
        for (const accept of ACCEPTS) {
          const headers = {
            ...(authorization !== undefined && { authorization }),
            accept: accept ?? "*/*",
          };
          const answer = await subject.send({ query: VIEWER, headers });
          assertRefused(answer, 401, "UNAUTHENTICATED");
          assert.equal(challengeOf(answer), "Bearer");
        }
      }
      ranNothing(subject);
    },
  },
  ...BAD_KEYS.map(({ what, key }, i): AdapterCase => ({
    id: `AU1${i}`,
    name: `MUST answer 401 invalid_token to ${what}`,
    async run(subject) {
      const bad = await key(subject);
      for (const accept of ACCEPTS) {
        const headers = accept === undefined ? {} : { accept };
        const answer = await subject.send({ key: bad, query: VIEWER, headers });
        assertRefused(answer, 401, "UNAUTHENTICATED");
        assert.equal(challengeOf(answer), INVALID);
      }
      ranNothing(subject);
    },
  })),
  {
    id: "AU20",
    name: "MUST give all bad keys the same answer",
    async run(subject) {
      const texts = new Set<string>();
      for (const { key } of BAD_KEYS) {
        const { key: fresh, apiKey } = await subject.createKey({ barcelona: "write" });
        const ref = { organizationId: apiKey.organizationId, id: apiKey.id };
        const own = { ...subject, key: fresh, ref };
        const answer = await subject.send({ key: await key(own), query: VIEWER });
        const { date: _, ...headers } = answer.headers;
        texts.add(JSON.stringify([answer.status, headers, answer.text]));
      }
      assert.equal(texts.size, 1, [...texts].join("\n"));
    },
  },
  {
    id: "AU21",
    name: "MUST answer 400 to two Authorization lines, also when both are good",
    async run(subject) {
      const good = `authorization: Bearer ${subject.key}`;
      for (const lines of [
        [good, good],
        ["authorization: Basic eDp5", good],
        [good, "Authorization: Bearer x"],
        [good, "authorization:"],
      ]) {
        const socket = await subject.connect();
        const body = JSON.stringify({ query: VIEWER });
        const rest = ["content-type: application/json", `content-length: ${body.length}`];
        socket.write(headOf([...lines, ...rest]) + body);
        const answer = await receive(socket);
        socket.destroy();
        assertRefused(answer, 400, "UNAUTHENTICATED");
        assert.equal(challengeOf(answer), 'Bearer error="invalid_request"');
      }
      const joined = { authorization: `Bearer ${subject.key}, Bearer ${subject.key}` };
      const answer = await subject.send({ query: VIEWER, headers: joined });
      assertRefused(answer, 400, "UNAUTHENTICATED");
      ranNothing(subject);
    },
  },
  {
    id: "AU22",
    name: "MUST NOT take a key from anywhere but the Authorization header",
    async run(subject) {
      const { key } = subject;
      const query = new URLSearchParams({ key, access_token: key, authorization: `Bearer ${key}` });
      const answers = [
        await subject.send({ query: VIEWER, path: `/graphql?${query}` }),
        await subject.send({ query: VIEWER, headers: { cookie: `authorization=Bearer ${key}` } }),
        await subject.send({ query: VIEWER, headers: { "x-api-key": key } }),
        await subject.send({ query: VIEWER, headers: { "proxy-authorization": `Bearer ${key}` } }),
        await subject.send({
          body: JSON.stringify({ query: VIEWER, authorization: `Bearer ${key}` }),
        }),
        await subject.send({
          body: JSON.stringify({
            query: VIEWER,
            extensions: { headers: { authorization: `Bearer ${key}` } },
          }),
        }),
      ];
      for (const answer of answers) assertRefused(answer, 401, "UNAUTHENTICATED");
      ranNothing(subject);
    },
  },
  {
    id: "AU23",
    name: "MUST take the scheme in any case, and several spaces",
    async run(subject) {
      for (const scheme of ["bearer", "BEARER", "Bearer  "]) {
        const headers = { authorization: `${scheme} ${subject.key}` };
        const variables = { library: "barcelona" };
        assertData(await subject.send({ query: ASSETS, variables, headers }), BARCELONA);
      }
    },
  },
  {
    id: "AU30",
    name: "MUST answer 403 HTTPS_REQUIRED over plain HTTP, the same to good and bad keys, and report a real key",
    async run(subject) {
      const texts = new Set<string>();
      for (const key of [subject.key, misspell(subject.key), unknownKey(), undefined]) {
        const answer = await subject.sendPlain({
          query: VIEWER,
          ...(key !== undefined && { key }),
        });
        assertRefused(answer, 403, "HTTPS_REQUIRED");
        assert.equal(challengeOf(answer), undefined);
        const { date: _, ...headers } = answer.headers;
        texts.add(JSON.stringify([headers, answer.text]));
      }
      assert.equal(texts.size, 1);
      ranNothing(subject);
      await sleep(20);
      const exposed = subject.events.filter(({ type }) => type === "exposed");
      assert.deepEqual(
        exposed.map((event) => "keyId" in event && event.keyId),
        [subject.ref.id],
      );
    },
  },
  {
    id: "AU31",
    name: "MUST NOT believe the request line, the Host or a forwarding header of a stranger about HTTPS",
    async run(subject) {
      const body = JSON.stringify({ query: VIEWER });
      const common = [
        `authorization: Bearer ${subject.key}`,
        "content-type: application/json",
        `content-length: ${body.length}`,
      ];
      const attempts: readonly (readonly [requestLine: string, ...headers: string[]])[] = [
        ["POST https://localhost/graphql HTTP/1.1"],
        ["POST /graphql HTTP/1.1", "x-forwarded-proto: https"],
        ["POST /graphql HTTP/1.1", "forwarded: proto=https"],
        ["POST /graphql HTTP/1.1", "x-forwarded-ssl: on", "x-forwarded-protocol: https"],
        ["POST /graphql HTTP/1.1", "x-url-scheme: https", "front-end-https: on"],
        ["POST /graphql HTTP/1.1", "host: https://localhost"],
        ["POST /graphql?https://localhost/graphql HTTP/1.1"],
      ];
      for (const [requestLine, ...headers] of attempts) {
        const socket = await subject.connectPlain();
        socket.write(headOf([...common, ...headers], requestLine) + body);
        const answer = await receive(socket);
        socket.destroy();
        if (answer.status === 400 && answer.body === undefined) continue; // Node's own: two Host lines
        assertRefused(answer, 403, "HTTPS_REQUIRED");
      }
      ranNothing(subject);
    },
  },
  {
    id: "AU32",
    name: "MUST believe X-Forwarded-Proto of a proxy that was configured, in every entry",
    trustProxy: "loopback",
    async run(subject) {
      const { key } = subject;
      const sent = { key, query: ASSETS, variables: { library: "barcelona" } };
      const proto = (value: string) => ({ ...sent, headers: { "x-forwarded-proto": value } });
      assertData(await subject.sendPlain(proto("https")), BARCELONA);
      for (const value of ["http", "https, http", "http, https"]) {
        assertRefused(await subject.sendPlain(proto(value)), 403, "HTTPS_REQUIRED");
        assertRefused(await subject.send(proto(value)), 403, "HTTPS_REQUIRED");
      }
      assertRefused(await subject.sendPlain(sent), 403, "HTTPS_REQUIRED");
    },
  },
  ...(["throws", "rejects", "hangs", "nonsense"] satisfies Mood[]).map((mood, i): AdapterCase => ({
    id: `AU4${i}`,
    name: `MUST answer 503 UNAVAILABLE when the store ${mood === "nonsense" ? "answers nonsense" : mood}, and serve again afterwards`,
    async run(subject) {
      const { key } = subject;
      subject.setMood(mood);
      for (const accept of ACCEPTS) {
        const answer = await subject.send({
          key,
          query: VIEWER,
          headers: { accept: accept ?? "*/*" },
        });
        assertRefused(answer, 503, "UNAVAILABLE");
        assert.equal(challengeOf(answer), undefined);
      }
      assertRefused(await subject.send({ key: "pk_0", query: VIEWER }), 401, "UNAUTHENTICATED");
      assertRefused(await subject.send({ query: VIEWER }), 401, "UNAUTHENTICATED");
      ranNothing(subject);
      subject.setMood("well");
      assert.equal((await subject.send({ key, query: VIEWER })).status, 200);
    },
  })),
  {
    id: "AU44",
    name: "MUST serve from a store that answers later",
    async run(subject) {
      subject.setMood("later");
      const { key } = subject;
      const variables = { library: "barcelona" };
      assertData(await subject.send({ key, query: ASSETS, variables }), BARCELONA);
      const answer = await subject.send({ key: unknownKey(), query: VIEWER });
      assertRefused(answer, 401, "UNAUTHENTICATED");
    },
  },
  {
    id: "AU50",
    name: "MUST say nothing of the schema to who has no key: neither parse nor validate",
    async run(subject) {
      const documents = [
        "{ nothingOfTheKind }",
        "{ viewr }",
        "{ viewer { id } }",
        "{ syntax error",
        "",
        "{ __schema { types { name } } }",
        "query A { viewer } query B { viewer }",
        "mutation { deleteEverything }",
        "subscription { viewer }",
      ];
      for (const query of documents) {
        for (const key of [undefined, "pk_0", unknownKey()]) {
          const answer = await subject.send({ query, ...(key !== undefined && { key }) });
          assertRefused(answer, 401, "UNAUTHENTICATED");
          assert.doesNotMatch(answer.text, /viewer|Query|syntax|suggest|did you mean/i);
        }
        assertRefused(await subject.sendPlain({ query, key: subject.key }), 403, "HTTPS_REQUIRED");
      }
    },
  },
  {
    id: "AU51",
    name: "MUST answer 401 before it complains of a body",
    async run(subject) {
      const bodies = [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"query": 1}',
        '{"query": "{viewer}", "variables": 1}',
      ];
      for (const body of bodies) {
        for (const key of [undefined, "pk_0", unknownKey()]) {
          const answer = await subject.send({ body, ...(key !== undefined && { key }) });
          assertRefused(answer, 401, "UNAUTHENTICATED");
        }
      }
    },
  },
  {
    id: "AU52",
    name: "MUST let many keys in at once and mix none of them up",
    async run(subject) {
      subject.setMood("later");
      const issued = await Promise.all(
        Array.from({ length: 20 }, () => subject.createKey({ barcelona: "read" })),
      );
      const answers = await Promise.all(
        issued.flatMap(({ key }) => [
          subject.send({ key, query: VIEWER }),
          subject.send({ key: misspell(key), query: VIEWER }),
        ]),
      );
      issued.forEach(({ apiKey }, i) => {
        assertData(answers[2 * i]!, { viewer: `monogram-labs ${apiKey.id}` });
        assertRefused(answers[2 * i + 1]!, 401, "UNAUTHENTICATED");
      });
    },
  },
  {
    id: "AU60",
    name: "MUST report each refused key once, whatever the body, and no key that is let in",
    async run(subject) {
      const { events, key, send } = subject;
      const large = "x".repeat(70_000);
      for (const query of [VIEWER, "{ nothing }", VIEWER + " ".repeat(70_000)]) {
        await send({ key, query });
        assert.deepEqual(events, []);
        await send({ key: unknownKey(), query });
        await send({ key: "pk_0", query });
        await send({ key: unknownKey(), body: large });
        await send({ query });
        const reported = subject.takeEvents();
        assert.deepEqual(
          reported.map((event) => "reason" in event && event.reason),
          ["unknown", "malformed", "unknown"],
        );
      }
    },
  },
];
