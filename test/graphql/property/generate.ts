/** Random documents over the world's schema, as trees that the oracle can walk. */
import fc, { type GeneratorValue } from "fast-check";
import { LIBRARIES, ORGANIZATIONS, TYPES, type Argument, type Level, type Shape } from "./world.js";

export type Value =
  | { readonly kind: "null" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Value>> }
  | { readonly kind: "variable"; readonly name: string };

export interface Variable {
  readonly type: string;
  readonly shape: Shape | "boolean";
  /** In GraphQL and in JSON the same. */
  readonly default?: unknown;
  /** Absent: not sent. */
  readonly sent?: unknown;
}

export interface Condition {
  readonly name: "skip" | "include";
  readonly if: boolean | string;
}

export type Selection = { readonly conditions: readonly Condition[] } & (
  | {
      readonly kind: "field";
      readonly alias: string;
      readonly name: string;
      readonly args: Readonly<Record<string, Value>>;
      readonly selections: readonly Selection[] | null;
    }
  | {
      readonly kind: "inline";
      readonly on: string | null;
      readonly selections: readonly Selection[];
    }
  | { readonly kind: "spread"; readonly fragment: string }
);

export interface Fragment {
  readonly on: string;
  readonly selections: readonly Selection[];
}

export interface Operation {
  readonly kind: "query" | "mutation";
  readonly selections: readonly Selection[];
  readonly fragments: Readonly<Record<string, Fragment>>;
  readonly variables: Readonly<Record<string, Variable>>;
}

export interface Case {
  readonly organizationId: string;
  readonly access: Readonly<Record<string, Level>>;
  readonly operation: Operation;
}

/** One random caller and one random operation. Most name what is within reach, else nothing would ever run. */
export function generateCase(g: GeneratorValue): Case {
  const chance = (percent: number): boolean => g(fc.integer, { min: 1, max: 100 }) <= percent;
  const pick = <T>(...from: readonly T[]): T =>
    from[g(fc.integer, { min: 0, max: from.length - 1 })]!;
  const times = (max: number): number => g(fc.integer, { min: 0, max });

  const organizationId = pick(...ORGANIZATIONS);
  const access: Record<string, Level> = Object.create(null);
  for (const library of LIBRARIES) if (chance(60)) access[library] = pick("read", "write");
  const careless = pick(0, 0, 2, 10, 50);
  const within = Object.keys(access);
  const writable = within.filter((library) => access[library] === "write");

  const fragments: Record<string, Fragment> = {};
  const variables: Record<string, Variable> = {};
  let count = 0;
  const next = (prefix: string): string => `${prefix}${count++}`;

  function idFor(argument: Argument): string {
    if (argument.names === "organization") {
      return chance(careless) ? pick(...ORGANIZATIONS) : organizationId;
    }
    const good = writable.length > 0 && chance(80) ? writable : within;
    return chance(careless) || good.length === 0 ? pick(...LIBRARIES) : pick(...good);
  }

  /** A constant of a shape, as JSON. */
  function constantFor(shape: Shape, argument: Argument, depth: number): unknown {
    if (shape === "id") {
      const id = idFor(argument);
      return id === "5" && chance(50) ? 5 : id;
    }
    if (shape === "where") {
      const where: Record<string, unknown> = { l: constantFor("id", argument, 0) };
      if (depth > 0 && chance(30)) where["not"] = constantFor("where", argument, depth - 1);
      if (depth > 0 && chance(30))
        where["more"] = constantFor({ list: "where" }, argument, depth - 1);
      if (chance(70)) where["place"] = constantFor("id", argument, 0);
      return where;
    }
    if (chance(15)) return constantFor(shape.list, argument, depth); // coerced to a list of one
    const items = Array.from({ length: times(3) + (chance(careless) ? 0 : 1) });
    return items.map(() => constantFor(shape.list, argument, depth));
  }

  function valueOf(json: unknown, argument: Argument, shape: Shape): Value {
    if (shape === "id" && chance(15)) return variableFor("id", argument, json, true);
    if (json === null) return { kind: "null" };
    if (typeof json === "string") return { kind: "text", text: json };
    if (typeof json === "number") return { kind: "number", number: json };
    if (Array.isArray(json)) {
      const inner = (shape as { list: Shape }).list;
      return { kind: "list", items: json.map((item) => valueOf(item, argument, inner)) };
    }
    if (typeof shape === "object") return valueOf(json, argument, shape.list);
    const shapes: Record<string, Shape> = {
      l: "id",
      place: "id",
      not: "where",
      more: { list: "where" },
    };
    return {
      kind: "object",
      fields: Object.fromEntries(
        Object.entries(json as object).map(([name, field]) => [
          name,
          valueOf(field, argument, shapes[name]!),
        ]),
      ),
    };
  }

  /** A variable that may stand where this JSON may; it mostly has this value. */
  function variableFor(shape: Shape, argument: Argument, json: unknown, nonNull: boolean): Value {
    const type = typeOf(shape);
    const other = constantFor(shape, argument, 1);
    const variable: Variable[] = [
      { type: `${type}!`, shape, sent: json },
      { type: `${type}!`, shape, default: other, sent: json },
      { type: `${type}!`, shape, default: json },
      { type, shape, default: json },
      { type, shape, default: other, sent: json },
    ];
    if (!nonNull)
      variable.push({ type, shape, sent: json }, { type, shape, sent: null }, { type, shape });
    const name = next("v");
    variables[name] = pick(...variable);
    return { kind: "variable", name };
  }

  function argumentsFor(args: Readonly<Record<string, Argument>>): Record<string, Value> {
    const values: Record<string, Value> = {};
    for (const [name, argument] of Object.entries(args)) {
      const { nonNull = false, shape } = argument;
      const omissible = !nonNull || argument.default !== undefined;
      const omitted = argument.reachable || argument.default ? 40 : careless;
      if (omissible && chance(omitted)) {
        if (!nonNull && chance(40)) values[name] = { kind: "null" };
        continue;
      }
      const json = constantFor(shape, argument, 2);
      values[name] = chance(35)
        ? variableFor(shape, argument, json, nonNull)
        : valueOf(json, argument, shape);
    }
    return values;
  }

  function conditionsFor(): readonly Condition[] {
    const conditions: Condition[] = [];
    for (const name of ["skip", "include"] as const) {
      if (!chance(12)) continue;
      if (chance(40)) conditions.push({ name, if: pick(true, false) });
      else conditions.push({ name, if: booleanVariable() });
    }
    return conditions;
  }

  function booleanVariable(): string {
    const known = Object.keys(variables).filter((name) => variables[name]!.shape === "boolean");
    if (known.length > 0 && chance(50)) return pick(...known);
    const name = next("b");
    const [sent, byDefault] = [pick(true, false), pick(true, false)];
    variables[name] = chance(50)
      ? { type: "Boolean!", shape: "boolean", sent }
      : { type: "Boolean", shape: "boolean", default: byDefault, ...(chance(50) && { sent }) };
    return name;
  }

  function selectionsFor(
    type: string,
    depth: number,
    usable: readonly string[],
  ): readonly Selection[] {
    return Array.from({ length: times(2) + 1 }, () => selectionFor(type, depth, usable));
  }

  function selectionFor(type: string, depth: number, usable: readonly string[]): Selection {
    const conditions = conditionsFor();
    const fits = usable.filter(
      (name) => fragments[name]!.on === type || (type === "Hall" && fragments[name]!.on === "Room"),
    );
    if (fits.length > 0 && chance(25))
      return { kind: "spread", fragment: pick(...fits), conditions };
    if (depth > 0 && chance(15)) {
      const on =
        type === "Room" || !chance(60) ? null : type === "Hall" ? pick("Hall", "Room") : type;
      return {
        kind: "inline",
        on,
        selections: selectionsFor(on ?? type, depth - 1, usable),
        conditions,
      };
    }
    return { ...fieldFor(type, depth, usable), conditions };
  }

  function fieldFor(type: string, depth: number, usable: readonly string[]): Selection {
    const fields = Object.entries(type === "Room" ? ROOM : TYPES[type]!);
    const simple = fields.filter(([, field]) => field.type === undefined);
    const [name, field] = pick(...(depth > 0 || simple.length === 0 ? fields : simple));
    const selections =
      field.type === undefined
        ? null
        : depth > 0
          ? selectionsFor(field.type, depth - (field.type === "Asset" ? 2 : 1), usable)
          : [
              {
                kind: "field",
                alias: "__typename",
                name: "__typename",
                args: {},
                selections: null,
                conditions: [],
              } as const,
            ];
    // Without conditions and with an alias of its own for each, nothing merges that does not fit.
    return {
      kind: "field",
      alias: next("f"),
      name,
      args: argumentsFor(field.args ?? {}),
      selections,
      conditions: [],
    };
  }

  const names: string[] = [];
  for (const on of ["Hall", "Room", "Query", "Payload", "Query"]) {
    if (!chance(60)) continue;
    const name = next("F");
    fragments[name] = { on, selections: selectionsFor(on, 2, [...names]) };
    names.push(name);
  }
  const kind = pick("query", "query", "mutation" as const);
  const selections = selectionsFor(kind === "query" ? "Query" : "Mutation", 4, names);
  return { organizationId, access, operation: { kind, selections, fragments, variables } };
}

const ROOM = { books: TYPES["Hall"]!["books"]!, hall: TYPES["Hall"]!["hall"]! };

function typeOf(shape: Shape): string {
  if (shape === "id") return "ID";
  if (shape === "where") return "Where";
  return `[${typeOf(shape.list)}!]`;
}
