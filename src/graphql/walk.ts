import {
  getNamedType,
  isAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { userTypes } from "./marks.js";
import { objectTypes, possibleTypes, type FieldPlan, type Model } from "./model.js";

/** A field of an object type. */
export type OutputField = GraphQLField<unknown, unknown>;

/** Calls `visit` for every field of every object type. */
export function eachField(
  schema: GraphQLSchema,
  visit: (type: GraphQLObjectType, field: OutputField) => void,
): void {
  for (const type of objectTypes(schema)) for (const field of fieldsOf(type)) visit(type, field);
}

/** The fields of an object type. */
export function fieldsOf(type: GraphQLObjectType): readonly OutputField[] {
  return Object.values(type.getFields());
}

/** What is asked of a field. */
export function planOf(model: Model, type: string, field: string): FieldPlan | undefined {
  return model.fields.get(type)?.get(field);
}

/** Names of the types below which some field asks something: the rest of a document is not walked. */
export function typesLeadingTo(
  asking: ReadonlySet<string>,
  schema: GraphQLSchema,
): ReadonlySet<string> {
  const leadingTo = new Map<string, string[]>();
  const lead = (from: string, to: string): void => {
    const sources = leadingTo.get(to);
    if (sources) sources.push(from);
    else leadingTo.set(to, [from]);
  };
  eachField(schema, (type, field) => lead(type.name, getNamedType(field.type).name));
  for (const type of userTypes(schema)) {
    if (isAbstractType(type))
      for (const { name } of possibleTypes(schema, type)) lead(type.name, name);
  }
  const leading = new Set(asking);
  // A set grows while it is iterated over.
  for (const name of leading) for (const from of leadingTo.get(name) ?? []) leading.add(from);
  return leading;
}
