import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { createHandler } from "graphql-http/lib/use/http";
import { createSchema, createYoga } from "graphql-yoga";
import { accessDirectives } from "graphql-api-keys/graphql";
import { createApp as createApollo } from "../../examples/apollo/app.js";
import { createApp as createCustom } from "../../examples/custom-resolvers/app.js";
import { createApp as createGraphQLHttp } from "../../examples/graphql-http/app.js";
import { createApp as createHono } from "../../examples/hono/app.js";
import { createApp as createMercurius } from "../../examples/mercurius/app.js";
import { createApp as createNest } from "../../examples/nestjs/app.js";
import { createRoute } from "../../examples/next/route.js";
import { createApp as createPothos } from "../../examples/pothos/app.js";
import { resolvers, typeDefs } from "../../examples/schema.js";
import { createApp as createYogaApp } from "../../examples/yoga/app.js";
import { createBareApollo } from "../adapters/apollo-server.js";
import { auditAll, type Audited } from "../adapters/audits.js";
import { createBareMercurius, mercuriusDifferences } from "../adapters/mercurius-bare.js";
import { createBareNest, listenerOf } from "../adapters/nestjs-server.js";
import { getCertificate } from "../adapters/subject.js";

const schema = createSchema({ typeDefs: [accessDirectives, typeDefs], resolvers });
const protectedByDefault = { csrfPrevention: true };

const bareYoga = () => createYoga({ schema });

function bareHono(): RequestListener {
  const yoga = bareYoga();
  return getRequestListener(new Hono().all("/graphql", ({ req }) => yoga.fetch(req.raw)).fetch);
}

type Handle = (request: Request) => Response | Promise<Response>;

/** As Next.js calls a route handler, behind a proxy that ends TLS. */
function routeOf(handlers: { readonly GET: Handle; readonly POST: Handle }): Audited {
  return {
    route: async (url, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("x-forwarded-proto", "https");
      const at = String(url).replace("/graphql", "/api/graphql");
      return handlers[init.method === "POST" ? "POST" : "GET"](
        new Request(at, { ...init, headers }),
      );
    },
  };
}

function bareRoute(): Audited {
  const yoga = createYoga({ schema, graphqlEndpoint: "/api/graphql", fetchAPI: { Response } });
  const handle: Handle = (request) => yoga.handleRequest(request, {});
  return routeOf({ GET: handle, POST: handle });
}

auditAll([
  { name: "examples/yoga", bare: bareYoga, guarded: createYogaApp },
  {
    name: "examples/apollo",
    bare: () => createBareApollo(schema, protectedByDefault),
    guarded: createApollo,
  },
  {
    name: "examples/mercurius",
    bare: async () => (await createBareMercurius(schema)).routing as RequestListener,
    async guarded(apiKeys) {
      const app = await createMercurius(apiKeys, await getCertificate());
      await app.ready();
      return app.routing as RequestListener;
    },
    differences: mercuriusDifferences,
  },
  {
    name: "examples/graphql-http",
    bare: () => createHandler({ schema }),
    guarded: createGraphQLHttp,
  },
  {
    name: "examples/nestjs",
    bare: async () => listenerOf(await createBareNest(schema, protectedByDefault)),
    async guarded(apiKeys) {
      const app = await createNest(apiKeys, await getCertificate());
      return listenerOf(await app.init());
    },
  },
  { name: "examples/hono", bare: bareHono, guarded: createHono },
  { name: "examples/next", bare: bareRoute, guarded: (apiKeys) => routeOf(createRoute(apiKeys)) },
  { name: "examples/pothos", bare: bareYoga, guarded: createPothos },
  { name: "examples/custom-resolvers", bare: bareYoga, guarded: createCustom },
]);
