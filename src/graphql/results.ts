import {
  getNamedType,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLOutputType,
} from "graphql";
import { reaches, type Caller } from "../core/caller.js";
import { isPromiseLike } from "../core/maybe-promise.js";
import { idOf } from "./judge.js";
import type { InLibraryRule } from "./rules.js";

/** The rules of the objects that a field leads to. */
export interface ResultPlan {
  readonly type: GraphQLOutputType;
  /** The marked object type. */
  readonly typeName: string;
  readonly rules: readonly InLibraryRule[];
}

/** One pass over a resolved value. */
export interface Pass {
  readonly plan: ResultPlan;
  readonly caller: Caller;
  /** Whether organizations need not be named by values: they are the caller's own. */
  readonly ownOrganization: boolean;
  /** Called with the type's name when a value does not say its library at all. */
  readonly onUnplaced: (typeName: string) => void;
  /** Becomes true once something was out of reach. */
  denied: boolean;
}

/** Stands for a value that is out of reach. */
export const DENIED: unique symbol = Symbol("denied");

/** The plan of a field whose results are marked; null: they are not. */
export function resultPlanOf(
  type: GraphQLOutputType,
  types: ReadonlyMap<string, readonly InLibraryRule[]>,
): ResultPlan | null {
  const named = getNamedType(type);
  const rules = isObjectType(named) ? types.get(named.name) : undefined;
  return rules ? { type, typeName: named.name, rules } : null;
}

/**
 * Answers what of a resolved value is within reach: the value itself, a list without what is not, or {@link DENIED}.
 * A list of which everything is within reach is answered as it is.
 */
export function admit(type: GraphQLOutputType, value: unknown, pass: Pass): unknown {
  if (isPromiseLike(value)) return value.then((settled) => admit(type, settled, pass));
  if (value === null || value === undefined || value instanceof Error) return value;
  if (isNonNullType(type)) return admit(type.ofType, value, pass);
  if (isListType(type)) return admitList(type.ofType, value, pass);
  if (pass.plan.rules.every((rule) => inReach(rule, value, pass))) return value;
  pass.denied = true;
  return DENIED;
}

function admitList(itemType: GraphQLOutputType, value: unknown, pass: Pass): unknown {
  // Whatever cannot be walked here is left to nobody else to walk. Not thrown: other items may still be on their way.
  if (!isIterable(value)) {
    return new TypeError(`A list of ${pass.plan.typeName} resolved to something that is no list.`);
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [...value];
  let kept: unknown[] | null = null;
  let waits = false;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const admitted = admit(itemType, item, pass);
    if (admitted !== item && kept === null) kept = items.slice(0, i);
    if (admitted !== DENIED) kept?.push(admitted);
    waits ||= isPromiseLike(admitted);
  }
  if (kept === null) return items;
  return waits ? settleList(kept) : kept;
}

/** A resolved value with arrays for all other lists, so that it can be walked twice. */
export function asArrays(type: GraphQLOutputType, value: unknown): unknown {
  if (isPromiseLike(value)) return value.then((settled) => asArrays(type, settled));
  const list = getNullableType(type);
  if (!isListType(list) || !isIterable(value)) return value;
  return [...value].map((item) => asArrays(list.ofType, item));
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** Waits for the items of a list and drops those that turned out to be out of reach. */
async function settleList(items: readonly unknown[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(items);
  return settled.flatMap((item) => {
    // A failed item stays an error of its own place, as without a guard.
    if (item.status === "rejected") return [toError(item.reason)];
    return item.value === DENIED ? [] : [item.value];
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error("An item of a list failed.", { cause: reason });
}

function inReach(rule: InLibraryRule, value: unknown, pass: Pass): boolean {
  const { caller, ownOrganization, onUnplaced, plan } = pass;
  try {
    const place = rule.libraryOf(value);
    const libraryId = idOf(place?.libraryId);
    const organizationId =
      ownOrganization && place?.organizationId === undefined
        ? caller.organizationId
        : idOf(place?.organizationId);
    if (libraryId !== null && organizationId !== null) {
      return reaches(caller, "read", organizationId, libraryId);
    }
    // If it is a promise: one that nobody waits for would end the process when it is rejected.
    void Promise.allSettled([place as unknown]);
  } catch {
    // A rule that throws has not said the library either.
  }
  onUnplaced(plan.typeName);
  return false;
}
