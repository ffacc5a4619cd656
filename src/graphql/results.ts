import {
  defaultTypeResolver,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isNonNullType,
  type GraphQLAbstractType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from "graphql";
import { reaches } from "../core/caller.js";
import { andThen, isPromiseLike, type MaybePromise } from "../core/maybe-promise.js";
import { renew, whenAlive, type State } from "./contexts.js";
import { forsake, idOf } from "./judge.js";
import { possibleTypes, type Model } from "./model.js";
import type { InLibraryRule } from "./rules.js";
import { isAsyncIterable } from "./streams.js";

/** The rules of the objects that a field leads to. */
export interface ResultPlan {
  readonly type: GraphQLOutputType;
  /** The interface or union that hides which type an object is; null: there is one type only. */
  readonly abstract: GraphQLAbstractType | null;
  /** Name of every object type → rules; null: it is not marked. */
  readonly rules: ReadonlyMap<string, readonly InLibraryRule[] | null>;
  /** The rules of the only type, which are not looked up for each of a hundred objects; null: there are several types. */
  readonly ownRules: readonly InLibraryRule[] | null;
  /** The name of the only type, or of the abstract one. */
  readonly typeName: string;
  /** Lists keep the places of what is out of reach. */
  readonly positional: boolean;
}

/** What does not change from one resolved value to the next. */
export interface ResultSettings {
  /** Whether organizations need not be named by values: they are the caller's own. */
  readonly ownOrganization: boolean;
  /** Called with the type's name when a value does not say its library, or its type, at all. */
  readonly onUnplaced: (typeName: string) => void;
}

/** A value on its way out of a field. */
export interface Exit {
  readonly plan: ResultPlan;
  readonly settings: ResultSettings;
  readonly state: State;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
  /** Look again by the caller as it is now: its library may be one that this mutation created and was granted. */
  readonly looksTwice: boolean;
  /** Present: everything is let through, and this is told of what should not have been. */
  readonly report: (() => void) | null;
}

/** One look at a resolved value. */
interface Pass {
  readonly exit: Exit;
  /** Becomes true once something was out of reach. */
  denied: boolean;
}

/** Stands for a value that is out of reach. */
export const DENIED: unique symbol = Symbol("denied");

/** The plan of a field some of whose results are marked; null: none are. */
export function resultPlanOf(
  schema: GraphQLSchema,
  model: Model,
  type: GraphQLOutputType,
  coordinate: string,
): ResultPlan | null {
  const named = getNamedType(type);
  const possible = possibleTypes(schema, named);
  if (!possible.some(({ name }) => model.types.has(name))) return null;
  const abstract = isAbstractType(named) ? named : null;
  return {
    type,
    abstract,
    ownRules: abstract === null ? model.types.get(named.name)! : null,
    rules: new Map(possible.map(({ name }) => [name, model.types.get(name) ?? null])),
    typeName: named.name,
    positional: model.positional.has(coordinate),
  };
}

/**
 * Answers what of a resolved value is within reach: the value itself, a list without what is not, or {@link DENIED}.
 * A list of which everything is within reach is answered as it is.
 */
export function admit(type: GraphQLOutputType, resolved: unknown, exit: Exit): unknown {
  const { state, looksTwice, report } = exit;
  const first: Pass = { exit, denied: false };
  if (!looksTwice && report === null) return admitNow(type, resolved, first);
  // A generator can be walked once only.
  return andThen(asArrays(type, resolved), (value) =>
    andThen(admitNow(type, value, first), (admitted): MaybePromise<unknown> => {
      if (!first.denied) return admitted;
      if (report !== null) {
        report();
        return value;
      }
      const second: Pass = { exit, denied: false };
      return andThen(renew(state), (alive) => (alive ? admitNow(type, value, second) : DENIED));
    }),
  );
}

/** After any wait: by a caller that may be believed still, or not at all. */
function admitNow(type: GraphQLOutputType, value: unknown, pass: Pass): unknown {
  return whenAlive(
    pass.exit.state,
    () => admitValue(type, value, pass),
    () => deny(pass),
  );
}

function deny(pass: Pass): typeof DENIED {
  pass.denied = true;
  return DENIED;
}

function admitValue(type: GraphQLOutputType, value: unknown, pass: Pass): unknown {
  if (isPromiseLike(value)) return value.then((settled) => admitNow(type, settled, pass));
  if (value === null || value === undefined || value instanceof Error) return value;
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) return admitList(nullable.ofType, value, pass);
  const { plan, context, info } = pass.exit;
  const { abstract, ownRules, typeName } = plan;
  if (abstract === null) return areMet(ownRules!, value, typeName, pass) ? value : deny(pass);
  const resolve = abstract.resolveType ?? defaultTypeResolver;
  try {
    return andThen<unknown, unknown>(resolve(value, context, info, abstract), (name) =>
      whenAlive(
        pass.exit.state,
        () => admitAs(name, value, pass),
        () => deny(pass),
      ),
    );
  } catch (error) {
    // Not thrown: other items of its list may still be on their way.
    return toError(error);
  }
}

/** Judges a value of a known object type. */
function admitAs(typeName: unknown, value: unknown, pass: Pass): unknown {
  const { plan, settings } = pass.exit;
  const rules = plan.rules.get(typeName as string);
  if (rules === null) return value;
  if (rules === undefined) settings.onUnplaced(plan.typeName);
  else if (areMet(rules, value, typeName as string, pass)) return value;
  return deny(pass);
}

function areMet(
  rules: readonly InLibraryRule[],
  value: unknown,
  typeName: string,
  pass: Pass,
): boolean {
  for (const rule of rules) if (!isInReach(rule, value, typeName, pass)) return false;
  return true;
}

function admitList(itemType: GraphQLOutputType, value: unknown, pass: Pass): unknown {
  const { exit } = pass;
  if (isAsyncIterable(value)) return admitStream(itemType, value, exit);
  const { typeName } = exit.plan;
  // Whatever cannot be walked here is left to nobody else to walk. Not thrown: other items may still be on their way.
  if (!isIterable(value)) {
    return new TypeError(`A list of ${typeName} resolved to something that is no list.`);
  }
  const items = itemsOf(value);
  if (items instanceof Error) return items;
  if (items === value) return admitItems(itemType, items, pass);
  // A generator takes its time.
  return whenAlive(
    exit.state,
    () => admitItems(itemType, items, pass),
    () => deny(pass),
  );
}

function admitItems(itemType: GraphQLOutputType, items: readonly unknown[], pass: Pass): unknown {
  const { positional } = pass.exit.plan;
  let kept: unknown[] | null = null;
  let waits = false;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const admitted = admitValue(itemType, item, pass);
    if (admitted !== item && kept === null) kept = items.slice(0, i);
    if (admitted !== DENIED) kept?.push(admitted);
    else if (positional) kept!.push(null);
    waits ||= isPromiseLike(admitted);
  }
  if (kept === null) return items;
  return waits ? settleList(kept, positional) : kept;
}

/** Waits for the items of a list and drops those that turned out to be out of reach. */
async function settleList(
  items: readonly unknown[],
  positional: boolean,
): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(items);
  return settled.flatMap((item) => {
    // A failed item stays an error of its own place, as without a guard.
    if (item.status === "rejected") return [toError(item.reason)];
    if (item.value !== DENIED) return [item.value];
    return positional ? [null] : [];
  });
}

/** Passes on what is within reach of an asynchronous list; closing it closes the source. */
async function* admitStream(
  itemType: GraphQLOutputType,
  items: AsyncIterable<unknown>,
  exit: Exit,
): AsyncGenerator<unknown> {
  for await (const item of items) {
    const admitted: unknown = await admit(itemType, item, exit);
    if (admitted !== DENIED) yield admitted;
    else if (exit.plan.positional) yield null;
  }
}

/** A resolved value with arrays for all other lists, so that it can be walked twice. */
function asArrays(type: GraphQLOutputType, value: unknown): unknown {
  if (isPromiseLike(value)) return value.then((settled) => asArrays(type, settled));
  const list = getNullableType(type);
  if (!isListType(list) || !isIterable(value)) return value;
  const items = itemsOf(value);
  return items instanceof Error ? items : items.map((item) => asArrays(list.ofType, item));
}

/**
 * The items of a list: an array that every executor walks alike, itself or a copy. What has an iterator of its own could
 * show others the next time. An error of a generator is one of its own place only.
 */
function itemsOf(value: Iterable<unknown>): readonly unknown[] | Error {
  if (isPlainArray(value)) return value;
  try {
    return [...value];
  } catch (error) {
    return toError(error);
  }
}

/** Whether a list is walked by index and by iterator alike, every time. */
function isPlainArray(value: unknown): value is readonly unknown[] {
  return (
    Array.isArray(value) &&
    Object.getPrototypeOf(value) === Array.prototype &&
    !Object.hasOwn(value, Symbol.iterator)
  );
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function toError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error("An item of a list failed.", { cause: reason });
}

function isInReach(rule: InLibraryRule, value: unknown, typeName: string, pass: Pass): boolean {
  const { settings, state } = pass.exit;
  const { caller } = state;
  try {
    const place = rule.libraryOf(value);
    const libraryId = idOf(place?.libraryId);
    const organizationId =
      settings.ownOrganization && place?.organizationId === undefined
        ? caller.organizationId
        : idOf(place?.organizationId);
    if (libraryId !== null && organizationId !== null) {
      return reaches(caller, "read", organizationId, libraryId);
    }
    forsake(place);
  } catch {
    // A rule that throws has not said the library either.
  }
  settings.onUnplaced(typeName);
  return false;
}
