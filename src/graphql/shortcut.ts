import {
  getNullableType,
  GraphQLID,
  GraphQLString,
  Kind,
  typeFromAST,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  type GraphQLType,
  type OperationDefinitionNode,
} from "graphql";
import type { FieldPlan } from "./model.js";

/**
 * Where the value of a marked argument is, when that is known without coercing all arguments: text given literally, a
 * variable that is taken over as it is if the client sent text, or nothing.
 */
export type Shortcut = { readonly constant: string | undefined } | { readonly variable: string };

/**
 * The shortcuts of a field's marked arguments, in their order; null when one of them has none. Only for arguments and
 * variables of the built-in ID and String scalars, of which text is its own coerced value.
 */
export function shortcutsOf(
  plan: FieldPlan,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  textVariables: ReadonlySet<string>,
): readonly Shortcut[] | null {
  if (plan.selector !== null) return null;
  const shortcuts: Shortcut[] = [];
  for (const { name } of plan.values) {
    const definition = field.args.find((argument) => argument.name === name)!;
    const given = (node.arguments ?? []).filter((argument) => argument.name.value === name);
    if (given.length > 1) return null; // unvalidated: which of two counts is the executor's to say
    const value = given[0]?.value;
    const omissible =
      definition.type === getNullableType(definition.type) && !hasDefault(definition);
    if (value === undefined && omissible) shortcuts.push({ constant: undefined });
    else if (!isText(definition.type)) return null;
    else if (value?.kind === Kind.STRING) shortcuts.push({ constant: value.value });
    else if (value?.kind === Kind.VARIABLE && textVariables.has(value.name.value)) {
      shortcuts.push({ variable: value.name.value });
    } else return null;
  }
  return shortcuts;
}

/** graphql 16 has `defaultValue`, 17 also `default`. */
function hasDefault(definition: { defaultValue?: unknown; default?: unknown }): boolean {
  return definition.defaultValue !== undefined || definition.default !== undefined;
}

/** Whether values are those of the built-in ID or String, or null. */
export function isText(type: GraphQLType | undefined): boolean {
  const nullable = getNullableType(type);
  return nullable === GraphQLID || nullable === GraphQLString;
}

/** The variables of an operation that are defined once, with the built-in type ID or String. */
export function textVariablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): ReadonlySet<string> {
  const text = new Set<string>();
  const seen = new Set<string>();
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (!seen.has(name) && isText(typeFromAST(schema, type))) text.add(name);
    else text.delete(name); // unvalidated: which of two definitions counts is the executor's to say
    seen.add(name);
  }
  return text;
}
