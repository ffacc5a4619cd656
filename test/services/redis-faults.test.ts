import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { KeyStore } from "../../src/index.js";
import { createRedisStore } from "../../src/stores/redis.js";
import { underLoad } from "../support/load.js";
import { CLIENTS, CLUSTER_CLIENTS, type Connection } from "./redis-clients.js";
import {
  clusterIsUp,
  DURABLE,
  startCluster,
  startRedis,
  type RedisServer,
} from "./redis-server.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/*
 * Servers that die and connections that are cut, under load. What was acknowledged is compared with what is there
 * afterwards; the same clients go on, nothing is restarted but the server.
 */

let opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.toReversed()) await close();
  opened = [];
});

/** Two stores, each with a connection of its own. */
async function twice(open: () => Promise<Connection>): Promise<KeyStore[]> {
  const connections = [await open(), await open()];
  opened.push(...connections.map(({ close }) => close));
  return connections.map(({ command }) => createRedisStore({ command }));
}

const four = ["node-redis", "ioredis", "iovalkey", "Valkey GLIDE"];

describe.each(four)("over %s", (name) => {
  it("a server that is killed three times and started again loses nothing it acknowledged", async () => {
    const redis = await startRedis(...DURABLE);
    opened.push(() => redis.stop());
    const ledger = await underLoad(
      await twice(() => CLIENTS[name]!(redis.port)),
      async ({ more }) => {
        for (let round = 0; round < 3; round++) {
          await more();
          await redis.kill();
          // Longer than ioredis goes on trying to send a command again.
          await sleep(700);
          await redis.restart();
        }
      },
    );
    expect(ledger.outages).toBeGreaterThan(0);
  });

  it("connections that are cut thirty times are outages at most", async () => {
    const redis = await startRedis();
    opened.push(() => redis.stop());
    await underLoad(await twice(() => CLIENTS[name]!(redis.port)), async ({ more }) => {
      await more();
      for (let round = 0; round < 30; round++) {
        await sleep(40);
        await redis.admin("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      }
    });
  });
});

describe.each(Object.entries(CLUSTER_CLIENTS))("over a cluster and %s", (_, connect) => {
  it("a node that is killed twice and started again loses nothing it acknowledged", async () => {
    const nodes: readonly RedisServer[] = await startCluster(...DURABLE);
    opened.push(() => Promise.all(nodes.map((node) => node.stop())));
    const ports = nodes.map(({ port }) => port);
    const ledger = await underLoad(await twice(() => connect(...ports)), async ({ more }) => {
      for (const node of nodes.slice(1)) {
        await more();
        await node.kill();
        await sleep(150);
        await node.restart();
        await clusterIsUp(node, nodes.length);
      }
    });
    expect(ledger.outages).toBeGreaterThan(0);
  });
});
