/**
 * One process of a service whose keys are in PostgreSQL, told what to do by messages.
 *
 *     tsx test/stores/processes-worker.ts reader|writer|careless <url>
 *
 * A reader verifies the keys that it watches, over and over, and notes when it decided in favour of what they could at
 * first. A writer makes keys and takes that away; a careless one does not wait before it says so.
 */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createApiKeys, type ApiKeyRecord, type ApiKeys, type Caller } from "../../src/index.js";
import { isFresh } from "../../src/core/caller.js";
import { createSqlStore } from "../../src/stores/sql.js";

/** What a process is told. */
export type Order =
  | { readonly type: "watch"; readonly n: number; readonly key: string }
  | { readonly type: "unwatch"; readonly n: number }
  | { readonly type: "end" }
  | { readonly type: "seen"; readonly n: number }
  /** Take away from `count` keys, numbered from `from` on, `lanes` at a time. */
  | {
      readonly type: "write";
      readonly from: number;
      readonly count: number;
      readonly lanes: number;
    };

/** What a process says. Times are milliseconds of a clock that all processes of a machine share. */
export type Report =
  | { readonly type: "ready" }
  | Extract<Order, { type: "watch" | "unwatch" | "seen" }>
  | { readonly type: "resolved"; readonly n: number; readonly atMs: number }
  | { readonly type: "written" }
  | { readonly type: "decided"; readonly times: readonly (readonly [n: number, atMs: number[]])[] };

export const LEASE_MS = 150;

const organizationId = "monogram-labs";
const library = { organizationId, libraryId: "barcelona" };

/** What the clock said last: it is asked right before each decision, so this is when that was taken. */
let lastMs = 0;
const monotonicNow = () => (lastMs = Number(process.hrtime.bigint()) / 1e6);

const [role, url] = process.argv.slice(2) as [string, string];
const pool = new pg.Pool({ connectionString: url }).on("error", () => {});
const store = createSqlStore({
  dialect: "postgres",
  async query(sql, params) {
    const { rows, rowCount } = await pool.query(sql, params);
    return { rows, affected: rowCount };
  },
});
const apiKeys = createApiKeys({ store, leaseMs: LEASE_MS, monotonicNow });

function report(message: Report): void {
  process.send!(message);
}

function obey(listener: (order: Order) => unknown): void {
  process.on("message", listener);
  process.on("disconnect", () => process.exit());
  report({ type: "ready" });
}

async function read(): Promise<void> {
  const watched = new Map<number, string>();
  const held = new Map<number, Caller>();
  const times = new Map<number, number[]>();
  let isOver = false;
  obey((order) => {
    if (order.type === "watch") watched.set(order.n, order.key);
    else if (order.type === "unwatch") {
      watched.delete(order.n);
      held.delete(order.n);
    } else isOver = true;
  });

  function note(n: number): void {
    const before = times.get(n);
    if (before !== undefined) return void before.push(lastMs);
    times.set(n, [lastMs]);
    report({ type: "seen", n });
  }

  while (!isOver) {
    for (const [n, key] of watched) {
      const result = await apiKeys.authenticate(key);
      if (!result.ok || !result.caller.can("write", library)) continue;
      note(n);
      held.set(n, result.caller);
    }
    await sleep(1);
    // As the guard does before each field: a caller that was let in earlier.
    for (const [n, caller] of held) if (isFresh(caller)) note(n);
    if (Math.random() < 0.01) block(Math.random() * 300);
  }
  report({ type: "decided", times: [...times] });
}

/** The event loop stands still, as in a long computation. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

type TakeAway = (ref: { organizationId: string; id: string }, n: number) => Promise<unknown>;

const careful: TakeAway = (ref, n) => {
  const kills: readonly ((apiKeys: ApiKeys) => Promise<unknown>)[] = [
    (each) => each.regenerate(ref),
    (each) => each.delete(ref),
    (each) => each.update(ref, { enabled: false }),
    (each) => each.setAccess(ref, { barcelona: "read" }),
  ];
  return kills[n % kills.length]!(apiKeys);
};

/** The same commits, and nothing after them. */
const careless: TakeAway = async (ref, n) => {
  const record = (await store.findById(ref)).record!;
  const changes: readonly (Partial<ApiKeyRecord> | null)[] = [
    { hash: n.toString(16).padStart(64, "0") },
    null,
    { enabled: false },
    { access: { barcelona: "read" } },
  ];
  const change = changes[n % changes.length]!;
  const wrote =
    change === null
      ? await store.delete(ref)
      : await store.replace({ ...record, ...change, version: record.version + 1 }, record);
  if (!wrote) throw new Error("nothing was written");
};

function write(takeAway: TakeAway): void {
  const seen = new Map<number, () => void>();

  async function takeOne(n: number): Promise<void> {
    const access = { barcelona: "write" } as const;
    const { key, apiKey } = await apiKeys.create({ organizationId, name: `Key ${n}`, access });
    const isSeen = new Promise<void>((resolve) => seen.set(n, resolve));
    report({ type: "watch", n, key });
    await isSeen;
    await sleep(Math.random() * 50);
    await takeAway({ organizationId, id: apiKey.id }, n);
    report({ type: "resolved", n, atMs: monotonicNow() });
    setTimeout(() => report({ type: "unwatch", n }), 2 * LEASE_MS);
  }

  async function takeMany(from: number, count: number, lanes: number): Promise<void> {
    let next = from;
    const lane = async () => {
      while (next < from + count) await takeOne(next++);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    await sleep(3 * LEASE_MS);
    report({ type: "written" });
  }

  obey((order) => {
    if (order.type === "seen") seen.get(order.n)?.();
    else if (order.type === "write") void takeMany(order.from, order.count, order.lanes);
  });
}

if (role === "reader") await read();
else write(role === "careless" ? careless : careful);
