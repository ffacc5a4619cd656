/** Servers under test, real ones on real sockets, and clients for them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer as createHttpServer,
  request as httpRequest,
  type Agent,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer as createHttpsServer, request as httpsRequest } from "node:https";
import { connect as connectTcp, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { generate } from "selfsigned";
import type { TrustProxy } from "../../src/http/index.js";
import {
  createApiKeys,
  createKeyFormat,
  type AccessTable,
  type ApiKeyEvent,
  type ApiKeys,
  type Caller,
  type Found,
  type IssuedKey,
  type KeyStore,
} from "../../src/index.js";
import type { Guard } from "../../src/graphql/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { expectNoKeys } from "../support/canary.js";
import { createService, type Service } from "./service.js";

/**
 * What not every server can do. A case says what it needs, a server what it has: nothing is skipped by name.
 *
 * `get`: queries by GET. `batch`: several operations in one request. `uploads`: graphql-multipart-request. `cors`:
 * headers for browsers, preflights. `pages`: pages for people at the same address. `sockets`: operations and
 * subscriptions over WebSocket.
 */
export type Capability = "get" | "batch" | "uploads" | "cors" | "pages" | "sockets";

/** What a server is made of. */
export interface Parts {
  readonly apiKeys: ApiKeys;
  readonly guard: Guard;
  readonly trustProxy?: TrustProxy;
  /** With `sockets`: who comes without a key. */
  readonly otherCallers?: () => Caller | null;
  /** With `sockets`. */
  readonly heartbeatMs?: number;
}

/** What answers requests, and whatever else comes to a server. */
export interface Handler {
  readonly listener: RequestListener;
  /** Called with each server before it listens. */
  attach(server: Server): void;
}

/** What a server does in its own way, with this package or without. */
export interface Manners {
  /** The status of a request that is wrong in itself. Default 400. */
  readonly requestErrorStatus?: number;
  /** A refusal has `data: null`, which cannot be left out. */
  readonly nullData?: boolean;
}

/** A server that runs the cases. */
export interface AdapterServer {
  readonly capabilities: readonly Capability[];
  readonly manners?: Manners;
  /** A handler for Node's servers that answers GraphQL at `/graphql`. */
  handle(parts: Parts): RequestListener | Handler | Promise<RequestListener | Handler>;
}

/** A case: a promise that every adapter keeps. Ids never change their meaning. */
export interface AdapterCase {
  readonly id: string;
  readonly name: `MUST ${string}`;
  readonly needs?: readonly Capability[];
  readonly trustProxy?: TrustProxy;
  readonly heartbeatMs?: number;
  readonly otherCallers?: () => Caller | null;
  run(subject: Subject): Promise<void>;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly body: any;
}

/** A request to send. */
export interface Sent {
  /** The bearer value; absent: no `Authorization`. */
  readonly key?: string;
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly method?: string;
  readonly path?: string;
  /** Instead of query and variables. */
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** How the store behaves from now on. `twins`: API keys of different organizations have one id. */
export type Mood = "well" | "throws" | "rejects" | "hangs" | "nonsense" | "later" | "twins";

/** One server with fresh state. */
export interface Subject {
  readonly apiKeys: ApiKeys;
  readonly service: Service;
  readonly events: readonly ApiKeyEvent[];
  /** The events so far, of which none is left. */
  takeEvents(): readonly ApiKeyEvent[];
  /** Moves the clock of `apiKeys` on. */
  pass(ms: number): void;
  /** Writes barcelona and reads lisbon of monogram-labs. */
  readonly key: string;
  /** Names the API key of `key`. */
  readonly ref: { readonly organizationId: string; readonly id: string };
  readonly cert: string;
  readonly port: number;
  readonly plainPort: number;
  readonly requestErrorStatus: number;
  createKey(access: AccessTable, organizationId?: string): Promise<IssuedKey>;
  setMood(mood: Mood): void;
  /** How often the store was asked for a key since this was called last. */
  takeReads(): number;
  /** Sends a request over HTTPS, on a connection of its own. */
  send(sent: Sent): Promise<Answer>;
  /** The same over plain HTTP. */
  sendPlain(sent: Sent): Promise<Answer>;
  connect(): Promise<Socket>;
  connectPlain(): Promise<Socket>;
}

export const HOST = "localhost";
export const STORE_TIMEOUT_MS = 60;

let certificate: Promise<{ readonly key: string; readonly cert: string }> | undefined;

/** One certificate for all servers of a test file. */
export async function getCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  certificate ??= generate([{ name: "commonName", value: HOST }], {
    keyType: "ec",
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: HOST }] }],
  }).then(({ private: key, cert }) => ({ key, cert }));
  return certificate;
}

/** Runs a case on a server of its own. */
export async function runCase(server: AdapterServer, test: AdapterCase): Promise<void> {
  const handle = (parts: Parts) => server.handle({ ...parts, ...optionsOf(test) });
  const subscriptions = test.needs?.includes("sockets") ?? false;
  await withSubject(handle, test.run, { ...server.manners, subscriptions });
}

function optionsOf({ trustProxy, heartbeatMs, otherCallers }: AdapterCase): Partial<Parts> {
  return {
    ...(trustProxy !== undefined && { trustProxy }),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    ...(otherCallers && { otherCallers }),
  };
}

/** Starts a server, hands it over, and stops it. */
export async function withSubject(
  handle: (
    parts: Parts & { readonly service: Service },
  ) => RequestListener | Handler | Promise<RequestListener | Handler>,
  use: (subject: Subject) => Promise<void>,
  {
    requestErrorStatus = 400,
    nullData = false,
    subscriptions = false,
  }: Manners & { readonly subscriptions?: boolean } = {},
): Promise<void> {
  const service = createService({ subscriptions });
  const events: ApiKeyEvent[] = [];
  let mood: Mood = "well";
  let aheadMs = 0;
  let reads = 0;
  const apiKeys = createApiKeys({
    store: moody(createMemoryStore(), () => {
      reads++;
      return mood;
    }),
    storeTimeoutMs: STORE_TIMEOUT_MS,
    onEvent: (event) => events.push(event),
    now: () => Date.now() + aheadMs,
  });
  const { key: privateKey, cert } = await getCertificate();
  const handled = await handle({ apiKeys, guard: service.guard, service });
  const listener = typeof handled === "function" ? handled : handled.listener;
  const secure = createHttpsServer({ key: privateKey, cert }, listener);
  const plainServer = createHttpServer(listener);
  if (typeof handled !== "function") [secure, plainServer].forEach(handled.attach);
  const open = new Set<Socket>();
  for (const each of [secure, plainServer]) each.on("connection", (socket) => open.add(socket));
  const port = await listen(secure);
  const plainPort = await listen(plainServer);

  const createKey = (access: AccessTable, organizationId = "monogram-labs") =>
    apiKeys.create({ organizationId, name: "Test", access });
  const { key, apiKey } = await createKey({ barcelona: "write", lisbon: "read" });
  events.length = 0;

  /** An answer without what every refusal of this server has. */
  function mannered(answer: Answer): Answer {
    const { body } = answer;
    if (!nullData || body?.data !== null || answer.status < 400) return answer;
    const { data: _, ...others } = body;
    return { ...answer, body: others };
  }

  try {
    await use({
      apiKeys,
      service,
      events,
      takeEvents: () => events.splice(0),
      pass(ms) {
        aheadMs += ms;
      },
      key,
      ref: { organizationId: apiKey.organizationId, id: apiKey.id },
      cert,
      port,
      plainPort,
      requestErrorStatus,
      createKey,
      setMood(next) {
        mood = next;
      },
      takeReads() {
        const before = reads;
        reads = 0;
        return before;
      },
      send: async (sent) => mannered(await send(httpsRequest, { port, ca: cert }, sent)),
      sendPlain: async (sent) => mannered(await send(httpRequest, { port: plainPort }, sent)),
      connect: () => opened(connectTls({ port, host: HOST, ca: cert }), "secureConnect"),
      connectPlain: () => opened(connectTcp({ port: plainPort, host: HOST }), "connect"),
    });
  } finally {
    service.release();
    for (const socket of open) socket.destroy(); // Node does not close those that were upgraded
    for (const each of [secure, plainServer]) {
      each.closeAllConnections();
      each.close();
      await once(each, "close");
    }
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function opened(socket: Socket, event: string): Promise<Socket> {
  await once(socket, event);
  return socket;
}

/** The reading half in a mood. */
function moody(store: KeyStore, moodNow: () => Mood): KeyStore {
  return {
    ...store,
    findByHash(hash) {
      switch (moodNow()) {
        case "well":
          return store.findByHash(hash);
        case "throws":
          throw new Error("the disk is on fire");
        case "rejects":
          return Promise.reject(new Error("the network is down"));
        case "hangs":
          return new Promise(() => {});
        case "nonsense":
          return {} as never;
        case "twins": {
          const found = store.findByHash(hash) as Found;
          return { ...found, record: found.record && { ...found.record, id: "key_of_both" } };
        }
        case "later":
          return new Promise((resolve) => setTimeout(resolve, 5)).then(() =>
            store.findByHash(hash),
          );
      }
    },
  };
}

/** Sends a request and reads the answer, in which no key may be, whatever it is about. */
function send(
  request: typeof httpRequest,
  target: { readonly port: number; readonly ca?: string },
  sent: Sent,
): Promise<Answer> {
  const { key, query, variables, operationName, method = "POST", path = "/graphql" } = sent;
  const body =
    sent.body ??
    (method === "POST" ? JSON.stringify({ query, variables, operationName }) : undefined);
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...sent.headers,
  };
  const options = { ...target, host: HOST, path, method, headers, agent: sent.agent ?? false };
  return new Promise((resolve, reject) => {
    const req = request(options as object, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.once("error", reject);
      res.once("end", () => {
        const text = Buffer.concat(chunks).toString();
        const answer = answerOf(res.statusCode!, res.headers as Record<string, string>, text);
        try {
          expectNoKeys(`The answer ${answer.status}`, res.rawHeaders, text);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
    });
    req.once("error", reject);
    req.end(body);
  });
}

function answerOf(status: number, headers: Record<string, string>, text: string): Answer {
  return { status, headers, text, body: /^[[{]/.test(text) ? JSON.parse(text) : undefined };
}

/** The head of a request, for a socket. */
export function headOf(
  headers: Readonly<Record<string, string | number>> | readonly string[],
  requestLine = "POST /graphql HTTP/1.1",
): string {
  const lines = Array.isArray(headers)
    ? (headers as readonly string[])
    : Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [requestLine, `host: ${HOST}`, ...lines, "", ""].join("\r\n");
}

/** Reads one answer from a socket, by `content-length` or chunks, without waiting for its end. */
export async function receive(socket: Socket, timeoutMs = 5000): Promise<Answer> {
  let received = Buffer.alloc(0);
  const signal = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const answer = parse(received);
    if (answer !== null) {
      expectNoKeys(`The answer ${answer.status}`, received.toString("latin1"));
      return answer;
    }
    const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
}

function parse(received: Buffer): Answer | null {
  const text = received.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(statusLine.split(" ")[1]);
  const rest = text.slice(end + 4);
  if (headers["transfer-encoding"] !== "chunked") {
    const length = Number(headers["content-length"] ?? 0);
    return rest.length < length ? null : answerOf(status, headers, rest.slice(0, length));
  }
  if (!rest.endsWith("0\r\n\r\n")) return null;
  return answerOf(status, headers, unchunk(rest));
}

function unchunk(text: string): string {
  const line = text.indexOf("\r\n");
  const length = Number.parseInt(text.slice(0, line), 16);
  if (!(length > 0)) return "";
  return text.slice(line + 2, line + 2 + length) + unchunk(text.slice(line + 4 + length));
}

/** A key that was never issued. */
export function unknownKey(): string {
  return createKeyFormat().generate();
}

/** A key with another last character, so that its checksum is wrong. */
export function misspell(key: string): string {
  return key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");
}

/** Fails unless the answer is a refusal of the request: status, code, no data, no cache, no redirect. */
export function assertRefused(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status, `status of ${answer.text}`);
  assert.ok(answer.body, `a body of JSON, not ${JSON.stringify(answer.text)}`);
  assert.deepEqual(Object.keys(answer.body), ["errors"]);
  for (const error of answer.body.errors) {
    assert.deepEqual(error.extensions, { code });
    assert.equal(typeof error.message, "string");
  }
  assert.match(answer.headers["cache-control"] ?? "none", /no-store/);
  assert.equal(answer.headers["location"], undefined);
}

/** Fails unless the answer is data without errors. */
export function assertData(answer: Answer, data: unknown): void {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body, { data });
}
