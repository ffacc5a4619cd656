/** A server without an adapter, as its author would write it with what this package exports. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { parse, validate, type DocumentNode, type GraphQLError } from "graphql";
import { createExecute } from "../../src/adapters/execute.js";
import { answerTo, authenticateRequest } from "../../src/http/index.js";
import type { AdapterServer, Parts } from "./subject.js";

export const executeServer: AdapterServer = {
  capabilities: [],
  handle(parts) {
    const serve = createHandler(parts);
    return (req, res) => {
      serve(req, res).catch(() => {
        if (!res.headersSent && !req.destroyed)
          answer(res, 500, { errors: [{ message: "Failed." }] });
      });
    };
  },
};

function createHandler({ apiKeys, guard, trustProxy }: Parts) {
  const execute = createExecute({ apiKeys, guard });
  const options = trustProxy === undefined ? {} : { trustProxy };

  return async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { remoteAddress } = req.socket;
    const request = {
      headers: req.rawHeaders,
      encrypted: "encrypted" in req.socket,
      remoteAddress,
    };
    // Twice: a stranger cannot make this server swallow a body, and a slow body cannot outlive its key.
    let result = await authenticateRequest(apiKeys, request, options);
    if (!result.ok) return refuse(res, result.reason);
    const body = await text(req);
    result = await authenticateRequest(apiKeys, request, options);
    if (!result.ok) return refuse(res, result.reason);

    const operation = read(body);
    if (operation === null) return badRequest(res, ["This is no GraphQL request."]);
    const document = parseAndValidate(operation.query);
    if (Array.isArray(document)) {
      return badRequest(
        res,
        document.map(({ message }) => apiKeys.redact(message)),
      );
    }
    const executed = await execute({
      document: document as DocumentNode,
      variableValues: operation.variables ?? null,
      operationName: operation.operationName ?? null,
      caller: result.caller,
    });
    const ran = "data" in executed;
    const refused = executed.errors?.some(
      ({ extensions }) => extensions["code"] === "UNAUTHORIZED",
    );
    answer(res, ran ? 200 : refused ? 403 : 400, executed);
  };

  function parseAndValidate(query: string): DocumentNode | readonly GraphQLError[] {
    try {
      const document = parse(query);
      const errors = validate(guard.schema, document);
      return errors.length > 0 ? errors : document;
    } catch (error) {
      return [error as GraphQLError];
    }
  }
}

interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
}

function read(body: string): Operation | null {
  try {
    const { query, variables = null, operationName = null } = JSON.parse(body);
    const isOperation = typeof query === "string" && typeof variables === "object";
    return isOperation ? { query, variables, operationName } : null;
  } catch {
    return null;
  }
}

function refuse(res: ServerResponse, reason: Parameters<typeof answerTo>[0]): void {
  const { status, headers, message, code } = answerTo(reason);
  answer(res, status, { errors: [{ message, extensions: { code } }] }, headers);
}

function badRequest(res: ServerResponse, messages: readonly string[]): void {
  answer(res, 400, { errors: messages.map((message) => ({ message })) });
}

function answer(res: ServerResponse, status: number, body: object, headers: object = {}): void {
  const common = {
    "content-type": "application/json",
    "cache-control": "no-store",
    vary: "Authorization",
  };
  res.writeHead(status, { ...common, ...headers }).end(JSON.stringify(body));
}
