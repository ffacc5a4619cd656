/** Coercion, as the GraphQL specification has it; what does not fit throws. */
import type { Document, Request, Value } from "./operation.js";
import { inputOf, type InputValue, type Json, type TypeRef, type World } from "./schema.js";

type Args = Readonly<Record<string, unknown>>;

const UNFIT = new Error("does not fit");

/** The variables that a request ends up with. */
export function coerceVariables(world: World, { variables }: Document, request: Request): Args {
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
export function coerceArguments(
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
