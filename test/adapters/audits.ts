/** The public audits of graphql-http: what a server does of GraphQL over HTTP, it does with this package too. */
import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer, request, Server } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { serverAudits } from "graphql-http";
import { expect, it } from "vitest";
import { createApiKeys, type ApiKeys } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { getCertificate, HOST } from "./subject.js";

/** What answers requests: a listener, a server of HTTPS that does not listen yet, or a route handler. */
export type Audited = RequestListener | Server | { readonly route: typeof fetch };

type Made = Audited | Promise<Audited>;

/** What an audit says of a server without this package, and with it. */
export interface Difference {
  readonly bare: string;
  readonly guarded: string;
  readonly because: string;
}

/** A server without this package and with it. */
export interface AuditRow {
  readonly name: string;
  readonly bare: () => Made;
  readonly guarded: (apiKeys: ApiKeys) => Made;
  /** By id of the audit. Default: none. */
  readonly differences?: Readonly<Record<string, Difference>>;
}

/** Audits with a valid key, over HTTPS. Id of the audit → level, status, and what is wrong. */
async function auditsOf(audited: Audited, key: string): Promise<ReadonlyMap<string, string>> {
  const isServer = audited instanceof Server;
  if (!isServer && typeof audited !== "function") return resultsOf(audited.route, key);
  const { key: privateKey, cert } = await getCertificate();
  const server = isServer ? audited : createServer({ key: privateKey, cert }, audited);
  server.listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await resultsOf(fetchFrom(port, cert), key);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function resultsOf(send: typeof fetch, key: string): Promise<ReadonlyMap<string, string>> {
  const fetchFn = (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${key}`);
    return send(url, { ...init, headers });
  };
  const audits = serverAudits({ url: `https://${HOST}/graphql`, fetchFn });
  const results = await Promise.all(audits.map(({ fn }) => fn()));
  return new Map(
    results.map((result) => {
      const reason = result.status === "ok" ? "" : `, ${result.reason}`;
      return [result.id, `${result.name.split(" ")[0]} ${result.status}${reason}`];
    }),
  );
}

/** As fetch does it, which takes no certificate of one's own. */
function fetchFrom(port: number, ca: string): typeof fetch {
  return async (url, { method = "GET", headers, body } = {}) => {
    const { pathname, search } = new URL(String(url));
    const options = { host: HOST, port, ca, path: pathname + search, method, agent: false };
    const sent = request({ ...options, headers: Object.fromEntries(new Headers(headers)) });
    sent.end(body as string | undefined);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    const own = answer.headers as Record<string, string>;
    return new Response(await buffer(answer), { status: answer.statusCode!, headers: own });
  };
}

/** What is said of a server alone, and with this package, where that is not the same. */
function differencesOf(
  bare: ReadonlyMap<string, string>,
  guarded: ReadonlyMap<string, string>,
): Record<string, object> {
  const ids = [...new Set([...bare.keys(), ...guarded.keys()])];
  const differing = ids.filter((id) => bare.get(id) !== guarded.get(id));
  return Object.fromEntries(
    differing.map((id) => [id, { bare: bare.get(id), guarded: guarded.get(id) }]),
  );
}

/** Runs the rows: the audits say the same of a server with this package and without, but for what its row lists. */
export function auditAll(rows: readonly AuditRow[]): void {
  it.each(rows)(
    "the audits of graphql-http say of $name what they say of it without",
    async (row) => {
      const apiKeys = createApiKeys({ store: createMemoryStore() });
      const { key } = await apiKeys.create({ organizationId: "monogram-labs", name: "Audit" });
      const bare = await auditsOf(await row.bare(), key);
      expect(bare.size).toBeGreaterThan(50);
      expect([...bare.values()].filter((line) => line === "MUST ok").length).toBeGreaterThan(10);
      const guarded = await auditsOf(await row.guarded(apiKeys), key);
      const listed = Object.entries(row.differences ?? {});
      expect(differencesOf(bare, guarded)).toEqual(
        Object.fromEntries(listed.map(([id, { because: _, ...said }]) => [id, said])),
      );
    },
  );
}
