import { GraphQLError } from "graphql";
import { withoutStack } from "./refusal.js";

/**
 * Why an operation that was let in ends: its key is dead, it reaches less than what a stream was opened for, or nobody can
 * say because the store failed.
 */
export type EndReason = "UNAUTHENTICATED" | "UNAUTHORIZED" | "UNAVAILABLE";

const MESSAGES: Readonly<Record<EndReason, string>> = {
  UNAUTHENTICATED: "The API key is not valid any more.",
  UNAUTHORIZED: "The API key does not reach any more what this was opened for.",
  UNAVAILABLE: "API keys cannot be checked at the moment.",
};

// By identity: errors of a host may have the same codes.
const reasons = new WeakMap<object, EndReason>();

/** The error with which an operation ends. */
export function endError(reason: EndReason): GraphQLError {
  const error = streamError(MESSAGES[reason], reason);
  reasons.set(error, reason);
  return error;
}

/** The error of a caller that is good for one operation only. */
export function unstreamableError(): GraphQLError {
  return streamError("This caller cannot be read anew, so it can hold no stream.", "UNAUTHORIZED");
}

function streamError(message: string, code: EndReason): GraphQLError {
  return withoutStack(() => new GraphQLError(message, { extensions: { code } }));
}

/** The reason behind an error with which an operation ended, however executors wrapped it; null: it is another error. */
export function endReasonOf(error: unknown): EndReason | null {
  for (let at = error; at instanceof Error; at = (at as Partial<GraphQLError>).originalError) {
    const reason = reasons.get(at);
    if (reason !== undefined) return reason;
  }
  return null;
}
