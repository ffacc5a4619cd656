import { GraphQLError, parse } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { describe, expectTypeOf, it } from "vitest";
import type { WebSocketServer } from "ws";
import { createServerOptions, type GraphQLWsSocket } from "../../src/adapters/graphql-ws.js";
import type { Guard } from "../../src/graphql/index.js";
import type { ApiKeys, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const guard: Guard;
declare const server: WebSocketServer;

describe("createServerOptions", () => {
  it("fits the servers of graphql-ws, with options of one's own beside it", () => {
    useServer(createServerOptions({ apiKeys, guard }), server);
    useServer({ ...createServerOptions({ apiKeys, guard }), onPing: () => {} }, server);
  });

  it("hands the socket to the host", () => {
    createServerOptions({
      apiKeys,
      guard,
      heartbeatMs: 1000,
      otherCallers(socket) {
        expectTypeOf(socket).toEqualTypeOf<GraphQLWsSocket>();
        return null as Caller | null;
      },
      context: (_socket, { query }) => ({ query }),
      validationRules: [],
    });
    createServerOptions({
      apiKeys,
      guard,
      prepare({ payload, caller, id }) {
        expectTypeOf(caller).toEqualTypeOf<Caller>();
        expectTypeOf(id).toEqualTypeOf<string>();
        return { document: parse(payload.query), variables: payload.variables ?? null };
      },
    });
    createServerOptions({ apiKeys, guard, prepare: async () => [new GraphQLError("no")] });
    // @ts-expect-error neither a document nor errors
    createServerOptions({ apiKeys, guard, prepare: () => "{ viewer }" });
    // @ts-expect-error a guard is needed
    createServerOptions({ apiKeys });
    // @ts-expect-error a number of milliseconds
    createServerOptions({ apiKeys, guard, heartbeatMs: "1s" });
  });
});
