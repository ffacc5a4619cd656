/** graphql-ws as an adapter's server: sockets, and nothing over HTTP. */
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { createServerOptions, type GraphQLWsOptions } from "../../src/adapters/graphql-ws.js";
import type { AdapterServer, Handler, Parts } from "./subject.js";

/** Everything that graphql-ws knows of its sockets. */
export type Sockets = unknown[];

/** A server of graphql-ws, on the sockets of any other. */
export function createGuardedSockets(
  parts: Parts,
  options: Partial<GraphQLWsOptions> = {},
  sockets: Sockets = [],
): Handler {
  return {
    listener: (_req, res) => void res.writeHead(404).end(),
    attach(server) {
      const { apiKeys, guard, trustProxy, otherCallers, heartbeatMs } = parts;
      const settings = createServerOptions({
        apiKeys,
        guard,
        ...(trustProxy !== undefined && { trustProxy }),
        ...(otherCallers && { otherCallers }),
        ...(heartbeatMs !== undefined && { heartbeatMs }),
        ...options,
      });
      const { onConnect } = settings;
      const watched = {
        ...settings,
        onConnect: async (socket: Parameters<typeof onConnect>[0]) => {
          const answer = await onConnect(socket);
          sockets.push(socket);
          return answer;
        },
      };
      useServer(watched as never, new WebSocketServer({ server, path: "/graphql" }));
    },
  };
}

export const graphqlWsServer: AdapterServer = {
  capabilities: ["sockets"],
  handle: (parts) => createGuardedSockets(parts),
};
