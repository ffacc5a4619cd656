import { GraphQLError, type ExecutionResult } from "graphql";
import type { Cleaner } from "../graphql/clean-error.js";
import type { Formatter } from "./mercurius-types.js";

/** What Mercurius throws. */
interface Thrown {
  readonly errors?: unknown;
  readonly statusCode?: number;
  readonly code?: string;
}

/** What is formatted of errors, and logged with them, has no keys; and what did not run has no data. */
export function createFormatter(format: Formatter, { clean }: Cleaner): Formatter {
  return (execution, context) => {
    const [first, ...others] = execution.errors;
    const thrown = (first?.originalError ?? {}) as Thrown;
    const all = Array.isArray(thrown.errors) ? errorsOf(thrown) : execution.errors;
    const { statusCode } = others.length === 0 ? thrown : {};
    const errors = all.map((error) => clean(asGraphQLError(error)));
    const cleaned = { ...execution, errors, ...(statusCode !== undefined && { statusCode }) };
    const formatted = format(cleaned, context);
    if ("data" in execution) return formatted;
    const { data: _, ...response } = formatted.response as ExecutionResult;
    return { ...formatted, response: response as typeof formatted.response };
  };
}

/** What an operation rejects with, for whoever handles or logs it, without the keys in it. */
export function cleanRejection(thrown: unknown, { clean, cleanThrown }: Cleaner): unknown {
  const cleaned = cleanThrown(thrown);
  const { errors, statusCode, code } = (thrown ?? {}) as Thrown;
  if (!Array.isArray(errors)) return cleaned;
  const all = (errors as Error[]).map((error) => clean(asGraphQLError(error)));
  return Object.assign(cleaned as Error, { errors: all, statusCode, code });
}

/** The errors in what Mercurius, or a hook, has thrown. */
export function errorsOf(thrown: unknown): readonly Error[] {
  const { errors } = thrown as Thrown;
  return Array.isArray(errors) ? (errors as Error[]) : [thrown as Error];
}

/** What Mercurius takes errors and a status from. */
export function failure(errors: readonly GraphQLError[], statusCode: number): Error {
  return Object.assign(new Error(errors[0]!.message), { errors, statusCode });
}

/** An error as what GraphQL answers. */
export function asGraphQLError(error: Error): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(error.message, { originalError: error });
}
