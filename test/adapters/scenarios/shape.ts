/** Group A: the shape of the operation. */
import { expect } from "vitest";
import { refused, runs, stopped, type Row } from "./row.js";
import { serviceScene } from "./service.js";

const one = (lib: string) => `one(lib: "${lib}")`;
const LISBON = { one: "lisbon" };

const aliases = (last: string) =>
  `{ ${Array.from({ length: 50 }, (_, i) => `a${i}: ${one("lisbon")}`).join(" ")} z: ${one(last)} }`;

/** Fragments that each spread the next one twice: what follows all spreads a second time never ends. */
function fanOut(last: string): string {
  const fragments = Array.from(
    { length: 40 },
    (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
  );
  return `{ ...F0 } ${fragments.join(" ")} fragment F40 on Query { ${one(last)} }`;
}

const unvalidated = () => serviceScene({ unvalidated: true });
const upload = (lib: string, below = "asset { id }") => `upload(lib: "${lib}") { ${below} }`;

const reads = {
  sdl: `schema { query: Reads mutation: Query }
    type Reads { one(lib: ID! @library): String } type Query { change(lib: ID! @library): String }`,
  resolvers: { Reads: { one: () => "read" }, Query: { change: () => "changed" } },
  guard: { types: "none" },
} as const;

const directive = {
  sdl: `directive @parseRefs(ids: [ID!]) on FIELD type Query { one(lib: ID! @library): String }`,
  resolvers: { Query: { one: () => "here" } },
  guard: { types: "none", rules: { "@parseRefs": { kind: "unmarked", why: "does nothing here" } } },
} as const;

/** Another schema at the same address, with the same field asking for more. */
const strict = {
  sdl: "type Query { one(lib: ID! @library(level: WRITE)): String }",
  resolvers: { Query: { one: () => "strictly" } },
  guard: { types: "none" },
} as const;

export const shape: readonly Row[] = [
  {
    number: 1,
    title: "one forbidden target among many aliases",
    asks: [
      runs(aliases("barcelona"), {
        ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`a${i}`, "lisbon"])),
        z: "barcelona",
      }),
      refused(aliases("porto")),
    ],
  },
  {
    number: 2,
    title: "a mutation with an allowed and a forbidden field",
    asks: [
      runs(`mutation { a: ${upload("barcelona")} b: ${upload("barcelona")} }`, {
        a: { asset: { id: "b1" } },
        b: { asset: { id: "b1" } },
      }),
      refused(`mutation { a: ${upload("barcelona")} b: ${upload("lisbon")} }`),
    ],
  },
  {
    number: 3,
    title: "an allowed mutation with a forbidden selection",
    asks: [
      runs(`mutation { signup { related(lib: "barcelona") } }`, {
        signup: { related: "barcelona" },
      }),
      refused(`mutation { signup { related(lib: "lisbon") } }`),
      refused(`mutation { ${upload("barcelona", `related(lib: "porto")`)} }`),
    ],
  },
  {
    number: 4,
    title: "root fields in a named fragment",
    asks: [
      runs(`{ ...F } fragment F on Query { ${one("lisbon")} }`, LISBON),
      refused(`{ ...F } fragment F on Query { ${one("porto")} }`),
      refused(`{ ...G } fragment F on Query { ${one("porto")} } fragment G on Query { ...F }`),
    ],
  },
  {
    number: 5,
    title: "root fields in inline fragments, with and without a type",
    asks: [
      runs(`{ ... { ... on Query { ${one("lisbon")} } } }`, LISBON),
      refused(`{ ... { ... on Query { ${one("porto")} } } }`),
      refused(`{ ... on Query { ... { ${one("porto")} } } }`),
    ],
  },
  {
    number: 6,
    title: "the same fragment twice, once under @skip",
    asks: [
      runs(`{ ...F @skip(if: true) ...F } fragment F on Query { ${one("lisbon")} }`, LISBON),
      refused(`{ ...F @skip(if: true) ...F } fragment F on Query { ${one("porto")} }`),
      refused(`{ ...F ...F @skip(if: true) } fragment F on Query { ${one("porto")} }`),
    ],
  },
  {
    number: 7,
    title: "fragments in circles that nobody validated",
    scene: unvalidated,
    asks: [
      runs(
        `{ ...F } fragment F on Query { ...G ${one("lisbon")} } fragment G on Query { ...F }`,
        LISBON,
      ),
      refused(`{ ...F } fragment F on Query { ...G ${one("porto")} } fragment G on Query { ...F }`),
    ],
  },
  {
    number: 8,
    title: "fragments that multiply",
    scene: unvalidated,
    asks: [runs(fanOut("lisbon"), LISBON), refused(fanOut("porto"))],
  },
  {
    number: 11,
    title: "root types by other names",
    scene: () => reads,
    asks: [
      runs(`{ one(lib: "lisbon") }`, { one: "read" }),
      refused(`{ one(lib: "porto") }`),
      runs(`mutation { change(lib: "barcelona") }`, { change: "changed" }),
      refused(`mutation { change(lib: "lisbon") }`),
    ],
  },
  {
    number: 13,
    title: "a schema that is replaced is judged by its own rules, also for a document seen before",
    scene: () => ({ ...strict, sdl: strict.sdl.replace("(level: WRITE)", "") }),
    run: async (stage) => {
      const asked = { query: `{ ${one("lisbon")} }` };
      const verdict = async ({ createKey, ask }: typeof stage) =>
        (await ask((await createKey()).key, asked)).verdict;
      await stage.beside(strict, async (other) => {
        for (let i = 0; i < 2; i++) {
          expect(await verdict(stage)).toBe("runs");
          expect(await verdict(other)).toBe("refused");
        }
        expect(other.ran).toEqual([]);
      });
    },
  },
  {
    number: 14,
    title: "fields that introspection hides",
    scene: () => serviceScene({ guard: { introspection: "none" } }),
    asks: [
      refused(`{ __type(name: "Query") { fields { name } } }`),
      runs(`{ ${one("lisbon")} }`, LISBON),
      refused(`{ ${one("porto")} }`),
    ],
  },
  {
    number: 15,
    title: "a field that leads back to the query root",
    asks: [
      runs(`{ query { query { ${one("lisbon")} } } }`, { query: { query: LISBON } }),
      refused(`{ query { query { ${one("porto")} } } }`),
      runs(`mutation { ${upload("barcelona", `query { ${one("barcelona")} }`)} }`, {
        upload: { query: { one: "barcelona" } },
      }),
      refused(`mutation { ${upload("barcelona", `query { ${one("porto")} }`)} }`),
    ],
  },
  {
    number: 16,
    title: "one response key with different arguments that nobody validated",
    scene: unvalidated,
    asks: [
      runs(`{ x: ${one("lisbon")} x: ${one("lisbon")} }`, { x: "lisbon" }),
      refused(`{ x: ${one("lisbon")} x: ${one("porto")} }`),
    ],
  },
  {
    number: 17,
    title: "__typename only needs a key, and any does",
    asks: [
      runs("{ __typename }", { __typename: "Query" }, { access: {} }),
      runs("mutation { __typename }", { __typename: "Mutation" }, { access: {} }),
      { query: "{ __typename }", key: "pk_nobody", verdict: ["stranger"] },
    ],
  },
  {
    number: 18,
    title: "a directive that is declared runs nothing more",
    scene: () => directive,
    asks: [
      runs(`{ one(lib: "lisbon") @parseRefs(ids: ["porto"]) }`, { one: "here" }),
      refused(`{ one(lib: "porto") @parseRefs }`),
    ],
  },
  {
    number: 18,
    title: "a directive that the schema does not know",
    asks: [runs(`{ ${one("lisbon")} }`, LISBON), stopped(`{ ${one("porto")} @parseRefs }`)],
  },
];
