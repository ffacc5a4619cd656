/**
 * The public audits of graphql-http: what a server does of GraphQL over HTTP, it does with this package too. Each server is
 * audited with and without it.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSchema } from "graphql";
import { serverAudits } from "graphql-http";
import { createHandler } from "graphql-http/lib/use/http";
import { createYoga } from "graphql-yoga";
import { describe, expect, it } from "vitest";
import { createApiKeys } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { graphqlHttpServer } from "./graphql-http-server.js";
import { createService, typeDefs } from "./service.js";
import type { AdapterServer } from "./subject.js";
import { yogaServer } from "./yoga-server.js";

/** Audits over plain HTTP, as behind a proxy that ends TLS. Id → name and status. */
async function auditsOf(
  listener: RequestListener,
  key: string,
): Promise<ReadonlyMap<string, string>> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const fetchFn = (url: string, { headers, ...init }: RequestInit = {}) => {
    const all = new Headers(headers);
    all.set("authorization", `Bearer ${key}`);
    all.set("x-forwarded-proto", "https");
    return fetch(url, { ...init, headers: all });
  };
  try {
    const audits = serverAudits({ url: `http://127.0.0.1:${port}/graphql`, fetchFn });
    const results = await Promise.all(audits.map(({ fn }) => fn()));
    return new Map(results.map(({ id, name, status }) => [id, `${name}: ${status}`]));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const schema = buildSchema(typeDefs);

describe("the audits of graphql-http", () => {
  it.each<[string, AdapterServer, () => RequestListener]>([
    ["graphql-http", graphqlHttpServer, () => createHandler({ schema })],
    ["Yoga", yogaServer, () => createYoga({ schema, batching: true })],
  ])("say of %s with this package what they say of it without", async (_, server, createBare) => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "Audit" });
    const { guard } = createService();
    const handler = await server.handle({ apiKeys, guard, trustProxy: "loopback" });
    const bare = await auditsOf(createBare(), key);
    expect(bare.size).toBeGreaterThan(50);
    expect([...bare.values()].filter((line) => /^MUST.*: error$/.test(line))).toEqual([]);
    expect(await auditsOf(handler, key)).toEqual(bare);
  });
});
