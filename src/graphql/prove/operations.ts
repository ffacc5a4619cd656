import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isRequiredArgument,
  type GraphQLInputObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import { possibleTypes, type Model } from "../model.js";
import { GOOD, type Fill, type Filled } from "./arguments.js";
import type { Argument, Injection, Wish } from "./fill.js";
import type { Demand } from "./oracle.js";
import type { Goal, Step } from "./paths.js";
import { printValue, type Holes } from "./values.js";
import { fieldsOf, planOf, type OutputField } from "../walk.js";

/** How an operation gives its values, or selects its field. */
export type Way =
  | "literal"
  | "variable"
  /** The default of a variable that is not given. */
  | "default"
  /** A variable inside a literal object. */
  | "inside"
  /** Beside the same field with good arguments. */
  | "alias"
  | "fragment"
  | "condition"
  /** By the interface that declares the field. */
  | "interface";

/** An operation to run as several callers. */
export interface Attempt {
  readonly goal: Goal;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** All that it asks of its caller. */
  readonly demands: readonly Demand[];
  /** `path coordinate` → what that field asks by itself. */
  readonly demandsOf: ReadonlyMap<string, readonly Demand[]>;
  /** Path of the goal → what its resolver must receive where the client gives nothing. */
  readonly injections: ReadonlyMap<string, readonly Injection[]>;
  /** Other types may ask more, so that it may be refused whatever is granted. */
  readonly mayAskMore: boolean;
}

/** Writes an operation; null: the way does not fit the field. */
export type Write = (goal: Goal, wish: Wish, way: Way) => Attempt | null;

/** Variables of an operation that is being written. */
interface Variables {
  readonly definitions: string[];
  readonly values: Record<string, unknown>;
}

/** Makes the writer of a schema's operations. */
export function createWrite(schema: GraphQLSchema, model: Model, fill: Fill): Write {
  return function write(goal, wish, way) {
    const { kind, steps, parent } = goal;
    const isRoot = steps.length === 0;
    if (kind === "subscription" && isRoot && (way === "alias" || way === "condition")) return null;
    const filled = fill(goal, wish);
    if (!fits(way, filled, wish)) return null;
    const field = way === "interface" ? declarationOf(goal, filled) : goal.field;
    if (field === null) return null;

    const variables: Variables = { definitions: [], values: {} };
    const above = steps.map((step) => ({ step, filled: fill(step, GOOD) }));
    const selection = selectionOf(field.type);
    const name = field.name;
    const tried = name + spell(filled, wish, way, variables) + conditionOf(way, variables);
    const ok = fill(goal, GOOD);
    const finals =
      way === "alias"
        ? `ok: ${name}${spellLiteral(ok)}${selection} tried: ${tried}${selection}`
        : tried + selection;
    const inner = way === "fragment" ? "...Tried" : finals;
    const fragment = way === "fragment" ? ` fragment Tried on ${parent.name} { ${finals} }` : "";
    const body = above.reduceRight(
      (below, { step, filled: own }, i) =>
        spellStep(step, own, below, way === "interface" && i === above.length - 1),
      inner,
    );
    const head = variables.definitions.length > 0 ? `(${variables.definitions.join(", ")})` : "";

    const demandsOf = new Map<string, readonly Demand[]>();
    const injections = new Map<string, readonly Injection[]>();
    const keys: string[] = [];
    for (const { step, filled: own } of above) {
      keys.push(step.field.name);
      demandsOf.set(`${keys.join(".")} ${step.coordinate}`, own.demands);
    }
    const note = (key: string, { demands, injections: given }: Filled): void => {
      const path = [...keys, key].join(".");
      demandsOf.set(`${path} ${goal.coordinate}`, demands);
      injections.set(path, given);
    };
    if (way === "alias") note("ok", ok);
    note(way === "alias" ? "tried" : name, filled);
    return {
      goal,
      text: `${kind} Proof${head} { ${body} }${fragment}`,
      variables: variables.values,
      demands: [...demandsOf.values()].flat(),
      demandsOf,
      injections,
      mayAskMore: way === "interface",
    };
  };

  function spellStep(step: Step, filled: Filled, below: string, isDeclared: boolean): string {
    const { field, to } = step;
    const isKnown = isDeclared || getNamedType(field.type) === to;
    const inner = isKnown ? below : `... on ${to.name} { ${below} }`;
    return `${field.name}${spellLiteral(filled)} { ${inner} }`;
  }

  /** For every type that an object may be, its name and a field whose resolver is seen to run. */
  function selectionOf(type: GraphQLOutputType): string {
    const named = getNamedType(type);
    if (isLeafType(named)) return "";
    const leaves = possibleTypes(schema, named).flatMap((object, i) => {
      const leaf = fieldsOf(object).find(
        (field) =>
          isLeafType(getNamedType(field.type)) &&
          !field.args.some(isRequiredArgument) &&
          !planOf(model, object.name, field.name),
      );
      if (leaf === undefined) return [];
      const selected = `leaf${i}: ${leaf.name}`;
      return object === named ? [selected] : [`... on ${object.name} { ${selected} }`];
    });
    return ` { ${["__typename", ...leaves].join(" ")} }`;
  }
}

function fits(way: Way, { values }: Filled, { focus }: Wish): boolean {
  if (way === "variable" || way === "default") return values.size > 0;
  return way !== "inside" || Boolean(focus?.includes("."));
}

/** The field as an interface declares it, where all arguments are its own. */
function declarationOf({ steps, field }: Goal, { values }: Filled): OutputField | null {
  const result = getNamedType(steps.at(-1)?.field.type);
  if (!isInterfaceType(result) || !Object.hasOwn(result.getFields(), field.name)) return null;
  const declared = result.getFields()[field.name]!;
  const isDeclared = (name: string): boolean => declared.args.some((own) => own.name === name);
  return [...values.keys()].every(isDeclared) ? declared : null;
}

function conditionOf(way: Way, { definitions, values }: Variables): string {
  if (way !== "condition") return "";
  definitions.push("$on: Boolean!");
  values.on = true;
  return " @include(if: $on)";
}

function spellLiteral(filled: Filled): string {
  return spell(filled, GOOD, "literal", { definitions: [], values: {} });
}

function spell({ values }: Filled, { focus }: Wish, way: Way, variables: Variables): string {
  if (values.size === 0) return "";
  const spelled = [...values].map(([name, argument]) => {
    if (way === "variable" || way === "default") {
      return `${name}: ${spellVariable(argument, way, variables)}`;
    }
    const holes = new Map<string, string>();
    if (way === "inside" && focus?.startsWith(`${name}.`)) {
      holes.set(focus, "inside");
      const inner = valueAt(argument, focus);
      variables.definitions.push(`$inside: ${typeFor(inner)}`);
      variables.values.inside = inner.value;
    }
    return `${name}: ${print(name, argument, holes)}`;
  });
  return `(${spelled.join(", ")})`;
}

function print(name: string, { type, value }: Argument, holes: Holes): string {
  return printValue(type, value, name, holes);
}

function spellVariable(
  argument: Argument,
  way: "variable" | "default",
  { definitions, values }: Variables,
): string {
  const name = `v${definitions.length}`;
  const type = typeFor(argument);
  if (way === "default") {
    definitions.push(`$${name}: ${type} = ${printValue(argument.type, argument.value)}`);
  } else {
    definitions.push(`$${name}: ${type}`);
    values[name] = argument.value;
  }
  return `$${name}`;
}

/** The type of a variable that fits wherever its value does. */
function typeFor({ type, value }: Argument): string {
  const nullable = String(getNullableType(type));
  return value === null ? nullable : `${nullable}!`;
}

/** What is at a position inside an argument. */
function valueAt(argument: Argument, at: string): Argument {
  return at.split(".").slice(1).reduce(memberOf, argument);
}

function memberOf({ type, value }: Argument, name: string): Argument {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return memberOf({ type: nullable.ofType, value: (value as readonly unknown[]).at(-1) }, name);
  }
  const field = (nullable as GraphQLInputObjectType).getFields()[name]!;
  return { type: field.type, value: (value as Readonly<Record<string, unknown>>)[name] };
}
