/**
 * `npm run bench`: how much more the package takes than what cannot be done without, and than its peers. `-- --json`: one
 * JSON object; `-- --only verify --only check`: only these suites. Every suite is compiled as the package is, and runs in a
 * process of its own.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import { installFolder } from "../support/install.js";
import type { Row } from "./rows.js";
import { headOf, lineOf, matrixOf } from "./table.js";

/** One process: a file, and its argument. */
type Run = readonly [file: string, argument: string];

const each = (file: string, ...variants: readonly string[]): readonly Run[] =>
  variants.map((argument) => [file, argument]);

/** Suite → its processes. */
const SUITES: Readonly<Record<string, readonly Run[]>> = {
  verify: [...each("verify.ts", "1", "10000", "1000000"), ...each("first-use.ts", "1000", "10000")],
  stores: [...each("leases.ts", "1", "10000"), ...each("reads.ts", ""), ...each("postgres.ts", "")],
  refuse: each("refuse.ts", ""),
  generate: each("generate.ts", ""),
  check: each("check.ts", "unmarked", "marked"),
  execute: each("execute.ts", "unmarked", "marked"),
  results: each("results.ts", ""),
  deny: each("deny.ts", ""),
  start: each("start.ts", ""),
  servers: each("servers.ts", "Yoga", "graphql-http", "Apollo Server", "Mercurius"),
  peers: [
    ["peers/here.ts", ""],
    ["peers/by-hand.ts", ""],
    ["peers/shield.mjs", ""],
    ["peers/authz.mjs", ""],
    ["peers/generic-auth.mjs", ""],
    ["peers/pothos.mjs", ""],
  ],
};

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, only: { type: "string", multiple: true } },
  allowPositionals: true,
});
const { json = false, only = [] } = values;
const wanted = [...only, ...positionals];
const unknown = wanted.find((suite) => !Object.hasOwn(SUITES, suite));
if (unknown !== undefined) {
  throw new RangeError(`no suite "${unknown}": there are ${Object.keys(SUITES).join(", ")}`);
}
if (process.env.NODE_ENV !== "production") {
  throw new Error(
    "NODE_ENV=production, please: development mode of graphql-js flatters every ratio",
  );
}

let suites = Object.keys(SUITES).filter((suite) => wanted.length === 0 || wanted.includes(suite));
const here = fileURLToPath(new URL(".", import.meta.url));
const installPeers = () =>
  installFolder(here, "the peers to compare with, under test/bench", (line) => console.error(line));
if (suites.includes("peers") && !(await installPeers())) {
  if (wanted.length > 0) process.exit(1);
  console.error("Without them: everything but the comparison with peers.");
  suites = suites.filter((suite) => suite !== "peers");
}

// Inside node_modules, so that the suites find the peers and the graphql of the repository, and nobody finds the suites.
const cache = `${here}node_modules/.cache/`;
mkdirSync(cache, { recursive: true });
const out = mkdtempSync(`${cache}bench-`);
try {
  await build({
    entryPoints: [
      ...suites.flatMap((suite) => SUITES[suite]!.map(([file]) => `${here}${file}`)),
      `${here}serve.ts`, // what the suite of servers starts
    ],
    outdir: out,
    outbase: here,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
  });
  if (!json && suites.some((suite) => suite !== "peers")) console.log(headOf());
  const results: Record<string, Omit<Row, "id">> = {};
  for (const suite of suites) {
    const compared: Row[] = [];
    for (const run of SUITES[suite]!) {
      for (const row of await rowsOf(run)) {
        const { id, ...result } = row;
        results[id] = result;
        if (suite === "peers") compared.push(row);
        else if (!json) console.log(lineOf(row));
      }
    }
    if (!json && compared.length > 0) console.log(`\n${matrixOf(compared)}`);
  }
  if (json) console.log(JSON.stringify({ node: process.version, results }));
} finally {
  rmSync(out, { recursive: true });
}

async function rowsOf([file, argument]: Run): Promise<readonly Row[]> {
  const script = `${out}/${file.replace(/\.\w+$/, ".mjs")}`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, argument]);
  return JSON.parse(stdout) as Row[];
}
