import { expect, it } from "vitest";
import { forgetKey } from "../../src/http/node.js";

const KEY = "Bearer of something";

it.each<[string, () => any]>([
  ["Node's", () => ({ headers: { authorization: KEY, host: "a" }, rawHeaders: raw() })],
  ["a framework's around it", () => ({ headers: {}, raw: { headers: {}, rawHeaders: raw() } })],
  ["a framework's whose headers are copies", () => copying({ authorization: KEY })],
  ["one without headers", () => ({})],
])("the key is taken out of a request: %s", (_, make) => {
  const request = make();
  forgetKey(request);
  expect(JSON.stringify([request, request.headers, request.raw])).not.toContain(KEY);
  if (request.rawHeaders) expect(request.rawHeaders).toEqual(["AuthoriZation", "", "Host", "a"]);
});

it("there may be no request", () => {
  expect(() => forgetKey(undefined)).not.toThrow();
});

function raw(): string[] {
  return ["AuthoriZation", KEY, "Host", "a"];
}

function copying(headers: object) {
  const request = { raw: { headers, rawHeaders: raw() } };
  Object.defineProperty(request, "headers", { get: () => ({ ...headers }) });
  return request;
}
