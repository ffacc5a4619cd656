/** What has to happen, worked out in the plainest way: every selection that stays, every value in it, one by one. */
import type { Case, Selection, Value } from "./generate.js";
import { ASSETS, TYPES, type Argument, type Level, type Shape } from "./world.js";

/** Whether the operation may run. */
export function mayRun({ organizationId, access, operation }: Case): boolean {
  const { fragments, variables } = operation;

  const has = (library: string, level: Level): boolean =>
    access[library] === "write" || (access[library] === "read" && level === "read");
  const hasSome = (level: Level): boolean =>
    Object.keys(access).some((library) => has(library, level));

  function variable(name: string): unknown {
    const { shape, sent, default: byDefault } = variables[name]!;
    const value = sent === undefined ? byDefault : sent;
    return shape === "boolean" ? value : coerce(shape, value);
  }

  function resolve(value: Value | undefined, shape: Shape): unknown {
    if (value === undefined) return undefined;
    switch (value.kind) {
      case "variable":
        return variable(value.name);
      case "null":
        return null;
      case "text":
        return coerce(shape, value.text);
      case "number":
        return coerce(shape, value.number);
      case "list":
        return value.items.map((item) => resolve(item, (shape as { list: Shape }).list));
      case "object": {
        if (typeof shape === "object") return [resolve(value, shape.list)];
        const fields: Record<string, unknown> = {};
        for (const [name, field] of Object.entries(value.fields))
          fields[name] = resolve(field, FIELDS[name]!);
        return coerce("where", fields);
      }
    }
  }

  /** All ids in a value, or null when something is missing that must be there. */
  function idsIn(value: unknown, shape: Shape): string[] | null {
    if (value === null || value === undefined) return shape === "where" ? [] : null;
    if (shape === "id") return [value as string];
    if (shape === "where") {
      const { l, place, not, more } = value as Record<string, unknown>;
      const all: (string[] | null)[] = [
        idsIn(l, "id"),
        idsIn(place, "id"),
        idsIn(not, "where"),
        more === null || more === undefined ? [] : everyId(more as unknown[], "where"),
      ];
      return all.includes(null) ? null : (all as string[][]).flat();
    }
    const items = value as unknown[];
    return items.length === 0 ? null : everyId(items, shape.list);
  }

  function everyId(items: readonly unknown[], shape: Shape): string[] | null {
    const ids = items.map((item) => idsIn(item, shape));
    return ids.includes(null) ? null : (ids as string[][]).flat();
  }

  function argumentHolds(argument: Argument, value: Value | undefined, level: Level): boolean {
    const given =
      value === undefined || isAbsent(value) ? argument.default : resolve(value, argument.shape);
    if (argument.reachable && (given === null || given === undefined)) return hasSome(level);
    const ids = idsIn(given, argument.shape);
    if (ids === null) return false;
    if (argument.names === "organization") return ids.every((id) => id === organizationId);
    return ids.length > 0 && ids.every((id) => has(id, argument.level ?? level));
  }

  function isAbsent(value: Value): boolean {
    return value.kind === "variable" && variable(value.name) === undefined;
  }

  function stays(selection: Selection): boolean {
    return selection.conditions.every((condition) => {
      const value = typeof condition.if === "string" ? variable(condition.if) : condition.if;
      return condition.name === "skip" ? value !== true : value !== false;
    });
  }

  function holds(selection: Selection, type: string, level: Level): boolean {
    if (!stays(selection)) return true;
    const below = (selections: readonly Selection[], on: string, at: Level): boolean =>
      selections.every((inner) => holds(inner, on, at));
    if (selection.kind === "inline") return below(selection.selections, type, level);
    if (selection.kind === "spread")
      return below(fragments[selection.fragment]!.selections, type, level);
    const field = TYPES[type]![selection.name];
    if (field === undefined) return true; // __typename
    const needed = field.key === "any" ? (level === "write" ? "write" : null) : field.key;
    if (needed && !hasSome(needed)) return false;
    for (const [name, argument] of Object.entries(field.args ?? {})) {
      if (!argumentHolds(argument, selection.args[name], level)) return false;
    }
    if (selection.selections === null) return true;
    return below(selection.selections, field.type!, field.type === "Query" ? "read" : level);
  }

  const isQuery = operation.kind === "query";
  return operation.selections.every((selection) =>
    holds(selection, isQuery ? "Query" : "Mutation", isQuery ? "read" : "write"),
  );
}

/** The keys of all assets that a caller may see. */
export function visibleAssets({ organizationId, access }: Case): readonly string[] {
  return ASSETS.filter(
    (asset) => asset.o === organizationId && asset.l !== undefined && asset.l in access,
  ).map(({ key }) => key);
}

const FIELDS: Readonly<Record<string, Shape>> = {
  l: "id",
  place: "id",
  not: "where",
  more: { list: "where" },
};

function coerce(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (shape === "id") return String(value);
  if (typeof shape === "object") {
    return Array.isArray(value)
      ? value.map((item) => coerce(shape.list, item))
      : [coerce(shape.list, value)];
  }
  const fields: Record<string, unknown> = { place: "barcelona" };
  for (const [name, field] of Object.entries(value)) fields[name] = coerce(FIELDS[name]!, field);
  return fields;
}
