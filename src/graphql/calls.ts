import type { FieldNode } from "graphql";
import type { TargetsRule } from "./rules.js";

/** That a rule was asked about a call of a field. */
export interface Call {
  readonly rule: TargetsRule;
  /** As its resolver gets them. */
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Calls by the field of the document, and by their arguments as text: a document can have thousands of fields, and a
 * fragment with arguments as many calls of one.
 */
export type Calls<C extends Call> = ReadonlyMap<FieldNode, ReadonlyMap<string, readonly C[]>>;

/** Calls that are being gathered. */
export type OpenCalls<C extends Call> = Map<FieldNode, Map<string, C[]>>;

/** Adds a call. */
export function addCall<C extends Call>(calls: OpenCalls<C>, node: FieldNode, call: C): void {
  let ofField = calls.get(node);
  if (ofField === undefined) calls.set(node, (ofField = new Map()));
  const text = textOf(call.args);
  const alike = ofField.get(text);
  if (alike === undefined) ofField.set(text, [call]);
  else alike.push(call);
}

/** The call of this very field by this very rule with the same arguments. */
export function findCall<C extends Call>(
  calls: Calls<C>,
  node: FieldNode,
  { rule, args }: Call,
): C | undefined {
  const ofField = calls.get(node);
  if (ofField === undefined) return undefined;
  return ofField.get(textOf(args))?.find((call) => call.rule === rule && isSame(call.args, args));
}

/** Text that is the same for arguments that are the same. Others may have it, too. */
function textOf(args: Call["args"]): string {
  try {
    return JSON.stringify(args);
  } catch {
    return ""; // values of custom scalars may have no text
  }
}

/** Whether two coerced values are the same; objects other than lists and input objects are by identity only. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  );
}

function isContainer(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
