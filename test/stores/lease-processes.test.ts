/** Leases among real processes on one PostgreSQL: some are stopped and continued, and block their event loops. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKeys, type ApiKeys, type Found, type KeyStore } from "../../src/index.js";
import { createSqlStore } from "../../src/stores/sql.js";
import { startPostgres, type Postgres } from "../support/postgres.js";
import type { Note, Order, Report } from "./lease-reader.js";

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

interface Reader {
  readonly child: ChildProcess;
  send(order: Order): void;
  report(): Promise<Report>;
}

/** Starts the processes that verify keys; tells of each key that one of them has let in. */
function startReaders(table: string, onUsed: (key: string) => void): Promise<readonly Reader[]> {
  const file = fileURLToPath(new URL("lease-reader.ts", import.meta.url));
  const args = [server.url, table, String(LEASE_MS), organizationId];
  const start = async (): Promise<Reader> => {
    const child = fork(file, args, { execArgv: ["--import", "tsx"] });
    const reports: ((report: Report) => void)[] = [];
    const isReady = new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error("a process ended")));
      child.on("message", (message: Note | Report) => {
        if (message.type === "ready") resolve();
        else if (message.type === "used") onUsed(message.key);
        else reports.shift()!(message);
      });
    });
    const send = (order: Order) => void child.send(order);
    await isReady;
    return {
      child,
      send,
      report() {
        send({ type: "report" });
        return new Promise((resolve) => reports.push(resolve));
      },
    };
  };
  return Promise.all(Array.from({ length: PROCESSES }, start));
}

/** Stops and continues one process after the other until it is told to end. */
function disturb(readers: readonly Reader[]): () => Promise<void> {
  let isOver = false;
  const going = (async () => {
    while (!isOver) {
      const { child } = readers[Math.floor(Math.random() * readers.length)]!;
      child.kill("SIGSTOP");
      await sleep(30 + Math.random() * 400);
      child.kill("SIGCONT");
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

/** Makes keys, has them used, and kills them, round after round; until a decision comes late. */
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
  const used = new Set<string>();
  const readers = await startReaders(table, (key) => used.add(key));
  const resolvedAt = new Map<string, bigint>();
  const calm = disturb(readers);

  async function round(): Promise<void> {
    const issued = await Promise.all(
      Array.from({ length: KEYS_A_ROUND }, (_, n) =>
        writer.create({ organizationId, name: `${n}`, access: { barcelona: "write" } }),
      ),
    );
    const keys = issued.map(({ key }) => key);
    for (const reader of readers) reader.send({ type: "use", keys });
    // A key that nobody has used would prove nothing.
    while (!keys.every((key) => used.has(key))) await sleep(10);
    await Promise.all(
      issued.map(async ({ key, apiKey: { id } }, n) => {
        await sleep(Math.random() * 100);
        await revocations[n % revocations.length]!(writer, id);
        resolvedAt.set(key, process.hrtime.bigint());
      }),
    );
    await sleep(250); // whoever still went by the old value would show it now
  }

  const isLate = ([key, at]: [string, string]) => BigInt(at) > resolvedAt.get(key)!;
  const counted = { revocations: 0, late: 0, decisions: 0, given: 0 };
  try {
    for (let n = 0; n < rounds && counted.late === 0; n++) {
      await round();
      const reports = await Promise.all(readers.map((reader) => reader.report()));
      const sum = (of: (report: Report) => number) => reports.reduce((m, each) => m + of(each), 0);
      counted.revocations = resolvedAt.size;
      counted.late = sum(
        ({ lastDecisions }) => Object.entries(lastDecisions).filter(isLate).length,
      );
      counted.decisions = sum(({ decisions }) => decisions);
      counted.given = sum(({ given }) => given);
    }
    return counted;
  } finally {
    await calm();
    for (const { child } of readers) child.kill("SIGKILL");
  }
}

describe("processes that keep records for 150 ms", () => {
  it("decide nothing any more once one of 540 revocations has resolved", async () => {
    const counted = await run("leased_keys", 9, (store) => store);
    expect(counted).toMatchObject({ revocations: 540, late: 0 });
    expect(counted.decisions).toBeGreaterThan(540);
    // Leases that ended between verification and decision.
    expect(counted.given).toBeGreaterThan(0);
  }, 180_000);

  it("are caught when the writer does not wait", async () => {
    const counted = await run("hasty_keys", 30, (store) => ({
      ...store,
      async findById(ref): Promise<Found> {
        return { ...(await store.findById(ref)), leaseMs: 0 };
      },
    }));
    expect(counted.late).toBeGreaterThan(0);
  }, 180_000);
});
