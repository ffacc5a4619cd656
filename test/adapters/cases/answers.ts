/** Headers of answers, and that no answer shows a key. */
import assert from "node:assert/strict";
import { expectNoKeys } from "../../support/canary.js";
import { assertRefused, misspell, unknownKey, type AdapterCase } from "../subject.js";
import { ASSETS, VIEWER } from "./documents.js";

const O = `organizationId: "monogram-labs", libraryId: "barcelona"`;

export const answerCases: readonly AdapterCase[] = [
  {
    id: "AN01",
    name: "MUST vary answers by Authorization and keep them out of caches, when the host says nothing else",
    async run({ key, send }) {
      const sent = [
        { key, query: ASSETS, variables: { library: "barcelona" } },
        { key, query: ASSETS, variables: { library: "porto" } },
        { key: unknownKey(), query: VIEWER },
        { query: VIEWER },
      ];
      for (const each of sent) {
        const { headers } = await send(each);
        assert.match(headers["vary"] ?? "none", /(^|, )authorization(,|$)/i);
        assert.equal(headers["cache-control"], "no-store");
      }
    },
  },
  {
    id: "AN10",
    name: "MUST NOT show a key in any error: parsing, validation, coercion, execution",
    async run({ key, send }) {
      // send() fails when an answer shows a key; the console and the streams are watched in every test.
      const name = key;
      const sent = [
        { query: `{ viewer "${key}" }` },
        { query: `{ viewer(${name}: 1) }` },
        { query: `{ ${name} }` },
        { query: `query { ...${name} }` },
        { query: `query ($a: ${name}) { viewer }` },
        { query: `{ viewer @${name} }` },
        { query: `query ${name} { viewer } query B { viewer }`, operationName: "C" },
        { query: `query A { viewer } query B { viewer }`, operationName: key },
        { query: ASSETS, variables: { library: [key, key] } },
        { query: ASSETS, variables: { library: { [key]: key } } },
        { query: ASSETS, variables: { library: key } },
        { query: ASSETS, variables: { [key]: key } },
        { query: `{ count(${O}, first: "${key}") }` },
        { query: `query ($n: Int) { count(${O}, first: $n) }`, variables: { n: key } },
        { query: `query ($n: Int) { count(${O}, first: $n) }`, variables: { n: { key } } },
        { query: `query ($n: Int = "${key}") { count(${O}, first: $n) }` },
        { query: `query ($t: String!) { fails(${O}, text: $t) }`, variables: { t: key } },
        {
          query: `query ($t: String!) { fails(${O}, text: $t) }`,
          variables: { t: `${key} ${key}` },
        },
        { query: `{ mustLibrary(organizationId: "monogram-labs", slug: "${key}") { id } }` },
        { query: `{ assets(organizationId: "${key}", libraryId: "${key}") { id } }` },
        { query: `# ${key}\n{ viewer` },
      ];
      for (const each of sent) {
        const answer = await send({ key, ...each });
        assert.ok(answer.body.errors.length > 0, `no error for ${each.query}`);
      }
    },
  },
  {
    id: "AN14",
    name: "MUST NOT show a key in the errors of a batch",
    needs: ["batch"],
    async run({ key, send }) {
      const queries = [`{ ${key} }`, `{ viewer "${key}"`, `{ viewer(${key}: 1) }`];
      const answer = await send({ key, body: JSON.stringify(queries.map((query) => ({ query }))) });
      assert.equal(answer.body.length, queries.length);
      for (const { errors } of answer.body) assert.match(errors[0].message, /…/);
    },
  },
  {
    id: "AN11",
    name: "MUST NOT show a key of a body that is no request",
    async run({ key, send }) {
      const bodies = [
        key,
        `"${key}"`,
        `{"query": ${key}}`,
        `{"query": "{ viewer }", "${key}": 1}`,
        `{"query": "{ viewer }", "variables": "${key}"}`,
        `{"query": "{ viewer }", "variables": ${key}}`,
        `{"query": "{ viewer }", "variables": {"${key}"}}`,
        `{"query": {"${key}": 1}}`,
        `{"operationName": "${key}"}`,
        `["${key}"]`,
      ];
      for (const body of bodies) {
        for (const type of ["application/json", "application/graphql", "text/plain", key]) {
          // send() fails when the answer shows a key.
          await send({ key, body, headers: { "content-type": type } });
        }
      }
    },
  },
  {
    id: "AN12",
    name: "MUST NOT show a key that came over plain HTTP, was refused, or is in the address",
    async run({ apiKeys, key, ref, send, sendPlain, events }) {
      const path = `/graphql/${key}?key=${key}&query=${key}`;
      await sendPlain({ key, query: VIEWER, path });
      await send({ key, query: VIEWER, path });
      await send({ key: misspell(key), query: VIEWER });
      await send({ headers: { authorization: `Basic ${key}` }, query: key });
      await apiKeys.delete(ref);
      await send({ key, query: `{ ${key} }` });
      expectNoKeys("an event", events);
    },
  },
  {
    id: "AN13",
    name: "MUST NOT unmask an error of the host because a key is in it",
    async run({ key, send }) {
      const secret = "at db.internal:5432";
      const query = `query ($t: String!) { fails(${O}, text: $t) }`;
      const ask = async (text: string) =>
        (await send({ key, query, variables: { t: text } })).body.errors[0];
      const without = await ask(secret);
      const withKey = await ask(`${secret} ${key}`);
      assert.equal(withKey.message.includes(secret), without.message.includes(secret));
      assert.deepEqual(withKey.extensions, without.extensions);
    },
  },
  {
    id: "AN20",
    name: "MUST let browsers read refusals, and answer preflights without a key",
    needs: ["cors"],
    async run({ key, send, sendPlain }) {
      const origin = "https://example.com";
      const headers = { origin };
      const answers = [
        await send({ query: VIEWER, headers }),
        await send({ query: VIEWER, headers, key: unknownKey() }),
        await send({ query: ASSETS, variables: { library: "porto" }, headers, key }),
        await sendPlain({ query: VIEWER, headers, key }),
        await send({ query: VIEWER, headers, key }),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [401, 401, 403, 403, 200],
      );
      for (const answer of answers) {
        assert.equal(answer.headers["access-control-allow-origin"], origin);
        assert.match(
          answer.headers["access-control-expose-headers"] ?? "none",
          /www-authenticate/i,
        );
        assert.match(
          answer.headers["vary"] ?? "none",
          /origin.*authorization|authorization.*origin/i,
        );
      }
      const preflight = await send({
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization, content-type",
        },
      });
      assert.equal(preflight.status, 204);
      assert.match(preflight.headers["access-control-allow-headers"]!, /authorization/);
    },
  },
  {
    id: "AN21",
    name: "MUST show pages for people without a key, and nothing of the schema with them",
    needs: ["pages"],
    async run({ send }) {
      const page = await send({ method: "GET", headers: { accept: "text/html" } });
      assert.equal(page.status, 200);
      assert.match(page.headers["content-type"]!, /text\/html/);
      assert.doesNotMatch(page.text, /searchAssets/);
      const posted = await send({ query: VIEWER, headers: { accept: "text/html" } });
      assert.notEqual(posted.status, 200);
      assertRefused(
        await send({ method: "GET", path: "/graphql?query={viewer}" }),
        401,
        "UNAUTHENTICATED",
      );
    },
  },
];
