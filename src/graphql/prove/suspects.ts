import { getNamedType, isInputObjectType, isLeafType, isNonNullType } from "graphql";
import type { GraphQLInputType, GraphQLSchema } from "graphql";
import { userTypes, type Marks } from "../marks.js";
import type { ProofSamples } from "./samples.js";
import type { ValueRule } from "../rules.js";
import { eachField } from "../walk.js";

/**
 * Marks what is `unmarked` and has the name of a marked argument, so that the proof asks of it what it asks of the marked
 * ones, and the guard will not. Unless a sample says what its value is.
 *
 * @returns The coordinates that were marked.
 */
export function markSuspects(
  schema: GraphQLSchema,
  marks: Marks,
  { values = {} }: ProofSamples,
): ReadonlySet<string> {
  const kinds = kindsByName(marks);
  const suspects = new Set<string>();
  const mark = (
    coordinate: string,
    name: string,
    type: GraphQLInputType,
    into: Map<string, ValueRule[]>,
  ): void => {
    const kind = kinds.get(name);
    const isSuspect = marks.unmarked.has(coordinate) && values[coordinate] === undefined;
    if (kind === undefined || !isSuspect || !isLeafType(getNamedType(type))) return;
    const whenOmitted = isNonNullType(type) ? null : "none";
    into.set(coordinate, [{ kind, level: null, whenOmitted } as ValueRule]);
    suspects.add(coordinate);
  };
  eachField(schema, ({ name }, field) => {
    for (const argument of field.args) {
      const coordinate = `${name}.${field.name}(${argument.name}:)`;
      mark(coordinate, argument.name, argument.type, marks.arguments);
    }
  });
  for (const type of userTypes(schema)) {
    if (!isInputObjectType(type)) continue;
    for (const { name, type: of } of Object.values(type.getFields())) {
      mark(`${type.name}.${name}`, name, of, marks.inputFields);
    }
  }
  return suspects;
}

/** Names that mean a library or an organization somewhere in the schema; `id` means anything. */
function kindsByName(marks: Marks): ReadonlyMap<string, ValueRule["kind"]> {
  const kinds = new Map<string, ValueRule["kind"]>();
  for (const [coordinate, [rule]] of [...marks.arguments, ...marks.inputFields]) {
    const name = coordinate.replace(/^.*[.(](\w+)(?::\))?$/, "$1");
    if (rule && name !== "id" && name !== "ids") kinds.set(name, rule.kind);
  }
  return kinds;
}
