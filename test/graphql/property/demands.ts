/** What is demanded of an operation that ran, or did not. */
import { pairsOf } from "./data.js";
import type { ExecutionResult } from "graphql";
import { type Call } from "./build.js";
import type { Request } from "./operation.js";
import { fieldOf, type Verdict } from "./oracle.js";
import { fieldHolds, isVisible } from "./oracle-fields.js";
import type { World } from "./schema.js";

/** A request that was not treated as it should be. */
export class Violation extends Error {}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}

/** What the reference did. */
export interface Expected {
  readonly data: unknown;
  /** Whether an error stands for an object out of reach. */
  readonly failed: boolean;
  /** Any other error. */
  readonly fault: string | null;
  readonly calls: readonly string[];
  readonly filtered: boolean;
}

export function textOf({ type, field, args }: Call): string {
  return `${type}.${field} ${JSON.stringify(sorted(args))}`;
}

/** With names in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, sorted(one)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** No resolver sees an unreachable target. */
export function demandReachable(
  world: World,
  request: Request,
  calls: readonly Call[],
  where: string,
): void {
  for (const { type, field: name, level, args, loaded } of calls) {
    const field = fieldOf(world, type, name)!;
    const holds = fieldHolds(world, request, field, args, level, true);
    demand(holds, `${where}${type}.${name} received ${JSON.stringify(args)}`);
    const target = field.marks.find((mark) => mark.kind === "targets");
    const isLoaded = !target || same(loaded, loadsOf(field, args));
    demand(
      isLoaded,
      `${where}${type}.${name} got ${JSON.stringify(loaded)} loaded for ${JSON.stringify(args)}`,
    );
  }
}

function loadsOf(
  { marks }: { readonly marks: readonly { readonly kind: string }[] },
  args: Call["args"],
): unknown {
  const answers = marks.flatMap((mark) => (mark.kind === "targets" ? [pairsOf(args["ref"])] : []));
  return answers.length === 1 ? answers[0] : answers;
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** No unreachable object leaves. */
export function demandVisible(
  world: World,
  request: Request,
  result: ExecutionResult,
  where: string,
): void {
  for (const key of keysIn(JSON.stringify(result.data ?? null))) {
    const [type, spot] = key.split("#") as [string, string];
    demand(isVisible(world, request, { type, spot: Number(spot) }), `${where}${key} left`);
  }
}

/** None runs in a refused operation. */
export function demandNothing(
  verdict: Verdict,
  { data, errors }: ExecutionResult,
  calls: readonly Call[],
  where: string,
): void {
  demand(calls.length === 0, `${where}${verdict}, and ran ${calls.map(textOf).join(", ")}`);
  demand(!data, `${where}${verdict}, and answered data`);
  demand(errors !== undefined && errors.length > 0, `${where}${verdict}, and answered no error`);
  const codes = errors.map(({ extensions }) => extensions["code"]);
  const isRefusal = codes.every((code) => code === "UNAUTHORIZED");
  if (verdict === "refused")
    demand(isRefusal, `${where}refused with ${codes.join()} ${errors[0]!.message}`);
  if (verdict === "invalid")
    demand(!codes.includes("UNAUTHORIZED"), `${where}invalid, and refused`);
}

/** Nothing whose named targets are all reachable is refused, and what may leave does. Null: so it is. */
export function differenceOf(
  expected: Expected,
  { data, errors = [] }: ExecutionResult,
  calls: readonly Call[],
  inOrder: boolean,
): string | null {
  const said = errors.map(({ message }) => message).join(", ");
  // The executor of earlier Yogas has the names of an object in the order in which their values came.
  const given = inOrder ? (value: unknown) => value : sorted;
  if (!same(given(data), given(expected.data))) {
    return `answered ${JSON.stringify(data)} ${said} instead of ${JSON.stringify(expected.data)}`;
  }
  const isRefusal = errors.every(({ extensions }) => extensions["code"] === "UNAUTHORIZED");
  if (errors.length > 0 !== expected.failed || !isRefusal) return `errors: ${said}`;
  if (expected.failed) return null; // how much else runs then depends on what is a promise
  const got = calls.map(textOf).sort();
  if (same(got, expected.calls)) return null;
  return `resolvers got ${got.join(", ")} instead of ${expected.calls.join(", ")}`;
}

export function keysIn(data: string): string[] {
  return [...data.matchAll(/"(T\d#\d+)"/g)].map(([, key]) => key!);
}
