/** Where a resolved value says which library it belongs to: properties, paths, methods, functions. */
import { describe, expect, it } from "vitest";
import { inLibrary } from "../../src/graphql/index.js";
import { fixtureOf, OTHER, OWN, type FixtureOptions } from "./support-complete.js";

const sdl = (mark: string) =>
  `type Query { one: Asset, list: [Asset] } type Asset ${mark} { id: Int, lib: String }`;

async function ask(mark: string, value: unknown, options: FixtureOptions = {}) {
  const fixture = fixtureOf(sdl(mark), {
    ...options,
    resolvers: { Query: { one: () => value, list: () => [value] } },
  });
  const { data, errors } = await fixture.send("{ one { id } list { id } }");
  expect(errors).toBeUndefined();
  const isSeen = data.one !== null;
  expect(data.list).toEqual(isSeen ? [{ id: 1 }] : []);
  return { isSeen, events: fixture.events };
}

const byPath = '@inLibrary(organization: "at.org.id", id: "at.lib.slug")';
const byName = '@inLibrary(organization: "org", id: "lib")';

const places: readonly (readonly [
  name: string,
  mark: string,
  make: (lib: string, org?: string) => unknown,
])[] = [
  ["properties", byName, (lib, org = OWN) => ({ org, lib })],
  ["paths", byPath, (lib, org = OWN) => ({ at: { org: { id: org }, lib: { slug: lib } } })],
  ["methods", byName, (lib, org = OWN) => ({ org: () => org, lib: () => lib })],
  [
    "methods within paths",
    byPath,
    (lib, org = OWN) => ({
      at: () => ({ org: () => ({ id: () => org }), lib: { slug: () => lib } }),
    }),
  ],
  [
    "methods that use their object",
    byPath,
    (lib, org = OWN) => ({
      at: {
        names: [org, lib],
        org() {
          return { id: this.names[0] };
        },
        lib() {
          return { slug: this.names[1] };
        },
      },
    }),
  ],
  [
    "getters of a class",
    byName,
    (lib, organization = OWN) =>
      new (class {
        get org() {
          return organization;
        }
        get lib() {
          return lib;
        }
      })(),
  ],
  [
    "a null prototype",
    byName,
    (lib, org = OWN) => Object.assign(Object.create(null), { org, lib }),
  ],
];

describe.each(places)("%s", (_name, mark, make) => {
  const value = (lib: string, org?: string) => Object.assign(make(lib, org) as object, { id: 1 });

  it("are seen within reach only", async () => {
    expect(await ask(mark, value("lisbon"))).toEqual({ isSeen: true, events: [] });
    expect(await ask(mark, value("porto"))).toEqual({ isSeen: false, events: [] });
    expect(await ask(mark, value("lisbon", OTHER))).toEqual({ isSeen: false, events: [] });
  });

  it("are the same in code", async () => {
    const [, organization, id] = /organization: "(.*)", id: "(.*)"/.exec(mark)!;
    const rules = { Asset: inLibrary({ organization: organization!, id: id! }) };
    expect((await ask("", value("lisbon"), { rules })).isSeen).toBe(true);
    expect((await ask("", value("porto"), { rules })).isSeen).toBe(false);
  });
});

describe("a function", () => {
  interface Row {
    readonly path: string;
  }
  const rules = {
    Asset: inLibrary(({ path }: Row) => {
      const [organizationId, libraryId] = path.split("/");
      return { organizationId: organizationId!, libraryId: libraryId! };
    }),
  };

  it("answers the pair", async () => {
    expect(await ask("", { id: 1, path: `${OWN}/lisbon` }, { rules })).toEqual({
      isSeen: true,
      events: [],
    });
    expect(await ask("", { id: 1, path: `${OWN}/porto` }, { rules })).toEqual({
      isSeen: false,
      events: [],
    });
    expect(await ask("", { id: 1, path: `${OTHER}/lisbon` }, { rules })).toEqual({
      isSeen: false,
      events: [],
    });
  });

  it("need not answer the organization where that is the caller's", async () => {
    const bare = { Asset: inLibrary<Row>(({ path }) => ({ libraryId: path })) };
    const options = { rules: bare, organization: "callers" } as const;
    expect((await ask("", { id: 1, path: "lisbon" }, options)).isSeen).toBe(true);
    expect((await ask("", { id: 1, path: "porto" }, options)).isSeen).toBe(false);
    expect((await ask("", { id: 1, path: "lisbon" }, { rules: bare })).isSeen).toBe(false);
  });

  it("that answers an organization is believed even where that is the caller's", async () => {
    const options = { rules, organization: "callers" } as const;
    expect((await ask("", { id: 1, path: `${OTHER}/lisbon` }, options)).isSeen).toBe(false);
  });
});

describe("a value that does not say it is out of reach, and reported once", () => {
  const broken = () => {
    throw new Error("broken");
  };
  const late = async () => {
    await Promise.resolve();
    throw new Error("late");
  };
  const values: readonly (readonly [string, string, object])[] = [
    ["no property", byName, { org: OWN }],
    ["no organization", byName, { lib: "lisbon" }],
    ["null", byName, { org: OWN, lib: null }],
    ["an empty text", byName, { org: OWN, lib: "" }],
    ["an object", byName, { org: OWN, lib: { toString: () => "lisbon" } }],
    ["a list", byName, { org: OWN, lib: ["lisbon"] }],
    ["a fraction", byName, { org: OWN, lib: 1.5 }],
    ["half a path", byPath, { at: { org: { id: OWN } } }],
    ["a path through text", byPath, { at: { org: { id: OWN }, lib: "slug" } }],
    [
      "a getter that throws",
      byName,
      {
        org: OWN,
        get lib() {
          return broken();
        },
      },
    ],
    ["a method that throws", byName, { org: OWN, lib: broken }],
    ["a method that needs arguments", byName, { org: OWN, lib: (a: { b: string }) => a.b }],
    ["a promise", byName, { org: OWN, lib: Promise.resolve("lisbon") }],
    ["a promise of its organization", byName, { org: Promise.resolve(OWN), lib: "lisbon" }],
    ["a promise that is rejected", byName, { org: OWN, lib: late }],
    ["a promise of its organization that is rejected", byName, { org: late, lib: "lisbon" }],
    ["a promise on the path that is rejected", byPath, { at: { org: { id: OWN }, lib: late } }],
    ["a promise at the start of a path", byPath, { at: late }],
  ];

  it.each(values)("%s", async (_name, mark, value) => {
    const { isSeen, events } = await ask(mark, Object.defineProperty(value, "id", { value: 1 }));
    expect(isSeen).toBe(false);
    expect(events).toEqual([
      {
        type: "misconfigured",
        coordinate: "Asset",
        message: "A resolved Asset does not say its library, so it is out of reach.",
      },
    ]);
  });

  it.each([
    ["throws", broken],
    ["answers nothing", () => undefined],
    ["answers null", () => null],
    ["answers a promise", async () => ({ organizationId: OWN, libraryId: "lisbon" })],
    ["answers a promise that is rejected", late],
    [
      "answers a promise in it that is rejected",
      () => ({ organizationId: late(), libraryId: late() }),
    ],
  ])("a function that %s", async (_name, source) => {
    const rules = { Asset: inLibrary(source as () => null) };
    const { isSeen, events } = await ask("", { id: 1 }, { rules });
    expect([isSeen, events.length]).toEqual([false, 1]);
  });
});

describe("scenario 102: the schema's own field of that name", () => {
  it("says nothing: the value does", async () => {
    const fixture = fixtureOf(sdl(byName), {
      resolvers: {
        Query: {
          one: () => ({ id: 1, org: OWN, lib: "porto" }),
          list: () => [{ id: 2, org: OWN, lib: "lisbon" }],
        },
        Asset: { lib: () => "lisbon" },
      },
    });
    const { data } = await fixture.send("{ one { lib: id id: lib } list { lib: id id: lib } }");
    expect(data).toEqual({ one: null, list: [{ lib: 2, id: "lisbon" }] });
  });
});

describe("inLibrary() itself", () => {
  it.each([
    [{}, TypeError],
    [{ id: "" }, RangeError],
    [{ id: 5 }, TypeError],
    [{ id: "a", organization: "" }, RangeError],
    [{ id: "a", organization: null }, TypeError],
    [{ id: "a", library: "b" }, TypeError],
    [null, TypeError],
    ["lib", TypeError],
  ])("takes a function or paths: %j", (source, error) => {
    expect(() => inLibrary(source as { id: string })).toThrow(error);
  });

  it.each(["a..b", ".a", "a.", "."])("takes no path with a hole: %s", (id) => {
    expect(() => inLibrary({ id })).toThrow(RangeError);
    expect(() => inLibrary({ id: "a", organization: id })).toThrow(RangeError);
  });
});
