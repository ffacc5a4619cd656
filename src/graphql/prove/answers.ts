import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type ExecutionResult,
  type GraphQLOutputType,
} from "graphql";
import { ALL_IDS, textOf } from "./ids.js";
import type { Injection } from "./fill.js";
import type { Objects } from "./objects.js";
import type { Attempt } from "./operations.js";
import { meets, sees, type Demand, type Subject } from "./oracle.js";
import type { Call, Run, Stubs } from "./stubs.js";

/** What an operation that ran is judged by. */
export interface Answered {
  readonly attempt: Attempt;
  readonly subject: Subject;
  readonly run: Run;
  readonly result: ExecutionResult;
  readonly stubs: Stubs;
  readonly objects: Objects;
  readonly isPositional: boolean;
}

/** Everything that an operation showed of what its caller does not reach, or kept from it of what it does. */
export function leaksOf(answered: Answered): readonly string[] {
  const { attempt, subject, run, objects } = answered;
  const leaks: string[] = [];
  for (const call of run.calls) {
    const place = objects.placeOf(call.source);
    if (place !== null && !sees(subject, place)) {
      leaks.push(`${call.coordinate} was resolved of an object of ${JSON.stringify(place)}`);
    }
    for (const id of idsIn(call.args)) {
      if (ALL_IDS.has(id) && id !== subject.organizationId && !subject.table.has(id)) {
        leaks.push(`the resolver of ${call.coordinate} received ${id}`);
      }
    }
  }
  for (const [path, injections] of attempt.injections) {
    for (const call of run.calls.filter((each) => each.path === path)) {
      for (const injection of injections.filter((each) => !isInjected(call, each, subject))) {
        const { name, kind } = injection;
        const what = kind === "library" ? "the libraries within reach" : "the organization";
        leaks.push(`the resolver of ${call.coordinate} did not receive ${what} for "${name}"`);
      }
    }
  }
  return [...leaks, ...misshapen(answered)];
}

/** Fields that ran although what they ask by themselves is not granted. */
export function unlockedOf(
  { demandsOf }: Attempt,
  calls: readonly Call[],
  isMet: (demand: Demand) => boolean,
): readonly string[] {
  return calls
    .filter(({ path, coordinate }) => !(demandsOf.get(`${path} ${coordinate}`) ?? []).every(isMet))
    .map(
      ({ coordinate, args }) => `the resolver of ${coordinate} ran with ${JSON.stringify(args)}`,
    );
}

/** What a demand is, for messages. */
export function describeDemand(demand: Demand): string {
  switch (demand.kind) {
    case "organization":
      return `organization ${demand.id}`;
    case "library": {
      const { id, level, organizationId } = demand;
      const of = organizationId === undefined ? "" : ` of organization ${organizationId}`;
      return `${level} on library ${id}${of}`;
    }
    case "some":
      return `${demand.level} on some library`;
    case "never":
      return "what is left out";
  }
}

function idsIn(value: unknown): readonly string[] {
  const text = textOf(value);
  if (text !== null) return [text];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(idsIn) : [];
}

function isInjected({ args }: Call, { name, kind, level }: Injection, subject: Subject): boolean {
  const value = args[name];
  if (kind === "organization") return textOf(value) === subject.organizationId;
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((id) => meets(subject, { kind: "library", id: String(id), level }))
  );
}

/** Values of the goal that are not what is left of what its resolver answered. */
function misshapen(answered: Answered): readonly string[] {
  const { attempt, subject, run, result, stubs, objects, isPositional } = answered;
  const { goal, mayAskMore } = attempt;
  if (mayAskMore || !isCompositeType(getNamedType(goal.field.type))) return [];
  const { type } = goal.field;
  const wanted = keep(type, stubs.answer(type, goal.coordinate, run)) ?? null;
  const expected = JSON.stringify(wanted);
  return [...attempt.injections.keys()].flatMap((path) =>
    valuesAt(result.data, path.split("."))
      .map((value) => JSON.stringify(shapeOf(value)))
      .filter((shape) => shape !== expected)
      .map((shape) => `${goal.coordinate} answered ${shape} where ${expected} is within reach`),
  );

  /** Names of types in the shape of a value; undefined: it is out of reach. */
  function keep(of: GraphQLOutputType, value: unknown): unknown {
    if (value === null || value === undefined) return null;
    const nullable = getNullableType(of);
    if (!isListType(nullable)) {
      const place = objects.placeOf(value);
      return place === null || sees(subject, place) ? objects.typeOf(value) : undefined;
    }
    const items = (value as readonly unknown[]).map((item) => keep(nullable.ofType, item));
    return isPositional
      ? items.map((item) => item ?? null)
      : items.filter((item) => item !== undefined);
  }
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  return value === null ? null : (value as { __typename: string }).__typename;
}

/** The values at the end of a path in a response, through lists. */
function valuesAt(data: unknown, path: readonly string[]): readonly unknown[] {
  const [key, ...rest] = path;
  if (data === undefined) return [];
  if (key === undefined) return [data];
  if (Array.isArray(data)) return data.flatMap((item) => valuesAt(item, path));
  return data === null ? [] : valuesAt((data as Record<string, unknown>)[key], rest);
}
