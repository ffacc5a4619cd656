import {
  getNamedType,
  getNullableType,
  isListType,
  versionInfo,
  type GraphQLSchema,
} from "graphql";
import type { LibraryRef } from "../../core/access.js";
import { possibleTypes } from "../model.js";
import { LIBRARIES, SPARE, type Ids } from "./ids.js";
import type { Objects } from "./objects.js";
import type { Attempt, Way, Write } from "./operations.js";
import { sees, subjectsOf, type Reach, type Subject } from "./oracle.js";
import type { Goal } from "./paths.js";
import { LOADED, positionsOf, waysOf, type How } from "./positions.js";
import type { Trial } from "./run.js";
import type { Delivery } from "./stubs.js";

/** What trials are made of. */
export interface Bench {
  readonly schema: GraphQLSchema;
  readonly ids: Ids;
  readonly objects: Objects;
  readonly write: Write;
}

const WAYS: readonly Way[] = [
  "literal",
  "variable",
  "default",
  "inside",
  "alias",
  "fragment",
  "condition",
  "interface",
];
const PLAIN_WAYS: readonly Way[] = ["literal", "variable"];
// Only since 17 graphql-js takes an asynchronous list.
const STREAMS: readonly Delivery[] = versionInfo.major >= 17 ? ["stream"] : [];
const DELIVERIES: readonly Delivery[] = ["value", "promise", "generator", ...STREAMS];

/** Every trial of a field. */
export function* trialsOf(bench: Bench, goal: Goal): Generator<Trial> {
  yield* argumentTrials(bench, goal);
  if (goal.marked.length > 0) yield* resultTrials(bench, goal);
}

/** Every trial of the arguments of a field. */
function* argumentTrials(bench: Bench, goal: Goal): Generator<Trial> {
  const { write } = bench;
  const positions = positionsOf(goal.field, goal.plan);
  const wishes: [focus: string | null, hows: readonly How[]][] = [
    [null, []],
    ...positions.map((position): [string, readonly How[]] => [position.at, waysOf(position)]),
  ];
  if (isLoaded(goal)) wishes.push([LOADED, ["bad", "foreign"]]);
  const reach = reachOf(bench, goal);
  for (const [focus, hows] of wishes) {
    for (const way of WAYS) {
      const good = write(goal, { focus, how: "good" }, way);
      if (good === null) continue;
      const subjects = subjectsOf(good.demands, reach);
      yield* trialsAs(bench, goal, good, subjects, subjects[0]);
      for (const how of hows) {
        if (isUnusual(how) && !PLAIN_WAYS.includes(way)) continue;
        const attempt = write(goal, { focus, how }, way);
        if (attempt === null) continue;
        // What is left out may be made up for, and then every caller gets another answer.
        const tried = isUnusual(how) ? subjects : subjects.slice(0, 1);
        yield* trialsAs(bench, goal, attempt, tried, subjects[0]);
      }
    }
  }
}

/** Every trial of what a field answers: each type in each place, handed over in each way. */
function* resultTrials(bench: Bench, goal: Goal): Generator<Trial> {
  const { write, objects, schema } = bench;
  const attempt = write(goal, { focus: null, how: "good" }, "literal")!;
  const subjects = subjectsOf(attempt.demands, reachOf(bench, goal));
  const [granted] = subjects;
  const places = placesOf(bench, granted);
  const isList = isListType(getNullableType(goal.field.type));
  const types = possibleTypes(schema, getNamedType(goal.field.type)).map(({ name }) => name);
  for (const type of types.filter((name) => objects.obstacle(name) === null)) {
    for (const place of places) {
      const isMarked = objects.isMarked(type);
      if (isMarked && objects.make(type, place) === null) continue;
      const isSeen = isList || !isMarked || sees(granted, place);
      for (const delivery of DELIVERIES) {
        for (const subject of delivery === "value" ? subjects : [granted]) {
          const mustSucceed = subject === granted && isSeen;
          yield { attempt, subject, places, single: { type, place }, delivery, mustSucceed };
        }
      }
    }
  }
}

function* trialsAs(
  bench: Bench,
  goal: Goal,
  attempt: Attempt,
  subjects: readonly Subject[],
  granted: Subject,
): Generator<Trial> {
  const places = placesOf(bench, granted);
  const single = { type: undefined, place: places.at(-1)! };
  const canAnswer = goal.marked.every((type) => bench.objects.obstacle(type) === null);
  for (const subject of subjects) {
    const mustSucceed = subject === granted && canAnswer;
    yield { attempt, subject, places, single, delivery: "value", mustSucceed };
  }
}

/** Whether a field has targets that are in no argument. */
export function isLoaded({ plan }: Pick<Goal, "plan">): boolean {
  return plan !== undefined && (plan.targets.length > 0 || plan.selector !== null);
}

function isUnusual(how: How): boolean {
  return how === "absent" || how === "null" || how === "empty" || how === "holed";
}

function reachOf({ ids }: Bench, goal: Goal): Reach {
  const families = positionsOf(goal.field, goal.plan).flatMap((position) =>
    position.rules.some(({ kind }) => kind === "library") ? ids.librariesFor(position)! : [],
  );
  const bad = [...LIBRARIES, ...families].flatMap((family) => family.bad ?? []);
  const { good: organization, bad: other } = ids.organizations;
  const otherOrganization = other ?? `not-${organization}`;
  return { organization, otherOrganization, unreachable: bad, spare: SPARE };
}

/** Within reach, out of reach, and of the same id in another organization; within reach again. */
function placesOf({ ids }: Bench, granted: Subject): readonly LibraryRef[] {
  const { organizationId, table } = granted;
  const [libraryId] = [...table.keys()] as [string];
  const good = { organizationId, libraryId };
  const other = ids.organizations.bad ?? `not-${organizationId}`;
  return [
    good,
    { organizationId, libraryId: LIBRARIES[0].bad! },
    { organizationId: other, libraryId },
    good,
  ];
}
