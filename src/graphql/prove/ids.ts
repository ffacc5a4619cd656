import {
  getNamedType,
  isEnumType,
  parseValue,
  type GraphQLInputType,
  type GraphQLLeafType,
} from "graphql";
import type { ProofSamples } from "./samples.js";
import { printValue } from "./values.js";

/** Ids of one shape. */
export interface Family {
  readonly good: string;
  /** Another good one, for lists. */
  readonly second: string;
  /** One that is out of reach; null: the type has no other. */
  readonly bad: string | null;
}

const uuid = (end: string): string => `00000000-0000-4000-8000-000000${end}`;
const family = (start: string, shape = (id: string): string => id): Family => {
  const [good, second, bad] = [1, 2, 3].map((end) => shape(`${start}${end}`));
  return { good: good!, second: second!, bad: bad! };
};

/** Digits fit ID, String and Int alike. */
export const LIBRARIES: readonly [Family, ...Family[]] = [family("72000"), family("72000", uuid)];
const ORGANIZATIONS: readonly [Family, ...Family[]] = [family("91000"), family("91000", uuid)];

/** An id that some callers are granted and no operation names. */
export const SPARE = "720009";

/** Every id of ours that is told from all other values by its text alone. */
export const ALL_IDS: ReadonlySet<string> = new Set(
  [...LIBRARIES, ...ORGANIZATIONS].flatMap(({ good, second, bad }) => [good, second, bad!]),
);

/** A place for an id: its type, and where samples may say how it is written. */
export interface IdPlace {
  readonly type: GraphQLInputType;
  readonly coordinate: string;
}

/** Finds ids that the types of marked places take. */
export interface Ids {
  /** The organization that operations name, and another. */
  readonly organizations: Family;
  /** Ids of libraries for a place; null: none are known that it takes. */
  librariesFor(place: IdPlace): Family | null;
  /** Whether the organizations can be written at a place. */
  takesOrganizations(place: IdPlace): boolean;
  /** How an id is written at a place. */
  write(place: IdPlace, id: string): unknown;
}

/** Makes the finder of ids for a schema whose organizations are named at these places. */
export function createIds(organizationPlaces: readonly IdPlace[], samples: ProofSamples): Ids {
  function write({ type, coordinate }: IdPlace, id: string): unknown {
    const leaf = getNamedType(type) as GraphQLLeafType; // as createGuard made sure
    const sample = samples.values?.[coordinate] ?? samples.values?.[leaf.name];
    const spellings =
      typeof sample === "function"
        ? [(sample as (id: string) => unknown)(id)]
        : isEnumType(leaf)
          ? leaf.getValues().map(({ name }) => name)
          : [id, Number(id)];
    return spellings.find((spelling) => textOf(coerce(leaf, spelling)) === id);
  }

  const takes = (place: IdPlace, { good, second, bad }: Family): boolean =>
    [good, second, bad].every((id) => id === null || write(place, id) !== undefined);

  const fitting = (
    place: IdPlace,
    families: readonly Family[],
    all: readonly IdPlace[],
  ): Family | undefined => {
    const leaf = getNamedType(place.type);
    const own = isEnumType(leaf) ? [familyOfEnum(leaf)] : families;
    return own.find((one) => one !== null && all.every((other) => takes(other, one))) ?? undefined;
  };

  const [first] = organizationPlaces;
  const organizations =
    (first && fitting(first, ORGANIZATIONS, organizationPlaces)) ?? ORGANIZATIONS[0];
  return {
    organizations,
    librariesFor: (place) => fitting(place, LIBRARIES, [place]) ?? null,
    takesOrganizations: (place) => takes(place, organizations),
    write,
  };
}

/** A value as the text of an id. */
export function textOf(value: unknown): string | null {
  return ["string", "number", "bigint"].includes(typeof value) ? String(value) : null;
}

/** What a leaf type makes of a value that it takes both as a variable and in a document; otherwise undefined. */
export function coerce(leaf: GraphQLLeafType, value: unknown): unknown {
  try {
    leaf.parseLiteral(parseValue(printValue(leaf, value)), {});
    return leaf.parseValue(value);
  } catch {
    return undefined;
  }
}

function familyOfEnum(leaf: GraphQLLeafType & { getValues(): readonly { value: unknown }[] }) {
  const ids = leaf.getValues().flatMap(({ value }) => textOf(value) ?? []);
  const [good, bad = null] = ids;
  return good === undefined ? null : { good, second: good, bad };
}
