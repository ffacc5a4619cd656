/**
 * A hundred and ten ways around an authorization layer: each has a test named by its number, through `execute` and through
 * Yoga, or a reason why it has none.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cases } from "../adapters/scenarios/cases.js";
import { reasons } from "../adapters/scenarios/reasons.js";
import type { PathName } from "../adapters/scenarios/row.js";
import { rows } from "../adapters/scenarios/rows.js";

const COUNT = 110;
const root = fileURLToPath(new URL("..", import.meta.url));

/** No test can be ours. */
const notOurs: Readonly<Record<number, string>> = {};

/** No test yet, and why. Only ever shorter: a number that a test names has to leave. */
const missing: Readonly<Record<number, string>> = {};

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== fileURLToPath(import.meta.url));
}

/** Numbers after "scenario" in what is no comment. */
function namedIn(source: string): readonly number[] {
  const lines = source.split("\n").filter((line) => !/^\s*(\/\/|\/?\*)/.test(line));
  const names = lines.join("\n").matchAll(/\bscenarios? (\d+(?:(?:, | and )\d+)*)/g);
  return [...names].flatMap(([, numbers]) => numbers!.match(/\d+/g)!.map(Number));
}

/** The numbers of tests that have them in tables, by path. */
const tables: Readonly<Record<PathName, ReadonlySet<number>>> = {
  execute: numbersOn("execute"),
  Yoga: numbersOn("Yoga"),
};

function numbersOn(path: PathName): ReadonlySet<number> {
  const own = rows.filter(({ paths = [path] }) => paths.includes(path));
  return new Set(
    [...own, ...cases.filter((each) => each.path === path)].map(({ number }) => number),
  );
}

const inSources = filesOf(root).flatMap((file) => namedIn(readFileSync(file, "utf8")));
const named = new Set([...inSources, ...tables.execute, ...tables.Yoga]);
const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);

describe("every scenario", () => {
  it.each(numbers)("number %i has a test, or a reason", (number) => {
    const without = [notOurs, missing].filter((table) => Object.hasOwn(table, number));
    expect([named.has(number), without.length]).toEqual(
      without.length === 0 ? [true, 0] : [false, 1],
    );
  });

  it.each(numbers.filter((number) => !missing[number] && !notOurs[number]))(
    "number %i has a test on each path, or a reason",
    (number) => {
      for (const path of ["execute", "Yoga"] as const) {
        expect([path, tables[path].has(number)]).toEqual([path, !reasons[number]?.[path]]);
      }
    },
  );

  it("that a test names is one of them", () => {
    expect([...named].filter((number) => number < 1 || number > COUNT)).toEqual([]);
  });
});
