/** HTTPS only: sessions go there, and keys come back. */
import { describe, expect, it, vi } from "vitest";
import { createSubject, requestOf, type Subject } from "./support.js";

const QUERY = JSON.stringify({ query: "{ __typename }" });

/** A page of the same origin asks at an address. */
function askAt(subject: Subject, url: string, headers: Record<string, string> = {}) {
  const request = requestOf("", headers);
  return subject.handle(
    new Request(url, { method: "POST", headers: request.headers, body: QUERY }),
  );
}

it.each<[url: string, status: number]>([
  ["https://app.example.com/settings/graphql", 200],
  ["https://127.0.0.1/settings/graphql", 200],
  ["http://localhost:3000/settings/graphql", 200],
  ["http://127.0.0.1:3000/", 200],
  ["http://127.1/", 200], // the same address
  ["http://[::1]:3000/", 200],
  ["http://app.example.com/settings/graphql", 403],
  ["http://app.example.com:443/", 403],
  ["http://10.0.0.7/", 403],
  ["http://localhost.evil.example/", 403],
  ["http://notlocalhost/", 403],
  ["http://127.0.0.1.evil.example/", 403],
])("%s: %i", async (url, status) => {
  const response = await askAt(createSubject(), url);
  expect(response.status).toBe(status);
  if (status === 200) return;
  expect(await response.json()).toEqual({
    errors: [{ message: "HTTPS is required.", extensions: { code: "HTTPS_REQUIRED" } }],
  });
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("location")).toBeNull();
});

it("comes before everything else: nobody is asked, and nothing is read", async () => {
  const authorizeManager = vi.fn(() => null);
  const subject = createSubject({ authorizeManager });
  const get = await subject.handle(new Request("http://app.example.com/?query={__typename}"));
  expect(get.status).toBe(403);
  const post = new Request("http://app.example.com/", { method: "POST", body: QUERY });
  expect((await subject.handle(post)).status).toBe(403);
  expect([post.bodyUsed, authorizeManager.mock.calls]).toEqual([false, []]);
});

it("a header that says so does not count by itself", async () => {
  for (const headers of [{ "x-forwarded-proto": "https" }, { forwarded: "proto=https" }]) {
    const { status } = await askAt(createSubject(), "http://app.example.com/", headers);
    expect(status).toBe(403);
  }
});

describe("isEncrypted", () => {
  it("is the host's to say, behind a proxy that ends TLS", async () => {
    const subject = createSubject({
      isEncrypted: ({ headers }) => headers.get("x-forwarded-proto") === "https",
    });
    const at = (url: string, headers = {}) => askAt(subject, url, headers);
    const forwarded = { "x-forwarded-proto": "https" };
    expect((await at("http://app.example.com/", forwarded)).status).toBe(200);
    expect((await at("http://app.example.com/")).status).toBe(403);
    expect((await at("https://app.example.com/")).status).toBe(403);
  });

  it.each<[string, () => unknown, number]>([
    ["promises true", async () => true, 403],
    ["answers nothing", () => undefined, 403],
    ["answers text", () => "false", 403],
    ["throws", () => JSON.parse("{"), 503],
  ])("opens nothing when it %s", async (_, isEncrypted, status) => {
    const subject = createSubject({ isEncrypted: isEncrypted as () => boolean });
    expect((await askAt(subject, "https://app.example.com/")).status).toBe(status);
  });

  it("is a function", () => {
    expect(() => createSubject({ isEncrypted: true as never })).toThrow(TypeError);
  });
});
