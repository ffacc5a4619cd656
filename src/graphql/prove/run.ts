import { execute, parse, subscribe, type DocumentNode, type ExecutionResult } from "graphql";
import { checkObject } from "../../core/check.js";
import type { Guard } from "../guard.js";
import { describeDemand, leaksOf, unlockedOf } from "./answers.js";
import type { Objects } from "./objects.js";
import type { Attempt } from "./operations.js";
import { meets, type Place, type Subject } from "./oracle.js";
import type { ProofSamples } from "./samples.js";
import type { Delivery, Run, Stubs } from "./stubs.js";
import { isAsyncIterable } from "../streams.js";

/** An operation as one caller, and what resolvers answer it. */
export interface Trial {
  readonly attempt: Attempt;
  readonly subject: Subject;
  /** Where the objects of lists are; last, where those on the way are, which is within reach of the first caller. */
  readonly places: readonly Place[];
  /** What the field answers where it answers one object. */
  readonly single: Run["single"];
  readonly delivery: Delivery;
  /** The caller is granted all and the objects are within reach: nothing may fail. */
  readonly mustSucceed: boolean;
}

/** What a proof runs operations with. */
export interface Laboratory {
  readonly guard: Guard;
  readonly stubs: Stubs;
  readonly objects: Objects;
  readonly samples: ProofSamples;
  readonly positional: ReadonlySet<string>;
}

const documents = new WeakMap<Attempt, DocumentNode>();
const NOTHING = parse("{ __typename }");

/** Runs an operation, and answers what is wrong with what happened. */
export async function runTrial(lab: Laboratory, trial: Trial): Promise<readonly string[]> {
  const { attempt, subject } = trial;
  const run = runOf(trial);
  const operation = operationOf(lab, trial, run);
  const isMet = (demand: Attempt["demands"][number]): boolean => meets(subject, demand);
  const unmet = attempt.demands.filter((demand) => !isMet(demand));
  const verdict = await lab.guard.check(operation);
  const early = run.calls.map(({ coordinate }) => `${coordinate} ran before the verdict`);
  if (early.length > 0) return early;
  if (verdict.ok) {
    const result = await perform(lab, trial, operation);
    if (unmet.length > 0) {
      const needed = [...new Set(unmet.map(describeDemand))].join(", ");
      return [`is allowed, although it needs ${needed}`, ...unlockedOf(attempt, run.calls, isMet)];
    }
    return inspect(lab, trial, run, result);
  }
  if (verdict.refusals.length === 0) {
    return [`is no legal request: ${messagesOf(verdict.errors)}`];
  }
  if (unmet.length === 0) {
    return attempt.mayAskMore ? [] : [`is refused: ${messagesOf(verdict.errors)}`];
  }
  const isCoded = ({ extensions }: (typeof verdict.errors)[number]): boolean =>
    extensions.code === "UNAUTHORIZED";
  if ("data" in verdict || verdict.errors.length === 0 || !verdict.errors.every(isCoded)) {
    return ["is refused by something else than errors without data"];
  }
  return tryLock(lab, trial, true);
}

/**
 * Runs a refused operation past the check: with a context of which the guard knows the caller, or with one that it never
 * saw. No resolver may run that asks for what is not granted.
 */
export async function tryLock(
  lab: Laboratory,
  trial: Trial,
  isKnown: boolean,
): Promise<readonly string[]> {
  const { attempt, subject } = trial;
  const run = runOf(trial);
  const operation = operationOf(lab, trial, run);
  if (isKnown) {
    const { context, caller } = operation;
    const verdict = await lab.guard.check({ document: NOTHING, caller, context });
    if (!verdict.ok) return ["{ __typename } is refused"];
  }
  await perform(lab, trial, operation);
  const isMet = (demand: Attempt["demands"][number]): boolean => isKnown && meets(subject, demand);
  return unlockedOf(attempt, run.calls, isMet).map((leak) => `${leak}, past the check`);
}

function inspect(
  { stubs, objects, positional }: Laboratory,
  { attempt, subject, mustSucceed }: Trial,
  run: Run,
  result: ExecutionResult,
): readonly string[] {
  const { coordinate } = attempt.goal;
  const isPositional = positional.has(coordinate);
  const leaks = leaksOf({ attempt, subject, run, result, stubs, objects, isPositional });
  if (!mustSucceed) return leaks;
  const { errors = [] } = result;
  if (errors.length > 0) return [...leaks, `is answered with errors: ${messagesOf(errors)}`];
  const ran = run.calls.some((call) => call.coordinate === coordinate);
  return ran ? leaks : [...leaks, "is allowed, and its resolver did not run"];
}

function runOf({ attempt: { goal }, places, single, delivery }: Trial): Run {
  const wanted = new Map(goal.steps.map(({ coordinate, to }) => [coordinate, to.name]));
  return { calls: [], goal: goal.coordinate, wanted, places, single, delivery };
}

function operationOf({ stubs, samples }: Laboratory, { attempt, subject }: Trial, run: Run) {
  const context = checkObject("samples.context()", samples.context?.() ?? {});
  const { caller } = subject;
  stubs.begin(Object.assign(context, { caller }), run);
  let document = documents.get(attempt);
  if (document === undefined) {
    documents.set(attempt, (document = parse(attempt.text, { noLocation: true })));
  }
  return { document, variableValues: attempt.variables, caller, context };
}

async function perform(
  { guard }: Laboratory,
  { attempt }: Trial,
  { document, variableValues, context }: ReturnType<typeof operationOf>,
): Promise<ExecutionResult> {
  const args = { schema: guard.schema, document, variableValues, contextValue: context };
  if (attempt.goal.kind !== "subscription") return execute(args);
  const opened = await subscribe(args);
  if (!isAsyncIterable(opened)) return opened;
  let last: ExecutionResult = {};
  for await (const result of opened) last = result; // there is one event
  return last;
}

function messagesOf(errors: readonly Error[]): string {
  return errors.map(({ message }) => message).join(" ");
}
