import { createServer as createHttpServer, request as httpRequest, type Server } from "node:http";
import { createServer as createHttpsServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { expect } from "vitest";
import type { AccessTable, ApiKey } from "graphql-api-keys";
import { createMemoryStore } from "graphql-api-keys/stores/memory";
import { createApp } from "../../../examples/raster/app.js";
import { createCertificate } from "../../../examples/raster/certificate.js";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The parsed body; absent when it is no JSON. */
  readonly body?: {
    readonly data?: any;
    readonly errors?: readonly {
      message: string;
      path?: unknown[];
      extensions?: { code?: string };
    }[];
  };
}

/** A request to send. */
export interface Sent {
  /** The bearer value; absent: no Authorization header. */
  readonly key?: string;
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly method?: string;
  readonly path?: string;
  /** Instead of query and variables. */
  readonly body?: string | Buffer;
  /** False: takes any certificate. */
  readonly rejectUnauthorized?: boolean;
}

/** A file to upload. */
export interface Upload {
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

/** The spec's own request. */
export const SPEC_QUERY = 'query { libraries(organizationId: "monogram-labs") { id name } }';

/** What the key that the example prints may do in monogram-labs. */
export const PRINTED: AccessTable = { barcelona: "write", lisbon: "read" };

/** A file to upload. */
export const PNG = { name: "cat.png", type: "image/png", content: "not really a picture" };

export const HEAD_OF_MULTIPART = {
  "content-type": "multipart/form-data; boundary=boundary",
  "content-length": "10000000",
};

/** Runs the example's app behind real TLS and plain listeners on free ports, with fresh data whenever asked for. */
export async function startRaster() {
  const { key, cert } = await createCertificate();
  let app: ReturnType<typeof createApp>;
  const secure = createHttpsServer({ key, cert }, (req, res) => app.yoga(req, res));
  const plain = createHttpServer((req, res) => app.yoga(req, res));
  const port = await listen(secure);
  const plainPort = await listen(plain);
  const url = `https://localhost:${port}/`;
  const plainUrl = `http://localhost:${plainPort}/`;

  const raster = {
    url,
    cert,

    /** Makes a new app: seed data, no keys. */
    reset(): void {
      app = createApp({ url, store: createMemoryStore() });
    },

    get apiKeys() {
      return app.apiKeys;
    },

    get guard() {
      return app.guard;
    },

    get data() {
      return app.data;
    },

    createKey(
      access: AccessTable,
      organizationId = "monogram-labs",
    ): Promise<{ key: string; apiKey: ApiKey }> {
      return app.apiKeys.create({ organizationId, name: "Test", access });
    },

    /** The ids of a library's assets, as a key of its own sees them. */
    async assetIds(libraryId: string, organizationId = "monogram-labs"): Promise<string[]> {
      const { key } = await raster.createKey({ [libraryId]: "read" }, organizationId);
      const query = `{ assets(organizationId: "${organizationId}", libraryId: "${libraryId}") { id } }`;
      const { body } = await raster.send({ key, query });
      return body!.data.assets.map((asset: { id: string }) => asset.id);
    },

    /** All that the API shows of both organizations. */
    async everything(): Promise<unknown[]> {
      const all = [
        ["monogram-labs", { barcelona: "read", lisbon: "read", porto: "read" }],
        ["acme-co", { barcelona: "read", warehouse: "read" }],
      ] as const;
      return Promise.all(
        all.map(async ([organizationId, access]) => {
          const { key } = await raster.createKey(access, organizationId);
          const named = `organizationId: "${organizationId}"`;
          const assets = Object.keys(access).map(
            (id) =>
              `${id}: assets(${named}, libraryId: "${id}") { id libraryId name description tags }`,
          );
          const query = `{ libraries(${named}) { id name trashCount } ${assets.join(" ")} }`;
          return (await raster.send({ key, query })).body;
        }),
      );
    },

    send: (sent: Sent): Promise<Answer> => send(url, cert, sent),

    sendPlain: (sent: Sent): Promise<Answer> => send(plainUrl, cert, sent),

    async upload(
      sent: Sent & {
        readonly organizationId?: string;
        readonly libraryId: string;
        readonly parentId?: string;
      },
      files: readonly Upload[],
    ): Promise<Answer> {
      const { organizationId = "monogram-labs", libraryId, parentId = null } = sent;
      const query = sent.query ?? UPLOAD;
      const variables = { organizationId, libraryId, parentId, files: files.map(() => null) };
      const form = new FormData();
      form.set("operations", JSON.stringify({ query, variables }));
      form.set("map", JSON.stringify(files.map((_, i) => [`variables.files.${i}`])));
      files.forEach((file, i) =>
        form.set(`${i}`, new Blob([file.content], { type: file.type }), file.name),
      );
      const encoded = new Response(form);
      const body = Buffer.from(await encoded.arrayBuffer());
      const headers = { "content-type": encoded.headers.get("content-type")!, ...sent.headers };
      return send(url, cert, { ...sent, body, headers });
    },

    /** A TLS connection, to send a request in pieces. */
    connect(): Promise<TLSSocket> {
      return new Promise((resolve, reject) => {
        const socket = connect({ port, host: "localhost", ca: cert }, () => resolve(socket));
        socket.once("error", reject);
      });
    },

    async stop(): Promise<void> {
      for (const server of [secure, plain]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  raster.reset();
  return raster;
}

const UPLOAD = /* GraphQL */ `
  mutation ($organizationId: ID!, $libraryId: ID!, $files: [Upload!]!, $parentId: ID) {
    uploadAssets(
      organizationId: $organizationId
      libraryId: $libraryId
      files: $files
      parentId: $parentId
    ) {
      responseText
      assets {
        id
        name
        filename
        contentType
        url
        created
        tags
        status
        progress
      }
    }
  }
`;

/** No data, one code, and the status. */
export function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(answer.body, answer.text).toBeDefined();
  expect(answer.body).not.toHaveProperty("data");
  const codes = new Set(answer.body!.errors!.map((error) => error.extensions?.code));
  expect([answer.status, [...codes]]).toEqual([status, [code]]);
}

/** The status of a raw response. */
export function statusOf(response: string): number {
  return Number(response.split(" ")[1]);
}

/** The head of a request, for a raw socket. */
export function headOf(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST / HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}\r\n`;
}

/** Everything that arrives until `isEnough`, or the end of the connection. */
export function receive(socket: TLSSocket, isEnough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (isEnough(text)) resolve(text);
    });
    socket.once("end", () => resolve(text));
    socket.once("error", reject);
  });
}

/** Sends one request on a connection of its own. */
export function send(url: string, ca: string | undefined, sent: Sent): Promise<Answer> {
  const { key, query, variables, method = "POST", path = "/", rejectUnauthorized = true } = sent;
  const body = sent.body ?? (method === "POST" ? JSON.stringify({ query, variables }) : undefined);
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...sent.headers,
  };
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = { method, headers, ca, rejectUnauthorized, agent: false };
    const req = request(new URL(path, url), options, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.once("error", reject);
      res.once("end", () => {
        const text = Buffer.concat(chunks).toString();
        const answer = { status: res.statusCode!, headers: res.headers, text };
        resolve(text.startsWith("{") ? { ...answer, body: JSON.parse(text) } : answer);
      });
    });
    req.once("error", reject);
    req.end(body);
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, () => resolve((server.address() as AddressInfo).port));
  });
}
