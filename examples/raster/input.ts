import { GraphQLError } from "graphql";

const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 50;

/** The input is not as described. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}

/** What the input names is not there. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "NOT_FOUND" } });
}

/** The input is right, and something that exists is in its way. */
export function conflict(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "CONFLICT" } });
}

/** A page of a list. Pages 0 and 1 are both the first. */
export interface PageArgs {
  readonly page?: number | null;
  readonly pageSize?: number | null;
}

/** One page of a list, and its number. */
export function pageOf<T>(
  items: readonly T[],
  args: PageArgs,
): { items: readonly T[]; page: number } {
  const page = Math.max(1, atLeast("page", args.page ?? 1, 0));
  const pageSize = upTo("pageSize", args.pageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  return { items: items.slice((page - 1) * pageSize, page * pageSize), page };
}

/** A whole number from 1 to `most`. */
export function upTo(name: string, value: number, most: number): number {
  if (value > most) throw badInput(`"${name}" expected at most ${most}, got ${value}.`);
  return atLeast(name, value, 1);
}

/** Without repetitions, and refused when it has more than `most` entries. */
export function unique<T>(name: string, list: readonly T[], most: number): readonly T[] {
  if (list.length > most) {
    throw badInput(`"${name}" expected at most ${most} entries, got ${list.length}.`);
  }
  return [...new Set(list)];
}

/** A text of 1 to `most` characters, without the spaces around it. */
export function text(name: string, value: string, most: number): string {
  const trimmed = value.trim();
  if (trimmed === "" || trimmed.length > most) {
    throw badInput(`"${name}" expected 1 to ${most} characters, got ${trimmed.length}.`);
  }
  return trimmed;
}

function atLeast(name: string, value: number, least: number): number {
  if (value < least) throw badInput(`"${name}" expected at least ${least}, got ${value}.`);
  return value;
}
