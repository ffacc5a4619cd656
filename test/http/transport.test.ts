import { describe, expect, it } from "vitest";
import { createTrust, isSecure, type TrustProxy } from "../../src/http/transport.js";
import { expectNoKeys } from "../support/canary.js";
import { createBench } from "./fixtures.js";

describe("whose forwarding headers are believed", () => {
  it.each<[TrustProxy | undefined, string, boolean]>([
    [undefined, "127.0.0.1", false],
    [[], "127.0.0.1", false],
    ["loopback", "127.0.0.1", true],
    ["loopback", "127.255.0.9", true],
    ["loopback", "::1", true],
    ["loopback", "::ffff:127.0.0.1", true],
    ["loopback", "::ffff:7f00:1", true],
    ["loopback", "10.0.0.1", false],
    ["loopback", "::ffff:10.0.0.1", false],
    ["loopback", "::2", false],
    ["linklocal", "169.254.1.1", true],
    ["linklocal", "fe80::1", true],
    ["linklocal", "fe80::1%eth0", true],
    ["linklocal", "169.255.1.1", false],
    ["uniquelocal", "10.1.2.3", true],
    ["uniquelocal", "172.31.255.255", true],
    ["uniquelocal", "172.32.0.0", false],
    ["uniquelocal", "192.168.0.1", true],
    ["uniquelocal", "fd00::1", true],
    ["uniquelocal", "127.0.0.1", false],
    ["10.0.0.7", "10.0.0.7", true],
    ["10.0.0.7", "10.0.0.70", false],
    ["10.0.0.7", "::ffff:10.0.0.7", true],
    ["::ffff:10.0.0.7", "10.0.0.7", true],
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/255.0.0.0", "10.9.9.9", true],
    ["2001:db8::/32", "2001:db8::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:db8::/32", "10.0.0.1", false],
    [["loopback", "10.0.0.0/8"], "::1", true],
    [["loopback", "10.0.0.0/8"], "10.0.0.1", true],
    [["loopback", "10.0.0.0/8"], "192.168.0.1", false],
    [(address) => address === "10.0.0.7", "10.0.0.7", true],
    [(address) => address === "10.0.0.7", "10.0.0.8", false],
  ])("%j: %s %s", (trustProxy, address, trusted) => {
    expect(createTrust(trustProxy)(address)).toBe(trusted);
  });

  it.each([
    ...[
      "",
      " ",
      "x",
      "localhost",
      "loopback",
      "127.0.0.1.",
      " 127.0.0.1",
      "127.0.0.1 ",
      "127.0.0.1,8.8.8.8",
    ],
    ...[
      "127.0.0.1:443",
      "[::1]",
      "127.0.0.1/8",
      "unix:",
      "/run/proxy.sock",
      "unknown",
      "null",
      "undefined",
    ],
    ...[
      "256.0.0.1",
      "127.0.0.1\0",
      "127.0.0.1\n",
      "::ffff:127.0.0.1.1",
      ":::1",
      "\uff11\uff12\uff17.0.0.1",
    ],
  ])("does not trust %j", (address) => {
    expect(createTrust("loopback")(address)).toBe(false);
    expect(createTrust(["loopback", "uniquelocal"])(address)).toBe(false);
  });

  it("trusts nobody for an answer that is not true", () => {
    for (const answer of [1, "true", {}, Promise.resolve(true), undefined, null, NaN]) {
      expect(createTrust((() => answer) as never)("127.0.0.1")).toBe(false);
    }
  });

  it.each([
    ...[true, false, null, 1, 0, NaN, 1n, Symbol("loopback"), {}, { 0: "loopback", length: 1 }],
    ...[
      new Set(["loopback"]),
      [1],
      ["loopback", undefined],
      ["loopback", null],
      [["loopback"]],
      [true],
    ],
    ...[Object("loopback")],
  ])("refuses %s: TypeError", (trustProxy) => {
    expect(() => createTrust(trustProxy as never)).toThrow(TypeError);
    expect(() => createTrust(trustProxy as never)).toThrow(
      /^"trustProxy" expected addresses or a function of an address, got \w+$/,
    );
  });

  it.each<[TrustProxy]>([
    [""],
    [" "],
    ["true"],
    ["all"],
    ["*"],
    ["Loopback"],
    ["localhost"],
    ["proxy.example"],
    ["loopback, 10.0.0.1"],
    ["10.0.0.0/33"],
    ["10.0.0.0/-1"],
    ["10.0.0.0/x"],
    ["10.0.0.0/"],
    ["10.0.0.0/255.0.255.0"],
    ["2001:db8::/129"],
    ["0.0.0.0/0"],
    ["::/0"],
    ["1"],
    ["4294967295"],
    [["loopback", ""]],
    [["loopback", "1"]],
    [["toString"]],
    [["__proto__"]],
    [["constructor"]],
    // oxlint-disable-next-line no-sparse-arrays
    [["loopback", , "::1"] as string[]],
  ])("refuses %j: RangeError", (trustProxy) => {
    expect(() => createTrust(trustProxy)).toThrow(RangeError);
    expect(() => createTrust(trustProxy)).toThrow(
      /^"trustProxy" has an entry that is no address, range or known name$/,
    );
  });

  it("does not repeat what was given, nor as a cause", async () => {
    const { keys } = await createBench();
    try {
      createTrust(keys.good);
    } catch (error) {
      expectNoKeys("the error", error);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).not.toHaveProperty("cause");
    }
    expect.assertions(2);
  });

  it("keeps what it compiled when the list changes, and leaves the list as it is", () => {
    const list = ["loopback", "10.0.0.0/8"];
    const isTrusted = createTrust(list);
    expect(list).toStrictEqual(["loopback", "10.0.0.0/8"]);
    list.push("192.168.0.0/16");
    expect(isTrusted("192.168.0.1")).toBe(false);
    list.length = 0;
    expect(isTrusted("10.0.0.1")).toBe(true);
  });
});

describe("whether a request came over HTTPS", () => {
  const PROXY = "10.0.0.7";
  const isTrusted = createTrust(PROXY);

  /** Every combination of the peer, the socket and what the header says. */
  it.each<[string, string[], ...verdicts: [fromProxy: boolean, fromProxyOverTls: boolean]]>([
    ["nothing", [], false, true],
    ["https", ["https"], true, true],
    ["HTTPS", ["HTTPS"], true, true],
    ["https among spaces", ["  https\t"], true, true],
    ["http", ["http"], false, false],
    ["an empty value", [""], false, false],
    ["https twice", ["https, https"], true, true],
    ["https on two lines", ["https", "https"], true, true],
    ["https, then http", ["https, http"], false, false],
    ["http, then https", ["http, https"], false, false],
    ["https, then http, on two lines", ["https", "http"], false, false],
    ["http, then https, on two lines", ["http", "https"], false, false],
    ["https and nothing", ["https,"], false, false],
    ["nothing and https", [",https"], false, false],
    ["https and an empty line", ["https", ""], false, false],
    ["httpss", ["httpss"], false, false],
    ["https:", ["https:"], false, false],
    ["a URL", ["https://x"], false, false],
    ["wss", ["wss"], false, false],
    ["on", ["on"], false, false],
    ["quotes", ['"https"'], false, false],
    ["a semicolon", ["https;http"], false, false],
    ["a space between", ["https https"], false, false],
    ["a NUL", ["https\0"], false, false],
    ["a letter that only looks like it", ["http\u017f"], false, false],
  ])("%s", (_, lines, fromProxy, fromProxyOverTls) => {
    const headers = lines.flatMap((line) => ["X-Forwarded-Proto", line]);
    const secure = (encrypted: boolean, remoteAddress: string | undefined) =>
      isSecure({ headers, encrypted, remoteAddress }, isTrusted);
    expect(secure(false, PROXY)).toBe(fromProxy);
    expect(secure(false, `::ffff:${PROXY}`)).toBe(fromProxy);
    expect(secure(true, PROXY)).toBe(fromProxyOverTls);
    for (const peer of ["10.0.0.8", "8.8.8.8", "::1", "", undefined]) {
      expect(secure(false, peer)).toBe(false);
      expect(secure(true, peer)).toBe(true);
    }
  });

  it.each([
    ...[
      "X-Forwarded-Protocol",
      "X-Forwarded-Scheme",
      "X-Forwarded-Ssl",
      "X-Url-Scheme",
      "Front-End-Https",
    ],
    ...["X_Forwarded_Proto", "X-Forwarded-Proto ", "Forwarded", "X-Original-Proto", ":scheme"],
  ])("believes no %s", (name) => {
    for (const value of ["https", "on", "proto=https"]) {
      const headers = [name, value];
      expect(isSecure({ headers, encrypted: false, remoteAddress: PROXY }, isTrusted)).toBe(false);
    }
  });

  it("does not take the client's word for who the client is", () => {
    const headers = ["X-Forwarded-Proto", "https", "X-Forwarded-For", PROXY, "X-Real-IP", PROXY];
    expect(isSecure({ headers, encrypted: false, remoteAddress: "8.8.8.8" }, isTrusted)).toBe(
      false,
    );
  });

  it("has no default for a socket of unknown kind", () => {
    for (const encrypted of [undefined, null, 0, 1, "true", "https", {}, []]) {
      expect(isSecure({ headers: [], encrypted } as never, isTrusted)).toBe(false);
    }
  });

  it("asks the host's function about peers that have an address only", () => {
    const asked: unknown[] = [];
    const everyone = createTrust((address) => asked.push(address) > 0);
    const headers = ["x-forwarded-proto", "https"];
    expect(isSecure({ headers, encrypted: false }, everyone)).toBe(false);
    expect(isSecure({ headers, encrypted: false, remoteAddress: undefined }, everyone)).toBe(false);
    expect(asked).toStrictEqual([]);
    expect(isSecure({ headers, encrypted: false, remoteAddress: PROXY }, everyone)).toBe(true);
    expect(asked).toStrictEqual([PROXY]);
  });
});
