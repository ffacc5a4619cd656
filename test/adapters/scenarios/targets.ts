/** Group B, its end: conditions, coercion that fails, and fields with several targets. */

import { refused, runs, stopped, wrong, type Row } from "./row.js";

const LIB = "query ($l: ID!) { one(lib: $l) }";
const transfer = (source: string, target: string, ids: string) =>
  `mutation { transfer(source: "${source}", target: "${target}", assetIds: ${ids}) }`;

const SKIPPED = `{ viewer { name } one(lib: "porto") @skip(if: $s) }`;
const INCLUDED = `{ viewer { name } one(lib: "porto") @include(if: $s) }`;
const VIEWER = { viewer: { name: "somebody" } };

export const targets: readonly Row[] = [
  {
    number: 42,
    title: "@skip and @include by a variable, and by its default",
    asks: [
      runs(`query ($s: Boolean = true) ${SKIPPED}`, VIEWER),
      refused(`query ($s: Boolean = false) ${SKIPPED}`),
      refused(`query ($s: Boolean = true) ${SKIPPED}`, { variables: { s: false } }),
      runs(`query ($s: Boolean = true) ${INCLUDED}`, VIEWER, { variables: { s: false } }),
      refused(`query ($s: Boolean = true) ${INCLUDED}`),
      stopped(`query ($s: Boolean = true) ${SKIPPED}`, { variables: { s: null } }),
    ],
  },
  {
    number: 43,
    title: "coercion that throws is a request error, and says nothing of permissions",
    asks: [
      runs(
        "query ($l: Strict!) { strict(at: $l) }",
        { strict: "lisbon" },
        { variables: { l: "lisbon" } },
      ),
      refused("query ($l: Strict!) { strict(at: $l) }", { variables: { l: "porto" } }),
      wrong("query ($l: Strict!) { strict(at: $l) }", { variables: { l: "atlantis" } }),
      wrong(`query ($l: Strict!) { strict(at: $l) one(lib: "porto") }`, {
        variables: { l: "atlantis" },
      }),
      wrong(LIB, { variables: { l: {} } }),
      wrong(LIB, { variables: { l: true } }),
      wrong(LIB),
    ],
  },
  {
    number: 44,
    title: "a transfer needs write on both sides",
    asks: [
      runs(
        transfer("barcelona", "lisbon", `["b1"]`),
        { transfer: "barcelona lisbon b1" },
        {
          access: { barcelona: "write", lisbon: "write" },
        },
      ),
      refused(transfer("barcelona", "lisbon", `["b1"]`)),
      refused(transfer("lisbon", "barcelona", `["l1"]`)),
      refused(transfer("barcelona", "porto", `["b1"]`)),
    ],
  },
  {
    number: 45,
    title: "assets that are not in the library that is named as theirs",
    asks: [
      runs(transfer("barcelona", "barcelona", `["b1", "b2"]`), {
        transfer: "barcelona barcelona b1 b2",
      }),
      ...[`["b1", "l1"]`, `["p1"]`, `["x1"]`, `["nothing"]`, "[]"].map((ids) =>
        refused(transfer("barcelona", "barcelona", ids)),
      ),
    ],
  },
  {
    number: 46,
    title: "two rules that disagree both hold",
    asks: [
      runs(`{ both(lib: "barcelona") }`, { both: "barcelona" }),
      refused(`{ both(lib: "lisbon") }`),
    ],
  },
];
