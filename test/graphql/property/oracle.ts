/**
 * What has to happen, worked out in the plainest way from descriptions: every selection that stays, every value in it,
 * one by one. Imports nothing of src.
 */
import { pairOf, SPOTS } from "./data.js";
import type { Condition, Document, Request, Selection, Value } from "./operation.js";
import {
  inputOf,
  nameOf,
  possibleOf,
  typeOf,
  type Answer,
  type Field,
  type FieldMark,
  type InputValue,
  type Json,
  type Level,
  type ObjectRef,
  type Place,
  type TypeRef,
  type ValueMark,
  type World,
} from "./schema.js";

/**
 * `"invalid"`: variables that do not fit, or no operation, so that there is nothing to refuse. `"stopped"`: arguments
 * that do not fit, of something that would have to be judged.
 */
export type Verdict = "runs" | "refused" | "invalid" | "stopped";

type Args = Readonly<Record<string, unknown>>;

/** Thrown for what cannot be coerced. */
const UNFIT = new Error("does not fit");

/** Whether a request may run. */
export function verdictOf(world: World, document: Document, request: Request): Verdict {
  const { operations } = document;
  const isOnly = operations.length === 1 && request.operationName === null;
  const operation = operations.find(
    ({ name }) => isOnly || (name !== null && name === request.operationName),
  );
  if (operation === undefined) return "invalid";
  let variables: Args;
  try {
    variables = coerceVariables(world, document, request);
  } catch {
    return "invalid";
  }
  let verdict: Verdict = "runs";

  function visit(selection: Selection, type: string, level: Level): void {
    if (!selection.conditions.every((condition) => stays(condition, variables))) return;
    if (selection.kind === "spread") {
      const { on, selections } = document.fragments[selection.fragment]!;
      return visitOn(on, selections, type, level);
    }
    if (selection.kind === "inline")
      return visitOn(selection.on ?? type, selection.selections, type, level);
    const field = fieldOf(world, type, selection.name);
    if (field === undefined) {
      if (selection.name === "__schema" && world.introspection === "none") refuse();
      return;
    }
    try {
      const args = coerceArguments(world, field.args, selection.args, variables);
      if (!fieldHolds(world, request, field, args, level)) refuse();
    } catch {
      if (asksOfArguments(world, field)) verdict = "stopped";
    }
    below(nameOf(field.type), selection.selections, level);
  }

  function visitOn(on: string, selections: readonly Selection[], type: string, level: Level): void {
    const applies = possibleOf(world, on).some(({ name }) => name === type);
    if (applies) for (const selection of selections) visit(selection, type, level);
  }

  /** Selections are judged on every object type that can be there. */
  function below(name: string, selections: readonly Selection[], above: Level): void {
    if (typeOf(world, name) === undefined) return;
    for (const type of possibleOf(world, name)) {
      const level = rootLevel(world, type.name) ?? above;
      for (const selection of selections) visit(selection, type.name, level);
    }
  }

  function refuse(): void {
    if (verdict === "runs") verdict = "refused";
  }

  const isQuery = operation.kind === "query";
  below(isQuery ? world.query : world.mutation, operation.selections, isQuery ? "read" : "write");
  return verdict;
}

/** Read below the query root, Write below the mutation root; namespaces are part of their root. */
export function rootLevel(world: World, type: string): Level | undefined {
  if (type === world.query || type === "ReadSpace") return "read";
  return type === world.mutation || type === "WriteSpace" ? "write" : undefined;
}

/** A field of an object type, with the marks of the interfaces that ask for it. */
export function fieldOf(world: World, type: string, name: string): Field | undefined {
  const { fields, implements: above } = typeOf(world, type)!;
  const own = fields.find((field) => field.name === name);
  if (own === undefined) return undefined;
  const asked = above.flatMap((one) =>
    typeOf(world, one)!.fields.filter((field) => field.name === name),
  );
  return {
    ...own,
    marks: [own, ...asked].flatMap(({ marks }) => marks),
    args: own.args.map((argument) => {
      const same = asked.flatMap(({ args }) => args.filter((one) => one.name === argument.name));
      return { ...argument, marks: [argument, ...same].flatMap(({ marks }) => marks) };
    }),
  };
}

function stays(condition: Condition, variables: Args): boolean {
  const value = typeof condition.if === "boolean" ? condition.if : variables[condition.if.variable];
  return condition.name === "skip" ? value !== true : value !== false;
}

// Access

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

// Fields

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

function asksOfArguments(world: World, { args, marks }: Field): boolean {
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

// Values

function coerceVariables(world: World, { variables }: Document, request: Request): Args {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, { type, default: byDefault }] of Object.entries(variables)) {
    const sent = Object.hasOwn(request.variables, name) ? request.variables[name] : undefined;
    const given = sent === undefined ? byDefault : sent;
    if (given !== undefined) values[name] = coerce(world, type, given);
    else if (type.nonNull) throw UNFIT;
  }
  return values;
}

/** JSON as a value of a type. */
function coerce(world: World, type: TypeRef, json: Json): unknown {
  if (json === null) {
    if (type.nonNull) throw UNFIT;
    return null;
  }
  if ("list" in type) {
    const items = (Array.isArray(json) ? json : [json]) as readonly Json[];
    return items.map((item) => coerce(world, type.list, item));
  }
  const input = inputOf(world, type.name);
  if (input === undefined) return coerceLeaf(type.name, json);
  if (typeof json !== "object") throw UNFIT;
  const fields: Record<string, unknown> = {};
  for (const field of input.fields) {
    const given = (json as Record<string, Json>)[field.name];
    const value = given === undefined ? field.default : given;
    if (value !== undefined) fields[field.name] = coerce(world, field.type, value);
    else if (field.type.nonNull) throw UNFIT;
  }
  return fields;
}

function coerceLeaf(name: string, json: Json): unknown {
  if (name === "Slug") return json;
  const isFit =
    typeof json === "boolean"
      ? name === "Boolean"
      : typeof json === "number"
        ? /^(ID|Int)$/.test(name)
        : name !== "Int";
  if (!isFit) throw UNFIT;
  return name === "ID" ? String(json) : json;
}

/** A literal as a value of a type; undefined: it is a variable that was not given. */
function evaluate(world: World, type: TypeRef, value: Value, variables: Args): unknown {
  if (value.kind === "variable") {
    const found = variables[value.name];
    if (found === null && type.nonNull) throw UNFIT;
    return found;
  }
  if (value.kind === "null") return coerce(world, type, null);
  if ("list" in type) {
    if (value.kind !== "list") return [evaluate(world, type.list, value, variables)];
    return value.items.map((item) => {
      const found = evaluate(world, type.list, item, variables);
      if (found === undefined && type.list.nonNull) throw UNFIT;
      return found ?? null;
    });
  }
  if (value.kind !== "object")
    return coerce(
      world,
      type,
      value.kind === "number" ? value.number : (value as { text: string }).text,
    );
  return coerceArguments(world, inputOf(world, type.name)!.fields, value.fields, variables);
}

/** Arguments of a field, or fields of an input object. */
function coerceArguments(
  world: World,
  definitions: readonly InputValue[],
  given: Readonly<Record<string, Value>>,
  variables: Args,
): Args {
  const args: Record<string, unknown> = {};
  for (const { name, type, default: byDefault } of definitions) {
    const value = given[name] && evaluate(world, type, given[name], variables);
    if (value !== undefined) args[name] = value;
    else if (byDefault !== undefined) args[name] = coerce(world, type, byDefault);
    else if (type.nonNull) throw UNFIT;
  }
  return args;
}

// Results

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
