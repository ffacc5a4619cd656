import { GraphQLError } from "graphql";
import type { Level } from "../core/access.js";
import { reaches, reachesAny, type Caller } from "../core/caller.js";
import type { FieldPlan, InputPlan, ValuePlan } from "./model.js";
import type { RefusalReason } from "./refusal.js";
import type { ApiKeyRule, LibraryRule, ValueRule } from "./rules.js";
import type { Selector } from "./with-access.js";

/*
 * Both locks judge by these functions: the check before execution on coerced arguments, the lock in the schema on what
 * the resolver received. They answer how many libraries a value names, or a reason to refuse as a negative number, so
 * that a request allocates nothing.
 */
const ORGANIZATION = -1;
const LIBRARY = -2;
const MISSING = -3;
const UNREADABLE = -4;
const REASONS: readonly RefusalReason[] = ["organization", "library", "missing", "unreadable"];

/** How many more ids may be judged: one list can be named by a thousand aliases. */
export interface Allowance {
  left: number;
}

/** The second lock judges what the first has let through. */
const UNLIMITED: Allowance = { left: Infinity };

/** The reason behind a negative answer. */
export function reasonOf(answer: number): RefusalReason {
  return REASONS[-answer - 1]!;
}

/**
 * Judges a field with these arguments.
 *
 * @returns Why it is refused, or null.
 */
export function judgeField(
  plan: FieldPlan,
  args: Readonly<Record<string, unknown>>,
  level: Level,
  caller: Caller,
  context: unknown,
  allowance: Allowance = UNLIMITED,
): RefusalReason | null {
  if (plan.refused !== null) return plan.refused;
  if (!holdsApiKey(plan.apiKey, level, caller)) return "level";
  let named = 0;
  for (const value of plan.values) {
    const answer = judgeValue(value, own(args, value.name), level, caller, allowance);
    if (answer < 0) return reasonOf(answer);
    named += answer;
  }
  if (plan.needsLibrary && named === 0) return "missing";
  return plan.selector === null ? null : judgeSelector(plan.selector, args, context, caller);
}

/** Whether the caller meets the `@apiKey` rules of a field. */
export function holdsApiKey(rules: readonly ApiKeyRule[], level: Level, caller: Caller): boolean {
  for (const rule of rules) {
    const needed = rule.level ?? (level === "write" ? "write" : null);
    if (needed !== null && !reachesAny(caller, needed)) return false;
  }
  return true;
}

/** Judges one argument or input field. Answers the number of libraries named, or a negative reason. */
export function judgeValue(
  plan: ValuePlan,
  value: unknown,
  level: Level,
  caller: Caller,
  allowance: Allowance,
): number {
  let named = 0;
  for (const rule of plan.rules) {
    const answer = judgeTarget(rule, value, level, caller, allowance);
    if (answer < 0) return answer;
    named += answer;
  }
  if (plan.inside === null) return named;
  const inner = judgeInside(plan.inside, value, level, caller, allowance);
  return inner < 0 ? inner : named + inner;
}

/** Judges an input object, or a list of them. An absent one names nothing. */
function judgeInside(
  input: InputPlan,
  value: unknown,
  level: Level,
  caller: Caller,
  allowance: Allowance,
): number {
  if (value === null || value === undefined) return 0;
  spend(allowance);
  let named = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const answer = judgeInside(input, item, level, caller, allowance);
      if (answer < 0) return answer;
      named += answer;
    }
    return named;
  }
  for (const plan of input.fields) {
    const field = own(value as Record<string, unknown>, plan.name);
    if (field === undefined && input.oneOf) continue; // not the member that was chosen
    const answer = judgeValue(plan, field, level, caller, allowance);
    if (answer < 0) return answer;
    named += answer;
  }
  return named;
}

/** Judges a value that names organizations or libraries. */
function judgeTarget(
  rule: ValueRule,
  value: unknown,
  level: Level,
  caller: Caller,
  allowance: Allowance,
): number {
  if (value === null || value === undefined) return judgeOmission(rule, level, caller);
  if (Array.isArray(value)) {
    if (value.length === 0) return MISSING;
    let named = 0;
    for (const item of value) {
      // A null inside a list is never an omission.
      const answer =
        item === null || item === undefined
          ? MISSING
          : judgeTarget(rule, item, level, caller, allowance);
      if (answer < 0) return answer;
      named += answer;
    }
    return named;
  }
  spend(allowance);
  const id = idOf(value);
  if (id === null) return UNREADABLE;
  if (rule.kind === "organization") return id === caller.organizationId ? 0 : ORGANIZATION;
  return reaches(caller, rule.level ?? level, caller.organizationId, id) ? 1 : LIBRARY;
}

/**
 * Counts an id or an input object.
 *
 * @throws GraphQLError when there are too many.
 */
function spend(allowance: Allowance): void {
  if (--allowance.left < 0) {
    throw new GraphQLError("The operation names too many libraries and organizations.");
  }
}

/** A property of its own: executors answer objects that inherit `constructor` and the like. */
function own(values: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Judges a value that is left out; null is the same. */
function judgeOmission(rule: ValueRule, level: Level, caller: Caller): number {
  switch (rule.whenOmitted) {
    case "callers":
    case "none":
      return 0;
    case "reachable":
      return reachesAny(caller, (rule as LibraryRule).level ?? level) ? 1 : LIBRARY;
    default:
      return MISSING;
  }
}

/** Judges what a selector answers for a call. One that throws, or answers a promise, has not answered. */
export function judgeSelector(
  selector: Selector,
  args: unknown,
  context: unknown,
  caller: Caller,
): RefusalReason | null {
  try {
    const answer: unknown = selector.select(args as never, context as never);
    const reason = judgePairs(answer, selector.level, caller);
    // A promise that nobody waits for would end the process if it is rejected.
    if (reason !== null) void Promise.allSettled(Array.isArray(answer) ? answer : [answer]);
    return reason;
  } catch {
    return "unreadable";
  }
}

/** Judges a pair of ids, or a list of them. */
export function judgePairs(answer: unknown, level: Level, caller: Caller): RefusalReason | null {
  const libraries: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  if (libraries.length === 0) return "missing";
  for (const library of libraries) {
    const reason = judgePair(library, level, caller);
    if (reason !== null) return reason;
  }
  return null;
}

/** Judges a pair of ids. */
function judgePair(library: unknown, level: Level, caller: Caller): RefusalReason | null {
  if (library === null || library === undefined) return "missing";
  const { organizationId, libraryId } = library as Record<string, unknown>;
  const ofOrganization = idOf(organizationId);
  const id = idOf(libraryId);
  if (ofOrganization === null || id === null) return "unreadable";
  return reaches(caller, level, ofOrganization, id) ? null : "library";
}

/**
 * A value as an id: text as it is, a whole number as its digits, like the ID scalar does. Anything else is none: its
 * text could change between the check and the use.
 *
 * @see GraphQL specification, section 3.5.5
 */
export function idOf(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  if (Number.isSafeInteger(value) || typeof value === "bigint") return String(value);
  return null;
}
