/** Lists that arrive item by item: graphql 17 and the executor of Yoga know them, graphql 16 does not. */
import { version } from "graphql";
import { describe, expect, it } from "vitest";
import { createCaller, type Caller } from "../../src/index.js";
import { codesOf, executors, fixtureOf, OWN, type FixtureOptions } from "./support-complete.js";

const SDL = /* GraphQL */ `
  type Query {
    list: [Asset]
    full: [Asset!]!
    nested: [[Asset!]]
    places: [Asset] @positional
  }
  type Mutation {
    list: [Asset] @apiKey
    nested: [[Asset]] @apiKey
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: Int
  }
`;

const at = (lib: string, id: number) => ({ org: OWN, lib, id });
const [porto, lisbon, barcelona] = [at("porto", 1), at("lisbon", 2), at("barcelona", 3)];

async function* stream(...items: readonly unknown[]) {
  yield* items;
}

function optionsOf(value: () => unknown, more: FixtureOptions = {}): FixtureOptions {
  const fields = { list: value, full: value, nested: value, places: value };
  return { resolvers: { Query: fields, Mutation: fields }, ...more };
}

const knowing = executors.filter(([name]) => name !== "graphql-js" || !version.startsWith("16"));

const only16 = version.startsWith("16") ? it : () => {};
only16("graphql 16 answers none of them", async () => {
  const { send } = fixtureOf(
    SDL,
    optionsOf(() => stream(lisbon)),
  );
  const { data, errors } = await send("{ list { id } }");
  expect([data, errors!.length]).toEqual([{ list: null }, 1]);
});

describe.each(knowing)("by %s", (_name, execute) => {
  async function ask(query: string, value: () => unknown, more?: FixtureOptions, caller?: Caller) {
    const fixture = fixtureOf(SDL, optionsOf(value, more));
    const { data, errors } = await fixture.send(query, { execute, ...(caller && { caller }) });
    return { data, codes: codesOf(errors), events: fixture.events };
  }

  it.each([
    ["list", { list: [{ id: 2 }, { id: 3 }] }],
    ["full", { full: [{ id: 2 }, { id: 3 }] }],
    ["places", { places: [null, { id: 2 }, null, { id: 3 }] }],
  ])("items out of reach are dropped, or null where places are kept: %s", async (field, data) => {
    const values = () => stream(porto, lisbon, porto, barcelona);
    expect(await ask(`{ ${field} { id } }`, values)).toEqual({ data, codes: [], events: [] });
  });

  it("items may be promises, null, and lists", async () => {
    const values = () => stream(Promise.resolve(porto), Promise.resolve(lisbon), null);
    expect((await ask("{ list { id } }", values)).data).toEqual({ list: [{ id: 2 }, null] });
    const lists = () => stream([porto, lisbon], [porto], null);
    expect((await ask("{ nested { id } }", lists)).data).toEqual({
      nested: [[{ id: 2 }], [], null],
    });
  });

  it("a promise of one is one", async () => {
    const values = async () => stream(porto, lisbon);
    expect((await ask("{ list { id } }", values)).data).toEqual({ list: [{ id: 2 }] });
  });

  it("an error ends it as without a guard", async () => {
    async function* failing() {
      yield lisbon;
      throw new Error("broken");
    }
    const { data, codes } = await ask("{ list { id } }", failing);
    // Executors disagree on whether the list or its place is null.
    expect([null, [{ id: 2 }, null]]).toContainEqual(data.list);
    expect(codes).toHaveLength(1);
  });

  it("scenario 101: a mutation looks again before it drops an item", async () => {
    const caller = (access: Record<string, "read" | "write">, version = 1): Caller =>
      createCaller({
        id: "website",
        version,
        organizationId: OWN,
        access,
        current: () => caller({ barcelona: "write", porto: "read" }, 2),
      });
    const first = caller({ barcelona: "write" });
    const values = () => stream(porto, lisbon);
    expect((await ask("mutation { list { id } }", values, {}, first)).data).toEqual({
      list: [{ id: 1 }],
    });
    expect((await ask("{ list { id } }", values, {}, first)).data).toEqual({ list: [] });
    const lists = () => stream([porto, lisbon], [lisbon]);
    expect((await ask("mutation { nested { id } }", lists, {}, first)).data).toEqual({
      nested: [[{ id: 1 }], []],
    });
  });

  it("a mutation whose key died meanwhile drops them", async () => {
    const caller = createCaller({
      id: "website",
      version: 1,
      organizationId: OWN,
      access: { barcelona: "write" },
      current: () => null,
    });
    const values = () => stream(porto, barcelona);
    expect(
      (await ask("mutation { list { id } }", values, {}, caller)).data.list,
    ).not.toContainEqual({
      id: 1,
    });
  });

  it("with mode: report everything leaves, and each item is reported", async () => {
    const { data, events } = await ask("{ list { id } }", () => stream(porto, lisbon, porto), {
      mode: "report",
    });
    expect(data).toEqual({ list: [{ id: 1 }, { id: 2 }, { id: 1 }] });
    expect(events).toMatchObject([
      { type: "wouldRefuse", coordinate: "Query.list", reason: "library" },
      { type: "wouldRefuse", coordinate: "Query.list", reason: "library" },
    ]);
  });

  it("is closed when the consumer stops", async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield Promise.reject(new Error("broken"));
      } finally {
        closed = true;
      }
    }
    await ask("{ full { id } }", endless);
    expect(closed).toBe(true);
  });
});
