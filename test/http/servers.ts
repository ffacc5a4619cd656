import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import {
  createSecureServer,
  createServer as createHttp2Server,
  type Http2Server,
} from "node:http2";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { generate } from "selfsigned";
import { answerTo, authenticateRequest, type TrustProxy } from "../../src/http/index.js";
import type { ApiKeys } from "../../src/index.js";

/** What a server answered, without its `Date`. */
export interface Answer {
  readonly status: number;
  /** As it came, status line to body. */
  readonly text: string;
  /** In lower case → value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server that listens. */
export interface Running {
  readonly port: number;
  /** Sends bytes as they are and answers what came back until the server closed the connection. */
  send(...parts: readonly (string | (() => unknown))[]): Promise<Answer>;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

let certificate: Promise<{ key: string; cert: string }> | undefined;

/** One certificate for all servers of a test file. */
export function getCertificate(): Promise<{ key: string; cert: string }> {
  certificate ??= generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: HOST },
        ],
      },
    ],
  }).then(({ private: key, cert }) => ({ key, cert }));
  return certificate;
}

/** The handler of authenticateRequest's documentation. */
export function documented(apiKeys: ApiKeys, trustProxy: TrustProxy = "loopback"): RequestListener {
  return async (req, res) => {
    const { remoteAddress } = req.socket;
    const request = {
      headers: req.rawHeaders,
      encrypted: "encrypted" in req.socket,
      remoteAddress,
    };
    const result = await authenticateRequest(apiKeys, request, { trustProxy });
    if (result.ok) return res.end(`Hello, ${result.caller.organizationId}`);
    const { status, headers, message } = answerTo(result.reason);
    return res.writeHead(status, headers).end(message);
  };
}

/** The same for the servers that know fetch's `Headers` only, and read the body first. */
export function fetchStyle(apiKeys: ApiKeys): RequestListener {
  return async (req, res) => {
    for await (const _ of req);
    const headers = new Headers();
    for (let i = 0; i < req.rawHeaders.length; i += 2) {
      headers.append(req.rawHeaders[i]!, req.rawHeaders[i + 1]!);
    }
    const result = await authenticateRequest(apiKeys, {
      headers,
      encrypted: "encrypted" in req.socket,
    });
    if (result.ok) return res.end(`Hello, ${result.caller.organizationId}`);
    const answer = answerTo(result.reason);
    return res.writeHead(answer.status, answer.headers).end(answer.message);
  };
}

export async function startPlain(handler: RequestListener): Promise<Running> {
  return listen(createServer(handler), (port) => connect(port, HOST));
}

export async function startTls(handler: RequestListener): Promise<Running> {
  const { key, cert } = await getCertificate();
  const open = (port: number) =>
    connectTls({ port, host: HOST, ca: cert, servername: "localhost" });
  return listen(createTlsServer({ key, cert }, handler), open);
}

/** HTTP/1.1 on a Unix socket, whose peers have no address. */
export async function startUnix(path: string, handler: RequestListener): Promise<Running> {
  return listen(createServer(handler), () => connect(path), path);
}

/** HTTP/2, with TLS or without. */
export async function startHttp2(
  tls: boolean,
  handler: RequestListener,
): Promise<{ port: number; close(): void }> {
  const listener = handler as never;
  const server: Http2Server = tls
    ? createSecureServer(await getCertificate(), listener)
    : createHttp2Server(listener);
  server.listen(0, HOST);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function listen(
  server: Server,
  open: (port: number) => Socket,
  path?: string,
): Promise<Running> {
  if (path === undefined) server.listen(0, HOST);
  else server.listen(path);
  await once(server, "listening");
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    port,
    async send(...parts) {
      const socket = open(port);
      const chunks: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      const closed = once(socket, "close");
      for (const part of parts) {
        if (typeof part === "string") socket.write(part, "latin1");
        else await part();
      }
      await closed;
      return parse(Buffer.concat(chunks).toString("latin1"));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function parse(received: string): Answer {
  const text = received.replace(/^Date: .*\r\n/m, "");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const pairs = lines.map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
  });
  return {
    status: Number(statusLine.split(" ")[1]),
    text,
    headers: Object.fromEntries(pairs),
    body,
  };
}
