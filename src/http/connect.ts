import type { Caller } from "../core/caller.js";
import { checkFunction } from "../core/check.js";
import { isPromiseLike, type MaybePromise } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import { answerTo, type RequestFailure } from "./answer.js";
import type { Gate, RequestAuthentication } from "./authenticate.js";
import { headerLines } from "./headers.js";
import { isLargeBody, type NodeRequest } from "./node.js";
import type { Connection } from "./transport.js";

/** What is needed of Node's request, and of Express' around it. */
export interface ConnectRequest extends NodeRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether all of it has arrived. */
  readonly complete?: boolean;
}

/** What is needed of Node's response. */
export interface ConnectResponse {
  /** Of the answer. */
  statusCode: number;
  /** The value of a header of the answer; undefined when it has none. */
  readonly getHeader: (name: string) => unknown;
  /** Sets a header of the answer. */
  readonly setHeader: (name: string, value: string) => unknown;
  /** Sends the answer. */
  readonly end: (text: string) => unknown;
}

/** Middleware of Express and Connect, such as `express.json()`. */
export type BodyParser = (req: never, res: never, next: (error?: unknown) => void) => unknown;

/** Middleware that lets requests in. */
export type ConnectHandler = (
  req: ConnectRequest,
  res: ConnectResponse,
  next: (error?: unknown) => void,
) => void;

/** The gate of servers whose bodies are read by middleware. Package internal. */
export interface ConnectGate {
  /** Wraps parsers, so that a request is refused before its body is read or complained of. */
  readonly authenticate: (...parsers: readonly BodyParser[]) => ConnectHandler;
  /** The caller of a request that was let in once all of it had arrived, the first time that it is asked for; or null. */
  readonly takeCaller: (req: object) => Caller | null;
}

/** What a gate is made of. */
interface ConnectParts<Raw extends object> {
  readonly gate: Gate<Raw>;
  readonly connection: (request: Raw) => Connection;
  /** An error without the keys in it. */
  readonly cleanThrown: (thrown: unknown) => unknown;
}

/** Makes the gate of a server whose bodies are read by middleware. Package internal. */
export function createConnectGate<Raw extends object>(parts: ConnectParts<Raw>): ConnectGate {
  const { gate, connection, cleanThrown } = parts;
  /** Callers of requests that were let in once all of them had arrived. Of this gate alone: another may have others. */
  const admitted = createTie<Caller | null>();

  async function admit(
    parsers: readonly BodyParser[],
    req: ConnectRequest,
    res: ConnectResponse,
  ): Promise<boolean> {
    const method = String(req.method);
    setAnswerHeaders(res);
    const raw = req as unknown as Raw;
    const from = connection(raw);
    const authenticate = (): MaybePromise<RequestAuthentication> => gate.authenticate(from, raw);
    // Preflights and pages for people need no key. Whatever else comes of them is authenticated by who answers it.
    const isPage = method === "GET" && acceptedBy(req).includes("text/html");
    if ((isPage || method === "OPTIONS") && isBodiless(req)) {
      const failed = await parse(parsers, req, res);
      return failed === null || complain(req, res, failed.error);
    }
    const early = isLargeBody(method, from.headers) ? await authenticate() : gate.precheck(from);
    if (early?.ok === false) return refuse(req, res, early.reason);
    const failure = await parse(parsers, req, res);
    // The record that decides is read when the body has arrived: a slow body must not outlive its key.
    const isComplete = req.complete === true || isBodiless(req);
    const result = await authenticate();
    admitted.set(req, result.ok && isComplete ? result.caller : null);
    if (!result.ok) return refuse(req, res, result.reason);
    return failure === null || complain(req, res, failure.error);
  }

  /** Says what is wrong with a body, without the keys in it. */
  function complain(req: ConnectRequest, res: ConnectResponse, error: unknown): false {
    const cleaned = cleanThrown(error);
    const { status } = error as { readonly status?: unknown };
    if (!(cleaned instanceof Error) || typeof status !== "number" || status >= 500) throw cleaned;
    return respond(req, res, status, { message: cleaned.message, code: "BAD_REQUEST" });
  }

  return {
    authenticate: (...parsers) => {
      for (const parser of parsers) checkFunction("parsers", parser);
      return (req, res, next) => {
        admit(parsers, req, res).then((isAdmitted) => void (isAdmitted && next()), next);
      };
    },
    takeCaller(req) {
      const caller = admitted.get(req) ?? null;
      if (caller !== null) admitted.set(req, null);
      return caller;
    },
  };
}

/** Runs parsers one after the other, up to one that fails. */
async function parse(
  parsers: readonly BodyParser[],
  req: ConnectRequest,
  res: ConnectResponse,
): Promise<{ readonly error: unknown } | null> {
  try {
    for (const parser of parsers) {
      await new Promise<void>((resolve, reject) => {
        const next = (error?: unknown): void => (error ? reject(error as Error) : resolve());
        const parsing = parser(req as never, res as never, next);
        if (isPromiseLike(parsing)) parsing.then(undefined, reject);
      });
    }
    return null;
  } catch (error) {
    return { error };
  }
}

function acceptedBy({ headers }: ConnectRequest): string {
  return headerLines(headers, "accept").join();
}

function isBodiless({ headers }: ConnectRequest): boolean {
  return !("transfer-encoding" in headers) && !(Number(headers["content-length"]) > 0);
}

/** For answers of any kind; what is there already stays. */
export function setAnswerHeaders(res: Omit<ConnectResponse, "statusCode" | "end">): void {
  const vary = String(res.getHeader("vary") ?? "");
  const hasIt = /(^|,)\s*(authorization|\*)\s*(,|$)/i.test(vary);
  if (!hasIt) res.setHeader("vary", vary === "" ? "Authorization" : `${vary}, Authorization`);
  if (res.getHeader("cache-control") === undefined) res.setHeader("cache-control", "no-store");
}

function refuse(req: ConnectRequest, res: ConnectResponse, reason: RequestFailure): false {
  const { status, headers, message, code } = answerTo(reason);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  return respond(req, res, status, { message, code });
}

const GRAPHQL_JSON = "application/graphql-response+json";

function respond(
  req: ConnectRequest,
  res: ConnectResponse,
  status: number,
  { message, code }: { readonly message: string; readonly code: string },
): false {
  const type = acceptedBy(req).includes(GRAPHQL_JSON) ? GRAPHQL_JSON : "application/json";
  res.statusCode = status;
  res.setHeader("content-type", `${type}; charset=utf-8`);
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
  return false;
}
