import {
  getArgumentValues,
  getVariableValues,
  type FieldNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";

/** The variables of a request as graphql-js coerced them, in the shape of the installed major. */
export interface CoercedVariables {
  /** Name → value. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What `getArgumentValues` takes: `values` in graphql 16, an object with sources in 17. */
  readonly forArguments: Readonly<Record<string, unknown>>;
}

/** graphql-js answers up to this many errors of one request. */
const MAX_ERRORS = 50;

/**
 * Coerces variables as the executor will.
 *
 * @throws AggregateError of the executor's own errors when they do not fit.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  raw: Readonly<Record<string, unknown>>,
): CoercedVariables {
  const result = getVariableValues(schema, operation.variableDefinitions ?? [], raw, {
    maxErrors: MAX_ERRORS,
  }) as {
    errors?: readonly GraphQLError[];
    coerced?: Record<string, unknown>;
    variableValues?: { coerced: Record<string, unknown> };
  };
  const { errors, coerced, variableValues } = result;
  if (errors) throw new AggregateError(errors);
  if (coerced) return { values: coerced, forArguments: coerced };
  return { values: variableValues!.coerced, forArguments: variableValues as never };
}

/**
 * Coerces the arguments of a field as the executor will.
 *
 * @throws GraphQLError when they do not fit.
 */
export function coerceArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: CoercedVariables,
): Readonly<Record<string, unknown>> {
  return getArgumentValues(field, node, variables.forArguments);
}
