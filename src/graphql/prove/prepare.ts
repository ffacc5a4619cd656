import { isInputObjectType, isScalarType, type GraphQLSchema } from "graphql";
import { checkObject } from "../../core/check.js";
import { createGuard, type GuardOptions } from "../guard.js";
import { collectMarks, userTypes } from "../marks.js";
import { buildModel, type Model } from "../model.js";
import { createFill } from "./arguments.js";
import { createIds, type Ids } from "./ids.js";
import { createObjects } from "./objects.js";
import { createWrite } from "./operations.js";
import { goalsOf, NO_OBSTACLES, type Goal, type Obstacles } from "./paths.js";
import { positionsOf } from "./positions.js";
import type { Laboratory } from "./run.js";
import { checkSamples, type ProofSamples } from "./samples.js";
import { copyOf, stub } from "./stubs.js";
import { markSuspects } from "./suspects.js";
import { isLoaded, type Bench } from "./trials.js";
import { eachField, planOf } from "../walk.js";

/** Everything that a proof works with. */
export interface Preparation {
  readonly lab: Laboratory;
  readonly bench: Bench;
  readonly goals: readonly Goal[];
  /** Those that cannot be proved included. */
  readonly all: readonly Goal[];
  readonly obstacles: Obstacles;
  readonly suspects: ReadonlySet<string>;
}

/** Makes the copy of a schema that is proved, its guard, and the fields to prove. */
export function prepare(
  schema: GraphQLSchema,
  options: GuardOptions,
  samples: ProofSamples,
): Preparation {
  checkObject("samples", samples);
  const copy = copyOf(schema, samples);
  const marks = collectMarks(copy, options.rules ?? {}, () => {});
  const suspects = markSuspects(copy, marks, samples);
  const model = buildModel(copy, marks);
  checkSamples(samples, namesFor(copy, model));
  const all = goalsOf(copy, model, NO_OBSTACLES);

  const places = all.flatMap(({ field, plan }) => positionsOf(field, plan));
  const organizations = places.filter(({ rules }) => namesOrganization(rules));
  const ids = createIds(organizations, samples);
  const objects = createObjects(model, samples, ids.organizations.good);
  const reasons = new Map(all.map((goal) => [goal.coordinate, reasonNot(goal, ids, samples)]));
  const obstacles: Obstacles = {
    ofField: (coordinate) => reasons.get(coordinate) ?? null,
    ofType: objects.obstacle,
  };
  const stubs = stub(copy, objects);
  const { rules, types, organization, libraryIds, introspection } = options;
  const kept = { rules, types, organization, libraryIds, introspection };
  const given = Object.entries(kept).filter(([, value]) => value !== undefined);
  const guard = createGuard(copy, Object.fromEntries(given));
  const write = createWrite(copy, model, createFill(ids, samples));
  return {
    lab: { guard, stubs, objects, samples, positional: model.positional },
    bench: { schema: copy, ids, objects, write },
    goals: goalsOf(copy, model, obstacles),
    all,
    obstacles,
    suspects,
  };
}

/** Why no arguments can be made for a field, or null. */
function reasonNot(goal: Goal, ids: Ids, samples: ProofSamples): string | null {
  const { coordinate } = goal;
  if (isLoaded(goal) && samples.targets?.[coordinate] === undefined) {
    const what = goal.plan?.selector ? "in code" : "loaded";
    return `its targets are ${what}: give samples.targets[${JSON.stringify(coordinate)}], arguments for a library`;
  }
  for (const place of positionsOf(goal.field, goal.plan)) {
    const isTaken = namesOrganization(place.rules)
      ? ids.takesOrganizations(place)
      : ids.librariesFor(place) !== null;
    if (isTaken) continue;
    const where = JSON.stringify(place.coordinate);
    return `no id is known that ${String(place.type)} takes: give samples.values[${where}], a function of an id`;
  }
  return null;
}

function namesOrganization(rules: readonly { readonly kind: string }[]): boolean {
  return rules.some(({ kind }) => kind === "organization");
}

/** What samples can be given for. */
function namesFor(schema: GraphQLSchema, model: Model) {
  const targets = new Set<string>();
  const values = new Set<string>();
  eachField(schema, (type, field) => {
    const coordinate = `${type.name}.${field.name}`;
    if (isLoaded({ plan: planOf(model, type.name, field.name) })) targets.add(coordinate);
    for (const { name } of field.args) values.add(`${coordinate}(${name}:)`);
  });
  for (const type of userTypes(schema)) {
    if (isScalarType(type)) values.add(type.name);
    if (!isInputObjectType(type)) continue;
    for (const name of Object.keys(type.getFields())) values.add(`${type.name}.${name}`);
  }
  return { targets, objects: new Set(model.types.keys()), values };
}
