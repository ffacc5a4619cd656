/**
 * What has to happen, worked out in the plainest way from descriptions: every selection that stays, every value in it,
 * one by one. Imports nothing of src.
 */
import type { Condition, Document, Request, Selection } from "./operation.js";
import { asksOfArguments, fieldHolds } from "./oracle-fields.js";
import { coerceArguments, coerceVariables } from "./oracle-values.js";
import { nameOf, possibleOf, typeOf, type Field, type Level, type World } from "./schema.js";

/**
 * `"invalid"`: variables that do not fit, or no operation, so that there is nothing to refuse. `"stopped"`: arguments
 * that do not fit, of something that would have to be judged.
 */
export type Verdict = "runs" | "refused" | "invalid" | "stopped";

type Args = Readonly<Record<string, unknown>>;

/** Whether a request may run. */
export function verdictOf(world: World, document: Document, request: Request): Verdict {
  const { operations } = document;
  const isOnly = operations.length === 1 && request.operationName === null;
  const operation = operations.find(
    ({ name }) => isOnly || (name !== null && name === request.operationName),
  );
  if (operation === undefined) return "invalid";
  let variables: Args;
  try {
    variables = coerceVariables(world, document, request);
  } catch {
    return "invalid";
  }
  let verdict: Verdict = "runs";

  function visit(selection: Selection, type: string, level: Level): void {
    if (!selection.conditions.every((condition) => stays(condition, variables))) return;
    if (selection.kind === "spread") {
      const { on, selections } = document.fragments[selection.fragment]!;
      return visitOn(on, selections, type, level);
    }
    if (selection.kind === "inline")
      return visitOn(selection.on ?? type, selection.selections, type, level);
    const field = fieldOf(world, type, selection.name);
    if (field === undefined) {
      if (selection.name === "__schema" && world.introspection === "none") refuse();
      return;
    }
    try {
      const args = coerceArguments(world, field.args, selection.args, variables);
      if (!fieldHolds(world, request, field, args, level)) refuse();
    } catch {
      if (asksOfArguments(world, field)) verdict = "stopped";
    }
    below(nameOf(field.type), selection.selections, level);
  }

  function visitOn(on: string, selections: readonly Selection[], type: string, level: Level): void {
    const applies = possibleOf(world, on).some(({ name }) => name === type);
    if (applies) for (const selection of selections) visit(selection, type, level);
  }

  /** Selections are judged on every object type that can be there. */
  function below(name: string, selections: readonly Selection[], above: Level): void {
    if (typeOf(world, name) === undefined) return;
    for (const type of possibleOf(world, name)) {
      const level = rootLevel(world, type.name) ?? above;
      for (const selection of selections) visit(selection, type.name, level);
    }
  }

  function refuse(): void {
    if (verdict === "runs") verdict = "refused";
  }

  const isQuery = operation.kind === "query";
  below(isQuery ? world.query : world.mutation, operation.selections, isQuery ? "read" : "write");
  return verdict;
}

/** Read below the query root, Write below the mutation root; namespaces are part of their root. */
export function rootLevel(world: World, type: string): Level | undefined {
  if (type === world.query || type === "ReadSpace") return "read";
  return type === world.mutation || type === "WriteSpace" ? "write" : undefined;
}

/** A field of an object type, with the marks of the interfaces that ask for it. */
export function fieldOf(world: World, type: string, name: string): Field | undefined {
  const { fields, implements: above } = typeOf(world, type)!;
  const own = fields.find((field) => field.name === name);
  if (own === undefined) return undefined;
  const asked = above.flatMap((one) =>
    typeOf(world, one)!.fields.filter((field) => field.name === name),
  );
  return {
    ...own,
    marks: [own, ...asked].flatMap(({ marks }) => marks),
    args: own.args.map((argument) => {
      const same = asked.flatMap(({ args }) => args.filter((one) => one.name === argument.name));
      return { ...argument, marks: [argument, ...same].flatMap(({ marks }) => marks) };
    }),
  };
}

function stays(condition: Condition, variables: Args): boolean {
  const value = typeof condition.if === "boolean" ? condition.if : variables[condition.if.variable];
  return condition.name === "skip" ? value !== true : value !== false;
}
