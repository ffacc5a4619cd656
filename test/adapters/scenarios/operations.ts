/** Group C: which operation is judged, and that it is the one that runs. */
import { parse } from "graphql";
import { partly, refused, runs, stopped, wrong, type Row } from "./row.js";
import { serviceScene } from "./service.js";

const one = (lib: string) => `one(lib: "${lib}")`;
const TWO = `query Good { ${one("lisbon")} } query Bad { ${one("porto")} }`;
const LISBON = { one: "lisbon" };
const LIB = "query ($l: ID!) { one(lib: $l) }";

export const operations: readonly Row[] = [
  {
    number: 47,
    title: "several operations and a name",
    asks: [
      runs(TWO, LISBON, { operationName: "Good" }),
      refused(TWO, { operationName: "Bad" }),
      wrong(TWO, { operationName: "good" }),
    ],
  },
  {
    number: 48,
    title: "several operations and no name",
    asks: [
      runs(`query Good { ${one("lisbon")} }`, LISBON),
      wrong(TWO),
      wrong(TWO.replace("porto", "lisbon")),
    ],
  },
  {
    number: 49,
    title: "two operations of one name that nobody validated",
    scene: () => serviceScene({ unvalidated: true }),
    asks: [
      runs(TWO, LISBON, { operationName: "Good" }),
      wrong(TWO.replace("Bad", "Good"), { operationName: "Good" }),
      wrong(`query Good { ${one("porto")} } query Good { ${one("lisbon")} }`, {
        operationName: "Good",
      }),
    ],
  },
  {
    number: 50,
    title: "an empty name",
    asks: [
      runs(`{ ${one("lisbon")} }`, LISBON),
      // Yoga finds no operation of that name by itself.
      {
        ...runs(`{ ${one("lisbon")} }`, LISBON, { operationName: "" }),
        verdict: ["runs", "wrong"],
      },
      stopped(`{ ${one("porto")} }`, { operationName: "" }),
      wrong(TWO, { operationName: "" }),
    ],
  },
  {
    number: 51,
    title: "what is remembered of a text is judged anew by name, by variables and by key",
    asks: Array.from({ length: 2 }, () => [
      runs(TWO, LISBON, { operationName: "Good" }),
      refused(TWO, { operationName: "Bad" }),
      runs(TWO, { one: "porto" }, { operationName: "Bad", access: { porto: "read" } }),
      runs(LIB, LISBON, { variables: { l: "lisbon" } }),
      refused(LIB, { variables: { l: "porto" } }),
    ]).flat(),
  },
  {
    number: 52,
    title: "a document that is replaced after the check",
    scene: () =>
      serviceScene({ swap: () => ({ document: parse(`{ swapped: ${one("porto")} }`) }) }),
    asks: [
      partly(`{ ${one("lisbon")} }`, { swapped: null }, { swapped: "UNAUTHORIZED" }),
      runs(
        `{ ${one("lisbon")} }`,
        { swapped: "porto" },
        { access: { lisbon: "read", porto: "read" } },
      ),
    ],
  },
  {
    number: 53,
    title: "variables that are replaced after the check",
    scene: () => serviceScene({ swap: () => ({ variableValues: { l: "porto" } }) }),
    asks: [
      partly(
        "query ($l: ID!) { one(lib: $l) list(libs: [$l]) filtered(filter: { libraryId: $l }) }",
        { one: null, list: null, filtered: null },
        { one: "UNAUTHORIZED", list: "UNAUTHORIZED", filtered: "UNAUTHORIZED" },
        { variables: { l: "lisbon" } },
      ),
      runs(
        LIB,
        { one: "porto" },
        {
          variables: { l: "lisbon" },
          access: { lisbon: "read", porto: "read" },
        },
      ),
    ],
  },
  {
    number: 54,
    title: "a document that nobody validated",
    scene: () => serviceScene({ unvalidated: true }),
    asks: [
      runs(`{ ${one("lisbon")} lost { deep } ...Lost ... on Nothing { x } }`, LISBON),
      refused(`{ ${one("porto")} lost { deep } ...Lost ... on Nothing { x } }`),
      refused(`query ($l: Int) { list(libs: $l) ${one("porto")} }`),
    ],
  },
  {
    number: 57,
    title: "a query that acts, a mutation that only reads",
    asks: [
      runs(`{ publish(lib: "barcelona") }`, { publish: "barcelona" }),
      refused(`{ publish(lib: "lisbon") }`),
      runs(`mutation { preview(lib: "lisbon") }`, { preview: "lisbon" }),
      refused(`mutation { preview(lib: "porto") }`),
    ],
  },
  {
    number: 58,
    title: "an operation's name that promises something",
    asks: [
      runs(`query IntrospectionQuery { ${one("lisbon")} }`, LISBON),
      refused(`query IntrospectionQuery { ${one("porto")} }`, {
        operationName: "IntrospectionQuery",
      }),
      refused(`mutation Read { upload(lib: "lisbon") { asset { id } } }`, {
        operationName: "Read",
      }),
    ],
  },
  {
    number: 59,
    title: "a mutation by a key that only reads",
    asks: [
      runs(
        `mutation { preview(lib: "lisbon") }`,
        { preview: "lisbon" },
        { access: { lisbon: "read" } },
      ),
      refused(`mutation { upload(lib: "lisbon") { asset { id } } }`, {
        access: { lisbon: "read" },
      }),
      refused("mutation { create }", { access: { lisbon: "read" } }),
      runs("mutation { create }", { create: "" }, { access: { lisbon: "write" } }),
    ],
  },
];
