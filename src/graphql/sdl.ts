import {
  buildSchema,
  getDirectiveValues,
  type DirectiveNode,
  type GraphQLDirective,
  type GraphQLSchema,
} from "graphql";
import type { Level } from "../core/access.js";
import { accessDirectives } from "./directives.js";
import type { Problem } from "./marks.js";
import {
  apiKey,
  inLibrary,
  library,
  namespace,
  organization,
  positional,
  unmarked,
  type Rule,
} from "./rules.js";

const DIRECTIVES = [
  "apiKey",
  "organization",
  "library",
  "inLibrary",
  "namespace",
  "positional",
  "unmarked",
];

/** Where our directives are defined, once somebody has asked. */
let definitions: GraphQLSchema | undefined;

/** Our directives by name, as this package defines them, unless the schema means something else by the name. */
export function ownDirectives(
  schema: GraphQLSchema,
  problem: Problem,
): Map<string, GraphQLDirective> {
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
export function ruleOf(
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
