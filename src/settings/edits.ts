import { draftOf, isDecided, resolve, withChoice, type Draft, type Side } from "./draft.js";
import { rowsOf, type Filter } from "./libraries.js";
import { isDirty, ROWS, type Editing, type State } from "./state.js";
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
  const rows = rowsOf(state.libraries.nodes, base, draft, state.editing);
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

/** What was not saved is given up. */
export function discarded(state: State): State {
  if (!state.editing) return state;
  const draft = draftOf(state.editing.base);
  return { ...withEditing(state, { draft }), notice: null };
}

/** Back to the list, unless something would be lost: then it is asked first. */
export function back(state: State): State {
  return isDirty(state) ? { ...state, dialog: { type: "leave" } } : left(state);
}

/** Back to the list, whatever is lost. */
export function left(state: State): State {
  return { ...state, dialog: null, editing: null, notice: null };
}

/** One collision is decided. */
export function decided(state: State, libraryId: string | null, side: Side): State {
  const conflict = state.editing?.conflict;
  if (!conflict) return state;
  const choices = new Map([...conflict.choices, [libraryId, side]]);
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
