/** Prints generated schemas and operations as GraphQL. */
import { ENUMS } from "./data.js";
import type { Condition, Document, Selection, Value } from "./operation.js";
import {
  nameOf,
  type Composite,
  type Field,
  type FieldMark,
  type Input,
  type InputValue,
  type Json,
  type TypeRef,
  type ValueMark,
  type World,
} from "./schema.js";

export function printWorld({ types, inputs, query, mutation }: World): string {
  const printInputValue = inputValuePrinter(inputs);
  return [
    `schema { query: ${query} mutation: ${mutation} }`,
    "scalar Slug",
    ...Object.entries(ENUMS).map(([name, values]) => `enum ${name} { ${values.join(" ")} }`),
    ...inputs.map(({ name, oneOf, fields }) => {
      const held = fields.map(printInputValue).join("\n  ");
      return `input ${name}${oneOf ? " @oneOf" : ""} {\n  ${held}\n}`;
    }),
    ...types.map((type) => printComposite(type, printInputValue)),
  ].join("\n");
}

type PrintInputValue = (value: InputValue) => string;

function printComposite(type: Composite, printInputValue: PrintInputValue): string {
  const { kind, name, members, places } = type;
  if (kind === "union") return `union ${name} = ${members.join(" | ")}`;
  const said = places.filter((place) => place.said === "sdl");
  const directives = said.map(({ organization, id }) => {
    const first = organization === null ? "" : `organization: "${organization}", `;
    return ` @inLibrary(${first}id: "${id}")`;
  });
  if (type.unmarked) directives.push(' @unmarked(why: "free")');
  const above = type.implements.length > 0 ? ` implements ${type.implements.join(" & ")}` : "";
  const fields = type.fields.map((field) => printField(field, printInputValue)).join("\n  ");
  const word = kind === "object" ? "type" : "interface";
  return `${word} ${name}${above}${directives.join("")} {\n  ${fields}\n}`;
}

function printField(
  { name, args, type, marks, unmarked }: Field,
  printInputValue: PrintInputValue,
): string {
  const given = args.length > 0 ? `(${args.map(printInputValue).join(", ")})` : "";
  const directives = marks.map(printFieldMark).join("");
  const reason = unmarked ? ' @unmarked(why: "names nothing")' : "";
  return `${name}${given}: ${printType(type)}${directives}${reason}`;
}

function printFieldMark(mark: FieldMark): string {
  if (!("said" in mark) || mark.said !== "sdl") return "";
  const level = mark.kind === "apiKey" && mark.level;
  return ` @${mark.kind}${level ? `(level: ${level.toUpperCase()})` : ""}`;
}

function inputValuePrinter(inputs: readonly Input[]): PrintInputValue {
  return ({ name, type, default: byDefault, marks, unmarked }) => {
    const fallback =
      byDefault === undefined ? "" : ` = ${printValue(literalOf(inputs, type, byDefault))}`;
    const directives = marks.map(printValueMark).join("");
    const reason = unmarked ? ' @unmarked(why: "text")' : "";
    return `${name}: ${printType(type)}${fallback}${directives}${reason}`;
  };
}

function printValueMark({ names, level, whenOmitted, said }: ValueMark): string {
  if (said !== "sdl") return "";
  const given = Object.entries({ level, whenOmitted }).flatMap(([name, word]) =>
    word ? [`${name}: ${word.toUpperCase()}`] : [],
  );
  return ` @${names}${given.length > 0 ? `(${given.join(", ")})` : ""}`;
}

export function printType(type: TypeRef): string {
  const nullable = "list" in type ? `[${printType(type.list)}]` : type.name;
  return type.nonNull ? `${nullable}!` : nullable;
}

export function printDocument(inputs: readonly Input[], document: Document): string {
  const { operations, fragments, variables } = document;
  const definitions = Object.entries(variables).map(([name, { type, default: byDefault }]) => {
    const fallback =
      byDefault === undefined ? "" : ` = ${printValue(literalOf(inputs, type, byDefault))}`;
    return `$${name}: ${printType(type)}${fallback}`;
  });
  const given = definitions.length > 0 ? `(${definitions.join(", ")})` : "";
  return [
    ...operations.map(
      ({ name, kind, selections }) => `${kind} ${name ?? ""}${given} ${printAll(selections)}`,
    ),
    ...Object.entries(fragments).map(
      ([name, { on, selections }]) => `fragment ${name} on ${on} ${printAll(selections)}`,
    ),
  ].join("\n");
}

function printAll(selections: readonly Selection[]): string {
  return `{ ${selections.map(printSelection).join(" ")} }`;
}

function printSelection(selection: Selection): string {
  const conditions = selection.conditions.map(printCondition).join("");
  switch (selection.kind) {
    case "spread":
      return `...${selection.fragment}${conditions}`;
    case "inline": {
      const on = selection.on === null ? "" : ` on ${selection.on}`;
      return `...${on}${conditions} ${printAll(selection.selections)}`;
    }
    case "field": {
      const args = Object.entries(selection.args).map(
        ([name, value]) => `${name}: ${printValue(value)}`,
      );
      const given = args.length > 0 ? `(${args.join(", ")})` : "";
      const below = selection.selections.length > 0 ? ` ${printAll(selection.selections)}` : "";
      return `${selection.alias}: ${selection.name}${given}${conditions}${below}`;
    }
  }
}

function printCondition(condition: Condition): string {
  const value = typeof condition.if === "boolean" ? condition.if : `$${condition.if.variable}`;
  return ` @${condition.name}(if: ${value})`;
}

function printValue(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "text":
      return JSON.stringify(value.text);
    case "enum":
      return value.text;
    case "number":
      return String(value.number);
    case "variable":
      return `$${value.name}`;
    case "list":
      return `[${value.items.map(printValue).join(", ")}]`;
    case "object": {
      const fields = Object.entries(value.fields);
      return `{${fields.map(([name, field]) => `${name}: ${printValue(field)}`).join(", ")}}`;
    }
  }
}

/** A constant as a literal. */
export function literalOf(inputs: readonly Input[], type: TypeRef, json: Json): Value {
  if (json === null) return { kind: "null" };
  if (typeof json === "number") return { kind: "number", number: json };
  if (typeof json === "boolean") return { kind: "enum", text: String(json) };
  if (typeof json === "string") {
    return { kind: Object.hasOwn(ENUMS, nameOf(type)) ? "enum" : "text", text: json };
  }
  if (Array.isArray(json)) {
    const inner = "list" in type ? type.list : type;
    return { kind: "list", items: json.map((item: Json) => literalOf(inputs, inner, item)) };
  }
  const { fields } = inputs.find(({ name }) => name === nameOf(type))!;
  const given = Object.entries(json).map(([name, value]) => {
    const field = fields.find((candidate) => candidate.name === name)!;
    return [name, literalOf(inputs, field.type, value as Json)] as const;
  });
  return { kind: "object", fields: Object.fromEntries(given) };
}

/** What SDL does not say: rules, and what resolvers answer. */
export function printRest({ types, inputs }: World): string {
  const lines: string[] = [];
  const say = (coordinate: string, marks: readonly object[]): void => {
    for (const mark of marks) {
      if ((mark as { said?: string }).said !== "sdl")
        lines.push(`${coordinate}: ${JSON.stringify(mark)}`);
    }
  };
  for (const { name, fields } of inputs) {
    for (const field of fields) say(`${name}.${field.name}`, field.marks);
  }
  for (const { name, places, fields, kind } of types) {
    say(name, places);
    for (const field of fields) {
      say(`${name}.${field.name}`, field.marks);
      for (const argument of field.args)
        say(`${name}.${field.name}(${argument.name}:)`, argument.marks);
      if (kind === "object" && typeof field.answer === "object") {
        lines.push(`${name}.${field.name} answers ${field.manner} ${JSON.stringify(field.answer)}`);
      }
    }
  }
  return lines.join("\n");
}
