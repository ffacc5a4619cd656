import { GlideClient } from "@valkey/valkey-glide";
import { Redis } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import { createClient, createCluster } from "redis";
import { describe, expectTypeOf, it } from "vitest";
import { createApiKeys, type KeyStore } from "../../src/index.js";
import { createRedisStore, type RedisStoreOptions } from "../../src/stores/redis.js";

describe("createRedisStore", () => {
  it("makes a store", () => {
    expectTypeOf(createRedisStore).parameters.toEqualTypeOf<[options: RedisStoreOptions]>();
    expectTypeOf(createRedisStore).returns.toEqualTypeOf<KeyStore>();
    createApiKeys({ store: createRedisStore({ command: async () => "", prefix: "keys" }) });
  });

  it("takes any client", () => {
    const nodeRedis = createClient({ RESP: 3 });
    createRedisStore({ command: (args) => nodeRedis.sendCommand([...args]) });
    const cluster = createCluster({ rootNodes: [] });
    createRedisStore({ command: (args) => cluster.sendCommand(args[3], false, [...args]) });
    const ioredis = new Redis({ lazyConnect: true });
    createRedisStore({ command: ([name, ...args]) => ioredis.call(name!, ...args) });
    const iovalkey = new Valkey({ lazyConnect: true });
    createRedisStore({ command: ([name, ...args]) => iovalkey.call(name!, ...args) });
    const glide = expectTypeOf<GlideClient>;
    glide().toHaveProperty("customCommand");
    createRedisStore({ command: (args) => GlideClient.prototype.customCommand([...args]) });
  });

  it("takes nothing else", () => {
    // @ts-expect-error no command
    createRedisStore({});
    // @ts-expect-error an answer that is there at once would be a fake
    createRedisStore({ command: () => "" });
    // @ts-expect-error no number
    createRedisStore({ command: async () => "", prefix: 1 });
    // @ts-expect-error no client
    createRedisStore({ client: createClient() });
    // @ts-expect-error arguments are not to be changed
    createRedisStore({ command: async (args: string[]) => args });
  });
});
