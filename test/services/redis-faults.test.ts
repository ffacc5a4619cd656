import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createApiKeys, isApiKeyError, type ApiKeys } from "../../src/index.js";
import { createRedisStore } from "../../src/stores/redis.js";
import { verdictOf } from "../support/fixture.js";
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

const organizationId = "monogram-labs";

/** What was acknowledged. A key that is being changed is in neither until the answer came. */
interface Ledger {
  readonly live: Map<string, { readonly id: string; readonly access: "read" | "write" }>;
  readonly dead: Set<string>;
  acknowledged: number;
  outages: number;
  /** Everything that must not happen. */
  readonly faults: string[];
}

/** Creates, changes, regenerates, deletes and verifies until it is told to stop. */
async function work(apiKeys: ApiKeys, ledger: Ledger, isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    try {
      await step(apiKeys, ledger, n);
      ledger.acknowledged++;
    } catch (error) {
      if (isApiKeyError(error, "UNAVAILABLE")) ledger.outages++;
      else
        ledger.faults.push(`${isApiKeyError(error) ? error.code : String(error)} in step ${n % 4}`);
      await sleep(2);
    }
  }
}

async function step(apiKeys: ApiKeys, { live, dead }: Ledger, n: number): Promise<void> {
  const access = { barcelona: "write" } as const;
  const { key, apiKey } = await apiKeys.create({ organizationId, name: `Key ${n}`, access });
  const ref = { organizationId, id: apiKey.id };
  switch (n % 4) {
    case 0: {
      const again = await apiKeys.regenerate(ref);
      dead.add(key);
      live.set(again.key, { id: ref.id, access: "write" });
      return;
    }
    case 1: {
      await apiKeys.delete(ref);
      dead.add(key);
      return;
    }
    case 2: {
      await apiKeys.setAccess(ref, { barcelona: "read" });
      live.set(key, { id: ref.id, access: "read" });
      return;
    }
    default:
      live.set(key, { id: ref.id, access: "write" });
  }
}

/** Verifies what was acknowledged: the answer is what it must be, or that there is none. */
async function verify(apiKeys: ApiKeys, ledger: Ledger, isOver: () => boolean): Promise<void> {
  const newest = (keys: Iterable<string>) => [...keys].slice(-20);
  while (!isOver()) {
    for (const key of newest(ledger.live.keys())) {
      const result = await apiKeys.authenticate(key);
      if (!result.ok && result.reason !== "unavailable")
        ledger.faults.push(`live: ${result.reason}`);
    }
    for (const key of newest(ledger.dead)) {
      const result = await apiKeys.authenticate(key);
      if (result.ok) ledger.faults.push("dead: accepted");
    }
    await sleep(1);
  }
}

/** Load, while something happens; and then a look at everything that was acknowledged. */
async function underLoad(
  connections: readonly Connection[],
  happen: (more: () => Promise<void>) => Promise<void>,
) {
  const ledger: Ledger = {
    live: new Map(),
    dead: new Set(),
    acknowledged: 0,
    outages: 0,
    faults: [],
  };
  const apiKeys = connections.map(({ command }) =>
    createApiKeys({ store: createRedisStore({ command }), storeTimeoutMs: 2000 }),
  );
  let isOver = false;
  const workers = apiKeys.flatMap((each) => [
    ...Array.from({ length: 8 }, () => work(each, ledger, () => isOver)),
    verify(each, ledger, () => isOver),
  ]);
  const more = async () => {
    const before = ledger.acknowledged;
    await expect.poll(() => ledger.acknowledged, { timeout: 20_000 }).toBeGreaterThan(before + 100);
  };
  await happen(more);
  for (const each of apiKeys) await recovered(each);
  await more();
  isOver = true;
  await Promise.all(workers);
  await expectKept(apiKeys[0]!, ledger);
  return ledger;
}

/** The same objects work again, without anyone having touched them. */
async function recovered(apiKeys: ApiKeys): Promise<void> {
  const create = () => apiKeys.create({ organizationId, name: "Recovered" });
  await expect.poll(() => verdictOf(create), { timeout: 20_000 }).toBe("ok");
}

async function expectKept(apiKeys: ApiKeys, { live, dead, faults }: Ledger): Promise<void> {
  const listed = new Set<string>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<ApiKeys["list"]>> = await apiKeys.list({
      organizationId,
      first: 500,
      after,
    });
    for (const { id } of page.apiKeys) listed.add(id);
    after = page.endCursor;
  } while (after !== null);
  for (const [key, { id, access }] of live) {
    const result = await apiKeys.authenticate(key);
    const can = result.ok && result.caller.can("write", { organizationId, libraryId: "barcelona" });
    if (!result.ok) faults.push(`lost: ${result.reason}`);
    else if (can !== (access === "write")) faults.push("lost: a change of access");
    if (!listed.has(id)) faults.push("lost: an entry of the list");
  }
  for (const key of dead) {
    const result = await apiKeys.authenticate(key);
    if (result.ok || result.reason !== "unknown") faults.push("dead: came back");
  }
  expect(faults).toEqual([]);
}

let opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.toReversed()) await close();
  opened = [];
});

async function twice(open: () => Promise<Connection>): Promise<Connection[]> {
  const connections = [await open(), await open()];
  opened.push(...connections.map(({ close }) => close));
  return connections;
}

const four = ["node-redis", "ioredis", "iovalkey", "Valkey GLIDE"];

describe.each(four)("over %s", (name) => {
  it("a server that is killed three times and started again loses nothing it acknowledged", async () => {
    const redis = await startRedis(...DURABLE);
    opened.push(() => redis.stop());
    const ledger = await underLoad(await twice(() => CLIENTS[name]!(redis.port)), async (more) => {
      for (let round = 0; round < 3; round++) {
        await more();
        await redis.kill();
        // Longer than ioredis goes on trying to send a command again.
        await sleep(700);
        await redis.restart();
      }
    });
    expect(ledger.outages).toBeGreaterThan(0);
  });

  it("connections that are cut thirty times are outages at most", async () => {
    const redis = await startRedis();
    opened.push(() => redis.stop());
    await underLoad(await twice(() => CLIENTS[name]!(redis.port)), async (more) => {
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
    const ledger = await underLoad(await twice(() => connect(...ports)), async (more) => {
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
