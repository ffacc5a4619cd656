/** Lists that keep the places of what is out of reach, as `nodes(ids:)` has to. */
import { describe, expect, it } from "vitest";
import { positional } from "../../src/graphql/index.js";
import { executors, fixtureOf, OWN, problemsOf } from "./support-complete.js";

const SDL = /* GraphQL */ `
  union Hit = Asset | Note
  type Query {
    nodes(ids: [ID!]): [Asset]! @positional
    loose(ids: [ID!]): [Asset]!
    nested: [[Asset]!] @positional
    hits: [Hit] @apiKey @positional
    page: Page @apiKey
  }
  type Mutation {
    nodes: [Asset] @apiKey @positional
  }
  type Page {
    hits: [Asset] @positional
    more: [Asset]
  }
  type Note @unmarked(why: "public") {
    id: Int
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: Int
  }
`;

const at = (lib: string, id: number) => ({ __typename: "Asset", org: OWN, lib, id });
const [porto, lisbon, barcelona] = [at("porto", 1), at("lisbon", 2), at("barcelona", 3)];
const note = { __typename: "Note", id: 9 };

const forms: readonly (readonly [string, (items: readonly unknown[]) => unknown])[] = [
  ["an array", (items) => items],
  ["a promise of one", async (items) => items],
  ["promises", (items) => items.map(async (item) => item)],
  ["a set", (items) => new Set(items)],
  [
    "a generator",
    function* (items) {
      yield* items;
    },
  ],
];

describe.each(executors)("by %s", (_name, execute) => {
  describe.each(forms)("%s", (_form, form) => {
    const items = [porto, lisbon, at("porto", 4), null, barcelona];
    const value = () => form(items);
    const { send } = fixtureOf(SDL, {
      resolvers: {
        Query: {
          nodes: value,
          loose: value,
          nested: () => form([[porto, lisbon], [porto]]),
          hits: () => form([porto, note, lisbon]),
          page: () => ({ hits: form(items), more: form(items) }),
        },
        Mutation: { nodes: value },
      },
    });
    const ask = async (query: string) => {
      const { data, errors } = await send(query, { execute });
      expect(errors).toBeUndefined();
      return data;
    };

    it("keeps the places", async () => {
      const places = [null, { id: 2 }, null, null, { id: 3 }];
      expect(await ask("{ nodes { id } }")).toEqual({ nodes: places });
      expect(await ask("mutation { nodes { id } }")).toEqual({ nodes: places });
      expect(await ask("{ page { hits { id } } }")).toEqual({ page: { hits: places } });
    });

    it("drops them where it is not said", async () => {
      const kept = [{ id: 2 }, null, { id: 3 }];
      expect(await ask("{ loose { id } }")).toEqual({ loose: kept });
      expect(await ask("{ page { more { id } } }")).toEqual({ page: { more: kept } });
    });

    it("keeps the places in nested lists", async () => {
      expect(await ask("{ nested { id } }")).toEqual({ nested: [[null, { id: 2 }], [null]] });
    });

    it("keeps the places of a union", async () => {
      expect(await ask("{ hits { __typename } }")).toEqual({
        hits: [null, { __typename: "Note" }, { __typename: "Asset" }],
      });
    });
  });
});

describe("positional() throws", () => {
  const type = 'type Asset @inLibrary(id: "lib") { id: ID }';
  const said = "is positional() and no list of nullable items";

  it.each([
    ["[Asset]", []],
    ["[Asset]!", []],
    ["[[Asset]!]!", []],
    ["[[Asset]]", []],
    ["[Asset!]", [`Query.a ${said}`]],
    ["[Asset!]!", [`Query.a ${said}`]],
    ["[[Asset!]]", [`Query.a ${said}`]],
    ["[[[Asset!]]!]", [`Query.a ${said}`]],
    ["Asset", [`Query.a ${said}`]],
  ])("on %s: %s", (list, problems) => {
    const sdl = (mark: string) => `type Query { a: ${list} ${mark} } ${type}`;
    expect(problemsOf(sdl("@positional"), { organization: "callers" })).toEqual(problems);
    const rules = { "Query.a": positional() };
    expect(problemsOf(sdl(""), { organization: "callers", rules })).toEqual(problems);
  });

  it("where nothing is filtered", () => {
    const sdl = `type Query { a: [Note] @apiKey @positional, b: Asset } type Note { id: ID } ${type}`;
    expect(problemsOf(sdl, { organization: "callers" })).toEqual([
      "Query.a is positional() and leads to no type with @inLibrary",
    ]);
  });

  it("covers nothing by itself", () => {
    const sdl = `type Query { a: [Mix] @positional } union Mix = Asset | Note type Note { id: ID } ${type}`;
    expect(problemsOf(sdl, { organization: "callers" })).toMatchObject([/^Query.a is not covered/]);
  });

  it("binds what implements an interface", async () => {
    const { send } = fixtureOf(
      `interface Shelf { assets: [Asset] @positional } type Query { hall: Hall @apiKey }
       type Hall implements Shelf { assets: [Asset] } ${type}`,
      {
        organization: "callers",
        resolvers: { Query: { hall: () => ({ assets: [porto, lisbon] }) } },
      },
    );
    expect((await send("{ hall { assets { id } } }")).data).toEqual({
      hall: { assets: [null, { id: "2" }] },
    });
  });
});
