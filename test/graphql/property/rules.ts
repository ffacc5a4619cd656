/** The rules in code of a described schema. */
import {
  apiKey,
  inLibrary,
  library,
  namespace,
  organization,
  positional,
  targets,
} from "../../../src/graphql/index.js";
import { pairsOf } from "./data.js";
import type { Composite, FieldMark, ValueMark, World } from "./schema.js";

/** The rules that are not said in SDL, by coordinate. */
export function rulesOf(world: World): Record<string, unknown[]> {
  const rules: Record<string, unknown[]> = {};
  const put = (coordinate: string, rule: unknown): void =>
    void (rules[coordinate] ??= []).push(rule);
  const putValue = (coordinate: string, name: string, marks: readonly ValueMark[]): void => {
    for (const mark of marks) {
      if (mark.said === "rule") put(coordinate, valueRule(mark));
      if (mark.said === "wildcard") rules[`*(${name}:)`] = [valueRule(mark)];
    }
  };
  for (const { name, fields } of world.inputs) {
    for (const field of fields) putValue(`${name}.${field.name}`, field.name, field.marks);
  }
  for (const type of world.types) {
    putPlaces(type, put);
    for (const field of type.fields) {
      const coordinate = `${type.name}.${field.name}`;
      for (const mark of field.marks) putFieldRule(coordinate, mark, put);
      for (const { name, marks } of field.args) putValue(`${coordinate}(${name}:)`, name, marks);
    }
  }
  return rules;
}

function valueRule({ names, level, whenOmitted }: ValueMark): unknown {
  const given = { ...(level && { level }), ...(whenOmitted && { whenOmitted }) };
  return names === "library" ? library(given as never) : organization(given as never);
}

function putPlaces(
  { name, places }: Composite,
  put: (coordinate: string, rule: unknown) => void,
): void {
  for (const { organization: o, id, said } of places) {
    if (said === "rule") put(name, inLibrary({ id, ...(o !== null && { organization: o }) }));
  }
}

function putFieldRule(
  coordinate: string,
  mark: FieldMark,
  put: (coordinate: string, rule: unknown) => void,
): void {
  if (mark.kind === "targets") {
    const { argument, level, late } = mark;
    const load = (args: Record<string, unknown>) => pairsOf(args[argument]) as never;
    put(
      coordinate,
      targets(
        late ? async (args: Record<string, unknown>) => load(args) : load,
        level ? { level } : {},
      ),
    );
  } else if ("said" in mark && mark.said === "rule") {
    if (mark.kind === "apiKey") put(coordinate, apiKey(mark.level ? { level: mark.level } : {}));
    else put(coordinate, mark.kind === "positional" ? positional() : namespace());
  }
}
