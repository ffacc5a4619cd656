/** What a caller may run, and how a refusal looks, before execution and within it. */
import assert from "node:assert/strict";
import {
  assertData,
  assertRefused,
  unknownKey,
  type AdapterCase,
  type Subject,
} from "../subject.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./documents.js";

const O = `organizationId: "monogram-labs"`;

/** Operations that a key with Write on barcelona and Read on lisbon of monogram-labs must not run. */
const REFUSED: readonly (readonly [what: string, query: string, variables?: object])[] = [
  ["a library it does not reach", ASSETS, { library: "porto" }],
  ["a library that nobody has", ASSETS, { library: "atlantis" }],
  ["another organization", ASSETS, { library: "barcelona", organization: "acme-co" }],
  ["Write with Read", RENAME, { library: "lisbon" }],
  ["a good field beside a bad one", `{ viewer assets(${O}, libraryId: "porto") { id } }`],
  [
    "a default that is out of reach",
    `query ($l: ID! = "porto") { assets(${O}, libraryId: $l) { id } }`,
  ],
  [
    "one bad id in a list",
    `{ searchAssets(${O}, q: "", libraries: ["barcelona", "porto"]) { id } }`,
  ],
  ["an empty list", `{ searchAssets(${O}, q: "", libraries: []) { id } }`],
  ["a fragment", `{ ...F } fragment F on Query { assets(${O}, libraryId: "porto") { id } }`],
  [
    "an alias",
    `{ a: assets(${O}, libraryId: "barcelona") { id } b: assets(${O}, libraryId: "porto") { id } }`,
  ],
  ["a selector of withAccess", `{ report(of: "porto") }`],
  [
    "a mutation with a good first field",
    `mutation {
      renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "x") { id }
      requires(${O}, libraryId: "lisbon", other: "barcelona")
    }`,
  ],
];

async function readOnlyKey({ createKey }: Subject): Promise<string> {
  return (await createKey({ lisbon: "read" })).key;
}

export const operationCases: readonly AdapterCase[] = [
  {
    id: "OP01",
    name: "MUST run what is within reach",
    async run(subject) {
      const { key, send } = subject;
      assertData(
        await send({ key, query: ASSETS, variables: { library: "barcelona" } }),
        BARCELONA,
      );
      const lisbon = { assets: [{ id: "lisbon-1" }, { id: "lisbon-2" }] };
      assertData(await send({ key, query: ASSETS, variables: { library: "lisbon" } }), lisbon);
      const renamed = { renameAsset: { name: "renamed" } };
      assertData(await send({ key, query: RENAME, variables: { library: "barcelona" } }), renamed);
      assertData(await send({ key, query: `{ report(of: "lisbon") }` }), {
        report: "All is well in lisbon",
      });
      assertData(await send({ key, query: `mutation { createLibrary(${O}, name: "x") }` }), {
        createLibrary: "x",
      });
    },
  },
  {
    id: "OP02",
    name: "MUST answer only what is within reach of a result",
    async run({ key, send }) {
      assertData(await send({ key, query: `{ libraries(${O}) { id } }` }), {
        libraries: [{ id: "barcelona" }, { id: "lisbon" }],
      });
      assertData(await send({ key, query: `{ library(${O}, slug: "porto") { id } }` }), {
        library: null,
      });
      assertData(await send({ key, query: `{ searchAssets(${O}, q: "") { id } }` }), {
        searchAssets: ["barcelona-1", "barcelona-2", "lisbon-1", "lisbon-2"].map((id) => ({ id })),
      });
    },
  },
  ...REFUSED.map(([what, query, variables], i): AdapterCase => ({
    id: `OP${10 + i}`,
    name: `MUST answer 403 without data, and run nothing: ${what}`,
    async run(subject) {
      const { key, send, service } = subject;
      for (const accept of ["application/json", "application/graphql-response+json"]) {
        const sent = {
          key,
          query,
          headers: { accept },
          ...(variables && { variables: { ...variables } }),
        };
        const answer = await send(sent);
        assert.equal(answer.status, 403, answer.text);
        assert.deepEqual(Object.keys(answer.body), ["errors"]);
        for (const error of answer.body.errors) {
          assert.deepEqual(error.extensions, { code: "UNAUTHORIZED" });
          assert.ok(error.path.length > 0);
          assert.ok(error.locations.length > 0);
        }
        assert.match(answer.headers["cache-control"] ?? "none", /no-store/);
        assert.equal(answer.headers["www-authenticate"], undefined);
      }
      assert.deepEqual(service.ran, []);
    },
  })),
  {
    id: "OP30",
    name: "MUST give the same answer for a library that is unknown and one that is not granted",
    async run({ key, send }) {
      const answers = await Promise.all(
        ["porto", "tokyo"].map((library) => send({ key, query: ASSETS, variables: { library } })),
      );
      assert.equal(answers[0]!.text, answers[1]!.text);
    },
  },
  {
    id: "OP31",
    name: "MUST refuse at once what a key no longer reaches, and allow what it was just granted",
    async run({ apiKeys, key, ref, send }) {
      const variables = { library: "porto" };
      const answer = () => send({ key, query: ASSETS, variables });
      assertRefused(await answer(), 403, "UNAUTHORIZED");
      await apiKeys.grant(ref, { libraryId: "porto", level: "read" });
      assert.equal((await answer()).status, 200);
      await apiKeys.revoke(ref, { libraryId: "porto" });
      assertRefused(await answer(), 403, "UNAUTHORIZED");
      await apiKeys.delete(ref);
      assertRefused(await answer(), 401, "UNAUTHENTICATED");
    },
  },
  {
    id: "OP32",
    name: "MUST answer 403 for @apiKey(level: WRITE) to a key that only reads",
    async run(subject) {
      const key = await readOnlyKey(subject);
      const query = `mutation { createLibrary(${O}, name: "x") }`;
      assertRefused(await subject.send({ key, query }), 403, "UNAUTHORIZED");
      assert.deepEqual(subject.service.ran, []);
      assert.equal((await subject.send({ key, query: VIEWER })).status, 200);
    },
  },
  {
    id: "OP33",
    name: "MUST judge a document that it has seen before by the key of each request",
    async run({ createKey, key, send }) {
      const { key: other } = await createKey({ porto: "read" });
      const query = `query ($l: ID!) { assets(${O}, libraryId: $l) { id } }`;
      const fixed = `{ assets(${O}, libraryId: "porto") { id } }`;
      for (let i = 0; i < 3; i++) {
        assert.equal((await send({ key, query, variables: { l: "lisbon" } })).status, 200);
        assertRefused(
          await send({ key: other, query, variables: { l: "lisbon" } }),
          403,
          "UNAUTHORIZED",
        );
        assert.equal((await send({ key: other, query: fixed })).status, 200);
        assertRefused(await send({ key, query: fixed }), 403, "UNAUTHORIZED");
      }
    },
  },
  {
    id: "OP40",
    name: "MUST answer a refusal within a resolver as an error of its field: 200, UNAUTHORIZED, not masked",
    async run({ key, send, service }) {
      const query = `mutation {
        renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "done") { name }
        requires(${O}, libraryId: "barcelona", other: "porto")
        last: renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-2", name: "too") { name }
      }`;
      const answer = await send({ key, query });
      assert.equal(answer.status, 200, answer.text);
      const { data, errors } = answer.body;
      assert.deepEqual(data, {
        renameAsset: { name: "done" },
        requires: null,
        last: { name: "too" },
      });
      assert.equal(errors.length, 1);
      assert.deepEqual(errors[0].extensions, { code: "UNAUTHORIZED" });
      assert.deepEqual(errors[0].path, ["requires"]);
      assert.match(errors[0].message, /out of reach/);
      assert.equal(service.assets[0]!.name, "done");
    },
  },
  {
    id: "OP41",
    name: "MUST answer a result out of reach in a non-null position as an error of its field: 200",
    async run({ key, send }) {
      const answer = await send({
        key,
        query: `{ viewer mustLibrary(${O}, slug: "porto") { id } }`,
      });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.data, null);
      assert.deepEqual(answer.body.errors[0].extensions, { code: "UNAUTHORIZED" });
      assert.deepEqual(answer.body.errors[0].path, ["mustLibrary"]);
      const other = await send({ key, query: `{ mustLibrary(${O}, slug: "atlantis") { id } }` });
      assert.equal(other.status, 200);
      assert.notEqual(other.body.errors[0].extensions?.code, "UNAUTHENTICATED");
    },
  },
  {
    id: "OP42",
    name: "MUST run no further field of a mutation whose key died in between: 200, what was done stays",
    async run({ apiKeys, key, ref, send, service }) {
      service.between = () => apiKeys.delete(ref);
      const query = `mutation {
        renameAsset(${O}, libraryId: "barcelona", assetId: "barcelona-1", name: "done") { name }
        pause(${O}, libraryId: "barcelona")
        again: pause(${O}, libraryId: "barcelona")
      }`;
      const answer = await send({ key, query });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.body.data, {
        renameAsset: { name: "done" },
        pause: true,
        again: null,
      });
      assert.deepEqual(answer.body.errors[0].extensions, { code: "UNAUTHORIZED" });
      assert.deepEqual(service.ran, ["Mutation.renameAsset", "Mutation.pause"]);
    },
  },
  {
    id: "OP43",
    name: "MUST run no further field of a mutation when the store fails in between",
    async run({ key, send, service, setMood }) {
      service.between = () => setMood("rejects");
      const query = `mutation {
        pause(${O}, libraryId: "barcelona")
        again: pause(${O}, libraryId: "barcelona")
      }`;
      const answer = await send({ key, query });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.body.data, { pause: true, again: null });
      assert.doesNotMatch(answer.text, /network is down/);
      assert.deepEqual(service.ran, ["Mutation.pause"]);
    },
  },
  {
    id: "OP50",
    name: "MUST put the caller into the context of resolvers",
    async run({ key, ref, send, service }) {
      await send({ key, query: VIEWER });
      const [caller] = service.callers as [{ id: string; access: unknown }];
      assert.equal(caller.id, ref.id);
      assert.deepEqual({ ...(caller.access as object) }, { barcelona: "write", lisbon: "read" });
    },
  },
  {
    id: "OP51",
    name: "MUST answer a request that cannot be coerced as such, never UNAUTHORIZED, and run nothing",
    async run({ key, send, service, requestErrorStatus }) {
      for (const variables of [{}, { library: null }, { library: ["x", "y"] }, { library: {} }]) {
        const answer = await send({ key, query: ASSETS, variables });
        assert.equal(answer.status, requestErrorStatus, answer.text);
        assert.equal(answer.body.data, undefined);
        for (const { extensions } of answer.body.errors) {
          assert.notEqual(extensions?.code, "UNAUTHORIZED");
        }
      }
      assert.deepEqual(service.ran, []);
    },
  },
  {
    id: "OP52",
    name: "MUST run the operation that is named, and judge no other",
    async run({ key, send, requestErrorStatus }) {
      const query = `
        query Good { viewer }
        query Bad { assets(${O}, libraryId: "porto") { id } }
      `;
      assert.equal((await send({ key, query, operationName: "Good" })).status, 200);
      assertRefused(await send({ key, query, operationName: "Bad" }), 403, "UNAUTHORIZED");
      for (const operationName of [undefined, "", "Other"]) {
        const answer = await send({
          key,
          query,
          ...(operationName !== undefined && { operationName }),
        });
        assert.equal(answer.status, requestErrorStatus, answer.text);
        assert.equal(answer.body.data, undefined);
      }
    },
  },
  {
    id: "OP60",
    name: "MUST answer queries by GET, and mutations by GET with 405",
    needs: ["get"],
    async run({ key, send, service }) {
      const get = (query: string, variables: object = {}) =>
        send({
          key,
          method: "GET",
          path: `/graphql?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`,
        });
      assertData(await get(ASSETS, { library: "barcelona" }), BARCELONA);
      assertRefused(await get(ASSETS, { library: "porto" }), 403, "UNAUTHORIZED");
      service.ran.length = 0;
      const answer = await get(RENAME, { library: "barcelona" });
      assert.equal(answer.status, 405, answer.text);
      assert.equal(answer.body.data, undefined);
      assert.deepEqual(service.ran, []);
    },
  },
  {
    id: "OP61",
    name: "MUST answer 401 to GET and HEAD without a key, queries and mutations alike",
    needs: ["get"],
    async run({ send, service }) {
      for (const query of [VIEWER, RENAME, "{ nothing }", ""]) {
        for (const key of [undefined, "pk_0", unknownKey()]) {
          const path = `/graphql?${new URLSearchParams({ query })}`;
          const credentials = key === undefined ? {} : { key };
          const answer = await send({ ...credentials, method: "GET", path });
          assertRefused(answer, 401, "UNAUTHENTICATED");
        }
        const head = await send({
          method: "HEAD",
          path: `/graphql?${new URLSearchParams({ query })}`,
        });
        assert.equal(head.status, 401);
      }
      assert.deepEqual(service.ran, []);
    },
  },
  {
    id: "OP70",
    name: "MUST decide each operation of a batch on its own",
    needs: ["batch"],
    async run({ key, send, service }) {
      const body = JSON.stringify([
        { query: ASSETS, variables: { library: "barcelona" } },
        { query: ASSETS, variables: { library: "porto" } },
        { query: "{ nothing }" },
        { query: ASSETS, variables: { library: "lisbon" } },
        { query: RENAME, variables: { library: "lisbon" } },
      ]);
      const answer = await send({ key, body });
      assert.equal(answer.status, 200, answer.text);
      const [good, porto, invalid, lisbon, rename] = answer.body;
      assert.deepEqual(good, { data: BARCELONA });
      assert.deepEqual(Object.keys(porto), ["errors"]);
      assert.deepEqual(porto.errors[0].extensions, { code: "UNAUTHORIZED" });
      assert.deepEqual(Object.keys(invalid), ["errors"]);
      assert.equal(lisbon.data.assets.length, 2);
      assert.deepEqual(Object.keys(rename), ["errors"]);
      assert.deepEqual(service.ran, ["Query.assets", "Query.assets"]);
    },
  },
  {
    id: "OP71",
    name: "MUST answer 401 to a batch as a whole",
    needs: ["batch"],
    async run({ send }) {
      const body = JSON.stringify([{ query: VIEWER }, { query: VIEWER }]);
      assertRefused(await send({ body }), 401, "UNAUTHENTICATED");
      assertRefused(await send({ body, key: unknownKey() }), 401, "UNAUTHENTICATED");
    },
  },
  {
    id: "OP80",
    name: "MUST hand uploads to a key that writes, and to no other",
    needs: ["uploads"],
    async run({ key, send, service }) {
      const upload = async (libraryId: string) => {
        const form = new FormData();
        const query = `mutation ($l: ID!, $files: [Upload!]!) { uploadAssets(${O}, libraryId: $l, files: $files) }`;
        form.set(
          "operations",
          JSON.stringify({ query, variables: { l: libraryId, files: [null] } }),
        );
        form.set("map", JSON.stringify({ 0: ["variables.files.0"] }));
        form.set("0", new Blob(["a picture"]), "a.jpg");
        const encoded = new Response(form);
        const headers = { "content-type": encoded.headers.get("content-type")! };
        return send({ key, headers, body: Buffer.from(await encoded.arrayBuffer()) });
      };
      assertData(await upload("barcelona"), { uploadAssets: ["a picture"] });
      service.ran.length = 0;
      assertRefused(await upload("lisbon"), 403, "UNAUTHORIZED");
      assertRefused(await upload("porto"), 403, "UNAUTHORIZED");
      assert.deepEqual(service.ran, []);
    },
  },
];
