/** What of the results of marked types leaves. */
import { describe, expect, it } from "vitest";
import { at, barcelona, foreign, ids, lisbon, porto, resolve, SDL } from "./assets.js";
import { rejectionsOf } from "../support/rejections.js";
import { callerOf, fixtureOf, OWN } from "./fixtures.js";

describe("a single object", () => {
  const visible: readonly (readonly [name: string, value: () => unknown])[] = [
    ["a value", () => lisbon],
    ["a promise", async () => lisbon],
    ["a promise of a promise", async () => Promise.resolve(lisbon)],
    [
      "a thenable",
      () => ({ then: (done: (value: unknown) => void) => Promise.resolve(lisbon).then(done) }),
    ],
    [
      "an object of a class",
      () =>
        new (class Asset {
          id = 1;
          org = OWN;
          get lib() {
            return "lisbon";
          }
        })(),
    ],
    ["a frozen object", () => Object.freeze({ ...lisbon })],
    ["inherited properties", () => Object.create(lisbon)],
  ];

  it.each(visible)("within reach is answered: %s", async (_name, value) => {
    expect(await resolve("one", value)).toMatchObject({
      data: { one: { id: 1 } },
      errors: undefined,
    });
    expect(await resolve("must", value)).toMatchObject({
      data: { must: { id: 1 } },
      errors: undefined,
    });
  });

  const hidden: readonly (readonly [name: string, value: () => unknown])[] = [
    ["a value", () => porto],
    ["a promise", async () => porto],
    ["a promise of a promise", async () => Promise.resolve(porto)],
    ["another organization's, with the same slug", () => foreign],
    ["one of another case", () => at("Lisbon")],
    ["one with a trailing space", () => at("lisbon ")],
    ["one that every object has", () => at("constructor")],
    ["__proto__", () => at("__proto__")],
  ];

  it.each(hidden)(
    "out of reach is null, or an error where that cannot be: %s",
    async (_name, value) => {
      expect(await resolve("one", value)).toMatchObject({
        data: { one: null },
        errors: undefined,
        events: [],
      });
      const { data, errors, events } = await resolve("must", value);
      expect([data, events]).toEqual([null, []]);
      expect(errors!.map((error) => error.toJSON())).toEqual([
        {
          message:
            '"must" needs read access to a library or organization that this key does not reach.',
          locations: [{ line: 1, column: 3 }],
          path: ["must"],
          extensions: { code: "UNAUTHORIZED" },
        },
      ]);
    },
  );

  it.each([
    ["null", () => null],
    ["undefined", () => undefined],
    ["a promise of null", async () => null],
  ])("that is not there is null: %s", async (_name, value) => {
    expect(await resolve("one", value)).toMatchObject({
      data: { one: null },
      errors: undefined,
      events: [],
    });
    const { errors } = await resolve("must", value);
    expect(errors![0]!.message).toContain("Cannot return null for non-nullable field");
  });

  it.each([
    [
      "thrown",
      () => {
        throw new Error("broken");
      },
    ],
    ["returned", () => new Error("broken")],
    ["rejected", async () => Promise.reject(new Error("broken"))],
    ["a promise of one", async () => new Error("broken")],
  ])("that is an error stays one: %s", async (_name, value) => {
    const { data, errors, events } = await resolve("one", value);
    expect([data, events]).toEqual([{ one: null }, []]);
    expect(errors!.map(({ message, path, extensions }) => [message, path, extensions])).toEqual([
      ["broken", ["one"], {}],
    ]);
  });

  it("below another one is judged by itself", async () => {
    const chain = { ...lisbon, other: { ...barcelona, other: porto } };
    const { send } = fixtureOf(SDL, { resolvers: { Query: { one: () => chain } } });
    expect((await send("{ one { id other { id other { id } } } }")).data).toEqual({
      one: { id: 1, other: { id: 2, other: null } },
    });
  });

  it("is judged by the value's own property, whatever the response calls it", async () => {
    const { send } = fixtureOf(SDL, { resolvers: { Query: { one: () => ({ ...porto, id: 9 }) } } });
    expect((await send("{ one { lib: id org: id } }")).data).toEqual({ one: null });
    const named = fixtureOf(SDL, {
      resolvers: { Query: { one: () => lisbon }, Asset: { lib: () => "porto" } },
    });
    expect((await named.send("{ one { lib org: lib } }")).data).toEqual({
      one: { lib: "porto", org: "porto" },
    });
  });

  it("needs read only, whatever the operation", async () => {
    const { send } = fixtureOf(SDL, { resolvers: { Mutation: { one: () => lisbon } } });
    expect((await send("mutation { one { id } }")).data).toEqual({ one: { id: 1 } });
  });

  it("with a number for a library", async () => {
    const options = {
      resolvers: { Query: { list: () => [at(5, 1), at(6, 2), at(5n, 3), at(5.5, 4)] } },
    };
    const { send, events } = fixtureOf(SDL, options);
    const { data } = await send("{ list { id } }", { caller: callerOf({ "5": "read" }) });
    expect(ids(data.list)).toEqual([1, 3]);
    expect(events).toHaveLength(1);
  });
});

describe("wrappers", () => {
  const page = () => ({ hits: [porto, lisbon], found: 1 });
  const holder = {
    must: porto,
    page,
    edges: [
      { node: lisbon, cursor: "a" },
      { node: porto, cursor: "b" },
    ],
    loose: [{ node: lisbon }, { node: porto }],
  };
  const { send } = fixtureOf(SDL, { resolvers: { Query: { holder: () => holder } } });

  it("are walked like anything else", async () => {
    expect(
      (await send("{ holder { page { hits { id } found } loose { node { id } } } }")).data,
    ).toEqual({
      holder: {
        page: { hits: [{ id: 1 }], found: 1 },
        loose: [{ node: { id: 1 } }, { node: null }],
      },
    });
  });

  it("with a non-null node out of reach are an error of that node", async () => {
    const { data, errors } = await send("{ holder { edges { node { id } cursor } } }");
    expect(data).toEqual({ holder: null });
    expect(errors!.map(({ path, extensions }) => [path, extensions])).toEqual([
      [["holder", "edges", 1, "node"], { code: "UNAUTHORIZED" }],
    ]);
  });

  it("with non-null nodes out of reach, one of them late, leave no rejection behind", async () => {
    const edges = [{ node: Promise.resolve(porto) }, { node: porto }];
    const { send: sendTo } = fixtureOf(SDL, {
      resolvers: { Query: { holder: () => ({ edges }) } },
    });
    const rejections = await rejectionsOf(async () => {
      const { data } = await sendTo("{ holder { edges { node { id } } } }");
      expect(data).toEqual({ holder: null });
    });
    expect(rejections).toEqual([]);
  });

  it("scenario 72: with a non-null field out of reach are null as far up as needed, siblings stay", async () => {
    const { data, errors } = await send(
      "{ holder { must { id } } other: holder { page { found } } }",
    );
    expect(data).toEqual({ holder: null, other: { page: { found: 1 } } });
    expect(errors!.map(({ path }) => path)).toEqual([["holder", "must"]]);
  });
});
