/** Random arguments and variables of a document. */
import type { Choose } from "./choose.js";
import {
  constantFor,
  type About,
  type Caller,
  type Careless,
  type Constant,
} from "./generate-requests.js";
import type { Value, Variable } from "./operation.js";
import { literalOf } from "./print.js";
import {
  inputOf,
  nameOf,
  named,
  type Field,
  type InputValue,
  type Json,
  type TypeRef,
  type World,
} from "./schema.js";

/** Makes what a request may send for a variable. */
export type Send = (constant: Constant) => Json | undefined;

const NAMES = ["constructor", "toString", "hasOwnProperty"];

/** What makes the arguments of one document, and what they left behind. */
export interface Inputs {
  readonly variables: Record<string, Variable>;
  /** By variable. */
  readonly sends: Map<string, Send>;
  argumentsFor(field: Field): Record<string, Value>;
  /** For a condition. */
  booleanVariable(): { variable: string };
}

export function inputsBy(
  choose: Choose,
  world: World,
  caller: Caller,
  careless: Careless,
  next: (prefix: string) => string,
): Inputs {
  const variables: Record<string, Variable> = {};
  const sends = new Map<string, Send>();
  const constant = constantFor(choose, world, caller, careless);

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
      if (byDefault !== undefined || careless())
        kinds.push(() => define({ type: nullable }, maybe));
      if (careless(1 / 4)) return define({ type: nullable }, () => null);
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
      if (canOmit && (isSafe ? choose.chance(40) : careless())) {
        if (!argument.type.nonNull && (isOptional ? choose.chance(40) : careless()))
          values[argument.name] = { kind: "null" };
        continue;
      }
      values[argument.name] = choose.chance(35)
        ? variableFor(argument.type, about, argument.default, false)
        : valueOf(constant(argument.type, about), argument.type, about);
    }
    return values;
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

  return { variables, sends, argumentsFor, booleanVariable };
}

function aboutOf({ name, marks }: InputValue, isLoaded: boolean): About {
  if (isLoaded && name === "ref") return "ref";
  return marks[0]?.names ?? "text";
}
