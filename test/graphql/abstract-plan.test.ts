/** Selections on interfaces and unions are judged as that field of every object type that may be behind them. */
import { describe, expect, it } from "vitest";
import { callerOf, executors, fixtureOf, problemsOf, ran } from "./support-complete.js";

const SDL = /* GraphQL */ `
  interface Shelf {
    books: Int
    size: Int
  }
  interface Node {
    id: ID
  }
  union Thing = Hall | Cabin
  type Query {
    shelf: Shelf @apiKey
    shelves: [Shelf] @apiKey
    thing: Thing @apiKey
    hall: Hall @apiKey
  }
  type Mutation {
    shelf: Shelf @apiKey
  }
  type Hall implements Shelf & Node @unmarked(why: "no data") {
    id: ID
    books: Int
    size: Int
  }
  # Books of a cabin are those of porto, unless somebody asks for others.
  type Cabin implements Shelf & Node @unmarked(why: "no data") {
    id: ID
    books(libraryId: ID = "porto" @library): Int
    size: Int
    beds(libraryId: ID! @library): Int
  }
`;

const options = {
  types: "none",
  organization: "callers",
  resolvers: {
    Query: {
      shelf: () => ({ __typename: "Hall", books: 1 }),
      shelves: () => [{ __typename: "Hall", books: 1 }],
      thing: () => ({ __typename: "Hall", books: 1 }),
      hall: () => ({ books: 1 }),
    },
    Mutation: { shelf: () => ({ __typename: "Hall", books: 1 }) },
  },
} as const;

const porto = callerOf({ porto: "read" });
const lisbon = callerOf({ lisbon: "read" });
const portoWrite = callerOf({ porto: "write" });

// Each names porto as the default of one of the possible types; a caller of lisbon is its twin.
const judged: readonly (readonly [name: string, query: string])[] = [
  ["an interface", "{ shelf { books } }"],
  ["a list of an interface", "{ shelves { books } }"],
  ["an alias", "{ shelf { size: books } }"],
  ["a fragment on the interface", "{ shelf { ...F } } fragment F on Shelf { books }"],
  ["an inline fragment on the interface", "{ shelf { ... on Shelf { books } } }"],
  ["an inline fragment without a type", "{ shelf { ... { books } } }"],
  ["a fragment on the type behind it", "{ shelf { ... on Cabin { books } } }"],
  ["an interface in a union", "{ thing { ... on Shelf { books } } }"],
  ["an interface behind another", "{ shelf { ... on Node { ... on Shelf { books } } } }"],
  ["a member of a union", "{ thing { ... on Cabin { books } } }"],
];

describe.each(executors)("by %s", (_name, execute) => {
  const fixture = fixtureOf(SDL, options);

  it.each(judged)(
    "scenario 92: a defaulted argument behind %s is let through",
    async (_n, query) => {
      const { outcome, errors } = await fixture.send(query, { caller: porto, execute });
      expect([outcome, errors]).toEqual(["runs", undefined]);
    },
  );

  it.each(judged)("scenario 92: a defaulted argument behind %s is refused", async (_n, query) => {
    const { outcome, refusals } = await fixture.send(query, { caller: lisbon, execute });
    expect([outcome, refusals[0]!.coordinate]).toEqual(["library", "Cabin.books"]);
    expect(ran(fixture)).toEqual([]);
  });

  it("what is on no type with a target is not judged, whichever it is", async () => {
    for (const query of [
      "{ shelf { size } }",
      "{ shelf { ... on Hall { books } } }",
      "{ thing { ... on Hall { books } } }",
      "{ hall { books } }",
      "{ hall { ... on Shelf { books } } }",
      "{ hall { ... on Node { ... on Cabin { books } } } }",
      "{ thing { __typename } }",
    ]) {
      expect((await fixture.send(query, { caller: callerOf({}), execute })).outcome).toBe("runs");
    }
  });

  it("scenario 62: a target on one member of a union is judged", async () => {
    const query = (library: string) =>
      `{ thing { ... on Cabin { beds(libraryId: "${library}") } } }`;
    expect((await fixture.send(query("porto"), { caller: porto, execute })).outcome).toBe("runs");
    expect((await fixture.send(query("lisbon"), { caller: porto, execute })).outcome).toBe(
      "library",
    );
  });

  it("needs write below a mutation", async () => {
    const query = "mutation { shelf { books } }";
    expect((await fixture.send(query, { caller: portoWrite, execute })).outcome).toBe("runs");
    const reader = callerOf({ porto: "read", lisbon: "write" });
    expect((await fixture.send(query, { caller: reader, execute })).outcome).toBe("library");
    expect(ran(fixture)).toEqual([]);
  });
});

describe("marks on an interface bind what implements it", () => {
  const MARKED = /* GraphQL */ `
    interface Owned @inLibrary(id: "lib") {
      id: ID
      copies(libraryId: ID! @library): Int
      secret: Int @apiKey(level: WRITE)
    }
    interface Held implements Owned {
      id: ID
      copies(libraryId: ID!): Int
      secret: Int
    }
    type Query {
      book: Book
      owned: Owned
      owner: Owner
    }
    type Book implements Owned & Held {
      id: ID
      copies(libraryId: ID!): Int
      secret: Int
    }
    type Owner {
      map: Map
      count: Int
    }
    type Map implements Owned {
      id: ID
      copies(libraryId: ID!, scale: Int): Int
      secret: Int
    }
  `;
  const resolvers = {
    Query: {
      book: () => ({ lib: "lisbon", id: 1 }),
      owned: () => ({ __typename: "Book", lib: "porto", id: 2 }),
      owner: () => ({ map: { lib: "lisbon", id: 3 } }),
    },
  };
  const fixture = fixtureOf(MARKED, { organization: "callers", resolvers });

  it.each(["book", "owned", "owner { map { copies(libraryId: LIB, scale: 1) } } book"])(
    "scenario 61: their arguments, in %s",
    async (field) => {
      const query = (library: string) =>
        `{ ${field.replace("LIB", `"${library}"`)} { copies(libraryId: "${library}") } }`;
      expect((await fixture.send(query("lisbon"))).outcome).toBe("runs");
      expect((await fixture.send(query("porto"))).outcome).toMatch(/^library(, library)*$/);
    },
  );

  it.each([
    "{ book { copies(libraryId: LIB) } }",
    "{ book { ... on Book { copies(libraryId: LIB) } } }",
    "{ book { ... on Held { copies(libraryId: LIB) } } }",
    "{ owned { ... on Map { copies(libraryId: LIB) } } }",
    "{ owned { ... on Held { ... on Owned { copies(libraryId: LIB) } } } }",
  ])("scenario 61: a fragment on a concrete type is no way around them: %s", async (query) => {
    expect((await fixture.send(query.replace("LIB", '"barcelona"'))).outcome).toBe("runs");
    expect((await fixture.send(query.replace("LIB", '"porto"'))).outcome).toMatch(/^library/);
    expect(ran(fixture)).toEqual([]);
  });

  it("their fields", async () => {
    const query = "{ book { secret } }";
    expect((await fixture.send(query)).outcome).toBe("runs");
    expect((await fixture.send(query, { caller: callerOf({ lisbon: "read" }) })).outcome).toBe(
      "level",
    );
  });

  it("their objects", async () => {
    const { data } = await fixture.send("{ book { id } owned { id } owner { map { id } } }");
    expect(data).toEqual({ book: { id: "1" }, owned: null, owner: { map: { id: "3" } } });
  });

  it("together with those of the type itself: both must hold", async () => {
    const both = fixtureOf(
      MARKED.replace("type Book implements Owned & Held", '$& @inLibrary(id: "other")'),
      {
        organization: "callers",
        resolvers: {
          Query: {
            book: () => ({ lib: "lisbon", other: "barcelona", id: 1 }),
            owned: () => ({ __typename: "Book", lib: "lisbon", other: "porto", id: 2 }),
          },
        },
      },
    );
    const { data } = await both.send("{ book { id } owned { id } }");
    expect(data).toEqual({ book: { id: "1" }, owned: null });
  });

  it("and contradict @unmarked on one of those", () => {
    const sdl = MARKED.replace("type Map implements Owned", '$& @unmarked(why: "no")');
    expect(problemsOf(sdl, { organization: "callers" })).toEqual([
      "Map is marked and unmarked: leave one of them out",
    ]);
  });

  it("also in code, and only where the interface has them", () => {
    const sdl = MARKED.replace("copies(libraryId: ID! @library)", "copies(libraryId: ID!)");
    expect(problemsOf(sdl, { organization: "callers" })).toEqual([]);
    expect(
      problemsOf(MARKED, {
        organization: "callers",
        rules: { "Owned.lost": { kind: "apiKey", level: null }, "Owned.copies(none:)": [] },
      }),
    ).toEqual(
      expect.arrayContaining([
        "Owned.lost does not exist",
        "Owned.copies(none:) has no rule: write one",
      ]),
    );
  });
});

describe("@apiKey on an interface or a union", () => {
  const sdl = (hall: string, cabin: string) => /* GraphQL */ `
    interface Shelf {
      id: ID
    }
    type Query {
      shelf: Shelf @apiKey
      other: Marked
    }
    type Mutation {
      shelf: Shelf @apiKey
    }
    type Marked @inLibrary(id: "lib") {
      id: ID
    }
    type Hall implements Shelf
    ${hall}
    {
      id: ID
    }
    type Cabin implements Shelf
    ${cabin}
    {
      id: ID
    }
  `;
  const unmarked = '@unmarked(why: "public")';
  const marked = '@inLibrary(id: "lib")';

  it.each([
    [unmarked, unmarked],
    [unmarked, marked],
    [marked, marked],
  ])("scenario 60: covers members that are marked or unmarked: %s, %s", (hall, cabin) => {
    expect(problemsOf(sdl(hall, cabin), { organization: "callers" })).toEqual([]);
  });

  it.each([
    ["", unmarked, ["Hall"]],
    [marked, "", ["Cabin"]],
    ["", "", ["Hall", "Cabin"]],
  ])("scenario 60: covers no member of which nothing is said: %s, %s", (hall, cabin, missing) => {
    const remedy = (root: string, name: string) =>
      `${root}.shelf has @apiKey and may return ${name} as Shelf: write @inLibrary or @unmarked on ${name}`;
    expect(problemsOf(sdl(hall, cabin), { organization: "callers" }).toSorted()).toEqual(
      ["Query", "Mutation"].flatMap((root) => missing.map((name) => remedy(root, name))).toSorted(),
    );
  });
});
