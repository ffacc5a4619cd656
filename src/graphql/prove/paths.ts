import { getNamedType, type GraphQLObjectType, type GraphQLSchema } from "graphql";
import type { Level } from "../../core/access.js";
import { possibleTypes, type FieldPlan, type Model } from "../model.js";
import { fieldsOf, planOf, type OutputField } from "../walk.js";

/** The kind of an operation. */
export type Kind = "query" | "mutation" | "subscription";

/** A field on the way from the root. */
export interface Step {
  readonly field: OutputField;
  readonly plan: FieldPlan | undefined;
  /** `Type.field` */
  readonly coordinate: string;
  readonly level: Level;
  readonly parent: GraphQLObjectType;
  /** The object type that is gone on with. */
  readonly to: GraphQLObjectType;
}

/** A field to prove, and the shortest way to it. */
export interface Goal extends Omit<Step, "to"> {
  readonly kind: Kind;
  readonly steps: readonly Step[];
  /** The marked types that it leads to directly. */
  readonly marked: readonly string[];
}

/** Where a search may not pass. */
export interface Obstacles {
  /** Why no arguments can be made for a field, or null. */
  readonly ofField: (coordinate: string) => string | null;
  /** Why no object within reach can be made of a type, or null. */
  readonly ofType: (type: string) => string | null;
}

/**
 * The fields that ask something of arguments or lead to marked objects, each with the shortest way from a root to it at
 * every level that it can have.
 */
export function goalsOf(
  schema: GraphQLSchema,
  model: Model,
  obstacles: Obstacles,
): readonly Goal[] {
  const goals: Goal[] = [];
  const queue = rootsOf(schema, model);
  const seen = new Set(queue.map(({ on, level }) => `${on.name} ${level}`));
  // The queue grows while it is walked.
  for (const { kind, on, level, steps } of queue) {
    for (const field of fieldsOf(on)) {
      const coordinate = `${on.name}.${field.name}`;
      const plan = planOf(model, on.name, field.name);
      const results = possibleTypes(schema, getNamedType(field.type));
      const marked = results.filter(({ name }) => model.types.has(name)).map(({ name }) => name);
      const here = { field, plan, coordinate, level, parent: on };
      if (plan !== undefined || marked.length > 0) goals.push({ ...here, kind, steps, marked });
      if (obstacles.ofField(coordinate) !== null) continue;
      for (const to of results) {
        const below = model.roots.get(to.name) ?? level;
        const key = `${to.name} ${below}`;
        if (seen.has(key) || (model.types.has(to.name) && obstacles.ofType(to.name) !== null))
          continue;
        seen.add(key);
        queue.push({ kind, on: to, level: below, steps: [...steps, { ...here, to }] });
      }
    }
  }
  return goals;
}

interface Place {
  readonly kind: Kind;
  readonly on: GraphQLObjectType;
  readonly level: Level;
  readonly steps: readonly Step[];
}

function rootsOf(schema: GraphQLSchema, model: Model): Place[] {
  const roots = [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
    ["subscription", schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, on]) =>
    on ? [{ kind, on, level: model.roots.get(on.name)!, steps: [] }] : [],
  );
}

/** No obstacle at all: for everything that operations reach. */
export const NO_OBSTACLES: Obstacles = { ofField: () => null, ofType: () => null };
