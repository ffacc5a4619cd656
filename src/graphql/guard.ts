import {
  assertValidSchema,
  isSchema,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
} from "graphql";
import { checkFunction, checkObject, checkOptions } from "../core/check.js";
import { createEmit } from "../core/events.js";
import type { Caller } from "../core/caller.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import { createExplain, type Explanation } from "./explain.js";
import { createCheck, type Verdict } from "./check.js";
import type { GuardIdentity } from "./contexts.js";
import { createInspector, type Operation } from "./inspect.js";
import { lockSchema } from "./lock.js";
import { createManifest, type Manifest } from "./manifest.js";
import { collectMarks } from "./marks.js";
import { buildModel } from "./model.js";
import { findProblems } from "./problems.js";
import type { Refusal, RefusalReason } from "./refusal.js";
import type { RuleFor } from "./rules.js";

/** What a guard reports. */
export type GuardEvent =
  /** An operation was refused before it ran. */
  | {
      readonly type: "refused";
      readonly callerId: string;
      readonly organizationId: string;
      readonly refusals: readonly Refusal[];
    }
  /** Only with `mode: "report"`: what would have been refused, and was let through. */
  | {
      readonly type: "wouldRefuse";
      readonly callerId: string;
      readonly organizationId: string;
      readonly coordinate: string;
      readonly reason: RefusalReason;
    }
  /** A loader of `targets()` threw or was late, so that its operation was refused. */
  | { readonly type: "loadFailed"; readonly coordinate: string; readonly error: unknown }
  /** An object did not say its library at all, so it is out of reach: a column was not selected. Once a type. */
  | { readonly type: "misconfigured"; readonly coordinate: string; readonly message: string };

/** Options of {@link createGuard}. */
export interface GuardOptions<Coordinates extends string = string> {
  /** Rules by schema coordinate, for code-first schemas and beside marks in SDL: both must hold. */
  readonly rules?: { readonly [Coordinate in Coordinates]: RuleFor<Coordinate> };
  /** `"none"`: no type is marked, on purpose. */
  readonly types?: "none";
  /** `"callers"`: every resolver takes the organization from the caller, so that libraries need no organization. */
  readonly organization?: "callers";
  /** `"global"`: library ids are unique among all organizations. Default: within one. */
  readonly libraryIds?: "global";
  /** Resolves fields that have no resolver. Default: graphql-js' `defaultFieldResolver`. */
  readonly fieldResolver?: GraphQLFieldResolver<unknown, unknown>;
  /** Resolves abstract types that have no resolver. Default: graphql-js' `defaultTypeResolver`. */
  readonly typeResolver?: GraphQLTypeResolver<unknown, unknown>;
  /** Who may ask for the schema: any key (`"callers"`, the default), or nobody. */
  readonly introspection?: "callers" | "none";
  /**
   * `"report"`: for adopting the guard in a schema that is live already. Nothing is refused or filtered, and `onEvent`
   * receives what would have been. Keys are still needed. Default `"enforce"`.
   */
  readonly mode?: "enforce" | "report";
  /** Receives what the guard reports. What it throws or rejects with is dropped. */
  readonly onEvent?: (event: GuardEvent) => unknown;
}

/** Decides which operations run, and what of their results leaves. */
export interface Guard {
  /** The schema to execute: this one, and nothing transformed from it. */
  readonly schema: GraphQLSchema;
  /** The decision before execution, for servers without an adapter. Ties `context` to `caller`. */
  check(operation: Operation): Promise<Verdict>;
  /** Why an operation is let through or refused: for people, never for clients. Runs and ties nothing. */
  explain(
    operation: Omit<Operation, "context"> & { readonly context?: object },
  ): Promise<Explanation>;
  /** All that is enforced, for a file to commit and review. */
  manifest(): Manifest;
}

/** The parts of a guard that adapters use. */
export interface GuardInternals {
  readonly check: (operation: Operation) => MaybePromise<Verdict>;
  readonly fieldResolver: GraphQLFieldResolver<unknown, unknown> | undefined;
  readonly typeResolver: GraphQLTypeResolver<unknown, unknown> | undefined;
}

const internals = new WeakMap<object, GuardInternals>();

const OPTIONS = [
  "rules",
  "types",
  "organization",
  "libraryIds",
  "fieldResolver",
  "typeResolver",
  "introspection",
  "mode",
  "onEvent",
];

/**
 * Guards a schema: every library that an operation names is checked before it runs, and every marked object before it
 * leaves.
 *
 * @param schema - A complete schema: transform first, guard last. It is not changed.
 * @param options - Rules by coordinate, and what holds for the whole schema.
 * @returns The guard; its `schema` is what servers execute.
 * @throws TypeError that lists every coordinate without a rule, with what to write there.
 * @example
 * ```ts
 * import { buildSchema } from "graphql";
 * import { accessDirectives, createGuard } from "graphql-api-keys/graphql";
 *
 * const schema = buildSchema(`${accessDirectives}
 *   type Query {
 *     assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
 *   }
 *   type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! }
 * `);
 * const guard = createGuard(schema);
 * ```
 */
export function createGuard<const Coordinates extends string = string>(
  schema: GraphQLSchema,
  options: GuardOptions<Coordinates> = {},
): Guard {
  if (!isSchema(schema)) throw new TypeError('"schema" expected a GraphQLSchema of this graphql');
  assertValidSchema(schema);
  checkOptions("options", options, OPTIONS);
  const { rules = {}, types, organization, libraryIds, fieldResolver, typeResolver } = options;
  const { introspection = "callers", mode = "enforce", onEvent } = options;
  checkRules(rules);
  checkWord("types", types, ["none"]);
  checkWord("organization", organization, ["callers"]);
  checkWord("libraryIds", libraryIds, ["global"]);
  checkWord("introspection", introspection, ["callers", "none"]);
  checkWord("mode", mode, ["enforce", "report"]);
  if (typeResolver !== undefined) checkFunction("typeResolver", typeResolver);
  if (fieldResolver !== undefined) checkFunction("fieldResolver", fieldResolver);
  if (onEvent !== undefined) checkFunction("onEvent", onEvent);

  const problems = new Set<string>();
  const problem = (coordinate: string, remedy: string): void => {
    problems.add(`${coordinate} ${remedy}`);
  };
  const marks = collectMarks(schema, rules, problem);
  const model = buildModel(schema, marks);
  const ownOrganization = organization === "callers" || libraryIds === "global";
  const settings = { noTypes: types === "none", ownOrganization };
  findProblems({ schema, model, marks, settings, problem });
  if (problems.size > 0) throw new TypeError(listOf(problems));

  const emit = createEmit(onEvent);
  const reportOnly = mode === "report";
  const wouldRefuse = (caller: Caller, coordinate: string, reason: RefusalReason): void => {
    const { id: callerId, organizationId } = caller;
    emit?.({ type: "wouldRefuse", callerId, organizationId, coordinate, reason });
  };
  const onLoadFailure = (coordinate: string, error: unknown): void => {
    emit?.({ type: "loadFailed", coordinate, error });
  };
  const reported = new Set<string>();
  const identity: GuardIdentity = { reportOnly };
  const locked = lockSchema(schema, {
    model,
    guard: identity,
    fieldResolver,
    typeResolver,
    reportOnly,
    onLoadFailure,
    onRefused(caller, coordinate, { reason }) {
      if (reportOnly) wouldRefuse(caller, coordinate, reason);
      return !reportOnly;
    },
    results: {
      ownOrganization,
      onUnplaced(coordinate) {
        if (reported.has(coordinate)) return;
        reported.add(coordinate);
        const message = `A resolved ${coordinate} does not say its library, so it is out of reach.`;
        emit?.({ type: "misconfigured", coordinate, message });
      },
    },
  });
  const inspector = createInspector(locked, model, introspection);
  const check = createCheck({
    inspector,
    guard: identity,
    onLoadFailure,
    onRefused(caller, refusals) {
      const { id: callerId, organizationId } = caller;
      if (!reportOnly) emit?.({ type: "refused", callerId, organizationId, refusals });
      else for (const { coordinate, reason } of refusals) wouldRefuse(caller, coordinate, reason);
      return !reportOnly;
    },
  });

  const guard: Guard = Object.freeze({
    schema: locked,
    async check(operation: Operation) {
      return check(operation);
    },
    explain: createExplain(inspector),
    manifest: () => createManifest(locked, model, marks, { reportOnly, introspection }),
  });
  internals.set(guard, { check, fieldResolver, typeResolver });
  return guard;
}

/** The inner half of a guard. Package internal. */
export function guardInternalsOf(guard: Guard): GuardInternals {
  const inner = internals.get(checkObject("guard", guard));
  if (inner === undefined) throw new TypeError('"guard" expected what createGuard returned');
  return inner;
}

function checkWord(name: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || words.includes(value as string)) return;
  throw new RangeError(`"${name}" expected ${words.map((word) => `"${word}"`).join(" or ")}`);
}

function checkRules(rules: unknown): void {
  const prototype = Object.getPrototypeOf(checkObject("rules", rules)) as object | null;
  if (prototype !== null && !Object.hasOwn(prototype, "isPrototypeOf")) {
    // A Map or a class instance has no entries of its own: its rules would be lost in silence.
    throw new TypeError('"rules" expected a plain object of coordinate → rule');
  }
}

function listOf(problems: ReadonlySet<string>): string {
  const places = problems.size === 1 ? "1 place" : `${problems.size} places`;
  const lines = [...problems].map((line) => `  - ${line}`);
  return `createGuard cannot guard this schema: ${places} to mend.\n${lines.join("\n")}`;
}
