import { Kind, type DirectiveNode } from "graphql";

/** A variable that decides whether a selection is left out: `@skip(if: $v)` or `@include(if: $v)`. */
export interface Condition {
  readonly variable: string;
  /** The selection is left out when the variable is this. */
  readonly leftOutWhen: boolean;
}

const NO_CONDITIONS: readonly Condition[] = [];

/**
 * What decides whether a selection is left out; null: it certainly is. Takes the first directive of a name, as the
 * executor does, and whatever is not certain counts as selected.
 *
 * @see GraphQL specification, sections 3.13.1 and 3.13.2
 */
export function conditionsOf(
  directives: readonly DirectiveNode[] | undefined,
): readonly Condition[] | null {
  if (!directives?.length) return NO_CONDITIONS;
  const conditions: Condition[] = [];
  for (const [name, leftOutWhen] of LEAVING_OUT) {
    const directive = directives.find((candidate) => candidate.name.value === name);
    const value = directive?.arguments?.findLast((argument) => argument.name.value === "if")?.value;
    if (value?.kind === Kind.BOOLEAN && value.value === leftOutWhen) return null;
    if (value?.kind === Kind.VARIABLE) {
      conditions.push({ variable: value.name.value, leftOutWhen });
    }
  }
  return conditions;
}

const LEAVING_OUT = [
  ["skip", true],
  ["include", false],
] as const;
