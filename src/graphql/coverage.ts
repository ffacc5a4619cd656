import {
  getNamedType,
  isEnumType,
  isLeafType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import type { Marks, Problem } from "./marks.js";
import { librariesIn, objectTypes, possibleTypes, type FieldPlan, type Model } from "./model.js";
import { eachField, fieldsOf, planOf, type OutputField } from "./walk.js";

/** What coverage is judged by. */
export interface Coverage {
  readonly schema: GraphQLSchema;
  readonly model: Model;
  readonly marks: Marks;
  readonly problem: Problem;
}

/** Every root field must be covered, and every field of a namespace. */
export function checkRootFields(coverage: Coverage): void {
  const { schema, model } = coverage;
  for (const type of objectTypes(schema)) {
    const level = model.roots.get(type.name);
    if (level === undefined) continue;
    for (const field of fieldsOf(type)) {
      const coordinate = `${type.name}.${field.name}`;
      const plan = planOf(model, type.name, field.name);
      if (coversByItself(plan) || model.namespaces.has(coordinate)) continue;
      if (level === "write") checkMutation(coverage, coordinate, field, plan);
      else checkQuery(coverage, coordinate, field, plan);
    }
  }
}

function checkQuery(
  coverage: Coverage,
  coordinate: string,
  field: OutputField,
  plan: FieldPlan | undefined,
): void {
  if (plan && plan.apiKey.length > 0) return checkHiddenTypes(coverage, coordinate, field);
  if (hasOnlyMarkedResults(coverage, field)) return;
  coverage.problem(
    coordinate,
    "is not covered: mark the argument that names a library with @library, or every type it returns with " +
      "@inLibrary, or write @apiKey if any key may run it",
  );
}

function checkMutation(
  coverage: Coverage,
  coordinate: string,
  field: OutputField,
  plan: FieldPlan | undefined,
): void {
  if (!plan || plan.apiKey.length === 0) {
    coverage.problem(
      coordinate,
      "is not covered: mark the argument that names a library with @library, or write @apiKey if any key " +
        "with Write on some library may run it, or @namespace if it only leads to other mutations",
    );
    return;
  }
  checkHiddenTypes(coverage, coordinate, field);
  const acting = findActingField(coverage, field);
  if (acting === undefined) return;
  coverage.problem(
    coordinate,
    `is covered by @apiKey only and leads to ${acting}, which takes unmarked arguments: mark its library with ` +
      "@library, or this field with @namespace, or that one with @unmarked",
  );
}

function coversByItself(plan: FieldPlan | undefined): boolean {
  if (plan === undefined) return false;
  return plan.needsLibrary || plan.selector !== null || plan.targets.length > 0;
}

/** Behind an interface or union with @apiKey, a type that is not marked may have been forgotten. */
function checkHiddenTypes(
  { schema, model, marks, problem }: Coverage,
  coordinate: string,
  field: OutputField,
): void {
  const result = getNamedType(field.type);
  const possible = possibleTypes(schema, result);
  if (possible.length === 1 && possible[0] === result) return;
  for (const { name } of possible) {
    if (model.types.has(name) || marks.unmarked.has(name)) continue;
    problem(
      coordinate,
      `has @apiKey and may return ${name} as ${result.name}: write @inLibrary or @unmarked on ${name}`,
    );
  }
}

/** Whether all that a field leads to is marked objects and their wrappers. */
function hasOnlyMarkedResults({ schema, model }: Coverage, field: OutputField): boolean {
  let marked = false;
  const seen = new Set<GraphQLNamedType>();
  const isContained = (name: string, type: GraphQLNamedType): boolean => {
    if (isEnumType(type)) return true;
    if (isLeafType(type))
      return COUNTS.has(type.name) || (TEXTS.has(type.name) && CURSORS.has(name));
    return possibleTypes(schema, type).every((object) => {
      if (model.types.has(object.name)) return (marked = true);
      if (seen.has(object)) return true;
      seen.add(object);
      return fieldsOf(object).every((inner) => isContained(inner.name, getNamedType(inner.type)));
    });
  };
  return isContained(field.name, getNamedType(field.type)) && marked;
}

const CURSORS = new Set(["cursor", "startCursor", "endCursor"]);
const TEXTS = new Set(["ID", "String"]);
const COUNTS = new Set(["Int", "Float", "Boolean"]);

/** A field with arguments below a field, in objects that nothing guards; undefined: there is none. */
function findActingField(
  { schema, model, marks }: Coverage,
  from: OutputField,
): string | undefined {
  const queue = [...possibleTypes(schema, getNamedType(from.type))];
  const seen = new Set(queue);
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (model.roots.has(type.name)) continue;
    for (const field of fieldsOf(type)) {
      const coordinate = `${type.name}.${field.name}`;
      const covered = coversByItself(planOf(model, type.name, field.name));
      if (field.args.length > 0 && !covered && !marks.unmarked.has(coordinate)) return coordinate;
      for (const result of possibleTypes(schema, getNamedType(field.type))) {
        if (!seen.has(result)) queue.push((seen.add(result), result));
      }
    }
  }
  return undefined;
}

/** What may be left out must be made up for: by filtered results, or by another target. */
export function checkOmissions(coverage: Coverage): void {
  const { schema, model, marks, problem } = coverage;
  eachField(schema, (type, field) => {
    const level = model.roots.get(type.name);
    for (const argument of field.args) {
      const coordinate = `${type.name}.${field.name}(${argument.name}:)`;
      const reachable = marks.arguments
        .get(coordinate)
        ?.some((rule) => rule.whenOmitted === "reachable");
      if (!reachable) continue;
      if (level === "write") problem(coordinate, "has whenOmitted: REACHABLE on a mutation");
      else if (!hasOnlyMarkedResults(coverage, field)) {
        problem(coordinate, "has whenOmitted: REACHABLE and returns types without @inLibrary");
      }
    }
    const plan = planOf(model, type.name, field.name);
    if (plan === undefined || plan.selector !== null || plan.targets.length > 0) return;
    const libraries = plan.values.flatMap((value) => librariesIn(value));
    const optional = libraries.filter((rule) => rule.whenOmitted === "none");
    if (optional.length > 0 && optional.length === libraries.length) {
      problem(
        plan.coordinate,
        "has whenOmitted: NONE on all that names a library: leave it out on one, or write targets()",
      );
    }
  });
}
