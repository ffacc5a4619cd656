import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLInputType,
} from "graphql";

/** Where variables stand in place of a value: path of argument and input fields → name of the variable. */
export type Holes = ReadonlyMap<string, string>;

const NO_HOLES: Holes = new Map();

/** Writes a value, as JSON has it, as a literal of a type. */
export function printValue(
  type: GraphQLInputType,
  value: unknown,
  at = "",
  holes: Holes = NO_HOLES,
): string {
  const hole = holes.get(at);
  if (hole !== undefined) return `$${hole}`;
  if (value === null || value === undefined) return "null";
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const print = (item: unknown, own: Holes): string => printValue(nullable.ofType, item, at, own);
    if (!Array.isArray(value)) return print(value, holes);
    // Where there are several, something is tried in the last.
    const items = value.map((item, i) => print(item, i === value.length - 1 ? holes : NO_HOLES));
    return `[${items.join(", ")}]`;
  }
  if (isEnumType(nullable)) return String(value);
  if (!isInputObjectType(nullable)) return printUntyped(value);
  const fields = nullable.getFields();
  const members = Object.entries(value as object).map(([name, member]) => {
    const inner = fields[name]?.type;
    const printed = inner
      ? printValue(inner, member, `${at}.${name}`, holes)
      : printUntyped(member);
    return `${name}: ${printed}`;
  });
  return `{ ${members.join(", ")} }`;
}

/** Literals and JSON differ in the names of an object only. */
function printUntyped(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printUntyped).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(JSON.stringify(value));
  const members = Object.entries(value).map(([name, member]) => `${name}: ${printUntyped(member)}`);
  return `{ ${members.join(", ")} }`;
}
