import {
  getNamedType,
  isInputObjectType,
  isObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { Level } from "../core/access.js";
import type { Marks, ValueRule } from "./marks.js";
import type { ApiKeyRule, InLibraryRule } from "./rules.js";
import { selectorOf, type Selector } from "./with-access.js";

/** Where targets are in the value of an argument or an input field. */
export interface ValuePlan {
  /** Name of the argument or input field. */
  readonly name: string;
  /** Rules of the value itself. */
  readonly rules: readonly ValueRule[];
  /** For an input object: where they are inside it. Filled after creation, because input types are recursive. */
  readonly inside: readonly ValuePlan[];
}

/** All that is asked of one field of an object type. */
export interface FieldPlan {
  /** `Type.field` */
  readonly coordinate: string;
  /** Rules of the field itself. */
  readonly apiKey: readonly ApiKeyRule[];
  /** Arguments that hold targets. */
  readonly values: readonly ValuePlan[];
  /** Of `withAccess`. */
  readonly selector: Selector | null;
  /** Whether at least one library must end up being named. */
  readonly needsLibrary: boolean;
}

/** What is asked of every field and object of a schema. */
export interface Model {
  /** The roots by type name, and the level below each. */
  readonly roots: ReadonlyMap<string, Level>;
  /** Type name → field name → plan, only for fields that ask something. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, FieldPlan>>;
  /** Object type name → where its objects' library is. */
  readonly types: ReadonlyMap<string, readonly InLibraryRule[]>;
}

/** Turns rules by coordinate into what the check and the lock evaluate. */
export function buildModel(schema: GraphQLSchema, marks: Marks): Model {
  const valuesInside = createInputPlans(schema, marks);
  const fields = new Map<string, Map<string, FieldPlan>>();
  for (const type of objectTypes(schema)) {
    const plans = new Map<string, FieldPlan>();
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const values: ValuePlan[] = [];
      for (const argument of field.args) {
        const rules = marks.arguments.get(`${coordinate}(${argument.name}:)`) ?? [];
        const inside = valuesInside(argument.type);
        if (rules.length > 0 || inside.length > 0)
          values.push({ name: argument.name, rules, inside });
      }
      const apiKey = marks.fields.get(coordinate) ?? [];
      const selector = selectorOf(field.resolve);
      if (values.length === 0 && apiKey.length === 0 && selector === null) continue;
      const needsLibrary = values.some((value) => holdsLibrary(value));
      plans.set(field.name, { coordinate, apiKey, values, selector, needsLibrary });
    }
    if (plans.size > 0) fields.set(type.name, plans);
  }
  return { roots: rootLevels(schema), fields, types: marks.types };
}

/** The object types of a schema, introspection excepted. */
export function objectTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith("__"),
  );
}

/** The root types by role, whatever they are called. */
export function rootLevels(schema: GraphQLSchema): Map<string, Level> {
  const levels = new Map<string, Level>([[schema.getQueryType()!.name, "read"]]);
  const mutation = schema.getMutationType();
  const subscription = schema.getSubscriptionType();
  if (subscription) levels.set(subscription.name, "read");
  if (mutation) levels.set(mutation.name, "write");
  return levels;
}

/** Plans of the input object types that hold rules, each made once; recursive types refer to themselves. */
function createInputPlans(
  schema: GraphQLSchema,
  marks: Marks,
): (type: GraphQLInputType) => readonly ValuePlan[] {
  const holders = inputTypesWithRules(schema, marks);
  const plans = new Map<string, ValuePlan[]>();
  return function inside(type) {
    const input = getNamedType(type);
    if (!isInputObjectType(input) || !holders.has(input)) return [];
    let plan = plans.get(input.name);
    if (plan === undefined) {
      plans.set(input.name, (plan = []));
      for (const field of Object.values(input.getFields())) {
        const rules = marks.inputFields.get(`${input.name}.${field.name}`) ?? [];
        const inner = inside(field.type);
        if (rules.length > 0 || holders.has(getNamedType(field.type))) {
          plan.push({ name: field.name, rules, inside: inner });
        }
      }
    }
    return plan;
  };
}

/** The input object types in which a rule is, at any depth. */
function inputTypesWithRules(schema: GraphQLSchema, marks: Marks): Set<GraphQLNamedType> {
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const holders = new Set<GraphQLNamedType>();
  for (let before = -1; before < holders.size;) {
    before = holders.size;
    for (const input of inputs) {
      const holds = Object.values(input.getFields()).some(
        (field) =>
          marks.inputFields.has(`${input.name}.${field.name}`) ||
          holders.has(getNamedType(field.type)),
      );
      if (holds) holders.add(input);
    }
  }
  return holders;
}

/** Whether a library is marked in a value or anywhere within. */
export function holdsLibrary(plan: ValuePlan, seen = new Set<ValuePlan>()): boolean {
  if (seen.has(plan)) return false;
  seen.add(plan);
  return (
    plan.rules.some((rule) => rule.kind === "library") ||
    plan.inside.some((inner) => holdsLibrary(inner, seen))
  );
}
