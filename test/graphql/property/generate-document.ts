/** Random documents over a random schema, and the requests that are made with them. */
import type { Choose } from "./choose.js";
import {
  constantFor,
  generateCaller,
  neighbourOf,
  type About,
  type Caller,
  type Constant,
} from "./generate-requests.js";
import type {
  Condition,
  Document,
  FieldSelection,
  Fragment,
  Operation,
  Request,
  Selection,
  Value,
  Variable,
} from "./operation.js";
import { fieldOf } from "./oracle.js";
import { literalOf } from "./print.js";
import {
  inputOf,
  nameOf,
  named,
  possibleOf,
  typeOf,
  type Field,
  type InputValue,
  type Json,
  type TypeRef,
  type World,
} from "./schema.js";

/** Makes what a request may send for a variable. */
type Send = (constant: Constant) => Json | undefined;

const NAMES = ["constructor", "toString", "hasOwnProperty"];

/** A document and the requests for it. */
export interface Asked {
  readonly document: Document;
  readonly requests: readonly Request[];
}

export function generateAsked(choose: Choose, world: World, count: number): Asked {
  const caller = generateCaller(choose);
  const careless = choose.pick([0, 0, 0, 0, 1, 3, 10, 40]);
  const { document, sends } = generateDocument(choose, world, caller, careless);
  const requests = choose.times(count, (i) => {
    const who = i === 0 || choose.chance(40) ? caller : neighbourOf(choose, caller);
    return requestOf(choose, world, document, sends, who, careless);
  });
  return { document, requests };
}

function requestOf(
  choose: Choose,
  world: World,
  { operations, variables }: Document,
  sends: ReadonlyMap<string, Send>,
  caller: Caller,
  careless: number,
): Request {
  const constant = constantFor(choose, world, caller, careless);
  const sent: Record<string, Json | undefined> = {};
  for (const [name, { type }] of Object.entries(variables)) {
    const value = sends.get(name)!(constant);
    // Executors disagree on a condition that is null.
    if (nameOf(type) !== "Boolean" && choose.chance(careless / 10))
      sent[name] = choose.pick([null, true, undefined]);
    else if (value !== undefined || (!type.nonNull && choose.chance(20))) sent[name] = value;
  }
  const names = operations.map(({ name }) => name);
  const isVague = names.length > 1 && choose.chance(3);
  const operationName =
    isVague || choose.chance(names.length === 1 ? 50 : 0) ? null : choose.pick(names);
  const unlocked = choose.chance(12) ? choose.pick(["other", "other", "never"] as const) : null;
  return { ...caller, operationName, variables: sent, unlocked };
}

function generateDocument(
  choose: Choose,
  world: World,
  caller: Caller,
  careless: number,
): { document: Document; sends: Map<string, Send> } {
  const fragments: Record<string, Fragment> = {};
  const variables: Record<string, Variable> = {};
  const sends = new Map<string, Send>();
  const constant = constantFor(choose, world, caller, careless);
  const conflicts = choose.chance(3);
  let count = 0;
  const next = (prefix: string): string => `${prefix}${count++}`;

  function define(variable: Variable, send: Send): Value {
    const taken = NAMES.every((name) => Object.hasOwn(variables, name));
    const free = NAMES.filter((name) => !Object.hasOwn(variables, name));
    const name = !taken && choose.chance(4) ? choose.pick(free) : next("v");
    variables[name] = variable;
    sends.set(name, send);
    return { kind: "variable", name };
  }

  /** A variable for a place; what it does not say itself, the place may by a default of its own. */
  function variableFor(
    place: TypeRef,
    about: About,
    byDefault: Json | undefined,
    strict: boolean,
  ): Value {
    const required = { ...place, nonNull: true };
    const nullable = { ...place, nonNull: false };
    const send: Send = (make) => make(required, about);
    const maybe: Send = (make) => (choose.chance(50) ? make(required, about) : undefined);
    const never: Send = () => undefined;
    const fallback = (): Json => constant(required, about);
    const kinds: (() => Value)[] = [
      () => define({ type: required }, send),
      () => define({ type: required, default: fallback() }, maybe),
    ];
    if (!strict) {
      kinds.push(
        () => define({ type: nullable, default: fallback() }, maybe),
        () => define({ type: nullable, default: fallback() }, never),
      );
    }
    const canBeAbsent = !place.nonNull || byDefault !== undefined;
    if (canBeAbsent && !strict) {
      kinds.push(() => define({ type: nullable }, send));
      if (byDefault !== undefined || choose.chance(careless))
        kinds.push(() => define({ type: nullable }, maybe));
      if (choose.chance(careless)) kinds.push(() => define({ type: nullable }, () => null));
    }
    return choose.pick(kinds)();
  }

  function valueOf(json: Json, place: TypeRef, about: About, strict = false): Value {
    if (choose.chance(12) && json !== null) return variableFor(place, about, undefined, strict);
    return partlyLiteral(json, place, about);
  }

  /** A literal of a constant, with variables within. */
  function partlyLiteral(json: Json, place: TypeRef, about: About): Value {
    if (Array.isArray(json) && "list" in place) {
      return { kind: "list", items: json.map((item: Json) => valueOf(item, place.list, about)) };
    }
    if ("list" in place && json !== null) return partlyLiteral(json, place.list, about);
    const input = inputOf(world, nameOf(place));
    if (input === undefined || json === null) return literalOf(world.inputs, place, json);
    const fields: Record<string, Value> = {};
    for (const [name, value] of Object.entries(json as Record<string, Json>)) {
      const field = input.fields.find((candidate) => candidate.name === name)!;
      const inner = field.marks[0]?.names ?? "text";
      fields[name] =
        !input.oneOf && choose.chance(10)
          ? variableFor(field.type, inner, field.default, false)
          : valueOf(value, field.type, inner, input.oneOf);
    }
    return { kind: "object", fields };
  }

  function argumentsFor({ args, marks }: Field): Record<string, Value> {
    const values: Record<string, Value> = {};
    for (const argument of args) {
      const about = aboutOf(
        argument,
        marks.some((mark) => "argument" in mark),
      );
      const isOptional = argument.marks.some(({ whenOmitted }) => whenOmitted !== null);
      const isSafe = isOptional || argument.default !== undefined || about === "text";
      const canOmit = !argument.type.nonNull || argument.default !== undefined;
      if (canOmit && choose.chance(isSafe ? 40 : careless)) {
        if (!argument.type.nonNull && choose.chance(isOptional ? 40 : careless))
          values[argument.name] = { kind: "null" };
        continue;
      }
      values[argument.name] = choose.chance(35)
        ? variableFor(argument.type, about, argument.default, false)
        : valueOf(constant(argument.type, about), argument.type, about);
    }
    return values;
  }

  function conditions(): readonly Condition[] {
    return (["skip", "include"] as const).flatMap((name) => {
      if (!choose.chance(8)) return [];
      return [{ name, if: choose.chance(40) ? choose.chance(50) : booleanVariable() }];
    });
  }

  function booleanVariable(): { variable: string } {
    const known = Object.keys(variables).filter(
      (name) => nameOf(variables[name]!.type) === "Boolean",
    );
    if (known.length > 0 && choose.chance(50)) return { variable: choose.pick(known) };
    const send: Send = () => choose.chance(50);
    const { name } = (
      choose.chance(50)
        ? define({ type: named("Boolean", true) }, send)
        : define({ type: named("Boolean"), default: choose.chance(50) }, () =>
            choose.chance(50) ? choose.chance(50) : undefined,
          )
    ) as { name: string };
    return { variable: name };
  }

  function selectionsOn(type: string, depth: number): Selection[] {
    const selections: Selection[] = [];
    for (let i = 0; i <= choose.upTo(2); i++) {
      selections.push(selectionOn(type, depth));
      const last = selections.at(-1)!;
      if (last.kind === "field" && choose.chance(8)) selections.push(again(last, type, depth));
    }
    return selections;
  }

  function selectionOn(type: string, depth: number): Selection {
    const fits = Object.keys(fragments).filter((name) => overlap(world, fragments[name]!.on, type));
    if (fits.length > 0 && choose.chance(25)) {
      return { kind: "spread", fragment: choose.pick(fits), conditions: conditions() };
    }
    const { kind } = typeOf(world, type)!;
    if (depth > 0 && (kind === "union" || choose.chance(kind === "interface" ? 45 : 15))) {
      const others = world.types
        .filter(({ name }) => overlap(world, name, type))
        .map(({ name }) => name);
      const on = choose.chance(25) ? null : choose.pick(others);
      return {
        kind: "inline",
        on,
        selections: selectionsOn(on ?? type, depth - 1),
        conditions: conditions(),
      };
    }
    const usable = fieldsOn(world, type).filter(
      (field) => depth > 0 || typeOf(world, nameOf(field.type)) === undefined,
    );
    if (usable.length === 0 || choose.chance(6)) return { ...meta(type), conditions: conditions() };
    return { ...fieldSelection(choose.pick(usable), next("f"), depth), conditions: conditions() };
  }

  function meta(type: string): FieldSelection {
    const isRoot = type === world.query && choose.chance(30);
    const [name, below] = isRoot
      ? (["__schema", [{ ...meta(""), conditions: [] }]] as const)
      : (["__typename", []] as const);
    return { kind: "field", alias: next("f"), name, args: {}, selections: below };
  }

  function fieldSelection(field: Field, alias: string, depth: number): FieldSelection {
    const result = nameOf(field.type);
    const isLeaf = typeOf(world, result) === undefined;
    const selections = isLeaf ? [] : selectionsOn(result, depth - 1);
    // Where it can be seen which objects left.
    const hasKey = !isLeaf && typeOf(world, result)!.fields.some(({ name }) => name === "key");
    if (hasKey && choose.chance(80)) {
      selections.push({
        kind: "field",
        alias: next("k"),
        name: "key",
        args: {},
        selections: [],
        conditions: [],
      });
    } else if (!isLeaf && typeOf(world, result)!.kind !== "object" && choose.chance(80)) {
      for (const { name } of possibleOf(world, result)) {
        const key = {
          kind: "field",
          alias: `key${name}`,
          name: "key",
          args: {},
          selections: [],
          conditions: [],
        } as const;
        selections.push({ kind: "inline", on: name, selections: [key], conditions: [] });
      }
    }
    return { kind: "field", alias, name: field.name, args: argumentsFor(field), selections };
  }

  /** The same field once more, which merges; without validation with other arguments. */
  function again(selection: Selection & FieldSelection, type: string, depth: number): Selection {
    const field = fieldsOn(world, type).find(({ name }) => name === selection.name);
    if (field === undefined) return { ...selection, conditions: conditions() };
    const { args, selections } = fieldSelection(field, selection.alias, depth);
    const kept = conflicts ? args : selection.args;
    return { ...selection, args: kept, selections, conditions: conditions() };
  }

  for (const on of choose.times(choose.upTo(4), () => choose.pick(world.types).name)) {
    const selections = selectionsOn(on, 2);
    fragments[next("F")] = { on, selections };
  }
  const many = choose.chance(15) ? 2 + choose.upTo(1) : 1;
  const operations = choose.times(many, (i): Operation => {
    const kind = choose.pick(["query", "query", "query", "mutation", "mutation"] as const);
    const name = many > 1 || choose.chance(50) ? `Operation${i}` : null;
    return { name, kind, selections: selectionsOn(world[kind], 4) };
  });
  return { document: { operations, fragments, variables, invalid: conflicts }, sends };
}

function aboutOf({ name, marks }: InputValue, isLoaded: boolean): About {
  if (isLoaded && name === "ref") return "ref";
  return marks[0]?.names ?? "text";
}

/** The fields of a type with the marks that interfaces add: to name what is within reach, generators have to know. */
function fieldsOn(world: World, type: string): readonly Field[] {
  const { kind, fields } = typeOf(world, type)!;
  return kind === "object" ? fields.map(({ name }) => fieldOf(world, type, name)!) : fields;
}

function overlap(world: World, one: string, other: string): boolean {
  const names = possibleOf(world, other).map(({ name }) => name);
  return possibleOf(world, one).some(({ name }) => names.includes(name));
}
