import type { Level } from "../../core/access.js";
import { createCaller, type Caller } from "../../core/caller.js";

/*
 * What should happen, decided by as little code as possible and by none of the guard's own: a proof that asked the guard
 * would only find it to agree with itself.
 */

/** What a field of an operation asks of its caller. */
export type Demand =
  | { readonly kind: "organization"; readonly id: string }
  /** With an organization, the pair; without, a library of the caller's own. */
  | {
      readonly kind: "library";
      readonly id: string;
      readonly level: Level;
      readonly organizationId?: string;
    }
  /** Some library at the level. */
  | { readonly kind: "some"; readonly level: Level }
  /** Nobody may run it, whatever is granted. */
  | { readonly kind: "never" };

/** Where a synthetic object is; without an organization, in a library of whoever asks. */
export interface Place {
  readonly libraryId: string;
  readonly organizationId?: string;
}

/** Somebody who tries. */
export interface Subject {
  /** What sets it apart, for messages. */
  readonly name: string;
  readonly organizationId: string;
  readonly table: ReadonlyMap<string, Level>;
  readonly caller: Caller;
}

/** Whether a caller meets a demand. */
export function meets(subject: Subject, demand: Demand): boolean {
  switch (demand.kind) {
    case "organization":
      return demand.id === subject.organizationId;
    case "library":
      return (
        (demand.organizationId ?? subject.organizationId) === subject.organizationId &&
        isEnough(subject.table.get(demand.id), demand.level)
      );
    case "some":
      return [...subject.table.values()].some((level) => isEnough(level, demand.level));
    case "never":
      return false;
  }
}

/** Whether a caller may see an object. */
export function sees(subject: Subject, { libraryId: id, organizationId }: Place): boolean {
  const demand = { kind: "library" as const, id, level: "read" as const };
  return meets(subject, organizationId === undefined ? demand : { ...demand, organizationId });
}

function isEnough(granted: Level | undefined, needed: Level): boolean {
  return granted === "write" || (granted === "read" && needed === "read");
}

/** Ids that callers are told apart by. */
export interface Reach {
  readonly organization: string;
  readonly otherOrganization: string;
  /** Ids that no operation names as granted ones. */
  readonly unreachable: readonly string[];
  /** What is granted where an operation names no library and needs one all the same. */
  readonly spare: string;
}

/** The callers that an operation is tried as. The first is granted exactly what it asks, and at least one library. */
export function subjectsOf(
  demands: readonly Demand[],
  reach: Reach,
): readonly [Subject, ...Subject[]] {
  const { organization, otherOrganization, unreachable, spare } = reach;
  const table = new Map<string, Level>();
  const grant = (id: string, level: Level): void => {
    if (table.get(id) !== "write") table.set(id, level);
  };
  for (const demand of demands) if (demand.kind === "library") grant(demand.id, demand.level);
  const granted = (): Subject => subject("everything it names", organization, table);
  for (const demand of demands) {
    if (demand.kind === "some" && !meets(granted(), demand)) grant(spare, demand.level);
  }
  if (table.size === 0) grant(spare, "read");
  const lowered = [...table]
    .filter(([, level]) => level === "write")
    .map(([id]) => {
      const lower = new Map(table).set(id, "read");
      return subject(`only read on library ${id}`, organization, lower);
    });
  const others = new Map(unreachable.map((id) => [id, "write"] as const));
  return [
    granted(),
    subject("nothing", organization, new Map()),
    ...lowered,
    subject("other libraries", organization, others),
    subject("libraries of the same ids in another organization", otherOrganization, table),
  ];
}

function subject(
  reach: string,
  organizationId: string,
  given: ReadonlyMap<string, Level>,
): Subject {
  const table = new Map(given);
  const access = Object.fromEntries(table);
  return {
    name: `a caller granted ${reach}`,
    organizationId,
    table,
    caller: createCaller({
      id: "proof",
      version: 1,
      organizationId,
      access,
      current: () => subject(reach, organizationId, table).caller,
    }),
  };
}
