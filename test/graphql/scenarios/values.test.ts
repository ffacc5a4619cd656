/** Group B of the ways around an authorization layer: the values that name libraries. */
import { describe, expect, it } from "vitest";
import { callerOf, fixtureOf } from "../fixtures.js";
import { field, serviceOf } from "./service.js";

const { send, calls } = serviceOf();

/** An operation that runs with lisbon, and is refused with porto. */
async function expectTwins(
  query: (id: string) => string,
  variables: (id: string) => Record<string, unknown> = () => ({}),
) {
  expect(await send(query("lisbon"), { variables: variables("lisbon") })).toMatchObject({
    outcome: "runs",
    errors: undefined,
  });
  expect(JSON.stringify(calls[0]!.args)).toContain("lisbon");
  expect((await send(query("porto"), { variables: variables("porto") })).outcome).toBe("library");
  expect(calls).toEqual([]);
}

const assets = (value: string) => field.of("assets", `libraryId: ${value}`, " { id }");
const nobody = callerOf({ nowhere: "write" });

describe("B. values", () => {
  it("scenario 19: a variable's default", async () => {
    await expectTwins((id) => `query ($l: ID! = "${id}") { ${assets("$l")} }`);
  });

  it("scenario 20: a default of the schema", async () => {
    const query = `{ ${field.of("home", "", " { id }")} }`;
    expect((await send(query)).outcome).toBe("runs");
    expect((await send(query, { caller: nobody })).outcome).toBe("library");
  });

  it("scenario 21: a nullable variable that is not sent, and a default", async () => {
    const query = `query ($l: ID) { ${field.of("optional", "libraryId: $l")} }`;
    expect((await send(query)).outcome).toBe("runs");
    expect(calls[0]!.args["libraryId"]).toBe("lisbon");
    expect((await send(query, { caller: nobody })).outcome).toBe("library");
  });

  it("scenario 22: null", async () => {
    const query = `query ($l: ID) { ${field.of("optional", "libraryId: $l")} }`;
    expect((await send(query, { variables: { l: null } })).outcome).toBe("missing");
    expect((await send(`{ ${field.of("optional", "libraryId: null")} }`)).outcome).toBe("missing");
    expect(calls).toEqual([]);
  });

  it("scenario 23: undefined", async () => {
    const query = `query ($l: ID) { ${field.of("optional", "libraryId: $l")} }`;
    const { outcome } = await send(query, { variables: { l: undefined } });
    // graphql 16 takes it for null, 17 for nothing.
    expect(["missing", "runs"]).toContain(outcome);
    for (const { args } of calls) expect(args["libraryId"]).toBe("lisbon");
    expect((await send(query, { variables: { l: undefined }, caller: nobody })).outcome).not.toBe(
      "runs",
    );
  });

  it("scenarios 24 and 25: one value for a list, in a variable and literally", async () => {
    const nested = (value: string) => field.of("nested", `libraryIds: ${value}`);
    await expectTwins(
      () => `query ($l: [[ID!]!]!) { ${nested("$l")} }`,
      (l) => ({ l }),
    );
    await expectTwins((id) => `{ ${nested(`"${id}"`)} }`);
  });

  it("scenario 26: one forbidden id in a long list", async () => {
    const ids = Array.from({ length: 2000 }, (_, i) => (i % 2 ? "lisbon" : "barcelona"));
    await expectTwins(
      () => `query ($l: [[ID!]!]!) { ${field.of("nested", "libraryIds: $l")} }`,
      (id) => ({ l: [ids, [...ids, id]] }),
    );
  });

  it("scenario 27: an empty list", async () => {
    for (const list of ["[]", "[[]]", '[["lisbon"], []]']) {
      expect((await send(`{ ${field.of("nested", `libraryIds: ${list}`)} }`)).outcome).toBe(
        "missing",
      );
    }
    expect(calls).toEqual([]);
  });

  it("scenario 28: nested lists", async () => {
    await expectTwins(
      (id) => `{ ${field.of("nested", `libraryIds: [["barcelona"], ["barcelona", "${id}"]]`)} }`,
    );
  });

  it("scenario 29: numbers for ids", async () => {
    const caller = callerOf({ "5": "read", "1e+21": "read" });
    expect((await send(`{ ${assets("5")} }`, { caller })).outcome).toBe("runs");
    expect((await send(`{ ${assets("6")} }`, { caller })).outcome).toBe("library");
    const query = `query ($l: ID!) { ${assets("$l")} }`;
    expect((await send(query, { caller, variables: { l: 5 } })).outcome).toBe("runs");
    expect(calls[0]!.args["libraryId"]).toBe("5");
    const { outcome } = await send(query, { caller, variables: { l: 1e21 } });
    for (const { args } of calls) expect(args["libraryId"]).toBe("1e+21");
    expect(["runs", "errors", "library"]).toContain(outcome);
  });

  it.each([
    "Lisbon",
    "lisbon ",
    " lisbon",
    "lisbon\u0000",
    "li\u0455bon",
    "lisbon\u200b",
    "ｌisbon",
  ])("scenario 30: a look-alike: %j", async (id) => {
    expect(
      (await send(`query ($l: ID!) { ${assets("$l")} }`, { variables: { l: id } })).outcome,
    ).toBe("library");
  });

  it("scenario 33: a field of an input object", async () => {
    await expectTwins((id) => `{ ${field.of("filter", `filter: { libraryId: "${id}" }`)} }`);
  });

  it("scenario 34: a default of an input field", async () => {
    const query = `{ ${field.of("place", "place: {}")} }`;
    expect((await send(query)).outcome).toBe("runs");
    expect(calls[0]!.args["place"]).toEqual({ libraryId: "barcelona" });
    expect((await send(query, { caller: nobody })).outcome).toBe("library");
    expect((await send(`{ ${field.of("place", "")} }`, { caller: nobody })).outcome).toBe(
      "library",
    );
  });

  it("scenario 35: a variable in a literal", async () => {
    await expectTwins(
      () =>
        `query ($l: ID!) { ${field.of("filter", 'filter: { libraryId: "barcelona", and: [{ libraryId: $l }] }')} }`,
      (l) => ({ l }),
    );
  });

  it("scenario 37: a list of input objects", async () => {
    const upload = (id: string) =>
      `mutation { ${field.of("uploadAll", `files: [{ libraryId: "barcelona" }, { name: "x", libraryId: "${id}" }]`)} }`;
    expect((await send(upload("barcelona"))).outcome).toBe("runs");
    expect((await send(upload("lisbon"))).outcome).toBe("library");
    expect(calls).toEqual([]);
  });

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
    "scenario 38: the id %s",
    async (id) => {
      expect((await send(`{ ${assets(JSON.stringify(id))} }`)).outcome).toBe("library");
      const access = Object.fromEntries([[id, "read"]]) as Record<string, "read">;
      expect(
        (await send(`{ ${assets(JSON.stringify(id))} }`, { caller: callerOf(access) })).outcome,
      ).toBe("runs");
    },
  );

  it.each(["__proto__", "constructor"])(
    "scenario 39: variables and aliases called %s",
    async (name) => {
      const query = `query ($${name}: ID!) { ${name}: ${assets(`$${name}`)} }`;
      const variables = (id: string) =>
        JSON.parse(`{ "${name}": "${id}" }`) as Record<string, unknown>;
      expect((await send(query, { variables: variables("porto") })).outcome).toMatch(
        /^(library|errors)$/,
      );
      expect(calls).toEqual([]);
      const { outcome } = await send(query, { variables: variables("lisbon") });
      // graphql 16 has no variables of the name __proto__: it does not find the value again.
      expect(outcome).toMatch(name === "__proto__" ? /^(runs|errors)$/ : /^runs$/);
      for (const { args } of calls) expect(args["libraryId"]).toBe("lisbon");
    },
  );

  it("scenario 40: names of variables mean nothing", async () => {
    const query = `query ($libraryId: ID!, $other: ID!) { ${assets("$other")} echo: ${assets("$libraryId")} }`;
    expect(
      (await send(query, { variables: { libraryId: "lisbon", other: "porto" } })).outcome,
    ).toBe("library");
    expect(
      (await send(query, { variables: { libraryId: "lisbon", other: "barcelona" } })).outcome,
    ).toBe("runs");
  });

  it("scenario 42: @skip through a variable's default", async () => {
    const skipped = field.of("assets", 'libraryId: "porto"', " @skip(if: $s) { id }");
    const query = `query ($s: Boolean = true) { viewer { name } ${skipped} }`;
    expect((await send(query)).outcome).toBe("runs");
    expect((await send(query, { variables: { s: false } })).outcome).toBe("library");
  });

  it("scenario 44: transfer needs write on both sides", async () => {
    const transfer = (from: string, to: string) =>
      `mutation { ${field.of("transfer", `sourceLibraryId: "${from}", targetLibraryId: "${to}"`)} }`;
    const caller = callerOf({ a: "write", b: "write", c: "read" });
    expect((await send(transfer("a", "b"), { caller })).outcome).toBe("runs");
    for (const [from, to] of [
      ["a", "c"],
      ["c", "a"],
      ["a", "d"],
      ["d", "b"],
    ] as const) {
      expect((await send(transfer(from, to), { caller })).outcome).toBe("library");
      expect(calls).toEqual([]);
    }
  });

  it("scenario 46: two rules that disagree both hold", async () => {
    const strict = fixtureOf("type Query { a(l: ID! @library(level: READ)): Int }", {
      organization: "callers",
      types: "none",
      rules: { "Query.a(l:)": { kind: "library", level: "write", whenOmitted: null } },
    });
    expect((await strict.send('{ a(l: "barcelona") }')).outcome).toBe("runs");
    expect((await strict.send('{ a(l: "lisbon") }')).outcome).toBe("library");
  });
});
