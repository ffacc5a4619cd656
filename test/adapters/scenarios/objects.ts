/** Group D: types and objects. */
import { expect } from "vitest";
import { positional } from "../../../src/graphql/index.js";
import { partly, refused, runs, type Row, type Scene } from "./row.js";
import { assetIn, createAssets, OWN, OTHER, serviceScene } from "./service.js";

const NAMED = "{ __typename id ... on Asset { name } }";
const seen = (id: string) => ({ __typename: "Asset", id, name: id });
const PORTO = { access: { porto: "read" } } as const;

const ENTITIES = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Asset { id } } }`;
const PRICED = (lib: string) =>
  `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Asset { price(lib: "${lib}") } } }`;
const representations = (...ids: readonly string[]) => ({
  variables: { r: ids.map((id) => ({ __typename: "Asset", id })) },
});

/** A subgraph of a federated graph. */
function subgraph(): Scene {
  const assets = createAssets();
  const entity = ({ id }: { readonly id: string }) => assets.find((each) => each.id === id) ?? null;
  return {
    sdl: `scalar _Any union _Entity = Asset type _Service { sdl: String }
      type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! @apiKey }
      type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! price(lib: ID! @library): Int }`,
    resolvers: {
      Query: {
        _entities: (_source: unknown, args: { representations: readonly { id: string }[] }) =>
          args.representations.map(entity),
        _service: () => ({ sdl: "type Query" }),
      },
      Asset: { price: () => 5 },
    },
    guard: { rules: { "Query._entities": [{ kind: "apiKey", level: null }, positional()] } },
  };
}

export const objects: readonly Row[] = [
  {
    number: 60,
    title: "an interface hides no object that is out of reach",
    asks: [
      runs(`{ node(id: "b1") ${NAMED} }`, { node: seen("b1") }),
      runs(`{ node(id: "p1") ${NAMED} }`, { node: null }),
      runs(`{ node(id: "p1") { id } }`, { node: { id: "p1" } }, PORTO),
      refused(`{ node(id: "b1") { ... on Asset { near(lib: "porto") } } }`),
    ],
  },
  {
    number: 61,
    title: "a fragment on the object type does not dodge the interface's mark",
    asks: [
      runs(`{ rack { ... on Den { books(lib: "lisbon") } } }`, { rack: { books: "lisbon" } }),
      refused(`{ rack { ... on Den { books(lib: "porto") } } }`),
      refused(`{ rack { ... on Rack { books(lib: "porto") } } }`),
    ],
  },
  {
    number: 62,
    title: "each member of a union",
    asks: [
      runs(`{ found { ... on Asset { id name } ... on Note { id } } }`, {
        found: [...["b1", "b2", "l1"].map((id) => ({ id, name: id })), { id: "note" }],
      }),
      runs(`{ found { ... on Asset { near(lib: "lisbon") } } }`, {
        found: [...Array.from({ length: 3 }, () => ({ near: "lisbon" })), {}],
      }),
      refused(`{ found { ... on Note { id } ... on Asset { near(lib: "porto") } } }`),
    ],
  },
  {
    number: 63,
    title: "node(id) and nodes(ids)",
    asks: [
      runs(`{ node(id: "l1") ${NAMED} lisbon: node(id: "lisbon") { id } }`, {
        node: seen("l1"),
        lisbon: { id: "lisbon" },
      }),
      ...["p1", "x1", "porto", "nothing"].map((id) =>
        runs(`{ node(id: "${id}") ${NAMED} }`, { node: null }),
      ),
      runs(`{ nodes(ids: ["p1", "l1", "nothing", "note", "x1"]) ${NAMED} }`, {
        nodes: [null, seen("l1"), null, { __typename: "Note", id: "note" }, null],
      }),
      refused(`{ loaded(id: "p1") { id } }`),
      runs(`{ loaded(id: "l1") { id } }`, { loaded: { id: "l1" } }),
    ],
  },
  {
    number: 64,
    title: "_entities answers what is within reach, in its place",
    scene: subgraph,
    asks: [
      runs(
        ENTITIES,
        {
          _entities: [
            { __typename: "Asset", id: "l1" },
            null,
            null,
            null,
            { __typename: "Asset", id: "b1" },
          ],
        },
        representations("l1", "p1", "x1", "nothing", "b1"),
      ),
      runs(
        ENTITIES,
        { _entities: [{ __typename: "Asset", id: "p1" }] },
        { ...representations("p1"), ...PORTO },
      ),
    ],
  },
  {
    number: 65,
    title: "_service is for those who have a key, once @apiKey is said",
    scene: subgraph,
    asks: [
      runs("{ _service { sdl } }", { _service: { sdl: "type Query" } }, { access: {} }),
      { query: "{ _service { sdl } }", key: "pk_nobody", verdict: ["stranger"] },
    ],
  },
  {
    number: 66,
    title: "a field of an entity is judged by the subgraph itself",
    scene: subgraph,
    asks: [
      runs(PRICED("lisbon"), { _entities: [{ price: 5 }] }, representations("l1")),
      refused(PRICED("porto"), representations("l1")),
    ],
  },
  {
    number: 67,
    title: "an object by its own id",
    asks: [
      runs(`{ loaded(id: "l1") { id } asset(id: "b1") { id } }`, {
        loaded: { id: "l1" },
        asset: { id: "b1" },
      }),
      ...["p1", "x1", "nothing"].map((id) => refused(`{ loaded(id: "${id}") { id } }`)),
      ...["p1", "x1", "nothing"].map((id) =>
        runs(`{ asset(id: "${id}") { id } }`, { asset: null }),
      ),
    ],
  },
  {
    number: 68,
    title: "an object that moves between check and resolver",
    run: (stage) => {
      const assets = [assetIn("lisbon", "moving")];
      const scene = serviceScene(
        { swap: () => void (assets[0]!.libraryId = place) as never },
        assets,
      );
      let place = "lisbon";
      return stage.beside(scene, async ({ createKey, ask }) => {
        const { key } = await createKey();
        const asked = { query: `{ loaded(id: "moving") { id } }` };
        expect((await ask(key, asked)).data).toEqual({ loaded: { id: "moving" } });
        place = "porto";
        expect((await ask(key, asked)).data).toEqual({ loaded: null });
        expect((await ask(key, asked)).verdict).toBe("refused");
      });
    },
  },
  {
    number: 69,
    title: "a nested field with a library of its own",
    asks: [
      runs(`{ viewer { one(lib: "lisbon") } }`, { viewer: { one: "lisbon" } }),
      refused(`{ viewer { one(lib: "porto") } }`),
      refused(`{ search { hits { tags { assets { near(lib: "porto") } } } } }`),
    ],
  },
  {
    number: 70,
    title: "a way out of the library without arguments",
    asks: [
      runs(`{ asset(id: "l1") { tags { assets { id name } } } }`, {
        asset: { tags: [{ assets: ["b1", "b2", "l1"].map((id) => ({ id, name: id })) }] },
      }),
      runs(
        `{ asset(id: "p1") { tags { assets { id } } } }`,
        {
          asset: { tags: [{ assets: [{ id: "p1" }] }] },
        },
        PORTO,
      ),
    ],
  },
  {
    number: 71,
    title: "a list that names no library holds what is within reach",
    asks: [
      runs("{ libraries { id assets { name } } search { found } }", {
        libraries: [
          { id: "barcelona", assets: [{ name: "b1" }, { name: "b2" }] },
          { id: "lisbon", assets: [{ name: "l1" }] },
        ],
        search: { found: 2 },
      }),
      runs("{ libraries { id } }", { libraries: [{ id: "porto" }] }, PORTO),
      runs("{ libraries { id } }", { libraries: [] }, { access: {} }),
    ],
  },
  {
    number: 72,
    title: "what is out of reach takes its parents with it, and nothing beside them",
    asks: [
      runs("{ viewer { first { id } name } }", { viewer: { first: null, name: "somebody" } }),
      partly(`{ query { query { must(id: "p1") { name } } } one(lib: "lisbon") }`, null, {
        "query.query.must": "UNAUTHORIZED",
      }),
      partly(
        `mutation { a: upload(lib: "barcelona") { query { must(id: "p1") { name } } asset { id } } b: preview(lib: "lisbon") }`,
        { a: { query: null, asset: { id: "b1" } }, b: "lisbon" },
        { "a.query.must": "UNAUTHORIZED" },
      ),
      runs(`{ must(id: "p1") { id } }`, { must: { id: "p1" } }, PORTO),
    ],
  },
  {
    number: 91,
    title: "another organization's object in a library of the same name",
    asks: [
      runs(`{ node(id: "x1") ${NAMED} asset(id: "x1") { id } }`, { node: null, asset: null }),
      runs(`{ assets(organizationId: "${OWN}", lib: "lisbon") { id } }`, {
        assets: [{ id: "l1" }],
      }),
      refused(`{ assets(organizationId: "${OTHER}", lib: "lisbon") { id } }`),
      refused(`{ loaded(id: "x1") { id } }`),
    ],
  },
];
