import type { Level } from "../core/access.js";
import type { Caller } from "../core/caller.js";
import type { FieldPlan, ValuePlan } from "./model.js";

type Args = Readonly<Record<string, unknown>>;

/** Whether an argument is made up for when it is left out. */
export function isInjected({ rules }: ValuePlan): boolean {
  return rules.some(({ whenOmitted }) => whenOmitted === "reachable" || whenOmitted === "callers");
}

/**
 * The arguments with the caller's organization, or the libraries it reaches, in place of what was left out: what the
 * resolver receives, and so what loaders and selectors judge by.
 */
export function inject({ injected }: FieldPlan, args: Args, level: Level, caller: Caller): Args {
  if (injected.length === 0) return args;
  const complete: Record<string, unknown> = { ...args };
  for (const { name, rules } of injected) {
    if (Object.hasOwn(args, name) && args[name] !== null && args[name] !== undefined) continue;
    if (rules.some((rule) => rule.kind === "organization")) {
      complete[name] = caller.organizationId;
      continue;
    }
    const levels = rules.map((rule) => (rule.kind === "library" && rule.level) || level);
    const reachable = caller.libraries(levels.includes("write") ? "write" : "read");
    if (reachable === "every") delete complete[name];
    else complete[name] = [...reachable];
  }
  return complete;
}
