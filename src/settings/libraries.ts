import { choiceOf, type Draft } from "./draft.js";
import type { Choice, Library } from "./types.js";

/** A row of the table of libraries. */
export interface Row extends Library {
  readonly choice: Choice;
  /** What is saved. */
  readonly saved: Choice;
  /** False: access is left over from a library that is gone. */
  readonly exists: boolean;
}

/** The libraries that are known so far. */
export interface Known {
  readonly type: "loading" | "loaded" | "failed";
  readonly nodes: readonly Library[];
}

/** What part of the table is looked at. */
export interface Filter {
  readonly search: string;
  readonly onlyGranted: boolean;
}

/** The table: every library, those first that no list has, and none that was filtered out. */
export function rowsOf(
  { type, nodes }: Known,
  saved: Draft,
  draft: Draft,
  filter: Filter,
): readonly Row[] {
  const known = new Set(nodes.map(({ id }) => id));
  const others = [...new Set([...saved.access.keys(), ...draft.access.keys()])]
    .filter((id) => !known.has(id))
    .map((id) => ({ id, name: id }));
  const words = fold(filter.search).split(/\s+/).filter(Boolean);
  return [...others, ...nodes]
    .map(({ id, name }) => ({
      id,
      name,
      choice: choiceOf(draft.access, id),
      saved: choiceOf(saved.access, id),
      exists: known.has(id) || type !== "loaded", // what was not heard of yet may well exist
    }))
    .filter((row) => {
      // What was just set to None stays in sight.
      if (filter.onlyGranted && row.choice === "NONE" && row.saved === "NONE") return false;
      const text = fold(`${row.name} ${row.id}`);
      return words.every((word) => text.includes(word));
    });
}

/** "São Paulo" is found by "sao". */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
