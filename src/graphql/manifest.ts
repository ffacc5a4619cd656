import { getNamedType, type GraphQLSchema } from "graphql";
import type { Level } from "../core/access.js";
import type { Marks } from "./marks.js";
import { possibleTypes, type FieldPlan, type Model, type ValuePlan } from "./model.js";
import type { ApiKeyRule, ValueRule } from "./rules.js";
import { eachField, planOf } from "./walk.js";

/** A target that a field names. */
export interface ManifestTarget {
  /** Where it is: argument, then input fields, as `filter.libraryId`; the nearest place, if input types recur. */
  readonly at: string;
  readonly kind: "organization" | "library";
  /** The level that a library needs here, when it is not the field's. */
  readonly level?: Level;
  readonly whenOmitted?: "reachable" | "none" | "callers";
}

/** What a field asks of a caller. */
export interface ManifestField {
  /** `Type.field` */
  readonly field: string;
  /** `"read"`, `"write"`, or, for a field below the roots, which one depends on the operation. */
  readonly level: Level | "operation";
  /** Any key, or one that reaches some library at this level; `"operation"`: at `"write"` below mutations only. */
  readonly apiKey?: "any" | Level | "operation";
  readonly targets?: readonly ManifestTarget[];
  /** The level of `withAccess`, whose targets are in code. */
  readonly withAccess?: Level;
  /** The levels of `targets()`, whose targets are loaded; one for each. */
  readonly loads?: readonly (Level | "operation")[];
  /** The fields of its type count as root fields. */
  readonly namespace?: true;
  /** The marked types whose objects are filtered. */
  readonly filters?: readonly string[];
  /** Lists keep the places of what is out of reach. */
  readonly positional?: true;
}

/** All that a guard enforces, in an order that does not depend on the schema's: a file to commit and review. */
export interface Manifest {
  /** Present when nothing is refused: the guard only reports. */
  readonly WARNING?: string;
  /** Whether a valid key may ask for the schema. */
  readonly introspection: "callers" | "none";
  /** Every root field, and every other field that asks or filters something. */
  readonly fields: readonly ManifestField[];
  /** Every marked type with the fields that lead to it. */
  readonly types: readonly { readonly type: string; readonly from: readonly string[] }[];
  /** Every field that leads to objects which are not marked: nothing is filtered there. */
  readonly unfiltered: readonly string[];
  /** What was said to have no target, and why. */
  readonly unmarked: readonly { readonly coordinate: string; readonly why: string }[];
}

/** What a manifest says of the guard as a whole. */
export interface ManifestSettings {
  readonly reportOnly: boolean;
  readonly introspection: "callers" | "none";
}

/** Describes what a guard enforces. */
export function createManifest(
  schema: GraphQLSchema,
  model: Model,
  marks: Marks,
  { reportOnly, introspection }: ManifestSettings,
): Manifest {
  const fields: ManifestField[] = [];
  const unfiltered: string[] = [];
  const from = new Map<string, string[]>([...model.types.keys()].map((name) => [name, []]));
  eachField(schema, (type, field) => {
    const coordinate = `${type.name}.${field.name}`;
    const plan = planOf(model, type.name, field.name);
    const possible = possibleTypes(schema, getNamedType(field.type)).map(({ name }) => name);
    const filters = possible.filter((name) => from.has(name)).sort(byText);
    for (const name of filters) from.get(name)!.push(coordinate);
    if (possible.length > filters.length) unfiltered.push(coordinate);
    const level = model.roots.get(type.name) ?? "operation";
    if (plan === undefined && filters.length === 0 && level === "operation") return;
    fields.push({
      field: coordinate,
      level,
      ...(plan && describe(plan, level)),
      ...(model.namespaces.has(coordinate) && { namespace: true }),
      ...(filters.length > 0 && { filters }),
      ...(model.positional.has(coordinate) && { positional: true }),
    });
  });
  const unmarked = [...marks.unmarked].map(([coordinate, why]) => ({ coordinate, why }));
  return {
    ...(reportOnly && { WARNING: "Report only: this guard lets everything through." }),
    introspection,
    fields: fields.sort((a, b) => byText(a.field, b.field)),
    types: [...from]
      .map(([type, leading]) => ({ type, from: leading.sort(byText) }))
      .sort((a, b) => byText(a.type, b.type)),
    unfiltered: unfiltered.sort(byText),
    unmarked: unmarked.sort((a, b) => byText(a.coordinate, b.coordinate)),
  };
}

function describe(plan: FieldPlan, level: Level | "operation"): Partial<ManifestField> {
  const targets = plan.values.flatMap(targetsOf).sort(byJson);
  return {
    ...(plan.apiKey.length > 0 && { apiKey: levelOf(plan.apiKey, level) }),
    ...(targets.length > 0 && { targets }),
    ...(plan.targets.length > 0 && { loads: plan.targets.map((rule) => rule.level ?? level) }),
    ...(plan.selector && { withAccess: plan.selector.level }),
  };
}

/** The level that some library must be reached at; below the roots it can depend on the operation. */
function levelOf(
  rules: readonly ApiKeyRule[],
  level: Level | "operation",
): ManifestField["apiKey"] & string {
  if (level === "operation") {
    const [read, write] = [levelOf(rules, "read"), levelOf(rules, "write")];
    return read === write ? read : "operation";
  }
  if (rules.some((rule) => (rule.level ?? level) === "write")) return "write";
  return rules.some((rule) => rule.level === "read") ? "read" : "any";
}

/** The targets in an argument: nearest first, each once, for input types refer to each other in ever more ways. */
function targetsOf(argument: ValuePlan): readonly ManifestTarget[] {
  const targets: ManifestTarget[] = [];
  const places = new Map([[argument, argument.name]]);
  // A map grows while it is iterated over.
  for (const [plan, at] of places) {
    for (const rule of plan.rules) targets.push(targetOf(rule, at));
    const inside = [...(plan.inside?.fields ?? [])].sort((a, b) => byText(a.name, b.name));
    for (const inner of inside) if (!places.has(inner)) places.set(inner, `${at}.${inner.name}`);
  }
  return targets;
}

function targetOf(rule: ValueRule, at: string): ManifestTarget {
  return {
    at,
    kind: rule.kind,
    ...(rule.kind === "library" && rule.level && { level: rule.level }),
    ...(rule.whenOmitted && { whenOmitted: rule.whenOmitted }),
  };
}

function byJson(a: ManifestTarget, b: ManifestTarget): number {
  return byText(JSON.stringify(a), JSON.stringify(b)); // `at` comes first
}

// By code unit, not by locale: the file must come out the same on every machine.
function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
