import type { FieldNode, GraphQLField, OperationDefinitionNode } from "graphql";
import type { Level } from "../core/access.js";
import type { Condition } from "./conditions.js";
import type { FragmentScope } from "./fragment-scope.js";
import type { FieldPlan } from "./model.js";
import type { Shortcut } from "./shortcut.js";

/** A field of an operation of which something is asked. */
export interface Entry {
  readonly plan: FieldPlan;
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly level: Level;
  /** Where its values are without coercing all arguments, or null. */
  readonly shortcuts: readonly Shortcut[] | null;
  readonly path: Path;
  /** The fragment's variables that its arguments may name; null: it has none. */
  readonly scope: FragmentScope | null;
}

/** Response keys up to the root. */
export interface Path {
  readonly key: string;
  readonly parent: Path | null;
}

/**
 * A selection set on one object type at one level, in one scope. The nodes of an operation form a graph; fragments are
 * shared.
 */
export interface Node {
  readonly entries: { readonly entry: Entry; readonly conditions: readonly Condition[] }[];
  readonly edges: { readonly to: Node; readonly conditions: readonly Condition[] }[];
  /** Where the variables of its conditions are. */
  readonly scope: FragmentScope | null;
}

/** What an operation asks, once and for all requests. */
export interface Plan {
  readonly operation: OperationDefinitionNode;
  readonly root: Node;
  /** Every entry, when none depends on a variable of `@skip` or `@include`; otherwise null: walk from the root. */
  readonly entries: readonly Entry[] | null;
  /** Whether some entry has targets to load. */
  readonly loads: boolean;
  /** How many selections were looked at: what it holds is in proportion. */
  readonly steps: number;
}

/** The entries of an operation that a request does not leave out, given the values of its variables. */
export function activeEntries(
  plan: Plan,
  valueOf: (variable: string, scope: FragmentScope | null) => unknown,
): readonly Entry[] {
  const stays = (conditions: readonly Condition[], scope: FragmentScope | null): boolean =>
    conditions.every(({ variable, leftOutWhen }) => valueOf(variable, scope) !== leftOutWhen);
  const active: Entry[] = [];
  const seen = new Set([plan.root]);
  // A set grows while it is iterated over: this is the queue and the memory of what was visited in one.
  for (const { entries, edges, scope } of seen) {
    for (const { entry, conditions } of entries) if (stays(conditions, scope)) active.push(entry);
    for (const { to, conditions } of edges) if (stays(conditions, scope)) seen.add(to);
  }
  return active;
}

/** The response keys from the root to a field. */
export function keysOf(path: Path): readonly string[] {
  const keys: string[] = [];
  for (let at: Path | null = path; at !== null; at = at.parent) keys.push(at.key);
  return keys.reverse();
}
