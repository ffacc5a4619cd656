/** Mercurius on Fastify as an adapter's server. */
import type { RequestListener } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import mercurius, { type MercuriusOptions } from "mercurius";
import { createPlugin, type MercuriusGuardOptions } from "../../src/adapters/mercurius.js";
import type { AdapterServer, Parts } from "./subject.js";

/** What Fastify logged. */
export const logged: string[] = [];

interface Settings extends MercuriusOptions {
  /** More options of `createPlugin`. */
  readonly options?: Partial<MercuriusGuardOptions>;
  /** What the host does besides. */
  readonly host?: (app: FastifyInstance) => unknown;
}

/** A Fastify application that answers GraphQL at `/graphql` with a guarded Mercurius. */
export async function createGuardedMercurius(
  { apiKeys, guard, trustProxy }: Parts,
  { options = {}, host, ...others }: Settings = {},
): Promise<FastifyInstance> {
  const app = Fastify({
    logger: {
      level: "info",
      stream: { write: (line) => void logged.push(line) },
      serializers: { req: ({ method }) => ({ method }) }, // an address may have a key
    },
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send("There is nothing here."));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("vary", "Origin");
    if (request.headers.origin !== "https://example.com") return;
    reply.header("access-control-allow-origin", request.headers.origin);
    reply.header("access-control-expose-headers", "www-authenticate");
  });
  app.options("/graphql", (_request, reply) =>
    reply.code(204).header("access-control-allow-headers", "authorization, content-type").send(),
  );
  const proxy = trustProxy !== undefined && { trustProxy };
  const plugin = createPlugin(mercurius, { apiKeys, guard, ...proxy, ...options });
  await app.register(plugin, others);
  await host?.(app);
  await app.ready();
  return app;
}

/** What Node's servers call. */
export function listenerOf(app: FastifyInstance): RequestListener {
  return (req, res) => app.routing(req, res);
}

export const mercuriusServer: AdapterServer = {
  capabilities: ["get", "batch", "cors"],
  handle: async (parts) =>
    listenerOf(await createGuardedMercurius(parts, { allowBatchedQueries: true })),
};
