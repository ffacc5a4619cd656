/** Which operation of a document is judged: the one that runs, or none. */
import {
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from "graphql";
import { describe, expect, it } from "vitest";
import { callerOf, executeWith, fixtureOf } from "./fixtures.js";

const SDL =
  "type Query { one(l: ID! @library): Int free: Int @apiKey } type Mutation { free: Int @apiKey }";
const { guard, send, calls } = fixtureOf(SDL, { organization: "callers", types: "none" });

const GOOD = 'query Good { one(l: "lisbon") }';
const BAD = 'query Bad { one(l: "porto") }';
const ALL = `${GOOD} ${BAD} mutation Change { free }`;

describe("of several operations", () => {
  it.each([
    ["Good", "runs"],
    ["Bad", "library"],
    ["Change", "level"],
  ])("%s is judged alone: %s", async (operationName, outcome) => {
    const caller = callerOf({ lisbon: "read" });
    expect((await send(ALL, { operationName, caller })).outcome).toBe(outcome);
    expect(calls).toHaveLength(outcome === "runs" ? 1 : 0);
  });

  it.each([
    ["Must provide operation name if query contains multiple operations.", undefined],
    ["Must provide operation name if query contains multiple operations.", null],
    ["Must provide operation name if query contains multiple operations.", ""],
    ["Unknown operation name.", "Ugly"],
    ["Unknown operation name.", "good"],
    ["Unknown operation name.", "__proto__"],
    ["Unknown operation name.", "constructor"],
  ])("none is judged: %s %s", async (message, operationName) => {
    const { outcome, refusals, errors } = await send(ALL, { operationName: operationName! });
    expect([outcome, refusals, errors!.map((error) => error.toJSON())]).toEqual([
      "errors",
      [],
      [{ message }],
    ]);
  });

  it.each([
    [`${GOOD} ${GOOD}`, "Good"],
    [`${GOOD} ${BAD.replace("Bad", "Good")}`, "Good"],
    [`${BAD.replace("Bad", "Good")} ${GOOD}`, "Good"],
  ])("scenario 49: none runs of two with one name: %s", async (query, operationName) => {
    const { outcome, errors } = await send(query, { operationName });
    expect([outcome, errors![0]!.message]).toEqual([
      "errors",
      "There can be only one operation of a name.",
    ]);
  });

  it("one runs although others have one name", async () => {
    expect((await send(`${GOOD} ${BAD} ${BAD}`, { operationName: "Good" })).outcome).toBe("runs");
  });

  it("each is planned by itself: scenario 51", async () => {
    const document = parse(ALL);
    for (let i = 0; i < 3; i++) {
      expect((await send(document, { operationName: "Good" })).outcome).toBe("runs");
      expect((await send(document, { operationName: "Bad" })).outcome).toBe("library");
    }
    const other = fixtureOf(SDL, {
      rules: { "Query.one(l:)": { kind: "library", level: "write", whenOmitted: null } },
      organization: "callers",
      types: "none",
    });
    expect((await other.send(document, { operationName: "Good" })).outcome).toBe("library");
    expect((await send(document, { operationName: "Good" })).outcome).toBe("runs");
  });
});

describe("a single operation", () => {
  it.each([undefined, null, ""])("runs without a name: %s", async (operationName) => {
    expect((await send(GOOD, { operationName: operationName! })).outcome).toBe("runs");
    expect((await send(BAD, { operationName: operationName! })).outcome).toBe("library");
  });

  it("runs by its name only", async () => {
    expect((await send(GOOD, { operationName: "Good" })).outcome).toBe("runs");
    expect((await send(GOOD, { operationName: "Bad" })).outcome).toBe("errors");
    expect((await send("{ free }", { operationName: "Bad" })).outcome).toBe("errors");
  });
});

describe("a document", () => {
  it("without an operation", async () => {
    const { outcome, errors } = await send("fragment F on Query { free }");
    expect([outcome, errors![0]!.message]).toEqual(["errors", "Must provide an operation."]);
  });

  it.each(["mutation { free }", "subscription { free }"])(
    "of a kind that the schema has not: %s",
    async (query) => {
      const { send } = fixtureOf("type Query { free: Int @apiKey }", { types: "none" });
      const { outcome, errors } = await send(query);
      expect([outcome, errors![0]!.message]).toEqual([
        "errors",
        `The schema has no ${query.split(" ")[0]} operations.`,
      ]);
      expect(errors![0]!.locations).toEqual([{ line: 1, column: 1 }]);
    },
  );

  it("with definitions of types beside an operation", async () => {
    expect((await send(`${GOOD} type Extra { name: String }`)).outcome).toBe("runs");
    expect((await send(`type Extra { name: String } ${BAD}`)).outcome).toBe("library");
  });

  it("scenario 17: of __typename only needs any key", async () => {
    const caller = callerOf({});
    expect(await send("{ __typename }", { caller })).toMatchObject({
      outcome: "runs",
      data: { __typename: "Query" },
    });
    expect(await send("mutation { __typename }", { caller })).toMatchObject({
      data: { __typename: "Mutation" },
    });
  });

  it("of introspection only needs any key", async () => {
    const caller = callerOf({});
    const query =
      '{ __schema { queryType { name } } __type(name: "Query") { name fields { name args { name } } } }';
    expect(await send(query, { caller })).toMatchObject({
      outcome: "runs",
      data: { __type: { name: "Query" } },
    });
  });

  it("scenario 41: with fragment arguments is refused", async () => {
    const document = parse(
      'query ($l: ID = "lisbon") { ...F } fragment F($l: ID) on Query { one(l: $l) }',
      { experimentalFragmentArguments: true, allowLegacyFragmentVariables: true } as never,
    );
    const { outcome, errors } = await send(document);
    expect([outcome, errors![0]!.message]).toEqual([
      "errors",
      "Fragment arguments are not supported.",
    ]);
    expect(errors![0]!.nodes).toEqual([document.definitions[1]]);
    expect(calls).toEqual([]);
  });

  it("with a variable that is called __proto__ is refused", async () => {
    const document = parse("query ($a: ID, $__proto__: ID!) { one(l: $__proto__) }");
    const variables = JSON.parse('{"__proto__": "lisbon"}') as Record<string, unknown>;
    const { outcome, errors } = await send(document, { variables });
    expect([outcome, calls]).toEqual(["errors", []]);
    expect(errors!.map(({ message, locations }) => [message, locations])).toEqual([
      ["No variable can have this name.", [{ line: 1, column: 16 }]],
    ]);
  });

  it.each([undefined, []])("with %j for variables has none", async (none) => {
    const document = parse('{ one(l: "lisbon") }');
    const [operation] = document.definitions as [OperationDefinitionNode];
    const definitions = [{ ...operation, variableDefinitions: none } as never];
    expect((await send({ ...document, definitions })).outcome).toBe("runs");
    expect(calls).toHaveLength(1);
  });

  it("is looked through once, however often and by whichever name it is asked for", async () => {
    let reads = 0;
    const { definitions } = parse(ALL);
    const document = {
      kind: "Document",
      get definitions() {
        reads++;
        return definitions;
      },
    } as DocumentNode;
    const check = async (operationName: string) =>
      (await guard.check({ document, operationName, caller: callerOf(), context: {} })).ok;
    expect([await check("Good"), await check("Bad")]).toEqual([true, false]);
    const before = reads;
    expect([await check("Good"), await check("Bad")]).toEqual([true, false]);
    expect([before > 0, reads]).toEqual([true, before]);
  });

  it.each([undefined, []])("whose fragment has %j for arguments has none", async (none) => {
    const document = parse('{ ...F } fragment F on Query { one(l: "lisbon") }');
    const [operation, fragment] = document.definitions as [never, FragmentDefinitionNode];
    const definitions = [operation, { ...fragment, variableDefinitions: none } as never];
    expect((await send({ ...document, definitions })).outcome).toBe("runs");
    expect(calls).toHaveLength(1);
  });
});

describe("a context that was unlocked for one operation", () => {
  it("is good for an operation of the same document that is", async () => {
    const context = {};
    const document = parse(ALL);
    expect(
      await guard.check({ document, operationName: "Good", caller: callerOf(), context }),
    ).toEqual({ ok: true });
    const run = (operationName: string) =>
      executeWith(guard.schema, { document, operationName, contextValue: context });
    expect((await run("Good")).data).toEqual({ one: 1 });
    expect((await run("Bad")).data).toEqual({ one: null });
  });
});
