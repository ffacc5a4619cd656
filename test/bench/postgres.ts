/** Verification from PostgreSQL, against the same statement with the digest at hand, through the same connection. */
import * as crypto from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createSqlStore, type SqlValue } from "../../src/stores/sql.js";
import { statementsOf } from "../../src/stores/sql-statements.js";
import { startPostgres } from "../support/postgres.js";
import { createKeys, rotate } from "./keys.js";
import { comparisonOf, type Pair } from "./measure.js";
import { answer, exactRow, ratioRow, type Row } from "./rows.js";

const COUNT = 10_000;
const WARM_UP_ROUNDS = 500;
const ROUNDS = 1000;
const { findByHash } = statementsOf("postgres", "api_keys");

/** How a statement is sent: parsed by the server each time, or once a connection. */
type Way = "unprepared" | "prepared";

async function rowsOf(client: pg.Client, way: Way): Promise<readonly Row[]> {
  let statements = 0;
  const names = new Map<string, string>();
  const query = (text: string, values: SqlValue[]): Promise<pg.QueryResult> => {
    statements++;
    if (way === "unprepared") return client.query(text, values);
    if (!names.has(text)) names.set(text, `statement-${names.size}`);
    return client.query({ name: names.get(text)!, text, values });
  };
  const store = createSqlStore({
    dialect: "postgres",
    async query(sql, params) {
      const { rows, rowCount } = await query(sql, params);
      return { rows, affected: rowCount };
    },
  });
  await store.migrate();
  const { apiKeys, keys } = await createKeys(COUNT, { store });
  await client.query("VACUUM ANALYZE api_keys");
  const hash = rotate(
    keys.map((each) => crypto.hash("sha256", each, "hex")),
    COUNT >> 1,
  );
  const key = rotate(keys);
  const bare = async (): Promise<void> => {
    const { rows } = await query(findByHash, [hash()]);
    if (rows[0].id === null) throw new Error("a key was not found");
  };
  let ofThem = 0;
  const verify = async (): Promise<void> => {
    const before = statements;
    if (!(await apiKeys.authenticate(key())).ok) throw new Error("a key was refused");
    ofThem += statements - before;
  };
  const samples: Pair[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    let floorNs = round % 2 === 0 ? await latencyOf(bare) : 0;
    const ns = await latencyOf(verify);
    floorNs ||= await latencyOf(bare);
    if (round >= WARM_UP_ROUNDS) samples.push({ floorNs, ns });
  }
  const each = ofThem / (WARM_UP_ROUNDS + ROUNDS);
  return [
    ratioRow(`postgres.${way}`, `authenticate, PostgreSQL, ${way}`, comparisonOf(samples), 1.2),
    exactRow(`postgres.${way}.statements`, "  asks", each, "statements", 1),
  ];
}

/** As requests come: not right behind each other, which would find the server still awake. */
async function latencyOf(call: () => Promise<void>): Promise<number> {
  await sleep(1);
  const start = performance.now();
  await call();
  return (performance.now() - start) * 1e6;
}

const server = await startPostgres();
const client = new pg.Client(server.url);
try {
  await client.connect();
  const unprepared = await rowsOf(client, "unprepared");
  await client.query("DROP TABLE api_keys, api_keys_settings");
  answer([...unprepared, ...(await rowsOf(client, "prepared"))]);
} finally {
  await client.end();
  await server.stop();
}
