import { checkObject } from "../../core/check.js";
import type { Model } from "../model.js";
import { LIBRARIES, textOf } from "./ids.js";
import type { Place } from "./oracle.js";
import type { ProofSamples } from "./samples.js";
import type { InLibraryRule } from "../rules.js";

/** Makes resolved values and knows where each of them is. */
export interface Objects {
  /** An object of a type; null: that type cannot tell this place from others. */
  make(type: string, place: Place | null): object | null;
  /** The type of an object that was made. */
  typeOf(object: unknown): string | undefined;
  placeOf(object: unknown): Place | null;
  isMarked(type: string): boolean;
  /** Why no object of a marked type can be made, or null. */
  obstacle(type: string): string | null;
}

/** Which properties of an object say where it is. */
interface Shape {
  readonly library: readonly string[];
  readonly organization: readonly string[] | null;
}

/** Makes the maker of objects. Where no sample is given, it finds out which properties `inLibrary` reads. */
export function createObjects(
  model: Model,
  samples: ProofSamples,
  organizationId: string,
): Objects {
  const made = new WeakMap<object, { readonly type: string; readonly place: Place | null }>();
  const makers = new Map<string, ((place: Place) => object) | null>();
  const namesOrganization = new Map<string, boolean>();
  const tried = [LIBRARIES[0].good, LIBRARIES[0].bad!];

  for (const [type, rules] of model.types) {
    const maker = makerOf(type, rules, samples);
    const places = tried.flatMap((libraryId) =>
      rules.map((rule) => {
        const place = placeBy(rule, maker({ organizationId, libraryId }));
        const isThere = place?.libraryId === libraryId && isIn(place.organizationId);
        return isThere ? place : null;
      }),
    );
    const fits = places.every((place) => place !== null);
    if (!fits && samples.objects?.[type] !== undefined) {
      throw new TypeError(
        `"samples.objects.${type}" answered an object that inLibrary puts in another library`,
      );
    }
    makers.set(type, fits ? maker : null);
    namesOrganization.set(
      type,
      places.some((place) => place?.organizationId !== undefined),
    );
  }

  function isIn(organization: string | undefined): boolean {
    return (organization ?? organizationId) === organizationId;
  }

  return {
    make(type, place) {
      if (place !== null && !namesOrganization.get(type)) {
        if (place.organizationId !== organizationId) return null;
        place = { libraryId: place.libraryId };
      }
      const object = place === null ? {} : makers.get(type)!({ organizationId, ...place });
      made.set(object, { type, place });
      return object;
    },
    typeOf: (object) => made.get(object as object)?.type,
    placeOf: (object) => made.get(object as object)?.place ?? null,
    isMarked: (type) => model.types.has(type),
    obstacle: (type) =>
      makers.get(type) === null
        ? `inLibrary of ${type} takes more than properties: give samples.objects.${type}, a value of a library`
        : null,
  };
}

function makerOf(
  type: string,
  rules: readonly InLibraryRule[],
  { objects = {} }: ProofSamples,
): (place: Place) => object {
  const sample = objects[type];
  if (sample !== undefined) {
    return (place) => checkObject(`samples.objects.${type}(…)`, sample(place as Required<Place>));
  }
  const shapes = rules.map(shapeOf);
  return (place) => {
    const object = {};
    for (const shape of shapes) {
      if (shape === null) continue;
      set(object, shape.library, place.libraryId);
      if (shape.organization !== null) set(object, shape.organization, place.organizationId);
    }
    return object;
  };
}

function placeBy(rule: InLibraryRule, object: object): Place | null {
  try {
    const place = rule.libraryOf(object);
    const libraryId = textOf(place?.libraryId);
    const organizationId = textOf(place?.organizationId);
    if (libraryId === null) return null;
    return organizationId === null ? { libraryId } : { libraryId, organizationId };
  } catch {
    return null;
  }
}

/** What a rule reads of an object, learnt from one of which every property is another such object. */
function shapeOf(rule: InLibraryRule): Shape | null {
  const paths = new Map<unknown, readonly string[]>();
  function probe(path: readonly string[]): object {
    const text = ` ${path.join(".")}`;
    const object = new Proxy<object>(
      {},
      {
        get(_target, name) {
          if (name === Symbol.toPrimitive) return () => text;
          return typeof name === "string" ? probe([...path, name]) : undefined;
        },
      },
    );
    paths.set(object, path).set(text, path);
    return object;
  }
  try {
    const place = rule.libraryOf(probe([]));
    const library = paths.get(place?.libraryId);
    const organization = paths.get(place?.organizationId) ?? null;
    return library === undefined ? null : { library, organization };
  } catch {
    return null;
  }
}

function set(object: object, path: readonly string[], value: unknown): void {
  let at = object as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
  at[path.at(-1)!] = value;
}
