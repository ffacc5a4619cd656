/** Objects that leave through interfaces and unions. */
import { describe, expect, it } from "vitest";
import { codesOf, executors, fixtureOf, OWN, type FixtureOptions } from "./support-complete.js";

const SDL = /* GraphQL */ `
  interface Node {
    id: Int
  }
  union Hit = Asset | Note
  type Query {
    node: Node @apiKey
    must: Node! @apiKey
    nodes: [Node] @apiKey
    full: [Node!]! @apiKey
    hit: Hit @apiKey
    hits: [Hit!] @apiKey
    nested: [[Hit]] @apiKey
  }
  type Mutation {
    hits: [Hit] @apiKey
  }
  type Asset implements Node @inLibrary(organization: "org", id: "lib") {
    id: Int
  }
  type Folder implements Node @inLibrary(organization: "at.org", id: "at.lib") {
    id: Int
  }
  type Note implements Node @unmarked(why: "public") {
    id: Int
  }
`;

const asset = (lib: string, id = 1) => ({ kind: "Asset", org: OWN, lib, id });
const folder = (lib: string, id = 1) => ({ kind: "Folder", at: { org: OWN, lib }, id });
const note = { kind: "Note", id: 9 };

type Value = { readonly kind?: string };
const kindOf = (value: Value) => value.kind;
const isKind = (kind: string) => (value: Value) => value.kind === kind;

const fields = ["node", "must", "nodes", "full", "hit", "hits", "nested"];

function optionsOf(value: () => unknown, types: FixtureOptions["resolvers"]): FixtureOptions {
  const Query = Object.fromEntries(fields.map((field) => [field, value]));
  return { resolvers: { Query, Mutation: { hits: value }, ...types } };
}

const withTypename = (value: any): unknown =>
  Array.isArray(value)
    ? value.map(withTypename)
    : { ...value, __typename: value.kind, kind: undefined };

/** Every way to tell the type of a value: types of the schema that know it, or values that say it. */
const tellings: readonly (readonly [
  name: string,
  types: NonNullable<FixtureOptions["resolvers"]>,
  prepare: (value: unknown) => unknown,
])[] = [
  [
    "resolveType",
    { Node: { __resolveType: kindOf }, Hit: { __resolveType: kindOf } },
    (value) => value,
  ],
  [
    "resolveType, async",
    {
      Node: { __resolveType: async (value: Value) => kindOf(value) },
      Hit: { __resolveType: async (value: Value) => kindOf(value) },
    },
    (value) => value,
  ],
  [
    "isTypeOf",
    Object.fromEntries(
      ["Asset", "Folder", "Note"].map((name) => [name, { __isTypeOf: isKind(name) }]),
    ),
    (value) => value,
  ],
  [
    "isTypeOf, async",
    Object.fromEntries(
      ["Asset", "Folder", "Note"].map((name) => [
        name,
        { __isTypeOf: async (value: Value) => isKind(name)(value) },
      ]),
    ),
    (value) => value,
  ],
  ["__typename of the value", {}, withTypename],
];

describe.each(executors)("by %s", (_executor, execute) => {
  describe.each(tellings)("by %s", (_telling, types, prepare) => {
    async function ask(query: string, value: unknown) {
      const { send } = fixtureOf(
        SDL,
        optionsOf(() => prepare(value), types),
      );
      const { data, errors, outcome } = await send(query, { execute });
      expect(outcome).toBe("runs");
      return { data, codes: codesOf(errors) };
    }

    it.each([
      ["the first type", asset("lisbon"), asset("porto")],
      ["another type, with another rule", folder("lisbon"), folder("porto")],
    ])("an object of %s leaves within reach only", async (_name, within, without) => {
      expect(await ask("{ node { id } }", within)).toEqual({
        data: { node: { id: 1 } },
        codes: [],
      });
      expect(await ask("{ node { id } }", without)).toEqual({ data: { node: null }, codes: [] });
      expect(await ask("{ must { id } }", within)).toEqual({
        data: { must: { id: 1 } },
        codes: [],
      });
      expect(await ask("{ must { id } }", without)).toEqual({
        data: null,
        codes: [["must", "UNAUTHORIZED"]],
      });
    });

    it("scenario 60: a fragment sees no more of an object than the interface", async () => {
      const query = "{ node { __typename ... on Asset { id } ... on Folder { id } } }";
      expect((await ask(query, asset("lisbon"))).data).toEqual({
        node: { __typename: "Asset", id: 1 },
      });
      expect((await ask(query, asset("porto"))).data).toEqual({ node: null });
      expect((await ask(query, folder("porto"))).data).toEqual({ node: null });
    });

    it("an object of an unmarked type always leaves", async () => {
      expect((await ask("{ node { id } }", note)).data).toEqual({ node: { id: 9 } });
      expect((await ask("{ hit { ... on Note { id } } }", note)).data).toEqual({ hit: { id: 9 } });
    });

    it("scenario 62: of a list those that are out of reach are dropped, whatever their type", async () => {
      const list = [
        asset("porto", 1),
        asset("lisbon", 2),
        note,
        folder("porto", 3),
        folder("barcelona", 4),
      ];
      const ids = [{ id: 2 }, { id: 9 }, { id: 4 }];
      expect((await ask("{ nodes { id } }", list)).data).toEqual({ nodes: ids });
      expect((await ask("{ full { id } }", list)).data).toEqual({ full: ids });
    });

    it("of a list of a union too", async () => {
      const list = [asset("porto", 1), asset("lisbon", 2), note];
      const query = "{ F { __typename ... on Asset { id } ... on Note { id } } }";
      const kept = [
        { __typename: "Asset", id: 2 },
        { __typename: "Note", id: 9 },
      ];
      expect((await ask(query.replace("F", "hits"), list)).data).toEqual({ hits: kept });
      expect((await ask(`mutation ${query.replace("F", "hits")}`, list)).data).toEqual({
        hits: kept,
      });
      expect((await ask(query.replace("F", "nested"), [list, [asset("porto")]])).data).toEqual({
        nested: [kept, []],
      });
    });
  });
});

describe("a value whose type cannot be told", () => {
  const types = { Node: { __resolveType: kindOf } };
  const values: readonly (readonly [string, unknown])[] = [
    ["nothing says it", { id: 1, org: OWN, lib: "lisbon" }],
    ["it is no type", { ...asset("lisbon"), kind: "Lost" }],
    ["it is a type that is none of these", { ...asset("lisbon"), kind: "Query" }],
    ["it is an object's property", { ...asset("lisbon"), kind: "constructor" }],
    ["it is no text", { ...asset("lisbon"), kind: { toString: () => "Note" } }],
  ];

  it.each(values)("is out of reach: %s", async (_name, value) => {
    const { send, events } = fixtureOf(
      SDL,
      optionsOf(() => value, types),
    );
    expect(await send("{ node { id } }")).toMatchObject({ data: { node: null } });
    expect(await send("{ must { id } }")).toMatchObject({ data: null });
    expect(events).toMatchObject([{ type: "misconfigured", coordinate: "Node" }]);
  });

  it("leaves the rest of its list", async () => {
    const { send } = fixtureOf(
      SDL,
      optionsOf(() => [asset("lisbon", 1), values[0]![1], asset("lisbon", 2)], types),
    );
    expect((await send("{ nodes { id } }")).data).toEqual({ nodes: [{ id: 1 }, { id: 2 }] });
  });
});

describe("a type resolver that fails", () => {
  const broken = (value: Value) => {
    if (value.kind === undefined) throw new Error("broken");
    return kindOf(value);
  };
  const failing: readonly (readonly [string, (value: Value) => unknown])[] = [
    ["throws", broken],
    ["rejects", async (value) => broken(value)],
    [
      "throws beside one that waits",
      (value) => (value.kind ? Promise.resolve(value.kind) : broken(value)),
    ],
    ["throws beside one that rejects later", throwsOrRejects],
    [
      "throws no error",
      (value) => {
        if (value.kind !== undefined) return value.kind;
        throw "text"; // eslint-disable-line no-throw-literal
      },
    ],
  ];

  async function throwLater(): Promise<never> {
    await Promise.resolve();
    throw new Error("late");
  }

  function throwsOrRejects(value: Value): unknown {
    if (value.kind === "Folder") return throwLater();
    return broken(value);
  }

  it.each(failing)(
    "is an error of its place, as without a guard, when it %s",
    async (_name, resolve) => {
      const types = { Node: { __resolveType: resolve } };
      const list = [folder("lisbon", 4), asset("lisbon", 1), { id: 2 }, asset("porto", 3)];
      const { send, events } = fixtureOf(
        SDL,
        optionsOf(() => list, types),
      );
      const { data, errors } = await send("{ nodes { id } }");
      const late = resolve === throwsOrRejects;
      expect(data).toEqual({ nodes: [late ? null : { id: 4 }, { id: 1 }, null] });
      expect(errors!.map(({ path }) => path!.join(".")).toSorted()).toEqual(
        late ? ["nodes.0", "nodes.2"] : ["nodes.2"],
      );
      expect(events).toEqual([]);
    },
  );

  it("is an error of a single object too", async () => {
    const { send } = fixtureOf(
      SDL,
      optionsOf(() => ({ id: 2 }), { Node: { __resolveType: broken } }),
    );
    const { data, errors } = await send("{ node { id } }");
    expect(data).toEqual({ node: null });
    expect(errors!.map(({ message }) => message)).toEqual(["broken"]);
  });
});

describe("a list that fails while it is walked", () => {
  it("is an error of its own place, beside one that rejects later", async () => {
    const late = async () => {
      await Promise.resolve();
      throw new Error("late");
    };
    function* broken() {
      yield asset("lisbon");
      throw new Error("broken");
    }
    const types = { Hit: { __resolveType: kindOf } };
    for (const operation of ["query", "mutation"]) {
      const { send } = fixtureOf(SDL.replace("hits: [Hit] @apiKey", "nested: [[Hit]] @apiKey"), {
        resolvers: {
          Query: { nested: () => [late(), broken(), [asset("porto"), note]] },
          Mutation: { nested: () => [late(), broken(), [asset("porto"), note]] },
          ...types,
        },
      });
      const { data, errors } = await send(`${operation} { nested { __typename } }`);
      expect(data).toEqual({ nested: [null, null, [{ __typename: "Note" }]] });
      expect(
        errors!.map(({ message, path }) => `${message} at ${path!.join(".")}`).toSorted(),
      ).toEqual(["broken at nested.1", "late at nested.0"]);
    }
  });
});

describe("the option typeResolver", () => {
  const typeResolver = (value: unknown) => (value as Value).kind;

  it.each(executors)(
    "is used by the guard and by %s, which need not be told",
    async (_n, execute) => {
      const list = [asset("porto", 1), asset("lisbon", 2), note];
      const { send } = fixtureOf(SDL, { ...optionsOf(() => list, {}), typeResolver });
      expect(await send("{ nodes { __typename id } }", { execute })).toMatchObject({
        data: {
          nodes: [
            { __typename: "Asset", id: 2 },
            { __typename: "Note", id: 9 },
          ],
        },
        errors: undefined,
      });
    },
  );

  it("gives way to the resolver of a type", async () => {
    const types = { Node: { __resolveType: () => "Note" } };
    const { send } = fixtureOf(SDL, { ...optionsOf(() => asset("porto"), types), typeResolver });
    expect((await send("{ node { __typename } }")).data).toEqual({ node: { __typename: "Note" } });
    expect((await send("{ hit { __typename } }")).data).toEqual({ hit: null });
  });

  it("does not change the schema that was given", () => {
    const { guard } = fixtureOf(SDL, { ...optionsOf(() => null, {}), typeResolver });
    const given = fixtureOf(
      SDL,
      optionsOf(() => null, {}),
    );
    expect((guard.schema.getType("Node") as any).resolveType).toBe(typeResolver);
    expect((given.guard.schema.getType("Node") as any).resolveType).toBeUndefined();
  });
});
