import {
  isEnumType,
  isScalarType,
  isSpecifiedScalarType,
  valueFromASTUntyped,
  type GraphQLLeafType,
  type GraphQLScalarType,
  type GraphQLSchema,
  type ValueNode,
} from "graphql";
import { coerce } from "./ids.js";
import type { ProofSamples } from "./samples.js";

const CANDIDATES: readonly unknown[] = [
  "x",
  1,
  true,
  "2020-01-01T00:00:00.000Z",
  "2020-01-01",
  "12:00:00Z",
  "00000000-0000-4000-8000-000000000000",
  "a@example.com",
  "https://example.com/",
  "0",
  {},
  [],
];

/** A value of a leaf type that names nothing, as JSON. */
export function plainValueOf(leaf: GraphQLLeafType, samples: ProofSamples): unknown {
  const sample = samples.values?.[leaf.name];
  if (sample !== undefined && typeof sample !== "function") return sample;
  if (isEnumType(leaf)) return leaf.getValues()[0]!.name;
  return CANDIDATES.find((candidate) => coerce(leaf, candidate) !== undefined);
}

/** What a resolver may answer for a leaf type. */
export function plainResultOf(leaf: GraphQLLeafType): unknown {
  if (isEnumType(leaf)) return leaf.getValues()[0]!.value;
  if (leaf.name === "Boolean") return true;
  return leaf.name === "Int" || leaf.name === "Float" ? 1 : "x";
}

/**
 * Lets a schema's own scalars write whatever stubs answer, and read anything where no value is known that they read: an
 * uploaded file, say, is nothing that can be made up.
 */
export function loosenScalars(schema: GraphQLSchema, samples: ProofSamples): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    set(type, ["serialize", "coerceOutputValue"], (value: unknown) => value);
    if (plainValueOf(type, samples) !== undefined || Object.hasOwn(samples.values ?? {}, type.name))
      continue;
    set(type, ["parseValue", "coerceInputValue"], (value: unknown) => value);
    set(type, ["parseLiteral"], (node: ValueNode) => valueFromASTUntyped(node));
    set(type, ["coerceInputLiteral"], undefined);
  }
}

/** graphql 16 knows the first of the names, 17 both. */
function set(type: GraphQLScalarType, names: readonly string[], value: unknown): void {
  for (const name of names) (type as unknown as Record<string, unknown>)[name] = value;
}
