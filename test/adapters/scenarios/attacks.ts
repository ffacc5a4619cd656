/** Group F: what was found by attacking the design. */
import { expect } from "vitest";
import { partly, refused, runs, wrong, type Row, type Scene } from "./row.js";
import { OWN, serviceScene } from "./service.js";

const LIB = "query ($l: ID!) { one(lib: $l) }";
const EQUALS = ["LISBON", "Lisbon", "lisb\u00f6n", "lisbon ", "lisbon\t", "lisbo\uff4e"];
const l = (id: unknown) => ({ variables: { l: id } });
const place = (libraryId: string) => ({ organizationId: OWN, libraryId, id: libraryId });

/** Assets whose fields of the schema say something else than they hold. */
const stitched: Scene = {
  sdl: `type Query { assets: [Asset!]! }
    type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! libraryId: ID! }`,
  resolvers: {
    Query: { assets: () => [place("porto"), place("lisbon")] },
    Asset: { libraryId: () => "barcelona" },
  },
};

/** Assets in libraries that a database may take for lisbon. */
const collated: Scene = {
  ...stitched,
  resolvers: { Query: { assets: () => [...EQUALS, "lisbon"].map(place) } },
};

export const attacks: readonly Row[] = [
  {
    number: 92,
    title: "an interface's field without an argument, an object's with one that has a default",
    asks: [
      refused("{ shelf { books } }"),
      runs(
        "{ shelf { books } }",
        { shelf: { books: "of the yard" } },
        { access: { porto: "read" } },
      ),
      refused(`{ shelf { ... on Yard { books } ... on Hall { books } } }`),
      runs(`{ shelf { ... on Hall { books(lib: "lisbon") } ... on Yard { other: books } } }`, {
        shelf: { other: "of the yard" },
      }),
    ],
  },
  {
    number: 93,
    title: "variables that a plugin writes into after the check",
    scene: () =>
      serviceScene({
        swap: ({ variableValues }) => void Object.assign(variableValues!, { l: "porto" }) as never,
      }),
    asks: [
      partly(LIB, { one: null }, { one: "UNAUTHORIZED" }, l("lisbon")),
      partly(
        "mutation ($l: ID!) { upload(lib: $l) { asset { id } } }",
        { upload: null },
        { upload: "UNAUTHORIZED" },
        l("barcelona"),
      ),
      runs(LIB, { one: "porto" }, { ...l("lisbon"), access: { lisbon: "read", porto: "read" } }),
    ],
  },
  {
    number: 95,
    title: "the next field of a mutation whose key died",
    run: (stage) => {
      let between: () => unknown = () => {};
      const scene = serviceScene({
        resolvers: {
          Mutation: {
            pause: async (_source: unknown, { lib }: { lib: string }) => (await between(), lib),
          },
        },
      });
      return stage.beside(scene, async ({ apiKeys, ask, createKey, ran }) => {
        const { key, apiKey } = await createKey();
        const asked = {
          query: `mutation { a: pause(lib: "barcelona") b: pause(lib: "barcelona") }`,
        };
        expect((await ask(key, asked)).data).toEqual({ a: "barcelona", b: "barcelona" });
        between = () => apiKeys.delete({ organizationId: OWN, id: apiKey.id });
        ran.length = 0;
        const { data, codes } = await ask(key, asked);
        expect([data, codes]).toEqual([{ a: "barcelona", b: null }, { b: "UNAUTHORIZED" }]);
        expect(ran).toHaveLength(1);
      });
    },
  },
  {
    number: 97,
    title: "below a namespace a mutation writes",
    asks: [
      runs(`mutation { library { delete(lib: "barcelona") } }`, {
        library: { delete: "barcelona" },
      }),
      refused(`mutation { library { delete(lib: "lisbon") } }`),
      runs(`mutation { library { look(lib: "lisbon") } }`, { library: { look: "lisbon" } }),
      refused(`mutation { library { look(lib: "porto") } }`),
      runs(`{ library { count(lib: "lisbon") } }`, { library: { count: "lisbon" } }),
      refused(`{ library { count(lib: "porto") } }`),
    ],
  },
  {
    number: 100,
    title: "an absent input object, null in a list, and inputs within inputs",
    asks: [
      runs(`{ filtered(filter: { libraryId: "lisbon", and: [{ libraryId: "barcelona" }] }) }`, {
        filtered: "lisbon barcelona",
      }),
      refused(
        `{ filtered(filter: { libraryId: "lisbon", and: { libraryId: "lisbon", and: { libraryId: "porto" } } }) }`,
      ),
      refused("{ filtered }"),
      refused("{ filtered(filter: null) }"),
      refused("query ($l: [[ID!]]) { nested(libs: $l) }", l([null, ["lisbon"]])),
      wrong("query ($l: [ID!]) { list(libs: $l) }", l([null, "lisbon"])),
      wrong("query ($b: By!) { by(by: $b) }", { variables: { b: {} } }),
    ],
  },
  {
    number: 101,
    title: "a list of libraries that is left out is what the caller reaches",
    asks: [
      runs("{ search { found hits { name } } }", {
        search: { found: 2, hits: ["b1", "b2", "l1"].map((name) => ({ name })) },
      }),
      runs("query ($l: [ID!]) { search(libs: $l) { found } }", { search: { found: 2 } }, l(null)),
      runs(`{ search(libs: "lisbon") { found hits { name } } }`, {
        search: { found: 1, hits: [{ name: "l1" }] },
      }),
      refused(`{ search(libs: ["lisbon", "porto"]) { found } }`),
      refused("{ search(libs: []) { found } }"),
      refused("{ search { found } }", { access: {} }),
    ],
  },
  {
    number: 102,
    title: "a result whose field libraryId says something else",
    scene: () => stitched,
    asks: [
      runs("{ assets { libraryId } }", { assets: [{ libraryId: "barcelona" }] }),
      runs("{ assets { libraryId: id id: libraryId } }", {
        assets: [{ libraryId: "lisbon", id: "barcelona" }],
      }),
      runs("{ assets { id } }", { assets: [{ id: "porto" }] }, { access: { porto: "read" } }),
    ],
  },
  {
    number: 104,
    title: "a deleted library's slug that is created again has none of its old grants",
    scene: serviceScene,
    run: async ({ apiKeys, ask, createKey, ran }) => {
      const keys = [await createKey(), await createKey({ lisbon: "write" })];
      const asked = { query: `{ one(lib: "lisbon") }` };
      for (const { key } of keys) expect((await ask(key, asked)).verdict).toBe("runs");
      const removed = await apiKeys.removeLibrary({ organizationId: OWN, libraryId: "lisbon" });
      expect(removed).toBeGreaterThanOrEqual(2);
      ran.length = 0;
      for (const { key } of keys) expect((await ask(key, asked)).verdict).toBe("refused");
      expect(ran).toEqual([]);
      expect((await ask(keys[0]!.key, { query: `{ one(lib: "barcelona") }` })).verdict).toBe(
        "runs",
      );
      await apiKeys.grant(
        { organizationId: OWN, id: keys[0]!.apiKey.id },
        { libraryId: "lisbon", level: "read" },
      );
      const verdicts = await Promise.all(
        keys.map(async ({ key }) => (await ask(key, asked)).verdict),
      );
      expect(verdicts).toEqual(["runs", "refused"]);
    },
  },
  {
    number: 106,
    title: "a refusal in a resolver of a partly done mutation is an error of its field",
    asks: [
      partly(
        `mutation { a: require(lib: "barcelona", other: "barcelona") b: require(lib: "barcelona", other: "porto") }`,
        { a: "barcelona", b: null },
        { b: "UNAUTHORIZED" },
      ),
      runs(`mutation { require(lib: "barcelona", other: "barcelona") }`, { require: "barcelona" }),
    ],
  },
  {
    number: 107,
    title: "ids that a database takes for equal, in requests",
    asks: [runs(LIB, { one: "lisbon" }, l("lisbon")), ...EQUALS.map((id) => refused(LIB, l(id)))],
  },
  {
    number: 107,
    title: "ids that a database takes for equal, in results",
    scene: () => collated,
    asks: [
      runs("{ assets { id } }", { assets: [{ id: "lisbon" }] }),
      runs("{ assets { id } }", { assets: [{ id: "LISBON" }] }, { access: { LISBON: "read" } }),
    ],
  },
];
