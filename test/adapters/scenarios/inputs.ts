/** Group B, its middle: enums, scalars, input objects and names that mean something else. */
import { partly, refused, runs, stopped, wrong, type Ask, type Row, type Scene } from "./row.js";
import { setParser } from "./scene.js";

const LIB = "query ($l: ID!) { one(lib: $l) }";

/** A variable `$l` of each value. */
const l = (value: unknown) => ({ variables: { l: value } });
/** A variable of any name, also of those that every object has. */
const named = (name: string, value: unknown): Ask["variables"] & object =>
  JSON.parse(JSON.stringify({ x: value }).replace('"x"', JSON.stringify(name)));
const odd = (id: string) => ({ access: named(id, "read") as Record<string, "read"> });
const ODD = ["constructor", "toString", "__proto__", "hasOwnProperty"];

/** A scalar that means another library each time it is parsed. */
function fickleScene(): Scene {
  let parsed = 0;
  return {
    sdl: "scalar Fickle type Query { at(lib: Fickle! @library): String }",
    prepare: (schema) =>
      setParser(schema, "Fickle", () => (parsed++ % 2 === 0 ? "lisbon" : "porto")),
    resolvers: { Query: { at: (_source: unknown, { lib }: { lib: string }) => lib } },
    guard: { types: "none" },
  };
}

export const inputs: readonly Row[] = [
  {
    number: 31,
    title: "the internal value of an enum",
    asks: [
      runs("{ place(at: NEAR) }", { place: "lisbon" }),
      refused("{ place(at: FAR) }"),
      refused("query ($p: Place!) { place(at: $p) }", { variables: { p: "FAR" } }),
    ],
  },
  {
    number: 32,
    title: "a scalar that is parsed to another library each time",
    scene: fickleScene,
    asks: [
      partly("query ($l: Fickle!) { at(lib: $l) }", { at: null }, { at: "UNAUTHORIZED" }, l("x")),
      runs(
        "query ($l: Fickle!) { at(lib: $l) }",
        { at: "porto" },
        {
          ...l("x"),
          access: { lisbon: "read", porto: "read" },
        },
      ),
    ],
  },
  {
    number: 33,
    title: "a field of an input object",
    asks: [
      runs(`{ filtered(filter: { libraryId: "lisbon" }) }`, { filtered: "lisbon" }),
      refused(`{ filtered(filter: { libraryId: "porto" }) }`),
      refused("query ($f: Filter) { filtered(filter: $f) }", {
        variables: { f: { libraryId: "porto" } },
      }),
    ],
  },
  {
    number: 34,
    title: "the default of an input field",
    asks: [
      runs("{ soft(filter: {}) }", { soft: "porto" }, { access: { porto: "read" } }),
      refused("{ soft(filter: {}) }"),
      refused("query ($f: Soft!) { soft(filter: $f) }", { variables: { f: {} } }),
      refused("query ($f: Soft! = {}) { soft(filter: $f) }"),
    ],
  },
  {
    number: 35,
    title: "a variable in a literal",
    asks: [
      runs(
        "query ($l: ID!) { filtered(filter: { libraryId: $l }) }",
        { filtered: "lisbon" },
        l("lisbon"),
      ),
      refused("query ($l: ID!) { filtered(filter: { libraryId: $l }) }", l("porto")),
      refused(`query ($l: ID!) { list(libs: ["lisbon", $l]) }`, l("porto")),
    ],
  },
  {
    number: 36,
    title: "each member of a @oneOf",
    asks: [
      runs(`{ by(by: { libraryId: "lisbon" }) }`, { by: "lisbon" }),
      refused(`{ by(by: { libraryId: "porto" }) }`),
      runs(`{ by(by: { libraries: ["lisbon", "barcelona"] }) }`, { by: "lisbon barcelona" }),
      refused(`{ by(by: { libraries: ["lisbon", "porto"] }) }`),
      refused("{ by(by: { all: true }) }"),
      wrong(`query ($b: By!) { by(by: $b) }`, {
        variables: { b: { libraryId: "lisbon", all: true } },
      }),
    ],
  },
  {
    number: 37,
    title: "a list of input objects, and those in them",
    asks: [
      runs(
        `mutation { uploadAll(files: [{ libraryId: "barcelona" }, { libraryId: "barcelona" }]) }`,
        {
          uploadAll: "barcelona barcelona",
        },
      ),
      refused(
        `mutation { uploadAll(files: [{ libraryId: "barcelona" }, { libraryId: "lisbon" }]) }`,
      ),
      refused(
        `mutation { uploadAll(files: { libraryId: "barcelona", and: [{ libraryId: "porto" }] }) }`,
      ),
    ],
  },
  {
    number: 38,
    title: "ids that every object has",
    asks: ODD.flatMap((id) => [
      runs(LIB, { one: id }, { ...l(id), ...odd(id) }),
      refused(LIB, l(id)),
    ]),
  },
  {
    number: 39,
    title: "variables and aliases that every object has",
    asks: [
      ...["constructor", "toString"].flatMap((name) => {
        const query = `query ($${name}: ID!) { ${name}: one(lib: $${name}) }`;
        return [
          runs(query, { [name]: "lisbon" }, { variables: named(name, "lisbon") }),
          refused(query, { variables: named(name, "porto") }),
          wrong(query),
        ];
      }),
      runs(`{ __proto__: one(lib: "lisbon") }`, named("__proto__", "lisbon")),
      refused(`{ __proto__: one(lib: "porto") }`),
      stopped("query ($__proto__: ID!) { one(lib: $__proto__) }", {
        variables: named("__proto__", "porto"),
      }),
    ],
  },
  {
    number: 40,
    title: "the names of variables",
    asks: [
      runs(
        "query ($x: ID!, $lib: ID!) { one(lib: $x) x: one(lib: $lib) }",
        { one: "lisbon", x: "barcelona" },
        {
          variables: { x: "lisbon", lib: "barcelona", libraryId: "porto" },
        },
      ),
      refused("query ($x: ID!, $lib: ID) { one(lib: $x) nullable(lib: $lib) }", {
        variables: { x: "porto", lib: "lisbon" },
      }),
    ],
  },
];
