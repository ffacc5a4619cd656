/** Leases among real processes on one PostgreSQL: some are stopped and continued, and block their event loops. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKeys, type ApiKeys, type Found, type KeyStore } from "../../src/index.js";
import { createSqlStore } from "../../src/stores/sql.js";
import { startPostgres, type Postgres } from "../support/postgres.js";
import type { Order, Report } from "./lease-reader.js";

const organizationId = "monogram-labs";
const LEASE_MS = 150;
const PROCESSES = 4;
const KEYS_A_ROUND = 60;

let server: Postgres;
let pool: pg.Pool;

beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 10 }).on("error", () => {});
}, 60_000);

afterAll(async () => {
  await pool.end();
  await server.stop();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function startReaders(table: string): Promise<readonly ChildProcess[]> {
  const file = fileURLToPath(new URL("lease-reader.ts", import.meta.url));
  const args = [server.url, table, String(LEASE_MS), organizationId];
  const readers = Array.from({ length: PROCESSES }, () =>
    fork(file, args, { execArgv: ["--import", "tsx"] }),
  );
  await Promise.all(readers.map((reader) => once(reader, "message")));
  return readers;
}

/** Stops and continues one process after the other until it is told to end. */
function disturb(readers: readonly ChildProcess[]): () => Promise<void> {
  let isOver = false;
  const going = (async () => {
    while (!isOver) {
      const reader = readers[Math.floor(Math.random() * readers.length)]!;
      reader.kill("SIGSTOP");
      await sleep(30 + Math.random() * 400);
      reader.kill("SIGCONT");
      await sleep(Math.random() * 60);
    }
  })();
  return async () => {
    isOver = true;
    await going;
  };
}

const revocations: readonly ((apiKeys: ApiKeys, id: string) => Promise<unknown>)[] = [
  (apiKeys, id) => apiKeys.delete({ organizationId, id }),
  (apiKeys, id) => apiKeys.regenerate({ organizationId, id }),
  (apiKeys, id) => apiKeys.update({ organizationId, id }, { enabled: false }),
  (apiKeys, id) => apiKeys.revoke({ organizationId, id }, { libraryId: "barcelona" }),
  (apiKeys, id) => apiKeys.setAccess({ organizationId, id }, { barcelona: "read" }),
];

/** Makes keys, has them used, and kills them, round after round. */
async function run(table: string, rounds: number, wrap: (store: KeyStore) => KeyStore) {
  const store = createSqlStore({
    dialect: "postgres",
    table,
    async query(sql, params) {
      const { rows, rowCount } = await pool.query(sql, params);
      return { rows, affected: rowCount };
    },
  });
  await store.migrate();
  const writer = createApiKeys({ store: wrap(store) });
  const readers = await startReaders(table);
  const tell = (order: Order) => readers.forEach((reader) => reader.send(order));
  const resolvedAt = new Map<string, bigint>();
  const calm = disturb(readers);
  try {
    for (let round = 0; round < rounds; round++) {
      const issued = await Promise.all(
        Array.from({ length: KEYS_A_ROUND }, (_, n) =>
          writer.create({ organizationId, name: `${round}-${n}`, access: { barcelona: "write" } }),
        ),
      );
      tell({ type: "use", keys: issued.map(({ key }) => key) });
      await sleep(250);
      await Promise.all(
        issued.map(async ({ key, apiKey: { id } }, n) => {
          await sleep(Math.random() * 100);
          await revocations[n % revocations.length]!(writer, id);
          resolvedAt.set(key, process.hrtime.bigint());
        }),
      );
      await sleep(250); // whoever still went by the old value would show it now
    }
    await calm();
    const reports = await Promise.all(
      readers.map(async (reader) => {
        reader.send({ type: "report" } satisfies Order);
        return ((await once(reader, "message")) as [Report])[0];
      }),
    );
    const late = reports.flatMap(({ lastDecisions }) =>
      Object.entries(lastDecisions).filter(([key, at]) => BigInt(at) > resolvedAt.get(key)!),
    );
    const sum = (of: (report: Report) => number) => reports.reduce((n, each) => n + of(each), 0);
    return {
      revocations: resolvedAt.size,
      late: late.length,
      decisions: sum(({ decisions }) => decisions),
      usedKeys: new Set(reports.flatMap(({ lastDecisions }) => Object.keys(lastDecisions))).size,
      given: sum(({ given }) => given),
    };
  } finally {
    await calm();
    for (const reader of readers) reader.kill("SIGKILL");
  }
}

describe("processes that keep records for 150 ms", () => {
  it(
    "decide nothing any more once a revocation has resolved: 540 of them",
    { timeout: 120_000 },
    async () => {
      const counted = await run("leased_keys", 9, (store) => store);
      expect(counted).toMatchObject({ revocations: 540, late: 0 });
      // Keys that nobody used, and decisions that nobody took, would prove nothing.
      expect(counted.usedKeys).toBeGreaterThan(500);
      expect(counted.decisions).toBeGreaterThan(5000);
      expect(counted.given).toBeGreaterThan(10);
    },
  );

  it("are caught when the writer does not wait", { timeout: 60_000 }, async () => {
    const counted = await run("hasty_keys", 2, (store) => ({
      ...store,
      async findById(ref): Promise<Found> {
        return { ...(await store.findById(ref)), leaseMs: 0 };
      },
    }));
    expect(counted.revocations).toBe(120);
    expect(counted.late).toBeGreaterThan(0);
  });
});
