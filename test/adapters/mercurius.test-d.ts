import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { makeHandler } from "graphql-ws/use/@fastify/websocket";
import mercurius, { type MercuriusOptions } from "mercurius";
import type { GraphQLSchema } from "graphql";
import { describe, expectTypeOf, it } from "vitest";
import { createServerOptions, type GraphQLWsOptions } from "../../src/adapters/graphql-ws.js";
import type { SocketOptions } from "../../src/adapters/mercurius-socket-types.js";
import {
  createPlugin,
  type MercuriusCallerContext,
  type MercuriusGuardOptions,
  type MercuriusRequest,
} from "../../src/adapters/mercurius.js";
import type { Guard } from "../../src/graphql/index.js";
import type { ApiKeys, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const guard: Guard;

describe("createPlugin", () => {
  it("makes a plugin that takes the options of Mercurius", () => {
    const app = Fastify();
    const plugin = createPlugin(mercurius, { apiKeys, guard });
    void app.register(plugin);
    void app.register(plugin, { graphiql: true, path: "/api" });
    expectTypeOf(plugin).parameter(1).toEqualTypeOf<MercuriusOptions | undefined>();
    // @ts-expect-error -- no such option of Mercurius
    void plugin(app, { graphiql: "none" });
  });

  it("takes a guard, or a function that makes one", () => {
    createPlugin(mercurius, { apiKeys, guard: () => guard, trustProxy: "loopback" });
    expectTypeOf<MercuriusGuardOptions["guard"]>().toEqualTypeOf<
      Guard | ((schema: GraphQLSchema) => Guard)
    >();
    createPlugin(mercurius, {
      apiKeys,
      guard,
      otherCallers: ({ headers }) => (headers.cookie ? null : null),
    });
    // @ts-expect-error -- a guard is needed
    createPlugin(mercurius, { apiKeys });
    // @ts-expect-error -- this is no plugin
    createPlugin({}, { apiKeys, guard });
  });

  it("takes what serves WebSockets", () => {
    const sockets = { websocket, makeHandler, createServerOptions };
    createPlugin(mercurius, { apiKeys, guard, sockets, heartbeatMs: 1000 });
    // @ts-expect-error -- all three are needed
    createPlugin(mercurius, { apiKeys, guard, sockets: { websocket, makeHandler } });
    expectTypeOf<SocketOptions>().toExtend<GraphQLWsOptions>();
  });

  it("adds the caller to contexts", () => {
    expectTypeOf<MercuriusCallerContext["caller"]>().toEqualTypeOf<Caller>();
    expectTypeOf<MercuriusRequest>().toHaveProperty("headers");
  });
});
