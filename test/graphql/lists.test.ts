/** What of lists of marked objects leaves. */
import { parse, type GraphQLResolveInfo } from "graphql";
import { describe, expect, it } from "vitest";
import { barcelona, foreign, ids, lisbon, porto, resolve, SDL } from "./assets.js";
import { callerOf, fixtureOf } from "./fixtures.js";

describe("a list", () => {
  function* generate() {
    yield porto;
    yield lisbon;
    yield Promise.resolve(porto);
    yield Promise.resolve(barcelona);
  }
  const later = async (value: unknown, ms = 1) => {
    await new Promise((done) => setTimeout(done, ms));
    return value;
  };

  const lists: readonly (readonly [name: string, value: () => unknown])[] = [
    ["an array", () => [porto, lisbon, foreign, barcelona]],
    ["a promise of an array", async () => [lisbon, porto, barcelona]],
    ["promises", () => [later(porto), later(lisbon, 5), barcelona, later(foreign, 0)]],
    ["promises after values", () => [lisbon, porto, later(barcelona)]],
    ["promises after values that stay", () => [lisbon, barcelona, later(porto)]],
    ["a generator", generate],
    ["a promise of a generator", async () => generate()],
    ["a Set", () => new Set([lisbon, porto, barcelona])],
    [
      "the values of a Map",
      () =>
        new Map([
          [1, lisbon],
          [2, porto],
          [3, barcelona],
        ]).values(),
    ],
    ["an iterable object", () => ({ [Symbol.iterator]: generate })],
    [
      "an array of a class",
      () => Object.assign(new (class Rows extends Array {})(), [lisbon, porto, barcelona]),
    ],
    ["a frozen array", () => Object.freeze([lisbon, porto, barcelona])],
  ];

  it.each(lists)("loses what is out of reach: %s", async (_name, value) => {
    for (const field of ["list", "full"]) {
      const { data, errors, events } = await resolve(field, value);
      expect([ids(data[field]), errors, events]).toEqual([[1, 2], undefined, []]);
    }
  });

  it.each([
    ["nothing", () => [], []],
    ["only what is out of reach", () => [porto, foreign], []],
    ["only what is out of reach, later", () => [later(porto), later(foreign)], []],
    ["everything", () => [lisbon, barcelona], [1, 2]],
    ["the same twice", () => [lisbon, porto, lisbon], [1, 1]],
  ])("of %s", async (_name, value, expected) => {
    const { data, errors } = await resolve("full", value);
    expect([ids(data.full), errors]).toEqual([expected, undefined]);
  });

  const kept = Object.freeze([lisbon, null, barcelona]);
  const filtered = [porto, lisbon];
  const owned: readonly (readonly [name: string, list: readonly unknown[], same: boolean])[] = [
    ["that loses nothing is the resolver's own", kept, true],
    ["that loses something is a copy", filtered, false],
  ];

  it.each(owned)("%s, at once", async (_name, list, same) => {
    const { guard } = fixtureOf(SDL, { resolvers: { Query: { list: () => list } } });
    const context = {};
    await guard.check({ document: parse("{ list { id } }"), caller: callerOf(), context });
    const { resolve } = guard.schema.getQueryType()!.getFields()["list"]!;
    const info = { operation: { operation: "query" } } as GraphQLResolveInfo;
    const answer = resolve!({}, {}, context, info);
    expect([answer === list, Array.isArray(answer)]).toEqual([same, true]);
    expect(answer).toEqual(list.filter((item) => item !== porto));
    expect(filtered).toEqual([porto, lisbon]);
  });

  /** An array that says one thing by index and another to whoever walks it. */
  function restless(walk: () => Iterator<unknown>, items: readonly unknown[], own: boolean) {
    class Rows extends Array {}
    const list = own ? [...items] : Object.assign(new Rows(), items);
    Object.defineProperty(own ? list : Rows.prototype, Symbol.iterator, { value: walk });
    return list;
  }

  it.each([
    ["an iterator of its class", false],
    ["an iterator of its own", true],
  ])("with %s is judged, and answered, as it is walked the only time", async (_name, own) => {
    let walks = 0;
    const walk = () => [walks++ === 0 ? barcelona : porto, porto].values();
    for (const items of [[lisbon], [porto, lisbon], []]) {
      walks = 0;
      const { data, errors } = await resolve("list", () => restless(walk, items, own));
      expect([ids(data.list), errors, walks]).toEqual([[2], undefined, 1]);
    }
  });

  it("of lists keeps nulls that are its own, also where it is looked at twice", async () => {
    const resolvers = {
      Mutation: { nested: () => [null, undefined, later(null), [porto, lisbon], [null]] },
    };
    const { data, errors } = await fixtureOf(SDL, { resolvers }).send("mutation { nested { id } }");
    const lists = (data.nested as readonly unknown[]).map((list) => list && ids(list));
    expect([lists, errors]).toEqual([[null, null, null, [1], [null]], undefined]);
  });

  it("keeps its nulls, and its errors in their places", async () => {
    const broken = () => Promise.reject(new Error("broken"));
    const { data, errors } = await resolve("list", () => [
      porto,
      null,
      broken(),
      later(porto),
      lisbon,
      undefined,
      new Error("wrong"),
      later(null),
    ]);
    expect(ids(data.list)).toEqual([null, null, 1, null, null, null]);
    expect(errors!.map(({ message, path }) => [message, path])).toEqual(
      expect.arrayContaining([
        ["broken", ["list", 1]],
        ["wrong", ["list", 4]],
      ]),
    );
    expect(errors).toHaveLength(2);
  });

  it("keeps what is no error but was rejected as one", async () => {
    const { data, errors } = await resolve("list", () => [lisbon, Promise.reject("x")]);
    expect([ids(data.list), errors!.map(({ path }) => path)]).toEqual([[1, null], [["list", 1]]]);
    const { message, cause } = errors![0]!.originalError as Error;
    expect([message, cause]).toEqual(["An item of a list failed.", "x"]);
  });

  it("with a non-null item that fails is the field's error", async () => {
    const { data, errors } = await resolve("full", () => [
      porto,
      lisbon,
      Promise.reject(new Error("broken")),
    ]);
    expect([data, errors!.map(({ path }) => path)]).toEqual([null, [["full", 1]]]);
  });

  it.each([
    ["an object", () => lisbon],
    ["a text", () => "lisbon"],
    ["a number", () => 5],
    ["true", () => true],
    ["a function", () => () => [porto]],
  ])("that is none is an error: %s", async (_name, value) => {
    const { data, errors } = await resolve("list", value);
    expect([data, errors!.map(({ message }) => message)]).toEqual([
      { list: null },
      ["A list of Asset resolved to something that is no list."],
    ]);
  });

  it("of lists loses what is out of reach, and keeps its form", async () => {
    const { data, errors } = await resolve("nested", () => [
      [porto],
      [lisbon, porto, barcelona],
      later([porto, later(lisbon)]),
      new Set([porto, barcelona]),
      (function* () {
        yield lisbon;
      })(),
    ]);
    expect([data.nested.map(ids), errors]).toEqual([[[], [1, 2], [1], [2], [1]], undefined]);
  });

  it("of lists, one of which is none, is that one's error; others are waited for", async () => {
    const { data, errors } = await resolve("nested", () => [
      later([porto, lisbon]),
      Promise.reject(new Error("broken")),
      lisbon,
      [lisbon],
    ]);
    expect(data).toEqual({ nested: null });
    expect(errors!.length).toBeGreaterThan(0);
    await later(null);
  });
});
