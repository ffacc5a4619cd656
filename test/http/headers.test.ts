import { describe, expect, it } from "vitest";
import { headerLines, type RequestHeaders } from "../../src/http/headers.js";

const NAME = "authorization";

/** Values that a header cannot have. */
const NO_TEXT: readonly unknown[] = [
  ...[0, 5, true, false, 1n, Symbol("a"), () => "a", {}, { length: 1, 0: "a" }, new Date(0)],
  ...[new Set(["a"]), Object("Bearer x"), { toString: () => "a" }],
];

describe("raw headers", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["none at all", [], []],
    ["another header", ["Host", "x"], []],
    ["one", ["Authorization", "a"], ["a"]],
    ["an empty one", ["Authorization", ""], [""]],
    ["two, in order", ["Authorization", "a", "Host", "x", "authorization", "b"], ["a", "b"]],
    ["in any case", ["AUTHORIZATION", "a", "aUTHORIZATION", "b"], ["a", "b"]],
    ["its name as a value", ["Host", "Authorization", "X-Y", "authorization"], []],
    ["a longer name", ["Authorization2", "a", "X-Authorization", "b"], []],
    ["a name with a space", ["Authorization ", "a", " authorization", "b"], []],
    ["a name that only looks like it", ["Author\u0131zation", "a", "Author\u0130zation", "b"], []],
    ["prototype names", ["__proto__", "a", "constructor", "b"], []],
  ])("%s", (_, headers, lines) => {
    expect(headerLines(headers, NAME)).toStrictEqual(lines);
  });

  it.each(NO_TEXT)("refuses %s as a value and as a name", (value) => {
    expect(() => headerLines(["Authorization", value] as string[], NAME)).toThrow(TypeError);
    expect(() => headerLines([value, "a"] as string[], NAME)).toThrow(TypeError);
    expect(() => headerLines(["Host", value] as string[], NAME)).toThrow(/"request\.headers"/);
  });

  it("refuses a name without a value, and a hole", () => {
    expect(() => headerLines(["Host", "x", "Authorization"], NAME)).toThrow(
      '"request.headers" expected names and values of text, got undefined',
    );
    expect(() => headerLines(["Host"], NAME)).toThrow(TypeError);
    // oxlint-disable-next-line no-sparse-arrays
    expect(() => headerLines([, "Authorization", "a", "b"] as string[], NAME)).toThrow(TypeError);
  });

  it("refuses pairs, whose names it would never find", () => {
    const pairs = [...new Headers({ authorization: "a", host: "x" })] as unknown as string[];
    expect(() => headerLines(pairs, NAME)).toThrow(
      '"request.headers" expected names and values of text, got array',
    );
  });
});

describe("objects", () => {
  it.each<[string, RequestHeaders, readonly string[]]>([
    ["none at all", {}, []],
    ["one", { authorization: "a" }, ["a"]],
    ["an empty one", { authorization: "" }, [""]],
    ["undefined", { authorization: undefined }, []],
    ["null", { authorization: null } as never, []],
    ["one in a list", { authorization: ["a"] }, ["a"]],
    ["two in a list", { authorization: ["a", "b"] }, ["a", "b"]],
    ["none in a list", { authorization: [] }, []],
    ["both cases of the name", { Authorization: "a", authorization: "b" }, ["a", "b"]],
    ["both cases, one undefined", { Authorization: undefined, authorization: "b" }, ["b"]],
    ["both cases, one a list", { AUTHORIZATION: ["a", "b"], authorization: "c" }, ["a", "b", "c"]],
    ["another header that is no text", { authorization: "a", age: 5 } as never, ["a"]],
    ["a header called get", { get: "x", authorization: "a" }, ["a"]],
    ["inherited", Object.create({ authorization: "a" }) as RequestHeaders, []],
    ["a literal's prototype", { __proto__: { authorization: "a" } } as never, []],
    ["parsed", JSON.parse('{"__proto__":{"authorization":"a"}}') as RequestHeaders, []],
    ["parsed list", JSON.parse('{"__proto__":["authorization","a"]}') as RequestHeaders, []],
    [
      "without a prototype",
      Object.assign(Object.create(null) as object, { authorization: "a" }) as RequestHeaders,
      ["a"],
    ],
    ["not enumerable", Object.defineProperty({}, NAME, { value: "a" }) as RequestHeaders, []],
    ["a symbol of that name", { [Symbol(NAME)]: "a" } as never, []],
  ])("%s", (_, headers, lines) => {
    expect(headerLines(headers, NAME)).toStrictEqual(lines);
  });

  it.each(NO_TEXT)("refuses %s, alone and in a list", (value) => {
    expect(() => headerLines({ authorization: value } as never, NAME)).toThrow(TypeError);
    expect(() => headerLines({ authorization: value } as never, NAME)).toThrow(
      /"request\.headers"/,
    );
    expect(() => headerLines({ authorization: ["a", value] } as never, NAME)).toThrow(TypeError);
  });

  it("refuses null, undefined and holes in a list", () => {
    for (const list of [[null], [undefined], ["a", , "b"], [["a"]]]) {
      expect(() => headerLines({ authorization: list } as never, NAME)).toThrow(TypeError);
    }
  });

  it("reads a getter once, and never another header's", () => {
    let reads = 0;
    const headers = {
      get authorization() {
        return reads++ === 0 ? "a" : "b";
      },
      get host(): string {
        throw new Error("not asked for");
      },
    };
    expect(headerLines(headers, NAME)).toStrictEqual(["a"]);
    expect(reads).toBe(1);
  });

  it("is not misled by a polluted Object.prototype", () => {
    const prototype = Object.prototype as { authorization?: string };
    prototype.authorization = "a";
    try {
      expect(headerLines({}, NAME)).toStrictEqual([]);
      expect(headerLines({ host: "x" }, NAME)).toStrictEqual([]);
    } finally {
      delete prototype.authorization;
    }
  });
});

describe("objects with get", () => {
  class IgnoresCase extends Map<string, string> {
    override get(name: string) {
      return super.get(name.toLowerCase());
    }
  }

  it.each<[string, RequestHeaders, readonly string[]]>([
    ["Headers", new Headers({ Authorization: "a" }), ["a"]],
    ["Headers, absent", new Headers(), []],
    ["Headers, empty", new Headers({ authorization: "" }), [""]],
    [
      "Headers, two joined",
      new Headers([
        [NAME, "a"],
        [NAME, "b"],
      ]),
      ["a, b"],
    ],
    ["a Map, absent", new Map<string, string>(), []],
    ["a Map", new Map([[NAME, "a"]]), ["a"]],
    ["a subclass of Map", new IgnoresCase([[NAME, "a"]]), ["a"]],
    ["an object with get and a property", { get: () => null, authorization: "a" } as never, []],
  ])("%s", (_, headers, lines) => {
    expect(headerLines(headers, NAME)).toStrictEqual(lines);
  });

  it("asks once, for the lower-case name, on the object itself", () => {
    const asked: unknown[] = [];
    const headers = {
      get(name: string) {
        asked.push(this === headers, name);
        return "a";
      },
    };
    headerLines(headers, NAME);
    expect(asked).toStrictEqual([true, NAME]);
  });

  it("takes lines that `get` can tell apart, and refuses what is no text", () => {
    expect(headerLines({ get: () => ["a", "b"] } as never, NAME)).toStrictEqual(["a", "b"]);
    for (const value of NO_TEXT) {
      expect(() => headerLines({ get: () => value } as never, NAME)).toThrow(/"request\.headers"/);
    }
    expect(() => headerLines({ get: async () => "a" } as never, NAME)).toThrow(TypeError);
  });
});
