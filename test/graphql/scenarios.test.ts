/**
 * A hundred and ten ways around an authorization layer: which of them a test is named by, which a test covers by another
 * name, and which are not this package's.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const COUNT = 110;
const root = fileURLToPath(new URL("..", import.meta.url));

/** Covered by tests that say it in their own words: file, and what is in a title of it. */
const elsewhere: Readonly<Record<number, readonly [file: string, title: string]>> = {
  55: ["adapters/yoga-plugins.test.ts", "reaches nothing more by a persisted operation"],
  56: ["adapters/cases/operations.ts", "MUST answer queries by GET, and mutations by GET with 405"],
  73: ["adapters/cases/operations.ts", "MUST decide each operation of a batch on its own"],
  74: ["adapters/cases/operations.ts", "MUST answer 401 to a batch as a whole"],
  82: ["adapters/cases/bodies.ts", "MUST answer 401 before a large body is sent"],
  83: [
    "adapters/cases/authentication.ts",
    "MUST NOT take a key from anywhere but the Authorization",
  ],
  84: ["adapters/cases/authentication.ts", "MUST answer 400 to two Authorization lines"],
  86: ["adapters/cases/authentication.ts", "MUST say nothing of the schema to who has no key"],
  88: [
    "adapters/cases/answers.ts",
    "MUST vary answers by Authorization and keep them out of caches",
  ],
  94: ["adapters/cases/bodies.ts", "before its end"],
  96: ["adapters/yoga-cache.test.ts", "never answers one key what it keeps for another"],
  106: [
    "adapters/cases/operations.ts",
    "MUST answer a refusal within a resolver as an error of its field",
  ],
  110: ["adapters/yoga-plugins.test.ts", "a schema other than guard.schema"],
};

/** No test can be ours. */
const notOurs: Readonly<Record<number, string>> = {};

/** No test yet, and why. Only ever shorter: a number that a test names has to leave. */
const missing: Readonly<Record<number, string>> = {
  76: "the adapter of graphql-ws is not built",
  77: "the adapter of graphql-ws is not built",
  78: "the adapter of graphql-ws is not built",
  104: "removeLibrary is not built",
  105: "otherCallers is not built into an adapter",
};

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

const named = new Set(filesOf(root).flatMap((file) => namedIn(readFileSync(file, "utf8"))));

describe("every scenario", () => {
  it.each(Array.from({ length: COUNT }, (_, i) => i + 1))(
    "number %i has a test, or a reason",
    (number) => {
      const reasons = [elsewhere, notOurs, missing].filter((table) => Object.hasOwn(table, number));
      expect(named.has(number) || reasons.length > 0).toBe(true);
      expect(reasons.length).toBeLessThanOrEqual(1);
    },
  );

  it("that is missing, or not ours, is named by no test", () => {
    const numbers = [...Object.keys(missing), ...Object.keys(notOurs)].map(Number);
    expect(numbers.filter((number) => named.has(number))).toEqual([]);
  });

  it("that a test names is one of them", () => {
    expect([...named].filter((number) => number < 1 || number > COUNT)).toEqual([]);
  });

  it.each(Object.entries(elsewhere))(
    "%s is covered where the table says",
    (_number, [file, title]) => {
      expect(readFileSync(join(root, file), "utf8").includes(title)).toBe(true);
    },
  );
});
