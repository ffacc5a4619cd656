/** Fragment arguments of graphql 17: what a fragment's variables hold is judged, and is what its resolvers receive. */
import { execute as toolsExecute, normalizedExecutor } from "@graphql-tools/executor";
import fc from "fast-check";
import * as graphql from "graphql";
import { beforeEach, describe, expect, it } from "vitest";
import { createExecute, createSubscribe } from "../../src/adapters/execute.js";
import { createFixture } from "../support/fixture.js";
import { callerOf, OWN, plain } from "./fixtures.js";
import { generateDocument, idsIn, isAllowed } from "./generate-fragments.js";
import {
  createWorld,
  DEFER,
  executePlainly,
  IS_17,
  parseArguments,
  send,
  type Args,
  type World,
} from "./support-fragment-arguments.js";

const ON_17 = IS_17 ? describe : () => {};

const LISBON = '"lisbon"';
const BARCELONA = '"barcelona"';
const PORTO = '"porto"';

const F = (body: string, variables = "$x: ID") => `fragment F(${variables}) on Query { ${body} }`;
const G = (body: string, variables = "$y: ID") => `fragment G(${variables}) on Query { ${body} }`;

const simple = (id: string) => `{ ...F(x: ${id}) } ${F("one(l: $x)", "$x: ID!")}`;

const world = createWorld();

beforeEach(() => {
  world.loads.length = 0;
});

interface Row {
  readonly name: string;
  readonly query: (value: string) => string;
  /** What is within reach, and its twin. Default: barcelona and porto. */
  readonly values?: readonly [good: string, bad: string];
  /** By the value. */
  readonly variables?: Args | ((value: string) => Args);
  /** What the resolvers receive in the good case. */
  readonly receives: readonly Args[];
  /** What becomes of the twin. Default: `"library"`. */
  readonly twin?: string;
}

const l = (id: unknown): Args => ({ l: id });
const b = [l("barcelona")];

const rows: readonly Row[] = [
  { name: "a literal", query: simple, receives: b },
  {
    name: "a variable of the operation",
    query: () => `query ($v: ID!) { ...F(x: $v) } ${F("one(l: $x)", "$x: ID!")}`,
    variables: (v) => ({ v: JSON.parse(v) as string }),
    receives: b,
  },
  {
    name: "shadows a variable of the operation",
    query: (id) =>
      `query ($x: ID = ${id === PORTO ? LISBON : PORTO}) { ...F(x: ${id}) } ${F("one(l: $x)", "$x: ID!")}`,
    receives: b,
  },
  {
    name: "shadows a variable that the client sends",
    query: (id) => `query ($x: ID!) { ...F(x: ${id}) } ${F("one(l: $x)", "$x: ID!")}`,
    variables: (id) => ({ x: id === PORTO ? "lisbon" : "porto" }),
    receives: b,
  },
  {
    name: "left out, shadows a variable of the operation",
    query: (field) => `query ($x: ID = ${PORTO}) { ...F } ${F(`${field}(l: $x)`)}`,
    values: ["fallback", "optional"],
    receives: b,
    twin: "missing",
  },
  {
    name: "does not shadow another variable of the operation",
    query: (id) => `query ($v: ID! = ${id}) { ...F(x: ${PORTO}) } ${F("one(l: $v)")}`,
    receives: b,
  },
  {
    name: "does not reach into a fragment that is spread in its own",
    query: (id) =>
      `query ($x: ID! = ${id}) { ...F(x: ${id === PORTO ? LISBON : PORTO}) } ${F("...H")} fragment H on Query { one(l: $x) }`,
    receives: b,
  },
  {
    name: "does not outlive its fragment",
    query: (id) =>
      `query ($x: ID! = ${id}) { a: self { ...F(x: ${LISBON}) } one(l: $x) } ${F("one(l: $x)")}`,
    receives: [l("lisbon"), ...b],
  },
  {
    name: "is handed on under another name",
    query: (id) => `{ ...F(x: ${id}) } ${F("...G(y: $x)")} ${G("one(l: $y)")}`,
    receives: b,
  },
  {
    name: "is handed on under its own name",
    query: (id) =>
      `{ ...F(x: ${id}) } ${F("...G(x: $x)")} ${G("...H(x: $x)", "$x: ID")} fragment H($x: ID) on Query { one(l: $x) }`,
    receives: b,
  },
  {
    name: "changes places with another",
    query: (id) =>
      `{ ...F(x: ${PORTO}, y: ${id}) } ${F("...G(x: $y, y: $x)", "$x: ID, $y: ID")} ${G("one(l: $x)", "$x: ID, $y: ID")}`,
    receives: b,
  },
  {
    name: "a default",
    query: (id) => `{ ...F } ${F("one(l: $x)", `$x: ID = ${id}`)}`,
    receives: b,
  },
  {
    name: "a default where the spread passes a variable that is absent",
    query: (id) => `query ($v: ID) { ...F(x: $v) } ${F("one(l: $x)", `$x: ID = ${id}`)}`,
    receives: b,
  },
  {
    name: "a default where the spread passes a fragment's variable that is absent",
    query: (id) =>
      `query ($x: ID = ${PORTO}) { ...F } ${F("...G(y: $x)")} ${G("one(l: $y)", `$y: ID! = ${id}`)}`,
    receives: b,
  },
  {
    name: "no default where the spread passes a variable",
    query: () => `query ($v: ID) { ...F(x: $v) } ${F("one(l: $x)", `$x: ID = ${PORTO}`)}`,
    variables: (v) => ({ v: JSON.parse(v) as string }),
    receives: b,
  },
  {
    name: "a default of the operation",
    query: (id) => `query ($v: ID = ${id}) { ...F(x: $v) } ${F("one(l: $x)", `$x: ID = ${PORTO}`)}`,
    receives: b,
  },
  {
    name: "no default for null",
    query: (id) => `{ ...F(x: ${id}) } ${F("optional(l: $x)", `$x: ID = ${LISBON}`)}`,
    values: [BARCELONA, "null"],
    receives: b,
    twin: "missing",
  },
  {
    name: "absent, leaves an argument to its default",
    query: (field) => `{ ...F } ${F(`${field}(l: $x)`)}`,
    values: ["fallback", "optional"],
    receives: b,
    twin: "missing",
  },
  {
    name: "absent, leaves an input field to its default",
    query: (filter) => `query ($x: ID = ${PORTO}) { ...F } ${F(`strict(f: ${filter})`)}`,
    values: ["{ l: $x }", '{ l: "porto" }'],
    receives: [{ f: l("barcelona") }],
  },
  {
    name: "absent, leaves out an input field",
    query: (id) => `query ($x: ID = ${PORTO}) { ...F } ${F(`inside(b: ${id}, f: { l: $x })`)}`,
    receives: [{ b: "barcelona", f: {} }],
  },
  {
    name: "absent, is null in a list",
    query: (spread) => `{ ...${spread} } ${F(`many(l: [${LISBON}, $x])`)}`,
    values: ["F(x: 7)", "F"],
    receives: [l(["lisbon", "7"])],
    twin: "missing",
  },
  {
    name: "in a list",
    query: (id) => `{ ...F(x: ${id}) } ${F(`many(l: [${LISBON}, $x])`)}`,
    receives: [l(["lisbon", "barcelona"])],
  },
  {
    name: "a list",
    query: (id) => `{ ...F(x: [${LISBON}, ${id}]) } ${F("many(l: $x)", "$x: [ID!]!")}`,
    receives: [l(["lisbon", "barcelona"])],
  },
  {
    name: "made a list of by its type",
    query: (id) => `{ ...F(x: ${id}) } ${F("many(l: $x)", "$x: [ID]")}`,
    receives: [l(["barcelona"])],
  },
  {
    name: "inside an input object",
    query: (id) => `{ ...F(x: ${id}) } ${F("inside(f: { all: [{ l: $x }] })")}`,
    receives: [{ b: "barcelona", f: { all: [l("barcelona")] } }],
  },
  {
    name: "an input object",
    query: (id) =>
      `{ ...F(x: ${id}) } ${F("...G(y: { all: [{ l: $x }] })")} ${G("inside(f: $y)", "$y: Filter")}`,
    receives: [{ b: "barcelona", f: { all: [l("barcelona")] } }],
  },
  {
    name: "in a literal of a custom scalar",
    query: (id) => `{ ...F(x: ${id}) } ${F(`codes(l: [${LISBON}, $x])`)}`,
    receives: [l(["lisbon", "barcelona"])],
  },
  {
    name: "handed on into a literal of a custom scalar",
    query: (id) =>
      `query ($x: ID = ${LISBON}, $y: ID = ${LISBON}) { ...F(x: ${id}) } ${F("...G(y: [$x])")} ${G("codes(l: [$y])", "$y: [ID]")}`,
    values: [BARCELONA, "5"],
    receives: [l([["barcelona"]])],
  },
  {
    name: "a default in a literal of a custom scalar",
    query: (id) => `{ ...F } ${F("codes(l: [$x])", `$x: ID = ${id}`)}`,
    receives: [l(["barcelona"])],
  },
  {
    name: "absent in a literal of a custom scalar",
    query: (spread) => `query ($x: ID = ${LISBON}) { ...${spread} } ${F("codes(l: [$x])")}`,
    values: [`F(x: ${BARCELONA})`, "F"],
    receives: [l(["barcelona"])],
    twin: "missing",
  },
  {
    name: "in an inline fragment",
    query: (id) => `{ ...F(x: ${id}) } ${F("... on Query { ... { one(l: $x) } }")}`,
    receives: b,
  },
  {
    name: "below a field",
    query: (id) => `{ ...F(x: ${id}) } ${F("self { self { one(l: $x) } }")}`,
    receives: b,
  },
  {
    name: "below an interface",
    query: (id) => `{ ...F(x: ${id}) } ${F("shelf { one(l: $x) }")}`,
    receives: b,
  },
  {
    name: "in a fragment on an interface",
    query: (id) => `{ ...F(x: ${id}) } fragment F($x: ID!) on Shelf { one(l: $x) }`,
    receives: b,
  },
  {
    name: "one fragment twice, at two fields",
    query: (id) =>
      `{ a: self { ...F(x: ${LISBON}) } b: self { ...F(x: ${id}) } } ${F("one(l: $x)")}`,
    receives: [l("lisbon"), l("barcelona")],
  },
  {
    name: "one fragment twice, the other way round",
    query: (id) =>
      `{ a: self { ...F(x: ${id}) } b: self { ...F(x: ${LISBON}) } } ${F("one(l: $x)")}`,
    receives: [l("barcelona"), l("lisbon")],
  },
  {
    name: "one spread in a fragment that is spread twice",
    query: (id) =>
      `{ a: self { ...F(x: ${LISBON}) } b: self { ...F(x: ${id}) } } ${F("...G(y: $x)")} ${G("one(l: $y)")}`,
    receives: [l("lisbon"), l("barcelona")],
  },
  {
    name: "one spread, of which a list names the variable, in a fragment that is spread twice",
    query: (id) =>
      `{ a: self { ...F(x: ${LISBON}) } b: self { ...F(x: ${id}) } } ${F("...G(y: [7, $x], z: 1)")} ${G("many(l: $y)", "$y: [ID], $z: Int")}`,
    receives: [l(["7", "lisbon"]), l(["7", "barcelona"])],
  },
  {
    name: "one fragment twice beside each other, of which the first counts",
    query: (id) => `{ ...F(x: ${LISBON}) ...F(x: ${id}) } ${F("one(l: $x)")}`,
    receives: [l("lisbon")],
  },
  {
    name: "the last of two arguments",
    query: (id) => `{ ...F(x: ${PORTO}, x: ${id}) } ${F("one(l: $x)")}`,
    receives: b,
  },
  {
    name: "the last of two variables",
    query: (id) => `{ ...F } ${F("one(l: $x)", `$x: ID = ${PORTO}, $x: ID = ${id}`)}`,
    receives: b,
  },
  {
    name: "beside an argument that no variable takes",
    query: (id) => `{ ...F(nothing: ${PORTO}, x: ${id}) } ${F("one(l: $x)")}`,
    receives: b,
  },
  {
    name: "has a name that objects inherit",
    query: (id) =>
      `{ ...F(constructor: ${id}) } ${F("one(l: $constructor)", "$constructor: ID, $toString: ID")}`,
    receives: b,
  },
  {
    name: "absent, has a name that objects inherit",
    query: (field) =>
      `query ($constructor: ID = ${LISBON}) { ...F } ${F(`${field}(l: $constructor)`, "$constructor: ID")}`,
    values: ["fallback", "optional"],
    receives: b,
    twin: "missing",
  },
  {
    name: "does not shadow a name that objects inherit",
    query: (id) =>
      `query ($constructor: ID! = ${id}) { ...F(x: ${PORTO}) } ${F("one(l: $constructor)")}`,
    receives: b,
  },
  {
    name: "to @skip, by its own value",
    query: (s) =>
      `query ($s: Boolean = ${s === "true" ? "false" : "true"}) { ...F(s: ${s}) } ${F(`free one(l: ${PORTO}) @skip(if: $s)`, "$s: Boolean!")}`,
    values: ["true", "false"],
    receives: [{}],
  },
  {
    name: "to @include, by its own value",
    query: (s) =>
      `query ($s: Boolean = ${s === "true" ? "false" : "true"}) { ...F(s: ${s}) } ${F(`free one(l: ${PORTO}) @include(if: $s)`, "$s: Boolean!")}`,
    values: ["false", "true"],
    receives: [{}],
  },
  {
    name: "to @skip, by its default",
    query: (s) =>
      `query ($s: Boolean = ${s === "true" ? "false" : "true"}, $v: Boolean) { ...F(s: $v) } ${F(`free one(l: ${PORTO}) @skip(if: $s)`, `$s: Boolean = ${s}`)}`,
    values: ["true", "false"],
    receives: [{}],
  },
  {
    name: "to @skip of a spread, whose fragment has another of the name",
    query: (s) =>
      `{ ...F(s: ${s}) } ${F("free ...G(s: false) @skip(if: $s)", "$s: Boolean!")} ${G(`one(l: ${PORTO}) @skip(if: $s)`, "$s: Boolean!")}`,
    values: ["true", "false"],
    receives: [{}],
  },
  {
    name: "to @include of an inline fragment and of a field that leads on",
    query: (s) =>
      `{ ...F(s: ${s}) } ${F(`free ... @include(if: true) { self @include(if: $s) { one(l: ${PORTO}) } }`, "$s: Boolean!")}`,
    values: ["false", "true"],
    receives: [{}],
  },
  {
    name: "to @skip below an interface",
    query: (s) =>
      `{ ...F(s: ${s}) } ${F(`free shelf { __typename one(l: ${PORTO}) @skip(if: $s) }`, "$s: Boolean!")}`,
    values: ["true", "false"],
    receives: [{}],
  },
  {
    name: "beside a condition of the operation",
    query: (s) =>
      `query ($s: Boolean = ${s}) { ...F(x: false) } ${F(`free one(l: ${PORTO}) @skip(if: $s)`, "$x: Boolean!")}`,
    values: ["true", "false"],
    receives: [{}],
  },
  {
    name: "of a fragment that is skipped, whatever it is",
    query: (s) =>
      `query ($s: Boolean! = ${s}) { free ...F(x: { no: 5 }) @skip(if: $s) } ${F("one(l: $x)", "$x: ID!")}`,
    values: ["true", "false"],
    receives: [{}],
    twin: "errors",
  },
  {
    name: "that loaders load by",
    query: (id) => `{ ...F(x: ${id}) } ${F(`loaded(ids: [${LISBON}, $x])`)}`,
    receives: [{ ids: ["lisbon", "barcelona"] }],
  },
  {
    name: "below a mutation",
    query: (id) => `mutation { ...F(x: ${id}) } fragment F($x: ID!) on Mutation { change(l: $x) }`,
    values: [BARCELONA, LISBON],
    receives: b,
  },
  {
    name: "of one fragment below a query's level and a mutation's",
    query: (id) =>
      `mutation { change(l: ${BARCELONA}) self { ...F(x: ${id}) } } ${F("one(l: $x)")}`,
    receives: [...b, ...b],
  },
];

const caller = callerOf({ barcelona: "write", lisbon: "read", "7": "read" });

ON_17("what a fragment is given", () => {
  it.each(rows)("$name", async (row) => {
    const { query, values: [good, bad] = [BARCELONA, PORTO], receives, twin = "library" } = row;
    const variablesOf = (value: string): Args | undefined =>
      typeof row.variables === "function" ? row.variables(value) : row.variables;
    const allowed = await send(world, query(good), { variables: variablesOf(good), caller });
    expect([allowed.outcome, allowed.message, allowed.errors]).toEqual(["runs", undefined, []]);
    expect(allowed.received.map(({ args }) => args)).toEqual(receives);
    const refused = await send(world, query(bad), { variables: variablesOf(bad), caller });
    expect([refused.outcome, refused.received]).toEqual([twin, []]);
  });
});

const TOO_LARGE = "The operation is too large to be checked.";
const UNSUPPORTED = "Fragment arguments are not supported.";

/** What is wrong in itself, and what is said of it: by graphql-js too, in the same words, unless it is ours alone. */
type ErrorRow = readonly [what: string, query: string, message: RegExp, ours?: true];

const errors: readonly ErrorRow[] = [
  [
    "left out",
    `{ ...F } ${F("one(l: $x)", "$x: ID!")}`,
    /"\$x" defined by fragment "F" of required/,
  ],
  ["null", `{ ...F(x: null) } ${F("one(l: $x)", "$x: ID!")}`, /\$x.*non-null|null/],
  [
    "a variable that is absent",
    `query ($v: ID) { ...F(x: $v) } ${F("one(l: $x)", "$x: ID!")}`,
    /\$v|\$x/,
  ],
  ["of another kind", `{ ...F(x: { no: 5 }) } ${F("one(l: $x)")}`, /"\$x" .*invalid value/],
  [
    "of another kind further out",
    `{ ...F(x: { no: 5 }) } ${F("...G(y: $x)")} ${G("one(l: $y)")}`,
    /"\$x" .*invalid value/,
  ],
  [
    "absent where it is needed",
    `query ($x: ID = ${LISBON}) { ...F } ${F("one(l: $x)")}`,
    /Query\.one\(l:\)|"l"/,
  ],
  [
    "a default of another kind",
    `{ ...F } ${F("one(l: $x)", "$x: ID = { no: 5 }")}`,
    /"\$x" defined by fragment "F" has invalid default value/,
  ],
  [
    "of a type that is no input",
    `{ ...F } ${F(`one(l: ${LISBON})`, "$x: [Query!]")}`,
    /^Variable "\$x" expected value of type "\[Query!\]" which cannot be used as an input type\.$/,
  ],
  [
    "of a type that there is not",
    `{ ...F } ${F(`one(l: ${LISBON})`, "$x: Nothing")}`,
    /^Variable "\$x" expected value of type "Nothing" which cannot be used as an input type\.$/,
  ],
  [
    "called __proto__",
    `{ ...F(__proto__: ${LISBON}) } ${F("one(l: $__proto__)", "$__proto__: ID")}`,
    /^No variable can have this name\.$/,
    true,
  ],
];

ON_17("a fragment's variable is an error, and nothing runs, when it is", () => {
  it.for(errors)("%s", async ([, query, message, ours]) => {
    const answer = await send(world, query);
    expect([answer.outcome, answer.received]).toEqual(["errors", []]);
    expect(answer.message).toMatch(message);
    if (ours) return;
    const document = parseArguments(query);
    const told = await executePlainly(world, document);
    expect(told.errors[0]!.message).toBe(answer.message);
    expect(answer.errors[0]!.locations).toEqual(told.errors[0]!.locations);
  });

  it("but for a condition, without which the field is judged as selected", async () => {
    const query = (id: string) => `{ ...F } ${F(`one(l: ${id}) @skip(if: $x)`, "$x: Boolean")}`;
    const { outcome, received, errors: told } = await send(world, query(LISBON));
    expect([outcome, received, told.length]).toEqual(["runs", [], 1]);
    expect((await send(world, query(PORTO))).outcome).toBe("library");
  });

  it("but not for another operation of the document", async () => {
    const query = `query A { free } query B { ...F } ${F(`one(l: ${LISBON})`, "$__proto__: ID")}`;
    const document = parseArguments(query);
    const operation = { document, caller, context: {}, fragmentArguments: true };
    expect((await world.guard.check({ ...operation, operationName: "A" })).ok).toBe(true);
    expect((await world.guard.check({ ...operation, operationName: "B" })).ok).toBe(false);
  });
});

ON_17("fragments with arguments that multiply", () => {
  const timed = async (query: string, variables?: Args) => {
    const document = parseArguments(query);
    const startMs = performance.now();
    const operation = { document, variableValues: variables, caller, fragmentArguments: true };
    const verdict = await world.guard.check({ ...operation, context: {} });
    expect(performance.now() - startMs).toBeLessThan(5000);
    if (verdict.ok) return "runs";
    return verdict.refusals.length > 0 ? "refused" : verdict.errors[0]!.message;
  };
  const chain = (length: number, body: (next: string) => string, variables: string, last: string) =>
    Array.from(
      { length },
      (_, i) => `fragment F${i}(${variables}) on Query { ${body(`F${i + 1}`)} }`,
    ).join("\n") + ` fragment F${length}(${variables}) on Query { ${last} }`;

  it.each([
    [`{ ...F(x: ${LISBON}) } ${F(`...F(x: ${LISBON}) one(l: $x)`)}`, "runs"],
    [`{ ...F(x: ${LISBON}) } ${F(`self { ...F(x: ${LISBON}) } one(l: $x)`)}`, "runs"],
    [`{ ...F(x: ${LISBON}) } ${F(`self { ...F(x: ${PORTO}) } one(l: $x)`)}`, "refused"],
    [`{ ...F(x: ${LISBON}) } ${F("self { ...F(x: $x) } one(l: $x)")}`, TOO_LARGE],
    [`{ ...F(x: ${LISBON}) } ${F("...G(y: $x)")} ${G("...F(x: $y) one(l: $y)")}`, TOO_LARGE],
    [`{ ...F(x: [7]) } ${F("...F(x: [$x]) many(l: $x)", "$x: [ID]")}`, TOO_LARGE],
    [
      `query ($s: Boolean = true) { ...F(x: 7) @skip(if: $s) } ${F("...F(x: $x) one(l: $x)")}`,
      TOO_LARGE,
    ],
  ])("end in circles: %s", async (query, expected) => {
    expect(await timed(query)).toBe(expected);
  });

  it.each([
    [
      "that hand on no variable",
      (f: string) => `a: self { ...${f}(x: 7) } b: self { ...${f}(x: 7) }`,
    ],
    ["beside each other", (f: string) => `...${f}(x: 5) ...${f}(x: 7) ...${f}`],
    ["under one field", (f: string) => `self { ...${f}(x: $x) }`],
  ])("cost what they are long: %s", async (_name, body) => {
    const fragments = (last: string) => chain(40, body, "$x: ID = 7", last);
    expect(await timed(`{ ...F0 } ${fragments(`one(l: ${LISBON})`)}`)).toBe("runs");
    expect(await timed(`{ ...F0 } ${fragments("one(l: 5)")}`)).toBe("refused");
  });

  it.each([
    ["spreads", (f: string) => `...${f}(x: $x) ...${f}(x: $x)`],
    ["fields", (f: string) => `a: self { ...${f}(x: $x) } b: self { ...${f}(x: $x) }`],
    ["values", (f: string) => `...${f}(x: [$x, $x])`],
    ["values of input objects", (f: string) => `...${f}(x: { all: [$x, $x] })`],
  ])("are refused when that is too much: %s", async (_name, body) => {
    const fragments = chain(40, body, "$x: Filter", "loaded(ids: [], deep: $x)");
    expect(await timed(`{ ...F0(x: { l: 7 }) } ${fragments}`)).toBe(TOO_LARGE);
  });

  const items = (length: number) => `[${Array.from({ length }, () => "7").join(", ")}]`;
  const spreads = (length: number, args: (i: number) => string) =>
    Array.from({ length }, (_, i) => `a${i}: self { ...F(${args(i)}) }`).join(" ");

  it.each<readonly [what: string, query: (times: number) => string]>([
    [
      "arguments of a field, written out",
      (times) => `{ ${spreads(times, () => "x: 7")} } ${F(`one(l: $x) free(n: ${items(1000)})`)}`,
    ],
    [
      "arguments of a field that name a variable",
      (times) =>
        `{ ${spreads(times, () => `x: ${items(1000)}`)} } ${F("free(n: $x)", "$x: [Int]")}`,
    ],
    [
      "values, at each field that names them",
      (times) =>
        `{ ...F(x: ${items(1000)}) } ${F(Array.from({ length: times }, (_, i) => `a${i}: free(n: $x)`).join(" "), "$x: [Int]")}`,
    ],
    [
      "arguments of a spread",
      (times) =>
        `{ ${spreads(times, () => "x: 7")} } ${F(`...G(y: [$x, ${items(1000)}])`)} ${G("free", "$y: [ID]")}`,
    ],
    [
      "arguments of a spread that no variable takes",
      (times) =>
        `{ ${spreads(times, () => "x: 7")} } ${F(`...G(y: $x, z: ${items(1000)})`)} ${G("free")}`,
    ],
    [
      "defaults",
      (times) => `{ ${spreads(times, () => "y: 7")} } ${F("free", `$x: [ID] = ${items(1000)}`)}`,
    ],
    [
      "variables",
      (times) =>
        `{ ${spreads(times, () => "y: 7")} } ${F("free", Array.from({ length: 1000 }, (_, i) => `$x${i}: ID`).join(" "))}`,
    ],
  ])("are counted with their %s", async (_what, query) => {
    expect(await timed(query(60))).toBe("runs");
    expect(await timed(query(220))).toBe(TOO_LARGE);
  });

  it("are counted by their spreads", async () => {
    const query = (times: number) => `{ ${spreads(times, () => "x: 7")} } ${F("one(l: $x)")}`;
    expect(await timed(query(10_000))).toBe("runs");
    expect(await timed(query(20_000))).toBe(TOO_LARGE);
  });

  it("overflow no stack", async () => {
    const fragments = chain(10_000, (f) => `...${f}(x: $x)`, "$x: ID", "one(l: $x)");
    expect(await timed(`{ ...F0(x: 7) } ${fragments}`)).toBe("runs");
    expect(await timed(`{ ...F0(x: 5) } ${fragments}`)).toBe("refused");
  });

  it("name no more ids than other fields may", async () => {
    const query = (times: number) =>
      `query ($v: [ID]) { ${spreads(times, () => "x: $v")} } ${F("many(l: $x)", "$x: [ID]")}`;
    const v = Array.from({ length: 10_000 }, () => "7");
    expect(await timed(query(10), { v })).toBe("runs");
    expect(await timed(query(11), { v })).toBe(
      "The operation names too many libraries and organizations.",
    );
  });
});

ON_17("what is loaded for a fragment's variable", () => {
  it("is loaded once for each value, and handed over", async () => {
    const query = (...ids: string[]) =>
      `{ ${ids.map((id, i) => `a${i}: self { ...F(x: ${id}) }`).join(" ")} } ${F("loaded(ids: [$x])")}`;
    const { outcome, received } = await send(world, query(LISBON, BARCELONA, LISBON), { caller });
    expect([outcome, received.length]).toEqual(["runs", 3]);
    expect(world.loads).toEqual([["lisbon"], ["barcelona"]]);
    expect((await send(world, query(LISBON, PORTO), { caller })).outcome).toBe("library");
  });
});

ON_17("explain", () => {
  it("says of each spread what it names", async () => {
    const document = parseArguments(
      `{ a: self { ...F(x: ${LISBON}) } b: self { ...F(x: ${PORTO}) } } ${F("one(l: $x)")}`,
    );
    const { fields, errors: none } = await world.guard.explain({
      document,
      caller,
      fragmentArguments: true,
    });
    expect(none).toEqual([]);
    const ones = fields.filter(({ coordinate }) => coordinate === "Query.one");
    expect(
      ones.map(({ path, targets, verdict }) => `${path.join(".")} ${targets[0]!.id}: ${verdict}`),
    ).toEqual(expect.arrayContaining(["a.one lisbon: allowed", "b.one porto: library"]));
    expect(ones).toHaveLength(2);
    const refused = await world.guard.explain({ document, caller });
    expect(refused).toMatchObject({ fields: [], errors: [UNSUPPORTED] });
  });
});

ON_17("random fragments with arguments", () => {
  /** A field of the document, and the ids that it names. */
  const named = (key: string, values: unknown): string => `${key}: ${idsIn(values).join(", ")}`;
  const numRuns = Number(process.env["PROPERTY_RUNS"] ?? 1000);

  it("run if what their resolvers would receive is within reach, and only then", async () => {
    const seen = { ran: 0, refused: 0, wrong: 0 };
    await fc.assert(
      fc.asyncProperty(fc.noBias(fc.nat()), async (seed) => {
        const { text, variables } = generateDocument(seed);
        const document = parseArguments(text);
        const reader = callerOf();
        const unguarded = await executePlainly(world, document, variables);
        const { fields, errors: told } = await world.guard.explain({
          document,
          variableValues: variables,
          caller: reader,
          fragmentArguments: true,
        });
        // A fragment is checked once for all places where it is given the same.
        const checked = new Set(
          fields
            .filter(({ coordinate }) => coordinate !== "Query.self")
            .map(({ path, targets }) =>
              named(
                path.at(-1)!,
                targets.map(({ id }) => id),
              ),
            ),
        );
        const received = new Set(
          unguarded.received.map(({ path, args }) => named(path.split(".").at(-1)!, args)),
        );
        const answer = await send(world, document, { variables, caller: reader });
        if (unguarded.errors.length > 0) {
          seen.wrong++;
          if (told.length === 0) for (const one of received) expect(checked).toContain(one);
          for (const { args } of answer.received) expect(isAllowed(args)).toBe(true);
          return;
        }
        expect(told).toEqual([]);
        expect([text, [...checked].sort()]).toEqual([text, [...received].sort()]);
        const expected = unguarded.received.every(({ args }) => isAllowed(args));
        expect([text, answer.outcome === "runs"]).toEqual([text, expected]);
        if (expected) {
          seen.ran++;
          expect(answer.errors).toEqual([]);
          expect(answer.received).toEqual(unguarded.received);
        } else {
          seen.refused++;
          expect(answer.outcome).toMatch(/library|missing/);
        }
      }),
      { numRuns, endOnFailure: true },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(numRuns / 10);
  });
});

/** What a fragment is given, and an operation's variable of the same name that is within reach. */
const HIDDEN = `query ($x: ID = ${LISBON}) { ...F(x: ${LISBON}) } ${F("one(l: $x)")}`;

describe("by an executor that ignores fragment arguments", () => {
  const refused = { outcome: "errors", message: UNSUPPORTED, received: [] };

  it("nothing runs unless somebody says that it does not", async () => {
    const document = parseArguments(HIDDEN);
    expect(await send(world, document, { fragmentArguments: false })).toMatchObject(refused);
    const known = await send(world, document, { fragmentArguments: true });
    expect(known.outcome).toBe(IS_17 ? "runs" : "errors");
    expect(await send(world, document, { fragmentArguments: false })).toMatchObject(refused);
    expect(known.message).toBe(IS_17 ? undefined : UNSUPPORTED);
    expect(known.errors.map(({ nodes }) => nodes)).toEqual(
      IS_17 ? [] : [[document.definitions[1]]],
    );
  });

  it("nothing runs unless that is said as true", async () => {
    const fragmentArguments = "no" as unknown as boolean;
    expect(await send(world, HIDDEN, { fragmentArguments })).toMatchObject(refused);
  });

  it("documents run that define none", async () => {
    const query = `query ($x: ID = ${LISBON}) { ...F } fragment F on Query { one(l: $x) }`;
    for (const fragmentArguments of [true, false]) {
      expect((await send(world, query, { fragmentArguments })).outcome).toBe("runs");
      const bad = query.replace(LISBON, PORTO);
      expect((await send(world, bad, { fragmentArguments })).outcome).toBe("library");
    }
  });

  it("arguments of a spread whose fragment has no variables are nothing, to any executor", async () => {
    const query = `query ($x: ID = ${LISBON}) { ...F(x: ${PORTO}) } fragment F on Query { one(l: $x) }`;
    for (const fragmentArguments of [true, false]) {
      const { outcome, received } = await send(world, query, { fragmentArguments });
      expect([outcome, received]).toEqual(["runs", [{ path: "one", args: l("lisbon") }]]);
      const bad = query.replace(LISBON, PORTO);
      expect((await send(world, bad, { fragmentArguments })).outcome).toBe("library");
    }
  });

  it("no variables of a fragment are none", async () => {
    const document = parseArguments(
      `query ($x: ID = ${LISBON}) { ...F } fragment F on Query { one(l: $x) }`,
    );
    const [operation, fragment] = document.definitions;
    const definitions = [operation, { ...fragment, variableDefinitions: [] }] as never;
    for (const fragmentArguments of [true, false]) {
      const given = { ...document, definitions };
      expect((await send(world, given, { fragmentArguments })).outcome).toBe("runs");
    }
  });
});

type Execute = (args: graphql.ExecutionArgs) => unknown;

const { experimentalExecuteIncrementally } = graphql as unknown as {
  readonly experimentalExecuteIncrementally?: Execute; // since graphql 17
};

/** Executors, and whether they know fragment arguments. */
const executors: readonly (readonly [
  name: string,
  execute: Execute | undefined,
  knows: boolean,
])[] = [
  ["the default", undefined, IS_17],
  ["execute of graphql", graphql.execute, IS_17],
  ["executeSync of graphql", graphql.executeSync, IS_17],
  ["@graphql-tools/executor", toolsExecute as unknown as Execute, false],
  ["normalizedExecutor", normalizedExecutor as unknown as Execute, false],
  ["a function around graphql's", (args) => graphql.execute(args), false],
  ...(experimentalExecuteIncrementally
    ? [["experimentalExecuteIncrementally", experimentalExecuteIncrementally, true] as const]
    : []),
];

describe("adapters go by the executor", () => {
  const createAdapter = async ({ guard }: World, execute?: Execute) => {
    const { apiKeys } = createFixture();
    const access = { lisbon: "read", barcelona: "write" } as const;
    const { key } = await apiKeys.create({ organizationId: OWN, name: "Website", access });
    const authenticated = await apiKeys.authenticate(key);
    if (!authenticated.ok) throw new Error(authenticated.reason);
    const run = createExecute({ apiKeys, guard, ...(execute && { execute }) });
    const subscribe = createSubscribe({ apiKeys, guard });
    return { caller: authenticated.caller, run, subscribe };
  };

  it.each(executors)("%s", async (_name, execute, knows) => {
    const { caller: reader, run } = await createAdapter(world, execute);
    const ask = async (query: string) => {
      world.received.length = 0;
      const result = (await run({ document: parseArguments(query), caller: reader })) as Args;
      const messages = (result["errors"] as Error[] | undefined)?.map(({ message }) => message);
      return [messages, world.received.map(({ args }) => args)];
    };
    const none = [[UNSUPPORTED], []];
    expect(await ask(HIDDEN)).toEqual(knows ? [undefined, [l("lisbon")]] : none);
    const [messages, received] = await ask(HIDDEN.replace('x: "lisbon"', 'x: "porto"'));
    expect(received).toEqual([]);
    expect(messages).toEqual([knows ? expect.stringContaining("read access") : UNSUPPORTED]);
  });

  const events = (id: string) => `subscription ($x: ID = ${LISBON}) { ...F(x: ${id}) }
    fragment F($x: ID!) on Subscription { events(l: $x) }`;

  it("subscribe of graphql", async () => {
    const { caller: reader, subscribe } = await createAdapter(world);
    const open = async (id: string) =>
      subscribe({ document: parseArguments(events(id)), caller: reader });
    const bad = (await open(PORTO)) as graphql.ExecutionResult;
    expect(bad.errors!.map(({ message }) => message)).toEqual([
      IS_17 ? expect.stringContaining("read access") : UNSUPPORTED,
    ]);
    const opened = await open(BARCELONA);
    if (!IS_17) return expect(opened).toMatchObject({ errors: [{ message: UNSUPPORTED }] });
    world.received.length = 0;
    for await (const event of opened as AsyncIterable<graphql.ExecutionResult>) {
      expect(plain(event)).toEqual({ data: { events: 1 } });
    }
    return expect(world.received.map(({ args }) => args)).toEqual(b);
  });

  it.each(experimentalExecuteIncrementally ? [true, false] : [])(
    "@defer by a fragment's variable: %s",
    async (isDeferred) => {
      const deferring = createWorld(DEFER);
      const { caller: reader, run } = await createAdapter(
        deferring,
        experimentalExecuteIncrementally,
      );
      const ask = async (id: string) =>
        run({
          document: parseArguments(
            `query ($d: Boolean = ${!isDeferred}) { free ...F(x: ${id}, d: ${isDeferred}) }
            ${F("...G(y: $x) @defer(if: $d)", "$x: ID!, $d: Boolean!")} ${G("one(l: $y)")}`,
          ),
          caller: reader,
        }) as Promise<{
          errors?: readonly graphql.GraphQLError[];
          subsequentResults?: AsyncIterable<unknown>;
        }>;
      const bad = await ask(PORTO);
      expect(bad.errors).toMatchObject([{ extensions: { code: "UNAUTHORIZED" } }]);
      expect(deferring.received).toEqual([]);
      const { errors: none, subsequentResults } = await ask(BARCELONA);
      expect([none, subsequentResults !== undefined]).toEqual([undefined, isDeferred]);
      for await (const _ of subsequentResults ?? []);
      expect(deferring.received.map(({ args }) => args)).toEqual([{}, ...b]);
    },
  );
});
