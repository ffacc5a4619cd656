import {
  buildSchema,
  getDirectiveValues,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type ConstDirectiveNode,
  type DirectiveNode,
  type GraphQLDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import { kindOf, quote } from "../core/check.js";
import type { Level } from "../core/access.js";
import { accessDirectives } from "./directives.js";
import {
  apiKey,
  inLibrary,
  library,
  organization,
  type ApiKeyRule,
  type InLibraryRule,
  type LibraryRule,
  type OrganizationRule,
  type Rule,
} from "./rules.js";

/** A rule about a value that a client gives. */
export type ValueRule = OrganizationRule | LibraryRule;

/** Every rule of a schema by its coordinate, from SDL and from code alike. */
export interface Marks {
  /** `Type.field(argument:)` */
  readonly arguments: Map<string, ValueRule[]>;
  /** `Input.field` */
  readonly inputFields: Map<string, ValueRule[]>;
  /** `Type.field` */
  readonly fields: Map<string, ApiKeyRule[]>;
  /** `Type` */
  readonly types: Map<string, InLibraryRule[]>;
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
  };
  const directives = ownDirectives(schema, problem);
  const add = (coordinate: string, rule: Rule): void =>
    addRule(schema, marks, coordinate, rule, problem);

  const read = (coordinate: string, owner: Marked, extensions: readonly Definition[] = []) => {
    for (const node of [owner.astNode, ...extensions]) {
      for (const directive of node?.directives ?? []) {
        const rule = ruleOf(directive, directives, coordinate, problem);
        if (rule) add(coordinate, rule);
      }
    }
  };

  for (const type of userTypes(schema)) {
    read(type.name, type as Marked, type.extensionASTNodes as readonly Definition[]);
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
  for (const [coordinate, given] of Object.entries(rules)) {
    const list: unknown[] = Array.isArray(given) ? given : [given];
    if (list.length === 0) problem(coordinate, "has no rule: write one");
    for (const rule of list) add(coordinate, rule as Rule);
  }
  return marks;
}

/** The types of a schema without those of introspection. */
export function userTypes(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
}

/** Our directives by name, as this package defines them, unless the schema means something else by the name. */
function ownDirectives(schema: GraphQLSchema, problem: Problem): Map<string, GraphQLDirective> {
  const definitions = buildSchema(`type Query { _: Int } ${accessDirectives}`, {
    assumeValid: true,
  });
  const own = new Map<string, GraphQLDirective>();
  for (const name of ["apiKey", "organization", "library", "inLibrary"]) {
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
  const parameters = directive.args.map((argument) => `${argument.name}: ${String(argument.type)}`);
  return `${parameters.sort().join(", ")} on ${[...directive.locations].sort().join(" | ")}`;
}

/** The arguments of our directives. */
interface Arguments {
  readonly level?: "READ" | "WRITE" | null;
  readonly whenOmitted?: "REACHABLE" | "CALLERS" | "NONE" | null;
  readonly organization?: string | null;
  readonly id: string;
}

function ruleOf(
  node: DirectiveNode,
  directives: Map<string, GraphQLDirective>,
  coordinate: string,
  problem: Problem,
): Rule | null {
  const name = node.name.value;
  const definition = directives.get(name);
  if (definition === undefined) return null;
  try {
    const values = getDirectiveValues(definition, { directives: [node] });
    return createRule(name, values as unknown as Arguments);
  } catch (error) {
    problem(coordinate, `has a wrong @${name}: ${(error as Error).message}`);
    return null;
  }
}

function createRule(
  name: string,
  { level, whenOmitted, organization: owner, id }: Arguments,
): Rule {
  const options = level ? { level: level.toLowerCase() as Level } : {};
  if (whenOmitted && (whenOmitted !== "REACHABLE" || name !== "library")) {
    throw new RangeError(`whenOmitted: ${whenOmitted} is not built yet there, leave it out`);
  }
  switch (name) {
    case "apiKey":
      return apiKey(options);
    case "organization":
      return organization();
    case "library":
      return library(whenOmitted ? { ...options, whenOmitted: "reachable" } : options);
    default:
      return inLibrary(
        owner === undefined || owner === null ? { id } : { organization: owner, id },
      );
  }
}

const COORDINATE = /^([_A-Za-z]\w*)(?:\.([_A-Za-z]\w*)(?:\(([_A-Za-z]\w*):\))?)?$/;

/** Puts a rule where it belongs, if its coordinate exists and is of the right kind. */
function addRule(
  schema: GraphQLSchema,
  marks: Marks,
  coordinate: string,
  rule: Rule,
  problem: Problem,
): void {
  const match = COORDINATE.exec(coordinate);
  if (!match) {
    const wildcard = coordinate.startsWith("*");
    problem(
      coordinate,
      wildcard ? "is a wildcard, which is not built yet" : "is no schema coordinate",
    );
    return;
  }
  const [, typeName, memberName, argumentName] = match;
  const type = schema.getType(typeName!);
  if (type === undefined)
    return problem(coordinate, `does not exist: the schema has no type ${typeName}`);
  if (memberName === undefined) {
    if (!isObjectType(type)) return problem(coordinate, "is no object type: mark object types");
    return put(marks.types, coordinate, rule, ["inLibrary"], problem);
  }
  if (isInputObjectType(type)) {
    if (argumentName !== undefined || !Object.hasOwn(type.getFields(), memberName)) {
      return problem(coordinate, "does not exist");
    }
    return put(marks.inputFields, coordinate, rule, ["organization", "library"], problem);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return problem(coordinate, "does not exist");
  const field = Object.hasOwn(type.getFields(), memberName) && type.getFields()[memberName];
  if (!field) return problem(coordinate, "does not exist");
  if (isInterfaceType(type)) return problem(coordinate, "is of an interface: not built yet");
  if (argumentName === undefined) return put(marks.fields, coordinate, rule, ["apiKey"], problem);
  if (!field.args.some((argument) => argument.name === argumentName)) {
    return problem(coordinate, "does not exist");
  }
  return put(marks.arguments, coordinate, rule, ["organization", "library"], problem);
}

function put<R extends Rule>(
  map: Map<string, R[]>,
  coordinate: string,
  rule: Rule,
  kinds: readonly R["kind"][],
  problem: Problem,
): void {
  const kind: unknown = (rule as Partial<Rule> | null)?.kind;
  if (!kinds.includes(kind as R["kind"])) {
    const given = typeof kind === "string" ? quote(kind) : kindOf(rule);
    problem(coordinate, `has a rule that does not fit, ${given}: write ${kinds.join("() or ")}()`);
    return;
  }
  const list = map.get(coordinate);
  if (list) list.push(rule as R);
  else map.set(coordinate, [rule as R]);
}
