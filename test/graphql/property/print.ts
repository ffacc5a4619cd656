/** Prints generated operations as GraphQL. */
import type { Condition, Operation, Selection, Value } from "./generate.js";

export function printOperation({ kind, selections, fragments, variables }: Operation): string {
  const definitions = Object.entries(variables).map(([name, { type, default: byDefault }]) =>
    byDefault === undefined ? `$${name}: ${type}` : `$${name}: ${type} = ${printJson(byDefault)}`,
  );
  const head = definitions.length > 0 ? `${kind} (${definitions.join(", ")})` : kind;
  const rest = Object.entries(fragments).map(
    ([name, fragment]) => `fragment ${name} on ${fragment.on} ${printAll(fragment.selections)}`,
  );
  return [`${head} ${printAll(selections)}`, ...rest].join("\n");
}

function printAll(selections: readonly Selection[]): string {
  return `{ ${selections.map(printSelection).join(" ")} }`;
}

function printSelection(selection: Selection): string {
  const conditions = selection.conditions.map(printCondition).join("");
  switch (selection.kind) {
    case "spread":
      return `...${selection.fragment}${conditions}`;
    case "inline":
      return `...${selection.on ? ` on ${selection.on}` : ""}${conditions} ${printAll(selection.selections)}`;
    case "field": {
      const args = Object.entries(selection.args).map(
        ([name, value]) => `${name}: ${printValue(value)}`,
      );
      const given = args.length > 0 ? `(${args.join(", ")})` : "";
      const below = selection.selections ? ` ${printAll(selection.selections)}` : "";
      return `${selection.alias}: ${selection.name}${given}${conditions}${below}`;
    }
  }
}

function printCondition(condition: Condition): string {
  const value = typeof condition.if === "string" ? `$${condition.if}` : String(condition.if);
  return ` @${condition.name}(if: ${value})`;
}

function printValue(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "text":
      return JSON.stringify(value.text);
    case "number":
      return String(value.number);
    case "variable":
      return `$${value.name}`;
    case "list":
      return `[${value.items.map(printValue).join(", ")}]`;
    case "object":
      return `{${Object.entries(value.fields)
        .map(([name, field]) => `${name}: ${printValue(field)}`)
        .join(", ")}}`;
  }
}

function printJson(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(printJson).join(", ")}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  return `{${Object.entries(json)
    .map(([name, field]) => `${name}: ${printJson(field)}`)
    .join(", ")}}`;
}
