import { GraphQLError, type FieldNode } from "graphql";
import type { Level } from "../core/access.js";

/**
 * Why an operation is refused: the organization is not the caller's (`organization`), a library is out of reach
 * (`library`), no library at all is within reach at the level (`level`), a marked value is left out (`missing`), it is
 * nothing that can be an id (`unreadable`), or the schema is not to be looked at (`introspection`).
 */
export type RefusalReason =
  "organization" | "library" | "level" | "missing" | "unreadable" | "introspection";

/** The answer "no" to one field of an operation. A value, not an exception. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The field, as `Type.field`. */
  readonly coordinate: string;
  /** The level that it needs. */
  readonly level: Level;
  /** Response keys from the root of the operation to the field. */
  readonly path: readonly string[];
  /** Line and column of the field in the document, both from 1; empty when the document carries no locations. */
  readonly locations: readonly { readonly line: number; readonly column: number }[];
}

/** Why a field is refused, before it is said which. */
export type Denial = Pick<Refusal, "reason" | "level">;

/** The denials for a reason, made once. */
export function denialsOf(reason: RefusalReason): Readonly<Record<Level, Denial>> {
  return { read: { reason, level: "read" }, write: { reason, level: "write" } };
}

/** The most refusals that one verdict lists. */
export const MAX_REFUSALS = 20;

/** Makes a refusal of a field. */
export function createRefusal(
  { reason, level }: Denial,
  coordinate: string,
  path: readonly string[],
  node: FieldNode,
): Refusal {
  return { reason, coordinate, level, path, locations: locationsOf(node) };
}

/** Where a field is in the document; empty when the document carries no locations. */
export function locationsOf(node: FieldNode): Refusal["locations"] {
  const token = node.loc?.startToken; // has its line already: no counting through a huge document
  return token ? [{ line: token.line, column: token.column }] : [];
}

/** What clients are told. The same for a library that is unknown, not granted or another organization's. */
export function refusalMessage({ reason, level }: Denial, coordinate: string): string {
  const field = coordinate.slice(coordinate.indexOf(".") + 1);
  switch (reason) {
    case "organization":
    case "library":
      return `"${field}" needs ${level} access to a library or organization that this key does not reach.`;
    case "level":
      return `"${field}" needs a key with ${level} access to some library.`;
    case "missing":
      return `"${field}" leaves out a library or organization that it must name.`;
    case "unreadable":
      return `"${field}" names a library or organization by something that is no id.`;
    case "introspection":
      return "This API does not answer questions about its schema.";
  }
}

/** The GraphQL error of a refusal. */
export function refusalError(refusal: Refusal): GraphQLError {
  const { coordinate, path, locations } = refusal;
  return withoutStack(() => {
    const error = new GraphQLError(refusalMessage(refusal, coordinate), {
      path: [...path],
      extensions: { code: "UNAUTHORIZED" },
    });
    if (locations.length > 0) (error as { locations?: unknown }).locations = locations;
    return error;
  });
}

/** The error of a refusal inside execution; the executor adds path and location. */
export function fieldRefusal(denial: Denial, coordinate: string): GraphQLError {
  const message = refusalMessage(denial, coordinate);
  return withoutStack(() => new GraphQLError(message, { extensions: { code: "UNAUTHORIZED" } }));
}

const skipped = new WeakSet<object>();

/** What a subscription's root field throws for an event that is out of reach: as if it had not happened. */
export function skipEvent(coordinate: string): GraphQLError {
  const error = fieldRefusal({ reason: "library", level: "read" }, coordinate);
  skipped.add(error);
  return error;
}

/** Whether a result stands for such an event. */
export function isSkipped({ errors = [] }: { readonly errors?: readonly GraphQLError[] }): boolean {
  return errors.some((error) => skipped.has(error.originalError ?? error));
}

/** A refusal is expected: its stack would tell nobody anything, and is most of its cost. */
export function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
