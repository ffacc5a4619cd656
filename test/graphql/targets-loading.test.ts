/** When targets are loaded, how often, and what becomes of loaders that fail. */
import { describe, expect, it } from "vitest";
import { targets } from "../../src/graphql/index.js";
import { executors, fixtureOf, OTHER, OWN, ran, type Fixture } from "./support-complete.js";
import { contextOf, type Context } from "./store-of-assets.js";

const SDL = /* GraphQL */ `
  interface Shelf {
    first(id: ID!): Int
  }
  type Query {
    asset(id: ID!): Int
    named(id: ID!, libraryId: ID! @library): Int
    count(libraryId: ID! @library, limit: Int): Int
    shelf: Shelf @apiKey
    any: Int @apiKey
  }
  type Mutation {
    delete(id: ID!): Int
    tag(id: ID!, tagId: ID!): Int
  }
  type Hall implements Shelf @unmarked(why: "no data") {
    first(id: ID!): Int
  }
  type Cabin implements Shelf @unmarked(why: "no data") {
    first(id: ID!): Int
  }
`;

const pair = (libraryId: unknown, organizationId: unknown = OWN) => ({ organizationId, libraryId });

function fixtureBy(load: (args: never, context: Context) => unknown, timeoutMs = 5000): Fixture {
  const rule = targets(load as () => null, { timeoutMs });
  return fixtureOf(SDL, {
    types: "none",
    organization: "callers",
    rules: {
      "Query.asset": rule,
      "Query.named": rule,
      "Mutation.delete": rule,
      "Mutation.tag": [
        rule,
        targets(({ tagId }: { tagId: string }, { loader }: Context) => loader.load(tagId)),
      ],
      "Shelf.first": rule,
    },
    resolvers: { Query: { shelf: () => ({ __typename: "Hall" }) } },
  });
}

const byId = ({ id }: { id: string }, { loader }: Context) => loader.load(id);

describe("answers", () => {
  const good: readonly (readonly [name: string, answer: () => unknown])[] = [
    ["a pair", () => pair("lisbon")],
    ["a promise of a pair", async () => pair("lisbon")],
    ["an object that has the pair", async () => ({ id: 1, ...pair("lisbon"), name: "x" })],
    [
      "an object of a class",
      () =>
        new (class {
          organizationId = OWN;
          get libraryId() {
            return "lisbon";
          }
        })(),
    ],
    ["a list of pairs", () => [pair("lisbon"), pair("barcelona")]],
    ["a promise of a list", async () => [pair("lisbon"), pair("lisbon")]],
    ["a thenable", () => ({ then: (done: (value: unknown) => void) => done(pair("lisbon")) })],
  ];

  it.each(good)("let it run: %s", async (_name, answer) => {
    const { send, events } = fixtureBy(answer);
    expect((await send('{ asset(id: "a") }')).outcome).toBe("runs");
    expect(events).toEqual([]);
  });

  const late = async () => {
    await Promise.resolve();
    throw new Error("late");
  };
  const bad: readonly (readonly [name: string, answer: () => unknown])[] = [
    ["out of reach", () => pair("porto")],
    ["another organization's", () => pair("lisbon", OTHER)],
    ["null", () => null],
    ["undefined", () => undefined],
    ["a promise of null", async () => null],
    ["an empty list", () => []],
    ["a list with null", () => [pair("lisbon"), null]],
    ["a list with undefined", async () => [undefined, pair("lisbon")]],
    ["a list with one out of reach", () => [pair("lisbon"), pair("porto")]],
    ["true", () => true],
    ["text", () => "lisbon"],
    ["a number", () => 5],
    ["an empty object", () => ({})],
    ["no library", () => ({ organizationId: OWN })],
    ["no organization", () => ({ libraryId: "lisbon" })],
    ["an empty id", () => pair("")],
    ["an object for an id", () => pair({ toString: () => "lisbon" })],
    ["a list of lists", () => [[pair("lisbon")]]],
    ["a set", () => new Set([pair("lisbon")])],
    ["a list of promises", async () => [Promise.resolve(pair("lisbon"))]],
    ["a list of promises that are rejected", () => [late(), late()]],
    ["ids that are promises that are rejected", () => pair(late(), late())],
    ["a function", () => () => pair("lisbon")],
  ];

  it.each(bad)("refuse it: %s", async (_name, answer) => {
    const expected = await fixtureBy(() => pair("porto")).send('{ asset(id: "a") }');
    const fixture = fixtureBy(answer);
    expect(await fixture.send('{ asset(id: "a") }')).toEqual(expected);
    expect(ran(fixture)).toEqual([]);
    expect(fixture.events.map(({ type }) => type)).toEqual(["refused"]);
    expect(expected.errors!.map((error) => error.toJSON())).toEqual([
      {
        message:
          '"asset" needs read access to a library or organization that this key does not reach.',
        locations: [{ line: 1, column: 3 }],
        path: ["asset"],
        extensions: { code: "UNAUTHORIZED" },
      },
    ]);
  });

  const failures: readonly (readonly [name: string, answer: () => unknown, message: string])[] = [
    [
      "throws",
      () => {
        throw new Error("secret");
      },
      "secret",
    ],
    [
      "rejects",
      async () => {
        throw new Error("secret");
      },
      "secret",
    ],
    ["never answers", () => new Promise(() => {}), "The targets of Query.asset took over 20 ms."],
    [
      "answers late",
      () => new Promise((resolve) => setTimeout(() => resolve(pair("lisbon")), 100)),
      "The targets of Query.asset took over 20 ms.",
    ],
    [
      "fails late",
      () => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 40)),
      "The targets of Query.asset took over 20 ms.",
    ],
  ];

  it.each(failures)(
    "scenario 90: a loader that %s refuses, and only we are told why",
    async (_n, answer, message) => {
      const expected = await fixtureBy(() => pair("porto")).send('{ asset(id: "a") }');
      const { send, events, calls } = fixtureBy(answer, 20);
      expect(await send('{ asset(id: "a") }')).toEqual(expected);
      expect(calls).toEqual([]);
      expect(events).toMatchObject([
        { type: "loadFailed", coordinate: "Query.asset", error: { message } },
        { type: "refused" },
      ]);
      await new Promise((resolve) => setTimeout(resolve, 60)); // nothing is left to be rejected unhandled
    },
  );
});

describe.each(executors)("by %s", (_name, execute) => {
  it("loading comes after all that is named passed, and before any resolver", async () => {
    let loads = 0;
    const fixture = fixtureBy((_args) => {
      loads++;
      expect(fixture.calls).toEqual([]);
      return pair("lisbon");
    });
    const query = (lib: string) => `{ any asset(id: "a") named(id: "b", libraryId: "${lib}") }`;
    expect((await fixture.send(query("porto"), { execute })).outcome).toBe("library");
    expect([loads, fixture.calls]).toEqual([0, []]);
    expect((await fixture.send(query("lisbon"), { execute })).outcome).toBe("runs");
    expect([loads, fixture.calls.length]).toEqual([2, 3]);
  });

  it("fields that load nothing keep their arguments to themselves, right or wrong", async () => {
    const fixture = fixtureBy(() => pair("lisbon"));
    const query = '{ asset(id: "a") count(libraryId: "lisbon", limit: "many") }';
    const { outcome, errors } = await fixture.send(query, { execute });
    expect([outcome, ran(fixture)]).toEqual(["runs", ["Query.asset"]]);
    expect(errors!.map(({ path }) => path)).toEqual([["count"]]);
  });

  it("all is asked in one tick, so that a host's loader makes one trip", async () => {
    const { send } = fixtureBy(byId);
    const context = contextOf();
    const query = `mutation {
      a: delete(id: "b1") b: delete(id: "b2") ...F c: tag(id: "b1", tagId: "b2")
    } fragment F on Mutation { d: delete(id: "b1") }`;
    const { outcome, errors } = await send(query, { context, execute });
    expect([outcome, errors]).toEqual(["runs", undefined]);
    expect(context.loader.batches.map((ids) => ids.toSorted())).toEqual([
      ["b1", "b1", "b1", "b2", "b2"],
    ]);
  });

  it("loaders run side by side", async () => {
    let running = 0;
    let most = 0;
    const { send } = fixtureBy(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return pair("lisbon");
    });
    expect(
      (await send('{ a: asset(id: "a") b: asset(id: "b") c: asset(id: "c") }', { execute }))
        .outcome,
    ).toBe("runs");
    expect([most, running]).toEqual([3, 0]);
  });

  it("a field is asked once, whichever of the types behind an interface it is on", async () => {
    const asked: string[] = [];
    const { send } = fixtureBy(({ id }: { id: string }) => {
      asked.push(id);
      return pair("lisbon");
    });
    const { errors } = await send('{ shelf { first(id: "a") b: first(id: "b") } }', { execute });
    expect([errors, asked.toSorted()]).toEqual([undefined, ["a", "b"]]);
  });

  it("a field in a fragment that is spread twice is asked once", async () => {
    const asked: string[] = [];
    const { send } = fixtureBy(({ id }: { id: string }) => {
      asked.push(id);
      return pair("lisbon");
    });
    const { errors } = await send('{ ...F ...F } fragment F on Query { asset(id: "a") }', {
      execute,
    });
    expect([errors, asked]).toEqual([undefined, ["a"]]);
  });

  it("a thousand aliases are asked once each, in linear time", async () => {
    let asked = 0;
    const { send } = fixtureBy(() => {
      asked++;
      return pair("lisbon");
    });
    const aliases = Array.from({ length: 5000 }, (_, i) => `a${i}: asset(id: "${i}")`);
    const began = performance.now();
    const { outcome, errors } = await send(`{ ${aliases.join(" ")} }`, { execute });
    expect([outcome, errors, asked]).toEqual(["runs", undefined, 5000]);
    expect(performance.now() - began).toBeLessThan(3000); // it would be half a minute, were it not
  });
});

it("several refusals are one a field, at most twenty", async () => {
  const { send } = fixtureBy(() => null);
  const aliases = Array.from({ length: 30 }, (_, i) => `a${i}: asset(id: "${i}")`);
  const { refusals } = await send(`{ ${aliases.join(" ")} }`);
  expect(refusals.map(({ path }) => path.join())).toEqual(
    aliases.slice(0, 20).map((alias) => alias.split(":")[0]),
  );
});
