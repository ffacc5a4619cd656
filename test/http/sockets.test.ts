import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { answerTo, authenticateRequest, callerOf } from "../../src/http/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { expectNoKeys } from "../support/canary.js";
import {
  ANSWERS,
  createBench,
  ORGANIZATION,
  ROWS,
  settle,
  type Bench,
  type Keys,
} from "./fixtures.js";
import {
  documented,
  fetchStyle,
  getCertificate,
  startHttp2,
  startPlain,
  startTls,
  startUnix,
  type Answer,
  type Running,
} from "./servers.js";

/** A request as it goes over the wire. */
function wire(lines: readonly string[], requestLine = "POST / HTTP/1.1"): string {
  return [
    requestLine,
    "Host: localhost",
    "Connection: close",
    "Content-Length: 0",
    ...lines,
    "",
    "",
  ].join("\r\n");
}

const authorization = (line: string) => `Authorization: ${line}`;
const bearer = (key: string) => authorization(`Bearer ${key}`);

/** The body of a chunked answer with one chunk. */
const chunked = (message: string) =>
  `${Buffer.byteLength(message).toString(16)}\r\n${message}\r\n0`;

function expectRefusal(answer: Answer, reason: keyof typeof ANSWERS): void {
  const { status, headers, message } = ANSWERS[reason];
  expect(answer.status).toBe(status);
  const { connection, "transfer-encoding": encoding, ...own } = answer.headers;
  expect([connection, encoding]).toStrictEqual(["close", "chunked"]);
  expect(own).toStrictEqual(headers);
  expect(answer.body).toBe(chunked(message));
  expectNoKeys("an answer", answer);
}

function expectHello(answer: Answer): void {
  expect(answer.status).toBe(200);
  expect(answer.body).toBe(`Hello, ${ORGANIZATION}`);
  expect(answer.headers).not.toHaveProperty("www-authenticate");
}

let bench: Bench;
let tls: Running;
let plain: Running;

beforeAll(async () => {
  bench = await createBench();
  tls = await startTls(documented(bench.apiKeys));
  plain = await startPlain(documented(bench.apiKeys, "10.0.0.0/8"));
});
afterAll(async () => {
  await tls.close();
  await plain.close();
});
beforeEach(() => {
  bench.events.length = 0;
});

describe("over TLS", () => {
  it.each(ROWS)("$name", async ({ lines, verdict }) => {
    const answer = await tls.send(wire(lines(bench.keys).map(authorization)));
    if (verdict === "ok") expectHello(answer);
    else expectRefusal(answer, verdict);
  });

  it("answers every bad key with the same bytes", async () => {
    const { good: _, ...bad } = bench.keys;
    const answers = await Promise.all(
      Object.values(bad).map((key) => tls.send(wire([bearer(key)]))),
    );
    expect(answers).toHaveLength(6);
    expect(new Set(answers.map((answer) => answer.text))).toStrictEqual(
      new Set([
        [
          "HTTP/1.1 401 Unauthorized",
          "cache-control: no-store",
          'www-authenticate: Bearer error="invalid_token"',
          "Connection: close",
          "Transfer-Encoding: chunked",
          "",
          "19",
          "The API key is not valid.",
          "0",
          "",
          "",
        ].join("\r\n"),
      ]),
    );
  });

  it.each(["authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"])(
    "takes the name %s",
    async (name) => {
      expectHello(await tls.send(wire([`${name}: Bearer ${bench.keys.good}`])));
    },
  );

  it("takes white space around the value as HTTP does", async () => {
    expectHello(await tls.send(wire([`Authorization:Bearer ${bench.keys.good}`])));
    expectHello(await tls.send(wire([`Authorization: \t Bearer  ${bench.keys.good} \t `])));
  });

  it("sees the second of two lines that Node's own headers hide", async () => {
    const { good, unknown } = bench.keys;
    for (const lines of [
      [good, unknown],
      [unknown, good],
      [good, good],
    ]) {
      expectRefusal(await tls.send(wire(lines.map(bearer))), "ambiguous");
    }
    const apart = [bearer(good), "X-Filler: x", `aUTHORIZATION: Basic eDp5`];
    expectRefusal(await tls.send(wire(apart)), "ambiguous");
  });

  it.each<[string, (keys: Keys) => readonly string[]]>([
    ["a space before the colon", ({ good }) => [`Authorization : Bearer ${good}`]],
    ["a tab before the colon", ({ good }) => [`Authorization\t: Bearer ${good}`]],
    ["a folded line", ({ good }) => ["Authorization: Bearer", ` ${good}`]],
    ["a NUL in the value", ({ good }) => [`Authorization: Bearer ${good}\0`]],
    ["a bare carriage return", ({ good }) => [`X: y\rAuthorization: Bearer ${good}`]],
    ["two lengths", ({ good }) => ["Content-Length: 5", bearer(good)]],
    ["a length and chunks", ({ good }) => ["Transfer-Encoding: chunked", bearer(good)]],
  ])("leaves it to Node to refuse %s", async (_, lines) => {
    const answer = await tls.send(wire(lines(bench.keys)));
    expect(answer.status).toBe(400);
    expectNoKeys("the answer", answer);
  });

  it("leaves it to Node to refuse a megabyte", async () => {
    for (const line of [
      "Bearer ".padEnd(1 << 20, "a"),
      "Bearer ".padEnd(1 << 20),
      "".padEnd(1 << 20, ","),
    ]) {
      const answer = await tls
        .send(wire([authorization(line)]))
        .catch((error: NodeJS.ErrnoException) => error);
      if (answer instanceof Error) expect(answer.code).toMatch(/^(ECONNRESET|EPIPE)$/);
      else expect(answer.status).toBe(431);
    }
  });

  it("refuses so many lines that Node drops the last, which was a second key", async () => {
    const filler = Array.from({ length: 1100 }, () => "a:");
    const { good, unknown } = bench.keys;
    const answer = await tls.send(wire([bearer(good), ...filler, bearer(unknown)]));
    expectRefusal(answer, "ambiguous");
  });

  it("reads no key from anywhere but the header", async () => {
    const { good } = bench.keys;
    for (const path of [
      `/?access_token=${good}`,
      `/?Authorization=Bearer%20${good}`,
      `/#${good}`,
      `/${good}`,
    ]) {
      expectRefusal(await tls.send(wire([], `GET ${path} HTTP/1.1`)), "missing");
    }
    for (const line of [
      `Cookie: authorization=Bearer ${good}`,
      `X-Api-Key: ${good}`,
      `Proxy-Authorization: Bearer ${good}`,
      `X-Authorization: Bearer ${good}`,
    ]) {
      expectRefusal(await tls.send(wire([line])), "missing");
    }
    const form = `access_token=${good}`;
    const head = [
      "POST / HTTP/1.1",
      "Host: x",
      "Connection: close",
      "Content-Type: application/x-www-form-urlencoded",
    ];
    const body = [...head, `Content-Length: ${form.length}`, "", form].join("\r\n");
    expectRefusal(await tls.send(body), "missing");
    const userinfo = wire([], `GET https://${good}@localhost/ HTTP/1.1`);
    expectRefusal(await tls.send(userinfo), "missing");
  });

  it("reads no key from a trailer", async () => {
    const head = [
      "POST / HTTP/1.1",
      "Host: x",
      "Connection: close",
      "Transfer-Encoding: chunked",
      "Trailer: Authorization",
    ];
    const body = [...head, "", "1", "x", "0", bearer(bench.keys.good), "", ""].join("\r\n");
    expectRefusal(await tls.send(body), "missing");
  });

  it("takes HTTP/1.0, and every method", async () => {
    const { good, malformed } = bench.keys;
    expectHello(await tls.send(`GET / HTTP/1.0\r\n${bearer(good)}\r\n\r\n`));
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "TRACE"]) {
      expectRefusal(await tls.send(wire([bearer(malformed)], `${method} / HTTP/1.1`)), "malformed");
    }
  });

  it("authenticates each request of a connection by its own header", async () => {
    const { good, unknown } = bench.keys;
    const keepAlive = (lines: readonly string[]) =>
      ["POST / HTTP/1.1", "Host: x", "Content-Length: 0", ...lines, "", ""].join("\r\n");
    const { text: answers } = await tls.send(
      keepAlive([bearer(good)]),
      keepAlive([]),
      keepAlive([bearer(unknown)]),
      keepAlive([bearer(good), bearer(good)]),
      wire([bearer(good)]),
    );
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toStrictEqual(
      [200, 401, 401, 400, 200].map((status) => `HTTP/1.1 ${status}`),
    );
  });

  it("answers Node's own client, and a HEAD without a body", async () => {
    const { cert: ca } = await getCertificate();
    const ask = async (method: string, headers: Record<string, string | string[]>) => {
      const request = httpsRequest({
        port: tls.port,
        host: "localhost",
        family: 4,
        ca,
        method,
        headers,
        agent: false,
      });
      request.end();
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return {
        status: response.statusCode,
        challenge: response.headers["www-authenticate"],
        body: await text(response),
      };
    };
    const { good, deleted } = bench.keys;
    expect(await ask("POST", { authorization: `Bearer ${good}` })).toMatchObject({ status: 200 });
    expect(await ask("HEAD", { authorization: `Bearer ${deleted}` })).toStrictEqual({
      status: 401,
      challenge: 'Bearer error="invalid_token"',
      body: "",
    });
    expect(await ask("POST", {})).toMatchObject({ status: 401, challenge: "Bearer" });
  });

  it("ignores what the client says about forwarding when no peer is trusted", async () => {
    const server = await startTls(documented(bench.apiKeys, []));
    try {
      expectHello(await server.send(wire([bearer(bench.keys.good), "X-Forwarded-Proto: http"])));
    } finally {
      await server.close();
    }
  });

  it("believes a trusted proxy that came over TLS and says http", async () => {
    const { good } = bench.keys;
    expectRefusal(await tls.send(wire([bearer(good), "X-Forwarded-Proto: http"])), "insecure");
    expectHello(await tls.send(wire([bearer(good), "X-Forwarded-Proto: https"])));
  });
});

describe("over plain HTTP", () => {
  it.each(ROWS)("$name", async ({ lines }) => {
    expectRefusal(await plain.send(wire(lines(bench.keys).map(authorization))), "insecure");
  });

  it("answers good keys, bad keys and none with the same bytes, and redirects nobody", async () => {
    const lines = [
      "Bearer",
      "",
      "Basic eDp5",
      ...Object.values(bench.keys).map((key) => `Bearer ${key}`),
    ];
    const requests = [[], ...lines.map((line) => [authorization(line)])];
    const answers = await Promise.all(requests.map((request) => plain.send(wire(request))));
    expect(new Set(answers.map((answer) => answer.text))).toStrictEqual(
      new Set([
        [
          "HTTP/1.1 403 Forbidden",
          "cache-control: no-store",
          "Connection: close",
          "Transfer-Encoding: chunked",
          "",
          ANSWERS.insecure.message.length.toString(16),
          ANSWERS.insecure.message,
          "0",
          "",
          "",
        ].join("\r\n"),
      ]),
    );
  });

  it("reports a real key by its id, and no other", async () => {
    const { keys, events, id } = bench;
    for (const key of Object.values(keys)) await plain.send(wire([bearer(key)]));
    await plain.send(wire([bearer(keys.good), bearer(keys.good)]));
    await plain.send(wire([], `GET /?access_token=${keys.good} HTTP/1.1`));
    await settle();
    expect(events.filter(({ type }) => type === "exposed")).toStrictEqual([
      { type: "exposed", atMs: expect.any(Number), organizationId: ORGANIZATION, keyId: id },
    ]);
    expectNoKeys("the events", events);
  });

  it.each<[string, string[], string?]>([
    ["an absolute request line", [], "POST https://localhost/ HTTP/1.1"],
    ["X-Forwarded-Proto", ["X-Forwarded-Proto: https"]],
    ["X-Forwarded-Proto twice", ["X-Forwarded-Proto: https", "X-Forwarded-Proto: https"]],
    [
      "X-Forwarded-For of a trusted proxy",
      ["X-Forwarded-Proto: https", "X-Forwarded-For: 10.0.0.1"],
    ],
    ["Forwarded", ["Forwarded: for=10.0.0.1;proto=https"]],
    [
      "other headers of this kind",
      ["X-Forwarded-Ssl: on", "Front-End-Https: on", "X-Url-Scheme: https", "X-Scheme: https"],
    ],
    ["an upgrade", ["Upgrade-Insecure-Requests: 1", "Origin: https://localhost"]],
    ["port 443", ["X-Forwarded-Port: 443", "X-Forwarded-Host: localhost:443"]],
    ["a pseudo header", ["X-Http2-Scheme: https", "Scheme: https"]],
  ])("is not made HTTPS by %s", async (_, lines, requestLine) => {
    expectRefusal(
      await plain.send(wire([bearer(bench.keys.good), ...lines], requestLine)),
      "insecure",
    );
  });

  it.each<[string, string[], boolean]>([
    ["https", ["https"], true],
    ["HTTPS", ["HTTPS"], true],
    ["nothing", [], false],
    ["http", ["http"], false],
    ["an empty value", [""], false],
    ["https, https", ["https, https"], true],
    ["the client's https before the proxy's http", ["https, http"], false],
    ["the client's http before the proxy's https", ["http, https"], false],
    ["the client's line before the proxy's", ["https", "http"], false],
    ["the proxy's line before the client's", ["http", "https"], false],
  ])("from a trusted proxy: %s", async (_, protos, secure) => {
    const server = await startPlain(documented(bench.apiKeys, "loopback"));
    try {
      const lines = protos.map((proto) => `X-Forwarded-Proto: ${proto}`);
      const answer = await server.send(wire([bearer(bench.keys.good), ...lines]));
      if (secure) expectHello(answer);
      else expectRefusal(answer, "insecure");
    } finally {
      await server.close();
    }
  });

  it("from a Unix socket, whose peer has no address: nobody to trust", async () => {
    const directory = await mkdtemp(join(tmpdir(), "http-"));
    const server = await startUnix(
      join(directory, "socket"),
      documented(bench.apiKeys, ["loopback", "uniquelocal"]),
    );
    try {
      expectRefusal(
        await server.send(wire([bearer(bench.keys.good), "X-Forwarded-Proto: https"])),
        "insecure",
      );
    } finally {
      await server.close();
      await rm(directory, { recursive: true });
    }
  });
});

describe("over HTTP/2", () => {
  it.each<[string, boolean, string, number]>([
    ["TLS", true, "https", 200],
    ["TLS, and the client says http", true, "http", 200],
    ["no TLS", false, "http", 403],
    ["no TLS, and the client says https", false, "https", 403],
  ])("%s", async (_, encrypted, scheme, status) => {
    const server = await startHttp2(encrypted, documented(bench.apiKeys, []));
    const origin = `${encrypted ? "https" : "http"}://127.0.0.1:${server.port}`;
    const session = connectHttp2(origin, { ca: (await getCertificate()).cert });
    try {
      const stream = session.request({
        ":method": "POST",
        ":scheme": scheme,
        authorization: `Bearer ${bench.keys.good}`,
        "x-forwarded-proto": "https",
      });
      const [headers] = (await once(stream.end(), "response")) as [Record<string, unknown>];
      expect(headers[":status"]).toBe(status);
      expect(await text(stream)).toBe(
        status === 200 ? `Hello, ${ORGANIZATION}` : ANSWERS.insecure.message,
      );
    } finally {
      session.close();
      server.close();
    }
  });
});

/** A frame of RFC 9113 section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Header fields of RFC 7541 section 6.2.2, without an index and without Huffman. */
function fields(lines: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = (value: string) => Buffer.from([value.length, ...Buffer.from(value)]);
  return Buffer.concat(lines.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

describe("over HTTP/2, in frames that no client library sends", () => {
  it.each<[string, (keys: Keys) => [name: string, value: string][], verdict: string]>([
    ["one line", ({ good }) => [["authorization", `Bearer ${good}`]], "ok"],
    [
      "two lines",
      ({ good, unknown }) => [
        ["authorization", `Bearer ${good}`],
        ["authorization", `Bearer ${unknown}`],
      ],
      "ambiguous",
    ],
    [
      "two schemes in the forwarding header",
      ({ good }) => [
        ["authorization", `Bearer ${good}`],
        ["x-forwarded-proto", "http"],
      ],
      "insecure",
    ],
  ])("%s", async (_, lines, verdict) => {
    const verdicts: string[] = [];
    const server = await startHttp2(false, async (req, res) => {
      const { remoteAddress } = req.socket;
      const request = {
        headers: req.rawHeaders,
        encrypted: "encrypted" in req.socket,
        remoteAddress,
      };
      const result = await authenticateRequest(bench.apiKeys, request, { trustProxy: "loopback" });
      verdicts.push(result.ok ? "ok" : result.reason);
      res.end();
    });
    const pseudo = { ":method": "POST", ":scheme": "https", ":path": "/", ":authority": "x" };
    const forwarded = ["x-forwarded-proto", "https"] as const;
    const block = fields([...Object.entries(pseudo), forwarded, ...lines(bench.keys)]);
    const socket = connect(server.port, "127.0.0.1");
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(4, 0, 0, Buffer.alloc(0))); // SETTINGS
    socket.write(frame(1, 5, 1, block)); // HEADERS, with END_STREAM and END_HEADERS
    try {
      await vi.waitFor(() => expect(verdicts).toStrictEqual([verdict]));
    } finally {
      socket.destroy();
      server.close();
    }
  });
});

describe("a server that knows fetch's Headers only", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startTls(fetchStyle(bench.apiKeys));
  });
  afterAll(() => server.close());

  it.each(ROWS)("$name", async ({ lines, verdict, joined = verdict }) => {
    const answer = await server.send(wire(lines(bench.keys).map(authorization)));
    if (joined === "ok") expectHello(answer);
    else expectRefusal(answer, joined);
  });
});

describe("a key that dies while its request is on the way", () => {
  let server: Running;
  let own: Bench;
  afterEach(() => server.close());

  const upload = (key: string) =>
    [
      "POST / HTTP/1.1",
      "Host: x",
      "Connection: close",
      "Content-Length: 10",
      bearer(key),
      "",
      "first",
    ].join("\r\n");

  it.each<[string, (id: string) => Promise<unknown>]>([
    ["deleted", (id) => own.apiKeys.delete({ organizationId: ORGANIZATION, id })],
    ["regenerated", (id) => own.apiKeys.regenerate({ organizationId: ORGANIZATION, id })],
    [
      "disabled",
      (id) => own.apiKeys.update({ organizationId: ORGANIZATION, id }, { enabled: false }),
    ],
  ])("is refused once the body is there: %s", async (_, kill) => {
    own = await createBench();
    server = await startTls(fetchStyle(own.apiKeys));
    expectHello(await server.send(upload(own.keys.good), settle, "later"));
    const answer = await server.send(upload(own.keys.good), settle, () => kill(own.id), "later");
    expectRefusal(answer, "malformed");
  });

  it("is refused after the body although it was good before, and leaves no caller behind", async () => {
    own = await createBench();
    const callers: unknown[] = [];
    let admitted = () => {};
    const admission = new Promise<void>((resolve) => (admitted = resolve));
    server = await startTls(async (req, res) => {
      const request = { headers: req.rawHeaders, encrypted: "encrypted" in req.socket };
      await authenticateRequest(own.apiKeys, request);
      callers.push(callerOf(request).id);
      admitted();
      for await (const _ of req);
      const result = await authenticateRequest(own.apiKeys, request);
      if (result.ok) return res.end("Hello");
      try {
        callers.push(callerOf(request).id);
      } catch (error) {
        callers.push(error);
      }
      const { status, headers, message } = answerTo(result.reason);
      return res.writeHead(status, headers).end(message);
    });
    const kill = () => own.apiKeys.delete({ organizationId: ORGANIZATION, id: own.id });
    expectRefusal(
      await server.send(upload(own.keys.good), () => admission, kill, "later"),
      "unknown",
    );
    expect(callers).toStrictEqual([
      own.id,
      new TypeError("This request has not been authenticated."),
    ]);
  });
});

describe("a store that fails", () => {
  it.each<[string, () => never | Promise<never>]>([
    [
      "throws",
      () => {
        throw new Error("connection refused");
      },
    ],
    ["rejects", () => Promise.reject(new Error("connection refused"))],
    ["hangs", () => new Promise(() => {})],
  ])("%s: 503 to well-formed keys, 401 to others, 403 to plain HTTP", async (_, findByHash) => {
    const store = createMemoryStore();
    const own = await createBench({ store, storeTimeoutMs: 20 });
    store.findByHash = findByHash;
    const server = await startTls(documented(own.apiKeys));
    const insecure = await startPlain(documented(own.apiKeys));
    try {
      for (const key of [own.keys.good, own.keys.unknown, own.keys.deleted]) {
        expectRefusal(await server.send(wire([bearer(key)])), "unavailable");
        expectRefusal(await insecure.send(wire([bearer(key)])), "insecure");
      }
      expectRefusal(await server.send(wire([bearer(own.keys.malformed)])), "malformed");
      expectRefusal(await server.send(wire([])), "missing");
    } finally {
      await server.close();
      await insecure.close();
    }
  });
});
