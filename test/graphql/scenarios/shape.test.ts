/** Groups A and C of the ways around an authorization layer: the shape of the operation, and which one it is. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { createGuard } from "../../../src/graphql/index.js";
import { callerOf, executeWith, fixtureOf, problemsOf, schemaOf } from "../fixtures.js";
import { field, SDL, serviceOf } from "./service.js";

const { send, calls, ran } = serviceOf();
const good = field.assets("lisbon");
const bad = field.assets("porto");

async function expectRefused(query: string, sent = {}): Promise<void> {
  ran.length = 0;
  const { outcome, data } = await send(query, sent);
  expect([outcome, data, calls, ran]).toEqual(["library", null, [], []]);
}
async function expectRuns(query: string, sent = {}): Promise<void> {
  const { outcome, errors } = await send(query, sent);
  expect([outcome, errors]).toEqual(["runs", undefined]);
}

describe("A. shape of the operation", () => {
  it("scenario 1: one forbidden target among many aliases", async () => {
    const many = Array.from({ length: 30 }, (_, i) => `a${i}: ${good}`).join(" ");
    await expectRuns(`{ ${many} }`);
    await expectRefused(`{ ${many} x: ${bad} }`);
  });

  it("scenario 2: a mutation with an allowed and a forbidden field", async () => {
    await expectRuns(
      `mutation { a: ${field.upload("barcelona")} b: ${field.upload("barcelona")} }`,
    );
    await expectRefused(`mutation { a: ${field.upload("barcelona")} b: ${field.upload("porto")} }`);
  });

  it("scenario 3: an allowed mutation with a forbidden selection", async () => {
    await expectRuns(`mutation { ${field.upload("barcelona", field.related("barcelona"))} }`);
    await expectRefused(`mutation { ${field.upload("barcelona", field.related("lisbon"))} }`);
  });

  it("scenario 4: root fields in a named fragment", async () => {
    await expectRuns(`{ ...F } fragment F on Query { ${good} }`);
    await expectRefused(`{ ...F } fragment F on Query { ${bad} }`);
  });

  it("scenario 5: root fields in inline fragments", async () => {
    for (const on of ["", "on Query"]) {
      await expectRuns(`{ ... ${on} { ... { ${good} } } }`);
      await expectRefused(`{ ... ${on} { ... { ${bad} } } }`);
    }
  });

  it("scenario 6: the same fragment twice, once under @skip", async () => {
    await expectRefused(`{ ...F @skip(if: true) ...F } fragment F on Query { ${bad} }`);
    await expectRuns(`{ __typename ...F @skip(if: true) } fragment F on Query { ${bad} }`);
  });

  it("scenario 9: a root field without a rule", () => {
    const bare = SDL.replace("viewer: Viewer! @apiKey", "viewer: Viewer! @apiKey secret: String");
    expect(problemsOf(SDL)).toEqual([]);
    expect(problemsOf(bare)).toEqual([expect.stringMatching(/^Query\.secret is not covered/)]);
  });

  it("scenario 13: a schema that is replaced gets a guard, and plans, of its own", async () => {
    const strict = fixtureOf("type Query { one(l: ID! @library(level: WRITE)): Int }", {
      organization: "callers",
      types: "none",
    });
    const loose = fixtureOf("type Query { one(l: ID! @library): Int }", {
      organization: "callers",
      types: "none",
    });
    const document = parse('{ one(l: "lisbon") }');
    for (let i = 0; i < 2; i++) {
      expect((await loose.send(document)).outcome).toBe("runs");
      expect((await strict.send(document)).outcome).toBe("library");
    }
  });

  it("scenario 14: coverage is that of the built schema, whatever introspection shows", () => {
    const schema = schemaOf("type Query { shown: Int @apiKey }");
    const hidden = schemaOf("type Query { shown: Int @apiKey hidden: Int }");
    expect(() => createGuard(schema, { types: "none" })).not.toThrow();
    expect(() => createGuard(hidden, { types: "none" })).toThrow("Query.hidden is not covered");
  });

  it("scenario 15: a field that leads back to a root type", async () => {
    await expectRuns(`mutation { ${field.upload("barcelona", `query { ${good} }`)} }`);
    await expectRefused(`mutation { ${field.upload("barcelona", `query { ${bad} }`)} }`);
  });

  it("scenario 16: one response key with different arguments", async () => {
    await expectRefused(`{ x: ${good} x: ${bad} }`);
    await expectRuns(`{ x: ${good} x: ${good} }`);
  });

  it("scenario 17: __typename only", async () => {
    await expectRuns("{ __typename }", { caller: callerOf({}) });
  });
});

describe("C. which operation", () => {
  const both = `query Good { ${good} } query Bad { ${bad} }`;

  it("scenario 47: several operations and a name", async () => {
    await expectRuns(both, { operationName: "Good" });
    await expectRefused(both, { operationName: "Bad" });
  });

  it("scenario 48: several operations and no name", async () => {
    expect(await send(both)).toMatchObject({ outcome: "errors", refusals: [], data: null });
    expect(calls).toEqual([]);
  });

  it("scenario 49: several operations of one name", async () => {
    const twice = `query A { ${good} } query A { ${bad} }`;
    expect((await send(twice, { operationName: "A" })).outcome).toBe("errors");
    expect(calls).toEqual([]);
  });

  it("scenario 50: an empty name", async () => {
    await expectRefused(`query A { ${bad} }`, { operationName: "" });
    expect((await send(both, { operationName: "" })).outcome).toBe("errors");
  });

  it("scenario 51: what is remembered of a document is remembered for its operations and this guard", async () => {
    const document = parse(both);
    expect((await send(document, { operationName: "Good" })).outcome).toBe("runs");
    expect((await send(document, { operationName: "Bad" })).outcome).toBe("library");
    expect(
      (
        await serviceOf({
          rules: {
            "Query.assets(libraryId:)": { kind: "library", level: "write", whenOmitted: null },
          },
        }).send(document, { operationName: "Good" })
      ).outcome,
    ).toBe("library");
  });

  it("scenario 52: a document replaced after the check", async () => {
    const { guard, calls } = serviceOf();
    const contextValue = {};
    expect(
      await guard.check({
        document: parse(`{ ${good} }`),
        caller: callerOf(),
        context: contextValue,
      }),
    ).toEqual({ ok: true });
    const { errors } = await executeWith(guard.schema, {
      document: parse(`{ ${bad} }`),
      contextValue,
    });
    expect([errors![0]!.extensions, calls]).toEqual([{ code: "UNAUTHORIZED" }, []]);
  });

  it("scenario 53: variables replaced after the check", async () => {
    const query = 'query ($l: ID!) { optional(organizationId: "monogram-labs", libraryId: $l) }';
    const { data, errors } = await send(query, {
      variables: { l: "lisbon" },
      swapped: { l: "porto" },
    });
    expect([data, errors![0]!.extensions, calls]).toEqual([
      { optional: null },
      { code: "UNAUTHORIZED" },
      [],
    ]);
    expect(
      (await send(query, { variables: { l: "lisbon" }, swapped: { l: "barcelona" } })).data,
    ).toEqual({ optional: 1 });
  });

  it("scenario 54: a document that nobody validated", async () => {
    await expectRefused(`{ nothing ...Nothing ... on Nothing { x } ${bad} }`);
    await expectRuns(`{ nothing ...Nothing ... on Nothing { x } ${good} }`);
  });

  it("scenario 57: a query that acts, a mutation that only reads", async () => {
    await expectRuns(`{ ${field.of("publish", 'libraryId: "barcelona"')} }`);
    await expectRefused(`{ ${field.of("publish", 'libraryId: "lisbon"')} }`);
    await expectRuns(`mutation { ${field.of("preview", 'libraryId: "lisbon"')} }`);
    await expectRefused(`mutation { ${field.of("preview", 'libraryId: "porto"')} }`);
    const { fields } = serviceOf().guard.manifest();
    expect(fields.find(({ field }) => field === "Query.publish")!.targets).toContainEqual({
      at: "libraryId",
      kind: "library",
      level: "write",
    });
  });

  it("scenario 58: a name that promises something", async () => {
    await expectRefused(`query IntrospectionQuery { ${bad} }`, {
      operationName: "IntrospectionQuery",
    });
    await expectRefused(`mutation Query { ${field.upload("lisbon")} }`, { operationName: "Query" });
  });

  it("scenario 59: a mutation with a key that only reads", async () => {
    const caller = callerOf({ barcelona: "read" });
    await expectRefused(`mutation { ${field.upload("barcelona")} }`, { caller });
    expect(
      (await send(`mutation { ${field.of("create", "", " { id }")} }`, { caller })).outcome,
    ).toBe("level");
    await expectRuns(`{ ${field.assets("barcelona")} }`, { caller });
  });
});
