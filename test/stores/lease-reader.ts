/** A process that verifies keys, keeps records for a while, and notes when it last decided in favour of each. */
import pg from "pg";
import { isFresh } from "../../src/core/caller.js";
import { createApiKeys } from "../../src/index.js";
import { createSqlStore } from "../../src/stores/sql.js";

/** What the process is told. */
export type Order =
  { readonly type: "use"; readonly keys: readonly string[] } | { readonly type: "report" };

/** What it says by itself: it runs, or it has decided in favour of a key for the first time. */
export type Note = { readonly type: "ready" } | { readonly type: "used"; readonly key: string };

/** What it answers to `report`. */
export interface Report {
  readonly type: "report";
  /** Key → nanoseconds of the machine's monotonic clock. */
  readonly lastDecisions: Readonly<Record<string, string>>;
  readonly decisions: number;
  /** Verifications for which the store was too slow. */
  readonly unavailable: number;
  /** Decisions that were not taken, because their lease had ended since the verification. */
  readonly given: number;
}

const [url, table, leaseMs, organizationId] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const REQUESTS = 30;

const pool = new pg.Pool({ connectionString: url, max: 4 });
pool.on("error", () => {});
const store = createSqlStore({
  dialect: "postgres",
  table,
  async query(sql, params) {
    const { rows, rowCount } = await pool.query(sql, params);
    return { rows, affected: rowCount };
  },
});
const apiKeys = createApiKeys({ store, leaseMs: Number(leaseMs) });

let keys: readonly string[] = [];
const lastDecisions: Record<string, string> = {};
let [decisions, unavailable, given] = [0, 0, 0];

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function block(ms: number): void {
  for (const startMs = performance.now(); performance.now() - startMs < ms;);
}

async function request(): Promise<void> {
  const key = keys[Math.floor(Math.random() * keys.length)];
  if (key === undefined) return void (await sleep(5));
  const result = await apiKeys.authenticate(key);
  if (!result.ok) {
    if (result.reason === "unavailable") unavailable++;
    await sleep(2);
    return;
  }
  // Anything may come between the verification and the decision.
  const luck = Math.random();
  if (luck < 0.2) await sleep(Math.random() * 120);
  else if (luck < 0.201) block(50 + Math.random() * 250);
  else await sleep(1);
  const { caller } = result;
  // Before the question, so that what is late by this clock is late for sure.
  const now = process.hrtime.bigint();
  if (!isFresh(caller)) return void given++;
  if (!caller.can("write", { organizationId, libraryId: "barcelona" })) return;
  decisions++;
  if (!(key in lastDecisions)) process.send!({ type: "used", key } satisfies Note);
  lastDecisions[key] = String(now);
}

async function work(): Promise<never> {
  for (;;) await request();
}

process.on("message", (order: Order) => {
  if (order.type === "use") ({ keys } = order);
  else {
    const report: Report = { type: "report", lastDecisions, decisions, unavailable, given };
    process.send!(report);
  }
});
process.on("disconnect", () => process.exit());
for (let i = 0; i < REQUESTS; i++) void work();
process.send!({ type: "ready" } satisfies Note);
