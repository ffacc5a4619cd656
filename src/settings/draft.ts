import type { Access, ApiKey, Choice, Level } from "./types.js";

/** What is being edited of a key. */
export interface Draft {
  readonly name: string;
  readonly access: Access;
}

/** One thing that differs: the level in a library, or the name, where `libraryId` is null. */
export interface Change {
  readonly libraryId: string | null;
  readonly from: string;
  readonly to: string;
}

/** Both changed the same thing, and not to the same. */
export interface Collision {
  readonly libraryId: string | null;
  readonly mine: string;
  readonly theirs: string;
}

/** Someone saved while somebody else was editing. */
export interface Conflict {
  /** The key as it is now. */
  readonly theirs: ApiKey;
  /** What only the other changed. */
  readonly taken: readonly Change[];
  readonly collisions: readonly Collision[];
  /** What was decided so far, by library id; null is the name. */
  readonly choices: ReadonlyMap<string | null, Side>;
}

/** Whose value it shall be. */
export type Side = "mine" | "theirs";

/** A draft in which nothing was changed yet. */
export function draftOf({ name, access }: ApiKey): Draft {
  return { name, access };
}

/** What the key may do in this library. */
export function choiceOf(access: Access, libraryId: string): Choice {
  return access.get(libraryId) ?? "NONE";
}

/** The table with other levels in some libraries. */
export function withChoice(access: Access, libraryIds: Iterable<string>, choice: Choice): Access {
  const next = new Map<string, Level>(access);
  for (const id of libraryIds) {
    if (choice === "NONE") next.delete(id);
    else next.set(id, choice);
  }
  return next;
}

/** What differs between two drafts: the name first, then libraries by id. */
export function changesBetween(from: Draft, to: Draft): readonly Change[] {
  const ids = [...new Set([...from.access.keys(), ...to.access.keys()])].sort();
  return [
    { libraryId: null, from: from.name, to: to.name },
    ...ids.map((libraryId) => ({
      libraryId,
      from: choiceOf(from.access, libraryId),
      to: choiceOf(to.access, libraryId),
    })),
  ].filter((change) => change.from !== change.to);
}

/** What has to be decided when `theirs` was saved while `mine` was being made of `base`. */
export function conflictBetween(base: Draft, mine: Draft, theirs: ApiKey): Conflict {
  const own = new Map(changesBetween(base, mine).map((change) => [change.libraryId, change.to]));
  const others = changesBetween(base, theirs);
  const collisions = others.flatMap(({ libraryId, to }) => {
    const value = own.get(libraryId);
    return value === undefined || value === to ? [] : [{ libraryId, mine: value, theirs: to }];
  });
  const taken = others.filter(({ libraryId }) => !own.has(libraryId));
  return { theirs, taken, collisions, choices: new Map() };
}

/** Whether every collision was decided. */
export function isDecided({ collisions, choices }: Conflict): boolean {
  return collisions.every(({ libraryId }) => choices.has(libraryId));
}

/** Their key with my changes on top, but for those decided otherwise. */
export function resolve(base: Draft, mine: Draft, { theirs, choices }: Conflict): Draft {
  const kept = changesBetween(base, mine).filter((one) => choices.get(one.libraryId) !== "theirs");
  return kept.reduce<Draft>(
    (draft, { libraryId, to }) =>
      libraryId === null
        ? { ...draft, name: to }
        : { ...draft, access: withChoice(draft.access, [libraryId], to as Choice) },
    draftOf(theirs),
  );
}
