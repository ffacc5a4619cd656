import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import type { Caller } from "../core/caller.js";
import {
  coerceArguments,
  coerceVariables,
  type CoercedVariables,
  type FragmentVariables,
} from "./coerce.js";
import { HAS_FRAGMENT_ARGUMENTS } from "./executors.js";
import { assertParsed } from "./document.js";
import { fragmentVariablesOf, type FragmentScope } from "./fragment-scope.js";
import { judgeCount, judgeField, judgeItself, judgeValue } from "./judge.js";
import type { Model } from "./model.js";
import { activeEntries, type Entry, type Plan } from "./plan.js";
import { createPlanMemory } from "./plan-memory.js";
import { createPlanner } from "./planner.js";
import type { Denial } from "./refusal.js";

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
  /**
   * Whether the executor is graphql 17's own, which hands fragments their arguments. Default false: a document with
   * fragment arguments is an error, since other executors ignore them. Without effect under graphql 16.
   */
  readonly fragmentArguments?: boolean | undefined;
}

/** What is known of an operation while it is judged. */
export interface Request {
  readonly plan: Plan;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly context: object;
  /** How many more ids may be judged. */
  left: number;
  /** Coerced at the first need. */
  coerced?: CoercedVariables;
  /** Evaluated at the first need, each. */
  scopes?: Map<FragmentScope, FragmentVariables>;
}

/** The most ids and input objects that one operation may name: a check takes milliseconds, whatever is sent. */
const MAX_IDS = 100_000;

/** Reads operations. Every function throws a GraphQLError, or an AggregateError of them, for a request that is wrong. */
export interface Inspector {
  open(operation: Operation): Request;
  /** The fields that ask something and that this request does not leave out. */
  entriesOf(request: Request): readonly Entry[];
  /** Why a field is refused by what it names, or null. */
  judge(entry: Entry, request: Request): Denial | null;
  /** The arguments that its resolver will receive. */
  argumentsOf(entry: Entry, request: Request): Readonly<Record<string, unknown>>;
  variablesOf(request: Request): CoercedVariables;
}

/** Makes the reader of a schema's operations, which remembers the plan of every document it saw. */
export function createInspector(
  schema: GraphQLSchema,
  model: Model,
  introspection: "callers" | "none",
): Inspector {
  const planner = createPlanner(schema, model, introspection);
  const memory = createPlanMemory();

  function planOf(document: DocumentNode, name: string | null, fragmentArguments: boolean): Plan {
    const known = memory.find(document, name, fragmentArguments);
    if (known === undefined) return makePlan(document, name, fragmentArguments);
    if (!(known instanceof GraphQLError)) return known;
    throw new GraphQLError(known.message, { nodes: known.nodes ?? null }); // servers change theirs
  }

  function makePlan(document: DocumentNode, name: string | null, fragmentArguments: boolean): Plan {
    assertParsed(document);
    const operation = pickOperation(schema, document, name);
    try {
      const plan = planner(document, operation, fragmentArguments);
      memory.add(document, name, fragmentArguments, plan);
      return plan;
    } catch (error) {
      if (error instanceof GraphQLError) memory.add(document, name, fragmentArguments, error);
      throw error;
    }
  }

  function variablesOf(request: Request): CoercedVariables {
    return (request.coerced ??= coerceVariables(schema, request.plan.operation, request.raw));
  }

  function argumentsOf(entry: Entry, request: Request): Readonly<Record<string, unknown>> {
    const { field, node, scope } = entry;
    const own = scope === null ? undefined : scopeOf(scope, request);
    return coerceArguments(field, node, variablesOf(request), own);
  }

  function scopeOf(scope: FragmentScope, request: Request): FragmentVariables {
    return fragmentVariablesOf(scope, variablesOf(request), (request.scopes ??= new Map()));
  }

  /** The value of a variable where a fragment's own may shadow it. */
  function valueOf(name: string, scope: FragmentScope | null, request: Request): unknown {
    if (scope?.sizes.has(name)) return scopeOf(scope, request).coerced[name];
    return variablesOf(request).values[name];
  }

  return {
    open({ document, operationName, variableValues, caller, context, fragmentArguments }) {
      const isKnown = HAS_FRAGMENT_ARGUMENTS && fragmentArguments === true;
      const plan = planOf(document, operationName || null, isKnown);
      return { plan, raw: variableValues ?? {}, caller, context, left: MAX_IDS };
    },

    entriesOf(request) {
      const { plan } = request;
      if (plan.entries !== null) return plan.entries;
      return activeEntries(plan, (name, scope) => valueOf(name, scope, request));
    },

    judge(entry, request) {
      const quick = judgeShortcuts(entry, request);
      if (quick !== undefined) return quick;
      const args = argumentsOf(entry, request);
      return judgeField(entry.plan, args, entry.level, request.caller, request.context, request);
    },

    argumentsOf,
    variablesOf,
  };
}

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
    const answer = judgeValue(plan.values[i]!, value, level, caller, request);
    if (typeof answer === "number") named += answer;
    else denial ??= answer;
  }
  return judgeItself(plan, level, caller) ?? denial ?? judgeCount(plan, named, level);
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
  for (const { variable } of picked.variableDefinitions ?? []) {
    if (variable.name.value === "__proto__") {
      // Some executors lose it, and some then find its properties as other variables.
      throw new GraphQLError("No variable can have this name.", { nodes: [variable] });
    }
  }
  if (!schema.getRootType(picked.operation)) {
    throw new GraphQLError(`The schema has no ${picked.operation} operations.`, {
      nodes: [picked],
    });
  }
  return picked;
}
