import type { Level, LibraryRef } from "../../core/access.js";
import type { FieldPlan } from "../model.js";
import { fillSpot, type Argument, type Filling, type Injection, type Wish } from "./fill.js";
import { LIBRARIES, type Ids } from "./ids.js";
import type { Demand } from "./oracle.js";
import { LOADED, positionsOf } from "./positions.js";
import type { ProofSamples } from "./samples.js";
import type { OutputField } from "../walk.js";

/** A field of which arguments are wanted. */
export interface Asked {
  readonly field: OutputField;
  readonly plan: FieldPlan | undefined;
  /** `Type.field` */
  readonly coordinate: string;
  readonly level: Level;
}

/** The arguments of a field, and what they ask of a caller. */
export interface Filled {
  readonly values: ReadonlyMap<string, Argument>;
  readonly demands: readonly Demand[];
  readonly injections: readonly Injection[];
}

/** Makes arguments for a field. */
export type Fill = (asked: Asked, wish: Wish) => Filled;

/** The wish for good arguments, and no more of them than must be given. */
export const GOOD: Wish = { focus: null, how: "good" };

/** Makes the function that fills in arguments: all that must be given, and what leads to the focus. */
export function createFill(ids: Ids, samples: ProofSamples): Fill {
  return function fill(asked, wish) {
    const { field, plan } = asked;
    const filled = fillField(ids, samples, asked, [wish]);
    if (!plan?.needsLibrary || namesLibrary(filled)) return filled;
    // A field with library marks needs one of them: give an optional one besides.
    const more = positionsOf(field, plan).find(
      ({ at, rules }) => at !== wish.focus && rules.some(({ kind }) => kind === "library"),
    );
    if (more === undefined) {
      return { ...filled, demands: [...filled.demands, { kind: "never" }] };
    }
    return fillField(ids, samples, asked, [wish, { focus: more.at, how: "good" }]);
  };
}

function namesLibrary({ demands, injections }: Filled): boolean {
  return [...demands, ...injections].some(({ kind }) => kind === "library");
}

function fillField(ids: Ids, samples: ProofSamples, asked: Asked, wishes: readonly Wish[]): Filled {
  const { field, plan, coordinate, level } = asked;
  const values = new Map<string, Argument>();
  const filling = { ids, samples, level, wishes, values, demands: [], injections: [] } as Filling;
  for (const rule of plan?.apiKey ?? []) {
    const needed = rule.level ?? (level === "write" ? "write" : null);
    if (needed !== null) filling.demands.push({ kind: "some", level: needed });
  }
  for (const taker of field.args) {
    const { name, type } = taker;
    const marks = plan?.values.find((marked) => marked.name === name);
    const spot = { taker, at: name, coordinate: `${coordinate}(${name}:)`, isChosen: false };
    const value = fillSpot(filling, spot, marks);
    if (value !== undefined) values.set(name, { type, value });
  }
  if (plan) fillLoaded(filling, asked, plan);
  return filling;
}

/** What a sample says of arguments without marks, and the library that it stands for. */
function fillLoaded(filling: Filling, { field, coordinate, level }: Asked, plan: FieldPlan): void {
  const sample = filling.samples.targets?.[coordinate];
  if (sample === undefined) return;
  const library = loadedLibrary(filling);
  for (const [name, value] of Object.entries(sample(library))) {
    const taker = field.args.find((argument) => argument.name === name);
    if (taker === undefined) {
      const where = `samples.targets[${JSON.stringify(coordinate)}]`;
      throw new TypeError(`"${where}" answered an argument that the field does not have`);
    }
    const isMarked = plan.values.some((marked) => marked.name === name);
    if (!isMarked) filling.values.set(name, { type: taker.type, value });
  }
  const levels = plan.targets.map((rule) => rule.level ?? level);
  if (plan.selector) levels.push(plan.selector.level);
  const { libraryId: id, organizationId } = library;
  for (const needed of levels) {
    filling.demands.push({ kind: "library", id, level: needed, organizationId });
  }
}

/** The library of a loaded target: the one that is named beside it, if one is. */
function loadedLibrary({ ids, wishes, demands }: Filling): LibraryRef {
  const how = wishes.find(({ focus }) => focus === LOADED)?.how ?? "good";
  const named = demands.find(({ kind }) => kind === "library");
  const [{ good, bad }] = LIBRARIES;
  return {
    organizationId: how === "foreign" ? ids.organizations.bad! : ids.organizations.good,
    libraryId: how === "bad" ? bad! : named?.kind === "library" ? named.id : good,
  };
}
