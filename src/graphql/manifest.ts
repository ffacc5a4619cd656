import { getNamedType, isLeafType, type GraphQLSchema } from "graphql";
import type { Level } from "../core/access.js";
import type { ValueRule } from "./marks.js";
import type { FieldPlan, Model, ValuePlan } from "./model.js";
import { eachField, planOf } from "./walk.js";

/** A target that a field names. */
export interface ManifestTarget {
  /** Where it is: argument, then input fields, as `filter.libraryId`; the nearest place, if input types recur. */
  readonly at: string;
  readonly kind: "organization" | "library";
  /** The level that a library needs here, when it is not the field's. */
  readonly level?: Level;
  readonly whenOmitted?: "reachable";
}

/** What a field asks of a caller. */
export interface ManifestField {
  /** `Type.field` */
  readonly field: string;
  /** `"read"`, `"write"`, or, for a field below the roots, which one depends on the operation. */
  readonly level: Level | "operation";
  /** Any key, or one that reaches some library at this level. */
  readonly apiKey?: "any" | Level;
  readonly targets?: readonly ManifestTarget[];
  /** The level of `withAccess`, whose targets are in code. */
  readonly withAccess?: Level;
  /** The marked type whose objects are filtered. */
  readonly filters?: string;
}

/** All that a guard enforces, in an order that does not depend on the schema's: a file to commit and review. */
export interface Manifest {
  /** Every root field, and every other field that asks or filters something. */
  readonly fields: readonly ManifestField[];
  /** Every marked type with the fields that lead to it. */
  readonly types: readonly { readonly type: string; readonly from: readonly string[] }[];
  /** Every field that leads to objects which are not marked: nothing is filtered there. */
  readonly unfiltered: readonly string[];
}

/** Describes what a guard enforces. */
export function createManifest(schema: GraphQLSchema, model: Model): Manifest {
  const fields: ManifestField[] = [];
  const unfiltered: string[] = [];
  const from = new Map<string, string[]>([...model.types.keys()].map((name) => [name, []]));
  eachField(schema, (type, field) => {
    const coordinate = `${type.name}.${field.name}`;
    const plan = planOf(model, type.name, field.name);
    const result = getNamedType(field.type);
    const leading = from.get(result.name);
    leading?.push(coordinate);
    if (leading === undefined && !isLeafType(result)) unfiltered.push(coordinate);
    const level = model.roots.get(type.name) ?? "operation";
    if (plan === undefined && leading === undefined && level === "operation") return;
    fields.push({
      field: coordinate,
      level,
      ...(plan && describe(plan, level)),
      ...(leading && { filters: result.name }),
    });
  });
  return {
    fields: fields.sort((a, b) => byText(a.field, b.field)),
    types: [...from]
      .map(([type, fieldsToIt]) => ({ type, from: fieldsToIt.sort(byText) }))
      .sort((a, b) => byText(a.type, b.type)),
    unfiltered: unfiltered.sort(byText),
  };
}

function describe(plan: FieldPlan, level: Level | "operation"): Partial<ManifestField> {
  const targets = plan.values.flatMap(targetsOf).sort(byJson);
  const strongest = plan.apiKey.some((rule) => (rule.level ?? level) === "write")
    ? "write"
    : "read";
  const any = plan.apiKey.every((rule) => rule.level === null) && level !== "write";
  return {
    ...(plan.apiKey.length > 0 && { apiKey: any ? "any" : strongest }),
    ...(targets.length > 0 && { targets }),
    ...(plan.selector && { withAccess: plan.selector.level }),
  };
}

/** The targets in an argument: nearest first, each once, for input types refer to each other in ever more ways. */
function targetsOf(argument: ValuePlan): readonly ManifestTarget[] {
  const targets: ManifestTarget[] = [];
  const places = new Map([[argument, argument.name]]);
  // A map grows while it is iterated over.
  for (const [plan, at] of places) {
    for (const rule of plan.rules) targets.push(targetOf(rule, at));
    for (const inner of [...plan.inside].sort((a, b) => byText(a.name, b.name))) {
      if (!places.has(inner)) places.set(inner, `${at}.${inner.name}`);
    }
  }
  return targets;
}

function targetOf(rule: ValueRule, at: string): ManifestTarget {
  if (rule.kind === "organization") return { at, kind: rule.kind };
  return {
    at,
    kind: rule.kind,
    ...(rule.level && { level: rule.level }),
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
