import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import type { Marks, Problem } from "./marks.js";
import type { FieldPlan, Model } from "./model.js";
import { isReachable } from "./rules.js";
import { eachField, fieldsOf, planOf, possibleTypes, type OutputField } from "./walk.js";

/** Every root field must be covered; the namespace below an @apiKey mutation as well. */
export function checkRootFields(schema: GraphQLSchema, model: Model, problem: Problem): void {
  const query = schema.getQueryType();
  const mutation = schema.getMutationType();
  for (const field of fieldsOf(query)) {
    const plan = planOf(model, query!.name, field.name);
    if (coversByItself(plan)) continue;
    const coordinate = `${query!.name}.${field.name}`;
    if (plan && plan.apiKey.length > 0) {
      rejectAbstract(coordinate, field, problem);
      continue;
    }
    if (holdsMarkedOnly(model, field)) continue;
    problem(
      coordinate,
      "is not covered: mark the argument that names a library with @library, or every type it returns with " +
        "@inLibrary, or write @apiKey if any key may run it",
    );
  }
  for (const field of fieldsOf(mutation)) {
    const plan = planOf(model, mutation!.name, field.name);
    if (coversByItself(plan)) continue;
    const coordinate = `${mutation!.name}.${field.name}`;
    if (!plan || plan.apiKey.length === 0) {
      problem(
        coordinate,
        "is not covered: mark the argument that names a library with @library, or write @apiKey if any key " +
          "with Write on some library may run it",
      );
      continue;
    }
    rejectAbstract(coordinate, field, problem);
    const acting = findActingField(schema, model, field);
    if (acting) {
      problem(
        coordinate,
        `is covered by @apiKey only and leads to ${acting}, which takes unmarked arguments: mark its library ` +
          "with @library, or move it to the root",
      );
    }
  }
}

function coversByItself(plan: FieldPlan | undefined): boolean {
  return plan !== undefined && (plan.needsLibrary || plan.selector !== null);
}

function rejectAbstract(coordinate: string, field: OutputField, problem: Problem): void {
  const type = getNamedType(field.type);
  if (isAbstractType(type)) {
    problem(coordinate, `has @apiKey and returns the abstract ${type.name}: not built yet`);
  }
}

/** Whether all that a field leads to is marked objects and their wrappers. */
function holdsMarkedOnly(model: Model, field: OutputField): boolean {
  let marked = false;
  const seen = new Set<GraphQLNamedType>();
  const contained = (name: string, type: GraphQLNamedType): boolean => {
    if (isEnumType(type)) return true;
    if (isLeafType(type)) {
      if (type.name === "ID" || type.name === "String") return CURSORS.has(name);
      return COUNTS.has(type.name);
    }
    if (!isObjectType(type)) return false;
    if (model.types.has(type.name)) return (marked = true);
    if (seen.has(type)) return true;
    seen.add(type);
    return fieldsOf(type).every((inner) => contained(inner.name, getNamedType(inner.type)));
  };
  const result = getNamedType(field.type);
  const all = isObjectType(result) && contained(field.name, result);
  return all && marked;
}

const CURSORS = new Set(["cursor", "startCursor", "endCursor"]);
const COUNTS = new Set(["Int", "Float", "Boolean"]);

/** A field with arguments below a field, in objects that nothing guards; undefined: there is none. */
function findActingField(
  schema: GraphQLSchema,
  model: Model,
  from: OutputField,
): string | undefined {
  const reached = new Set(possibleTypes(schema, from));
  // A set grows while it is iterated over.
  for (const type of reached) {
    if (model.types.has(type.name) || model.roots.has(type.name)) continue;
    for (const field of fieldsOf(type)) {
      const plan = planOf(model, type.name, field.name);
      if (field.args.length > 0 && !coversByItself(plan)) return `${type.name}.${field.name}`;
      for (const result of possibleTypes(schema, field)) reached.add(result);
    }
  }
  return undefined;
}

/** Leaving libraries out means "those I reach" only where the result is filtered as well. */
export function checkReachable(
  schema: GraphQLSchema,
  model: Model,
  marks: Marks,
  problem: Problem,
): void {
  const mutation = schema.getMutationType();
  eachField(schema, (type, field) => {
    for (const argument of field.args) {
      const coordinate = `${type.name}.${field.name}(${argument.name}:)`;
      const rules = marks.arguments.get(coordinate) ?? [];
      if (!rules.some(isReachable)) continue;
      if (type === mutation) problem(coordinate, "has whenOmitted: REACHABLE on a mutation");
      else if (!holdsMarkedOnly(model, field)) {
        problem(coordinate, "has whenOmitted: REACHABLE and returns types without @inLibrary");
      }
    }
  });
}
