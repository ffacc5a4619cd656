import { GraphQLError } from "graphql";
import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import { unavailable } from "../core/ask.js";
import { problemOf } from "./inputs.js";

/** Stable codes of what fails as a whole, in `extensions.code`, and the HTTP status of each. */
export const STATUS = {
  BAD_REQUEST: 400,
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  HTTPS_REQUIRED: 403,
  CROSS_SITE: 403,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNAVAILABLE: 503,
} as const;

/** A code of {@link STATUS}. */
export type FailureCode = keyof typeof STATUS;

/** An error that servers pass on as it is: none of them masks an error of GraphQL. It has no cause to leak. */
export function failure(code: FailureCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** Runs a function of the host's. Whatever it throws is an outage: not even a RangeError of its own blames the client. */
export async function askHost<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw unavailable(error);
  }
}

/** Makes what turns whatever was thrown into what clients may see. The rest goes to the listener of events. */
export function createFailureOf(apiKeys: ApiKeys): (error: unknown) => GraphQLError {
  const { emit, now } = internalsOf(apiKeys);
  return (error) => {
    if (error instanceof GraphQLError) return error;
    const problem = problemOf(error);
    if (problem !== null) return failure("BAD_USER_INPUT", problem.message);
    emit?.({ type: "unavailable", atMs: now(), error: unavailable(error) });
    return failure("UNAVAILABLE", "API keys cannot be managed at the moment.");
  };
}
