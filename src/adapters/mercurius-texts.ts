import { GraphQLError } from "graphql";
import type mercurius from "mercurius";
import type { MercuriusOptions, PersistedQueryProvider } from "mercurius";

type QueryRequest = Parameters<PersistedQueryProvider["isPersistedQuery"]>[0];

/** The text of an operation that came over a socket. */
export type TextOf = (payload: { readonly query: string }) => Promise<string>;

/**
 * Makes what finds the text of an operation as Mercurius does over HTTP, where alone it looks at `persistedQueries`: a
 * socket that takes any text would be a way around `onlyPersisted`.
 */
export function createTexts(
  { persistedQueries, onlyPersisted, persistedQueryProvider }: MercuriusOptions,
  { persistedQueryDefaults }: Pick<typeof mercurius, "persistedQueryDefaults">,
): TextOf {
  const make = onlyPersisted ? "preparedOnly" : "prepared";
  const provider = persistedQueries
    ? persistedQueryDefaults[make](persistedQueries)
    : persistedQueryProvider;
  return async (payload) => {
    const request = payload as QueryRequest;
    if (!provider?.isPersistedQuery(request)) return payload.query;
    const hash = provider.getHash(request);
    if (!hash) throw new GraphQLError(provider.notSupportedError ?? "Bad Request");
    const text: unknown = await provider.getQueryFromHash(hash);
    if (typeof text === "string") return text;
    throw new GraphQLError(provider.notFoundError ?? "Bad Request");
  };
}
