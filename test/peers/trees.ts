/** A folder here, in which the first versions are that go together, and what is run on them. */
export interface Tree {
  readonly folder: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

const everything = ["test/{graphql,adapters,management}/**/*.test.ts"];

/** Tries a tool on broken guards: much work, and little of it graphql's. */
const MUTANTS = "test/graphql/testing-mutants.test.ts";

export const trees: readonly Tree[] = [
  {
    folder: "graphql-16",
    include: everything,
    exclude: [
      MUTANTS,
      "test/adapters/{apollo,nestjs}*.test.ts", // take graphql 16.11 and later: below
      "test/adapters/mercurius-newer.test.ts", // hooks that Mercurius 16.0 does not have
      "test/adapters/yoga-newer.test.ts", // what Yoga 5.9 cannot do itself
      "test/adapters/yoga-cache.test.ts", // a plugin, of which this version leaves names of its own in answers
    ],
  },
  {
    folder: "graphql-17",
    include: everything,
    exclude: [
      MUTANTS,
      "test/adapters/{apollo,mercurius,nestjs}*.test.ts", // take 16 only
      "test/adapters/yoga-*.test.ts", // Yoga's own ways: above, on its first version
    ],
  },
  {
    folder: "apollo-5",
    include: ["test/adapters/apollo*.test.ts"],
    exclude: ["test/adapters/apollo-newer.test.ts"],
  },
];
