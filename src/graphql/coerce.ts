import {
  getArgumentValues,
  getVariableValues,
  type FieldNode,
  type FragmentSpreadNode,
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

/** The variables of a fragment at a spread, as graphql 17 has them. */
export interface FragmentVariables {
  /** Name → where its value is from. What is here shadows the operation's variable. */
  readonly sources: Readonly<Record<string, unknown>>;
  /** Name → value. */
  readonly coerced: Readonly<Record<string, unknown>>;
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

/** `getArgumentValues` of graphql 17. That of 16 ignores the last, and never gets one. */
type GetArgumentValues = (
  definition: { readonly args: readonly unknown[] },
  node: FieldNode | FragmentSpreadNode,
  variables: CoercedVariables["forArguments"],
  fragmentVariables: FragmentVariables | undefined,
) => Record<string, unknown>;

/**
 * Coerces the arguments of a field, or of a fragment's spread, as the executor will.
 *
 * @throws GraphQLError when they do not fit.
 */
export function coerceArguments(
  definition: Pick<GraphQLField<unknown, unknown>, "args"> | { readonly args: readonly unknown[] },
  node: FieldNode | FragmentSpreadNode,
  variables: CoercedVariables,
  fragmentVariables: FragmentVariables | undefined,
): Readonly<Record<string, unknown>> {
  const coerce = getArgumentValues as unknown as GetArgumentValues;
  return coerce(definition, node, variables.forArguments, fragmentVariables);
}
