import { GraphQLError } from "graphql";
import type { Level } from "../core/access.js";
import { reaches, reachesAny, type Caller } from "../core/caller.js";
import { inject } from "./inject.js";
import type { FieldPlan, InputPlan, ValuePlan } from "./model.js";
import { denialsOf, type Denial } from "./refusal.js";
import type { ApiKeyRule, ValueRule } from "./rules.js";
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

/** How many more ids may be judged: one list can be named by a thousand aliases. */
export interface Allowance {
  left: number;
}

/** Of root fields the second lock judges what the first has counted. */
const UNLIMITED: Allowance = { left: Infinity };

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
): Denial | null {
  const denial = judgeItself(plan, level, caller);
  if (denial !== null) return denial;
  let named = 0;
  for (const value of plan.values) {
    const answer = judgeValue(value, own(args, value.name), level, caller, allowance);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  if (plan.selector === null) return judgeCount(plan, named, level);
  return judgeSelector(plan.selector, inject(plan, args, level, caller), context, caller);
}

/** Judges a field by the rules that no value has a part in. */
export function judgeItself(plan: FieldPlan, level: Level, caller: Caller): Denial | null {
  if (plan.refused !== null) return { reason: plan.refused, level };
  return judgeApiKey(plan.apiKey, level, caller);
}

/** Whether the named libraries are too few for a field. */
export function judgeCount(plan: FieldPlan, named: number, level: Level): Denial | null {
  return plan.needsLibrary && named === 0 ? MISSING[level] : null;
}

function judgeApiKey(rules: readonly ApiKeyRule[], level: Level, caller: Caller): Denial | null {
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
  allowance: Allowance,
): number | Denial {
  // No rule is about an input object itself.
  if (plan.inside !== null) return judgeInside(plan.inside, value, level, caller, allowance);
  let named = 0;
  for (const rule of plan.rules) {
    const answer = judgeTarget(rule, value, level, caller, allowance);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  return named;
}

/** Judges an input object, or a list of them. An absent one names nothing. */
function judgeInside(
  input: InputPlan,
  value: unknown,
  level: Level,
  caller: Caller,
  allowance: Allowance,
): number | Denial {
  if (value === null || value === undefined) return 0;
  spend(allowance);
  let named = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (item === null) spend(allowance); // the rest is counted inside
      const answer = judgeInside(input, item, level, caller, allowance);
      if (typeof answer !== "number") return answer;
      named += answer;
    }
    return named;
  }
  for (const plan of input.fields) {
    const field = own(value as Record<string, unknown>, plan.name);
    if (field === undefined && input.oneOf) continue; // not the member that was chosen
    const answer = judgeValue(plan, field, level, caller, allowance);
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
  allowance: Allowance,
): number | Denial {
  const level = (rule.kind === "library" && rule.level) || operationLevel;
  if (value === null || value === undefined) return judgeOmission(rule, level, caller);
  if (Array.isArray(value)) return judgeList(rule, value, level, caller, allowance);
  spend(allowance);
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
  allowance: Allowance,
): number | Denial {
  if (values.length === 0) return MISSING[level];
  let named = 0;
  for (const value of values) {
    // A null inside a list is never an omission.
    if (value === null || value === undefined) return MISSING[level];
    const answer = judgeTarget(rule, value, level, caller, allowance);
    if (typeof answer !== "number") return answer;
    named += answer;
  }
  return named;
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
function judgeOmission(rule: ValueRule, level: Level, caller: Caller): number | Denial {
  switch (rule.whenOmitted) {
    case "callers":
    case "none":
      return 0;
    case "reachable":
      return reachesAny(caller, level) ? 1 : LIBRARY[level];
    case null:
      return MISSING[level];
  }
}

/** Judges what a selector answers for a call. One that throws, or answers a promise, has not answered. */
export function judgeSelector(
  { level, select }: Selector,
  args: unknown,
  context: unknown,
  caller: Caller,
): Denial | null {
  try {
    return judgePairs(select(args as never, context as never), level, caller);
  } catch {
    return UNREADABLE[level];
  }
}

/** Judges a pair of ids, or a list of them. A getter that throws has not answered. */
export function judgePairs(answer: unknown, level: Level, caller: Caller): Denial | null {
  const libraries: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  if (libraries.length === 0) return MISSING[level];
  try {
    for (const library of libraries) {
      const denial = judgePair(library, level, caller);
      if (denial === null) continue;
      libraries.forEach(forsake);
      return denial;
    }
    return null;
  } catch {
    return UNREADABLE[level];
  }
}

/** A promise that nobody waits for would end the process if it is rejected. */
export function forsake(library: unknown): void {
  const { organizationId, libraryId } = (library ?? {}) as Record<string, unknown>;
  void Promise.allSettled([library, organizationId, libraryId]);
}

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
