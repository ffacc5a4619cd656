/** Whose library it is: the organization of a request, and the two ways not to ask for it. */
import { describe, expect, it } from "vitest";
import { callerOf, fixtureOf, OTHER, OWN, problemsOf } from "./fixtures.js";

const SDL = /* GraphQL */ `
  input Owned {
    organizationId: ID! @organization
    libraryId: ID! @library
    more: [Part!]
  }
  input Part {
    libraryId: ID! @library
  }
  type Query {
    one(organizationId: ID! @organization, libraryId: ID! @library): Int
    several(organizations: [ID!] @organization, libraryId: ID! @library): Int
    owned(owned: Owned!): Int
    organization(organizationId: ID! @organization): Organization! @apiKey
    viewer(organizationId: ID @organization): Int @apiKey
  }
  type Organization {
    books(libraryId: ID! @library): Int
    shelf: Shelf
  }
  type Shelf {
    books(libraryId: ID! @library): Int
  }
`;

const { send, calls } = fixtureOf(SDL, { types: "none" });

const own = JSON.stringify(OWN);
const other = JSON.stringify(OTHER);

describe("an organization", () => {
  const rows: readonly (readonly [allowed: string, refused: string])[] = [
    [
      `{ one(organizationId: ${own}, libraryId: "barcelona") }`,
      `{ one(organizationId: ${other}, libraryId: "barcelona") }`,
    ],
    [
      `query ($o: ID! = ${own}) { one(organizationId: $o, libraryId: "barcelona") }`,
      `query ($o: ID! = ${other}) { one(organizationId: $o, libraryId: "barcelona") }`,
    ],
    [
      `{ several(organizations: [${own}, ${own}], libraryId: "barcelona") }`,
      `{ several(organizations: [${own}, ${other}], libraryId: "barcelona") }`,
    ],
    [
      `{ owned(owned: { organizationId: ${own}, libraryId: "barcelona" }) }`,
      `{ owned(owned: { organizationId: ${other}, libraryId: "barcelona" }) }`,
    ],
    [
      `{ organization(organizationId: ${own}) { books(libraryId: "barcelona") } }`,
      `{ organization(organizationId: ${other}) { books(libraryId: "barcelona") } }`,
    ],
    [
      `{ organization(organizationId: ${own}) { shelf { books(libraryId: "barcelona") } } }`,
      `{ organization(organizationId: ${other}) { shelf { books(libraryId: "barcelona") } } }`,
    ],
    [`{ viewer(organizationId: ${own}) }`, `{ viewer(organizationId: ${other}) }`],
  ];

  it.each(rows)("must be the caller's own: %s", async (allowed, refused) => {
    expect((await send(allowed)).outcome).toBe("runs");
    expect(calls).not.toEqual([]);
    expect((await send(refused)).outcome).toBe("organization");
    expect(calls).toEqual([]);
  });

  it.each(["MONOGRAM-LABS", "monogram-labs ", "monogram\u2010labs", "__proto__", "*"])(
    "must be it to the letter: %s",
    async (organizationId) => {
      const query = 'query ($o: ID!) { one(organizationId: $o, libraryId: "barcelona") }';
      expect((await send(query, { variables: { o: organizationId } })).outcome).toBe(
        "organization",
      );
      expect((await send(query, { variables: { o: OWN } })).outcome).toBe("runs");
    },
  );

  it.each([
    ["{ viewer }", "missing"],
    ["{ viewer(organizationId: null) }", "missing"],
    ['{ viewer(organizationId: "") }', "unreadable"],
    ['{ several(libraryId: "barcelona") }', "missing"],
    ['{ several(organizations: [], libraryId: "barcelona") }', "missing"],
  ])("must be given: %s", async (query, outcome) => {
    expect((await send(query)).outcome).toBe(outcome);
    expect(calls).toEqual([]);
  });

  it("scenario 91: does not make another organization's library of the same name one's own", async () => {
    const caller = callerOf({ barcelona: "write" }, { organizationId: OTHER });
    const query = (organizationId: string) =>
      `{ one(organizationId: ${organizationId}, libraryId: "barcelona") }`;
    expect((await send(query(own), { caller })).outcome).toBe("organization");
    expect((await send(query(other), { caller })).outcome).toBe("runs");
  });

  it("does not cover for a library out of reach", async () => {
    expect((await send(`{ one(organizationId: ${own}, libraryId: "porto") }`)).outcome).toBe(
      "library",
    );
    expect(
      (
        await send(
          `{ owned(owned: { organizationId: ${own}, libraryId: "lisbon", more: [{ libraryId: "porto" }] }) }`,
        )
      ).outcome,
    ).toBe("library");
    expect(
      (await send(`{ organization(organizationId: ${own}) { books(libraryId: "porto") } }`))
        .outcome,
    ).toBe("library");
  });
});

describe("createGuard, about a library without an organization", () => {
  const remedy =
    "names a library of no organization: mark the organization in this field or one above it with " +
    '@organization, or say `organization: "callers"` or `libraryIds: "global"`';

  const rows: readonly (readonly [refused: string, coordinate: string, accepted: string])[] = [
    [
      "type Query { one(libraryId: ID! @library): Int }",
      "Query.one",
      "type Query { one(libraryId: ID! @library, o: ID! @organization): Int }",
    ],
    [
      `input In { libraryId: ID! @library } type Query { one(in: In!): Int }`,
      "Query.one",
      `input In { libraryId: ID! @library o: ID! @organization } type Query { one(in: In!): Int }`,
    ],
    [
      // A list can be empty, and so name no organization.
      `input Owner { o: ID! @organization } type Query { one(libraryId: ID! @library, owners: [Owner!]!): Int }`,
      "Query.one",
      `input Owner { o: ID! @organization } type Query { one(libraryId: ID! @library, owners: Owner!): Int }`,
    ],
    [
      // A nullable object can be absent.
      `input Owner { o: ID! @organization } type Query { one(libraryId: ID! @library, owner: Owner): Int }`,
      "Query.one",
      `input Wrap { owner: Owner! } input Owner { o: ID! @organization }
       type Query { one(libraryId: ID! @library, owner: Wrap!): Int }`,
    ],
    [
      `input Wrap { owner: Owner note: Int } input Owner { o: ID! @organization }
       type Query { one(libraryId: ID! @library, owner: Wrap!): Int }`,
      "Query.one",
      `input Wrap { owner: Owner! note: Int } input Owner { o: ID! @organization }
       type Query { one(libraryId: ID! @library, owner: Wrap!): Int }`,
    ],
    [
      // The organization stands beside, not above.
      `input A { o: ID! @organization } input B { libraryId: ID! @library } input In { a: A b: B }
       type Query { one(in: In!): Int }`,
      "Query.one",
      `input B { libraryId: ID! @library } input In { o: ID! @organization b: B }
       type Query { one(in: In!): Int }`,
    ],
    [
      `input T { libraryId: ID @library t: T } type Query { one(t: T!): Int }`,
      "Query.one",
      `input T { libraryId: ID @library t: T } type Query { one(t: T!, o: ID! @organization): Int }`,
    ],
    [
      `type Query { organization: Org @apiKey } type Org { books(libraryId: ID! @library): Int }`,
      "Org.books",
      `type Query { organization(o: ID! @organization): Org @apiKey } type Org { books(libraryId: ID! @library): Int }`,
    ],
    [
      // Of @oneOf the other member is absent.
      `input In @oneOf { o: ID @organization l: ID @library } type Query { one(in: In!): Int }`,
      "Query.one",
      `input In @oneOf { m: ID @library l: ID @library } type Query { one(in: In!, o: ID! @organization): Int }`,
    ],
    [
      // One way there names it, the other does not.
      `type Query { organization(o: ID! @organization): Org @apiKey home: Org @apiKey }
       type Org { books(libraryId: ID! @library): Int }`,
      "Org.books",
      `type Query { organization(o: ID! @organization): Org @apiKey home(o: ID! @organization): Org @apiKey }
       type Org { books(libraryId: ID! @library): Int }`,
    ],
    [
      `interface Any { books(libraryId: ID!): Int } type Wrap { any: Any }
       type Query { organization: Wrap @apiKey }
       type Org implements Any { books(libraryId: ID! @library): Int }`,
      "Org.books",
      `interface Any { books(libraryId: ID!): Int } type Wrap { any: Any }
       type Query { organization(o: ID! @organization): Wrap @apiKey }
       type Org implements Any { books(libraryId: ID! @library): Int }`,
    ],
    [
      // A root type is reached without whatever leads back to it.
      `type Query { again(o: ID! @organization): Query @apiKey one(libraryId: ID! @library): Int }`,
      "Query.one",
      `type Query { again: Query @apiKey one(libraryId: ID! @library, o: ID! @organization): Int }`,
    ],
  ];

  it.each(rows)("refuses %s", (refused, coordinate, accepted) => {
    expect(problemsOf(refused, { types: "none" })).toEqual([`${coordinate} ${remedy}`]);
    expect(problemsOf(accepted, { types: "none" })).toEqual([]);
    expect(problemsOf(refused, { types: "none", organization: "callers" })).toEqual([]);
    expect(problemsOf(refused, { types: "none", libraryIds: "global" })).toEqual([]);
  });

  it("leaves alone what no operation can reach", () => {
    const unused = "type Query { one(libraryId: ID! @library, o: ID! @organization): Int }";
    const lost = "type Lost { books(libraryId: ID! @library): Int }";
    expect(problemsOf(`${unused} ${lost}`, { types: "none" })).toEqual([]);
  });

  it("refuses a type whose rule names none", () => {
    const sdl = (mark: string) =>
      `type Query { assets: [Asset!]! } type Asset ${mark} { name: String }`;
    const problem =
      'Asset does not say its organization: write @inLibrary(organization: "organizationId", id: …)';
    expect(problemsOf(sdl('@inLibrary(id: "libraryId")'))).toEqual([problem]);
    expect(problemsOf(sdl('@inLibrary(organization: "o", id: "libraryId")'))).toEqual([]);
    expect(problemsOf(sdl('@inLibrary(id: "libraryId")'), { organization: "callers" })).toEqual([]);
    expect(problemsOf(sdl('@inLibrary(id: "libraryId")'), { libraryIds: "global" })).toEqual([]);
  });
});

describe.each([{ organization: "callers" }, { libraryIds: "global" }] as const)(
  "with %o",
  (option) => {
    const { send, calls } = fixtureOf(
      `type Query { one(libraryId: ID! @library): Int named(o: ID! @organization, libraryId: ID! @library): Int }`,
      { types: "none", ...option },
    );

    it("a library needs no organization", async () => {
      expect((await send('{ one(libraryId: "barcelona") }')).outcome).toBe("runs");
      expect((await send('{ one(libraryId: "porto") }')).outcome).toBe("library");
      expect(calls).toEqual([]);
    });

    it("an organization that is named still must be the caller's own", async () => {
      expect((await send(`{ named(o: ${own}, libraryId: "barcelona") }`)).outcome).toBe("runs");
      expect((await send(`{ named(o: ${other}, libraryId: "barcelona") }`)).outcome).toBe(
        "organization",
      );
    });
  },
);
