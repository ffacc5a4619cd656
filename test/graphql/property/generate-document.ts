/** Random documents over a random schema, and the requests that are made with them. */
import { inputsBy, type Send } from "./generate-inputs.js";
import type { Choose } from "./choose.js";
import {
  carelessBy,
  constantFor,
  generateCaller,
  neighbourOf,
  type Caller,
  type Careless,
} from "./generate-requests.js";
import type {
  Condition,
  Document,
  FieldSelection,
  Fragment,
  Operation,
  Request,
  Selection,
} from "./operation.js";
import { fieldOf } from "./oracle.js";
import { nameOf, possibleOf, typeOf, type Field, type Json, type World } from "./schema.js";

/** A document and the requests for it. */
export interface Asked {
  readonly document: Document;
  readonly requests: readonly Request[];
}

export function generateAsked(choose: Choose, world: World, count: number): Asked {
  const caller = generateCaller(choose);
  const careless = carelessBy(choose);
  const { document, sends } = generateDocument(choose, world, caller, careless());
  const requests = choose.times(count, (i) => {
    const who = i === 0 || choose.chance(40) ? caller : neighbourOf(choose, caller);
    return requestOf(choose, world, document, sends, who, careless());
  });
  return { document, requests };
}

function requestOf(
  choose: Choose,
  world: World,
  { operations, variables }: Document,
  sends: ReadonlyMap<string, Send>,
  caller: Caller,
  careless: Careless,
): Request {
  const constant = constantFor(choose, world, caller, careless);
  const sent: Record<string, Json | undefined> = {};
  for (const [name, { type }] of Object.entries(variables)) {
    const value = sends.get(name)!(constant);
    // Executors disagree on a condition that is null.
    if (nameOf(type) !== "Boolean" && careless(1 / 10))
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
  careless: Careless,
): { document: Document; sends: Map<string, Send> } {
  const fragments: Record<string, Fragment> = {};
  const conflicts = choose.chance(3);
  let count = 0;
  const next = (prefix: string): string => `${prefix}${count++}`;
  const inputs = inputsBy(choose, world, caller, careless, next);
  const { variables, sends, argumentsFor, booleanVariable } = inputs;

  function conditions(): readonly Condition[] {
    return (["skip", "include"] as const).flatMap((name) => {
      if (!choose.chance(8)) return [];
      return [{ name, if: choose.chance(40) ? choose.chance(50) : booleanVariable() }];
    });
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
    const isRoot = type === world.query && choose.chance(50);
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

/** The fields of a type with the marks that interfaces add: to name what is within reach, generators have to know. */
function fieldsOn(world: World, type: string): readonly Field[] {
  const { kind, fields } = typeOf(world, type)!;
  return kind === "object" ? fields.map(({ name }) => fieldOf(world, type, name)!) : fields;
}

function overlap(world: World, one: string, other: string): boolean {
  const names = possibleOf(world, other).map(({ name }) => name);
  return possibleOf(world, one).some(({ name }) => names.includes(name));
}
