/** Mutations run one after the other, and each but the first asks whether its key is still good. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { createApiKeys, createCaller, type AccessTable, type Caller } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { callerOf, executeWith, fixtureOf, OWN } from "./fixtures.js";

const SDL = /* GraphQL */ `
  type Query {
    nothing: Int @apiKey
    deep: Mutation @apiKey
  }
  type Mutation {
    act: Int @apiKey(level: READ)
    change(libraryId: ID! @library): Int
    create(name: String): Library @apiKey(level: READ)
    createMust: Library! @apiKey(level: READ)
    createMany: [[Library!]!] @apiKey(level: READ)
  }
  type Library @inLibrary(organization: "org", id: "id") {
    id: ID!
    twins: [Library]
  }
`;

/** A key with access, and a mutation whose field `act` does something to it. */
async function fixtureFor(access: AccessTable, resolvers: Record<string, () => unknown> = {}) {
  const apiKeys = createApiKeys({ store: createMemoryStore() });
  const { key, apiKey } = await apiKeys.create({ organizationId: OWN, name: "Website", access });
  const authenticated = await apiKeys.authenticate(key);
  if (!authenticated.ok) throw new Error("no caller");
  const { caller } = authenticated;
  const fixture = fixtureOf(SDL, { organization: "callers", resolvers: { Mutation: resolvers } });
  return { apiKeys, caller, ref: { organizationId: OWN, id: apiKey.id }, ...fixture };
}

const CHANGE = 'change(libraryId: "barcelona")';

describe("a mutation", () => {
  const endings: readonly (readonly [
    name: string,
    end: (f: Awaited<ReturnType<typeof fixtureFor>>) => unknown,
  ])[] = [
    ["is deleted", ({ apiKeys, ref }) => apiKeys.delete(ref)],
    ["is regenerated", ({ apiKeys, ref }) => apiKeys.regenerate(ref)],
    ["is disabled", ({ apiKeys, ref }) => apiKeys.update(ref, { enabled: false })],
    ["is narrowed", ({ apiKeys, ref }) => apiKeys.setAccess(ref, { barcelona: "read" })],
    ["loses the library", ({ apiKeys, ref }) => apiKeys.setAccess(ref, { lisbon: "write" })],
  ];

  it.each(endings)(
    "scenario 95: whose key %s by the first field runs no second",
    async (_name, end) => {
      const resolvers: Record<string, () => unknown> = {
        act: async () => void (await end(fixture)),
      };
      const fixture = await fixtureFor({ barcelona: "write" }, resolvers);
      const { caller, calls, send } = fixture;
      const { outcome, data, errors } = await send(`mutation { act ${CHANGE} again: act }`, {
        caller,
      });
      expect([outcome, data, calls]).toEqual([
        "runs",
        { act: null, change: null, again: null },
        [],
      ]);
      expect(errors![0]!.path).toEqual(["change"]);
      expect(errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
    },
  );

  it("whose key stays good runs all of its fields, and asks once before each further one", async () => {
    let asked = 0;
    const caller: Caller = createCaller({
      id: "user",
      version: 1,
      organizationId: OWN,
      access: { barcelona: "write" },
      current: () => (asked++, caller),
    });
    const { send, calls } = await fixtureFor({});
    const { data } = await send(`mutation { a: ${CHANGE} b: ${CHANGE} c: act }`, { caller });
    expect(data).toEqual({ a: 1, b: 1, c: 1 });
    expect([asked, calls.length]).toEqual([2, 3]);
  });

  it("of a single field does not ask, a query neither", async () => {
    const caller = callerOf(undefined, {
      current: () => {
        throw new Error("asked");
      },
    });
    const { send } = await fixtureFor({});
    expect((await send(`mutation { ${CHANGE} }`, { caller })).errors).toBe(undefined);
    expect((await send("{ a: nothing b: nothing }", { caller })).errors).toBe(undefined);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("outage");
      },
    ],
    ["is rejected", async () => Promise.reject(new Error("outage"))],
  ])("whose caller cannot be read again, as that %s, stops there", async (_name, current) => {
    const { send, calls } = await fixtureFor({});
    const { data, errors } = await send(`mutation { act ${CHANGE} }`, {
      caller: callerOf(undefined, { current }),
    });
    expect([data, calls.length]).toEqual([{ act: 1, change: null }, 1]);
    expect(errors!.map(({ message }) => message)).toEqual(["outage"]);
  });

  it("whose first field waits is asked only then", async () => {
    let alive = true;
    const { send, calls } = await fixtureFor(
      {},
      {
        act: async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          alive = false;
          return 1;
        },
      },
    );
    const caller: Caller = callerOf(undefined, { current: async () => (alive ? caller : null) });
    expect((await send(`mutation { act ${CHANGE} }`, { caller })).data).toEqual({
      act: 1,
      change: null,
    });
    expect(calls).toEqual([]);
  });

  it("in the same context as another one is asked on its own", async () => {
    const { guard } = await fixtureFor({});
    let asked = 0;
    const caller: Caller = callerOf(undefined, { current: () => (asked++, caller) });
    const context = {};
    const document = parse(`mutation { ${CHANGE} }`);
    for (let i = 0; i < 3; i++) {
      expect(await guard.check({ document, caller, context })).toEqual({ ok: true });
      await executeWith(guard.schema, { document, contextValue: context });
    }
    expect(asked).toBe(0);
  });

  it("that is reached again from elsewhere needs write there, too", async () => {
    const { send } = await fixtureFor({});
    const query = `{ deep { ${CHANGE} } }`;
    expect((await send(query)).data).toEqual({ deep: { change: 1 } });
    expect((await send(query, { caller: callerOf({ barcelona: "read" }) })).outcome).toBe(
      "library",
    );
  });
});

describe("a library that a mutation creates and grants", () => {
  const library = { org: OWN, id: "porto" };

  it.each([
    ["at once", () => library],
    ["later", async () => library],
  ])("is answered: %s", async (_name, result) => {
    const create = async () => {
      await fixture.apiKeys.grant(fixture.ref, { libraryId: "porto", level: "write" });
      return { ...(await result()), twins: [library, { org: OWN, id: "madrid" }] };
    };
    const fixture = await fixtureFor({ barcelona: "write" }, { create, createMust: create });
    const { send, caller } = fixture;
    for (const field of ["create", "createMust"]) {
      const { data, errors } = await send(`mutation { ${field} { id twins { id } } }`, { caller });
      expect(errors).toBe(undefined);
      expect(data[field]).toEqual({ id: "porto", twins: [{ id: "porto" }] });
    }
  });

  it("is answered in lists of lists, also of generators and promises", async () => {
    const createMany = async () => {
      await fixture.apiKeys.grant(fixture.ref, { libraryId: "porto", level: "read" });
      const madrid = { org: OWN, id: "madrid" };
      return (function* () {
        yield (function* () {
          yield library;
          yield madrid;
        })();
        yield Promise.resolve(
          new Set([madrid, { org: OWN, id: "barcelona" }, Promise.resolve(library)]),
        );
      })();
    };
    const fixture = await fixtureFor({ barcelona: "write" }, { createMany });
    const { data, errors } = await fixture.send("mutation { createMany { id } }", {
      caller: fixture.caller,
    });
    expect([data, errors]).toEqual([
      { createMany: [[{ id: "porto" }], [{ id: "barcelona" }, { id: "porto" }]] },
      undefined,
    ]);
  });

  it("is not if it was not granted", async () => {
    const { send, caller } = await fixtureFor(
      { barcelona: "write" },
      { create: () => library, createMust: () => library },
    );
    expect((await send("mutation { create { id } }", { caller })).data).toEqual({ create: null });
    const { data, errors } = await send("mutation { createMust { id } }", { caller });
    expect([data, errors![0]!.extensions]).toEqual([null, { code: "UNAUTHORIZED" }]);
  });

  it("is not if the key died meanwhile, nor is what is beside it", async () => {
    const create = async () => {
      await fixture.apiKeys.delete(fixture.ref);
      return library;
    };
    const createMany = async () => [[await create(), { org: OWN, id: "barcelona" }]];
    let fixture = await fixtureFor({ barcelona: "write" }, { create });
    const one = await fixture.send("mutation { create { id } }", { caller: fixture.caller });
    expect([one.data, one.errors]).toEqual([{ create: null }, undefined]);
    fixture = await fixtureFor({ barcelona: "write" }, { createMany });
    const many = await fixture.send("mutation { createMany { id } }", { caller: fixture.caller });
    expect([many.data, many.errors]).toEqual([{ createMany: null }, undefined]);
  });

  it("is within reach for the fields after it", async () => {
    const create = async () => {
      await fixture.apiKeys.grant(fixture.ref, { libraryId: "porto", level: "write" });
      return library;
    };
    const fixture = await fixtureFor({ barcelona: "write" }, { create });
    const { guard, caller } = fixture;
    const context = {};
    const document = parse('mutation { create { id } change(libraryId: "porto") }');
    // The first lock knows only what the key reached when the operation began.
    expect(await guard.check({ document, caller, context })).toMatchObject({ ok: false });
    const first = parse("mutation { create { id } }");
    expect(await guard.check({ document: first, caller, context })).toEqual({ ok: true });
    const { data } = await executeWith(guard.schema, { document, contextValue: context });
    expect(data).toEqual({ create: { id: "porto" }, change: 1 });
  });

  it("is not asked for where nothing is out of reach, nor by a query", async () => {
    const current = () => {
      throw new Error("asked");
    };
    const { send } = await fixtureFor({}, { create: () => ({ org: OWN, id: "lisbon" }) });
    expect(
      (await send("mutation { create { id } }", { caller: callerOf(undefined, { current }) })).data,
    ).toEqual({
      create: { id: "lisbon" },
    });
    const queries = fixtureOf(
      'type Query { libraries: [Library] } type Library @inLibrary(organization: "org", id: "id") { id: ID! }',
      {
        resolvers: { Query: { libraries: () => [library] } },
      },
    );
    expect(
      (await queries.send("{ libraries { id } }", { caller: callerOf(undefined, { current }) }))
        .data,
    ).toEqual({ libraries: [] });
  });
});
