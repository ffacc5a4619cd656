/** What a caller reaches: fields with arguments, and objects. */
import { pairOf, SPOTS } from "./data.js";
import type { Request } from "./operation.js";
import {
  inputOf,
  nameOf,
  typeOf,
  type Answer,
  type Field,
  type FieldMark,
  type InputValue,
  type Level,
  type ObjectRef,
  type Place,
  type ValueMark,
  type World,
} from "./schema.js";

type Args = Readonly<Record<string, unknown>>;

function has({ access }: Request, library: string, level: Level): boolean {
  const granted =
    "every" in access ? access.every : Object.hasOwn(access, library) && access[library];
  return granted === "write" || (granted === "read" && level === "read");
}

function hasSome(request: Request, level: Level): boolean {
  if ("every" in request.access) return has(request, "", level);
  return Object.keys(request.access).some((library) => has(request, library, level));
}

/** An id as text, or null. */
function idOf(value: unknown): string | null {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : null;
}

/**
 * Whether a field with these arguments is within reach.
 *
 * @param received - They are what a resolver got: what may be left out has been made up for.
 */
export function fieldHolds(
  world: World,
  request: Request,
  { args: definitions, marks }: Field,
  args: Args,
  level: Level,
  received = false,
): boolean {
  if (!marks.every((mark) => markHolds(request, mark, args, level))) return false;
  const counts = definitions.map((definition) =>
    named(world, request, definition, args[definition.name], level, received),
  );
  if (counts.includes(null)) return false;
  const isLoaded = marks.some(({ kind }) => kind === "targets" || kind === "withAccess");
  const needsOne = !isLoaded && definitions.some((definition) => marksLibrary(world, definition));
  return !needsOne || counts.some((count) => count! > 0);
}

function markHolds(request: Request, mark: FieldMark, args: Args, level: Level): boolean {
  if (!("argument" in mark) && mark.kind !== "apiKey") return true;
  if (mark.kind === "apiKey") {
    const needed = mark.level ?? (level === "write" ? "write" : null);
    return needed === null || hasSome(request, needed);
  }
  const refs = args[mark.argument];
  const pairs = (Array.isArray(refs) ? refs : [refs]).map((ref) =>
    ref === null ? null : pairOf(ref),
  );
  const needed = mark.level ?? level;
  return (
    pairs.length > 0 &&
    pairs.every(
      (pair) =>
        pair !== null &&
        pair.organizationId === request.organizationId &&
        has(request, pair.libraryId, needed),
    )
  );
}

/** How many libraries an argument or input field names; null: something is out of reach or missing. */
function named(
  world: World,
  request: Request,
  definition: InputValue,
  value: unknown,
  level: Level,
  received: boolean,
): number | null {
  const counts = definition.marks.map((mark) => namedBy(request, mark, value, level, received));
  const input = inputOf(world, nameOf(definition.type));
  const objects = input ? [value].flat(9).filter((one) => one !== null && one !== undefined) : [];
  for (const object of objects as Args[]) {
    for (const field of input!.fields) {
      const isChosen = !input!.oneOf || Object.hasOwn(object, field.name);
      if (isChosen) counts.push(named(world, request, field, object[field.name], level, received));
    }
  }
  return counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + count!, 0);
}

function namedBy(
  request: Request,
  { names, level: own, whenOmitted }: ValueMark,
  value: unknown,
  above: Level,
  received: boolean,
): number | null {
  const level = own ?? above;
  if (value === null || value === undefined) {
    if (whenOmitted === "none") return 0;
    if (whenOmitted === "callers") return received ? null : 0;
    if (whenOmitted !== "reachable" || (received && !("every" in request.access))) return null;
    return hasSome(request, level) ? 1 : null;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return null;
    const counts = value.map((item: unknown) =>
      item === null
        ? null
        : namedBy(
            request,
            { names, level: own, whenOmitted: null, said: "sdl" },
            item,
            above,
            received,
          ),
    );
    return counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + count!, 0);
  }
  const id = idOf(value);
  if (id === null) return null;
  if (names === "organization") return id === request.organizationId ? 0 : null;
  return has(request, id, level) ? 1 : null;
}

/** Whether something is asked of what a field is given. */
export function asksOfArguments(world: World, { args, marks }: Field): boolean {
  return marks.some((mark) => "argument" in mark) || args.some((arg) => marksAnything(world, arg));
}

/** Whether a library is marked in a value, at any depth. */
function marksLibrary(world: World, definition: InputValue): boolean {
  return marksAnything(world, definition, "library");
}

function marksAnything(
  world: World,
  { marks, type }: InputValue,
  what?: ValueMark["names"],
  seen: readonly string[] = [],
): boolean {
  if (marks.some(({ names }) => what === undefined || names === what)) return true;
  const input = inputOf(world, nameOf(type));
  if (input === undefined || seen.includes(input.name)) return false;
  return input.fields.some((field) => marksAnything(world, field, what, [...seen, input.name]));
}

/** The arguments that a resolver gets: with what was left out and is made up for. */
export function completed(
  request: Request,
  { args: definitions }: Field,
  args: Args,
  level: Level,
): Args {
  const complete: Record<string, unknown> = { ...args };
  for (const { name, marks } of definitions) {
    if (args[name] !== null && args[name] !== undefined) continue;
    if (marks.some(({ whenOmitted }) => whenOmitted === "callers"))
      complete[name] = request.organizationId;
    if (!marks.some(({ whenOmitted }) => whenOmitted === "reachable")) continue;
    if ("every" in request.access) delete complete[name];
    else {
      const libraries = Object.keys(request.access);
      complete[name] = libraries.filter((library) =>
        marks.every((mark) => has(request, library, mark.level ?? level)),
      );
    }
  }
  return complete;
}

/** Whether an object may leave. */
export function isVisible(world: World, request: Request, { type, spot }: ObjectRef): boolean {
  const { places, implements: above } = typeOf(world, type)!;
  const all = [...places, ...above.flatMap((name) => typeOf(world, name)!.places)];
  return all.every((place) => isAt(place, request, spot));
}

function isAt({ organization, id }: Place, request: Request, spot: number): boolean {
  const { o, l, m } = SPOTS[spot]!;
  const library = idOf(id === "m" ? m : l);
  const isOwn = organization === null || idOf(o) === request.organizationId;
  return isOwn && library !== null && has(request, library, "read");
}

/** What is left of an answer: lists without what may not leave, or with nulls in its place. Undefined: nothing. */
export function visible(
  world: World,
  request: Request,
  positional: boolean,
  answer: Answer,
): Answer | undefined {
  if (typeof answer !== "object" || answer === null) return answer;
  if ("type" in answer) return isVisible(world, request, answer) ? answer : undefined;
  return answer.flatMap((item): readonly Answer[] => {
    const left = visible(world, request, positional, item);
    return left === undefined ? (positional ? [null] : []) : [left];
  });
}
