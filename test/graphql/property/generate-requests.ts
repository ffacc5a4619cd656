/** Random callers, and values that mostly name what they reach, else nothing would ever run. */
import type { Choose } from "./choose.js";
import { ENUMS, LIBRARIES, ORGANIZATIONS } from "./data.js";
import type { Access } from "./operation.js";
import { inputOf, nameOf, type Json, type Level, type TypeRef, type World } from "./schema.js";

export interface Caller {
  readonly organizationId: string;
  readonly access: Access;
}

/** What a value is about: a mark, or a text that a loader understands. */
export type About = "organization" | "library" | "ref" | "text";

/** Makes constants for one caller. */
export type Constant = (type: TypeRef, about: About, depth?: number) => Json;

export function generateCaller(choose: Choose): Caller {
  const organizationId = choose.pick(ORGANIZATIONS);
  if (choose.chance(5))
    return { organizationId, access: { every: choose.pick(["read", "write"]) } };
  const access: Record<string, Level> = {};
  const generous = choose.pick([30, 70, 95]);
  const writing = choose.pick([0, 70, 70, 90, 100]);
  for (const library of LIBRARIES) {
    // What most defaults name is mostly granted.
    if (choose.chance(library === "barcelona" ? 90 : generous)) {
      access[library] = choose.chance(writing) ? "write" : "read";
    }
  }
  return { organizationId, access };
}

/** The same caller after one change, or its twin of the other organization. */
export function neighbourOf(choose: Choose, { organizationId, access }: Caller): Caller {
  if (choose.chance(25)) {
    return { organizationId: ORGANIZATIONS.find((id) => id !== organizationId)!, access };
  }
  const table: Record<string, Level> = {};
  for (const library of LIBRARIES) {
    const level = levelOf(access, library);
    if (level !== null) table[library] = level;
  }
  const library = choose.pick(LIBRARIES);
  const change = choose.pick(["read", "write", null] as const);
  if (change === null) delete table[library];
  else table[library] = change;
  return { organizationId, access: table };
}

function levelOf(access: Access, library: string): Level | null {
  if ("every" in access) return access.every as Level;
  return Object.hasOwn(access, library) ? access[library]! : null;
}

/** Whether a value takes no care to be within reach; `share`: how often, next to other values. */
export type Careless = (share?: number) => boolean;

/** Makes a new one for every document and request: it never is, it is exactly once, or every now and then. */
export function carelessBy(choose: Choose): () => Careless {
  const rate = choose.pick([0, 0, 0, 0, 5, 5, 5, 5, 3, 10, 40]);
  const often = rate === 5 ? 1 : Infinity;
  return () => {
    let left = often;
    return (share = 1) => left > 0 && choose.chance(Math.ceil(rate * share)) && left-- > 0;
  };
}

export function constantFor(
  choose: Choose,
  world: World,
  { organizationId, access }: Caller,
  careless: Careless,
): Constant {
  const within = LIBRARIES.filter((library) => levelOf(access, library) !== null);
  const writable = within.filter((library) => levelOf(access, library) === "write");

  function libraryOf(fits: (library: string) => boolean): string {
    const good = (writable.length > 0 && choose.chance(90) ? writable : within).filter(fits);
    const isGood = good.length > 0 && !careless();
    return choose.pick(isGood ? good : LIBRARIES.filter(fits));
  }

  function leaf(name: string, about: About): Json {
    if (about === "text") return "text";
    if (about === "organization") return careless() ? choose.pick(ORGANIZATIONS) : organizationId;
    if (about === "ref") return refOf();
    if (name === "Int") return careless() ? 7 : 5;
    if (name === "LibraryName") return libraryOf((library) => ENUMS[name]!.includes(library));
    if (careless(1 / 10)) return choose.pick(["", "porto", "barcelona ", "__proto__", "toString"]);
    const id = libraryOf(() => true);
    return id === "5" && name !== "String" && choose.chance(50) ? 5 : id;
  }

  function refOf(): string {
    if (careless(1 / 3)) return choose.pick(["nowhere", "/", "acme/porto", "monogram/"]);
    const of = careless() ? choose.pick(ORGANIZATIONS) : organizationId;
    return `${of}/${libraryOf(() => true)}`;
  }

  return function constant(type, about, depth = 2): Json {
    if (!type.nonNull && careless(1 / 4)) return null;
    if ("list" in type) {
      // A single value where a list is due.
      if (choose.chance(12)) return constant({ name: nameOf(type), nonNull: true }, about, depth);
      const least = careless() ? 0 : 1;
      return choose.times(least + choose.upTo(2), () => constant(type.list, about, depth));
    }
    const input = inputOf(world, nameOf(type));
    if (input === undefined) return leaf(type.name, about);
    const { fields, oneOf } = input;
    const names = oneOf ? [choose.pick(fields).name] : fields.map(({ name }) => name);
    const given: Record<string, Json> = {};
    for (const field of fields.filter(({ name }) => names.includes(name))) {
      const isMarked = field.marks.length > 0;
      const isOptional = field.marks.some(({ whenOmitted }) => whenOmitted !== null);
      const canOmit = !oneOf && (!field.type.nonNull || field.default !== undefined);
      const omits = (): boolean => {
        if (depth <= 0 && !isMarked) return true;
        if (isOptional || !isMarked) return choose.chance(60);
        return field.default === undefined ? careless(1 / 4) : choose.chance(40);
      };
      if (canOmit && omits()) {
        if (isOptional && choose.chance(30)) given[field.name] = null;
        continue;
      }
      const inner = field.marks[0]?.names ?? "text";
      const fieldType = oneOf ? { ...field.type, nonNull: true } : field.type;
      given[field.name] = constant(fieldType, inner, depth - 1);
    }
    return given;
  };
}
