import * as graphql from "graphql";

/** Whether the installed graphql hands fragments their arguments. */
export const HAS_FRAGMENT_ARGUMENTS = graphql.versionInfo.major >= 17;

const own = new Set<unknown>(Object.values(graphql));

/**
 * Whether an executor is the installed graphql's. Those of others ignore fragment arguments, and take the operation's
 * variables of the same names.
 */
export function isOwnExecutor(execute: unknown): boolean {
  return own.has(execute);
}
