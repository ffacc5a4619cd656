import type { ExecutionResult, GraphQLError } from "graphql";
import { STATUS, type FailureCode } from "./failure.js";

/**
 * The answer to a request. A result of which nothing came has the status of what went wrong; a key in it is in this
 * answer only, so nobody may keep it.
 *
 * @param redact - Takes keys out of messages: graphql-js prints the values of variables.
 */
export function respond(result: ExecutionResult, redact: (text: string) => string): Response {
  const { data, errors } = result;
  const body = {
    ...(data !== undefined && { data }),
    ...(errors && { errors: errors.map((error) => visible(error, redact)) }),
  };
  const status = statusOf(result);
  const headers = new Headers({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  if (status === 401) headers.set("www-authenticate", "Bearer"); // RFC 9110 section 15.5.2
  if (status === 405) headers.set("allow", "POST");
  return new Response(JSON.stringify(body), { status, headers });
}

function statusOf({ data, errors }: ExecutionResult): number {
  const nothingCame = Object.values(data ?? {}).every((value) => value === null);
  if (!errors || !nothingCame) return 200;
  const code = codeOf(errors[0]!);
  return code === undefined ? 400 : STATUS[code];
}

function visible(error: GraphQLError, redact: (text: string) => string): object {
  const { message, locations, path } = error;
  const code = codeOf(error) ?? "BAD_REQUEST";
  return { message: redact(message), locations, path, extensions: { code } };
}

/** Errors without a code are about the document and its variables: resolvers throw no other. */
function codeOf({ extensions }: GraphQLError): FailureCode | undefined {
  return extensions["code"] as FailureCode | undefined;
}
