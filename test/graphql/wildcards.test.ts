/** `"*(libraryId:)": library()`: one line for every argument and input field of a name. */
import { describe, expect, it } from "vitest";
import { apiKey, inLibrary, library, organization, unmarked } from "../../src/graphql/index.js";
import { fixtureOf, problemsOf, schemaOf } from "./support-complete.js";

const SDL = /* GraphQL */ `
  interface Shelf {
    books(libraryId: ID!): Int
  }
  input Filter {
    libraryId: ID!
    name: String
  }
  type Query {
    one(libraryId: ID!): Int
    many(libraryId: [ID!]!): Int
    filtered(filter: Filter!): Int
    strict(libraryId: ID!): Int
    public(libraryId: ID!): Int
    hall: Hall
  }
  type Mutation {
    change(libraryId: ID!): Int
  }
  type Hall implements Shelf {
    books(libraryId: ID!): Int
  }
`;

const given = { types: "none", organization: "callers" } as const;
const rules = {
  "*(libraryId:)": library(),
  "Query.strict(libraryId:)": library({ level: "write" }),
  "Query.public(libraryId:)": unmarked("shows the public page of a library"),
  "Query.public": apiKey(),
  "Query.hall": apiKey(),
};

const fixture = fixtureOf(SDL, {
  ...given,
  rules,
  resolvers: { Query: { hall: () => ({}) } },
});

const rows: readonly (readonly [query: string, within: string, without: string])[] = [
  ["{ one(libraryId: LIB) }", "lisbon", "porto"],
  ["{ many(libraryId: [LIB]) }", "lisbon", "porto"],
  ["{ filtered(filter: { libraryId: LIB }) }", "lisbon", "porto"],
  ["{ hall { books(libraryId: LIB) } }", "lisbon", "porto"],
  ["mutation { change(libraryId: LIB) }", "barcelona", "lisbon"],
];

describe("a wildcard", () => {
  it.each(rows)(
    "marks every argument and input field of its name: %s",
    async (query, within, without) => {
      const send = (id: string) => fixture.send(query.replace("LIB", `"${id}"`));
      expect((await send(within)).outcome).toBe("runs");
      expect((await send(without)).outcome).toBe("library");
      expect(fixture.calls).toEqual([]);
    },
  );

  it("gives way to a rule of a coordinate of its own", async () => {
    expect((await fixture.send('{ strict(libraryId: "barcelona") }')).outcome).toBe("runs");
    expect((await fixture.send('{ strict(libraryId: "lisbon") }')).outcome).toBe("library");
  });

  it("gives way in whatever order they are written", async () => {
    const { send } = fixtureOf(SDL, {
      ...given,
      rules: Object.fromEntries(Object.entries(rules).toReversed()),
    });
    expect((await send('{ strict(libraryId: "lisbon") }')).outcome).toBe("library");
    expect((await send('{ public(libraryId: "porto") }')).outcome).toBe("runs");
  });

  it("gives way to a mark in SDL, and to one on an interface", async () => {
    const sdl = SDL.replace(
      "one(libraryId: ID!)",
      "one(libraryId: ID! @library(level: WRITE))",
    ).replace("books(libraryId: ID!)", "books(libraryId: ID! @library(level: WRITE))");
    const { send } = fixtureOf(sdl, {
      ...given,
      rules,
      resolvers: { Query: { hall: () => ({}) } },
    });
    expect((await send('{ one(libraryId: "lisbon") }')).outcome).toBe("library");
    expect((await send('{ one(libraryId: "barcelona") }')).outcome).toBe("runs");
    expect((await send('{ hall { books(libraryId: "lisbon") } }')).outcome).toBe("library");
    expect((await send('{ hall { books(libraryId: "barcelona") } }')).outcome).toBe("runs");
  });

  it("leaves what is unmarked alone", async () => {
    expect((await fixture.send('{ public(libraryId: "porto") }')).outcome).toBe("runs");
    const marked = fixtureOf(SDL, {
      ...given,
      rules: { ...rules, "Query.public(libraryId:)": library() },
      resolvers: {},
    });
    expect((await marked.send('{ public(libraryId: "porto") }')).outcome).toBe("library");
  });

  it("binds a field that is added later", async () => {
    const { send } = fixtureOf(
      SDL.replace("type Query {", "type Query { later(libraryId: ID!): Int"),
      {
        ...given,
        rules,
      },
    );
    expect((await send('{ later(libraryId: "lisbon") }')).outcome).toBe("runs");
    expect((await send('{ later(libraryId: "porto") }')).outcome).toBe("library");
  });

  it("can be of several rules, and of organizations", async () => {
    const { send } = fixtureOf(`type Query { one(org: ID!, libraryId: ID!): Int }`, {
      types: "none",
      rules: {
        "*(org:)": organization(),
        "*(libraryId:)": [library(), library({ level: "write" })],
      },
    });
    const query = (org: string, lib: string) => `{ one(org: "${org}", libraryId: "${lib}") }`;
    expect((await send(query("monogram-labs", "barcelona"))).outcome).toBe("runs");
    expect((await send(query("monogram-labs", "lisbon"))).outcome).toBe("library");
    expect((await send(query("acme-co", "barcelona"))).outcome).toBe("organization");
  });

  it("shows in the manifest as the marks that it stands for", () => {
    const field = fixture.guard.manifest().fields.find((one) => one.field === "Query.filtered");
    expect(field!.targets).toEqual([{ at: "filter.libraryId", kind: "library" }]);
  });
});

describe("createGuard throws for a wildcard", () => {
  const sdl = `input Filter { libraryId: ID } type Query { one(libraryId: ID!, filter: Filter): Int }`;

  it.each([
    ["*(lost:)", library(), ["*(lost:) names nothing in the schema"]],
    ["*", library(), ['* is no schema coordinate: write "*(name:)"']],
    ["*libraryId", library(), ['*libraryId is no schema coordinate: write "*(name:)"']],
    ["*(libraryId)", library(), ['*(libraryId) is no schema coordinate: write "*(name:)"']],
    [
      "*.one(libraryId:)",
      library(),
      ['*.one(libraryId:) is no schema coordinate: write "*(name:)"'],
    ],
    ["*(a:)(b:)", library(), ['*(a:)(b:) is no schema coordinate: write "*(name:)"']],
  ])("that names nothing: %s", (coordinate, rule, problems) => {
    const all = { "*(libraryId:)": library(), [coordinate]: rule };
    expect(problemsOf(sdl, { ...given, rules: all })).toEqual(problems);
  });

  it.each([
    ["apiKey()", apiKey()],
    ["inLibrary()", inLibrary({ id: "lib" })],
    ["nothing", undefined],
    ["text", "library"],
  ])("of a kind that does not fit: %s", (_name, rule) => {
    const problems = problemsOf(sdl, { ...given, rules: { "*(libraryId:)": rule } });
    expect(problems).toContainEqual(
      expect.stringMatching(
        /^Query.one\(libraryId:\) has a rule that does not fit, .*: write organization\(\) or library\(\)$/,
      ),
    );
    expect(problems).toContainEqual(
      expect.stringMatching(/^Filter.libraryId has a rule that does not fit/),
    );
  });

  it("of no rule at all", () => {
    expect(problemsOf(sdl, { ...given, rules: { "*(libraryId:)": [] } })).toContain(
      "*(libraryId:) has no rule: write one",
    );
  });

  it("that marks what cannot be an id", () => {
    const odd = `input Filter { libraryId: ID } type Query { one(libraryId: Filter): Int, two(libraryId: Float): Int }`;
    const problems = problemsOf(odd, { ...given, rules: { "*(libraryId:)": library() } });
    expect(problems).toContain(
      "Query.one(libraryId:) is of type Filter, which names nothing: mark an id",
    );
    expect(problems).toContain(
      "Query.two(libraryId:) is of type Float, which names nothing: mark an id",
    );
  });

  it("on a schema whose unmarked exceptions do not exist", () => {
    const all = { "*(libraryId:)": library(), "Query.lost(libraryId:)": unmarked("no") };
    expect(problemsOf(schemaOf(sdl), { ...given, rules: all })).toEqual([
      "Query.lost(libraryId:) does not exist",
    ]);
  });
});
