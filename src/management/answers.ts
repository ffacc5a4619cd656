import type { IssuedKey } from "../core/api-keys.js";
import { levelOf } from "../core/access.js";
import type { ApiKey } from "../core/store.js";

/** An answer to a change, as the resolvers of GraphQL take it. */
export type Answer =
  | { readonly __typename: "ApiKeyIssued"; readonly key: string; readonly apiKey: ApiKeyView }
  | { readonly __typename: "ApiKeyChanged"; readonly apiKey: ApiKeyView }
  | { readonly __typename: "ApiKeyDeleted"; readonly id: string }
  | {
      readonly __typename: "ApiKeyConflict";
      readonly message: string;
      readonly apiKey: ApiKeyView | null;
    }
  | { readonly __typename: "ApiKeyNotFound"; readonly message: string }
  | { readonly __typename: "ApiKeyInvalid"; readonly message: string; readonly argument: string };

/** An API key as clients see it. */
export type ApiKeyView = ReturnType<typeof viewOf>;

/** What may be shown of an API key: times in ISO 8601, access as rows, ordered by id. */
export function viewOf(apiKey: ApiKey) {
  const { organizationId, id, name, hint, version, enabled, access } = apiKey;
  const rows = Object.keys(access)
    .toSorted()
    .map((libraryId) => ({ libraryId, level: levelOf(access, libraryId)!.toUpperCase() }));
  return {
    organizationId,
    id,
    name,
    hint,
    version,
    enabled,
    access: rows,
    createdAt: timeOf(apiKey.createdAtMs),
    updatedAt: timeOf(apiKey.updatedAtMs),
    expiresAt: timeOf(apiKey.expiresAtMs),
    lastUsedAt: timeOf(apiKey.lastUsedAtMs),
  };
}

function timeOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** The only answer with a key in it. */
export function issued({ key, apiKey }: IssuedKey): Answer {
  return { __typename: "ApiKeyIssued", key, apiKey: viewOf(apiKey) };
}

export function notFound(): Answer {
  return { __typename: "ApiKeyNotFound", message: "This API key does not exist." };
}

/** What someone else made of an API key; nothing: it is gone. */
export function conflictOf(
  apiKey: ApiKey | null | undefined,
  message = "Someone changed this API key in the meantime. Nothing was changed.",
): Answer {
  return { __typename: "ApiKeyConflict", message, apiKey: apiKey ? viewOf(apiKey) : null };
}
