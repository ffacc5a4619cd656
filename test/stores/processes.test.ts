import { fork, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createApiKeys } from "../../src/index.js";
import { createSqlStore } from "../../src/stores/sql.js";
import { startPostgres, type Postgres } from "../support/postgres.js";
import type { Order, Report } from "./processes-worker.js";

/*
 * Three processes that verify and two that revoke, on one PostgreSQL. Any of them is stopped at any moment and goes on
 * later, and event loops are blocked. A decision is late when it is in favour of what a call had taken away that had
 * resolved before. All of them share the machine's monotonic clock.
 */

const READERS = 3;
const WORKER = fileURLToPath(new URL("processes-worker.ts", import.meta.url));
const library = { organizationId: "monogram-labs", libraryId: "barcelona" };

let server: Postgres;
let pool: pg.Pool;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startPostgres({ settings: ["max_connections=200"] });
  pool = new pg.Pool({ connectionString: server.url }).on("error", () => {});
  await openStore().migrate();
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await pool.end();
  await server.stop();
}, 60_000);

const openStore = () =>
  createSqlStore({
    dialect: "postgres",
    async query(sql, params) {
      const { rows, rowCount } = await pool.query(sql, params);
      return { rows, affected: rowCount };
    },
  });

/** What came of it. */
interface Outcome {
  /** Calls that resolved. */
  revoked: number;
  /** Decisions in favour of what they took away, before that. */
  inTime: number;
  /** And after. */
  late: number;
  /** How often a process was stopped. */
  stops: number;
  /** What is in force still, though it was taken away. */
  notRevoked: number;
}

async function run(
  writers: readonly ("writer" | "careless")[],
  revocations: number,
): Promise<Outcome> {
  const keys = new Map<number, string>();
  const resolvedAt = new Map<number, number>();
  const decidedAt: (readonly [n: number, times: number[]])[] = [];
  const seenBy = new Map<number, number>();
  const waiting = new Map<ChildProcess, (() => void)[]>();
  let isOver = false;

  let fail!: (error: Error) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => {});

  function start(role: "reader" | "writer" | "careless"): ChildProcess {
    const child = fork(WORKER, [role, server.url], { execArgv: ["--import", "tsx"] });
    children.push(child);
    child.on("message", (report: Report) => hear(child, report));
    child.on("exit", (code, signal) => {
      if (!isOver) fail(new Error(`a ${role} ended: ${code ?? signal}`));
    });
    return child;
  }

  const tell = (to: readonly ChildProcess[], order: Order) => {
    for (const child of to) child.send(order);
  };

  function hear(child: ChildProcess, report: Report): void {
    switch (report.type) {
      case "watch":
        keys.set(report.n, report.key);
        return tell(readers, report);
      case "unwatch":
        return tell(readers, report);
      case "seen": {
        const count = (seenBy.get(report.n) ?? 0) + 1;
        seenBy.set(report.n, count);
        // Not all: one of them may stand still.
        return count === READERS - 1 ? tell(revokers, report) : undefined;
      }
      case "resolved":
        return void resolvedAt.set(report.n, report.atMs);
      case "decided":
        decidedAt.push(...report.times);
        break;
      case "ready":
      case "written":
    }
    waiting.get(child)?.shift()?.();
  }

  /** Until each of them has done what it said last. */
  const done = (some: readonly ChildProcess[]) =>
    Promise.race([
      Promise.all(
        some.map(
          (child) =>
            new Promise<void>((resolve) => {
              waiting.set(child, [...(waiting.get(child) ?? []), resolve]);
            }),
        ),
      ),
      failed,
    ]);

  let stops = 0;
  async function disturb(some: readonly ChildProcess[]): Promise<void> {
    while (!isOver) {
      const child = some[Math.floor(Math.random() * some.length)]!;
      child.kill("SIGSTOP");
      stops++;
      await sleep(5 + Math.random() * 400);
      child.kill("SIGCONT");
      await sleep(Math.random() * 100);
    }
  }

  const readers = Array.from({ length: READERS }, () => start("reader"));
  const revokers = writers.map(start);
  await done([...readers, ...revokers]);

  const count = revocations / revokers.length;
  const written = done(revokers);
  for (const [i, child] of revokers.entries()) {
    tell([child], { type: "write", from: i * count, count, lanes: 12 });
  }
  const disturbing = [disturb(readers), disturb(revokers)];
  await written.finally(async () => {
    isOver = true;
    await Promise.all(disturbing);
  });
  const decided = done(readers);
  tell(readers, { type: "end" });
  await decided;
  for (const child of [...readers, ...revokers]) child.disconnect();

  let [inTime, late, notRevoked] = [0, 0, 0];
  for (const [n, times] of decidedAt) {
    for (const atMs of times) {
      if (atMs > resolvedAt.get(n)!) late++;
      else inTime++;
    }
  }
  const apiKeys = createApiKeys({ store: openStore() });
  for (const key of keys.values()) {
    const result = await apiKeys.authenticate(key);
    if (result.ok && result.caller.can("write", library)) notRevoked++;
  }
  await apiKeys.close();
  return { revoked: resolvedAt.size, inTime, late, stops, notRevoked };
}

it("500 revocations, and no decision after any of them", { timeout: 180_000 }, async () => {
  const outcome = await run(["writer", "writer"], 500);
  expect(outcome).toMatchObject({ revoked: 500, late: 0, notRevoked: 0 });
  // Processes that decide nothing would prove nothing.
  expect(outcome.inTime).toBeGreaterThan(500 * READERS);
  expect(outcome.stops).toBeGreaterThan(20);
});

it(
  "without the wait there are such decisions, and they are seen",
  { timeout: 180_000 },
  async () => {
    const outcome = await run(["careless"], 100);
    expect(outcome).toMatchObject({ revoked: 100, notRevoked: 0 });
    expect(outcome.late).toBeGreaterThan(20);
  },
);
