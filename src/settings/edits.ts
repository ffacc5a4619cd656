import {
  draftOf,
  isDecided,
  resolve,
  withChoice,
  type Draft,
  type Field,
  type Side,
} from "./draft.js";
import { rowsOf, type Filter } from "./libraries.js";
import { isDirty, keptAside, ROWS, type Editing, type State } from "./state.js";
import type { Choice } from "./types.js";

/* What people do to the key that is open. Without one, nothing happens. */

/** The name is typed. */
export function renamed(state: State, name: string): State {
  return withDraft(state, { name });
}

/** A level is chosen. */
export function chosen(state: State, libraryId: string, choice: Choice): State {
  const access = state.editing?.draft.access;
  return access ? withDraft(state, { access: withChoice(access, [libraryId], choice) }) : state;
}

/** A level is chosen for every library that was found, those included that are not drawn. */
export function chosenForShown(state: State, choice: Choice): State {
  if (!state.editing) return state;
  const { base, draft } = state.editing;
  const rows = rowsOf(state.libraries, base, draft, state.editing);
  const ids = rows.filter(({ exists }) => exists || choice === "NONE").map(({ id }) => id);
  return withDraft(state, { access: withChoice(draft.access, ids, choice) });
}

/** Other libraries are looked for. */
export function filtered(state: State, filter: Partial<Filter>): State {
  return withEditing(state, { ...filter, rowLimit: ROWS });
}

/** All rows are to be drawn. */
export function withAllRows(state: State): State {
  return withEditing(state, { rowLimit: Number.POSITIVE_INFINITY });
}

/** The last day is chosen: ISO 8601, null for never, an empty text while it is no whole date. */
export function expiring(state: State, expiresAt: string | null): State {
  return withDraft(state, { expiresAt });
}

/** What was not saved is given up, for what is saved by now. */
export function discarded(state: State): State {
  if (!state.editing) return state;
  const { base: before, conflict } = state.editing;
  const base = conflict?.theirs ?? before;
  const next = withEditing(state, { base, draft: draftOf(base), conflict: null });
  return { ...next, dialog: null, notice: { type: "discarded" } };
}

/** Back to the list. Unsaved changes stay, and it is said that they are not saved. */
export function back(state: State): State {
  const { editing } = state;
  const notice = isDirty(state) ? ({ type: "kept", name: editing!.base.name } as const) : null;
  return { ...keptAside(state), dialog: null, notice };
}

/** One collision is decided. */
export function decided(state: State, field: Field, side: Side): State {
  const conflict = state.editing?.conflict;
  if (!conflict) return state;
  const choices = new Map([...conflict.choices, [field, side]]);
  return withEditing({ ...state, notice: null }, { conflict: { ...conflict, choices } });
}

/** The conflict is over: what is kept of one's own stands unsaved on top of theirs. */
export function wentOn(state: State): State {
  const { editing } = state;
  if (!editing?.conflict) return state;
  const { base, draft, conflict } = editing;
  if (!isDecided(conflict)) return { ...state, notice: { type: "conflictOpen" } };
  const next = withEditing(state, {
    base: conflict.theirs,
    draft: resolve(base, draft, conflict),
    conflict: null,
  });
  return { ...next, notice: isDirty(next) ? { type: "conflictNext" } : null };
}

function withDraft(state: State, part: Partial<Draft>): State {
  if (!state.editing) return state;
  return {
    ...withEditing(state, { draft: { ...state.editing.draft, ...part } }),
    notice: null,
  };
}

function withEditing(state: State, part: Partial<Editing>): State {
  return state.editing ? { ...state, editing: { ...state.editing, ...part } } : state;
}
