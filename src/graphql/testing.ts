/**
 * Proves, in a host's own tests, that its schema is guarded.
 *
 * @module
 */
import type { GraphQLSchema } from "graphql";
import { checkObject } from "../core/check.js";
import { createGuard, type GuardOptions } from "./guard.js";
import { positionsOf } from "./prove/positions.js";
import { prepare, type Preparation } from "./prove/prepare.js";
import { runTrial, tryLock, type Trial } from "./prove/run.js";
import type { ProofSamples } from "./prove/samples.js";
import { trialsOf } from "./prove/trials.js";

export type { ProofSamples } from "./prove/samples.js";

/** Options of {@link proveAccess}: those of `createGuard`, and samples. */
export interface ProofOptions<
  Coordinates extends string = string,
> extends GuardOptions<Coordinates> {
  /** What the proof cannot make up by itself. Absent: fields that need it are listed as unproved. */
  readonly samples?: ProofSamples;
}

/** What was proved. */
export interface Proof {
  /** How many times an operation was run as some caller. */
  readonly operations: number;
  /** The fields that were proved, as `Type.field`, in order. */
  readonly fields: readonly string[];
  /** Fields and types that were not, and what to give to prove them. */
  readonly unproved: readonly { readonly coordinate: string; readonly why: string }[];
}

/**
 * Proves that a schema is guarded as it is marked. For every field that names a library or leads to marked objects it
 * makes the shortest operations, runs them as callers that are granted what is named, nothing, too little, something
 * else, or the same ids in another organization, and looks at what resolvers receive and what leaves. No resolver of the
 * schema runs: stubs take their places. Loaders and selectors do run, of fields that have a sample.
 *
 * An argument that is `unmarked` and has the name of a marked one counts as one that was forgotten, unless
 * `samples.values` has a value for it.
 *
 * @param schema - The complete schema that `createGuard` gets. It is not changed.
 * @param options - The options that `createGuard` gets, and `samples`.
 * @returns A promise of what was proved, and of what could not be.
 * @throws Error, as a rejection, that lists every failure: coordinate, operation, caller, and what leaked.
 * @throws TypeError or RangeError, as a rejection, when an option is not as described, or `createGuard` throws.
 * @example
 * ```ts
 * import { buildSchema } from "graphql";
 * import { accessDirectives } from "graphql-api-keys/graphql";
 * import { proveAccess } from "graphql-api-keys/graphql/testing";
 *
 * const schema = buildSchema(`${accessDirectives}
 *   type Query {
 *     assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
 *   }
 *   type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! }
 * `);
 * const { unproved } = await proveAccess(schema);
 * if (unproved.length > 0) throw new Error(JSON.stringify(unproved));
 * ```
 */
export async function proveAccess<const Coordinates extends string = string>(
  schema: GraphQLSchema,
  options: ProofOptions<Coordinates> = {},
): Promise<Proof> {
  const { samples = {}, ...guardOptions } = checkObject("options", options) as ProofOptions;
  createGuard(schema, guardOptions); // says what is wrong with the schema or the options
  if (guardOptions.mode === "report") {
    throw new RangeError('"mode" expected "enforce": a guard that only reports refuses nothing');
  }
  const prepared = prepare(schema, guardOptions, samples);
  const { operations, failures } = await runAll(prepared);
  if (failures.length > 0) throw new Error(listOf(failures));
  return { operations, ...summary(prepared) };
}

/** Runs every trial once. */
async function runAll({ lab, bench, goals, obstacles, suspects }: Preparation) {
  const failures: string[] = [];
  const seen = new Set<string>();
  for (const goal of goals) {
    if (obstacles.ofField(goal.coordinate) !== null) continue;
    const hints = positionsOf(goal.field, goal.plan)
      .filter(({ coordinate }) => suspects.has(coordinate))
      .map(
        (place) => `${place.coordinate} is unmarked: say its value in samples if it is no library`,
      );
    for (const trial of trialsOf(bench, goal)) {
      const key = keyOf(trial);
      if (seen.has(key)) continue;
      seen.add(key);
      const problems = [...(await runTrial(lab, trial))];
      const isUsual = trial.mustSucceed && trial.delivery === "value";
      if (isUsual) problems.push(...(await tryLock(lab, trial, false)));
      if (problems.length > 0) failures.push(describe(trial, [...new Set(problems), ...hints]));
    }
  }
  return { operations: seen.size, failures };
}

function summary({ goals, all, obstacles }: Preparation): Pick<Proof, "fields" | "unproved"> {
  const unproved = new Map<string, string>();
  const note = (coordinate: string, why: string | null): void => {
    if (why !== null) unproved.set(coordinate, why);
  };
  for (const { coordinate, marked } of goals) {
    note(coordinate, obstacles.ofField(coordinate));
    for (const type of marked) note(type, obstacles.ofType(type));
  }
  const reached = new Set(goals.map(({ coordinate }) => coordinate));
  for (const { coordinate } of all) {
    if (!reached.has(coordinate)) note(coordinate, "only what is unproved leads to it");
  }
  return {
    fields: [...reached].filter((coordinate) => !unproved.has(coordinate)).sort(),
    unproved: [...unproved.keys()]
      .sort()
      .map((coordinate) => ({ coordinate, why: unproved.get(coordinate)! })),
  };
}

function describe({ attempt, subject, delivery }: Trial, problems: readonly string[]): string {
  const { goal, text, variables } = attempt;
  const how = delivery === "value" ? "" : ` (answered as a ${delivery})`;
  const operation = `${text} ${JSON.stringify(variables)}`;
  return `${goal.coordinate}, as ${subject.name}: ${problems.join("; ")}${how}\n      ${operation}`;
}

/** The same for trials that are the same. */
function keyOf({ attempt, subject, single, delivery }: Trial): string {
  const { text, variables } = attempt;
  const { organizationId, table } = subject;
  return JSON.stringify([text, variables, organizationId, [...table], single, delivery]);
}

function listOf(failures: readonly string[]): string {
  const { length } = failures;
  return `proveAccess found leaks or false refusals: ${length}.\n${failures.map((failure) => `  - ${failure}`).join("\n")}`;
}
