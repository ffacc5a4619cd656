import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { kindOf, quote } from "../core/check.js";
import type { Marks, Problem } from "./marks.js";
import type { Rule } from "./rules.js";

/** Puts a rule where it belongs. */
export type Put = (coordinate: string, rule: Rule) => void;

const COORDINATE = /^([_A-Za-z]\w*)(?:\.([_A-Za-z]\w*)(?:\(([_A-Za-z]\w*):\))?)?$/;
const VALUE_KINDS = ["organization", "library"];
const FIELD_KINDS = ["apiKey", "targets", "namespace", "positional"];

/** Makes the function that puts a rule where it belongs, if its coordinate exists and is of the right kind. */
export function createPut(schema: GraphQLSchema, marks: Marks, problem: Problem): Put {
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
