/** Random schemas that `createGuard` takes. */
import type { Choose } from "./choose.js";
import { SPOTS } from "./data.js";
import {
  coveringArguments,
  generateInputs,
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
  type Place,
  type TypeRef,
  type World,
} from "./schema.js";

/** Whose field is made. */
interface Owner {
  readonly root: "query" | "mutation" | null;
  /** Its objects are reached only through fields that name the organization. */
  readonly enclosed: boolean;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };
interface DraftType extends Draft<Composite> {
  fields: Field[];
}

const INNER: Owner = { root: null, enclosed: false };

export function generateWorld(choose: Choose): World {
  const organizations = choose.pick(["named", "named", "callers", "global"] as const);
  const types: DraftType[] = [];
  const world: World = {
    types,
    inputs: generateInputs(choose),
    query: choose.pick(["Query", "Reading"]),
    mutation: choose.pick(["Mutation", "Writing"]),
    organizations,
    introspection: choose.pick(["callers", "callers", "none"]),
    typesBy: choose.pick(["typename", "resolveType", "resolveTypeLate", "isTypeOf"]),
  };
  addTypes(choose, world, types);
  const byName = (name: string): DraftType => types.find((type) => type.name === name)!;
  for (const type of types.filter(({ kind }) => kind === "interface")) {
    type.fields = fieldsOf(choose, world, INNER, `${type.name.toLowerCase()}f`, 1 + choose.upTo(1));
  }
  for (const type of types.filter(({ name }) => /^(T\d|Enclosed)$/.test(name))) {
    const owner = { root: null, enclosed: type.name === "Enclosed" };
    type.fields.push(leafField("key", "String"));
    for (const name of type.implements) {
      for (const field of byName(name).fields) type.fields.push(implementing(choose, world, field));
    }
    type.fields.push(...fieldsOf(choose, world, owner, "f", 1 + choose.upTo(2)));
  }
  byName("Page").fields = pageFields(choose, world);
  addRoot(choose, world, byName(world.query), "query");
  addRoot(choose, world, byName(world.mutation), "mutation");
  for (const type of types) {
    if (/^T\d$/.test(type.name)) type.unmarked = !isMarked(world, type);
  }
  return world;
}

/** The types without their fields. */
function addTypes(choose: Choose, world: World, types: DraftType[]): void {
  const add = (kind: Composite["kind"], name: string, more: Partial<DraftType> = {}): void => {
    const rest = { fields: [], implements: [], members: [], places: [], unmarked: false };
    types.push({ kind, name, ...rest, ...more });
  };
  const interfaces = ["Node", "Room"].slice(0, choose.upTo(2));
  for (const name of interfaces) {
    add("interface", name, choose.chance(30) ? { places: [placeOf(choose, world)] } : {});
  }
  const names = ["T0", "T1", "T2", "T3"].slice(0, 2 + choose.upTo(2));
  for (const [i, name] of names.entries()) {
    const above = interfaces.filter((_, j) => i === j || choose.chance(40));
    const places = i === 0 || choose.chance(50) ? [placeOf(choose, world)] : [];
    if (places.length > 0 && choose.chance(15)) {
      places.push({ ...placeOf(choose, world), said: "rule" });
    }
    add("object", name, { implements: above, places });
  }
  if (choose.chance(60)) {
    add("union", "Thing", {
      members: names.filter((name, i) => i === 0 || choose.chance(50) || !name),
    });
  }
  add("object", "Enclosed");
  add("object", "Page");
  add("object", world.query);
  add("object", world.mutation);
}

function placeOf(choose: Choose, { organizations }: World): Place {
  const [o, l] = choose.pick([
    ["o", "l"],
    ["o", "m"],
    ["at.o", "at.l"],
    ["where.o", "where.l"],
  ]) as [string, string];
  const isOwn = organizations !== "named" && choose.chance(50);
  return { organization: isOwn ? null : o, id: l, said: saidBy(choose) };
}

function isMarked(world: World, { places, implements: above }: Composite): boolean {
  return (
    places.length > 0 ||
    above.some((name) => world.types.find((type) => type.name === name)!.places.length > 0)
  );
}

/** Whether a type is marked whatever its object is. */
function isAlwaysMarked(world: World, name: string): boolean {
  const possible = possibleOf(world, name);
  return (
    name === "Page" || (possible.length > 0 && possible.every((type) => isMarked(world, type)))
  );
}

function fieldsOf(
  choose: Choose,
  world: World,
  owner: Owner,
  prefix: string,
  count: number,
): Field[] {
  return choose.times(count, (i) => fieldOf(choose, world, owner, `${prefix}${i}`));
}

function leafField(name: string, type: string): Field {
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
function implementing(choose: Choose, world: World, field: Field): Field {
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
  const one = named(choose.pick(inner).name, choose.chance(25));
  if (choose.chance(35)) return one;
  const list = listOf(one, choose.chance(25));
  return choose.chance(85) ? list : listOf(list, choose.chance(25));
}

function keepsPlaces(type: TypeRef): boolean {
  if (!("list" in type)) return false;
  return "list" in type.list ? keepsPlaces(type.list) : !type.list.nonNull;
}

function mannerOf(choose: Choose): Manner {
  return choose.pick(["plain", "plain", "promise", "items", "iterable", "generator"]);
}

function answerOf(choose: Choose, world: World, type: TypeRef): Answer {
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

function pageFields(choose: Choose, world: World): Field[] {
  const marked = world.types.filter(
    ({ name }) => /^(T\d|Thing|Node|Room)$/.test(name) && isAlwaysMarked(world, name),
  );
  const type = listOf(named(choose.pick(marked).name, choose.chance(50)), choose.chance(50));
  const hits: Field = {
    ...leafField("hits", "Int"),
    type,
    answer: answerOf(choose, world, type),
    manner: mannerOf(choose),
  };
  return [hits, leafField("count", "Int"), leafField("cursor", "String")];
}

/** The fields of a root, and those of a namespace below it. */
function addRoot(choose: Choose, world: World, type: DraftType, root: "query" | "mutation"): void {
  const owner = { root, enclosed: false };
  type.fields = fieldsOf(choose, world, owner, "f", 3 + choose.upTo(2));
  if (!choose.chance(30)) return;
  const name = root === "query" ? "ReadSpace" : "WriteSpace";
  (world.types as DraftType[]).push({
    kind: "object",
    name,
    fields: fieldsOf(choose, world, owner, "f", 1 + choose.upTo(1)),
    implements: [],
    members: [],
    places: [],
    unmarked: false,
  });
  type.fields.push({
    ...leafField("space", name),
    marks: [{ kind: "namespace", said: saidBy(choose) }],
    answer: { type: name, spot: 0 },
  });
}
