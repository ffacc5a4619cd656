import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLList,
} from "graphql";
import type { Level } from "../../core/access.js";
import type { InputPlan, ValuePlan } from "../model.js";
import type { IdPlace, Ids } from "./ids.js";
import type { Demand } from "./oracle.js";
import { hasDefault, idsAt, isOmissible, type Given, type How, type Taker } from "./positions.js";
import type { ProofSamples } from "./samples.js";
import { plainValueOf } from "./scalars.js";
import type { ValueRule } from "../rules.js";

/** An argument as JSON has it. */
export interface Argument {
  readonly type: GraphQLInputType;
  readonly value: unknown;
}

/** A value that an argument receives from the guard where it is left out. */
export interface Injection {
  readonly name: string;
  readonly kind: "organization" | "library";
  readonly level: Level;
}

/** What is wanted of its arguments. */
export interface Wish {
  /** The position that is looked at, or {@link LOADED}; null: none in particular. */
  readonly focus: string | null;
  readonly how: How;
}

/** Arguments while they are being filled in. */
export interface Filling {
  readonly ids: Ids;
  readonly samples: ProofSamples;
  readonly level: Level;
  readonly wishes: readonly Wish[];
  readonly values: Map<string, Argument>;
  readonly demands: Demand[];
  readonly injections: Injection[];
}

/** Where a value is: in the arguments, and in the schema. */
export interface Spot {
  readonly taker: Taker;
  readonly at: string;
  readonly coordinate: string;
  /** It is the chosen member of a `@oneOf`. */
  readonly isChosen: boolean;
}

/** Fills in a value, and notes what it asks of a caller. Undefined: it is left out. */
export function fillSpot(filling: Filling, spot: Spot, marks: ValuePlan | undefined): unknown {
  const { taker, at, coordinate, isChosen } = spot;
  if (marks && marks.rules.length > 0) return fillMarked(filling, spot, marks.rules);
  const sample = filling.samples.values?.[coordinate];
  if (sample !== undefined) return sample;
  const inside = marks?.inside ?? null;
  const isOnTheWay = filling.wishes.some(({ focus }) => focus?.startsWith(`${at}.`));
  const isRequired = isChosen || (isNonNullType(taker.type) && !hasDefault(taker));
  // A default could name a library that nobody here sees.
  const isHidden = hasDefault(taker) && inside !== null;
  return isOnTheWay || isRequired || isHidden
    ? fillPlain(filling, taker.type, inside, at)
    : undefined;
}

function fillPlain(
  filling: Filling,
  type: GraphQLInputType,
  inside: InputPlan | null,
  at: string,
): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return fillList(filling, nullable.ofType, inside, at);
  if (!isInputObjectType(nullable)) return plainValueOf(nullable, filling.samples);
  const members = Object.values(nullable.getFields());
  const isChosen = (nullable as { isOneOf?: boolean }).isOneOf === true;
  const object: Record<string, unknown> = {};
  for (const taker of isChosen ? [chooseMember(filling, members, at)] : members) {
    const { name } = taker;
    const marks = inside?.fields.find((marked) => marked.name === name);
    const coordinate = `${nullable.name}.${name}`;
    const value = fillSpot(filling, { taker, at: `${at}.${name}`, coordinate, isChosen }, marks);
    if (value !== undefined) object[name] = value;
  }
  return object;
}

/** One item, or where something in it is tried, a good one before it: a guard may have looked at the first only. */
function fillList(
  filling: Filling,
  type: GraphQLInputType,
  inside: InputPlan | null,
  at: string,
): readonly unknown[] {
  const item = fillPlain(filling, type, inside, at);
  const isTried = filling.wishes.some(({ focus }) => focus?.startsWith(`${at}.`));
  return isTried ? [fillPlain({ ...filling, wishes: [] }, type, inside, at), item] : [item];
}

/** The member of a `@oneOf` that leads to the focus, or else one that ends there. */
function chooseMember<M extends Taker>(
  { wishes }: Filling,
  members: readonly M[],
  above: string,
): M {
  const leads = ({ name }: M): boolean =>
    wishes.some(({ focus }) => `${focus ?? ""}.`.startsWith(`${above}.${name}.`));
  const ends = ({ type }: M): boolean => isLeafType(getNamedType(type));
  return members.find(leads) ?? members.find(ends) ?? members[0]!;
}

function fillMarked(filling: Filling, spot: Spot, rules: readonly ValueRule[]): unknown {
  const { ids, wishes } = filling;
  const { taker, at, coordinate, isChosen } = spot;
  const isOptional = rules.every(({ whenOmitted }) => whenOmitted !== null);
  const isLeftOut = isOptional && isOmissible(taker) && !isChosen;
  const wish = wishes.find(({ focus }) => focus === at);
  const how = (wish?.how ?? (isLeftOut ? "absent" : "good")) as Exclude<How, "foreign">;
  if (how === "absent" || how === "null") {
    omit(filling, taker.name, rules);
    return how === "null" ? null : undefined;
  }
  const place = { type: taker.type, coordinate };
  const isList = isListType(getNullableType(taker.type));
  const named = namesAt(filling, place, rules, isList || how === "good" ? how : "badAlone");
  const given = isList ? named : named.slice(0, 1);
  demand(filling, given, rules);
  const written = given.map((id) => (id === null ? null : ids.write(place, id)));
  const isSingle = !isList || how === "single" || how === "badSingle";
  return isSingle ? written[0] : nest(taker.type, written);
}

/** The ids at a place; null in their stead is a null. The first place names another library than those after it. */
function namesAt(
  { ids, demands }: Filling,
  place: IdPlace,
  rules: readonly ValueRule[],
  how: Given,
): readonly (string | null)[] {
  if (rules.some(({ kind }) => kind === "organization")) {
    const { good, bad } = ids.organizations;
    return idsAt(how, good, good, bad ?? good);
  }
  const { good, second, bad } = ids.librariesFor(place)!;
  const isFirst = !demands.some(({ kind }) => kind === "library");
  const [own, other] = isFirst ? [good, second] : [second, good];
  return idsAt(how, own, other, bad ?? own);
}

function omit(
  { demands, injections, level }: Filling,
  name: string,
  rules: readonly ValueRule[],
): void {
  for (const rule of rules) {
    const needed = (rule.kind === "library" ? rule.level : null) ?? level;
    const { kind, whenOmitted } = rule;
    if (whenOmitted === null) demands.push({ kind: "never" });
    if (whenOmitted === "reachable") demands.push({ kind: "some", level: needed });
    if (whenOmitted === "reachable" || whenOmitted === "callers") {
      injections.push({ name, kind, level: needed });
    }
  }
}

function demand(
  { demands, level }: Filling,
  ids: readonly (string | null)[],
  rules: readonly ValueRule[],
): void {
  if (ids.length === 0 || ids.includes(null)) demands.push({ kind: "never" });
  for (const id of ids.filter((named) => named !== null)) {
    for (const rule of rules) {
      if (rule.kind === "organization") demands.push({ kind: "organization", id });
      else demands.push({ kind: "library", id, level: rule.level ?? level });
    }
  }
}

/** Lists of lists hold one item each but for the innermost. */
function nest(type: GraphQLInputType, items: readonly unknown[]): unknown {
  const { ofType } = getNullableType(type) as GraphQLList<GraphQLInputType>;
  const inner = getNullableType(ofType);
  return isListType(inner) ? [nest(inner, items)] : items;
}
