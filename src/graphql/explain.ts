import type { Level } from "../core/access.js";
import { requestErrors } from "./check.js";
import type { Inspector, Operation, Request } from "./inspect.js";
import { idOf } from "./judge.js";
import type { ValuePlan } from "./model.js";
import { keysOf, type Entry } from "./plan.js";
import { locationsOf, type RefusalReason } from "./refusal.js";

/** A target that a field of an operation names. */
export interface ExplainedTarget {
  /** Where it is: argument, then input fields, as `filter.libraryId`. */
  readonly at: string;
  readonly kind: "organization" | "library";
  /** The id that is named; null: it is left out, or nothing that can be an id. */
  readonly id: string | null;
}

/** Why a field of an operation is let through or refused. */
export interface ExplainedField {
  /** Response keys from the root of the operation. */
  readonly path: readonly string[];
  /** `Type.field` */
  readonly coordinate: string;
  readonly level: Level;
  readonly targets: readonly ExplainedTarget[];
  /** `"allowed"`, or why not. `"loads"`: its targets have to be loaded, which explaining does not do. */
  readonly verdict: "allowed" | "loads" | RefusalReason;
  /** Line and column in the document, from 1. */
  readonly locations: readonly { readonly line: number; readonly column: number }[];
}

/** Why an operation is let through or refused. For those who run the API; never for clients. */
export interface Explanation {
  /** The caller as it was judged. */
  readonly caller: {
    readonly id: string;
    readonly version: number;
    readonly organizationId: string;
  };
  /** Every field of the operation that asks something. */
  readonly fields: readonly ExplainedField[];
  /** Errors of the request itself, which then has no fields. */
  readonly errors: readonly string[];
}

/** Makes the function that explains verdicts. */
export function createExplain(
  inspector: Inspector,
): (operation: Omit<Operation, "context"> & { readonly context?: object }) => Promise<Explanation> {
  return async function explain({ context = {}, ...operation }) {
    const { id, version, organizationId } = operation.caller;
    const caller = { id, version, organizationId };
    try {
      const request = inspector.open({ ...operation, context });
      const entries = inspector.entriesOf(request);
      return { caller, fields: entries.map((entry) => explainField(entry, request)), errors: [] };
    } catch (error) {
      return { caller, fields: [], errors: requestErrors(error).map(({ message }) => message) };
    }
  };

  function explainField(entry: Entry, request: Request): ExplainedField {
    const { plan, level, path, node } = entry;
    const args = inspector.argumentsOf(entry, request);
    const denial = inspector.judge(entry, request);
    return {
      path: keysOf(path),
      coordinate: plan.coordinate,
      level,
      targets: plan.values.flatMap((value) => targetsIn(value, args[value.name], "")),
      verdict: denial?.reason ?? (plan.targets.length > 0 ? "loads" : "allowed"),
      locations: locationsOf(node),
    };
  }
}

function targetsIn(plan: ValuePlan, value: unknown, above: string): readonly ExplainedTarget[] {
  const at = above + plan.name;
  const items = flatten(value);
  const own = plan.rules.flatMap(({ kind }) => items.map((item) => ({ at, kind, id: idOf(item) })));
  const inside = (plan.inside?.fields ?? []).flatMap((field) =>
    items.flatMap((item) =>
      typeof item === "object" && item !== null
        ? targetsIn(field, (item as Record<string, unknown>)[field.name], `${at}.`)
        : [],
    ),
  );
  return [...own, ...inside];
}

function flatten(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.flatMap(flatten) : [value];
}
