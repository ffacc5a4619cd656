/** Which pages may send what comes with a cookie. */
import { describe, expect, it } from "vitest";
import { isFromOwnPage, checkOrigins } from "../../src/management/origin.js";
import { createSubject, requestOf } from "./support.js";

const OWN = "https://app.example.com";
const HTTPS = `${OWN}/settings/graphql`;

describe("isFromOwnPage", () => {
  const allowed = checkOrigins(["https://admin.example.com"]);

  it.each<[name: string, headers: object, url: string | undefined, verdict: boolean | null]>([
    ["says nothing", {}, HTTPS, null],
    ["same-origin", { "sec-fetch-site": "same-origin" }, HTTPS, true],
    [
      "same-origin behind a proxy",
      { "sec-fetch-site": "same-origin", origin: OWN },
      "http://10.0.0.7/",
      true,
    ],
    ["same-site", { "sec-fetch-site": "same-site" }, HTTPS, false],
    [
      "cross-site",
      { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      HTTPS,
      false,
    ],
    ["cross-site with our origin", { "sec-fetch-site": "cross-site", origin: OWN }, HTTPS, false],
    ["none: typed by hand", { "sec-fetch-site": "none" }, HTTPS, false],
    [
      "an allowed page",
      { "sec-fetch-site": "same-site", origin: "https://admin.example.com" },
      HTTPS,
      true,
    ],
    ["an allowed page, old browser", { origin: "https://admin.example.com" }, HTTPS, true],
    ["its beginning", { origin: "https://admin.example.com.evil.example" }, HTTPS, false],
    ["old browser", { origin: OWN }, HTTPS, true],
    ["old browser, TLS ended before", { origin: OWN }, "http://app.example.com/x", true],
    ["a port", { origin: "https://app.example.com:8443" }, "https://app.example.com:8443/x", true],
    ["another port", { origin: "https://app.example.com:8443" }, HTTPS, false],
    ["another host", { origin: "https://evil.example" }, HTTPS, false],
    ["plain HTTP", { origin: "http://app.example.com" }, "http://app.example.com/x", false],
    ["a sandboxed page", { origin: "null" }, HTTPS, false],
    ["two origins", ["Origin", OWN, "Origin", OWN], HTTPS, false],
    ["two sites", ["Sec-Fetch-Site", "same-origin", "sec-fetch-site", "same-origin"], HTTPS, false],
    ["Node's request", { origin: OWN, host: "app.example.com" }, "/settings/graphql", true],
    [
      "Node's request, another host",
      { origin: OWN, host: "evil.example" },
      "/settings/graphql",
      false,
    ],
    ["no address", { origin: OWN, host: "app.example.com" }, undefined, true],
    ["no host", { origin: OWN }, "/settings/graphql", false],
    ["an odd host", { origin: OWN, host: "[" }, "/settings/graphql", false],
  ])("%s", (_name, headers, url, verdict) => {
    expect(isFromOwnPage({ headers: headers as Record<string, string>, url }, allowed)).toBe(
      verdict,
    );
  });
});

it.each([
  ["a path", ["https://app.example.com/"], RangeError],
  ["a host", ["app.example.com"], RangeError],
  ["upper case", ["https://APP.example.com"], RangeError],
  ["null", ["null"], RangeError],
  ["a star", ["*"], RangeError],
  ["nothing", [""], RangeError],
  ["a number", [1], TypeError],
  ["text", "https://app.example.com", TypeError],
])("allowedOrigins takes no %s", (_name, origins, kind) => {
  expect(() => checkOrigins(origins as string[])).toThrow(kind);
});

it("a page of an allowed origin uses the handler", async () => {
  const subject = createSubject({ allowedOrigins: ["https://admin.example.com"] });
  const query = "{ __typename }";
  const of = (origin: string) =>
    requestOf({ query }, { origin, "sec-fetch-site": "same-site", cookie: "session=x" });
  expect((await subject.handle(of("https://admin.example.com"))).status).toBe(200);
  expect((await subject.handle(of("https://blog.example.com"))).status).toBe(403);
});

it("a client that is no browser sends a bearer value and no cookie", async () => {
  const request = requestOf({ query: "{ __typename }" }, { authorization: "Bearer session" });
  request.headers.delete("sec-fetch-site");
  expect((await createSubject().handle(request)).status).toBe(200);
});
