import { describe, expect, it } from "vitest";
import * as edits from "../../src/settings/edits.js";
import {
  conflicted,
  hasUnsaved,
  initialState,
  isDirty,
  opened,
  rebased,
  unsavedCount,
  withKey,
  withoutKey,
  withPage,
  type State,
} from "../../src/settings/state.js";
import { keyWith } from "./fixtures.js";

const key = keyWith({ barcelona: "READ" });
const list = { type: "loaded", nodes: [key], endCursor: null, failure: null } as const;
const libraries = {
  ...list,
  nodes: ["barcelona", "lisbon", "porto"].map((id) => ({ id, name: id })),
} as const;
const open = opened({ ...initialState, list, libraries }, key);
const dirty = edits.chosen(open, "lisbon", "WRITE");

describe("a list", () => {
  it("grows by pages, without repetitions, and keeps what it has when one fails", () => {
    const two = keyWith({}, { id: "2" });
    const loaded = withPage(list, { type: "loaded", nodes: [key, two], endCursor: "next" });
    expect(loaded.nodes.map(({ id }) => id)).toEqual(["1", "2"]);
    const failed = withPage(loaded, { type: "failed", failure: "network" });
    expect(failed).toMatchObject({ nodes: [key, two], type: "failed", endCursor: "next" });
    expect(withPage(failed, { type: "loaded", nodes: [], endCursor: null }).failure).toBeNull();
  });

  it("takes up a new key last and a changed one in its place, and drops a deleted one", () => {
    const two = withKey(open, keyWith({}, { id: "2" }));
    const renamed = withKey(two, keyWith({}, { name: "Blog" }));
    expect(renamed.list.nodes.map(({ id, name }) => id + name)).toEqual(["1Blog", "2Website"]);
    const gone = withoutKey(renamed, "1");
    expect(gone.list.nodes.map(({ id }) => id)).toEqual(["2"]);
    expect(gone.editing).toBeNull();
    expect(withoutKey(renamed, "2").editing).not.toBeNull();
  });
});

describe("unsaved changes", () => {
  it("are counted, and gone once they are taken back", () => {
    expect(unsavedCount(initialState)).toBe(0);
    expect(unsavedCount(dirty)).toBe(1);
    expect(unsavedCount(edits.renamed(dirty, "Blog"))).toBe(2);
    expect(isDirty(edits.chosen(dirty, "lisbon", "NONE"))).toBe(false);
    expect(isDirty(edits.discarded(dirty))).toBe(false);
  });

  it("stay when one goes to the list, and are there when one comes back", () => {
    const away = edits.back(edits.filtered(dirty, { search: "lis" }));
    expect(away).toMatchObject({ editing: null, dialog: null });
    expect(away.notice).toEqual({ type: "kept", name: "Website" });
    expect([isDirty(away), hasUnsaved(away)]).toEqual([false, true]);
    const again = opened(away, key);
    expect(again.editing?.draft).toBe(dirty.editing?.draft);
    expect([again.editing?.search, again.kept.size, again.notice]).toEqual(["lis", 0, null]);
    expect(edits.back(open)).toMatchObject({ editing: null, notice: null, kept: new Map() });
  });

  it("of several keys stay apart, also when one opens a key from a key", () => {
    const two = keyWith({}, { id: "2" });
    const both = edits.renamed(opened(dirty, two), "Blog");
    expect([...both.kept.keys()]).toEqual(["1"]);
    const first = opened(both, key);
    expect(first.editing?.draft).toBe(dirty.editing?.draft);
    expect(first.kept.get("2")?.draft.name).toBe("Blog");
    expect(edits.discarded(first).kept).toBe(first.kept);
    expect(hasUnsaved(edits.back(edits.discarded(first)))).toBe(true);
    expect(hasUnsaved(withoutKey(edits.back(edits.discarded(first)), "2"))).toBe(false);
  });

  it("are taken to the key as it is when one comes back to a newer one", () => {
    const away = edits.back(dirty);
    const newer = keyWith({ porto: "READ" }, { version: 2 });
    const again = opened(withKey(away, newer), newer);
    expect(again.editing?.conflict).toMatchObject({ theirs: newer, collisions: [] });
    const decided = edits.decided(again, "name", "mine");
    const seen = opened(edits.back(decided), newer);
    expect(seen.editing).toBe(decided.editing);
  });

  it("stay when the key got a new version, and what was not touched is as the key is", () => {
    const next = keyWith({ barcelona: "READ" }, { version: 2, hint: "pk_new0…" });
    expect(unsavedCount(rebased(dirty, next))).toBe(1);
    expect(rebased(dirty, next).editing?.base).toBe(next);
    const renamed = rebased(open, keyWith({}, { name: "Blog" }));
    expect(renamed.editing?.draft.name).toBe("Blog");
    const disabled = rebased(dirty, keyWith({ barcelona: "READ" }, { version: 2, enabled: false }));
    expect(disabled.editing?.draft).toMatchObject({ enabled: false });
    expect(unsavedCount(disabled)).toBe(1);
    const later = edits.renamed(dirty, "Blog");
    const saved = keyWith({ barcelona: "READ", lisbon: "WRITE" }, { version: 2 });
    expect(rebased(later, saved).editing?.draft.name).toBe("Blog");
    expect(unsavedCount(rebased(later, saved))).toBe(1);
    expect(rebased(open, keyWith({}, { id: "2" })).editing).toBe(open.editing);
  });
});

describe("a level for all that are shown", () => {
  it("reaches those that were found, drawn or not, and gives nothing in a library that is gone", () => {
    const left = opened(open, keyWith({ demolished: "READ" }));
    const table = (state: State) => Object.fromEntries(state.editing!.draft.access);
    expect(table(edits.chosenForShown(left, "WRITE"))).toEqual({
      demolished: "READ",
      barcelona: "WRITE",
      lisbon: "WRITE",
      porto: "WRITE",
    });
    expect(table(edits.chosenForShown(left, "NONE"))).toEqual({});
    const found = edits.filtered(open, { search: "port" });
    expect(table(edits.chosenForShown(found, "READ"))).toEqual({
      barcelona: "READ",
      porto: "READ",
    });
    expect(edits.filtered(edits.withAllRows(open), { search: "" }).editing?.rowLimit).toBe(100);
  });
});

describe("a conflict", () => {
  const theirs = keyWith({ barcelona: "READ", lisbon: "READ" }, { version: 2 });

  it("shows the key as it is now where nothing is lost", () => {
    const state = conflicted(open, theirs);
    expect(state.notice).toEqual({ type: "changedElsewhere" });
    expect(state.editing).toMatchObject({ base: theirs, conflict: null });
  });

  it("keeps what was not saved until every line is decided", () => {
    const state = conflicted(dirty, theirs);
    expect(state.editing?.conflict?.collisions).toHaveLength(1);
    expect(state.editing?.draft).toBe(dirty.editing?.draft);

    const early = edits.wentOn(state);
    expect(early.notice).toEqual({ type: "conflictOpen" });
    expect(early.editing?.conflict).not.toBeNull();

    const mine = edits.wentOn(edits.decided(early, "library:lisbon", "mine"));
    expect(mine.notice).toEqual({ type: "conflictNext" });
    expect(mine.editing?.base).toBe(theirs);
    expect(mine.editing?.draft.access.get("lisbon")).toBe("WRITE");

    const discarded = edits.discarded(state);
    expect(discarded.editing).toMatchObject({ base: theirs, conflict: null });
    expect(isDirty(discarded)).toBe(false);

    const given = edits.wentOn(edits.decided(state, "library:lisbon", "theirs"));
    expect(given.notice).toBeNull();
    expect(isDirty(given)).toBe(false);
  });

  it("of a key that is not open changes the list only", () => {
    const other = keyWith({}, { id: "2" });
    expect(conflicted(dirty, other).editing).toBe(dirty.editing);
    expect(conflicted(dirty, other).list.nodes).toContain(other);
  });
});

it("does nothing to a key when none is open", () => {
  for (const next of [
    edits.renamed(initialState, "Blog"),
    edits.expiring(initialState, null),
    edits.back(initialState),
    edits.chosen(initialState, "barcelona", "READ"),
    edits.chosenForShown(initialState, "READ"),
    edits.discarded(initialState),
    edits.decided(initialState, "name", "mine"),
    edits.wentOn(initialState),
  ]) {
    expect(next).toEqual(initialState);
  }
});
