import { internalsOf, type ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import { checkId, checkObject, checkText, MAX_NAME_LENGTH } from "../core/check.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import { stateOf } from "../graphql/contexts.js";
import { readBearer } from "../http/credentials.js";
import type { RequestHeaders } from "../http/headers.js";
import { nodeConnection, type NodeRequest } from "../http/node.js";
import { askHost, failure } from "./failure.js";
import { isMinted } from "./minted.js";
import { refuseOtherPages, type ManagerRequest } from "./origin.js";

/** Someone who manages the API keys of an organization. */
export interface Manager {
  /** The organization whose keys may be managed; no other's. */
  readonly organizationId: string;
  /** Who it is, for audit events; 1 to 200 characters. */
  readonly actor: string;
}

/**
 * Says who manages API keys: from the context of an operation, or from a request. Null: nobody. What it throws is an
 * outage (`UNAVAILABLE`).
 */
export type AuthorizeManager<From> = (from: From) => MaybePromise<Manager | null>;

/** Asks the host who someone is. */
export async function askManager<From>(
  authorizeManager: AuthorizeManager<From>,
  from: From,
): Promise<Manager> {
  const manager = await askHost(async () => checkManager(await authorizeManager(from)));
  if (manager !== null) return manager;
  throw failure("UNAUTHENTICATED", "Sign in as someone who manages this organization's API keys.");
}

/** Undefined is a host that forgot to say. */
function checkManager(answer: Manager | null): Manager | null {
  if (answer === null) return null;
  const { organizationId, actor } = checkObject("manager", answer) as Manager;
  checkId("manager.organizationId", organizationId);
  checkText("manager.actor", actor, MAX_NAME_LENGTH);
  return { organizationId, actor };
}

/**
 * Throws when whoever sends an operation is an API key, whatever the host makes of its context: a host that takes every
 * `context.caller` for a signed-in user would let a key make keys. Also for pages of other origins, if the context has
 * the request.
 */
export function refuseContext(
  apiKeys: ApiKeys,
  context: unknown,
  allowed: ReadonlySet<string>,
): void {
  if (typeof context !== "object" || context === null) return;
  const { caller, request, req, reply } = context as HostContext;
  if (stateOf(context)?.caller.fence || caller?.fence) throw noManager();
  const source = [request, req, reply?.request].find((each) => each?.headers !== undefined);
  if (!source?.headers) return;
  const { headers } = nodeConnection(source, source.headers);
  refuseKeys(apiKeys, headers);
  refuseOtherPages({ headers, url: source.url }, allowed);
}

/** What servers put into a context, where nobody says otherwise. */
interface HostContext {
  readonly caller?: Partial<Caller> | null;
  /** Yoga, Hono. */
  readonly request?: HostRequest | null;
  /** Express, Apollo Server. */
  readonly req?: HostRequest | null;
  /** Mercurius. */
  readonly reply?: { readonly request?: HostRequest | null } | null;
}

type HostRequest = Partial<ManagerRequest> & NodeRequest;

/** Throws when a request carries an API key, a token that was minted from one, or several `Authorization` lines. */
export function refuseKeys(apiKeys: ApiKeys, headers: RequestHeaders): void {
  const credentials = readBearer(headers);
  if (!credentials.ok) {
    if (credentials.reason === "missing") return;
    throw failure("UNAUTHENTICATED", "Send one `Authorization` header.");
  }
  const { token } = credentials;
  if (token.startsWith(internalsOf(apiKeys).prefix) || isMinted(token)) throw noManager();
}

/** The answer to an API key, good or bad. */
function noManager(): Error {
  return failure("UNAUTHORIZED", "An API key cannot manage API keys.");
}
