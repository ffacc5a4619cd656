import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkBoolean, checkObject, checkOptions, kindOf } from "../core/check.js";
import type { ApiKeyError } from "../core/errors.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import type { RequestFailure } from "./answer.js";
import { unavailable } from "../core/ask.js";
import { readBearer, type Credentials } from "./credentials.js";
import { checkCaller, checkOtherCallers, isPreflighted, type OtherCallers } from "./others.js";
import type { RequestHeaders } from "./headers.js";
import { createTrust, isSecure, type Connection, type TrustProxy } from "./transport.js";

/** Options of {@link authenticateRequest}. */
export interface AuthenticateOptions {
  /** Proxies that end TLS in front of this server. Default: none, and only a TLS socket is HTTPS. */
  readonly trustProxy?: TrustProxy;
  /**
   * Who a request is that carries no API key: asked when nothing of `Authorization` begins like one, and only for
   * requests that a browser cannot send for another site without asking. Default: nobody.
   */
  readonly otherCallers?: OtherCallers<Connection>;
}

/** Whether a request was let in: its caller, or why not. */
export type RequestAuthentication = { readonly ok: true; readonly caller: Caller } | RequestRefusal;

/** Why a request was not let in. */
export interface RequestRefusal {
  readonly ok: false;
  /** For logs and `answerTo`. */
  readonly reason: RequestFailure;
  /** With `unavailable`: what went wrong. */
  readonly error?: ApiKeyError;
}

/** The two questions that adapters ask of a request. Package internal. */
export interface Gate<Request extends object> {
  /** Before the body: HTTPS, credentials and their format. Null: nothing against it so far. Reads no store. */
  precheck(connection: Connection): RequestRefusal | null;
  /** Everything. Ties the caller to `request` for {@link callerOf}. */
  authenticate(connection: Connection, request: Request): MaybePromise<RequestAuthentication>;
}

const INSECURE: RequestRefusal = Object.freeze({ ok: false, reason: "insecure" });

const callers = createTie<Caller | null>();

/**
 * Authenticates a request: HTTPS, then credentials, then the key. Call it once the body has been read, so that a slow
 * body cannot outlive its key.
 *
 * @param apiKeys - What `createApiKeys` returned.
 * @param request - Headers, `encrypted` and `remoteAddress` of the request; {@link callerOf} knows this object
 * afterwards.
 * @param options - Whose forwarding headers are believed.
 * @returns `{ ok: true, caller }` or `{ ok: false, reason }`; `answerTo(reason)` has status, code and headers. Never
 * rejects because of a request or the store.
 * @throws TypeError or RangeError when an argument is not as described.
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createApiKeys } from "graphql-api-keys";
 * import { answerTo, authenticateRequest } from "graphql-api-keys/http";
 * import { createMemoryStore } from "graphql-api-keys/stores/memory";
 *
 * const apiKeys = createApiKeys({ store: createMemoryStore() });
 * createServer(async (req, res) => {
 *   const { remoteAddress } = req.socket;
 *   const request = { headers: req.rawHeaders, encrypted: "encrypted" in req.socket, remoteAddress };
 *   const result = await authenticateRequest(apiKeys, request, { trustProxy: "loopback" });
 *   if (result.ok) return res.end(`Hello, ${result.caller.organizationId}`);
 *   const { status, headers, message } = answerTo(result.reason);
 *   return res.writeHead(status, headers).end(message);
 * });
 * ```
 */
export async function authenticateRequest(
  apiKeys: ApiKeys,
  request: Connection,
  options: AuthenticateOptions = {},
): Promise<RequestAuthentication> {
  checkOptions("options", options, ["trustProxy", "otherCallers"]);
  const gate = createGate(apiKeys, options);
  return gate.authenticate(checkConnection(request), request);
}

/** Reads every property once: what is checked is what decides. */
function checkConnection(request: Connection): Connection {
  const { headers, encrypted, remoteAddress } = checkObject("request", request) as Connection;
  if (!Array.isArray(headers)) checkObject("request.headers", headers);
  if (encrypted !== undefined) checkBoolean("request.encrypted", encrypted);
  if (remoteAddress !== undefined && typeof remoteAddress !== "string") {
    throw new TypeError(`"request.remoteAddress" expected a string, got ${kindOf(remoteAddress)}`);
  }
  return { headers, encrypted, remoteAddress };
}

/**
 * The caller of a request that was authenticated.
 *
 * @param request - The object that was given to {@link authenticateRequest}, or an adapter's request.
 * @returns The caller. Its `cacheKey` is the only supported key for a response cache in front of the guard.
 * @throws TypeError when the request was not authenticated: a cache that asks too early must not share its answers.
 */
export function callerOf(request: object): Caller {
  const caller = findCaller(checkObject("request", request));
  if (caller === null) throw new TypeError("This request has not been authenticated.");
  return caller;
}

/** The caller of a request, or null. Package internal. */
export function findCaller(request: object): Caller | null {
  return callers.get(request) ?? null;
}

/** What an adapter gives its gate. */
interface GateOptions<Request> {
  readonly trustProxy?: TrustProxy | undefined;
  readonly otherCallers?: OtherCallers<Request> | undefined;
  /** Whether a request may be believed by its cookies. Default: whether a browser would have asked before it. */
  readonly isSafe?: (headers: RequestHeaders) => boolean;
}

/** Makes the gate of an adapter. Package internal. */
export function createGate<Request extends object>(
  apiKeys: ApiKeys,
  options: GateOptions<Request>,
): Gate<Request> {
  const { screen, verify, identify, prefix, emit, now } = internalsOf(apiKeys);
  const isTrusted = createTrust(options.trustProxy);
  const otherCallers = checkOtherCallers(options.otherCallers);
  const { isSafe = isPreflighted } = options;

  /** Not awaited by the answer, which is the same, and as fast, for good and bad keys. */
  const reportExposed =
    emit &&
    (async (token: string): Promise<void> => {
      try {
        const result = await identify(token);
        if (!result.ok) return;
        const { organizationId, id } = result.caller;
        emit({ type: "exposed", atMs: now(), organizationId, keyId: id });
      } catch {
        // The request was refused long ago. An error of the host's clock or store must not end the process from here.
      }
    });

  function admit(connection: Connection): Credentials | RequestRefusal {
    const credentials = readBearer(connection.headers);
    if (isSecure(connection, isTrusted)) return credentials;
    if (credentials.ok && reportExposed) setTimeout(() => void reportExposed(credentials.token), 0);
    return INSECURE;
  }

  /** Whether a request may be somebody else's: it carries nothing that begins like a key. */
  function mayBeOther(credentials: Credentials | RequestRefusal, { headers }: Connection): boolean {
    if (otherCallers === undefined) return false;
    const isForeign = credentials.ok
      ? !credentials.token.startsWith(prefix)
      : credentials.reason === "missing";
    return isForeign && isSafe(headers);
  }

  function verdictOf(
    credentials: Credentials | RequestRefusal,
  ): MaybePromise<RequestAuthentication> {
    return credentials.ok ? verify(credentials.token) : credentials;
  }

  async function askHost(
    request: Request,
    credentials: Credentials | RequestRefusal,
  ): Promise<RequestAuthentication> {
    try {
      const caller = checkCaller(await otherCallers!(request));
      return caller === null ? await verdictOf(credentials) : { ok: true, caller };
    } catch (cause) {
      const error = unavailable(cause);
      emit?.({ type: "unavailable", atMs: now(), error });
      return { ok: false, reason: "unavailable", error };
    }
  }

  return {
    precheck(connection) {
      const credentials = admit(connection);
      if (mayBeOther(credentials, connection)) return null;
      return credentials.ok ? screen(credentials.token) : credentials;
    },

    authenticate(connection, request) {
      callers.set(request, null); // what an earlier call let in may be refused now
      const credentials = admit(connection);
      const result = mayBeOther(credentials, connection)
        ? askHost(request, credentials)
        : verdictOf(credentials);
      return andThen(result, (settled) => {
        if (settled.ok) callers.set(request, settled.caller);
        return settled;
      });
    },
  };
}
