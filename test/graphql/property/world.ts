/** The schema of the property test, in SDL for the guard and by hand for the oracle. */

export const SDL = /* GraphQL */ `
  input Where {
    l: ID! @library
    more: [Where!]
    not: Where
    place: ID! = "barcelona" @library
  }
  type Query {
    one(o: ID! @organization, l: ID! @library): Int
    many(o: ID! @organization, ls: [ID!] @library): Int
    deep(o: ID! @organization, lss: [[ID!]!] @library): Int
    fallback(o: ID! @organization, l: ID! = "lisbon" @library): Int
    where(o: ID! @organization, w: Where): Int
    search(o: ID! @organization, ls: [ID!] @library(whenOmitted: REACHABLE)): [Asset!]!
    assets: [Asset]
    asset: Asset
    any: Int @apiKey
    strong: Int @apiKey(level: WRITE)
    hall(o: ID! @organization): Hall @apiKey
    again: Query @apiKey
  }
  type Mutation {
    change(o: ID! @organization, l: ID! @library): Int
    soft(o: ID! @organization, l: ID! @library(level: READ)): Int
    make: Payload @apiKey
  }
  interface Room {
    books(o: ID!, l: ID!): Int
    hall: Hall
  }
  type Payload {
    query: Query
    hall: Hall
    asset: Asset
  }
  type Hall implements Room {
    books(o: ID! @organization, l: ID! @library): Int
    card(o: ID! @organization, l: ID! @library(level: WRITE)): Int
    assets: [Asset!]
    hall: Hall
  }
  type Asset @inLibrary(organization: "o", id: "l") {
    key: String
    hall: Hall
  }
`;

export type Level = "read" | "write";

/** What an argument holds. */
export type Shape = "id" | "where" | { readonly list: Shape };

export interface Argument {
  readonly shape: Shape;
  readonly names: "organization" | "library";
  readonly nonNull?: boolean;
  readonly default?: string;
  readonly level?: Level;
  readonly reachable?: boolean;
}

export interface Field {
  readonly args?: Readonly<Record<string, Argument>>;
  /** Name of the object type it answers; absent: Int or String. */
  readonly type?: string;
  /** Of @apiKey. */
  readonly key?: "any" | Level;
}

const o: Argument = { shape: "id", names: "organization", nonNull: true };
const l: Argument = { shape: "id", names: "library", nonNull: true };
const ids: Shape = { list: "id" };

/** Type → field. Written by hand, not read from the schema: that is what is tested. */
export const TYPES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  Query: {
    one: { args: { o, l } },
    many: { args: { o, ls: { shape: ids, names: "library" } } },
    deep: { args: { o, lss: { shape: { list: ids }, names: "library" } } },
    fallback: { args: { o, l: { ...l, default: "lisbon" } } },
    where: { args: { o, w: { shape: "where", names: "library" } } },
    search: { args: { o, ls: { shape: ids, names: "library", reachable: true } }, type: "Asset" },
    assets: { type: "Asset" },
    asset: { type: "Asset" },
    any: { key: "any" },
    strong: { key: "write" },
    hall: { args: { o }, type: "Hall", key: "any" },
    again: { type: "Query", key: "any" },
  },
  Mutation: {
    change: { args: { o, l } },
    soft: { args: { o, l: { ...l, level: "read" } } },
    make: { type: "Payload", key: "any" },
  },
  Payload: { query: { type: "Query" }, hall: { type: "Hall" }, asset: { type: "Asset" } },
  Hall: {
    books: { args: { o, l } },
    card: { args: { o, l: { ...l, level: "write" } } },
    assets: { type: "Asset" },
    hall: { type: "Hall" },
  },
  Asset: { key: {}, hall: { type: "Hall" } },
};

export const ORGANIZATIONS = ["monogram-labs", "acme-co"] as const;
export const LIBRARIES = ["barcelona", "lisbon", "porto", "5", "constructor"] as const;

/** Every library of both organizations has two assets; two more say no library. */
export const ASSETS = [
  ...ORGANIZATIONS.flatMap((o) =>
    LIBRARIES.flatMap((l) => [1, 2].map((n) => ({ o, l, key: `${o}/${l}/${n}` }))),
  ),
  { o: ORGANIZATIONS[0], key: "nowhere/1" },
  { l: LIBRARIES[0], key: "nowhere/2" },
];
