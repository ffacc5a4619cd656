import { failure } from "./failure.js";

/** A GraphQL request as a client sends it. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/** Throws unless a body says that it is JSON in UTF-8, which no form of another site can. */
export function checkContentType(type: string | null): void {
  if (type !== null && JSON_TYPE.test(type)) return;
  throw failure("UNSUPPORTED_MEDIA_TYPE", "Send `Content-Type: application/json`.");
}

/** Throws when a body says that it is too long. */
export function checkLength(length: string | null, maxBytes: number): void {
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
}

/** Reads a body, and no more of it than allowed. A batch is refused: its answer could hold many keys, or lose them. */
export async function readRequest(request: Request, maxBytes: number): Promise<GraphQLRequest> {
  const body = await readJson(request, maxBytes);
  if (!isObject(body)) throw malformed();
  const { query, operationName = null, variables } = body;
  if (typeof query !== "string") throw malformed();
  if (operationName !== null && typeof operationName !== "string") throw malformed();
  if (variables !== undefined && variables !== null && !isObject(variables)) throw malformed();
  return { query, operationName, variables: variables ?? {} };
}

async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let text = "";
  try {
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) break;
      text += decoder.decode(chunk, { stream: true });
    }
    if (bytes <= maxBytes) return JSON.parse(text + decoder.decode());
  } catch {
    throw malformed(); // without its cause, which quotes the body
  }
  throw tooLarge(maxBytes);
}

function malformed(): Error {
  const message = 'The body is not `{ "query": "…", "variables": { … }, "operationName": "…" }`.';
  return failure("BAD_REQUEST", message);
}

function tooLarge(maxBytes: number): Error {
  return failure("PAYLOAD_TOO_LARGE", `The body is longer than ${maxBytes} bytes.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
