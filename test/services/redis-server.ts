/** Redis servers for one test file: of their own, on free ports, in folders that are removed. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

export interface RedisServer {
  readonly port: number;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again, on the same port and folder. */
  restart(): Promise<void>;
  /** Sends one command over a connection of its own. */
  admin(...args: readonly [string, ...string[]]): Promise<unknown>;
  stop(): Promise<void>;
}

/** What makes an acknowledged write outlive the process. */
export const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"] as const;

/** Starts a server that keeps nothing, unless told otherwise. */
export async function startRedis(...config: readonly string[]): Promise<RedisServer> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "graphql-api-keys-redis-"));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", ""];
  let child = await spawnRedis([...args, ...config]);

  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    port,
    kill,
    async restart() {
      await kill();
      child = await spawnRedis([...args, ...config]);
    },
    async admin(...[name, ...rest]) {
      const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
      client.on("error", () => {});
      try {
        await client.connect();
        return await client.call(name, ...rest);
      } finally {
        client.disconnect();
      }
    },
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Starts a cluster of three primaries. */
export async function startCluster(...config: readonly string[]): Promise<readonly RedisServer[]> {
  const cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "5000", ...config];
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const nodes = await Promise.all(
    ports.map((port) => startRedis(...cluster, "--cluster-port", String(port))),
  );
  for (const [i, node] of nodes.entries()) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * 16384) / nodes.length)) as [
      number,
      number,
    ];
    await node.admin("CLUSTER", "SET-CONFIG-EPOCH", String(i + 1));
    await node.admin("CLUSTER", "ADDSLOTSRANGE", String(from), String(to - 1));
    await node.admin("CLUSTER", "MEET", "127.0.0.1", String(nodes[0]!.port), String(ports[0]!));
  }
  for (const node of nodes) await clusterIsUp(node, nodes.length);
  return nodes;
}

/** Resolves once a node reaches all others and every slot is served. */
export async function clusterIsUp(node: RedisServer, nodes: number): Promise<void> {
  const expected = ["cluster_state:ok", "cluster_slots_ok:16384", `cluster_size:${nodes}`];
  for (let tries = 0; tries < 300; tries++) {
    const info = String(await node.admin("CLUSTER", "INFO").catch(() => ""));
    if (expected.every((line) => info.includes(`${line}\r\n`))) return;
    await sleep(50);
  }
  throw new Error("the cluster did not come up");
}

async function spawnRedis(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.on("error", (cause) => reject(new Error("redis-server is not installed", { cause })));
    child.on("exit", () => reject(new Error(`redis-server ended: ${log}`)));
    child.stdout!.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes("Ready to accept connections")) resolve();
    });
  });
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
