/** Documents with fragment arguments, for graphql 17 and 16, and a schema that notes what its resolvers receive. */
import * as graphql from "graphql";
import type { Caller } from "../../src/index.js";
import type { Guard, Verdict } from "../../src/graphql/index.js";
import { targets } from "../../src/graphql/index.js";
import { callerOf, executeWith, fixtureOf, OWN, plain, schemaOf } from "./fixtures.js";

export const IS_17 = graphql.versionInfo.major >= 17;

/** Parses fragment arguments. graphql 16 does not know them: there a gateway of another major has parsed the document. */
export function parseArguments(text: string): graphql.DocumentNode {
  if (IS_17) return graphql.parse(text, { experimentalFragmentArguments: true } as never);
  const marked = text.replace(/\.\.\.(\w+)\(/g, "...$1 @arguments(");
  const document = graphql.parse(marked, { allowLegacyFragmentVariables: true });
  return graphql.visit(document, {
    FragmentSpread: {
      leave({ directives = [], ...spread }) {
        const [given, ...others] = directives;
        if (given?.name.value !== "arguments") return undefined;
        return { ...spread, directives: others, arguments: given.arguments };
      },
    },
  }) as graphql.DocumentNode;
}

const SDL = /* GraphQL */ `
  scalar Codes
  input Filter {
    l: ID @library(whenOmitted: NONE)
    all: [Filter]
  }
  input Strict {
    l: ID! = "barcelona" @library
  }
  interface Shelf {
    one(l: ID! @library): Int
  }
  type Query implements Shelf @unmarked(why: "of no library") {
    one(l: ID! @library): Int
    optional(l: ID @library): Int
    fallback(l: ID! = "barcelona" @library): Int
    many(l: [ID] @library): Int
    inside(b: ID! = "barcelona" @library, f: Filter): Int
    strict(f: Strict!): Int
    codes(l: Codes @library): Int
    loaded(ids: [ID], deep: Filter): Int
    free(n: [Int]): Int @apiKey
    self: Query @apiKey
    shelf: Shelf @apiKey
  }
  type Mutation {
    change(l: ID! @library): Int
    self: Query @apiKey
  }
  type Subscription {
    events(l: ID! @library): Int
  }
`;

export const DEFER =
  "directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT";

export type Args = Readonly<Record<string, unknown>>;

/** A call of a resolver. */
export interface Received {
  readonly path: string;
  readonly args: Args;
}

export interface World {
  /** The schema before it was guarded. */
  readonly schema: graphql.GraphQLSchema;
  readonly guard: Guard;
  readonly received: Received[];
  readonly loads: unknown[];
}

/** A scalar of which literals are lists of text, however they are made up. */
const codes = {
  coerceInputLiteral(node: graphql.ValueNode): unknown {
    return graphql.valueFromASTUntyped(node);
  },
};

/** A schema with every way to name a library, guarded. */
export function createWorld(more = ""): World {
  const received: Received[] = [];
  const loads: unknown[] = [];
  const note: graphql.GraphQLFieldResolver<unknown, unknown, Args> = (_source, args, _, info) => {
    const path = graphql.responsePathAsArray(info.path).join(".");
    received.push({ path, args: plain(args) as Args });
    return 1;
  };
  const self = () => ({});
  const schema = schemaOf(SDL + more);
  Object.assign(schema.getType("Codes")!, codes);
  schema.getSubscriptionType()!.getFields()["events"]!.subscribe = async function* () {
    yield {};
  };
  const { guard } = fixtureOf(schema, {
    types: "none",
    organization: "callers",
    typeResolver: () => "Query",
    rules: {
      "Query.loaded": targets(({ ids }: { ids: readonly string[] }) => {
        loads.push(ids);
        return ids.map((libraryId) => ({ organizationId: OWN, libraryId }));
      }),
    },
    resolvers: {
      Query: {
        ...{ one: note, optional: note, fallback: note, many: note, inside: note, strict: note },
        ...{ codes: note, loaded: note, free: note, self, shelf: self },
      },
      Mutation: { change: note, self },
      Subscription: { events: note },
    },
  });
  return { schema, guard, received, loads };
}

export interface Sent {
  readonly variables?: Args | undefined;
  readonly caller?: Caller;
  readonly fragmentArguments?: boolean;
}

export interface Outcome {
  /** `"runs"`, the reasons of the refusals, or `"errors"`. */
  readonly outcome: string;
  readonly message: string | undefined;
  readonly received: readonly Received[];
  readonly errors: readonly graphql.GraphQLError[];
}

function outcomeOf(verdict: Verdict): string {
  if (verdict.ok) return "runs";
  return [...new Set(verdict.refusals.map(({ reason }) => reason))].join(", ") || "errors";
}

/** Checks a document with fragment arguments, and executes it if that lets it. */
export async function send(
  { guard, received }: World,
  document: graphql.DocumentNode | string,
  { variables, caller = callerOf(), fragmentArguments = true }: Sent = {},
): Promise<Outcome> {
  const parsed = typeof document === "string" ? parseArguments(document) : document;
  const context = {};
  const operation = { document: parsed, variableValues: variables, caller, context };
  received.length = 0;
  const verdict = await guard.check({ ...operation, fragmentArguments });
  const outcome = outcomeOf(verdict);
  if (!verdict.ok) {
    return { outcome, message: verdict.errors[0]!.message, received: [], errors: verdict.errors };
  }
  const { errors = [] } = await executeWith(guard.schema, {
    document: parsed,
    variableValues: variables,
    contextValue: context,
  });
  return { outcome, message: undefined, received: [...received], errors };
}

/** Executes a document past the guard. */
export async function executePlainly(
  { schema, received }: World,
  document: graphql.DocumentNode,
  variables?: Args,
): Promise<{ received: readonly Received[]; errors: readonly graphql.GraphQLError[] }> {
  received.length = 0;
  const { errors = [] } = await executeWith(schema, { document, variableValues: variables });
  return { received: [...received], errors };
}
