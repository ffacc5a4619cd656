import { beforeEach, describe, expect, it } from "vitest";
import {
  authenticateRequest,
  callerOf,
  type AuthenticateOptions,
  type Connection,
} from "../../src/http/index.js";
import { createGate } from "../../src/http/authenticate.js";
import { isPreflighted } from "../../src/http/others.js";
import { createApiKeys, createCaller, everyLibrary, type Caller } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { createBench, misspell, ORGANIZATION, type Bench } from "./fixtures.js";

const user = createCaller({
  id: "user-7",
  version: 1,
  organizationId: ORGANIZATION,
  access: everyLibrary("write"),
});

const JSON_BODY = ["Content-Type", "application/json"];
const JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyLTcifQ.c2lnbmF0dXJl";

let bench: Bench;
let asked: object[];

beforeEach(async () => {
  bench = await createBench();
  asked = [];
});

const overTls = (headers: readonly string[], encrypted = true): Connection => ({
  headers,
  encrypted,
});

function authenticate(
  connection: Connection,
  answer: () => unknown = () => user,
): ReturnType<typeof authenticateRequest> {
  const otherCallers = (request: Connection) => (asked.push(request), answer());
  return authenticateRequest(bench.apiKeys, connection, { otherCallers } as AuthenticateOptions);
}

describe("scenario 105: whoever carries no API key", () => {
  it.each<[string, readonly string[]]>([
    ["a session JWT", ["Authorization", `Bearer ${JWT}`]],
    ["a cookie", ["Cookie", "session=7"]],
    ["another scheme", ["Authorization", "Basic eDp5"]],
    ["an empty bearer value", ["Authorization", "Bearer "]],
  ])("%s: is asked of the host, once, with the request itself", async (_, headers) => {
    const connection = overTls([...headers, ...JSON_BODY]);
    expect(await authenticate(connection)).toEqual({ ok: true, caller: user });
    expect(asked).toEqual([connection]);
    expect(callerOf(connection)).toBe(user);
  });

  it("is asked of the host later, too", async () => {
    const later = async () => user;
    expect(await authenticate(overTls(JSON_BODY), later)).toEqual({ ok: true, caller: user });
  });

  it.each<[string, (bench: Bench) => readonly string[], string]>([
    ["a key", ({ keys }) => ["Authorization", `Bearer ${keys.good}`], "ok"],
    ["a bad key", ({ keys }) => ["Authorization", `Bearer ${misspell(keys.good)}`], "malformed"],
    ["a piece of one", () => ["Authorization", "Bearer pk_"], "malformed"],
    [
      "a session beside a key",
      ({ keys }) => ["Authorization", `Bearer ${JWT}`, "Authorization", `Bearer ${keys.good}`],
      "ambiguous",
    ],
    [
      "both in one line",
      ({ keys }) => ["Authorization", `Bearer ${JWT}, ${keys.good}`],
      "ambiguous",
    ],
  ])("%s: the host is not asked", async (_, headers, verdict) => {
    const result = await authenticate(overTls([...headers(bench), ...JSON_BODY]));
    expect(result.ok ? "ok" : result.reason).toBe(verdict);
    expect(asked).toEqual([]);
  });

  it("is not asked over plain HTTP", async () => {
    const result = await authenticate(overTls(["Cookie", "session=7", ...JSON_BODY], false));
    expect(result).toEqual({ ok: false, reason: "insecure" });
    expect(asked).toEqual([]);
  });

  it("is refused as without a host where the host knows nobody", async () => {
    expect(await authenticate(overTls(JSON_BODY), () => null)).toEqual({
      ok: false,
      reason: "missing",
    });
    const session = overTls(["Authorization", `Bearer ${JWT}`, ...JSON_BODY]);
    expect(await authenticate(session, () => null)).toEqual({ ok: false, reason: "malformed" });
    expect(() => callerOf(session)).toThrow(TypeError);
  });

  it.each<[string, () => unknown]>([
    ["throws", () => expect.unreachable()],
    ["rejects", () => Promise.reject(new Error("the session store is down"))],
    ["forgets to answer", () => undefined],
    ["answers true", () => true],
    ["answers a user", () => ({ id: "user-7" })],
  ])("a host that %s: a 503, and no open door", async (_, answer) => {
    const connection = overTls(JSON_BODY);
    expect(await authenticate(connection, answer)).toMatchObject({
      ok: false,
      reason: "unavailable",
      error: { code: "UNAVAILABLE" },
    });
    expect(() => callerOf(connection)).toThrow(TypeError);
    expect(bench.events).toMatchObject([{ type: "unavailable" }]);
  });

  it("breaks nothing where nobody listens", async () => {
    const apiKeys = createApiKeys({ store: createMemoryStore() });
    const otherCallers = () => Promise.reject<Caller>(new Error("down"));
    const result = await authenticateRequest(apiKeys, overTls(JSON_BODY), { otherCallers });
    expect(result).toMatchObject({ ok: false, reason: "unavailable" });
  });

  it("needs a function", async () => {
    const options = { otherCallers: user } as never;
    await expect(authenticateRequest(bench.apiKeys, overTls([]), options)).rejects.toThrow(
      '"otherCallers" expected a function',
    );
  });

  it("passes the gate before its body, if a browser would have asked", () => {
    const gate = createGate<object>(bench.apiKeys, { otherCallers: () => user });
    expect(gate.precheck(overTls(JSON_BODY))).toBeNull();
    expect(gate.precheck(overTls([]))).toEqual({ ok: false, reason: "missing" });
  });
});

describe("a request that another site can send with the cookies of this one", () => {
  it.each<[boolean, string, readonly string[]]>([
    [true, "JSON", ["content-type", "application/json"]],
    [true, "JSON in capitals", ["content-type", "Application/JSON; charset=utf-8"]],
    [true, "GraphQL", ["content-type", "application/graphql-response+json"]],
    [false, "nothing", []],
    [false, "an empty type", ["content-type", ""]],
    [false, "a form", ["content-type", "application/x-www-form-urlencoded"]],
    [false, "text", ["content-type", "text/plain;charset=utf-8"]],
    [false, "text in capitals", ["content-type", " TEXT/plain ; application/json"]],
    [false, "files", ["content-type", "multipart/form-data; boundary=application/json"]],
    [false, "two types", ["content-type", "text/plain", "content-type", "application/json"]],
    [
      false,
      "two JSON types",
      ["content-type", "application/json", "content-type", "application/json"],
    ],
    [false, "two types in one line", ["content-type", "application/json, text/plain"]],
    [
      false,
      "headers that need no asking",
      ["accept", "application/json", "content-language", "en"],
    ],
    [true, "a header that needs asking", ["x-requested-with", ""]],
    [
      true,
      "files, and such a header",
      ["content-type", "multipart/form-data", "Apollo-Require-Preflight", "1"],
    ],
    [true, "our header", ["graphql-require-preflight", "1"]],
    [true, "Apollo's other header", ["x-apollo-operation-name", "Q"]],
    [true, "Yoga's header", ["x-graphql-yoga-csrf", "1"]],
  ])("%s for %s", async (verdict, _, headers) => {
    expect(isPreflighted(headers)).toBe(verdict);
    const result = await authenticate(overTls(headers));
    expect(result).toEqual(verdict ? { ok: true, caller: user } : { ok: false, reason: "missing" });
    expect(asked).toHaveLength(Number(verdict));
  });
});
