/** Schemas with resolvers, and operations sent to their guards by every executor. */
import { execute as toolsExecute } from "@graphql-tools/executor";
import {
  defaultFieldResolver,
  execute as graphqlExecute,
  isAbstractType,
  isObjectType,
  parse,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from "graphql";
import type { Caller } from "../../src/index.js";
import {
  createGuard,
  type Guard,
  type GuardEvent,
  type GuardOptions,
  type Refusal,
} from "../../src/graphql/index.js";
import { selectorOf } from "../../src/graphql/with-access.js";
import { callerOf, plain, schemaOf, type Call } from "./fixtures.js";

export type { Call } from "./fixtures.js";
export { callerOf, OTHER, OWN, plain, schemaOf, TABLE } from "./fixtures.js";

type Execute = (args: ExecutionArgs) => unknown;

/** What runs operations: graphql-js of the project's major, and the executor of Yoga. */
export const executors: readonly (readonly [name: string, execute: Execute])[] = [
  ["graphql-js", graphqlExecute],
  ["@graphql-tools/executor", toolsExecute as unknown as Execute],
];

/** Type → field → resolver; `__resolveType` and `__isTypeOf` are those of the type itself. */
export type Resolvers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function addResolvers(schema: GraphQLSchema, resolvers: Resolvers, calls: Call[]): void {
  for (const type of Object.values(schema.getTypeMap())) {
    const own = resolvers[type.name] ?? {};
    if (isAbstractType(type) && own.__resolveType) type.resolveType = own.__resolveType as never;
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    if (own.__isTypeOf) type.isTypeOf = own.__isTypeOf as never;
    for (const field of Object.values(type.getFields())) {
      const given = field.resolve ?? (own[field.name] as GraphQLFieldResolver<unknown, unknown>);
      if (selectorOf(given)) {
        field.resolve = given; // wrapping would hide what withAccess says of it
        continue;
      }
      field.resolve = (source, args: Record<string, unknown>, context, info) => {
        calls.push({ field: `${type.name}.${field.name}`, args: { ...args } });
        return (given ?? defaultFieldResolver)(source, args, context, info);
      };
    }
  }
}

export interface Sent {
  readonly caller?: Caller;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string | null;
  readonly context?: object;
  readonly execute?: Execute;
  /** Variables that the executor gets instead of those that were checked. */
  readonly swapped?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  /** `"runs"`, the reasons of the refusals, or `"errors"` of a request that is wrong in itself. */
  readonly outcome: string;
  readonly refusals: readonly Refusal[];
  readonly errors: ExecutionResult["errors"];
  readonly data: any;
}

/** A guard over a schema, what ran in it, and what it reported. */
export interface Fixture {
  readonly guard: Guard;
  readonly calls: Call[];
  readonly events: GuardEvent[];
  /** Checks an operation and, if that lets it, executes it. */
  readonly send: (query: string | DocumentNode, sent?: Sent) => Promise<Answer>;
}

export interface FixtureOptions extends Omit<GuardOptions, "rules"> {
  readonly rules?: Readonly<Record<string, unknown>>;
  readonly resolvers?: Resolvers;
}

/** A guard with resolvers that note their calls. */
export function fixtureOf(
  source: string | GraphQLSchema,
  { resolvers = {}, ...options }: FixtureOptions = {},
): Fixture {
  const calls: Call[] = [];
  const events: GuardEvent[] = [];
  const schema = typeof source === "string" ? schemaOf(source) : source;
  addResolvers(schema, resolvers, calls);
  const given = { onEvent: (event: GuardEvent) => events.push(event), ...options };
  const guard = createGuard(schema, given as GuardOptions);

  async function send(query: string | DocumentNode, sent: Sent = {}): Promise<Answer> {
    const document = typeof query === "string" ? parse(query) : query;
    const { caller = callerOf(), variables: variableValues, operationName, context = {} } = sent;
    calls.length = 0;
    const verdict = await guard.check({ document, operationName, variableValues, caller, context });
    if (!verdict.ok) {
      const { refusals, errors } = verdict;
      const reasons = refusals.map(({ reason }) => reason).join(", ");
      return { outcome: reasons || "errors", refusals, errors, data: null };
    }
    const result = (await (sent.execute ?? graphqlExecute)({
      schema: guard.schema,
      document,
      operationName: operationName || null, // as adapters do
      variableValues: sent.swapped ?? variableValues,
      contextValue: context,
    } as ExecutionArgs)) as ExecutionResult;
    return { outcome: "runs", refusals: [], errors: result.errors, data: plain(result.data) };
  }

  return { guard, calls, events, send };
}

/** What createGuard says of a schema: the lines of its error without the first, or `[]` when it takes it. */
export function problemsOf(
  source: string | GraphQLSchema,
  options: FixtureOptions = {},
): readonly string[] {
  try {
    fixtureOf(source, options);
    return [];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.slice("  - ".length));
  }
}

/** The names of the fields that ran. */
export function ran({ calls }: Fixture): readonly string[] {
  return calls.map(({ field }) => field);
}

/** The codes of errors by their paths. */
export function codesOf(
  errors: ExecutionResult["errors"],
): readonly (readonly [string, unknown])[] {
  return (errors ?? []).map(({ path, extensions }) => [(path ?? []).join("."), extensions["code"]]);
}
