/** Random fields, covered as `createGuard` requires of the place that they are in. */
import type { Choose } from "./choose.js";
import { SPOTS } from "./data.js";
import {
  coveringArguments,
  holdsLibrary,
  libraryValue,
  optionalLibrary,
  organizationValue,
  saidBy,
} from "./generate-values.js";
import {
  listOf,
  nameOf,
  named,
  possibleOf,
  type Answer,
  type Composite,
  type Field,
  type FieldMark,
  type InputValue,
  type Manner,
  type TypeRef,
  type World,
} from "./schema.js";

/** Whose field is made. */
export interface Owner {
  readonly root: "query" | "mutation" | null;
  /** Its objects are reached only through fields that name the organization. */
  readonly enclosed: boolean;
}

export function fieldsOf(
  choose: Choose,
  world: World,
  owner: Owner,
  prefix: string,
  count: number,
): Field[] {
  return choose.times(count, (i) => fieldOf(choose, world, owner, `${prefix}${i}`));
}

export function leafField(name: string, type: string): Field {
  return {
    name,
    args: [],
    type: named(type),
    marks: [],
    unmarked: false,
    answer: null,
    manner: "plain",
  };
}

/** A field of any kind, covered as its owner requires. */
function fieldOf(choose: Choose, world: World, owner: Owner, name: string): Field {
  const type = resultOf(choose, world);
  const result = nameOf(type);
  const marked = /^(Int|String)$/.test(result) ? false : isAlwaysMarked(world, result);
  const args: InputValue[] = [];
  const marks: FieldMark[] = [];
  const kind = choose.upTo(99);
  if (kind < 45) {
    const canBeReachable = marked && owner.root !== "mutation";
    args.push(...coveringArguments(choose, { ...world, enclosed: owner.enclosed, canBeReachable }));
  } else if (kind < 55) loaded(choose, args, marks);
  else if (kind < 62) selected(choose, args, marks);
  const covered = args.length > 0;
  if (result === "Enclosed" && !args.some(namesOrganization)) args.push(organizationValue(choose));
  if (owner.root === null && !covered && choose.chance(20))
    args.push(organizationOrText(choose, args));
  const isFree = owner.root === "query" && marked && !covered && choose.chance(70);
  const mustAsk = owner.root !== null && !covered && !isFree;
  if (mustAsk || (choose.chance(10) && (covered || args.length === 0 || owner.root !== null))) {
    marks.push({
      kind: "apiKey",
      level: choose.pick([null, null, "read", "write"]),
      said: saidBy(choose),
    });
  }
  const open = args.length === 0 || covered || owner.root !== null;
  if (marked && result !== "Page" && open && keepsPlaces(type) && choose.chance(40)) {
    marks.push({ kind: "positional", said: saidBy(choose) });
  }
  const unmarked = owner.root === null && args.length > 0 && !covered;
  return {
    name,
    args,
    type,
    marks,
    unmarked,
    answer: answerOf(choose, world, type),
    manner: mannerOf(choose),
  };
}

function namesOrganization({ marks }: InputValue): boolean {
  return marks.some(({ names }) => names === "organization");
}

function organizationOrText(choose: Choose, args: readonly InputValue[]): InputValue {
  if (args.length === 0 && choose.chance(50)) return organizationValue(choose);
  return { name: "p", type: named("String"), marks: [] };
}

function loaded(choose: Choose, args: InputValue[], marks: FieldMark[]): void {
  const one = named("ID", choose.chance(70));
  const type = choose.chance(50) ? one : listOf(one, choose.chance(70));
  args.push({ name: "ref", type, marks: [] });
  const level = choose.pick([null, null, "read", "write"] as const);
  marks.push({ kind: "targets", argument: "ref", level, late: choose.chance(50) });
  if (choose.chance(20)) args.push(organizationValue(choose));
}

function selected(choose: Choose, args: InputValue[], marks: FieldMark[]): void {
  const type = choose.chance(50) ? named("ID", true) : listOf(named("ID"), true);
  args.push({ name: "ref", type, marks: [] });
  marks.push({ kind: "withAccess", argument: "ref", level: choose.pick(["read", "write"]) });
}

/** The field of an object that an interface asks for, with more optional arguments and a result of its own. */
export function implementing(choose: Choose, world: World, field: Field): Field {
  const args: InputValue[] = field.args.map((argument) => ({
    ...argument,
    marks: argument.marks.filter(({ said }) => said === "wildcard"),
  }));
  const hadLibrary = field.args.some((argument) => hasLibrary(world, argument));
  const isCovered = hadLibrary || field.marks.some(({ kind }) => /targets|withAccess/.test(kind));
  let unmarked = field.unmarked;
  if (choose.chance(35) && (isCovered || field.marks.length === 0)) {
    const extra = libraryValue(choose, "x");
    args.push({ ...extra, default: extra.default ?? "barcelona", ...plainType(extra) });
    if (choose.chance(30)) args.push(optionalLibrary(choose, "n2"));
    if (!field.args.some(namesOrganization)) args.push(organizationValue(choose, false));
    unmarked = false;
  }
  const type = narrowed(choose, world, field);
  const marks = field.marks.filter(({ kind }) => kind === "withAccess");
  return {
    ...field,
    args,
    type,
    marks,
    unmarked,
    answer: answerOf(choose, world, type),
    manner: mannerOf(choose),
  };
}

/** A default that fits every type. */
function plainType({ type }: InputValue): Partial<InputValue> {
  const name = nameOf(type);
  return name === "Int" ? { type: named("ID", true), default: "5" } : {};
}

function hasLibrary(world: World, { marks, type }: InputValue): boolean {
  return marks.some(({ names }) => names === "library") || holdsLibrary(world.inputs, nameOf(type));
}

/** The type of an interface's field, or one that stands for less. */
function narrowed(choose: Choose, world: World, { type, marks }: Field): TypeRef {
  if ("list" in type || marks.length > 0) return type;
  const possible = world.types.some(({ name }) => name === type.name)
    ? possibleOf(world, type.name)
    : [];
  const name = possible.length > 1 && choose.chance(40) ? choose.pick(possible).name : type.name;
  return named(name, type.nonNull || choose.chance(20));
}

function resultOf(choose: Choose, world: World): TypeRef {
  const kind = choose.upTo(99);
  if (kind < 30) return named(choose.pick(["Int", "String"]), choose.chance(20));
  if (kind < 38) return named(choose.pick([world.query, "Enclosed", "Page"]), choose.chance(30));
  if (kind < 40) return named(world.mutation);
  const inner = world.types.filter(({ name }) => /^(T\d|Thing|Node|Room)$/.test(name));
  const one = named(choose.pick(inner).name, choose.chance(35));
  if (choose.chance(35)) return one;
  const list = listOf(one, choose.chance(25));
  return choose.chance(85) ? list : listOf(list, choose.chance(25));
}

function keepsPlaces(type: TypeRef): boolean {
  if (!("list" in type)) return false;
  return "list" in type.list ? keepsPlaces(type.list) : !type.list.nonNull;
}

export function mannerOf(choose: Choose): Manner {
  return choose.pick([
    "plain",
    "promise",
    "sometimes",
    "sometimes",
    "items",
    "iterable",
    "generator",
  ]);
}

export function answerOf(choose: Choose, world: World, type: TypeRef): Answer {
  if ("list" in type) {
    if (!type.nonNull && choose.chance(3)) return null;
    return choose.times(choose.upTo(6), () => answerOf(choose, world, type.list));
  }
  const possible = world.types.some(({ name }) => name === type.name)
    ? possibleOf(world, type.name)
    : [];
  if (!type.nonNull && choose.chance(5)) return null;
  if (possible.length === 0) return type.name === "Int" ? 1 : "x";
  const { name } = choose.pick(possible);
  return { type: name, spot: name.startsWith("T") ? choose.upTo(SPOTS.length - 1) : 0 };
}

/** Whether a type is marked by itself or by an interface. */
export function isMarked(world: World, { places, implements: above }: Composite): boolean {
  return (
    places.length > 0 ||
    above.some((name) => world.types.find((type) => type.name === name)!.places.length > 0)
  );
}

/** Whether a type is marked whatever its object is. */
export function isAlwaysMarked(world: World, name: string): boolean {
  const possible = possibleOf(world, name);
  return (
    name === "Page" || (possible.length > 0 && possible.every((type) => isMarked(world, type)))
  );
}
