import { GraphQLScalarType } from "graphql";
import { badInput } from "./input.js";

/** The scalars of the API. */
export const scalars = {
  Upload: new GraphQLScalarType({
    name: "Upload",
    parseValue: parseUpload,
    parseLiteral: noLiteral,
  }),
  Timestamp: new GraphQLScalarType({ name: "Timestamp" }),
  JSON: new GraphQLScalarType({ name: "JSON" }),
};

function parseUpload(value: unknown): File {
  if (typeof (value as File | null)?.arrayBuffer !== "function") {
    throw badInput("An upload expected a file of a multipart request.");
  }
  return value as File;
}

function noLiteral(): never {
  throw badInput("An upload has to come in a variable.");
}
