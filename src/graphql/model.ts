import {
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { Level } from "../core/access.js";
import { isInjected } from "./inject.js";
import type { Marks } from "./marks.js";
import type { RefusalReason } from "./refusal.js";
import type {
  ApiKeyRule,
  FieldRule,
  InLibraryRule,
  LibraryRule,
  TargetsRule,
  ValueRule,
} from "./rules.js";
import { selectorOf, type Selector } from "./with-access.js";

/** Where targets are in the value of an argument or an input field. */
export interface ValuePlan {
  /** Name of the argument or input field. */
  readonly name: string;
  /** Rules of the value itself. */
  readonly rules: readonly ValueRule[];
  /** For an input object that holds rules: where they are inside it. */
  readonly inside: InputPlan | null;
}

/** Where targets are in an input object. Recursive types refer to themselves. */
export interface InputPlan {
  /** Exactly one field is given; what is not chosen names nothing. */
  readonly oneOf: boolean;
  readonly fields: readonly ValuePlan[];
}

/** All that is asked of one field of an object type. */
export interface FieldPlan {
  /** `Type.field` */
  readonly coordinate: string;
  /** Rules of the field itself. */
  readonly apiKey: readonly ApiKeyRule[];
  /** Arguments that hold targets. */
  readonly values: readonly ValuePlan[];
  /** Arguments that are made up for when they are left out. */
  readonly injected: readonly ValuePlan[];
  /** Of `withAccess`. */
  readonly selector: Selector | null;
  /** What has to be loaded. */
  readonly targets: readonly TargetsRule[];
  /** Nobody may run it; null: that depends. */
  readonly refused: RefusalReason | null;
  /** Whether at least one library must end up being named by a value. */
  readonly needsLibrary: boolean;
}

/** What is asked of every field and object of a schema. */
export interface Model {
  /** The roots, and the types of namespaces below them, by name; and the level below each. */
  readonly roots: ReadonlyMap<string, Level>;
  /** Type name → field name → plan, only for fields that ask something. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, FieldPlan>>;
  /** Object type name → where its objects' library is. */
  readonly types: ReadonlyMap<string, readonly InLibraryRule[]>;
  /** Plans of the input object types that hold rules, by name. */
  readonly inputs: ReadonlyMap<string, InputPlan>;
  /** Coordinates of fields whose lists keep the places of what is out of reach. */
  readonly positional: ReadonlySet<string>;
  /** Coordinates of fields that lead to a namespace. */
  readonly namespaces: ReadonlySet<string>;
}

/** Turns rules by coordinate into what the check and the lock evaluate. */
export function buildModel(schema: GraphQLSchema, marks: Marks): Model {
  const inputs = createInputPlans(schema, marks);
  const insideOf = (type: GraphQLInputType): InputPlan | null =>
    inputs.get(getNamedType(type).name) ?? null;
  const fields = new Map<string, Map<string, FieldPlan>>();
  for (const type of objectTypes(schema)) {
    const plans = new Map<string, FieldPlan>();
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const values: ValuePlan[] = [];
      for (const argument of field.args) {
        const rules = marks.arguments.get(`${coordinate}(${argument.name}:)`) ?? [];
        const inside = insideOf(argument.type);
        if (rules.length > 0 || inside !== null)
          values.push({ name: argument.name, rules, inside });
      }
      const rules = marks.fields.get(coordinate) ?? [];
      const apiKey = ofKind(rules, "apiKey");
      const targets = ofKind(rules, "targets");
      const selector = selectorOf(field.resolve) ?? selectorOf(field.subscribe);
      if (values.length + apiKey.length + targets.length === 0 && selector === null) continue;
      // What is loaded or selected is a target as well, and at least one.
      const needsLibrary =
        targets.length === 0 &&
        selector === null &&
        values.some((value) => librariesIn(value).length > 0);
      const injected = values.filter(isInjected);
      plans.set(field.name, {
        coordinate,
        apiKey,
        values,
        injected,
        selector,
        targets,
        needsLibrary,
        refused: null,
      });
    }
    if (plans.size > 0) fields.set(type.name, plans);
  }
  const withRule = (kind: FieldRule["kind"]): Set<string> => {
    const having = [...marks.fields].filter(([, rules]) => ofKind(rules, kind).length > 0);
    return new Set(having.map(([coordinate]) => coordinate));
  };
  const namespaces = withRule("namespace");
  const roots = rootLevels(schema, namespaces);
  return {
    roots,
    fields,
    inputs,
    types: marks.types,
    positional: withRule("positional"),
    namespaces,
  };
}

/** The object types of a schema, introspection excepted. */
export function objectTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith("__"),
  );
}

/** The object types that a value of a type can be. */
export function possibleTypes(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
}

function ofKind<K extends FieldRule["kind"]>(
  rules: readonly FieldRule[],
  kind: K,
): readonly Extract<FieldRule, { kind: K }>[] {
  return rules.filter((rule): rule is Extract<FieldRule, { kind: K }> => rule.kind === kind);
}

/** The root types by role, whatever they are called, and the namespaces below them. */
function rootLevels(
  schema: GraphQLSchema,
  namespaces: ReadonlySet<string>,
): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>();
  const queue: GraphQLObjectType[] = [];
  const enter = (type: GraphQLObjectType | null | undefined, level: Level): void => {
    if (!type || levels.has(type.name)) return;
    levels.set(type.name, level);
    queue.push(type);
  };
  // The roots first: no namespace makes one of them another.
  enter(schema.getMutationType(), "write");
  enter(schema.getQueryType(), "read");
  enter(schema.getSubscriptionType(), "read");
  for (const type of queue) {
    for (const field of Object.values(type.getFields())) {
      const below = getNamedType(field.type);
      if (!namespaces.has(`${type.name}.${field.name}`) || !isObjectType(below)) continue;
      enter(below, levels.get(type.name)!);
    }
  }
  return levels;
}

/** Plans of the input object types in which a rule is, at any depth. */
function createInputPlans(schema: GraphQLSchema, marks: Marks): ReadonlyMap<string, InputPlan> {
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const holdersOf = new Map<string, string[]>();
  const holding = new Set<string>();
  for (const input of inputs) {
    for (const field of Object.values(input.getFields())) {
      if (marks.inputFields.has(`${input.name}.${field.name}`)) holding.add(input.name);
      const inner = getNamedType(field.type).name;
      const holders = holdersOf.get(inner);
      if (holders) holders.push(input.name);
      else holdersOf.set(inner, [input.name]);
    }
  }
  // A set grows while it is iterated over.
  for (const name of holding) for (const holder of holdersOf.get(name) ?? []) holding.add(holder);

  const plans = new Map<string, InputPlan & { readonly fields: ValuePlan[] }>();
  const held = inputs.filter(({ name }) => holding.has(name));
  for (const input of held) {
    const oneOf = (input as { isOneOf?: boolean }).isOneOf === true;
    plans.set(input.name, { oneOf, fields: [] });
  }
  // All plans are there before their fields, which may be of any of the types.
  for (const input of held) {
    for (const field of Object.values(input.getFields())) {
      const rules = marks.inputFields.get(`${input.name}.${field.name}`) ?? [];
      const inside = plans.get(getNamedType(field.type).name) ?? null;
      if (rules.length === 0 && inside === null) continue;
      plans.get(input.name)!.fields.push({ name: field.name, rules, inside });
    }
  }
  return plans;
}

/** The rules about libraries in a value, at any depth. */
export function librariesIn(plan: ValuePlan, seen = new Set<ValuePlan>()): readonly LibraryRule[] {
  if (seen.has(plan)) return [];
  seen.add(plan);
  return [
    ...plan.rules.filter((rule): rule is LibraryRule => rule.kind === "library"),
    ...(plan.inside?.fields.flatMap((inner) => librariesIn(inner, seen)) ?? []),
  ];
}
