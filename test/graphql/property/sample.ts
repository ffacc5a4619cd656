/** A random schema with what is asked of it, as fast-check generates, checks and shrinks it. */
import { Violation } from "./demands.js";
import fc from "fast-check";
import { parse } from "graphql";
import { build, type Built } from "./build.js";
import { chooseBy } from "./choose.js";
import { generateAsked, type Asked } from "./generate-document.js";
import { generateWorld } from "./generate-schema.js";
import { judge, problemsOf, type Outcome } from "./holds.js";
import type { Document } from "./operation.js";
import { printDocument, printRest, printWorld } from "./print.js";
import type { World } from "./schema.js";
import { smallerSamples } from "./shrink.js";

/** Every (schema, document, request) in it is a case. */
export interface Sample {
  readonly world: World;
  readonly asked: readonly Asked[];
}

export interface Size {
  readonly documents: number;
  readonly requests: number;
}

/** What was seen so far. */
export interface Tally {
  cases: number;
  readonly verdicts: Record<Outcome["verdict"], number>;
  /** Cases in which objects left, and in which objects had to stay. */
  showing: number;
  filtering: number;
  unlocked: number;
  /** Cases in which the executor of Yoga made other arguments than graphql-js, so that only safety was demanded of it. */
  deviating: number;
  /** Why generated schemas and documents were not taken: it should be empty. */
  readonly unfit: string[];
}

export function newTally(): Tally {
  const verdicts = { runs: 0, refused: 0, invalid: 0, stopped: 0 };
  return { cases: 0, verdicts, showing: 0, filtering: 0, unlocked: 0, deviating: 0, unfit: [] };
}

class Samples extends fc.Arbitrary<Sample> {
  readonly size: Size;

  constructor(size: Size) {
    super();
    this.size = size;
  }

  generate(random: fc.Random): fc.Value<Sample> {
    const choose = chooseBy(random);
    const world = generateWorld(choose);
    const asked = choose.times(this.size.documents, () =>
      generateAsked(choose, world, this.size.requests),
    );
    return new fc.Value(describe({ world, asked }), undefined);
  }

  canShrinkWithoutContext(_value: unknown): _value is Sample {
    return true;
  }

  shrink(sample: Sample): fc.Stream<fc.Value<Sample>> {
    return fc.stream(
      (function* () {
        for (const smaller of smallerSamples(sample))
          yield new fc.Value(describe(smaller), undefined);
      })(),
    );
  }
}

export function samples(size: Size): fc.Arbitrary<Sample> {
  return new Samples(size);
}

/** Makes fast-check print a sample as what can be read. */
function describe(sample: Sample): Sample {
  return Object.defineProperty({ ...sample }, fc.toStringMethod, { value: () => print(sample) });
}

function print({ world, asked }: Sample): string {
  const { inputs, organizations, introspection, typesBy } = world;
  const options = { organizations, introspection, typesBy };
  const documents = asked.map(({ document, requests }) =>
    [printDocument(inputs, document), ...requests.map((request) => JSON.stringify(request))].join(
      "\n",
    ),
  );
  return [printWorld(world), JSON.stringify(options), printRest(world), ...documents].join("\n\n");
}

const builtOf = new WeakMap<World, Built>();

/** Checks all cases of a sample. What does not hold is thrown. */
export async function holds(sample: Sample, tally: Tally, validates = true): Promise<void> {
  try {
    await holdsAll(sample, tally, validates);
  } catch (error) {
    if (error instanceof Violation && (validates || isValid(sample))) throw error;
    // A schema or document that cannot be: shrinking makes many, generating should make none.
    tally.unfit.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    fc.pre(false);
  }
}

function isValid({ world, asked }: Sample): boolean {
  return asked.every(({ document }) => problemsIn(world, document).length === 0);
}

function problemsIn(world: World, document: Document): readonly string[] {
  if (document.invalid) return [];
  return problemsOf(builtOf.get(world)!, parse(printDocument(world.inputs, document)));
}

async function holdsAll({ world, asked }: Sample, tally: Tally, validates: boolean): Promise<void> {
  const built = builtOf.get(world) ?? build(world);
  builtOf.set(world, built);
  for (const { document, requests } of asked) {
    const node = parse(printDocument(world.inputs, document));
    const problems = validates ? problemsIn(world, document) : [];
    if (problems.length > 0) throw new Error(problems.join(", "));
    for (const request of requests) {
      count(tally, await judge(world, built, document, node, request, requests));
      if (request.unlocked !== null) tally.unlocked++;
    }
  }
}

function count(tally: Tally, { verdict, objects, filtered, deviates }: Outcome): void {
  tally.cases++;
  tally.verdicts[verdict]++;
  if (objects > 0) tally.showing++;
  if (filtered) tally.filtering++;
  if (deviates) tally.deviating++;
}
