import { CREATE, DELETE, KEYS, LIBRARIES, REGENERATE, UPDATE } from "./documents.js";
import type { Answer, ApiKey, Changes, Failure, Level, Library, Loaded } from "./types.js";

/** Sends a request of the element, as `fetch` does. */
export type SettingsFetcher = (url: string, init: RequestInit) => Promise<Response>;

/** The management API, for one organization. */
export interface Client {
  keys(after: string | null): Promise<Loaded<ApiKey>>;
  /** Every library, whatever the number of pages. */
  libraries(): Promise<Loaded<Library>>;
  create(name: string, submissionId: string): Promise<Answer>;
  /** All of it or nothing. */
  update(apiKey: ApiKey, changes: Changes): Promise<Answer>;
  regenerate(apiKey: ApiKey): Promise<Answer>;
  delete(apiKey: ApiKey): Promise<Answer>;
}

const KEYS_PER_PAGE = 50;
const LIBRARIES_PER_PAGE = 500;
/** More than any answer takes: what narrows a key waits for leases of up to 30 s, and the key of an answer is shown once. */
export const TIMEOUT_MS = 60_000;

interface RawKey extends Omit<ApiKey, "access"> {
  readonly access: readonly { readonly libraryId: string; readonly level: Level }[];
}

interface RawResult {
  readonly __typename: string;
  readonly key?: string;
  readonly message?: string;
  readonly apiKey?: RawKey | null;
}

interface RawPage<T> {
  readonly nodes: readonly T[];
  readonly endCursor: string | null;
}

interface Body<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

type Sent<T> = { readonly data: T } | { readonly failure: Failure };

/** Makes a client. Keys travel in bodies only, and no cache keeps an answer. */
export function createClient(
  endpoint: string,
  organizationId: string,
  fetcher: SettingsFetcher,
): Client {
  async function send<T>(query: string, variables: object): Promise<Sent<T>> {
    let response: Response;
    let body: Body<T> | null;
    try {
      response = await fetcher(endpoint, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ query, variables: { organizationId, ...variables } }),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error", // a redirect to a sign-in page would answer the wrong question
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      body = (await response.json().catch(() => null)) as Body<T> | null;
    } catch {
      return { failure: "network" };
    }
    const codes = body?.errors?.map((error) => error.extensions?.code) ?? [];
    if (response.status === 401 || codes.includes("UNAUTHENTICATED")) {
      return { failure: "signedOut" };
    }
    if (response.status === 403 || codes.includes("UNAUTHORIZED")) return { failure: "forbidden" };
    if (!response.ok || codes.length > 0 || !body?.data) return { failure: "server" };
    return { data: body.data };
  }

  async function page<T>(query: string, first: number, after: string | null) {
    const sent = await send<{ page: RawPage<T> }>(query, { first, after });
    if ("failure" in sent) return { type: "failed", failure: sent.failure } as const;
    return { type: "loaded", ...sent.data.page } as const;
  }

  async function change(query: string, variables: object): Promise<Answer> {
    const sent = await send<{ result: RawResult | null }>(query, variables);
    if ("failure" in sent) return { type: "failed", failure: sent.failure };
    return answerOf(sent.data.result);
  }

  const ref = ({ id, version }: ApiKey) => ({ id, version });

  return {
    async keys(after) {
      const answer = await page<RawKey>(KEYS, KEYS_PER_PAGE, after);
      return answer.type === "failed" ? answer : { ...answer, nodes: answer.nodes.map(readKey) };
    },

    async libraries() {
      const nodes: Library[] = [];
      const seen = new Set<string | null>();
      let after: string | null = null;
      do {
        const answer: Loaded<Library> = await page<Library>(LIBRARIES, LIBRARIES_PER_PAGE, after);
        if (answer.type === "failed") return answer;
        nodes.push(...answer.nodes);
        seen.add(after);
        after = answer.endCursor;
      } while (after !== null && !seen.has(after)); // a server may go round in circles
      return { type: "loaded", nodes, endCursor: null };
    },

    create: (name, submissionId) => change(CREATE, { name, submissionId }),

    update(apiKey, { access, ...changes }) {
      const rows = access && [...access].map(([libraryId, level]) => ({ libraryId, level }));
      return change(UPDATE, { ...ref(apiKey), ...changes, access: rows });
    },

    regenerate: (apiKey) => change(REGENERATE, ref(apiKey)),
    delete: (apiKey) => change(DELETE, ref(apiKey)),
  };
}

function readKey(raw: RawKey): ApiKey {
  return { ...raw, access: new Map(raw.access.map(({ libraryId, level }) => [libraryId, level])) };
}

function answerOf(raw: RawResult | null): Answer {
  const apiKey = raw?.apiKey ? readKey(raw.apiKey) : null;
  const type = raw?.__typename;
  if (type === "ApiKeyIssued" && apiKey && raw?.key)
    return { type: "issued", key: raw.key, apiKey };
  if (type === "ApiKeyChanged" && apiKey) return { type: "changed", apiKey };
  if (type === "ApiKeyDeleted") return { type: "deleted" };
  if (type === "ApiKeyConflict") return { type: "conflict", apiKey };
  if (type === "ApiKeyNotFound") return { type: "notFound" };
  if (type === "ApiKeyInvalid") return { type: "invalid", message: raw?.message ?? "" };
  return { type: "failed", failure: "server" };
}
