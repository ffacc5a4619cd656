/** Random documents of fragments with arguments, and a plain reading of what their resolvers received. */
import { TABLE } from "./fixtures.js";
import type { Args } from "./support-fragment-arguments.js";

const TYPES = ["ID", "ID!", "[ID]", "Filter", "Boolean", "Boolean!"] as const;
type Type = (typeof TYPES)[number];

interface Variable {
  readonly type: Type;
  readonly fallback: string | null;
}
type Variables = Readonly<Record<string, Variable>>;

const NAMES = ["a", "b", "c", "constructor"] as const;

/** A document whose response keys never meet, so that every field that is selected runs. */
export interface GivenDocument {
  readonly text: string;
  readonly variables: Args;
}

/** Draws one. Fragments lead to later ones only, and at most one is spread beside a selection's fields. */
export function generateDocument(seed: number): GivenDocument {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    // A linear congruential generator, whose high bits are good enough; choices of fc.gen() take longer than all else.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const chance = (percent: number): boolean => below(100) < percent;
  let fields = 0;

  const count = oneOf([1, 2, 3, 4]);
  const fragments = Array.from({ length: count }, () => variablesOf());
  const operation = variablesOf();
  const sent = Object.entries(operation).flatMap(([name, variable]) => {
    const mayLack = variable.fallback !== null || !variable.type.endsWith("!");
    return mayLack && chance(40) ? [] : [[name, sentOf(variable.type)] as const];
  });
  const bodies = fragments.map((variables, i) => {
    const body = bodyOf({ ...operation, ...variables }, i + 1);
    return `fragment F${i}${defined(variables)} on Query { ${body} }`;
  });
  const text = `query${defined(operation)} { ${bodyOf(operation, 0)} } ${bodies.join(" ")}`;
  return { text, variables: Object.fromEntries(sent) };

  function variablesOf(): Variables {
    const own: Record<string, Variable> = {};
    for (const name of NAMES) {
      if (chance(50)) continue;
      const type = oneOf(TYPES);
      own[name] = { type, fallback: chance(35) ? literal(type, {}) : null };
    }
    return own;
  }

  function defined(variables: Variables): string {
    const all = Object.entries(variables).map(
      ([name, { type, fallback }]) =>
        `$${name}: ${type}${fallback === null ? "" : ` = ${fallback}`}`,
    );
    return all.length === 0 ? "" : `(${all.join(", ")})`;
  }

  function bodyOf(visible: Variables, next: number): string {
    const parts = Array.from({ length: oneOf([1, 2]) }, () => field(visible));
    if (next < count && chance(50)) parts.push(spread(visible, next));
    for (let i = oneOf([0, 1, 2]); i > 0 && next < count; i--) {
      const inner = chance(30)
        ? `${field(visible)} ${spread(visible, next)}`
        : spread(visible, next);
      parts.push(`k${fields++}: self${condition(visible)} { ${inner} }`);
    }
    if (chance(20)) parts.push(`...${condition(visible)} { ${field(visible)} }`);
    return parts.join(" ");
  }

  function spread(visible: Variables, from: number): string {
    const target = from + oneOf(Array.from({ length: count - from }, (_, i) => i));
    const given = Object.entries(fragments[target]!).flatMap(([name, { type, fallback }]) =>
      chance(type.endsWith("!") && fallback === null ? 3 : 25)
        ? []
        : [`${name}: ${value(type, visible)}`],
    );
    const args = given.length === 0 ? "" : `(${given.join(", ")})`;
    return `...F${target}${args}${condition(visible)}`;
  }

  function field(visible: Variables): string {
    const key = `k${fields++}`;
    const id = () => value("ID", visible);
    const call = oneOf([
      () => `one(l: ${value("ID!", visible)})`,
      () => `fallback(l: ${id()})`,
      () => `many(l: ${value("[ID]", visible)})`,
      () => `inside(f: ${value("Filter", visible)})`,
      () => `inside(b: ${id()}, f: ${value("Filter", visible)})`,
      () => `strict(f: { l: ${id()} })`,
    ])();
    return `${key}: ${call}${condition(visible)}`;
  }

  function condition(visible: Variables): string {
    if (chance(75)) return "";
    return ` @${oneOf(["skip", "include"])}(if: ${value("Boolean!", visible)})`;
  }

  function value(type: Type, visible: Variables): string {
    const fitting = Object.entries(visible).filter(
      ([, variable]) => variable.type.replace("!", "") === type.replace("!", ""),
    );
    if (fitting.length === 0 || chance(30)) return literal(type, visible);
    return `$${oneOf(fitting)[0]}`;
  }

  function literal(type: Type, visible: Variables): string {
    const id = () => (Object.keys(visible).length > 0 ? value("ID", visible) : literal("ID", {}));
    switch (type) {
      case "ID":
        return chance(4) ? "null" : oneOf(['"lisbon"', '"barcelona"', '"lisbon"', '"porto"']);
      case "ID!":
        return oneOf(['"lisbon"', '"barcelona"', '"lisbon"', '"barcelona"', '"porto"']);
      case "[ID]":
        return chance(30) ? literal("ID!", {}) : `[${id()}, ${id()}]`;
      case "Filter":
        return chance(40) ? `{ l: ${id()} }` : `{ all: [{ l: ${id()} }], l: ${id()} }`;
      case "Boolean":
      case "Boolean!":
        return oneOf(["true", "false"]);
    }
  }

  function sentOf(type: Type): unknown {
    switch (type) {
      case "ID":
      case "ID!":
        return oneOf(["lisbon", "barcelona", "lisbon", "porto"]);
      case "[ID]":
        return oneOf([["lisbon"], ["lisbon", "barcelona"], ["porto"], "barcelona"]);
      case "Filter":
        return oneOf([{ l: "lisbon" }, { all: [{ l: "lisbon" }, null] }, { l: "porto" }]);
      case "Boolean":
      case "Boolean!":
        return oneOf([true, false]);
    }
  }
}

/** The ids that arguments name, sorted, each once. */
export function idsIn(args: unknown): readonly string[] {
  if (typeof args === "string") return [args];
  if (typeof args !== "object" || args === null) return [];
  return [...new Set(Object.values(args).flatMap(idsIn))].sort();
}

/** Whether a call's arguments are all within reach to read, and none is missing that must be given. */
export function isAllowed(args: Args): boolean {
  if (Object.keys(args).length === 0) return false;
  const items = Object.hasOwn(args, "l") ? [args["l"]].flat() : [];
  if (items.includes(null)) return false;
  return idsIn(args).every((id) => Object.hasOwn(TABLE, id));
}
