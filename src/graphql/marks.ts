import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type ConstDirectiveNode,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import { createPut, type Put } from "./coordinates.js";
import type { FieldRule, InLibraryRule, Rule, ValueRule } from "./rules.js";
import { ownDirectives, ruleOf } from "./sdl.js";

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

/** Something that SDL may have defined, or code. */
interface Marked {
  readonly astNode?: Definition | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

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
  const unread: [coordinate: string, name: string][] = [];
  const read = (coordinate: string, { astNode, extensions }: Marked): void => {
    readNode(coordinate, astNode);
    for (const name of namesIn(extensions?.["directives"])) {
      if (directives.has(name)) unread.push([coordinate, name]);
    }
  };
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
  for (const [coordinate, name] of unread) {
    if (isMarked(marks, coordinate)) continue;
    problem(
      coordinate,
      `has @${name} in its extensions, which are not read: write it in the rules`,
    );
  }
  // Last, because they give way to every rule of a coordinate of its own.
  for (const [coordinate, list] of wildcards) spread(schema, marks, coordinate, list, put, problem);
  return marks;
}

/** The directives that code-first tools keep beside a definition: by name, or in a list. */
function namesIn(directives: unknown): readonly string[] {
  if (typeof directives !== "object" || directives === null) return [];
  if (!Array.isArray(directives)) return Object.keys(directives);
  return directives.map((each) => String((each as { readonly name?: unknown } | null)?.name));
}

/** Whether a coordinate has a mark or a rule of its own. */
function isMarked(marks: Marks, coordinate: string): boolean {
  return Object.values(marks).some((each: Marks[keyof Marks]) => each.has(coordinate));
}

/** The types of a schema without those of introspection. */
export function userTypes(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
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
