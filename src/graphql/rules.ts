import { checkLevel, type Level, type LibraryRef } from "../core/access.js";
import {
  checkFunction,
  checkInteger,
  checkOptions,
  checkText,
  MAX_ID_LENGTH,
} from "../core/check.js";
import { isPromiseLike, type MaybePromise } from "../core/maybe-promise.js";

/** Says that an argument or input field names an organization. Made by {@link organization}. */
export interface OrganizationRule {
  readonly kind: "organization";
  /** What the resolver receives when it is left out; null: that is refused. */
  readonly whenOmitted: "callers" | null;
}

/** Says that an argument or input field names a library or a list of them. Made by {@link library}. */
export interface LibraryRule {
  readonly kind: "library";
  /** Overrides the level that follows from the operation. */
  readonly level: Level | null;
  /** What the resolver receives, or that nothing is named, when it is left out; null: that is refused. */
  readonly whenOmitted: "reachable" | "none" | null;
}

/** Says what a field needs that names no library. Made by {@link apiKey}. */
export interface ApiKeyRule {
  readonly kind: "apiKey";
  /** Some library must be within reach at this level; null: any key on a query, Write on a mutation. */
  readonly level: Level | null;
}

/** Answers which libraries a call of a field is about: pairs, or objects that hold them. */
export type Load = (args: never, context: never) => MaybePromise<unknown>;

/** Says that the targets of a field have to be loaded. Made by {@link targets}. */
export interface TargetsRule {
  readonly kind: "targets";
  readonly load: Load;
  /** Overrides the level that follows from the operation. */
  readonly level: Level | null;
  readonly timeoutMs: number;
}

/** Says that the fields of a field's type count as root fields. Made by {@link namespace}. */
export interface NamespaceRule {
  readonly kind: "namespace";
}

/** Says that a list keeps the places of what is out of reach. Made by {@link positional}. */
export interface PositionalRule {
  readonly kind: "positional";
}

/** Says that there is no target, and why. Made by {@link unmarked}. */
export interface UnmarkedRule {
  readonly kind: "unmarked";
  readonly why: string;
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

/** A rule about a value that a client gives. */
export type ValueRule = OrganizationRule | LibraryRule;

/** A rule about a field of an object type. */
export type FieldRule = ApiKeyRule | TargetsRule | NamespaceRule | PositionalRule;

/** Any rule. */
export type Rule = ValueRule | FieldRule | InLibraryRule | UnmarkedRule;

/** A rule, or several that must all hold. */
export type OneOrMore<R> = R | readonly R[];

/**
 * The rules that fit a schema coordinate: `Type`, `Type.field`, `Input.field`, `Type.field(argument:)`, `@directive`, or
 * `*(name:)` for every argument and input field of a name; any rule, if the coordinate is not known before the program
 * runs.
 *
 * @see GraphQL specification, September 2025, section 2.14
 */
export type RuleFor<Coordinate> = string extends Coordinate
  ? OneOrMore<Rule>
  : Coordinate extends `@${string}`
    ? UnmarkedRule
    : Coordinate extends `*(${string}:)`
      ? OneOrMore<ValueRule> | UnmarkedRule
      : Coordinate extends `${string}.${string}(${string}:)`
        ? OneOrMore<ValueRule> | UnmarkedRule
        : Coordinate extends `${string}.${string}`
          ? OneOrMore<FieldRule> | OneOrMore<ValueRule> | UnmarkedRule
          : OneOrMore<InLibraryRule> | UnmarkedRule;

/** A map of schema coordinates to rules. An array of rules is a conjunction: all must hold. */
export type Rules<Coordinates extends string = string> = {
  readonly [Coordinate in Coordinates]: RuleFor<Coordinate>;
};

/**
 * The argument or input field names an organization, which must be the caller's own.
 *
 * @param options - `whenOmitted: "callers"`, on a nullable argument: left out, the resolver receives the caller's own.
 * @returns A rule for `Type.field(argument:)`, `Input.field` or `*(name:)`.
 * @throws RangeError when an option is not as described.
 */
export function organization(options: { readonly whenOmitted?: "callers" } = {}): OrganizationRule {
  checkOptions("options", options, ["whenOmitted"]);
  const { whenOmitted = null } = options;
  checkWhenOmitted(whenOmitted, ["callers"]);
  return Object.freeze({ kind: "organization", whenOmitted });
}

/**
 * The argument or input field names a library, or a list of them, that the caller must reach.
 *
 * @param options - `level` overrides Write below mutations and Read elsewhere. `whenOmitted: "reachable"`, on a list
 * argument of a query whose results are all marked: left out, the resolver receives the ids that the caller reaches.
 * `whenOmitted: "none"`, beside another target that must be given: left out, nothing is named.
 * @returns A rule for `Type.field(argument:)`, `Input.field` or `*(name:)`.
 * @throws RangeError when an option is not as described.
 */
export function library(
  options: { readonly level?: Level; readonly whenOmitted?: "reachable" | "none" } = {},
): LibraryRule {
  checkOptions("options", options, ["level", "whenOmitted"]);
  const { whenOmitted = null } = options;
  checkWhenOmitted(whenOmitted, ["reachable", "none"]);
  return Object.freeze({ kind: "library", level: levelIn(options), whenOmitted });
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
  return Object.freeze({ kind: "apiKey", level: levelIn(options) });
}

/**
 * The field's arguments name objects whose libraries have to be looked up. All are loaded before any resolver runs, after
 * the named targets passed, in parallel; a resolver gets what was loaded from `loadedOf(info)`.
 *
 * @param load - From arguments and context to the library, or all libraries, that the call is about: a pair, an object
 * that has `organizationId` and `libraryId`, or a list of them. Null, nothing, an empty list, a list with a null, an
 * error, or no answer in time is a refusal that looks like any other.
 * @param options - `level` overrides Write below mutations and Read elsewhere; `timeoutMs`: 1 to 600,000, default 5,000.
 * @returns A rule for `Type.field`.
 * @throws TypeError or RangeError when an argument is not as described.
 */
// What a host's arguments, contexts and values are is for the host to say, where it wants to.
// oxlint-disable-next-line typescript/no-explicit-any
export function targets<Args = any, Context = any>(
  load: (
    args: Args,
    context: Context,
  ) => MaybePromise<LibraryRef | readonly (LibraryRef | null | undefined)[] | null | undefined>,
  options: { readonly level?: Level; readonly timeoutMs?: number } = {},
): TargetsRule {
  checkFunction("load", load);
  checkOptions("options", options, ["level", "timeoutMs"]);
  const timeoutMs = checkInteger("timeoutMs", options.timeoutMs ?? 5000, 1, 600_000);
  return Object.freeze({ kind: "targets", load: load as Load, level: levelIn(options), timeoutMs });
}

/**
 * The fields of this field's type count as root fields: `mutation { assets { delete(…) } }`.
 *
 * @returns A rule for `Type.field`.
 */
export function namespace(): NamespaceRule {
  return Object.freeze({ kind: "namespace" });
}

/**
 * A list keeps the places of objects that are out of reach, with nulls, as `nodes(ids:)` has to.
 *
 * @returns A rule for `Type.field`.
 */
export function positional(): PositionalRule {
  return Object.freeze({ kind: "positional" });
}

/**
 * There is no target here, although the name or a wildcard says so; or nothing to guard in this type; or nothing that an
 * executable directive could reach.
 *
 * @param why - The reason, for the manifest.
 * @returns A rule for any coordinate.
 * @throws TypeError or RangeError when the reason is missing.
 */
export function unmarked(why: string): UnmarkedRule {
  return Object.freeze({ kind: "unmarked", why: checkText("why", why, 1000) });
}

/**
 * Objects of the type belong to a library. One that is out of reach is dropped from lists, null where that is allowed,
 * and an error elsewhere.
 *
 * @param source - A function from the resolved value to its `{ organizationId, libraryId }`, or the names of the
 * value's properties that hold them, such as `"libraryId"` or `"library.id"`; a property that is a method is called. It
 * is the resolved value that counts, never the schema's field of that name.
 * @returns A rule for `Type`; on an interface, for every type that implements it.
 * @throws TypeError or RangeError when the source is not as described.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export function inLibrary<Value = any>(
  source:
    | ((value: Value) => Partial<LibraryRef> | null | undefined)
    | { readonly organization?: string; readonly id: string },
): InLibraryRule {
  if (typeof source === "function") {
    const libraryOf = source as LibraryOf;
    return Object.freeze({ kind: "inLibrary", libraryOf, namesOrganization: true });
  }
  checkOptions("source", source, ["organization", "id"]);
  const id = checkPath("source.id", source.id);
  const { organization: path } = source;
  const ofOrganization = path === undefined ? null : checkPath("source.organization", path);
  return Object.freeze({
    kind: "inLibrary",
    libraryOf: (value: unknown) => {
      const libraryId = at(value, id) as string;
      if (ofOrganization === null) return { libraryId };
      const organizationId = at(value, ofOrganization) as string | undefined;
      return organizationId === undefined ? null : { organizationId, libraryId };
    },
    namesOrganization: ofOrganization !== null,
  });
}

/** The property of a value that a path leads to; methods are called, as graphql-js does. */
function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null) return undefined;
    const property: unknown = (found as Record<string, unknown>)[name];
    found = typeof property === "function" ? Reflect.apply(property, found, []) : property;
    if (typeof found !== "string" && isPromiseLike(found)) {
      void Promise.allSettled([found]); // forsaken: a rejection that nobody sees would end the process
      return undefined;
    }
  }
  return found;
}

/** The names of a path. */
function checkPath(name: string, value: unknown): readonly string[] {
  const path = checkText(name, value, MAX_ID_LENGTH).split(".");
  if (path.includes("")) throw new RangeError(`"${name}" expected names with dots between them`);
  return path;
}

function levelIn({ level }: { readonly level?: Level }): Level | null {
  return level === undefined ? null : checkLevel('"level"', level);
}

function checkWhenOmitted(value: unknown, words: readonly string[]): void {
  if (value !== null && !words.includes(value as string)) {
    throw new RangeError(`"whenOmitted" expected ${words.map((word) => `"${word}"`).join(" or ")}`);
  }
}
