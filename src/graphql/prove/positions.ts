import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
} from "graphql";
import type { FieldPlan, InputPlan, ValuePlan } from "../model.js";
import type { IdPlace } from "./ids.js";
import type { ValueRule } from "../rules.js";
import type { OutputField } from "../walk.js";

/** A place in the arguments of a field that names a target. */
export interface Position extends IdPlace {
  /** Argument, then input fields, as `filter.libraryId`. */
  readonly at: string;
  readonly rules: readonly ValueRule[];
  /** Whether it can be left out, and then names nothing. */
  readonly omissible: boolean;
}

/** What takes a value: an argument or an input field. */
export interface Taker {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
}

/** Where targets of loaders and selectors are, which are in no argument. */
export const LOADED = "targets()";

/** The marked places of a field's arguments. What refers to itself is entered once more, to be seen below itself. */
export function positionsOf(field: OutputField, plan: FieldPlan | undefined): readonly Position[] {
  const positions: Position[] = [];
  const visits = new Map<InputPlan, number>();
  interface Work {
    readonly value: ValuePlan;
    readonly taker: Taker;
    readonly at: string;
    readonly coordinate: string;
    readonly isMember: boolean;
  }
  const queue: Work[] = (plan?.values ?? []).map((value) => ({
    value,
    taker: field.args.find(({ name }) => name === value.name)!,
    at: value.name,
    coordinate: `${plan!.coordinate}(${value.name}:)`,
    isMember: false,
  }));
  for (const { value, taker, at, coordinate, isMember } of queue) {
    const { type } = taker;
    if (value.rules.length > 0) {
      const omissible = isOmissible(taker) && !isMember;
      positions.push({ at, rules: value.rules, type, coordinate, omissible });
    }
    const input = getNamedType(type);
    const { inside } = value;
    const visited = inside === null ? 2 : (visits.get(inside) ?? 0);
    if (inside === null || visited === 2 || !isInputObjectType(input)) continue;
    visits.set(inside, visited + 1);
    for (const inner of inside.fields) {
      queue.push({
        value: inner,
        taker: input.getFields()[inner.name]!,
        at: `${at}.${inner.name}`,
        coordinate: `${input.name}.${inner.name}`,
        isMember: inside.oneOf,
      });
    }
  }
  return positions;
}

/** What is wrong, or unusual, with the value at a position. */
export type How =
  | "good"
  | "bad"
  /** A list that begins with the bad one. */
  | "badFirst"
  | "badAlone"
  /** One value where a list is expected. */
  | "single"
  | "badSingle"
  | "absent"
  | "null"
  | "empty"
  /** A list with a null. */
  | "holed"
  /** Of what is loaded: a library of the same id in another organization. */
  | "foreign";

/** Those of values that are there. */
export type Given = Exclude<How, "absent" | "null" | "foreign">;

/** Every way in which the value at a position can be bad or unusual. */
export function waysOf({ type, omissible }: Position): readonly How[] {
  const nullable = getNullableType(type);
  const none: readonly How[] = omissible ? ["absent", "null"] : [];
  if (!isListType(nullable)) return ["bad", ...none];
  const holed: readonly How[] = isNonNullType(nullable.ofType) ? [] : ["holed"];
  return ["bad", "badFirst", "badAlone", "single", "badSingle", "empty", ...holed, ...none];
}

/** Which ids stand at a position; null in their place is a null. */
export function idsAt(
  how: Given,
  good: string,
  second: string,
  bad: string,
): readonly (string | null)[] {
  switch (how) {
    case "good":
      return good === second ? [good] : [good, second];
    case "bad":
      return [good, bad];
    case "badFirst":
      return [bad, good];
    case "badAlone":
    case "badSingle":
      return [bad];
    case "single":
      return [good];
    case "holed":
      return [good, null];
    case "empty":
      return [];
  }
}

/** Whether what is left out is nothing. */
export function isOmissible(taker: Taker): boolean {
  return !isNonNullType(taker.type) && !hasDefault(taker);
}

/** Whether what is left out has a value all the same. graphql 16 has `defaultValue`, 17 also `default`. */
export function hasDefault(taker: Taker): boolean {
  return taker.defaultValue !== undefined || (taker as { default?: unknown }).default !== undefined;
}
