import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
import { describe, expectTypeOf, it } from "vitest";
import {
  createServerParts,
  type ApolloCallerContext,
  type ApolloOptions,
  type ConnectRequest,
  type ServerParts,
} from "../../src/adapters/apollo.js";
import type { Guard } from "../../src/graphql/index.js";
import type { ApiKeys, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const guard: Guard;

describe("createServerParts", () => {
  const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });

  it("makes what Apollo Server and its integrations take", () => {
    expectTypeOf(createServerParts).returns.toEqualTypeOf<ServerParts>();
    expectTypeOf(plugin).toEqualTypeOf<ApolloServerPlugin>();
    const server = new ApolloServer<ApolloCallerContext>({
      schema: guard.schema,
      plugins: [plugin],
    });
    express().use("/graphql", authenticate(express.json()), expressMiddleware(server, { context }));
    void startStandaloneServer(server, { context });
  });

  it("adds the caller to a context, to which a host adds its own", () => {
    expectTypeOf(context).returns.resolves.toEqualTypeOf<ApolloCallerContext>();
    expectTypeOf<ApolloCallerContext["caller"]>().toEqualTypeOf<Caller>();
    interface Own extends ApolloCallerContext {
      readonly db: string;
    }
    const server = new ApolloServer<Own>({ schema: guard.schema, plugins: [plugin] });
    expressMiddleware(server, { context: async (args) => ({ ...(await context(args)), db: "x" }) });
    // @ts-expect-error -- db is missing
    expressMiddleware(server, { context });
  });

  it("takes its options, of requests of any integration", () => {
    createServerParts<ConnectRequest>({
      apiKeys,
      guard,
      trustProxy: "loopback",
      otherCallers: ({ headers }) => (headers["cookie"] ? null : null),
    });
    createServerParts<{ readonly event: { readonly headers: Record<string, string> } }>({
      apiKeys,
      guard,
      connection: ({ event }) => ({ headers: event.headers, encrypted: true }),
    });
    expectTypeOf<ApolloOptions["guard"]>().toEqualTypeOf<Guard>();
    // @ts-expect-error -- a guard is needed
    createServerParts({ apiKeys });
    // @ts-expect-error -- no such option
    createServerParts({ apiKeys, guard, schema: guard.schema });
  });
});
