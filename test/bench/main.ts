/**
 * `npm run bench`: how much more the package takes than what cannot be done without. `-- --json`: one JSON object;
 * `-- verify check`: only these suites. Every suite is compiled as the package is, and runs in a process of its own.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Row } from "./rows.js";
import { headOf, lineOf } from "./table.js";

/** Suite → arguments, one process for each. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  verify: ["1", "10000", "1000000"],
  refuse: [""],
  generate: [""],
  check: ["unmarked", "marked"],
  execute: ["unmarked", "marked"],
  start: [""],
};

const json = process.argv.includes("--json");
const wanted = Object.keys(SUITES).filter((suite) => process.argv.includes(suite));
const suites = wanted.length > 0 ? wanted : Object.keys(SUITES);

if (process.env.NODE_ENV !== "production") {
  throw new Error(
    "NODE_ENV=production, please: development mode of graphql-js flatters every ratio",
  );
}

const here = fileURLToPath(new URL(".", import.meta.url));
// Inside node_modules, so that the suites find graphql, and nobody finds the suites.
const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
mkdirSync(cache, { recursive: true });
const out = mkdtempSync(`${cache}bench-`);
try {
  await build({
    entryPoints: suites.map((suite) => `${here}${suite}.ts`),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
  });
  if (!json) console.log(headOf());
  const results: Record<string, Omit<Row, "id" | "what">> = {};
  for (const suite of suites) {
    for (const argument of SUITES[suite]!) {
      for (const { id, what, ...result } of await run(`${out}/${suite}.mjs`, argument)) {
        results[id] = result;
        if (!json) console.log(lineOf({ id, what, ...result }));
      }
    }
  }
  if (json) console.log(JSON.stringify({ node: process.version, results }));
} finally {
  rmSync(out, { recursive: true });
}

async function run(file: string, argument: string): Promise<readonly Row[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", file, argument]);
  return JSON.parse(stdout) as Row[];
}
