import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import type { Problem } from "./marks.js";
import { possibleTypes, type Model, type ValuePlan } from "./model.js";
import { fieldsOf, planOf } from "./walk.js";

/** A library is a pair: the organization must be named in the field itself or in one above it. */
export function checkOrganizations(schema: GraphQLSchema, model: Model, problem: Problem): void {
  const remedy =
    "names a library of no organization: mark the organization in this field or one above it with " +
    '@organization, or say `organization: "callers"` or `libraryIds: "global"`';
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const queue = roots.filter((type) => type !== null && type !== undefined);
  const seen = new Set(queue);
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    for (const field of fieldsOf(type)) {
      const plan = planOf(model, type.name, field.name);
      const typeOf = (name: string) => field.args.find((argument) => argument.name === name)!.type;
      if (plan?.values.some((value) => alwaysNamesOrganization(value, typeOf(value.name))))
        continue;
      if (plan?.values.some((value) => namesBareLibrary(value, false))) {
        problem(plan.coordinate, remedy);
      }
      for (const result of possibleTypes(schema, getNamedType(field.type))) {
        if (!seen.has(result)) queue.push((seen.add(result), result));
      }
    }
  }
}

/** Whether a request cannot leave the organization out: marked values must be given, unless their object is absent. */
function alwaysNamesOrganization(
  plan: ValuePlan,
  type: GraphQLInputType,
  seen = new Set<ValuePlan>(),
): boolean {
  if (namesOrganization(plan)) return true;
  if (seen.has(plan)) return false;
  seen.add(plan);
  const input = getNullableType(type);
  const { inside } = plan;
  if (!isNonNullType(type) || !isInputObjectType(input) || inside === null) return false;
  const fields = input.getFields();
  return inside.oneOf
    ? Object.keys(fields).every((name) =>
        inside.fields.some((inner) => inner.name === name && namesOrganization(inner)),
      )
    : inside.fields.some((inner) => alwaysNamesOrganization(inner, fields[inner.name]!.type, seen));
}

/** Whether a library is named somewhere in a value without an organization beside or above it. */
function namesBareLibrary(plan: ValuePlan, covered: boolean, seen = new Set<ValuePlan>()): boolean {
  if (covered || seen.has(plan)) return false;
  seen.add(plan);
  if (plan.rules.some((rule) => rule.kind === "library")) return true;
  if (plan.inside === null) return false;
  const { oneOf, fields } = plan.inside;
  const beside = !oneOf && fields.some(namesOrganization); // of a @oneOf the other members are absent
  return fields.some((inner) => namesBareLibrary(inner, beside, seen));
}

function namesOrganization(plan: ValuePlan): boolean {
  return plan.rules.some((rule) => rule.kind === "organization");
}
