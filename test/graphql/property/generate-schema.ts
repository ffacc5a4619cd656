/** Random schemas that `createGuard` takes. */
import {
  answerOf,
  fieldsOf,
  implementing,
  isAlwaysMarked,
  isMarked,
  leafField,
  mannerOf,
  type Owner,
} from "./generate-fields.js";
import type { Choose } from "./choose.js";
import { generateInputs, saidBy } from "./generate-values.js";
import { listOf, named, type Composite, type Field, type Place, type World } from "./schema.js";

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
