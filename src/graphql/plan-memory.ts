import type { DocumentNode, GraphQLError } from "graphql";
import type { Plan } from "./plan.js";

/** The plan of an operation, or why there is none. */
export type Planned = Plan | GraphQLError;

/** Remembers plans by their document, their operation's name, and whether the executor knows fragment arguments. */
export interface PlanMemory {
  find(
    document: DocumentNode,
    name: string | null,
    fragmentArguments: boolean,
  ): Planned | undefined;
  add(
    document: DocumentNode,
    name: string | null,
    fragmentArguments: boolean,
    planned: Planned,
  ): void;
}

/**
 * How many selections the plans that are remembered may have together, at about 200 bytes each. Then all are forgotten
 * and made anew: a document can have thousands of operations, each of which needs a large plan of its own.
 */
const MAX_STEPS = 500_000;

/** What a plan without selections counts for, or the error of a document for which there is none. */
const STEPS_OF_ANY = 10;

// No tie: a document that a host keeps would keep every guard that has ever read it.
type Plans = WeakMap<DocumentNode, Map<string | null, Planned>>;

/** Makes a memory that is bounded, whatever documents hold. */
export function createPlanMemory(): PlanMemory {
  let plansWithout: Plans = new WeakMap();
  let plansWith: Plans = new WeakMap();
  let left = MAX_STEPS;

  return {
    find(document, name, fragmentArguments) {
      return (fragmentArguments ? plansWith : plansWithout).get(document)?.get(name);
    },

    add(document, name, fragmentArguments, planned) {
      const { steps = 0 } = planned as Partial<Plan>;
      left -= steps + STEPS_OF_ANY;
      if (left < 0) {
        plansWithout = new WeakMap();
        plansWith = new WeakMap();
        left = MAX_STEPS;
      }
      const plans = fragmentArguments ? plansWith : plansWithout;
      let byName = plans.get(document);
      if (byName === undefined) plans.set(document, (byName = new Map()));
      byName.set(name, planned);
    },
  };
}
