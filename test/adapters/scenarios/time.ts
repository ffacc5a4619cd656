/** Group E: decisions that must not outlive their request, and answers that must not tell. */
import { useResponseCache } from "@graphql-yoga/plugin-response-cache";
import { expect, onTestFinished, vi } from "vitest";
import { targets } from "../../../src/graphql/index.js";
import { callerOf } from "../../../src/http/index.js";
import { refused, runs, type Row, type Scene } from "./row.js";
import { OTHER, OWN, serviceScene } from "./service.js";

const LISBON = { query: `{ one(lib: "lisbon") }` };
const LIB = "query ($l: ID!) { one(lib: $l) }";
const SCHEMA = "__schema { queryType { name } }";

const failures: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error("no route to the database");
  },
  rejects: async () => {
    throw new Error("no route to the database");
  },
  hangs: () => new Promise(() => {}),
  nothing: () => undefined,
  null: () => null,
  empty: () => [],
  errors: () => [new Error("not for you")],
  good: () => ({ organizationId: OWN, libraryId: "lisbon" }),
};

/** A field whose targets are loaded by something that fails. */
const failing: Scene = {
  sdl: "type Query { asset(id: ID!): String }",
  resolvers: { Query: { asset: () => "found" } },
  guard: {
    types: "none",
    rules: {
      "Query.asset": targets(({ id }: { id: string }) => failures[id]!() as never, {
        timeoutMs: 20,
      }),
    },
  },
};

export const time: readonly Row[] = [
  {
    number: 75,
    title: "a decision is not kept on a context that outlives the operation",
    scene: () => serviceScene({ context: {} }),
    run: async ({ ask, createKey, ran }) => {
      const { key } = await createKey();
      expect((await ask(key, LISBON)).verdict).toBe("runs");
      expect((await ask(key, { query: LIB, variables: { l: "porto" } })).verdict).toBe("refused");
      ran.length = 0;
      // createExecute takes no object that another caller's operation has: it rejects.
      const other = await createKey({ porto: "read" });
      const outcome = await ask(other.key, LISBON).catch((error: Error) => error);
      expect(
        outcome instanceof TypeError || (outcome as { verdict: string }).verdict === "refused",
      ).toBe(true);
      expect(ran).toEqual([]);
    },
  },
  {
    number: 85,
    title: "introspection that is off",
    scene: () => serviceScene({ guard: { introspection: "none" } }),
    asks: [
      runs(`{ __typename one(lib: "lisbon") }`, { __typename: "Query", one: "lisbon" }),
      ...[
        `{ ${SCHEMA} }`,
        `{ __type(name: "Asset") { name } }`,
        `{ one(lib: "lisbon") ... { ... on Query { ${SCHEMA} } } }`,
        `{ ...F } fragment F on Query { ...G } fragment G on Query { ${SCHEMA} }`,
        `{ query { query { ${SCHEMA} } } }`,
        `query IntrospectionQuery { ${SCHEMA} }`,
      ].map((query) => refused(query)),
    ],
  },
  {
    number: 87,
    title: "what is forbidden looks like what does not exist",
    run: async ({ ask, createKey }) => {
      const { key } = await createKey();
      const textsOf = async (query: string, ids: readonly string[]) => {
        const answers = ids.map(async (l) => (await ask(key, { query, variables: { l } })).text);
        return new Set(await Promise.all(answers));
      };
      const here = `query ($l: ID!, $o: ID = "${OWN}") { assets(organizationId: $o, lib: $l) { id } }`;
      expect((await textsOf(here, ["porto", "atlantis"])).size).toBe(1);
      const ids = ["p1", "x1", "nothing"];
      expect((await textsOf("query ($l: ID!) { loaded(id: $l) { id } }", ids)).size).toBe(1);
      expect(
        (await textsOf("query ($l: ID!) { node(id: $l) { id } asset(id: $l) { id } }", ids)).size,
      ).toBe(1);
      const organizations = [OTHER, "atlantis"].map((o) =>
        ask(key, { query: here, variables: { l: "lisbon", o } }),
      );
      expect(new Set((await Promise.all(organizations)).map(({ text }) => text)).size).toBe(1);
    },
  },
  {
    number: 89,
    title: "many keys at once, over one guard",
    run: async ({ ask, createKey }) => {
      const keys = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          createKey(i % 2 ? { lisbon: "read" } : { porto: "read" }),
        ),
      );
      const query = `{ one(lib: "lisbon") libraries { id } }`;
      const outcomes = await Promise.all(keys.map(({ key }) => ask(key, { query })));
      for (const [i, { verdict, data }] of outcomes.entries()) {
        const own = i % 2 ? { one: "lisbon", libraries: [{ id: "lisbon" }] } : undefined;
        expect([verdict, data]).toEqual([i % 2 ? "runs" : "refused", own]);
      }
    },
  },
  {
    number: 90,
    title: "a loader that fails, hangs, answers nothing, or answers errors",
    scene: () => failing,
    asks: Object.keys(failures).map((id) =>
      id === "good"
        ? runs(`{ asset(id: "good") }`, { asset: "found" })
        : refused(`{ asset(id: "${id}") }`),
    ),
  },
  {
    number: 96,
    title: "a response cache in front of the guard, by the caller's cacheKey",
    paths: ["Yoga"],
    scene: () =>
      serviceScene({
        yoga: {
          before: [useResponseCache({ session: (request) => callerOf(request).cacheKey }) as never],
        },
      }),
    run: async ({ ask, createKey, ran, apiKeys }) => {
      // The cache warns of each refusal that its executor was not called.
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      onTestFinished(() => warn.mockRestore());
      const { key, apiKey } = await createKey();
      for (let i = 0; i < 2; i++) expect((await ask(key, LISBON)).verdict).toBe("runs");
      expect(ran).toHaveLength(1);
      const other = await createKey({ porto: "read" });
      expect((await ask(other.key, LISBON)).verdict).toBe("refused");
      await apiKeys.setAccess({ organizationId: OWN, id: apiKey.id }, { porto: "read" });
      expect((await ask(key, LISBON)).verdict).toBe("refused");
      expect(ran).toHaveLength(1);
    },
  },
];
