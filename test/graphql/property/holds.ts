/** Runs one request of a random document through every executor, and says what is not as the oracle has it. */
import {
  parse,
  validate,
  specifiedRules,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  type DocumentNode,
  type ExecutionResult,
} from "graphql";
import { createCaller, everyLibrary, type Caller } from "../../../src/index.js";
import { EXECUTORS, pairsOf, type Built, type Call, type Context, type Execute } from "./build.js";
import type { Document, Request } from "./operation.js";
import { completed, fieldHolds, fieldOf, isVisible, verdictOf, type Verdict } from "./oracle.js";
import type { Level, World } from "./schema.js";

/** What happened to a request; thrown instead of returned: what should not have. */
export interface Outcome {
  readonly verdict: Verdict;
  /** How many objects left. */
  readonly objects: number;
  /** Whether objects stayed that resolvers answered. */
  readonly filtered: boolean;
  /** Whether the executor of Yoga made other arguments of it than graphql-js. */
  readonly deviates: boolean;
}

/** A request that was not treated as it should be. */
export class Violation extends Error {}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}

const rules = specifiedRules.filter(
  (rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule,
);

/** Whether GraphQL takes a generated document; those that are made not to be taken excepted. */
export function problemsOf(built: Built, node: DocumentNode): readonly string[] {
  return validate(built.guard.schema, node, rules).map(({ message }) => message);
}

export async function judge(
  world: World,
  built: Built,
  document: Document,
  node: DocumentNode,
  request: Request,
): Promise<Outcome> {
  const verdict = verdictOf(world, document, request);
  let deviates = false;
  const refer = (name: string) => executeReference(world, built, node, request, EXECUTORS[name]!);
  const expected = verdict === "runs" ? await refer("graphql-js") : null;
  if (expected?.fault) throw new Error(expected.fault);
  for (const [name, run] of Object.entries(built.runs)) {
    const calls: Call[] = [];
    const contextValue: Context = { calls, request };
    const args = { document: node, caller: callerOf(request), contextValue, ...given(request) };
    const result = (await run(args).catch((error: unknown) => {
      throw new Violation(`${name} threw`, { cause: error });
    })) as ExecutionResult;
    const where = `${name}: `;
    // Once nothing runs any more: what an error does not wait for is still running when it is answered.
    await settled(where);
    demandReachable(world, request, calls, where);
    demandVisible(world, request, result, where);
    if (expected === null) demandNothing(verdict, result, calls, where);
    else {
      const difference = differenceOf(expected, result, calls);
      if (difference === null) continue;
      // Of graphql 17 the executor of Yoga does not apply all defaults. That nothing leaks was demanded above.
      deviates = name !== "graphql-js" && !same(await refer(name), expected);
      demand(deviates, where + difference);
    }
  }
  if (request.unlocked !== null) await judgeUnlocked(world, built, node, request);
  const data = JSON.stringify(expected?.data ?? null);
  return { verdict, objects: keysIn(data).length, filtered: expected?.filtered ?? false, deviates };
}

const rejections: unknown[] = [];
process.on("unhandledRejection", (reason) => rejections.push(reason));

/** Waits for whatever still runs. A rejection that nobody handles would end a server. */
async function settled(where: string): Promise<void> {
  await new Promise(setImmediate);
  const [rejection] = rejections.splice(0);
  demand(rejection === undefined, `${where}unhandled: ${String(rejection)}`);
}

function given({ operationName, variables }: Request) {
  return { operationName, variableValues: variables };
}

/** Without the variables that are undefined: to graphql 16 they would be null. */
function sent({ operationName, variables }: Request) {
  const defined = Object.entries(variables).filter(([, value]) => value !== undefined);
  return { operationName, variableValues: Object.fromEntries(defined) };
}

function callerOf({ organizationId, access }: Request): Caller {
  const every = "every" in access ? everyLibrary(access.every as Level) : access;
  return createCaller({
    id: "website",
    version: 1,
    organizationId,
    access: every as Record<string, Level>,
  });
}

interface Expected {
  readonly data: unknown;
  /** Whether an error stands for an object out of reach. */
  readonly failed: boolean;
  /** Any other error. */
  readonly fault: string | null;
  readonly calls: readonly string[];
  readonly filtered: boolean;
}

/** What an unguarded schema answers whose resolvers answer only what may leave. */
async function executeReference(
  world: World,
  built: Built,
  document: DocumentNode,
  request: Request,
  executeWith: Execute,
): Promise<Expected> {
  const contextValue: Context = { calls: [], request };
  const schema = built.reference;
  const result = await executeWith({ schema, document, contextValue, ...sent(request) });
  const { data, errors = [] } = result;
  const calls = contextValue.calls.map((call) => {
    const field = fieldOf(world, call.type, call.field)!;
    return textOf({ ...call, args: completed(request, field, call.args, call.level) });
  });
  const failed = errors.length > 0;
  const fault = errors.find(({ message }) => message !== "out of reach")?.message ?? null;
  const filtered = contextValue.calls.some((call) => call.filtered);
  return { data, failed, fault, calls: calls.sort(), filtered };
}

function textOf({ type, field, args }: Call): string {
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
function demandReachable(
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

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** No unreachable object leaves. */
function demandVisible(
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
function demandNothing(
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
function differenceOf(
  expected: Expected,
  { data, errors = [] }: ExecutionResult,
  calls: readonly Call[],
): string | null {
  const said = errors.map(({ message }) => message).join(", ");
  if (!same(data, expected.data)) {
    return `answered ${JSON.stringify(data)} ${said} instead of ${JSON.stringify(expected.data)}`;
  }
  const isRefusal = errors.every(({ extensions }) => extensions["code"] === "UNAUTHORIZED");
  if (errors.length > 0 !== expected.failed || !isRefusal) return `errors: ${said}`;
  if (expected.failed) return null; // how much else runs then depends on what is a promise
  const got = calls.map(textOf).sort();
  if (same(got, expected.calls)) return null;
  return `resolvers got ${got.join(", ")} instead of ${expected.calls.join(", ")}`;
}

function keysIn(data: string): string[] {
  return [...data.matchAll(/"(T\d#\d+)"/g)].map(([, key]) => key!);
}

/** The second lock by itself: the schema is executed with a context that was checked for another operation, or never. */
async function judgeUnlocked(
  world: World,
  built: Built,
  document: DocumentNode,
  request: Request,
): Promise<void> {
  for (const [name, executeWith] of Object.entries(EXECUTORS)) {
    const where = `${name}, unlocked for ${request.unlocked}: `;
    const context: Context = { calls: [], request };
    if (request.unlocked === "other") {
      await built.guard.check({ document: TYPENAME, caller: callerOf(request), context });
    }
    const result = await executeWith({
      schema: built.guard.schema,
      document,
      contextValue: context,
      ...sent(request),
    });
    await settled(where);
    demandReachable(world, request, context.calls, where);
    demandVisible(world, request, result, where);
    if (request.unlocked === "never")
      demand(context.calls.length === 0, `${where}ran ${context.calls.map(textOf).join(", ")}`);
  }
}

const TYPENAME = parse("{ __typename }");
