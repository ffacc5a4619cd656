import {
  buildSchema,
  getDirectiveValues,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type ConstDirectiveNode,
  type DirectiveNode,
  type GraphQLDirective,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { kindOf, quote } from "../core/check.js";
import type { Level } from "../core/access.js";
import { accessDirectives } from "./directives.js";
import {
  apiKey,
  inLibrary,
  library,
  namespace,
  organization,
  positional,
  unmarked,
  type FieldRule,
  type InLibraryRule,
  type Rule,
  type ValueRule,
} from "./rules.js";

/** Every rule of a schema by its coordinate, from SDL and from code alike. */
export interface Marks {
  /** `Type.field(argument:)` */
  readonly arguments: Map<string, ValueRule[]>;
  /** `Input.field` */
  readonly inputFields: Map<string, ValueRule[]>;
  /** `Type.field` */
  readonly fields: Map<string, FieldRule[]>;
  /** `Type` */
  readonly types: Map<string, InLibraryRule[]>;
  /** Any coordinate → why it has no target. */
  readonly unmarked: Map<string, string>;
}

/** A place where something is missing or wrong, and what to write there. */
export type Problem = (coordinate: string, remedy: string) => void;

/** The definition of something in SDL. */
interface Definition {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** Something that SDL may have defined. */
interface Marked {
  readonly astNode?: Definition | null | undefined;
}

const DIRECTIVES = [
  "apiKey",
  "organization",
  "library",
  "inLibrary",
  "namespace",
  "positional",
  "unmarked",
];

/** Gathers the rules of a schema. What does not fit is a problem, never passed over. */
export function collectMarks(
  schema: GraphQLSchema,
  rules: Readonly<Record<string, unknown>>,
  problem: Problem,
): Marks {
  const marks: Marks = {
    arguments: new Map(),
    inputFields: new Map(),
    fields: new Map(),
    types: new Map(),
    unmarked: new Map(),
  };
  const put = createPut(schema, marks, problem);
  const directives = ownDirectives(schema, problem);
  const readNode = (coordinate: string, node: Definition | null | undefined): void => {
    for (const directive of node?.directives ?? []) {
      const definition = directives.get(directive.name.value);
      const rule = definition && ruleOf(directive, definition, coordinate, problem);
      if (rule) put(coordinate, rule);
    }
  };
  const read = (coordinate: string, { astNode }: Marked): void => readNode(coordinate, astNode);
  for (const type of userTypes(schema)) {
    read(type.name, type as Marked);
    for (const extension of type.extensionASTNodes) readNode(type.name, extension);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields()))
        read(`${type.name}.${field.name}`, field);
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        read(coordinate, field);
        for (const argument of field.args) read(`${coordinate}(${argument.name}:)`, argument);
      }
    }
  }
  const wildcards: [string, readonly unknown[]][] = [];
  for (const [coordinate, given] of Object.entries(rules)) {
    const list: unknown[] = Array.isArray(given) ? given : [given];
    if (list.length === 0) problem(coordinate, "has no rule: write one");
    if (coordinate.startsWith("*")) wildcards.push([coordinate, list]);
    else for (const rule of list) put(coordinate, rule as Rule);
  }
  // Last, because they give way to every rule of a coordinate of its own.
  for (const [coordinate, list] of wildcards) spread(schema, marks, coordinate, list, put, problem);
  return marks;
}

/** The types of a schema without those of introspection. */
export function userTypes(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
}

/** Where our directives are defined, once somebody has asked. */
let definitions: GraphQLSchema | undefined;

/** Our directives by name, as this package defines them, unless the schema means something else by the name. */
function ownDirectives(schema: GraphQLSchema, problem: Problem): Map<string, GraphQLDirective> {
  definitions ??= buildSchema(`type Query { _: Int } ${accessDirectives}`, { assumeValid: true });
  const own = new Map<string, GraphQLDirective>();
  for (const name of DIRECTIVES) {
    const definition = definitions.getDirective(name)!;
    own.set(name, definition);
    const theirs = schema.getDirective(name);
    if (theirs && signature(theirs) !== signature(definition)) {
      problem(`@${name}`, "is defined in another way: take the definitions from accessDirectives");
    }
  }
  return own;
}

function signature(directive: GraphQLDirective): string {
  const parameters = directive.args.map(({ name, type, defaultValue }) => {
    const fallback = JSON.stringify(defaultValue ?? null);
    return `${name}: ${String(type)} = ${fallback}`;
  });
  return `${parameters.sort().join(", ")} on ${[...directive.locations].sort().join(" | ")}`;
}

/** The rule that a directive in SDL stands for. */
function ruleOf(
  node: DirectiveNode,
  definition: GraphQLDirective,
  coordinate: string,
  problem: Problem,
): Rule | null {
  try {
    const values = getDirectiveValues(definition, { directives: [node] })!;
    const lower = (name: string): object => {
      const word = values[name];
      return typeof word === "string" ? { [name]: word.toLowerCase() as Level } : {};
    };
    switch (definition.name) {
      case "apiKey":
        return apiKey(lower("level"));
      case "organization":
        return organization(lower("whenOmitted"));
      case "library":
        return library({ ...lower("level"), ...lower("whenOmitted") });
      case "namespace":
        return namespace();
      case "positional":
        return positional();
      case "unmarked":
        return unmarked(values.why as string);
      default:
        return inLibrary(given(values) as { organization?: string; id: string });
    }
  } catch (error) {
    const { message } = error as Error;
    problem(coordinate, `has a wrong @${definition.name}: ${message}`);
    return null;
  }
}

/** Without the arguments that are null, which is as if they were left out. */
function given(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

type Put = (coordinate: string, rule: Rule) => void;

const COORDINATE = /^([_A-Za-z]\w*)(?:\.([_A-Za-z]\w*)(?:\(([_A-Za-z]\w*):\))?)?$/;
const VALUE_KINDS = ["organization", "library"];
const FIELD_KINDS = ["apiKey", "targets", "namespace", "positional"];

/** Makes the function that puts a rule where it belongs, if its coordinate exists and is of the right kind. */
function createPut(schema: GraphQLSchema, marks: Marks, problem: Problem): Put {
  return function put(coordinate, rule) {
    const kind: unknown = (rule as Partial<Rule> | null)?.kind;
    if (coordinate.startsWith("@")) {
      if (!schema.getDirective(coordinate.slice(1))) problem(coordinate, "does not exist");
      else add(marks, "unmarked", coordinate, rule, kind, ["unmarked"], problem);
      return;
    }
    const [, typeName, member, argument] = COORDINATE.exec(coordinate) ?? [];
    if (typeName === undefined) return problem(coordinate, "is no schema coordinate");
    const type = schema.getType(typeName);
    if (type === undefined) {
      return problem(coordinate, `does not exist: the schema has no type ${typeName}`);
    }
    if (member === undefined) {
      if (isInterfaceType(type)) {
        for (const object of implementors(schema, type)) put(object.name, rule);
      } else if (isObjectType(type)) {
        add(marks, "types", coordinate, rule, kind, ["inLibrary"], problem);
      } else problem(coordinate, "is no object type or interface: mark those");
      return;
    }
    if (isInputObjectType(type)) {
      if (argument !== undefined || !Object.hasOwn(type.getFields(), member)) {
        problem(coordinate, "does not exist");
      } else add(marks, "inputFields", coordinate, rule, kind, VALUE_KINDS, problem);
      return;
    }
    const isOutput = isObjectType(type) || isInterfaceType(type);
    const field = isOutput && Object.hasOwn(type.getFields(), member) && type.getFields()[member];
    const exists = field && (!argument || field.args.some(({ name }) => name === argument));
    if (!exists) return problem(coordinate, "does not exist");
    if (isInterfaceType(type)) {
      const rest = coordinate.slice(typeName.length);
      for (const object of implementors(schema, type)) put(object.name + rest, rule);
    } else if (argument === undefined) {
      add(marks, "fields", coordinate, rule, kind, FIELD_KINDS, problem);
    } else add(marks, "arguments", coordinate, rule, kind, VALUE_KINDS, problem);
  };
}

/** What is said of an interface binds whatever implements it. */
function implementors(
  schema: GraphQLSchema,
  type: GraphQLInterfaceType,
): readonly GraphQLObjectType[] {
  return schema.getImplementations(type).objects;
}

function add(
  marks: Marks,
  where: keyof Marks,
  coordinate: string,
  rule: Rule,
  kind: unknown,
  kinds: readonly string[],
  problem: Problem,
): void {
  const lists = marks[where] as Map<string, Rule[]>;
  if (kind === "unmarked") {
    if (where !== "unmarked" && lists.has(coordinate)) {
      problem(coordinate, "is marked and unmarked: leave one of them out");
    } else marks.unmarked.set(coordinate, (rule as { why: string }).why);
    return;
  }
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    const given = typeof kind === "string" ? quote(kind) : kindOf(rule);
    problem(coordinate, `has a rule that does not fit, ${given}: write ${kinds.join("() or ")}()`);
    return;
  }
  if (marks.unmarked.has(coordinate)) {
    problem(coordinate, "is marked and unmarked: leave one of them out");
  }
  const list = lists.get(coordinate);
  if (list) list.push(rule);
  else lists.set(coordinate, [rule]);
}

/** Puts the rules of `*(name:)` on every argument and input field of the name that has none of its own. */
function spread(
  schema: GraphQLSchema,
  marks: Marks,
  wildcard: string,
  rules: readonly unknown[],
  put: Put,
  problem: Problem,
): void {
  const name = /^\*\(([_A-Za-z]\w*):\)$/.exec(wildcard)?.[1];
  if (name === undefined) return problem(wildcard, 'is no schema coordinate: write "*(name:)"');
  const coordinates: string[] = [];
  for (const type of userTypes(schema)) {
    if (isInputObjectType(type)) {
      if (Object.hasOwn(type.getFields(), name)) coordinates.push(`${type.name}.${name}`);
    } else if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (field.args.some((argument) => argument.name === name)) {
          coordinates.push(`${type.name}.${field.name}(${name}:)`);
        }
      }
    }
  }
  if (coordinates.length === 0) problem(wildcard, "names nothing in the schema");
  const own = (coordinate: string): boolean =>
    marks.arguments.has(coordinate) ||
    marks.inputFields.has(coordinate) ||
    marks.unmarked.has(coordinate);
  for (const coordinate of coordinates.filter((found) => !own(found))) {
    for (const rule of rules) put(coordinate, rule as Rule);
  }
}
