/**
 * `npm run fuzz`: the property test for as long as one likes. A case is one request of one document over one random
 * schema, run by graphql-js and by `@graphql-tools/executor`; slices of cases alternate between graphql 16 and 17. A schema
 * serves 30 cases, 10 documents with 3 requests each: 1,000,000 cases are some 33,000 schemas.
 *
 * `-- --count 1000000 --seed 1 --minutes 60 --workers 1 --graphql 16`: how many cases, the first seed (random unless
 * given), when to stop (never), how many processes at once, and only this major (both). A slice that fails says how to run it
 * again.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import type { Tally } from "./sample.js";

const SLICE = 15_000;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    minutes: { type: "string", default: "Infinity" },
    workers: { type: "string", default: "1" },
    graphql: { type: "string" },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
const begun = performance.now();
const deadline = begun + Number(values.minutes) * 60_000;
const majors = values.graphql === undefined ? ["16", "17"] : [values.graphql];

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));
mkdirSync(cache, { recursive: true });
const out = mkdtempSync(`${cache}fuzz-`);

const total = { cases: 0, runs: 0, refused: 0, invalid: 0, stopped: 0 };
const seen = { showing: 0, filtering: 0, unlocked: 0, deviating: 0, unfit: 0 };
let next = 0;
let failed = false;
let reported = 0;

try {
  await Promise.all(majors.map(bundle));
  console.log(`seed ${seed}, ${count} cases, graphql ${majors.join(" and ")}`);
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
} finally {
  rmSync(out, { recursive: true });
}
report();
if (failed) process.exitCode = 1;

/** With one graphql in it, also for the executor of Yoga. */
async function bundle(major: string): Promise<void> {
  await build({
    entryPoints: [`${here}fuzz-worker.ts`],
    outfile: `${out}/${major}.mjs`,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    alias: major === "17" ? { graphql: "graphql-17" } : {},
    mainFields: ["module", "main"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
}

async function work(): Promise<void> {
  while (!failed && next * SLICE < count && performance.now() < deadline) {
    const slice = next++;
    const cases = Math.min(SLICE, count - slice * SLICE);
    await run(majors[slice % majors.length]!, seed + slice, cases);
    const since = Math.floor(total.cases / 100_000);
    if (since > reported) report();
    reported = since;
  }
}

async function run(major: string, sliceSeed: number, cases: number): Promise<void> {
  const args = [`${out}/${major}.mjs`, String(sliceSeed), String(cases)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
  const { tally, failure } = JSON.parse(stdout) as { tally: Tally; failure: string | null };
  add(tally, failure !== null);
  if (failure === null) return;
  failed = true;
  const again = `npm run fuzz -- --graphql ${major} --seed ${sliceSeed} --count ${cases}`;
  console.log(`${failure}\n\nAgain: ${again}`);
}

function add(tally: Tally, shrunk: boolean): void {
  const { verdicts, unfit } = tally;
  total.cases += tally.cases;
  for (const verdict of ["runs", "refused", "invalid", "stopped"] as const) {
    total[verdict] += verdicts[verdict];
  }
  for (const what of ["showing", "filtering", "unlocked", "deviating"] as const) {
    seen[what] += tally[what];
  }
  if (shrunk || unfit.length === 0) return; // shrinking makes what cannot be
  seen.unfit += unfit.length;
  console.log(`A generated schema or document cannot be: ${unfit[0]}`);
}

function report(): void {
  const seconds = (performance.now() - begun) / 1000;
  const share = (part: number): string => `${((100 * part) / total.cases).toFixed(1)} %`;
  console.log(
    [
      `${total.cases} cases in ${seconds.toFixed(0)} s (${(total.cases / seconds).toFixed(0)}/s), seed ${seed}:`,
      `${share(total.runs)} ran, ${share(total.refused)} refused, ${share(total.stopped)} stopped by arguments,`,
      `${share(total.invalid)} invalid; objects left in ${share(seen.showing)}, were held back in ${share(seen.filtering)};`,
      `${share(seen.unlocked)} also without the first lock, ${share(seen.deviating)} coerced in two ways; ${seen.unfit} unfit`,
    ].join(" "),
  );
}
