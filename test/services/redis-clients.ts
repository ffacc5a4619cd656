/** The clients that people use, connected as docs/stores.md says. */
import { Decoder, GlideClient, GlideClusterClient, Logger } from "@valkey/valkey-glide";
import { Cluster, Redis } from "ioredis";
import { Cluster as ValkeyCluster, Redis as Valkey } from "iovalkey";
import { createClient, createCluster, RESP_TYPES } from "redis";
import type { RedisStoreOptions } from "../../src/stores/redis.js";

export interface Connection {
  readonly command: RedisStoreOptions["command"];
  close(): void;
}

/** Connects to a server, or to a cluster of which some nodes are on these ports. */
export type Connect = (...ports: readonly number[]) => Promise<Connection>;

const host = "127.0.0.1";
// It writes to stderr what it also rejects with.
Logger.setLoggerConfig("off");

const nodeRedis =
  (RESP: 2 | 3, as: "text" | "bytes" = "text"): Connect =>
  async (port) => {
    const client = createClient({
      RESP,
      socket: { host, port: port!, reconnectStrategy: 20 },
      disableOfflineQueue: true,
    });
    client.on("error", () => {});
    await client.connect();
    const mapped = as === "text" ? {} : { [RESP_TYPES.BLOB_STRING]: Buffer };
    const sender = client.withTypeMapping(mapped);
    return {
      command: (args) => sender.sendCommand([...args]),
      close: () => client.destroy(),
    };
  };

const ioredis =
  (as: "call" | "callBuffer" = "call"): Connect =>
  async (port) => {
    const options = { host, port: port!, lazyConnect: true, retryStrategy: () => 20 };
    const client = new Redis({ ...options, enableOfflineQueue: false });
    client.on("error", () => {});
    await client.connect();
    return {
      command: ([name, ...args]) => client[as](name!, ...args),
      close: () => client.disconnect(),
    };
  };

const iovalkey: Connect = async (port) => {
  const options = { host, port: port!, lazyConnect: true, retryStrategy: () => 20 };
  const client = new Valkey({ ...options, enableOfflineQueue: false });
  client.on("error", () => {});
  await client.connect();
  return {
    command: ([name, ...args]) => client.call(name!, ...args),
    close: () => client.disconnect(),
  };
};

const glide =
  (decoder: Decoder): Connect =>
  async (port) => {
    const client = await GlideClient.createClient({ addresses: [{ host, port: port! }] });
    return {
      command: (args) => client.customCommand([...args], { decoder }),
      close: () => client.close(),
    };
  };

/** Everything that answers in its own way. */
export const CLIENTS: Readonly<Record<string, Connect>> = {
  "node-redis": nodeRedis(2),
  "node-redis, RESP3": nodeRedis(3),
  "node-redis, RESP3, Buffers": nodeRedis(3, "bytes"),
  ioredis: ioredis(),
  "ioredis, Buffers": ioredis("callBuffer"),
  iovalkey,
  "Valkey GLIDE": glide(Decoder.String),
  "Valkey GLIDE, Buffers": glide(Decoder.Bytes),
};

const nodeRedisCluster: Connect = async (...ports) => {
  const cluster = createCluster({
    rootNodes: ports.map((port) => ({ socket: { host, port } })),
    defaults: { disableOfflineQueue: true, socket: { reconnectStrategy: 20 } },
  });
  cluster.on("error", () => {});
  await cluster.connect();
  return {
    command: (args) => cluster.sendCommand(args[3], false, [...args]),
    close: () => cluster.destroy(),
  };
};

const ioredisCluster: Connect = async (...ports) => {
  const cluster = new Cluster(
    ports.map((port) => ({ host, port })),
    { lazyConnect: true, enableOfflineQueue: false, clusterRetryStrategy: () => 20 },
  );
  cluster.on("error", () => {});
  await cluster.connect();
  return {
    command: ([name, ...args]) => cluster.call(name!, ...args),
    close: () => cluster.disconnect(),
  };
};

const iovalkeyCluster: Connect = async (...ports) => {
  const cluster = new ValkeyCluster(
    ports.map((port) => ({ host, port })),
    { lazyConnect: true, enableOfflineQueue: false, clusterRetryStrategy: () => 20 },
  );
  cluster.on("error", () => {});
  await cluster.connect();
  return {
    command: ([name, ...args]) => cluster.call(name!, ...args),
    close: () => cluster.disconnect(),
  };
};

const glideCluster: Connect = async (...ports) => {
  const addresses = ports.map((port) => ({ host, port }));
  const client = await GlideClusterClient.createClient({ addresses });
  return {
    command: (args) => client.customCommand([...args]),
    close: () => client.close(),
  };
};

export const CLUSTER_CLIENTS: Readonly<Record<string, Connect>> = {
  "node-redis": nodeRedisCluster,
  ioredis: ioredisCluster,
  iovalkey: iovalkeyCluster,
  "Valkey GLIDE": glideCluster,
};
