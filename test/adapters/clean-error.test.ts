import { GraphQLError, parse, Source } from "graphql";
import { describe, expect, it } from "vitest";
import { createCleaner } from "../../src/graphql/clean-error.js";
import { ApiKeyError, createApiKeys, createKeyFormat } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { keysIn } from "../support/canary.js";

const apiKeys = createApiKeys({ store: createMemoryStore() });
const { clean, cleanThrown } = createCleaner(apiKeys);
const key = createKeyFormat().generate();
const hint = `${key.slice(0, 7)}…`;

describe("an error without a key", () => {
  const document = parse("{ viewer }");
  it.for([
    ["nothing but a message", new GraphQLError("no")],
    ["a node", new GraphQLError("no", { nodes: document.definitions })],
    ["an original error", new GraphQLError("no", { originalError: new Error("no") })],
    [
      "an original error of GraphQL",
      new GraphQLError("no", { originalError: new GraphQLError("no") }),
    ],
    [
      "extensions",
      new GraphQLError("no", { extensions: { code: "X", http: { status: 418, headers: {} } } }),
    ],
    [
      "lists in extensions",
      new GraphQLError("no", { extensions: { all: ["a", 1, null, ["b"], {}] } }),
    ],
    [
      "a class in extensions",
      new GraphQLError("no", { extensions: { when: new Date(0), map: new Map() } }),
    ],
  ] as const)("stays the same error: %s", ([, error]) => {
    expect(clean(error)).toBe(error);
    expect(cleanThrown(error)).toBe(error);
  });

  it("stays the same when it is not of GraphQL, or no error at all", () => {
    const values = [
      new Error("no"),
      new TypeError("no"),
      "text",
      null,
      undefined,
      7,
      { message: key },
    ];
    for (const value of values) expect(cleanThrown(value)).toBe(value);
    const bare = new Error("no");
    delete bare.stack;
    expect(cleanThrown(bare)).toBe(bare);
  });
});

describe("an error with a key", () => {
  it("loses it from message and stack", () => {
    const error = clean(
      new GraphQLError(`no ${key}`, { path: ["a", 0], extensions: { code: "X" } }),
    );
    expect(error.message).toBe(`no ${hint}`);
    expect(error.path).toStrictEqual(["a", 0]);
    expect(error.extensions).toStrictEqual({ code: "X" });
    expect(error.originalError).toBeFalsy();
    expect(keysIn(error)).toStrictEqual([]);
  });

  it("stays one of the host's, which servers mask, with its own message and stack cleaned", () => {
    class DatabaseError extends Error {
      override readonly name = "DatabaseError";
      readonly row = { key };
    }
    const originalError = new DatabaseError(`duplicate ${key}`, { cause: { key } });
    const error = clean(new GraphQLError(originalError.message, { originalError }));
    expect(error.originalError).toBeInstanceOf(Error);
    expect(error.originalError).not.toBeInstanceOf(GraphQLError);
    expect(error.originalError!.name).toBe("DatabaseError");
    expect(error.originalError!.message).toBe(`duplicate ${hint}`);
    expect(error.originalError!.stack).toContain("clean-error.test.ts");
    expect(keysIn(error)).toStrictEqual([]);
  });

  it("stays one of GraphQL when it was, at any depth", () => {
    const inner = new GraphQLError(`no ${key}`, { extensions: { code: "INNER" } });
    const error = clean(new GraphQLError(`no ${key}`, { originalError: inner }));
    expect(error.originalError).toBeInstanceOf(GraphQLError);
    expect((error.originalError as GraphQLError).extensions).toStrictEqual({ code: "INNER" });
    const plain = new GraphQLError("no", { originalError: new Error(`no ${key}`) });
    const outer = clean(new GraphQLError("no", { originalError: plain }));
    expect((outer.originalError as GraphQLError).originalError!.message).toBe(`no ${hint}`);
    expect(keysIn([error, outer])).toStrictEqual([]);
  });

  it("loses it from the original error alone", () => {
    const error = clean(new GraphQLError("no", { originalError: new Error(`no ${key}`) }));
    expect(error.message).toBe("no");
    expect(error.originalError!.message).toBe(`no ${hint}`);
    const stack = new Error("no");
    stack.stack = `Error: no\n    at ${key}`;
    expect((cleanThrown(stack) as Error).stack).toBe(`Error: no\n    at ${hint}`);
  });

  it("loses it from extensions, from names and values, as deep as servers write", () => {
    const extensions = {
      originalError: { name: "SyntaxError", message: `Unexpected ${key}` },
      [key]: [key, { [key]: [[key]] }],
      same: { untouched: true },
      when: new Date(0),
    };
    const error = clean(new GraphQLError("no", { extensions }));
    expect(error.extensions).toStrictEqual({
      originalError: { name: "SyntaxError", message: `Unexpected ${hint}` },
      [hint]: [hint, { [hint]: [[hint]] }],
      same: { untouched: true },
      when: new Date(0),
    });
    expect(error.extensions["same"]).toBe(extensions.same);
    expect(error.extensions["when"]).toBe(extensions.when);
  });

  it("loses it from an object of a class, which JSON shows as well", () => {
    class Detail {
      readonly text = `no ${key}`;
    }
    const { extensions } = clean(new GraphQLError("no", { extensions: { detail: new Detail() } }));
    expect(extensions).toStrictEqual({ detail: { text: `no ${hint}` } });
  });

  it("survives extensions that contain themselves, and names that belong to objects", () => {
    const extensions: Record<string, unknown> = { key };
    extensions["self"] = extensions;
    expect(clean(new GraphQLError("no", { extensions })).extensions["key"]).toBe(hint);
    const named = JSON.parse(`{ "__proto__": { "key": "${key}" }, "constructor": "${key}" }`);
    const error = clean(new GraphQLError("no", { extensions: named }));
    expect(Object.keys(error.extensions)).toStrictEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(error.extensions)).toBe(Object.prototype);
    expect(keysIn(JSON.stringify(error.extensions))).toStrictEqual([]);
  });

  it("loses it from the document that it points at, and still points there", () => {
    const body = `{\r\n  a: viewer\n  b: viewer(key: "${key}")\n}`;
    const [definition] = parse(new Source(body, "A")).definitions as any;
    const nodes = definition.selectionSet.selections;
    const original = new GraphQLError("no", { nodes });
    const error = clean(original);
    expect(error.locations).toStrictEqual([
      { line: 2, column: 3 },
      { line: 3, column: 3 },
    ]);
    expect(error.locations).toStrictEqual(original.locations);
    expect(error.source!.name).toBe("A");
    expect(keysIn(error)).toStrictEqual([]);
    expect(clean(error)).toBe(error);
    expect(clean(new GraphQLError("other", { nodes })).source).toBe(error.source);
  });

  it("keeps the nodes of a document without one", () => {
    const nodes = parse("{ viewer }").definitions;
    const error = clean(new GraphQLError(`no ${key}`, { nodes }));
    expect(error.nodes).toStrictEqual(nodes);
    expect(error.locations).toStrictEqual([{ line: 1, column: 1 }]);
  });
});

describe("a refusal that a resolver threw", () => {
  it("is an error of GraphQL with its code, and nothing else of it", () => {
    const originalError = new ApiKeyError("UNAUTHORIZED", "out of reach");
    const error = clean(new GraphQLError("out of reach", { originalError, path: ["a"] }));
    expect(error.originalError).toBeFalsy();
    expect(error.extensions).toStrictEqual({ code: "UNAUTHORIZED" });
    expect(error.path).toStrictEqual(["a"]);
    expect(error.message).toBe("out of reach");
  });

  it("is known by its code when another copy of the package made it", () => {
    const originalError = Object.assign(new Error("no"), {
      name: "ApiKeyError",
      code: "UNAUTHORIZED",
    });
    expect(clean(new GraphQLError("no", { originalError })).extensions).toStrictEqual({
      code: "UNAUTHORIZED",
    });
  });

  it.for(["CONFLICT", "NOT_FOUND", "UNAVAILABLE"] as const)("is no error of code %s", (code) => {
    const error = new GraphQLError("no", { originalError: new ApiKeyError(code, "no") });
    expect(clean(error)).toBe(error);
  });
});
