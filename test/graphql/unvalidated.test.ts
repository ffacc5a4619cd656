/** Documents that no validation has seen, made to confuse or to exhaust whoever walks them. */
import { parse, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { describe, expect, it } from "vitest";
import { callerOf, fixtureOf, type Sent } from "./fixtures.js";

const SDL = /* GraphQL */ `
  interface Thing {
    name: String
  }
  type Query {
    one(l: ID! @library): Int
    two(l: ID! = "lisbon" @library): Int
    noted(note: String, l: ID = "porto" @library): Int
    free: Int @apiKey
    self: Query @apiKey
    a: A @apiKey
  }
  type A implements Thing {
    one(l: ID! @library): Int
    name: String
    self: A
  }
`;
const { guard, send, calls } = fixtureOf(SDL, { organization: "callers", types: "none" });

const ONE = 'one(l: "porto")';

/** How long the first lock takes to decide, in milliseconds. */
async function timeOf(document: DocumentNode, expected: boolean, sent: Sent = {}): Promise<number> {
  const startMs = performance.now();
  const { ok } = await guard.check({
    document,
    variableValues: sent.variables,
    caller: sent.caller ?? callerOf(),
    context: {},
  });
  expect(ok).toBe(expected);
  return performance.now() - startMs;
}

describe("what executors ignore", () => {
  it.each([
    "{ free nothing }",
    "{ free constructor }",
    "{ free __proto__ }",
    '{ free nothing(l: "porto") { one(l: "porto") } }',
    "{ free ...Undefined }",
    "{ free ...constructor }",
    `{ free ... on Undefined { ${ONE} } }`,
    `{ free ... on A { ${ONE} } }`,
    `{ free ... on Thing { ${ONE} } }`,
    `{ free ... on String { ${ONE} } }`,
    `{ free ... on Where { ${ONE} } }`,
    `{ free ...F } fragment F on A { ${ONE} }`,
    `{ free { ${ONE} } }`,
    "{ free { free } }",
    "{ free(l: 5) }",
    '{ free @nothing(l: "porto") }',
    "query ($v: Nothing) { free }",
  ])("is ignored: %s", async (query) => {
    const { outcome } = await send(query, { caller: callerOf({}) });
    expect(outcome).toBe("runs");
    expect(calls.every(({ field }) => field === "Query.free")).toBe(true);
  });
});

describe("what executors do not ignore", () => {
  it.each([
    [`{ ...F } fragment F on Query { free } fragment F on Query { ${ONE} }`, "library"],
    ['{ one(l: "lisbon", x: 1) one(l: "porto") }', "library"],
    ['{ x: one(l: "lisbon") x: one(l: "porto") }', "library"],
    ['{ x: free x: one(l: "porto") }', "library"],
    ['{ two(l: "porto", l: "porto") }', "library"],
    ['{ one(l: "lisbon", l: "porto") }', "library"],
    ['{ a ...F } fragment F on Query { a { one(l: "porto") } }', "library"],
    ["{ noted }", "library"],
    ['{ noted(note: "lisbon") }', "library"],
    [`{ ${ONE} @skip(if: false, unless: true) }`, "library"],
    [`{ ${ONE} @include(unless: false, if: true) }`, "library"],
    [`{ ${ONE} @skip(unless: true) }`, "library"],
    [`query ($no: Boolean = true) { ${ONE} @skip(unless: $no) }`, "library"],
    ["{ one }", "errors"],
    ["{ one(l: null) }", "errors"],
    ["{ one(l: 5.5) }", "errors"],
    ["{ one(l: {}) }", "errors"],
    ["{ one(l: $undeclared) }", "errors"],
    ["query ($v: Nothing) { one(l: $v) }", "errors"],
    ["query ($v: A) { one(l: $v) }", "errors"],
    ["query ($v: [ID]) { one(l: $v) }", "errors"],
    ["query ($v: ID) { one(l: $v) }", "errors"],
  ])("is judged: %s", async (query, outcome) => {
    expect((await send(query)).outcome).toBe(outcome);
    expect(calls).toEqual([]);
  });

  it("nodes without what parsers leave empty", async () => {
    const document = parse(`{ ${ONE} @skip noted }`, { noLocation: true });
    const without = JSON.parse(JSON.stringify(document), (_key, value: unknown) =>
      Array.isArray(value) && value.length === 0 ? undefined : value,
    ) as DocumentNode;
    const fields = (without.definitions[0] as OperationDefinitionNode).selectionSet.selections;
    expect(fields[1]).not.toHaveProperty("arguments");
    expect((await send(without)).outcome).toBe("library, library");
    expect((await send(parse('{ noted(l: "lisbon") }'))).outcome).toBe("runs");
  });

  it("scenario 16: two arguments with one name, of which the last counts", async () => {
    expect((await send('{ one(l: "porto", l: "lisbon") }')).outcome).toBe("runs");
    expect(calls.map(({ args }) => args)).toEqual([{ l: "lisbon" }]);
  });

  it("two variables with one name, whichever counts", async () => {
    const query = 'query ($v: ID = "lisbon", $v: ID = "porto") { one(l: $v) }';
    const { data } = await send(query);
    for (const { args } of calls) expect(args).toEqual({ l: "lisbon" });
    expect(data).toEqual(calls.length > 0 ? { one: 1 } : null);
  });

  it("a variable of which the type is not the argument's", async () => {
    const query = "query ($v: Int!) { one(l: $v) }";
    const caller = callerOf({ "5": "read" });
    expect((await send(query, { variables: { v: 5 }, caller })).outcome).toBe("runs");
    expect((await send(query, { variables: { v: 6 }, caller })).outcome).toBe("library");
  });

  it("an inherited variable, which none is", async () => {
    const variables = Object.create({ v: "lisbon" }) as Record<string, unknown>;
    expect((await send("query ($v: ID!) { one(l: $v) }", { variables })).outcome).toBe("errors");
  });
});

describe("scenario 7: fragments in circles", () => {
  it.each([
    `{ ...F } fragment F on Query { ...F ${ONE} }`,
    `{ ...F } fragment F on Query { ...G } fragment G on Query { ...F ${ONE} }`,
    `{ ...F } fragment F on Query { self { ...F } ${ONE} }`,
    `query ($s: Boolean!) { ...F } fragment F on Query { ...G @skip(if: $s) ${ONE} } fragment G on Query { ...F }`,
  ])("end: %s", async (query) => {
    expect((await send(query, { variables: { s: false } })).outcome).toBe("library");
    const good = query.replaceAll("porto", "lisbon");
    expect(await timeOf(parse(good), true, { variables: { s: false } })).toBeLessThan(1000);
  });
});

describe("scenario 8: fragments that multiply", () => {
  const bodies: readonly (readonly [name: string, body: (next: string) => string])[] = [
    ["spread twice", (next) => `...${next} ...${next}`],
    ["in fields", (next) => `x: self { ...${next} } y: self { ...${next} }`],
    [
      "under conditions",
      (next) => `...${next} @skip(if: $s) self @include(if: $t) { ...${next} } ...${next}`,
    ],
  ];

  it.each(bodies)("cost what they are long: %s", async (_name, body) => {
    const fragments = (last: string) =>
      Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ${body(`F${i + 1}`)} }`).join(
        " ",
      ) + ` fragment F40 on Query { ${last} }`;
    const head = "query ($s: Boolean = false, $t: Boolean = true) { ...F0 }";
    expect(await timeOf(parse(`${head} ${fragments(ONE)}`), false)).toBeLessThan(5000);
    expect(await timeOf(parse(`${head} ${fragments('one(l: "lisbon")')}`), true)).toBeLessThan(
      5000,
    );
  });

  it("a chain of 20,000 fragments overflows nothing", async () => {
    const chain = (last: string) =>
      Array.from({ length: 20_000 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} }`).join(
        "\n",
      ) + ` fragment F20000 on Query { ${last} } { ...F0 }`;
    const startMs = performance.now();
    expect(await timeOf(parse(chain(ONE)), false)).toBeLessThan(10_000);
    expect(await timeOf(parse(chain('one(l: "lisbon")')), true)).toBeLessThan(10_000);
    const variables = { s: false };
    const skipped = chain(ONE).replace("{ ...F0 }", "query ($s: Boolean!) { ...F0 @skip(if: $s) }");
    await timeOf(parse(skipped), false, { variables });
    await timeOf(parse(skipped), true, { variables: { s: true } });
    expect(performance.now() - startMs).toBeLessThan(30_000);
  }, 60_000);

  it("a thousand levels of fields, and ten thousand fields side by side", async () => {
    const deep = `{ ${"self { ".repeat(1000)} ${ONE} ${"}".repeat(1000)} }`;
    const { refusals } = await send(deep);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]!.path).toEqual([...Array.from({ length: 1000 }, () => "self"), "one"]);
    const wide = `{ ${Array.from({ length: 10_000 }, (_, i) => `a${i}: ${ONE}`).join(" ")} }`;
    expect((await send(wide)).refusals).toHaveLength(20);
  });
});

describe("documents that no parser made", () => {
  const treeOf = (query: string): any =>
    JSON.parse(JSON.stringify(parse(query, { noLocation: true })));
  const { send: sendHidden } = fixtureOf(SDL, {
    organization: "callers",
    types: "none",
    introspection: "none",
  });

  it("are read as if they were text", async () => {
    const placed = { loc: { source: { name: "GraphQL request" } } };
    for (const more of [{}, placed]) {
      expect((await send({ ...treeOf("{ x: free }"), ...more })).data).toEqual({ x: 1 });
    }
  });

  it("let nothing run when nobody could walk them", async () => {
    const document = treeOf("{ free }");
    document.definitions[0].selectionSet.selections = null;
    for (let i = 0; i < 2; i++) await expect(send(document)).rejects.toThrow(TypeError);
    expect(calls).toEqual([]);
  });

  it.each<[string, string, (operation: any, fragment: any) => object]>([
    ["of a field", `{ free ${ONE} }`, (operation) => operation.selectionSet.selections[1].name],
    ["of a field", `{ x: free }`, (operation) => operation.selectionSet.selections[0].alias],
    [
      "of a fragment that is used",
      `{ free ...F } fragment F on Query { ${ONE} }`,
      (operation) => operation.selectionSet.selections[1].name,
    ],
    [
      "of a fragment",
      `{ free ...F } fragment F on Query { ${ONE} }`,
      (_, fragment) => fragment.name,
    ],
    [
      "of a fragment's type",
      `{ free ...F } fragment F on Query { ${ONE} }`,
      (_, fragment) => fragment.typeCondition.name,
    ],
    [
      "of an argument",
      `{ free ${ONE} }`,
      (operation) => operation.selectionSet.selections[1].arguments[0].name,
    ],
    [
      "of a meta field",
      "{ free __schema { __typename } }",
      (operation) => operation.selectionSet.selections[1].name,
    ],
  ])("have no name %s that is a list", async (_, query, nameIn) => {
    const document = treeOf(query);
    const name = nameIn(...(document.definitions as [any, any])) as {
      value: unknown;
      kind: string;
    };
    for (const value of [[name.value], { toString: name.value }, 1, true, null]) {
      name.value = value;
      for (const kind of ["Name", "Argument"]) {
        name.kind = kind;
        const { outcome, errors } = await sendHidden(document);
        expect([outcome, errors?.[0]?.message]).toEqual([
          "errors",
          "The document has a name that is no text.",
        ]);
      }
    }
  });
});
