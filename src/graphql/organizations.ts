import {
  getNullableType,
  isInputObjectType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import type { Problem } from "./marks.js";
import { objectTypes, type Model, type ValuePlan } from "./model.js";
import { fieldsOf, planOf, possibleTypes } from "./walk.js";

/** A library is a pair: the organization must be named in the field itself or in one above it. */
export function checkOrganizations(schema: GraphQLSchema, model: Model, problem: Problem): void {
  const remedy =
    "names a library of no organization: mark the organization in this field or one above it with " +
    '@organization, or say `organization: "callers"` or `libraryIds: "global"`';
  const reached = new Set(objectTypes(schema).filter(({ name }) => model.roots.has(name)));
  // A set grows while it is iterated over.
  for (const type of reached) {
    for (const field of fieldsOf(type)) {
      const plan = planOf(model, type.name, field.name);
      const typeOf = (name: string) => field.args.find((argument) => argument.name === name)!.type;
      if (plan?.values.some((value) => alwaysNamesOrganization(value, typeOf(value.name))))
        continue;
      if (plan?.values.some((value) => namesBareLibrary(value, false))) {
        problem(plan.coordinate, remedy);
      }
      for (const result of possibleTypes(schema, field)) reached.add(result);
    }
  }
}

/** Whether a request cannot leave the organization out: marked values must be given, unless their object is absent. */
function alwaysNamesOrganization(plan: ValuePlan, type: GraphQLInputType): boolean {
  if (namesOrganization(plan)) return true;
  const input = getNullableType(type);
  if (!isNonNullType(type) || !isInputObjectType(input)) return false;
  return plan.inside.some((inner) =>
    alwaysNamesOrganization(inner, input.getFields()[inner.name]!.type),
  );
}

/** Whether a library is named somewhere in a value without an organization beside or above it. */
function namesBareLibrary(plan: ValuePlan, covered: boolean, seen = new Set<ValuePlan>()): boolean {
  if (covered || seen.has(plan)) return false;
  seen.add(plan);
  if (plan.rules.some((rule) => rule.kind === "library")) return true;
  const inside = plan.inside.some(namesOrganization);
  return plan.inside.some((inner) => namesBareLibrary(inner, inside, seen));
}

function namesOrganization(plan: ValuePlan): boolean {
  return plan.rules.some((rule) => rule.kind === "organization");
}
