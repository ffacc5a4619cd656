import fc from "fast-check";
import { inspect } from "node:util";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  answerTo,
  authenticateRequest,
  callerOf,
  type Connection,
  type RequestHeaders,
} from "../../src/http/index.js";
import { createGate, findCaller, type Gate } from "../../src/http/authenticate.js";
import type { ApiKeys, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { expectNoKeys } from "../support/canary.js";
import {
  ANSWERS,
  createBench,
  misspell,
  ORGANIZATION,
  ROWS,
  settle,
  type Bench,
} from "./fixtures.js";

/** The shapes that one list of lines has on the servers there are. Joined: two lines cannot be told apart. */
const SHAPES: readonly [string, (lines: readonly string[]) => RequestHeaders][] = [
  ["rawHeaders", (lines) => ["Host", "x", ...lines.flatMap((line) => ["Authorization", line])]],
  [
    "headersDistinct",
    (lines) => ({ host: ["x"], ...(lines.length > 0 && { authorization: lines }) }),
  ],
  [
    "Headers",
    (lines) => new Headers(lines.map((line): [string, string] => ["Authorization", line])),
  ],
];

const overTls = (headers: RequestHeaders): Connection => ({ headers, encrypted: true });
const bearer = (key: string): Connection => overTls(["Authorization", `Bearer ${key}`]);

describe("every row of the table", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await createBench();
  });

  describe.each(SHAPES)("%s", (name, shape) => {
    it.each(ROWS)("$name", async ({ lines, joined, ...row }) => {
      const verdict = (name === "Headers" && joined) || row.verdict;
      const { apiKeys, keys, events, id } = bench;
      const request = overTls(shape(lines(keys)));
      const result = await authenticateRequest(apiKeys, request);
      expectNoKeys("the result", result);
      if (result.ok) {
        expect(verdict).toBe("ok");
        expect(callerOf(request)).toBe(result.caller);
        expect(result.caller).toMatchObject({ id, organizationId: ORGANIZATION, version: 1 });
        expect(events).toStrictEqual([]);
      } else {
        expect(result).toStrictEqual({ ok: false, reason: verdict });
        expect(answerTo(result.reason)).toStrictEqual(ANSWERS[result.reason]);
        expect(() => callerOf(request)).toThrow(TypeError);
        const refused = verdict === "missing" || verdict === "ambiguous" ? [] : [verdict];
        expect(events.map((event) => "reason" in event && event.reason)).toStrictEqual(refused);
      }
    });

    it.each(ROWS)("over plain HTTP: $name", async ({ lines, verdict }) => {
      const { apiKeys, keys, events, id } = bench;
      const request = { headers: shape(lines(keys)), encrypted: false };
      const result = await authenticateRequest(apiKeys, request);
      expect(result).toStrictEqual({ ok: false, reason: "insecure" });
      expect(() => callerOf(request)).toThrow(TypeError);
      expect(events).toStrictEqual([]);
      await settle();
      const exposed = events.filter((event) => event.type === "exposed");
      expect(exposed).toMatchObject(verdict === "ok" ? [{ keyId: id }] : []);
      expectNoKeys("the events", events);
    });
  });

  it("needs the answer of the socket: no header, method, URL or host says HTTPS", async () => {
    const { apiKeys, keys } = bench;
    const hints = { url: "https://x/", protocol: "https:", secure: true, ":scheme": "https" };
    const headers = {
      ...{ authorization: `Bearer ${keys.good}`, ":scheme": "https", origin: "https://x" },
      ...{ "x-forwarded-proto": "https", forwarded: "proto=https", "front-end-https": "on" },
    };
    for (const remoteAddress of ["127.0.0.1", undefined]) {
      const request = { headers, encrypted: false, remoteAddress, ...hints };
      expect(await authenticateRequest(apiKeys, request)).toMatchObject({ reason: "insecure" });
    }
  });

  it("reads no key from a URL, a cookie or a body", async () => {
    const { apiKeys, keys } = bench;
    const url = `/?access_token=${keys.good}&authorization=Bearer%20${keys.good}`;
    const headers = {
      ...{ ":path": url, referer: `https://x${url}`, cookie: `authorization=Bearer ${keys.good}` },
      ...{ "x-api-key": keys.good, "proxy-authorization": `Bearer ${keys.good}` },
    };
    const request = { ...overTls(headers), url, body: { access_token: keys.good } };
    const result = await authenticateRequest(apiKeys, request);
    expect(result).toStrictEqual({ ok: false, reason: "missing" });
  });

  it("comes from a trusted proxy with X-Forwarded-Proto: https", async () => {
    const { apiKeys, keys } = bench;
    const headers = { authorization: `Bearer ${keys.good}`, "x-forwarded-proto": "https" };
    const verdict = async (remoteAddress: string, proto = "https") => {
      const request = {
        headers: { ...headers, "x-forwarded-proto": proto },
        encrypted: false,
        remoteAddress,
      };
      const result = await authenticateRequest(apiKeys, request, { trustProxy: ["10.0.0.0/8"] });
      return result.ok ? "ok" : result.reason;
    };
    expect(await verdict("10.1.1.1")).toBe("ok");
    expect(await verdict("::ffff:10.1.1.1")).toBe("ok");
    expect(await verdict("10.1.1.1", "http")).toBe("insecure");
    expect(await verdict("10.1.1.1", "https, http")).toBe("insecure");
    expect(await verdict("8.8.8.8")).toBe("insecure");
    expect(await verdict("junk")).toBe("insecure");
  });
});

describe("the caller", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await createBench();
  });

  it("belongs to the request that was given, and to no copy of it", async () => {
    const request = Object.freeze(bearer(bench.keys.good));
    const result = await authenticateRequest(bench.apiKeys, request);
    if (!result.ok) expect.unreachable();
    expect(callerOf(request)).toBe(result.caller);
    expect(findCaller(request)).toBe(result.caller);
    for (const other of [
      { ...request },
      Object.create(request) as object,
      new Proxy(request, {}),
      request.headers,
    ]) {
      expect(findCaller(other)).toBeNull();
    }
    expect(() => callerOf({ ...request })).toThrow("This request has not been authenticated.");
  });

  it("is not there before the answer", async () => {
    const request = bearer(bench.keys.good);
    expect(() => callerOf(request)).toThrow("This request has not been authenticated.");
    const pending = authenticateRequest(bench.apiKeys, request);
    await pending;
    expect(callerOf(request).id).toBe(bench.id);
  });

  it.each(["good", "regenerated"] as const)(
    "has the request's access, not another's (%s)",
    async (other) => {
      const request = bearer(bench.keys.good);
      const second = bearer(bench.keys[other]);
      await Promise.all([request, second].map((each) => authenticateRequest(bench.apiKeys, each)));
      expect(callerOf(request).id).toBe(bench.id);
      expect(findCaller(second)?.id ?? null).toBe(other === "good" ? bench.id : null);
    },
  );

  it("is gone once the same request is refused", async () => {
    const ref = { organizationId: ORGANIZATION, id: bench.id };
    const request = { ...bearer(bench.keys.good) } as {
      -readonly [K in keyof Connection]: Connection[K];
    };
    const again = () => authenticateRequest(bench.apiKeys, request);
    const good = request.headers;
    for (const spoil of [
      () => bench.apiKeys.update(ref, { enabled: false }),
      () => (request.encrypted = false),
      () => (request.headers = []),
      () => (request.headers = ["Authorization", "x", "Authorization", "y"]),
      () => (request.headers = ["Authorization", `Bearer ${bench.keys.malformed}`]),
      () => bench.apiKeys.regenerate(ref),
    ]) {
      await bench.apiKeys.update(ref, { enabled: true });
      Object.assign(request, { headers: good, encrypted: true });
      expect(await again()).toMatchObject({ ok: true });
      expect(callerOf(request).id).toBe(bench.id);
      await spoil();
      expect(await again()).toMatchObject({ ok: false });
      expect(() => callerOf(request)).toThrow(TypeError);
    }
  });

  it("is gone while the store is asked again, and when it fails", async () => {
    const store = createMemoryStore();
    const { apiKeys, keys } = await createBench({ store });
    const request = bearer(keys.good);
    await authenticateRequest(apiKeys, request);
    store.findByHash = () => Promise.reject(new Error("down"));
    const pending = authenticateRequest(apiKeys, request);
    expect(findCaller(request)).toBeNull();
    expect(await pending).toMatchObject({ ok: false, reason: "unavailable" });
    expect(findCaller(request)).toBeNull();
  });

  it("is asked for with an object", () => {
    for (const value of [undefined, null, "request", 1, true, Symbol("request"), [], () => {}]) {
      expect(() => callerOf(value as never)).toThrow(/^"request" expected an object, got \w+$/);
    }
    expect(() => callerOf({})).toThrow(TypeError);
  });

  it("takes nothing from the request's own properties", () => {
    const forged = { caller: {}, ok: true, authenticated: true };
    expect(() => callerOf(forged)).toThrow(TypeError);
  });
});

describe("a store that", () => {
  type Find = KeyStore["findByHash"];
  const boom = new Error("connection refused");
  const hash = "0".repeat(64);

  it.each<[string, (found: ReturnType<Find>) => unknown]>([
    [
      "throws",
      () => {
        throw boom;
      },
    ],
    [
      "throws no error",
      () => {
        throw undefined;
      },
    ],
    ["rejects", () => Promise.reject(boom)],
    ["rejects with nothing", () => Promise.reject(undefined)],
    ["hangs", () => new Promise(() => {})],
    ["answers a thenable that hangs", () => ({ then() {} })],
    ["answers nothing", () => undefined],
    ["answers null", () => null],
    ["answers true", () => true],
    ["answers a string", () => "record"],
    ["answers an empty object", () => ({})],
    ["answers no record", () => ({ record: undefined, leaseMs: 0 })],
    [
      "answers a record with another hash",
      (found) => ({ ...found, record: { ...(found as any).record, hash } }),
    ],
    [
      "promises a record with another hash",
      async (found) => ({ ...(await found), record: { ...(await found).record, hash } }),
    ],
    [
      "answers a record without a hash",
      (found) => ({ ...found, record: { ...(found as any).record, hash: undefined } }),
    ],
    [
      "answers a record of no organization",
      (found) => ({ ...found, record: { ...(found as any).record, organizationId: "" } }),
    ],
    [
      "answers a record that may be enabled",
      (found) => ({ ...found, record: { ...(found as any).record, enabled: 1 } }),
    ],
    [
      "answers a record that expires some day",
      (found) => ({ ...found, record: { ...(found as any).record, expiresAtMs: "never" } }),
    ],
  ])("%s: 503, no caller, and an event", async (_, answer) => {
    const store = createMemoryStore();
    const { apiKeys, keys, events } = await createBench({ store, storeTimeoutMs: 20 });
    const find = store.findByHash;
    store.findByHash = (digest) => answer(find(digest)) as never;
    const request = bearer(keys.good);
    const result = await authenticateRequest(apiKeys, request);
    expect(result).toMatchObject({
      ok: false,
      reason: "unavailable",
      error: { code: "UNAVAILABLE" },
    });
    expect(answerTo("unavailable")).toStrictEqual(ANSWERS.unavailable);
    expect(findCaller(request)).toBeNull();
    expect(events.map(({ type }) => type)).toStrictEqual(["unavailable"]);
    expectNoKeys("the result", result, inspect(result, { depth: 9 }));
  });

  it("answers in its own time is waited for", async () => {
    const store = createMemoryStore();
    const { apiKeys, keys, id } = await createBench({ store });
    const find = store.findByHash;
    store.findByHash = async (digest) => {
      await settle();
      return find(digest);
    };
    const request = bearer(keys.good);
    expect(await authenticateRequest(apiKeys, request)).toMatchObject({ ok: true });
    expect(callerOf(request).id).toBe(id);
    expect(await authenticateRequest(apiKeys, bearer(keys.deleted))).toMatchObject({
      reason: "unknown",
    });
  });

  it("is not asked about what cannot be a key", async () => {
    const store = createMemoryStore();
    const { apiKeys, keys } = await createBench({ store });
    store.findByHash = () => expect.unreachable();
    for (const { lines, verdict } of ROWS) {
      if (!["missing", "ambiguous", "malformed"].includes(verdict)) continue;
      const headers = lines(keys).flatMap((line) => ["Authorization", line]);
      expect(await authenticateRequest(apiKeys, overTls(headers))).toMatchObject({
        reason: verdict,
      });
    }
  });
});

describe("a key over plain HTTP", () => {
  const plain = (key: string): Connection => ({ ...bearer(key), encrypted: false });

  it("is reported once, with its id and nothing that is secret", async () => {
    const { apiKeys, keys, events, id } = await createBench();
    await authenticateRequest(apiKeys, plain(keys.good));
    await settle();
    expect(events).toStrictEqual([
      { type: "exposed", atMs: expect.any(Number), organizationId: ORGANIZATION, keyId: id },
    ]);
  });

  it.each(["malformed", "unknown", "deleted", "regenerated", "disabled", "expired"] as const)(
    "is not reported as exposed when it is %s",
    async (kind) => {
      const { apiKeys, keys, events } = await createBench();
      await authenticateRequest(apiKeys, plain(keys[kind]));
      await settle();
      expect(events.map(({ type }) => type)).toStrictEqual(["refused"]);
    },
  );

  it("is answered before the store is asked, and whatever the store does", async () => {
    const store = createMemoryStore();
    const { apiKeys, keys, events } = await createBench({ store, storeTimeoutMs: 10 });
    for (const fail of [
      () => new Promise<never>(() => {}),
      () => Promise.reject(new Error("down")),
      () => {
        throw new Error("down");
      },
    ]) {
      let asked = false;
      store.findByHash = () => ((asked = true), fail());
      expect(await authenticateRequest(apiKeys, plain(keys.good))).toMatchObject({
        reason: "insecure",
      });
      expect(asked).toBe(false);
      await vi.waitFor(() => expect(asked).toBe(true));
    }
    await vi.waitFor(() => expect(events).toHaveLength(3));
    expect(events.map(({ type }) => type)).toStrictEqual([
      "unavailable",
      "unavailable",
      "unavailable",
    ]);
  });

  it("is not looked for when nobody listens", async () => {
    const store = createMemoryStore();
    const { apiKeys, keys } = await createBench({ store, onEvent: undefined as never });
    let asked = false;
    store.findByHash = () => ((asked = true), { record: null, leaseMs: 0 });
    const result = await authenticateRequest(apiKeys, plain(keys.good));
    expect(result).toStrictEqual({ ok: false, reason: "insecure" });
    await settle();
    expect(asked).toBe(false);
  });

  it.each<[string, () => void]>([
    [
      "throws",
      () => {
        throw new Error("listener");
      },
    ],
    ["rejects", () => Promise.reject(new Error("listener"))],
  ])("does not end the process when the listener %s", async (_, onEvent) => {
    const { apiKeys, keys } = await createBench({ onEvent });
    await authenticateRequest(apiKeys, plain(keys.good));
    await authenticateRequest(apiKeys, plain(keys.unknown));
    await settle();
  });

  it("does not end the process when the clock throws", async () => {
    let broken = false;
    const { apiKeys, keys, events } = await createBench({
      now() {
        if (broken) throw new Error("clock");
        return 0;
      },
    });
    broken = true;
    await authenticateRequest(apiKeys, plain(keys.good));
    await authenticateRequest(apiKeys, plain(keys.unknown));
    await settle();
    expect(events).toStrictEqual([]);
  });

  it("is reported through a proxy that says http", async () => {
    const { apiKeys, keys, events, id } = await createBench();
    const headers = { authorization: `Bearer ${keys.good}`, "x-forwarded-proto": "http" };
    const request = { headers, encrypted: true, remoteAddress: "127.0.0.1" };
    const result = await authenticateRequest(apiKeys, request, { trustProxy: "loopback" });
    expect(result).toStrictEqual({ ok: false, reason: "insecure" });
    await settle();
    expect(events).toMatchObject([{ type: "exposed", keyId: id }]);
  });
});

describe("arguments", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
  });

  const call = (...values: unknown[]) =>
    (authenticateRequest as (...values: unknown[]) => Promise<unknown>)(...values);

  it.each([undefined, null, 1, "x", true, [], () => {}, Symbol("x")])(
    "%s is no apiKeys",
    async (value) => {
      await expect(call(value, overTls([]))).rejects.toThrow(
        /^"apiKeys" expected an object, got \w+$/,
      );
    },
  );

  it("takes what createApiKeys returned, and no copy of it", async () => {
    const { apiKeys } = bench;
    for (const copy of [{}, { ...apiKeys }, Object.create(apiKeys), new Proxy(apiKeys, {})]) {
      await expect(call(copy, overTls([]))).rejects.toThrow(
        new TypeError('"apiKeys" expected what createApiKeys returned'),
      );
    }
  });

  it.each<[string, unknown, string]>([
    ["no request", undefined, '"request" expected an object, got undefined'],
    ["null", null, '"request" expected an object, got null'],
    ["an array", [], '"request" expected an object, got array'],
    ["a URL", "https://x/", '"request" expected an object, got string'],
    ["no headers", { encrypted: true }, '"request.headers" expected an object, got undefined'],
    [
      "null headers",
      { headers: null, encrypted: true },
      '"request.headers" expected an object, got null',
    ],
    [
      "a line",
      { headers: "Bearer x", encrypted: true },
      '"request.headers" expected an object, got string',
    ],
    [
      "a function",
      { headers: () => [], encrypted: true },
      '"request.headers" expected an object, got function',
    ],
    [
      "a number for encrypted",
      { headers: [], encrypted: 1 },
      '"request.encrypted" expected a boolean, got number',
    ],
    [
      "text for encrypted",
      { headers: [], encrypted: "true" },
      '"request.encrypted" expected a boolean, got string',
    ],
    [
      "null for encrypted",
      { headers: [], encrypted: null },
      '"request.encrypted" expected a boolean, got null',
    ],
    [
      "null for an address",
      { headers: [], encrypted: true, remoteAddress: null },
      '"request.remoteAddress" expected a string, got null',
    ],
    [
      "an object for an address",
      { headers: [], encrypted: true, remoteAddress: { hostname: "::1" } },
      '"request.remoteAddress" expected a string, got object',
    ],
    [
      "a list of addresses",
      { headers: [], encrypted: true, remoteAddress: ["::1"] },
      '"request.remoteAddress" expected a string, got array',
    ],
    [
      "pairs",
      { headers: [["authorization", "x"]], encrypted: true },
      '"request.headers" expected names and values of text, got array',
    ],
    [
      "a number for a header",
      { headers: { authorization: 5 }, encrypted: true },
      '"request.headers" expected names and values of text, got number',
    ],
  ])("%s", async (_, request, message) => {
    await expect(call(bench.apiKeys, request)).rejects.toThrow(new TypeError(message));
  });

  it("takes a socket that does not say whether it is encrypted for one that is not", async () => {
    const headers = ["Authorization", `Bearer ${bench.keys.good}`];
    for (const request of [{ headers }, { headers, encrypted: undefined }]) {
      expect(await call(bench.apiKeys, request)).toStrictEqual({ ok: false, reason: "insecure" });
    }
  });

  it.each<[string, unknown, string]>([
    ["null", null, '"options" expected an object, got null'],
    ["a name", "loopback", '"options" expected an object, got string'],
    ["a list", ["loopback"], '"options" expected an object, got array'],
    [
      "a misspelt option",
      { trustproxy: "loopback" },
      '"options" has no property "trustproxy"; known: trustProxy, otherCallers',
    ],
    [
      "true",
      { trustProxy: true },
      '"trustProxy" expected addresses or a function of an address, got boolean',
    ],
    [
      "a number of hops",
      { trustProxy: 1 },
      '"trustProxy" expected addresses or a function of an address, got number',
    ],
    [
      "null as nobody",
      { trustProxy: null },
      '"trustProxy" expected addresses or a function of an address, got null',
    ],
  ])("options: %s", async (_, options, message) => {
    await expect(call(bench.apiKeys, overTls([]), options)).rejects.toThrow(new TypeError(message));
  });

  it("options: a number of hops as text", async () => {
    await expect(call(bench.apiKeys, overTls([]), { trustProxy: "1" })).rejects.toThrow(RangeError);
  });

  it("options: nothing is as good as none", async () => {
    for (const options of [undefined, {}, { trustProxy: undefined }]) {
      expect(await call(bench.apiKeys, bearer(bench.keys.good), options)).toMatchObject({
        ok: true,
      });
    }
  });

  it("rejects rather than throws, and with no key in any error", async () => {
    const { apiKeys, keys } = bench;
    const key = keys.good;
    const symbol = Symbol(key);
    const bad: unknown[][] = [
      [key, overTls([])],
      [apiKeys, key],
      [apiKeys, [key]],
      [apiKeys, { headers: `Bearer ${key}`, encrypted: true }],
      [apiKeys, { headers: [key], encrypted: true }],
      [apiKeys, { headers: [["authorization", `Bearer ${key}`]], encrypted: true }],
      [apiKeys, { headers: { authorization: { key } }, encrypted: true }],
      [apiKeys, { headers: { authorization: Object(`Bearer ${key}`) }, encrypted: true }],
      [apiKeys, { headers: { authorization: symbol }, encrypted: true }],
      [apiKeys, { headers: ["authorization", symbol], encrypted: true }],
      [apiKeys, { headers: [], encrypted: key }],
      [apiKeys, { headers: [], encrypted: true, remoteAddress: [key] }],
      [apiKeys, overTls([]), key],
      [apiKeys, overTls([]), { [key]: 1 }],
      [apiKeys, overTls([]), { trustProxy: key }],
      [apiKeys, overTls([]), { trustProxy: [key] }],
      [apiKeys, overTls([]), { trustProxy: { key } }],
    ];
    for (const values of bad) {
      const error = await call(...values).then(
        () => expect.unreachable(),
        (reason: Error) => reason,
      );
      expect(["TypeError", "RangeError"]).toContain(error.name);
      expect(error.message).toMatch(/^"[\w.]+" /);
      expectNoKeys("an error", error, error.stack, inspect(error, { showHidden: true }));
    }
  });
});

describe("attempts to get around it", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await createBench();
  });
  const reasonOf = async (request: unknown, trustProxy?: string) => {
    const options = trustProxy === undefined ? {} : { trustProxy };
    const result = await authenticateRequest(bench.apiKeys, request as Connection, options);
    return result.ok ? "ok" : result.reason;
  };

  it("a getter that answers differently the second time is read once", async () => {
    const reads = { headers: 0, encrypted: 0, remoteAddress: 0 };
    const good = ["Authorization", `Bearer ${bench.keys.good}`, "X-Forwarded-Proto", "https"];
    const request = (first: Connection, later: Connection) => ({
      get headers() {
        return reads.headers++ === 0 ? first.headers : later.headers;
      },
      get encrypted() {
        return reads.encrypted++ === 0 ? first.encrypted : later.encrypted;
      },
      get remoteAddress() {
        return reads.remoteAddress++ === 0 ? first.remoteAddress : later.remoteAddress;
      },
    });
    const bad: Connection = { headers: [], encrypted: false, remoteAddress: "8.8.8.8" };
    const fine: Connection = { headers: good, encrypted: true, remoteAddress: "127.0.0.1" };
    expect(await reasonOf(request(bad, fine), "loopback")).toBe("insecure");
    expect(reads).toStrictEqual({ headers: 1, encrypted: 1, remoteAddress: 1 });
    Object.assign(reads, { headers: 0, encrypted: 0, remoteAddress: 0 });
    expect(await reasonOf(request(fine, bad), "loopback")).toBe("ok");
    expect(reads).toStrictEqual({ headers: 1, encrypted: 1, remoteAddress: 1 });
  });

  it("a proxy that counts sees each header asked for once", async () => {
    const asked: string[] = [];
    const headers = {
      get(name: string) {
        asked.push(name);
        return name === "authorization" ? `Bearer ${bench.keys.good}` : "https";
      },
    };
    expect(await reasonOf({ headers, encrypted: false, remoteAddress: "::1" }, "loopback")).toBe(
      "ok",
    );
    expect(asked).toStrictEqual(["authorization", "x-forwarded-proto"]);
  });

  it("prototype tricks in headers name nothing", async () => {
    const line = `Bearer ${bench.keys.good}`;
    for (const headers of [
      { __proto__: { authorization: line } },
      JSON.parse(`{"__proto__":{"authorization":"${line}"}}`),
      Object.create({ authorization: line }),
      Object.assign(Object.create(null), { "__proto__.authorization": line }),
      { constructor: { authorization: line } },
    ]) {
      expect(await reasonOf(overTls(headers))).toBe("missing");
    }
  });

  it("prototype pollution makes neither a credential nor a connection of a refusal", async () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const pollution = {
      token: bench.keys.good,
      caller: {},
      authorization: `Bearer ${bench.keys.good}`,
    };
    Object.assign(prototype, pollution);
    try {
      expect(await reasonOf({ headers: {}, encrypted: true })).toBe("missing");
      expect(await reasonOf({ headers: [], encrypted: true })).toBe("missing");
      expect(await reasonOf({ headers: [], encrypted: false })).toBe("insecure");
    } finally {
      for (const name of Object.keys(pollution)) delete prototype[name];
    }
  });

  it("both cases of a name are two lines, in whatever order", async () => {
    const line = `Bearer ${bench.keys.good}`;
    expect(await reasonOf(overTls({ Authorization: line, authorization: line }))).toBe("ambiguous");
    expect(await reasonOf(overTls({ authorization: "", AUTHORIZATION: line }))).toBe("ambiguous");
    const proto = {
      authorization: line,
      "x-forwarded-proto": "https",
      "X-Forwarded-Proto": "http",
    };
    expect(
      await reasonOf({ headers: proto, encrypted: false, remoteAddress: "::1" }, "loopback"),
    ).toBe("insecure");
  });

  it("a key that a client spells as text of another alphabet is none", async () => {
    const { good } = bench.keys;
    for (const spelt of [
      good.replace("pk", "\uff50\uff4b"),
      good.normalize("NFD") + "\u0301",
      good + "\u200b",
      "\ufeff" + good,
      good + "\0",
      good.replace("pk", "p\u212a"),
    ]) {
      expect(await reasonOf(bearer(spelt))).toBe("malformed");
    }
  });

  it("survives a megabyte, in linear time", async () => {
    const size = 1 << 20;
    const { good } = bench.keys;
    const values: [string, string][] = [
      ["a".repeat(size), "missing"],
      [" ".repeat(size), "missing"],
      [`Bearer ${"a".repeat(size)}`, "malformed"],
      [`Bearer ${" ".repeat(size)}`, "malformed"],
      [`Bearer ${" ".repeat(size)}${good}`, "ok"],
      [`Bearer ${good.repeat(size / 32)}`, "malformed"],
      ["Bearer ".repeat(size / 8), "malformed"],
      [",".repeat(size), "missing"],
      [", ".repeat(size / 2), "missing"],
      [`,${" ".repeat(size)}`, "missing"],
      [`,${"\t ".repeat(size / 2)}x`, "missing"],
      [",bearer".repeat(size / 8), "missing"],
      [",bearer ".repeat(size / 8), "ambiguous"],
      [`Bearer ${good},${" ".repeat(size)}`, "ambiguous"],
    ];
    for (const [value, verdict] of values) {
      const startMs = performance.now();
      for (const headers of [["Authorization", value], { authorization: value }]) {
        expect(await reasonOf(overTls(headers))).toBe(verdict);
      }
      expect(performance.now() - startMs).toBeLessThan(1000);
    }
    const proto = [
      "Authorization",
      `Bearer ${good}`,
      "X-Forwarded-Proto",
      "https,".repeat(size / 8),
    ];
    const startMs = performance.now();
    const request = { headers: proto, encrypted: false, remoteAddress: "::1" };
    expect(await reasonOf(request, "loopback")).toBe("insecure");
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it("refuses as many lines as make Node drop the rest, of which one could be a second key", async () => {
    const line = ["Authorization", `Bearer ${bench.keys.good}`];
    const filler = (lines: number) => Array.from({ length: lines }, () => ["X-Filler", ""]).flat();
    expect(await reasonOf(overTls([...line, ...filler(998)]))).toBe("ok");
    expect(await reasonOf(overTls([...line, ...filler(999)]))).toBe("ambiguous");
    expect(await reasonOf(overTls(filler(100_000)))).toBe("ambiguous");
    expect(await reasonOf({ headers: filler(1000), encrypted: false })).toBe("insecure");
  });

  it("lets no variation of the right line in that is not the right line", async () => {
    const { good } = bench.keys;
    const line = `Bearer ${good}`;
    const edit = fc.record({
      at: fc.nat({ max: line.length }),
      remove: fc.nat({ max: 2 }),
      insert: fc.string({
        maxLength: 2,
        unit: fc.constantFrom(...' \t,;="_-pkBbearER0aZ\u0000\u00e9'),
      }),
    });
    const isRight = (value: string) =>
      /^bearer$/i.test(value.slice(0, 6)) &&
      /^ +$/.test(value.slice(6, -good.length)) &&
      value.endsWith(good);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 3 }), async (edits) => {
        let value = line;
        for (const { at, remove, insert } of edits)
          value = value.slice(0, at) + insert + value.slice(at + remove);
        expect(await reasonOf(overTls(["Authorization", value]))).toSatisfy(
          (verdict) => (verdict === "ok") === isRight(value),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("never rejects because of what a client sends", async () => {
    const name = fc.oneof(
      fc.constantFrom(
        "Authorization",
        "authorization",
        "X-Forwarded-Proto",
        "__proto__",
        "get",
        "constructor",
        ":scheme",
      ),
      fc.string(),
    );
    const value = fc.oneof(fc.constantFrom("Bearer x", "https", "http", ","), fc.string());
    const lines = fc.array(fc.tuple(name, value), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.boolean(),
        fc.constantFrom("::1", "8.8.8.8", "junk"),
        async (pairs, encrypted, remoteAddress) => {
          for (const headers of [pairs.flat(), Object.fromEntries(pairs), new Map(pairs)]) {
            expect(await reasonOf({ headers, encrypted, remoteAddress }, "loopback")).not.toBe(
              "ok",
            );
          }
        },
      ),
    );
  });
});

describe("the gate of an adapter", () => {
  let bench: Bench;
  let calls: number;
  let gate: Gate<object>;
  beforeEach(async () => {
    const store = createMemoryStore();
    bench = await createBench({ store });
    const find = store.findByHash;
    calls = 0;
    store.findByHash = (hash) => (calls++, find(hash));
    gate = createGate(bench.apiKeys, {});
  });

  it.each(ROWS)("before the body, without the store: $name", ({ lines, verdict }) => {
    const connection = overTls(lines(bench.keys).flatMap((line) => ["Authorization", line]));
    const refusal = gate.precheck(connection);
    const known = ["missing", "ambiguous", "malformed"].includes(verdict);
    expect(refusal).toStrictEqual(known ? { ok: false, reason: verdict } : null);
    expect(calls).toBe(0);
    expect(findCaller(connection)).toBeNull();
  });

  it("before the body, over plain HTTP", async () => {
    const connection = { ...bearer(bench.keys.good), encrypted: false };
    expect(gate.precheck(connection)).toStrictEqual({ ok: false, reason: "insecure" });
    await settle();
    expect(bench.events).toMatchObject([{ type: "exposed", keyId: bench.id }]);
  });

  it("answers at once where the store does, and ties the caller to the request that is named", () => {
    const request = {};
    const connection = bearer(bench.keys.good);
    const result = gate.authenticate(connection, request);
    expect(result).toMatchObject({ ok: true, caller: { id: bench.id } });
    expect(callerOf(request).id).toBe(bench.id);
    expect(findCaller(connection)).toBeNull();
    expect(gate.authenticate(bearer(misspell(bench.keys.good)), request)).toMatchObject({
      ok: false,
    });
    expect(findCaller(request)).toBeNull();
  });

  it("refuses bad arguments when it is made", () => {
    expect(() => createGate({} as ApiKeys, {})).toThrow(TypeError);
    expect(() => createGate(bench.apiKeys, { trustProxy: true as never })).toThrow(TypeError);
    expect(() => createGate(bench.apiKeys, { trustProxy: "nowhere" })).toThrow(RangeError);
  });
});
