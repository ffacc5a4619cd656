import { GraphQLError, Source } from "graphql";
import type { ApiKeys } from "../core/api-keys.js";
import { isApiKeyError } from "../core/errors.js";

/** Keeps keys out of errors. */
export interface Cleaner {
  /**
   * An error as clients and logs may see it: without keys (graphql-js prints the values of variables, `JSON.parse` what
   * it stumbled over), and a refusal that a resolver threw as what it is, where servers would mask an error that is not
   * of GraphQL. Any other error stays one that servers mask. The same error where there was nothing to clean.
   */
  clean(error: GraphQLError): GraphQLError;
  /** The same for anything that was thrown. */
  cleanThrown(thrown: unknown): unknown;
}

/** What servers add to errors is shallow; what is deeper is a host's own. */
const MAX_DEPTH = 5;

/** Makes the functions that keep the keys of one {@link ApiKeys} out of errors. */
export function createCleaner({ redact }: ApiKeys): Cleaner {
  const blanks = new WeakMap<Source, Source>();

  function clean(error: GraphQLError): GraphQLError {
    return isApiKeyError(error.originalError, "UNAUTHORIZED")
      ? copyOf(error, null, { code: "UNAUTHORIZED" })
      : cleanGraphQLError(error);
  }

  function cleanGraphQLError(error: GraphQLError): GraphQLError {
    const { message, source } = error;
    const originalError = error.originalError ? cleanOriginal(error.originalError) : null;
    const extensions = redactIn(error.extensions, 0) as GraphQLError["extensions"];
    const isClean =
      redact(message) === message &&
      redactIn(error.path, 0) === error.path &&
      originalError === (error.originalError ?? null) &&
      extensions === error.extensions &&
      (!source || blanked(source) === source);
    return isClean ? error : copyOf(error, originalError, extensions);
  }

  function cleanOriginal(error: Error): Error {
    return error instanceof GraphQLError ? cleanGraphQLError(error) : cleanPlainError(error);
  }

  function copyOf(
    error: GraphQLError,
    originalError: Error | null,
    extensions: GraphQLError["extensions"],
  ): GraphQLError {
    const source = error.source ? blanked(error.source) : null;
    return new GraphQLError(redact(error.message), {
      // Nodes hold the text of the document as its source does.
      nodes: source === (error.source ?? null) ? (error.nodes ?? null) : null,
      source,
      positions: error.positions ?? null,
      path: (redactIn(error.path, 0) as GraphQLError["path"]) ?? null, // an alias can be a key
      originalError,
      extensions,
    });
  }

  /** Without its class, its cause and its other properties, which may have the key too. */
  function cleanPlainError(error: Error): Error {
    const { name, message, stack = "" } = error;
    if (redact(message) === message && redact(stack) === stack) return error;
    const copy = new Error(redact(message));
    copy.name = name;
    copy.stack = redact(stack);
    return copy;
  }

  /** A source without a key as it is; any other as spaces, in which every position is where it was. */
  function blanked(source: Source): Source {
    let blank = blanks.get(source);
    if (blank === undefined) {
      const { body, name, locationOffset } = source;
      blank =
        redact(body) === body
          ? source
          : new Source(body.replace(/[^\r\n]/g, " "), name, locationOffset);
      blanks.set(source, blank);
    }
    return blank;
  }

  /** A value in which no text has a key, without its class; the same value where none had. */
  function redactIn(value: unknown, depth: number): unknown {
    if (typeof value === "string") return redact(value);
    if (typeof value !== "object" || value === null || depth === MAX_DEPTH) return value;
    if (Array.isArray(value)) {
      const items = value.map((item) => redactIn(item, depth + 1));
      return items.every((item, i) => item === value[i]) ? value : items;
    }
    const entries = Object.entries(value);
    const redacted = entries.map(([name, item]) => [redact(name), redactIn(item, depth + 1)]);
    const isSame = entries.every(
      ([name, item], i) => redacted[i]![0] === name && redacted[i]![1] === item,
    );
    return isSame ? value : Object.fromEntries(redacted);
  }

  return {
    clean,
    cleanThrown(thrown) {
      if (thrown instanceof GraphQLError) return clean(thrown);
      return thrown instanceof Error ? cleanPlainError(thrown) : thrown;
    },
  };
}
