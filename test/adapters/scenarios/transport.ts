/** Groups C, E and F: what only an HTTP server, or only one of the two paths, can be asked. */
import { usePersistedOperations } from "@graphql-yoga/plugin-persisted-operations";
import { parse, versionInfo } from "graphql";
import { expect } from "vitest";
import { createExecute } from "../../../src/adapters/execute.js";
import { createApiKeys, createCaller } from "../../../src/index.js";
import { createMemoryStore } from "../../../src/stores/memory.js";
import { createGuardedYoga } from "../yoga-server.js";
import { assertRefused } from "../subject.js";
import { refused, runs, type Ask, type Row } from "./row.js";
import { buildScene } from "./scene.js";
import { OWN, serviceScene } from "./service.js";

const one = (lib: string) => `{ one(lib: "${lib}") }`;
const CHANGE = `mutation { preview(lib: "lisbon") }`;

/** What each major of graphql calls it. */
const FRAGMENT_ARGUMENTS = (
  versionInfo.major === 16
    ? { allowLegacyFragmentVariables: true }
    : { experimentalFragmentArguments: true }
) as object;

/** A fragment that uses `$l`, and may have one of its own. */
const hiding = (value: string, own: string) =>
  `query ($l: ID! = "${value}") { ...F } fragment F${own} on Query { one(lib: $l) }`;

const persisted = new Map([
  ["good", one("lisbon")],
  ["bad", one("porto")],
  ["invalid", `{ nothing one(lib: "porto") }`],
]);

/** A host's own signed-in user. */
const user = createCaller({
  id: "user-7",
  version: 1,
  organizationId: OWN,
  access: { lisbon: "read" },
});
const SESSION = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyLTcifQ.c2lnbmF0dXJl";

export const transport: readonly Row[] = [
  {
    number: 41,
    title: "a fragment's own variable that hides one of the operation",
    scene: () => serviceScene({ parse: FRAGMENT_ARGUMENTS, unvalidated: true }),
    asks: [
      runs(hiding("lisbon", ""), { one: "lisbon" }),
      refused(hiding("porto", "")),
      // Whichever counts, or none, what runs is within reach.
      ...[hiding("lisbon", `($l: ID! = "porto")`), hiding("porto", `($l: ID! = "lisbon")`)].map(
        (query): Ask => ({
          ...runs(query, { one: "lisbon" }),
          verdict: ["runs", "refused", "wrong"],
        }),
      ),
    ],
  },
  {
    number: 55,
    title: "a persisted operation is judged by the document that runs, validated or not",
    paths: ["Yoga"],
    scene: () =>
      serviceScene({
        yoga: {
          before: [
            usePersistedOperations({
              skipDocumentValidation: true,
              allowArbitraryOperations: true,
              getPersistedOperation: (hash) => persisted.get(hash) ?? null,
            }) as never,
          ],
        },
      }),
    run: async ({ createKey, ran, send }) => {
      const { key } = await createKey();
      const ask = (sha256Hash: string, more: object = {}) =>
        send({
          key,
          body: JSON.stringify({
            extensions: { persistedQuery: { version: 1, sha256Hash } },
            ...more,
          }),
        });
      expect((await ask("good")).body).toEqual({ data: { one: "lisbon" } });
      ran.length = 0;
      assertRefused(await ask("bad"), 403, "UNAUTHORIZED");
      assertRefused(await ask("invalid"), 403, "UNAUTHORIZED");
      // A text that is not that of its hash: whichever runs was judged.
      await ask("good", { query: one("porto") });
      await ask("bad", { query: one("lisbon") });
      expect(ran.join()).not.toContain("porto");
    },
  },
  {
    number: 56,
    title: "a mutation by GET, also one of several operations",
    paths: ["Yoga"],
    run: async ({ createKey, ran, send }) => {
      const { key } = await createKey();
      const get = (query: string, operationName = "") => {
        const parameters = new URLSearchParams({ query, ...(operationName && { operationName }) });
        return send({ key, method: "GET", path: `/graphql?${parameters}` });
      };
      expect((await get(one("lisbon"))).body).toEqual({ data: { one: "lisbon" } });
      ran.length = 0;
      assertRefused(await get(one("porto")), 403, "UNAUTHORIZED");
      expect((await get(CHANGE)).status).toBe(405);
      expect(
        (await get(`query A ${one("lisbon")} mutation B { preview(lib: "lisbon") }`, "B")).status,
      ).toBe(405);
      expect(ran).toEqual([]);
    },
  },
  {
    number: 73,
    title: "each operation of a batch is judged on its own, and its status is 200",
    paths: ["Yoga"],
    scene: () => serviceScene({ yoga: { batching: true } }),
    run: async ({ createKey, ran, send }) => {
      const { key } = await createKey();
      const body = JSON.stringify(
        [one("lisbon"), one("porto"), CHANGE].map((query) => ({ query })),
      );
      const answer = await send({ key, body });
      const [good, bad, change] = answer.body;
      expect([answer.status, good, change]).toEqual([
        200,
        { data: { one: "lisbon" } },
        { data: { preview: "lisbon" } },
      ]);
      expect([Object.keys(bad), bad.errors[0].extensions]).toEqual([
        ["errors"],
        { code: "UNAUTHORIZED" },
      ]);
      expect(ran).toHaveLength(2);
    },
  },
  {
    number: 82,
    title: "paths of an upload that lead to prototypes",
    paths: ["Yoga"],
    run: async ({ createKey, ran, send }) => {
      const { key } = await createKey();
      const upload = async (path: string) => {
        const form = new FormData();
        const query = "query ($l: ID!) { one(lib: $l) }";
        form.set("operations", JSON.stringify({ query, variables: { l: "lisbon" } }));
        form.set("map", JSON.stringify({ 0: [path] }));
        form.set("0", new Blob(["porto"]), "a.txt");
        const encoded = new Response(form);
        const headers = { "content-type": encoded.headers.get("content-type")! };
        return send({ key, headers, body: Buffer.from(await encoded.arrayBuffer()) });
      };
      expect((await upload("variables.other")).body).toEqual({ data: { one: "lisbon" } });
      for (const path of [
        "variables.__proto__.polluted",
        "__proto__.polluted",
        "constructor.prototype.polluted",
      ]) {
        await upload(path);
        expect("polluted" in {}).toBe(false);
      }
      for (const call of ran) expect(call).toBe(`Query.one {"lib":"lisbon"}`);
    },
  },
  {
    number: 105,
    title: "a bearer value of another kind is the host's to know, and judged like any caller",
    paths: ["Yoga"],
    scene: () =>
      serviceScene({
        yoga: {
          options: {
            otherCallers: ({ headers }) =>
              headers.get("authorization") === `Bearer ${SESSION}` ? user : null,
          },
        },
      }),
    run: async ({ ask, createKey, ran }) => {
      expect((await ask(SESSION, { query: one("lisbon") })).data).toEqual({ one: "lisbon" });
      expect((await ask((await createKey()).key, { query: one("barcelona") })).verdict).toBe(
        "runs",
      );
      ran.length = 0;
      expect((await ask(SESSION, { query: one("barcelona") })).verdict).toBe("refused");
      for (const stranger of [`${SESSION}x`, "pk_nobody"]) {
        expect((await ask(stranger, { query: one("lisbon") })).verdict).toBe("stranger");
      }
      expect(ran).toEqual([]);
    },
  },
  {
    number: 110,
    title: "a schema other than guard.schema runs no operation, or does not start",
    run: async ({ path }) => {
      const [{ guard }, other] = [buildScene(serviceScene()), buildScene(serviceScene())];
      const apiKeys = createApiKeys({ store: createMemoryStore() });
      const message = "transform first, guard last";
      if (path === "Yoga") {
        expect(() => createGuardedYoga({ apiKeys, guard })).not.toThrow();
        expect(() => createGuardedYoga({ apiKeys, guard }, { schema: other.guard.schema })).toThrow(
          message,
        );
        return;
      }
      const execute = createExecute({ apiKeys, guard });
      const args = { document: parse(one("lisbon")), caller: user };
      expect((await execute({ ...args })).errors).toBeUndefined();
      await expect(execute({ ...args, schema: other.guard.schema })).rejects.toThrow(message);
      expect(other.ran).toEqual([]);
    },
  },
];
