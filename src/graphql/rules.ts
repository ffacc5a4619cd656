import { checkLevel, type Level, type LibraryRef } from "../core/access.js";
import { checkFunction, checkOptions, checkText, MAX_ID_LENGTH } from "../core/check.js";

/** Says that an argument or input field names an organization. Made by {@link organization}. */
export interface OrganizationRule {
  readonly kind: "organization";
}

/** Says that an argument or input field names a library or a list of them. Made by {@link library}. */
export interface LibraryRule {
  readonly kind: "library";
  /** Overrides the level that follows from the operation. */
  readonly level: Level | null;
  /** What happens when it is left out; null: that is refused. */
  readonly whenOmitted: "reachable" | null;
}

/** Says what a field needs that names no library. Made by {@link apiKey}. */
export interface ApiKeyRule {
  readonly kind: "apiKey";
  /** Some library must be within reach at this level; null: any key on a query, Write on a mutation. */
  readonly level: Level | null;
}

/** Where a resolved value says which library it belongs to. */
export type LibraryOf = (value: unknown) => Partial<LibraryRef> | null | undefined;

/** Says which library the objects of a type belong to. Made by {@link inLibrary}. */
export interface InLibraryRule {
  readonly kind: "inLibrary";
  readonly libraryOf: LibraryOf;
  /** Whether the rule says the organization as well; a function is taken to. */
  readonly namesOrganization: boolean;
}

/** Any rule. */
export type Rule = OrganizationRule | LibraryRule | ApiKeyRule | InLibraryRule;

type OneOrMore<R> = R | readonly R[];

/**
 * The rules that fit a schema coordinate: `Type`, `Type.field`, `Input.field` or `Type.field(argument:)`; any, if the
 * coordinate is not known before the program runs.
 */
export type RuleFor<Coordinate> = string extends Coordinate
  ? OneOrMore<Rule>
  : Coordinate extends `${string}.${string}(${string}:)`
    ? OneOrMore<OrganizationRule | LibraryRule>
    : Coordinate extends `${string}.${string}`
      ? OneOrMore<ApiKeyRule> | OneOrMore<OrganizationRule | LibraryRule>
      : OneOrMore<InLibraryRule>;

/** Whether a rule hands over the reachable libraries when they are left out. */
export function isReachable(
  rule: OrganizationRule | LibraryRule,
): rule is LibraryRule & { readonly whenOmitted: "reachable" } {
  return rule.kind === "library" && rule.whenOmitted === "reachable";
}

/** A map of schema coordinates to rules. An array of rules is a conjunction: all must hold. */
export type Rules<Coordinates extends string = string> = {
  readonly [Coordinate in Coordinates]: RuleFor<Coordinate>;
};

/**
 * The argument or input field names an organization, which must be the caller's own.
 *
 * @returns A rule for `Type.field(argument:)` or `Input.field`.
 * @throws TypeError when it is given options: there are none yet.
 */
export function organization(...options: readonly never[]): OrganizationRule {
  if (options.length > 0) throw new TypeError("organization() has no options yet");
  return Object.freeze({ kind: "organization" });
}

/**
 * The argument or input field names a library, or a list of them, that the caller must reach.
 *
 * @param options - `level` overrides Write below mutations and Read elsewhere. `whenOmitted: "reachable"`, on a list
 * argument of a query whose results are all marked: left out, the resolver receives the ids that the caller reaches.
 * @returns A rule for `Type.field(argument:)` or `Input.field`.
 * @throws RangeError when an option is not as described.
 */
export function library(
  options: { readonly level?: Level; readonly whenOmitted?: "reachable" } = {},
): LibraryRule {
  checkOptions("options", options, ["level", "whenOmitted"]);
  const { level, whenOmitted } = options;
  if (whenOmitted !== undefined && whenOmitted !== "reachable") {
    throw new RangeError('"whenOmitted" expected "reachable"; the others are not built yet');
  }
  return Object.freeze({
    kind: "library",
    level: level === undefined ? null : checkLevel('"level"', level),
    whenOmitted: whenOmitted ?? null,
  });
}

/**
 * The field needs a valid key and names no library.
 *
 * @param options - `level`: some library must be within reach at it. Absent: any key, on a mutation one with Write on
 * some library.
 * @returns A rule for `Type.field`.
 * @throws RangeError when the level is neither `"read"` nor `"write"`.
 */
export function apiKey(options: { readonly level?: Level } = {}): ApiKeyRule {
  checkOptions("options", options, ["level"]);
  const { level } = options;
  return Object.freeze({
    kind: "apiKey",
    level: level === undefined ? null : checkLevel('"level"', level),
  });
}

/**
 * Objects of the type belong to a library. One that is out of reach is dropped from lists, null where that is allowed,
 * and an error elsewhere.
 *
 * @param source - A function from the resolved value to its `{ organizationId, libraryId }`, or the names of the
 * value's properties that hold them. It is the resolved value that counts, never the schema's field of that name.
 * @returns A rule for `Type`.
 * @throws TypeError or RangeError when the source is not as described.
 */
export function inLibrary<Value = unknown>(
  source:
    | ((value: Value) => Partial<LibraryRef> | null | undefined)
    | { readonly organization?: string; readonly id: string },
): InLibraryRule {
  if (typeof source === "function") {
    checkFunction("source", source);
    return Object.freeze({
      kind: "inLibrary",
      libraryOf: source as LibraryOf,
      namesOrganization: true,
    });
  }
  checkOptions("source", source, ["organization", "id"]);
  const idProperty = checkText("source.id", source.id, MAX_ID_LENGTH);
  const organizationProperty =
    source.organization === undefined
      ? null
      : checkText("source.organization", source.organization, MAX_ID_LENGTH);
  return Object.freeze({
    kind: "inLibrary",
    libraryOf: propertiesOf(organizationProperty, idProperty),
    namesOrganization: organizationProperty !== null,
  });
}

function propertiesOf(organizationProperty: string | null, idProperty: string): LibraryOf {
  return (value) => {
    if (typeof value !== "object" || value === null) return null;
    const properties = value as Record<string, string | undefined>;
    const libraryId = properties[idProperty];
    if (libraryId === undefined) return null;
    if (organizationProperty === null) return { libraryId };
    const organizationId = properties[organizationProperty];
    return organizationId === undefined ? null : { organizationId, libraryId };
  };
}
