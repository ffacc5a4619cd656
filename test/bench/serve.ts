/** A server for the suite of servers: `serve.mjs <server> <bare|guarded>`. Says its port and key, and its CPU time when asked. */
import { createServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
import Fastify from "fastify";
import { createHandler } from "graphql-http/lib/use/http";
import { createYoga } from "graphql-yoga";
import mercurius, { type MercuriusOptions } from "mercurius";
import { generate } from "selfsigned";
import { createServerParts } from "../../src/adapters/apollo.js";
import { createHandlerOptions } from "../../src/adapters/graphql-http.js";
import { createPlugin, type MercuriusPlugin } from "../../src/adapters/mercurius.js";
import { useApiKeys } from "../../src/adapters/yoga.js";
import { apiKeys, createGuarded, createSchema } from "./operations.js";

const guard = createGuarded("marked");
const schema = createSchema("marked");

type Make = () => RequestListener | Promise<RequestListener>;

async function createFastify(
  plugin: MercuriusPlugin,
  options: MercuriusOptions,
): Promise<RequestListener> {
  const app = Fastify();
  await app.register(plugin, options);
  await app.ready();
  return (req, res) => app.routing(req, res);
}

const SERVERS: Readonly<Record<string, { readonly bare: Make; readonly guarded: Make }>> = {
  Yoga: {
    bare: () => createYoga({ schema }),
    guarded: () => createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] }),
  },
  "graphql-http": {
    bare: () => createHandler({ schema }),
    guarded: () => createHandler(createHandlerOptions({ apiKeys, guard })),
  },
  "Apollo Server": {
    async bare() {
      const server = new ApolloServer({ schema });
      await server.start();
      return express().use("/graphql", express.json(), expressMiddleware(server));
    },
    async guarded() {
      const { plugin, context, authenticate } = createServerParts({ apiKeys, guard });
      const server = new ApolloServer<any>({ schema: guard.schema, plugins: [plugin] });
      await server.start();
      const parsers = authenticate(express.json());
      return express().use("/graphql", parsers, expressMiddleware(server, { context }));
    },
  },
  Mercurius: {
    bare: () => createFastify(mercurius, { schema }),
    guarded: () => createFastify(createPlugin(mercurius, { apiKeys, guard }), {}),
  },
};

const [, , name, kind] = process.argv;
const listener = await SERVERS[name!]![kind as "bare" | "guarded"]();
const { private: privateKey, cert } = await generate([{ name: "commonName", value: "localhost" }], {
  keyType: "ec",
});
const server = createServer({ key: privateKey, cert }, listener);
server.listen(0, "127.0.0.1", async () => {
  const { key } = await apiKeys.create({
    organizationId: "monogram-labs",
    name: "Bench",
    access: { barcelona: "write" },
  });
  process.send!({ port: (server.address() as AddressInfo).port, key });
});
process.on("message", () => process.send!(process.cpuUsage()));
process.on("disconnect", () => process.exit());
