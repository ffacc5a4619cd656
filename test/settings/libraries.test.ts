import { expect, it } from "vitest";
import { draftOf } from "../../src/settings/draft.js";
import { rowsOf } from "../../src/settings/libraries.js";
import { keyWith } from "./fixtures.js";

const libraries = [
  { id: "sp", name: "São Paulo" },
  { id: "barcelona", name: "Barcelona" },
  { id: "barcelona-2", name: "Barcelona, second floor" },
];
const loaded = { type: "loaded", nodes: libraries } as const;
const saved = draftOf(keyWith({ sp: "READ", demolished: "WRITE" }));
const draft = draftOf(keyWith({ barcelona: "WRITE" }));

it.each<[search: string, onlyGranted: boolean, ids: string]>([
  ["", false, "demolished sp barcelona barcelona-2"],
  ["  sao ", false, "sp"],
  ["BARCELONA", false, "barcelona barcelona-2"],
  ["floor barcelona", false, "barcelona-2"],
  ["barcelona-2", false, "barcelona-2"],
  ["madrid", false, ""],
  [".*", false, ""],
  ["", true, "demolished sp barcelona"],
])("search %j, with access only: %s → %s", (search, onlyGranted, ids) => {
  const rows = rowsOf(loaded, saved, draft, { search, onlyGranted });
  expect(rows.map(({ id }) => id).join(" ")).toBe(ids);
});

it("says what is chosen, what is saved, and what is gone", () => {
  const rows = rowsOf(loaded, saved, draft, { search: "", onlyGranted: true });
  expect(rows).toEqual([
    { id: "demolished", name: "demolished", choice: "NONE", saved: "WRITE", exists: false },
    { id: "sp", name: "São Paulo", choice: "NONE", saved: "READ", exists: true },
    { id: "barcelona", name: "Barcelona", choice: "WRITE", saved: "NONE", exists: true },
  ]);
});

it.each(["loading", "failed"] as const)("calls nothing gone while the list is %s", (type) => {
  const rows = rowsOf({ type, nodes: [] }, saved, saved, { search: "", onlyGranted: false });
  expect(rows.map(({ id, exists }) => [id, exists])).toEqual([
    ["sp", true],
    ["demolished", true],
  ]);
});
