import {
  changesBetween,
  conflictBetween,
  draftOf,
  resolve,
  type Conflict,
  type Draft,
} from "./draft.js";
import type { Filter } from "./libraries.js";
import type { ApiKey, Failure, Library, Loaded } from "./types.js";

/** All that the element shows. */
export interface State {
  readonly list: Load<ApiKey>;
  readonly libraries: Load<Library>;
  /** The key that is open; null: the list is shown. */
  readonly editing: Editing | null;
  /** Keys with unsaved changes that are not open, by id: they wait until somebody comes back. */
  readonly kept: ReadonlyMap<string, Editing>;
  readonly dialog: Dialog | null;
  readonly notice: Notice | null;
  /** A change is on its way: no other is begun. */
  readonly isBusy: boolean;
}

/** A list on its way, there, or not to be had. */
export interface Load<T> {
  readonly type: "loading" | "loaded" | "failed";
  readonly nodes: readonly T[];
  readonly endCursor: string | null;
  readonly failure: Failure | null;
}

/** A key that is being edited. */
export interface Editing extends Filter {
  readonly base: ApiKey;
  readonly draft: Draft;
  readonly conflict: Conflict | null;
  /** How many rows are drawn. */
  readonly rowLimit: number;
}

/** What stands before everything else. */
export type Dialog =
  | {
      readonly type: "generate" | "regenerate" | "disable" | "delete";
      /** Of this form: it makes one key at most. */
      readonly submissionId: string;
      readonly problem: Problem | null;
    }
  | {
      readonly type: "secret";
      /** The key, here and nowhere else until the dialog is closed. */
      readonly key: string;
      readonly apiKey: ApiKey;
      readonly copying: "untried" | "copied" | "refused" | "warned";
    }
  | { readonly type: "discard" };

/** Why something was not done. */
export type Problem =
  | { readonly type: Failure }
  | { readonly type: "invalid"; readonly message: string }
  | { readonly type: "nameMissing" | "expiryUnclear" | "expiryPast" | "conflictOpen" };

/** Something to know above the list or the key. */
export type Notice =
  | Problem
  | {
      readonly type:
        | "saved"
        | "discarded"
        | "disabledNow"
        | "enabledNow"
        | "changedElsewhere"
        | "issuedBefore"
        | "conflictNext";
    }
  | { readonly type: "deleted" | "deletedElsewhere" | "kept"; readonly name: string };

export const ROWS = 100;

const LOADING = { type: "loading", nodes: [], endCursor: null, failure: null } as const;

/** Nothing is known yet. */
export const initialState: State = {
  list: LOADING,
  libraries: LOADING,
  editing: null,
  kept: new Map(),
  dialog: null,
  notice: null,
  isBusy: false,
};

/** A page came: what was there stays, also when it failed. */
export function withPage<T extends { readonly id: string }>(
  load: Load<T>,
  page: Loaded<T>,
): Load<T> {
  if (page.type === "failed") return { ...load, type: "failed", failure: page.failure };
  const ids = new Set(load.nodes.map(({ id }) => id));
  const added = page.nodes.filter(({ id }) => !ids.has(id));
  return {
    type: "loaded",
    nodes: [...load.nodes, ...added],
    endCursor: page.endCursor,
    failure: null,
  };
}

/** The list with this key as it is now; a new one comes last, as on the server. */
export function withKey(state: State, apiKey: ApiKey): State {
  const { nodes } = state.list;
  const known = nodes.some(({ id }) => id === apiKey.id);
  const next = known
    ? nodes.map((one) => (one.id === apiKey.id ? apiKey : one))
    : [...nodes, apiKey];
  return { ...state, list: { ...state.list, nodes: next } };
}

/** The list without this key, and nothing left of what was done to it. */
export function withoutKey(state: State, id: string): State {
  const nodes = state.list.nodes.filter((one) => one.id !== id);
  const editing = state.editing?.base.id === id ? null : state.editing;
  const kept = new Map([...state.kept].filter(([one]) => one !== id));
  return { ...state, list: { ...state.list, nodes }, editing, kept };
}

/** A key is opened, as it was left. */
export function opened(state: State, apiKey: ApiKey): State {
  const before = keptAside(state);
  const kept = new Map(before.kept);
  const left = kept.get(apiKey.id);
  kept.delete(apiKey.id);
  const next = { ...before, kept, notice: null, editing: left ?? editingOf(apiKey) };
  const seen = left?.conflict?.theirs ?? left?.base ?? apiKey;
  return seen.version === apiKey.version ? next : conflicted(next, apiKey);
}

/** No key is open; unsaved changes of the one that was are kept. */
export function keptAside(state: State): State {
  const { editing } = state;
  if (!editing) return state;
  const kept = isDirty(state) ? new Map([...state.kept, [editing.base.id, editing]]) : state.kept;
  return { ...state, editing: null, kept };
}

function editingOf(apiKey: ApiKey): Editing {
  return {
    base: apiKey,
    draft: draftOf(apiKey),
    conflict: null,
    search: "",
    onlyGranted: false,
    rowLimit: ROWS,
  };
}

/** The open key is this now, and what was not saved stays unsaved. */
export function rebased(state: State, apiKey: ApiKey): State {
  const next = withKey(state, apiKey);
  const { editing } = state;
  if (editing?.base.id !== apiKey.id) return next;
  const draft = resolve(editing.base, editing.draft, { theirs: apiKey, choices: new Map() });
  return { ...next, editing: { ...editing, base: apiKey, draft } };
}

/** Someone else saved the open key first. */
export function conflicted(state: State, theirs: ApiKey): State {
  const { editing } = state;
  if (editing?.base.id !== theirs.id) return withKey(state, theirs);
  if (!isDirty(state)) {
    return { ...rebased(state, theirs), notice: { type: "changedElsewhere" } };
  }
  const conflict = conflictBetween(editing.base, editing.draft, theirs);
  return { ...withKey(state, theirs), notice: null, editing: { ...editing, conflict } };
}

/** How many changes are not saved. */
export function unsavedCount({ editing }: State): number {
  return editing === null ? 0 : changesBetween(editing.base, editing.draft).length;
}

/** Whether the open key has changes that are not saved. */
export function isDirty(state: State): boolean {
  return unsavedCount(state) > 0;
}

/** Whether any key has. */
export function hasUnsaved(state: State): boolean {
  return isDirty(state) || state.kept.size > 0;
}
