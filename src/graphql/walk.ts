import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { objectTypes, type FieldPlan, type Model } from "./model.js";

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
