/** Where resolved objects say which library they belong to. */
import { describe, expect, it } from "vitest";
import { everyLibrary } from "../../src/index.js";
import { inLibrary } from "../../src/graphql/index.js";
import { at, barcelona, foreign, ids, lisbon, porto, resolve, SDL } from "./assets.js";
import { callerOf, fixtureOf, OTHER, OWN, type FixtureOptions } from "./fixtures.js";

describe("an object that does not say its library", () => {
  const event = {
    type: "misconfigured",
    coordinate: "Asset",
    message: "A resolved Asset does not say its library, so it is out of reach.",
  };

  it.each([
    ["without the library", { id: 1, org: OWN }],
    ["without the organization", { id: 1, lib: "lisbon" }],
    ["with null", at(null)],
    ["with an empty text", at("")],
    ["with null for its organization", at("lisbon", 1, null)],
    ["with a list", at(["lisbon"])],
    ["with an object", at({ toString: () => "lisbon" })],
    ["with a promise", at(Promise.resolve("lisbon"))],
    ["with a method that answers nothing", at(() => undefined)],
    ["that is a text", "lisbon"],
    ["that is a number", 5],
    ["that is a function", Object.assign(() => 1, lisbon)],
    ["that is an array", [lisbon]],
    [
      "that throws",
      {
        id: 1,
        org: OWN,
        get lib() {
          throw new Error("not loaded");
        },
      },
    ],
  ])("is out of reach: %s", async (_name, value) => {
    expect(await resolve("one", () => value)).toMatchObject({
      data: { one: null },
      errors: undefined,
      events: [event],
    });
    expect(await resolve("list", () => [lisbon, value])).toMatchObject({
      data: { list: [{ id: 1 }] },
      events: [event],
    });
    expect((await resolve("must", () => value)).errors![0]!.extensions).toEqual({
      code: "UNAUTHORIZED",
    });
  });

  it("is reported once a type, until the end of time", async () => {
    const { send, events } = fixtureOf(SDL, {
      resolvers: { Query: { list: () => [{}, {}, at("lisbon"), {}] } },
    });
    await send("{ list { id } }");
    await send("{ list { id } again: list { id } }");
    expect(events).toEqual([event]);
  });

  it("is out of reach even of callers that reach everything", async () => {
    const { send } = fixtureOf(SDL, {
      resolvers: { Query: { list: () => [{ id: 1 }, at("any", 2), at("any", 3, OTHER)] } },
    });
    const { data } = await send("{ list { id } }", { caller: callerOf(everyLibrary("read")) });
    expect(ids(data.list)).toEqual([2]);
  });
});

describe("a rule in code", () => {
  const sdl = "type Query { list: [Asset!]! } type Asset { id: Int }";

  async function filter(libraryOf: (value: any) => any, options: FixtureOptions = {}) {
    const list = () => [lisbon, porto, foreign, barcelona];
    const { send, events } = fixtureOf(sdl, {
      resolvers: { Query: { list } },
      rules: { Asset: inLibrary(libraryOf) },
      ...options,
    });
    return { list: ids((await send("{ list { id } }")).data.list), events };
  }

  it("answers the pair of a value", async () => {
    const answer = await filter(({ org, lib }) => ({ organizationId: org, libraryId: lib }));
    expect(answer).toEqual({ list: [1, 2], events: [] });
  });

  it.each([
    ["nothing", () => undefined],
    ["null", () => null],
    ["half a pair", ({ lib }: any) => ({ libraryId: lib })],
    ["the other half", ({ org }: any) => ({ organizationId: org })],
    ["a promise", async ({ org, lib }: any) => ({ organizationId: org, libraryId: lib })],
    ["a promise that is rejected", async () => Promise.reject(new Error("later"))],
    ["text", ({ lib }: any) => lib],
  ])("that answers %s has not said the library", async (_name, libraryOf) => {
    const { list, events } = await filter(libraryOf);
    expect([list, events.length]).toEqual([[], 1]);
    await new Promise((resolve) => setTimeout(resolve));
  });

  it("that throws has not said the library", async () => {
    const { list, events } = await filter((value) => {
      if (value === lisbon) throw new Error("not loaded");
      return { organizationId: value.org, libraryId: value.lib };
    });
    expect([list, events.length]).toEqual([[2], 1]);
  });

  it("holds together with others: SDL and map, and arrays", async () => {
    const list = () => [
      { ...lisbon, second: "porto" },
      { ...barcelona, second: "lisbon" },
    ];
    const second = inLibrary(({ org, second }: any) => ({
      organizationId: org,
      libraryId: second,
    }));
    for (const [type, rules] of [
      ['type Asset @inLibrary(organization: "org", id: "lib") { id: Int }', { Asset: second }],
      [
        "type Asset { id: Int }",
        { Asset: [second, inLibrary({ organization: "org", id: "lib" })] },
      ],
    ] as const) {
      const { send } = fixtureOf(`type Query { list: [Asset!]! } ${type}`, {
        resolvers: { Query: { list } },
        rules: rules as never,
      });
      expect(ids((await send("{ list { id } }")).data.list)).toEqual([2]);
    }
  });

  it.each([{ organization: "callers" }, { libraryIds: "global" }] as const)(
    "needs no organization with %o, but obeys one that is said",
    async (option) => {
      const answer = await filter(({ lib }) => ({ libraryId: lib }), option);
      expect(answer).toEqual({ list: [1, 4, 2], events: [] });
      const said = await filter(
        ({ org, lib }) => ({ organizationId: org, libraryId: lib }),
        option,
      );
      expect(said).toEqual({ list: [1, 2], events: [] });
      const wrong = await filter(({ lib }) => ({ organizationId: null, libraryId: lib }), option);
      expect([wrong.list, wrong.events.length]).toEqual([[], 1]);
    },
  );
});
