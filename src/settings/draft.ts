import type { Access, ApiKey, Changes, Choice, Level } from "./types.js";

/** What is being edited of a key. */
export interface Draft {
  readonly name: string;
  /** ISO 8601; null: never; an empty text: no whole date yet. */
  readonly expiresAt: string | null;
  readonly enabled: boolean;
  readonly access: Access;
}

/** One thing that can differ: a field of the key, or the level in a library. */
export type Field = "name" | "expiresAt" | "enabled" | `library:${string}`;

type Value = string | boolean | null;

/** One thing that differs. */
export interface Change {
  readonly field: Field;
  readonly from: Value;
  readonly to: Value;
}

/** Both changed the same thing, and not to the same. */
export interface Collision {
  readonly field: Field;
  readonly mine: Value;
  readonly theirs: Value;
}

/** Someone saved while somebody else was editing. */
export interface Conflict {
  /** The key as it is now. */
  readonly theirs: ApiKey;
  /** What only the other changed. */
  readonly taken: readonly Change[];
  readonly collisions: readonly Collision[];
  /** What was decided so far. */
  readonly choices: ReadonlyMap<Field, Side>;
}

/** Whose value it shall be. */
export type Side = "mine" | "theirs";

/** A draft in which nothing was changed yet. */
export function draftOf({ name, expiresAt, enabled, access }: ApiKey): Draft {
  return { name, expiresAt, enabled, access };
}

/** What the key may do in this library. */
export function choiceOf(access: Access, libraryId: string): Choice {
  return access.get(libraryId) ?? "NONE";
}

/** The library that a field is the level in; null: it is none. */
export function libraryOf(field: Field): string | null {
  return field.startsWith(LIBRARY) ? field.slice(LIBRARY.length) : null;
}

const LIBRARY = "library:";
const FIELDS = ["name", "expiresAt", "enabled"] as const;

/** The table with other levels in some libraries. */
export function withChoice(access: Access, libraryIds: Iterable<string>, choice: Choice): Access {
  const next = new Map<string, Level>(access);
  for (const id of libraryIds) {
    if (choice === "NONE") next.delete(id);
    else next.set(id, choice);
  }
  return next;
}

/** What differs between two drafts: the key's own fields first, then libraries by id. */
export function changesBetween(from: Draft, to: Draft): readonly Change[] {
  const ids = [...new Set([...from.access.keys(), ...to.access.keys()])].sort();
  return [
    ...FIELDS.map((field): Change => ({ field, from: from[field], to: to[field] })),
    ...ids.map((id): Change => ({
      field: `${LIBRARY}${id}`,
      from: choiceOf(from.access, id),
      to: choiceOf(to.access, id),
    })),
  ].filter((change) => change.from !== change.to);
}

/** What a save of a draft sends: what differs and nothing else, access as a whole. */
export function savedBy(from: Draft, to: Draft): Changes {
  const fields = changesBetween(from, to).map(({ field }) => field);
  return {
    ...(fields.includes("name") && { name: to.name }),
    ...(fields.includes("expiresAt") && { expiresAt: to.expiresAt }),
    ...(fields.includes("enabled") && { enabled: to.enabled }),
    ...(fields.some((field) => libraryOf(field) !== null) && { access: to.access }),
  };
}

/** What has to be decided when `theirs` was saved while `mine` was being made of `base`. */
export function conflictBetween(base: Draft, mine: Draft, theirs: ApiKey): Conflict {
  const own = new Map(changesBetween(base, mine).map(({ field, to }) => [field, to]));
  const others = changesBetween(base, theirs);
  const collisions = others.flatMap(({ field, to }) => {
    const value = own.get(field);
    return value === undefined || value === to ? [] : [{ field, mine: value, theirs: to }];
  });
  const taken = others.filter(({ field }) => !own.has(field));
  return { theirs, taken, collisions, choices: new Map() };
}

/** Whether every collision was decided. */
export function isDecided({ collisions, choices }: Conflict): boolean {
  return collisions.every(({ field }) => choices.has(field));
}

/** Their key with my changes on top, but for those decided otherwise. */
export function resolve(
  base: Draft,
  mine: Draft,
  { theirs, choices }: Pick<Conflict, "theirs" | "choices">,
): Draft {
  const kept = changesBetween(base, mine).filter(({ field }) => choices.get(field) !== "theirs");
  return kept.reduce<Draft>((draft, { field, to }) => {
    const id = libraryOf(field);
    if (id === null) return { ...draft, [field]: to };
    return { ...draft, access: withChoice(draft.access, [id], to as Choice) };
  }, draftOf(theirs));
}
