import type { Level } from "../core/access.js";
import { reaches, reachesAny, type Caller } from "../core/caller.js";
import type { ValueRule } from "./marks.js";
import type { FieldPlan, ValuePlan } from "./model.js";
import { denialsOf, type Denial } from "./refusal.js";
import { isReachable, type ApiKeyRule } from "./rules.js";
import type { Selector } from "./with-access.js";

/*
 * Both locks judge by these functions: the check before execution on coerced arguments, the lock in the schema on what
 * the resolver received. They answer how many libraries a value names, or one of these, so that a request allocates
 * nothing.
 */
const ORGANIZATION = denialsOf("organization");
const LIBRARY = denialsOf("library");
const LEVEL = denialsOf("level");
const MISSING = denialsOf("missing");
const UNREADABLE = denialsOf("unreadable");

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
): Denial | null {
  const denial = judgeApiKey(plan.apiKey, level, caller);
  if (denial !== null) return denial;
  let named = 0;
  for (const value of plan.values) {
    const answer = judgeValue(value, args[value.name], level, caller);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  const few = judgeCount(plan, named, level);
  if (few !== null || plan.selector === null) return few;
  return judgeSelector(plan.selector, args, context, caller);
}

/** Whether the named libraries are too few for a field. */
export function judgeCount(plan: FieldPlan, named: number, level: Level): Denial | null {
  return plan.needsLibrary && named === 0 ? MISSING[level] : null;
}

/** Judges by the `@apiKey` rules of a field. */
export function judgeApiKey(
  rules: readonly ApiKeyRule[],
  level: Level,
  caller: Caller,
): Denial | null {
  for (const rule of rules) {
    const needed = rule.level ?? (level === "write" ? "write" : null);
    if (needed !== null && !reachesAny(caller, needed)) return LEVEL[needed];
  }
  return null;
}

/** Judges one argument or input field. Answers the number of libraries named, or why it is refused. */
export function judgeValue(
  plan: ValuePlan,
  value: unknown,
  level: Level,
  caller: Caller,
): number | Denial {
  let named = 0;
  for (const rule of plan.rules) {
    const answer = judgeTarget(rule, value, level, caller);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  if (plan.inside.length === 0) return named;
  const inner = judgeInside(plan.inside, value, level, caller);
  return typeof inner === "number" ? named + inner : inner;
}

/** Judges an input object, or a list of them. An absent one names nothing. */
function judgeInside(
  plans: readonly ValuePlan[],
  value: unknown,
  level: Level,
  caller: Caller,
): number | Denial {
  if (value === null || value === undefined) return 0;
  let named = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const answer = judgeInside(plans, item, level, caller);
      if (typeof answer !== "number") return answer;
      named += answer;
    }
    return named;
  }
  for (const plan of plans) {
    const answer = judgeValue(plan, (value as Record<string, unknown>)[plan.name], level, caller);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  return named;
}

/** Judges a value that names organizations or libraries. */
function judgeTarget(
  rule: ValueRule,
  value: unknown,
  operationLevel: Level,
  caller: Caller,
): number | Denial {
  const level = (rule.kind === "library" && rule.level) || operationLevel;
  if (value === null || value === undefined) {
    if (!isReachable(rule)) return MISSING[level];
    return reachesAny(caller, level) ? 1 : LIBRARY[level];
  }
  if (Array.isArray(value)) return judgeList(rule, value, level, caller);
  const id = idOf(value);
  if (id === null) return UNREADABLE[level];
  if (rule.kind === "organization") return id === caller.organizationId ? 0 : ORGANIZATION[level];
  return reaches(caller, level, caller.organizationId, id) ? 1 : LIBRARY[level];
}

function judgeList(
  rule: ValueRule,
  values: readonly unknown[],
  level: Level,
  caller: Caller,
): number | Denial {
  if (values.length === 0) return MISSING[level];
  let named = 0;
  for (const value of values) {
    // A null inside a list is never an omission.
    if (value === null || value === undefined) return MISSING[level];
    const answer = judgeTarget(rule, value, level, caller);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  return named;
}

/** Judges what a selector answers for a call. One that throws, or answers a promise, has not answered. */
export function judgeSelector(
  { level, select }: Selector,
  args: unknown,
  context: unknown,
  caller: Caller,
): Denial | null {
  try {
    const answer: unknown = select(args as never, context as never);
    const libraries: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
    if (libraries.length === 0) return MISSING[level];
    for (const library of libraries) {
      const denial = judgePair(library, level, caller);
      if (denial === null) continue;
      // A promise that nobody waits for would end the process if it is rejected.
      void Promise.allSettled(libraries);
      return denial;
    }
    return null;
  } catch {
    return UNREADABLE[level];
  }
}

/** Judges a pair of ids. */
function judgePair(library: unknown, level: Level, caller: Caller): Denial | null {
  if (library === null || library === undefined) return MISSING[level];
  const pair = library as Record<string, unknown>;
  const organizationId = idOf(pair.organizationId);
  const libraryId = idOf(pair.libraryId);
  if (organizationId === null || libraryId === null) return UNREADABLE[level];
  return reaches(caller, level, organizationId, libraryId) ? null : LIBRARY[level];
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
