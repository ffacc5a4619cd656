/** Runs one request of a random document through every executor, and says what is not as the oracle has it. */
import { completed } from "./oracle-fields.js";
import {
  parse,
  validate,
  versionInfo,
  specifiedRules,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  VariablesInAllowedPositionRule,
  type DocumentNode,
  type ExecutionResult,
} from "graphql";
import { createCaller, everyLibrary, type Caller } from "../../../src/index.js";
import {
  demand,
  demandNothing,
  demandReachable,
  demandVisible,
  differenceOf,
  keysIn,
  same,
  textOf,
  Violation,
  type Expected,
} from "./demands.js";
import { EXECUTORS, type Built, type Call, type Context, type Execute } from "./build.js";
import type { Document, Request } from "./operation.js";
import { fieldOf, verdictOf, type Verdict } from "./oracle.js";
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

/** Of a variable within a fragment, graphql 17.0 forgets that the argument has a default, and takes it for an error. */
const forgetsDefaults = versionInfo.major === 17 && versionInfo.minor === 0;

const rules = specifiedRules.filter(
  (rule) =>
    rule !== NoUnusedFragmentsRule &&
    rule !== NoUnusedVariablesRule &&
    !(forgetsDefaults && rule === VariablesInAllowedPositionRule),
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
  others: readonly Request[],
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
      const difference = differenceOf(expected, result, calls, name === "graphql-js");
      if (difference === null) continue;
      // Of graphql 17 the executor of Yoga does not apply all defaults. That nothing leaks was demanded above.
      deviates = name !== "graphql-js" && !same(await refer(name), expected);
      demand(deviates, where + difference);
    }
  }
  if (request.unlocked !== null) await judgeUnlocked(world, built, node, request, others);
  const data = JSON.stringify(expected?.data ?? null);
  return { verdict, objects: keysIn(data).length, filtered: expected?.filtered ?? false, deviates };
}

const rejections: unknown[] = [];
process.on("unhandledRejection", (reason) => rejections.push(reason));

/** Waits for whatever still runs. A rejection that nobody handles would end a server. */
async function settled(where: string): Promise<void> {
  await new Promise(setImmediate);
  const [rejection] = rejections.splice(0).filter((each) => !isOfExecutor(each));
  demand(rejection === undefined, `${where}unhandled: ${String(rejection)}`);
}

/**
 * Of graphql 17 the executor of Yoga does not coerce all arguments that are valid, and leaves its own error about one to
 * nobody when the field beside it is late; also where nothing is guarded.
 */
function isOfExecutor(reason: unknown): boolean {
  return (
    versionInfo.major >= 17 &&
    /^Argument ".*" has invalid value/.test(String((reason as Error).message))
  );
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

/** The second lock by itself: the schema is executed with a context that was checked for something else, or never. */
async function judgeUnlocked(
  world: World,
  built: Built,
  document: DocumentNode,
  request: Request,
  others: readonly Request[],
): Promise<void> {
  for (const [name, executeWith] of Object.entries(EXECUTORS)) {
    const where = `${name}, unlocked for ${request.unlocked}: `;
    const context: Context = { calls: [], request };
    if (request.unlocked === "other") await unlock(built, document, request, others, context);
    const args = { document, contextValue: context, ...sent(request) };
    const result = await executeWith({ schema: built.guard.schema, ...args });
    await settled(where);
    demandReachable(world, request, context.calls, where);
    demandVisible(world, request, result, where);
    const ran = request.unlocked === "never" ? context.calls : [];
    demand(ran.length === 0, `${where}ran ${ran.map(textOf).join(", ")}`);
  }
}

/** Has a context checked for the variables of another request, or else for an operation that asks nothing. */
async function unlock(
  { guard }: Built,
  document: DocumentNode,
  request: Request,
  others: readonly Request[],
  context: Context,
): Promise<void> {
  const caller = callerOf(request);
  for (const other of others) {
    const operation = { document, ...sent({ ...request, variables: other.variables }) };
    if (other !== request && (await guard.check({ ...operation, caller, context })).ok) return;
  }
  await guard.check({ document: TYPENAME, caller, context });
}

const TYPENAME = parse("{ __typename }");
