/** Group B: the values that name libraries, in lists, defaults and variables. */
import { refused, runs, stopped, type Row } from "./row.js";

const LIB = "query ($l: ID!) { one(lib: $l) }";
const NULLABLE = "query ($l: ID) { nullable(lib: $l) }";
const FOUND = { one: "lisbon" };

/** A variable `$l` of each value. */
const l = (value: unknown) => ({ variables: { l: value } });
const many = (last: string) => Array.from({ length: 2000 }, () => "lisbon").concat(last);
const LOOK_ALIKES = [
  "Lisbon",
  "lisbon ",
  " lisbon",
  "l\u0456sbon",
  "lisbo\u0301n",
  "lisbon\u0000",
  "ｌisbon",
];

export const values: readonly Row[] = [
  {
    number: 19,
    title: "a variable's default",
    asks: [
      runs(`query ($l: ID! = "lisbon") { one(lib: $l) }`, FOUND),
      refused(`query ($l: ID! = "porto") { one(lib: $l) }`),
    ],
  },
  {
    number: 20,
    title: "an argument's default",
    asks: [
      runs("{ defaulted }", { defaulted: "porto" }, { access: { porto: "read" } }),
      runs(`{ defaulted(lib: "lisbon") }`, { defaulted: "lisbon" }),
      refused("{ defaulted }"),
    ],
  },
  {
    number: 21,
    title: "a variable that is not sent to an argument with a default",
    asks: [
      runs(NULLABLE, { nullable: "porto" }, { access: { porto: "read" } }),
      runs(NULLABLE, { nullable: "lisbon" }, l("lisbon")),
      refused(NULLABLE),
    ],
  },
  {
    number: 22,
    title: "null",
    asks: [
      runs(NULLABLE, { nullable: "lisbon" }, l("lisbon")),
      refused(NULLABLE, { ...l(null), access: { porto: "write" } }),
      refused("{ nullable(lib: null) }"),
      refused("{ list(libs: null) }"),
      refused("{ list }"),
    ],
  },
  {
    number: 23,
    title: "undefined is absent: the default counts, by every executor",
    paths: ["execute"],
    asks: [
      runs(NULLABLE, { nullable: "porto" }, { ...l(undefined), access: { porto: "read" } }),
      refused(NULLABLE, l(undefined)),
    ],
  },
  {
    number: 24,
    title: "a single value for a list, in a variable",
    asks: [
      runs("query ($l: [ID!]) { list(libs: $l) }", { list: "lisbon" }, l("lisbon")),
      refused("query ($l: [ID!]) { list(libs: $l) }", l("porto")),
      refused("query ($l: [[ID!]]) { nested(libs: $l) }", l("porto")),
    ],
  },
  {
    number: 25,
    title: "a single value for a list, literally",
    asks: [
      runs(`{ list(libs: "lisbon") nested(libs: "lisbon") }`, { list: "lisbon", nested: "lisbon" }),
      refused(`{ list(libs: "porto") }`),
      refused(`{ nested(libs: "porto") }`),
    ],
  },
  {
    number: 26,
    title: "the last of a long list",
    asks: [
      runs(
        "query ($l: [ID!]) { list(libs: $l) }",
        { list: many("barcelona").join(" ") },
        l(many("barcelona")),
      ),
      refused("query ($l: [ID!]) { list(libs: $l) }", l(many("porto"))),
    ],
  },
  {
    number: 27,
    title: "an empty list",
    asks: [
      runs(`{ list(libs: ["lisbon"]) }`, { list: "lisbon" }),
      ...["{ list(libs: []) }", "{ nested(libs: []) }", "{ nested(libs: [[]]) }"].map((q) =>
        refused(q),
      ),
      refused(`{ nested(libs: [["lisbon"], []]) }`),
      refused("query ($l: [ID!]) { list(libs: $l) }", l([])),
    ],
  },
  {
    number: 28,
    title: "nested lists",
    asks: [
      runs(`{ nested(libs: [["lisbon"], ["barcelona"]]) }`, { nested: "lisbon barcelona" }),
      refused(`{ nested(libs: [["lisbon"], ["barcelona", "porto"]]) }`),
    ],
  },
  {
    number: 29,
    title: "numbers for ids",
    asks: [
      runs("{ one(lib: 5) }", { one: "5" }, { access: { "5": "read" } }),
      runs(LIB, { one: "5" }, { ...l(5), access: { "5": "read" } }),
      refused("{ one(lib: 6) }", { access: { "5": "read" } }),
      refused(LIB, { ...l(6), access: { "5": "read" } }),
      stopped(LIB, { ...l(1e21), access: { "1": "read" } }),
    ],
  },
  {
    number: 30,
    title: "look-alikes",
    asks: [runs(LIB, FOUND, l("lisbon")), ...LOOK_ALIKES.map((id) => refused(LIB, l(id)))],
  },
];
