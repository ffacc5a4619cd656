/** Random arguments and input objects, with marks that `createGuard` takes. */
import type { Choose } from "./choose.js";
import { ORGANIZATIONS } from "./data.js";
import {
  listOf,
  nameOf,
  named,
  type Input,
  type InputValue,
  type Json,
  type Level,
  type Said,
  type TypeRef,
  type ValueMark,
  type World,
} from "./schema.js";

const LEAVES = ["ID", "ID", "ID", "String", "Slug", "Int", "LibraryName"];

/** Where an argument is going to be. */
export interface Around {
  readonly organizations: World["organizations"];
  readonly inputs: readonly Input[];
  /** A field above has named the organization. */
  readonly enclosed: boolean;
  /** Its field returns nothing but marked objects, outside mutations. */
  readonly canBeReachable: boolean;
}

export function markOf(
  names: ValueMark["names"],
  said: Said,
  more: Partial<ValueMark> = {},
): ValueMark {
  return { names, level: null, whenOmitted: null, said, ...more };
}

export function saidBy(choose: Choose): Said {
  return choose.chance(70) ? "sdl" : "rule";
}

function levelBy(choose: Choose): Level | null {
  return choose.pick<Level | null>([null, null, null, null, "read", "write"]);
}

function constantOf(choose: Choose, type: TypeRef): Json {
  if ("list" in type) return choose.times(1 + choose.upTo(1), () => constantOf(choose, type.list));
  if (type.name === "Int") return choose.pick([5, 7]);
  if (type.name === "OrganizationName") return choose.pick(ORGANIZATIONS);
  return choose.pick(["barcelona", "barcelona", "lisbon", "constructor"]);
}

/** A marked value of a random type. */
export function libraryValue(choose: Choose, name: string): InputValue {
  const leaf = named(choose.pick(LEAVES), choose.chance(60));
  const list = (of: TypeRef): TypeRef => listOf(of, choose.chance(60));
  const type = choose.pick([() => leaf, () => leaf, () => list(leaf), () => list(list(leaf))])();
  const marks = [markOf("library", saidBy(choose), { level: levelBy(choose) })];
  if (choose.chance(8)) {
    marks.push(markOf("library", "rule", { level: choose.pick(["read", "write"]) }));
  }
  const isSingle = "list" in type && choose.chance(30); // a single value where a list is due
  const fallback = isSingle ? constantOf(choose, type.list) : constantOf(choose, type);
  return { name, type, marks, ...(choose.chance(25) && { default: fallback }) };
}

/** A value that may be left out beside another that may not. */
export function optionalLibrary(choose: Choose, name: string): InputValue {
  const type = choose.pick([named("ID"), listOf(named("ID", true)), named("LibraryName")]);
  const mark = markOf("library", saidBy(choose), { whenOmitted: "none", level: levelBy(choose) });
  return { name, type, marks: [mark] };
}

/** Left out, the resolver gets what is within reach. */
function reachableLibraries(choose: Choose, name: string): InputValue {
  const type = listOf(named(choose.pick(["ID", "String"]), choose.chance(70)));
  const mark = markOf("library", saidBy(choose), {
    whenOmitted: "reachable",
    level: levelBy(choose),
  });
  return { name, type, marks: [mark] };
}

/** A value that names the organization, whatever a request leaves out. */
export function organizationValue(choose: Choose, canBeRequired = true): InputValue {
  const mark = markOf("organization", saidBy(choose));
  const byDefault = { default: choose.pick(ORGANIZATIONS) };
  const required: readonly InputValue[] = [
    { name: "o", type: named("ID", true), marks: [mark] },
    { name: "o", type: named("String", true), marks: [mark] },
    { name: "o", type: named("OrganizationName", true), marks: [mark] },
    { name: "o", type: listOf(named("ID", true), true), marks: [mark] },
    {
      name: "anyOrganization",
      type: named("ID", true),
      marks: [markOf("organization", "wildcard")],
    },
  ];
  const optional: readonly InputValue[] = [
    { name: "o", type: named("ID"), marks: [{ ...mark, whenOmitted: "callers" }] },
    { name: "o", type: named("ID", true), marks: [mark], ...byDefault },
    { name: "o", type: named("ID"), marks: [mark], ...byDefault },
  ];
  return choose.pick(canBeRequired ? [...required, ...required, ...optional] : optional);
}

/** Arguments that name libraries, with their organization where one is needed. */
export function coveringArguments(choose: Choose, around: Around): InputValue[] {
  const { organizations, inputs, enclosed, canBeReachable } = around;
  const args: InputValue[] = [];
  const marked = inputs.filter(({ name }) => holdsLibrary(inputs, name));
  for (let i = 0; i <= choose.upTo(1); i++) {
    const kind = choose.upTo(9);
    if (kind <= 2 && marked.length > 0) {
      args.push(inputArgument(choose, choose.pick(marked), `w${i}`));
    } else if (kind <= 5 && canBeReachable) args.push(reachableLibraries(choose, `r${i}`));
    else if (kind === 6 && i === 0) {
      const mark = markOf("library", "wildcard");
      args.push({ name: "anyLibrary", type: named("ID", true), marks: [mark] });
    } else args.push(libraryValue(choose, `l${i}`));
  }
  if (choose.chance(20)) args.push(optionalLibrary(choose, "n"));
  if (choose.chance(15)) args.push({ name: "p", type: named("String"), marks: [] });
  const isNamed = args.every(({ type }) =>
    inputs.some((input) => input.name === nameOf(type) && hasOrganization(input)),
  );
  const isFree = organizations !== "named" || enclosed || isNamed;
  if (!isFree || choose.chance(30)) args.push(organizationValue(choose));
  return choose.chance(50) ? args : args.reverse();
}

function inputArgument(choose: Choose, input: Input, name: string): InputValue {
  const one = named(input.name, choose.chance(60));
  const type = choose.chance(60) ? one : listOf(one, choose.chance(60));
  return { name, type, marks: [], ...inputDefault(choose, input) };
}

/** `= {}`, or `= {l0: …}`: fields with defaults of their own are left out. */
function inputDefault(choose: Choose, { oneOf, fields }: Input): { default?: Json } {
  if (oneOf || !choose.chance(15)) return {};
  const given = fields.filter(
    (field) => field.type.nonNull && (field.default === undefined || choose.chance(50)),
  );
  if (given.some(({ type }) => !/^(ID|String|Slug|Int|LibraryName)$/.test(nameOf(type)))) return {};
  const entries = given.map(
    ({ name, type }) =>
      [name, name === "o" ? choose.pick(ORGANIZATIONS) : constantOf(choose, type)] as const,
  );
  return { default: Object.fromEntries(entries) };
}

/** Whether a request that gives the object names an organization in it, too. */
export function hasOrganization({ oneOf, fields }: Input): boolean {
  return !oneOf && fields.some(({ marks }) => marks.some(({ names }) => names === "organization"));
}

/** Whether a library is marked in an input type, at any depth. */
export function holdsLibrary(
  inputs: readonly Input[],
  name: string,
  seen = new Set<string>(),
): boolean {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined || seen.has(name)) return false;
  seen.add(name);
  return input.fields.some(
    ({ marks, type }) =>
      marks.some(({ names }) => names === "library") || holdsLibrary(inputs, nameOf(type), seen),
  );
}

/** Input types that refer to themselves and each other, one of them a `@oneOf`. */
export function generateInputs(choose: Choose): Input[] {
  const names = ["Where", "Other"].slice(0, 1 + choose.upTo(1));
  const inputs: Input[] = names.map((name, i) => ({
    name,
    oneOf: false,
    fields: inputFields(choose, i === 0 ? names : [name]),
  }));
  if (choose.chance(50)) inputs.push(oneOfInput(choose));
  return inputs;
}

function inputFields(choose: Choose, names: readonly string[]): InputValue[] {
  const fields: InputValue[] = [libraryValue(choose, "l0")];
  if (choose.chance(30)) fields.push(libraryValue(choose, "l1"));
  if (choose.chance(25)) fields.push(optionalLibrary(choose, "n"));
  if (choose.chance(30)) {
    const mark = markOf("library", "wildcard");
    fields.push({
      name: "anyLibrary",
      type: named("ID", true),
      marks: [mark],
      default: "barcelona",
    });
  }
  if (choose.chance(50)) {
    const mark = markOf("organization", saidBy(choose));
    fields.push({
      name: "o",
      type: named(choose.pick(["ID", "OrganizationName"]), true),
      marks: [mark],
    });
  }
  if (choose.chance(40)) fields.push({ name: "not", type: named(choose.pick(names)), marks: [] });
  if (choose.chance(40)) {
    const type = listOf(named(choose.pick(names), choose.chance(60)));
    fields.push({ name: "more", type, marks: [] });
  }
  if (choose.chance(30)) fields.push({ name: "p", type: named("String"), marks: [] });
  return fields;
}

function oneOfInput(choose: Choose): Input {
  const mark = () => markOf("library", saidBy(choose), { level: levelBy(choose) });
  return {
    name: "Choice",
    oneOf: true,
    fields: [
      { name: "l2", type: named("ID"), marks: [mark()] },
      { name: "l3", type: listOf(named("ID", true)), marks: [mark()] },
      { name: "where", type: named("Where"), marks: [] },
      { name: "text", type: named("String"), marks: [], unmarked: true },
    ],
  };
}
