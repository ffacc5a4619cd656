import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import type { Caller } from "../core/caller.js";
import { checkFunction, checkObject } from "../core/check.js";
import { coerceArguments, coerceVariables, type CoercedVariables } from "./coerce.js";
import { tie } from "./contexts.js";
import { judgeApiKey, judgeCount, judgeField, judgeValue } from "./judge.js";
import type { Model } from "./model.js";
import { activeEntries, createPlanner, keysOf, type Entry, type Plan } from "./plan.js";
import { createRefusal, MAX_REFUSALS, refusalError, type Denial, type Refusal } from "./refusal.js";

/** An operation about to run. */
export interface Operation {
  readonly document: DocumentNode;
  /** Which operation of the document; absent, null or empty: its only one. */
  readonly operationName?: string | null | undefined;
  /** Variables as the client sent them. */
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  /** Who wants to run it. */
  readonly caller: Caller;
  /** The context object it will run with: this very object, and no other operation's. */
  readonly context: object;
}

/** Whether an operation may run. */
export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Why not, one a field, at most 20. Empty when the request itself is wrong, as `errors` then says. */
      readonly refusals: readonly Refusal[];
      /** What to answer, without `data`. */
      readonly errors: readonly GraphQLError[];
    };

/** What is known of a request while it is judged. */
interface Request {
  readonly operation: OperationDefinitionNode;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly context: object;
  /** Coerced at the first need. */
  coerced?: CoercedVariables;
}

const OK: Verdict = Object.freeze({ ok: true });

/** Makes the first lock: every target named anywhere in the operation, before the first resolver, all or nothing. */
export function createCheck(
  schema: GraphQLSchema,
  model: Model,
  guard: object,
): (operation: Operation) => Verdict {
  const planner = createPlanner(schema, model);
  const plans = new WeakMap<DocumentNode, Map<string | null, Plan>>();

  function planOf(document: DocumentNode, operationName: string | null): Plan {
    const known = plans.get(document)?.get(operationName);
    if (known !== undefined) return known;
    const operation = pickOperation(schema, document, operationName);
    const plan = planner(document, operation);
    let byName = plans.get(document);
    if (byName === undefined) plans.set(document, (byName = new Map()));
    byName.set(operationName, plan);
    return plan;
  }

  function variablesOf(request: Request): CoercedVariables {
    return (request.coerced ??= coerceVariables(schema, request.operation, request.raw));
  }

  function judge(entry: Entry, request: Request): Denial | null {
    const quick = judgeShortcuts(entry, request);
    if (quick !== undefined) return quick;
    const args = coerceArguments(entry.field, entry.node, variablesOf(request));
    return judgeField(entry.plan, args, entry.level, request.caller, request.context);
  }

  function refusalsOf(plan: Plan, request: Request): readonly Refusal[] {
    const entries =
      plan.entries ?? activeEntries(plan, (name) => variablesOf(request).values[name]);
    let refusals: Refusal[] | undefined;
    for (const entry of entries) {
      const denial = judge(entry, request);
      if (denial === null) continue;
      refusals ??= [];
      refusals.push(createRefusal(denial, entry.plan.coordinate, keysOf(entry.path), entry.node));
      if (refusals.length === MAX_REFUSALS) break;
    }
    // A request that cannot be coerced gets the executor's error, whatever else is wrong with it.
    if (refusals !== undefined) variablesOf(request);
    return refusals ?? NONE;
  }

  return function check({ document, operationName, variableValues, caller, context }) {
    checkObject("context", context);
    checkObject("caller", caller);
    checkFunction("caller.can", caller.can);
    let refusals;
    try {
      const plan = planOf(document, operationName || null);
      const raw = variableValues ?? {};
      refusals = refusalsOf(plan, { operation: plan.operation, raw, caller, context });
    } catch (error) {
      return { ok: false, refusals: NONE, errors: requestErrors(error) };
    }
    if (refusals.length > 0) return { ok: false, refusals, errors: refusals.map(refusalError) };
    tie(context, caller, guard);
    return OK;
  };
}

const NONE: readonly Refusal[] = [];

/** Judges a field whose targets are literal text or text variables; undefined when it takes more than that. */
function judgeShortcuts(entry: Entry, request: Request): Denial | null | undefined {
  const { plan, shortcuts, level } = entry;
  const { caller, raw } = request;
  if (shortcuts === null) return undefined;
  let named = 0;
  let denial: Denial | null = null;
  for (let i = 0; i < shortcuts.length; i++) {
    const shortcut = shortcuts[i]!;
    let value: unknown;
    if ("variable" in shortcut) {
      const { variable } = shortcut;
      value = raw[variable];
      if (typeof value !== "string" || !Object.hasOwn(raw, variable)) return undefined;
    } else value = shortcut.constant;
    const answer = judgeValue(plan.values[i]!, value, level, caller);
    if (typeof answer === "number") named += answer;
    else denial ??= answer;
  }
  return judgeApiKey(plan.apiKey, level, caller) ?? denial ?? judgeCount(plan, named, level);
}

/**
 * Picks the operation that the executor will run.
 *
 * @throws GraphQLError when there is none, or more than one could be meant.
 */
function pickOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): OperationDefinitionNode {
  let picked: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.variableDefinitions?.length) {
      // Their arguments would shadow the operation's variables.
      throw new GraphQLError("Fragment arguments are not supported.", { nodes: [definition] });
    }
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (operationName !== null && definition.name?.value !== operationName) continue;
    if (picked !== undefined) {
      // Of two with one name, executors and their helpers disagree on which runs.
      throw new GraphQLError(
        operationName === null
          ? "Must provide operation name if query contains multiple operations."
          : "There can be only one operation of a name.",
      );
    }
    picked = definition;
  }
  if (picked === undefined) {
    throw new GraphQLError(
      operationName === null ? "Must provide an operation." : "Unknown operation name.",
    );
  }
  if (!schema.getRootType(picked.operation)) {
    throw new GraphQLError(`The schema has no ${picked.operation} operations.`, {
      nodes: [picked],
    });
  }
  return picked;
}

/** The executor's own errors, of which nothing runs. */
function requestErrors(error: unknown): readonly GraphQLError[] {
  if (error instanceof AggregateError) return error.errors as GraphQLError[];
  if (error instanceof GraphQLError) return [error];
  throw error;
}
