import {
  buildSchema,
  defaultFieldResolver,
  execute,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  parse,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import {
  createCaller,
  type AccessTable,
  type Caller,
  type CallerOptions,
} from "../../src/index.js";
import {
  accessDirectives,
  createGuard,
  type Guard,
  type GuardEvent,
  type GuardOptions,
  type Refusal,
} from "../../src/graphql/index.js";

export const OWN = "monogram-labs";
export const OTHER = "acme-co";

/** Write on barcelona, read on lisbon, nothing else: porto is out of reach. */
export const TABLE: AccessTable = { barcelona: "write", lisbon: "read" };

export function callerOf(
  access: CallerOptions["access"] = TABLE,
  more: Partial<CallerOptions> = {},
): Caller {
  return createCaller({ id: "website", version: 1, organizationId: OWN, access, ...more });
}

/** Type → field → resolver. */
export type Resolvers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A field that ran, and the arguments it received. */
export interface Call {
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A schema with our directives. */
export function schemaOf(sdl: string): GraphQLSchema {
  return buildSchema(`${accessDirectives}\n${sdl}`);
}

/**
 * Gives a schema resolvers. Fields without one note that they ran, and answer what their parent holds or else something
 * that fits: 1, "x", an empty object, a list of one.
 */
function addResolvers(schema: GraphQLSchema, resolvers: Resolvers, calls: Call[]): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const given = resolvers[type.name]?.[field.name];
      field.resolve = (given as GraphQLFieldResolver<unknown, unknown> | undefined) ?? note;
    }
  }

  function note(...call: Parameters<GraphQLFieldResolver<unknown, unknown>>): unknown {
    const [, args, , info] = call;
    calls.push({ field: `${info.parentType.name}.${info.fieldName}`, args: { ...args } });
    return defaultFieldResolver(...call) ?? stubOf(info.returnType);
  }
}

function stubOf(type: GraphQLOutputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [stubOf(nullable.ofType)];
  if (!isLeafType(nullable)) return {};
  return nullable.name === "Int" ? 1 : "x";
}

/** A guard over a schema, what ran in it, and what it reported. */
export interface Fixture {
  readonly guard: Guard;
  readonly calls: Call[];
  readonly events: GuardEvent[];
  /** Checks an operation and, if that lets it, executes it with graphql-js alone. */
  readonly send: (query: string | DocumentNode, sent?: Sent) => Promise<Answer>;
}

export interface Sent {
  readonly caller?: Caller;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string | null;
  readonly context?: object;
  readonly rootValue?: unknown;
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

export type FixtureOptions = GuardOptions & { readonly resolvers?: Resolvers };

export function fixtureOf(
  source: string | GraphQLSchema,
  { resolvers = {}, ...options }: FixtureOptions = {},
): Fixture {
  const calls: Call[] = [];
  const events: GuardEvent[] = [];
  const schema = typeof source === "string" ? schemaOf(source) : source;
  addResolvers(schema, resolvers, calls);
  const guard = createGuard(schema, { onEvent: (event) => events.push(event), ...options });

  async function send(query: string | DocumentNode, sent: Sent = {}): Promise<Answer> {
    const document = typeof query === "string" ? parse(query) : query;
    const { caller = callerOf(), variables: variableValues, operationName, rootValue } = sent;
    const context = sent.context ?? {};
    calls.length = 0;
    const verdict = await guard.check({ document, operationName, variableValues, caller, context });
    if (!verdict.ok) {
      const reasons = verdict.refusals.map(({ reason }) => reason).join(", ");
      return {
        outcome: reasons || "errors",
        refusals: verdict.refusals,
        errors: verdict.errors,
        data: null,
      };
    }
    const result = await executeWith(guard.schema, {
      document,
      operationName,
      variableValues: sent.swapped ?? variableValues,
      contextValue: context,
      rootValue,
    });
    return { outcome: "runs", refusals: [], errors: result.errors, data: result.data };
  }

  return { guard, calls, events, send };
}

/** `execute` of graphql-js; takes absent values as undefined, too. */
export async function executeWith(
  schema: GraphQLSchema,
  args: { [Name in Exclude<keyof ExecutionArgs, "schema">]?: ExecutionArgs[Name] | undefined },
): Promise<ExecutionResult> {
  return execute({ schema, ...args } as ExecutionArgs);
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

/** Data as JSON knows it: executors answer objects without a prototype. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
