/** The verdict of `guard.check`: who is told what. */
import { GraphQLError, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { guardInternalsOf } from "../../src/graphql/guard.js";
import { callerOf, fixtureOf, OTHER, OWN } from "./fixtures.js";

const SDL = /* GraphQL */ `
  input In {
    l: ID! @library
  }
  type Query {
    one(o: ID! @organization, l: ID! @library): Int
    number(n: Int!): Int @apiKey
    in(o: ID! @organization, in: In, n: Int): Int
    self(o: ID! @organization): Query @apiKey
    optional(o: ID! @organization, l: ID @library): Int
    writes: Int @apiKey(level: WRITE)
  }
  type Mutation {
    one(o: ID! @organization, l: ID! @library): Int
    any: Int @apiKey
  }
`;
const { guard, send, calls, events } = fixtureOf(SDL, { types: "none" });
const one = (l: string, o = OWN) => `one(o: "${o}", l: "${l}")`;

describe("a refusal", () => {
  it("says which field, where, and what it needs", async () => {
    const query = `{
      ${one("lisbon")}
      nested: self(o: "${OWN}") {
          deeper: self(o: "${OWN}") { x: ${one("porto")} }
      }
    }`;
    const { refusals, errors } = await send(query);
    const path = ["nested", "deeper", "x"];
    const column = query.split("\n")[3]!.indexOf("x: one") + 1;
    const locations = [{ line: 4, column }];
    expect(refusals).toEqual([
      { reason: "library", coordinate: "Query.one", level: "read", path, locations },
    ]);
    expect(errors!.map((error) => error.toJSON())).toEqual([
      {
        message:
          '"one" needs read access to a library or organization that this key does not reach.',
        path,
        locations,
        extensions: { code: "UNAUTHORIZED" },
      },
    ]);
    expect(errors![0]).toBeInstanceOf(GraphQLError);
  });

  it("has no locations where the document has none", async () => {
    const { refusals, errors } = await send(parse(`{ ${one("porto")} }`, { noLocation: true }));
    expect(refusals[0]!.locations).toEqual([]);
    expect(errors![0]!.locations).toBe(undefined);
    expect(errors![0]!.toJSON()).not.toHaveProperty("locations");
  });

  it("has no stack to tell anything, and leaves other errors theirs", async () => {
    const { errors } = await send(`{ ${one("porto")} }`);
    expect(errors![0]!.stack).not.toMatch(/\n\s+at /);
    expect(new Error("other").stack).toMatch(/\n\s+at /);
  });

  const messages: readonly (readonly [query: string, reason: string, message: string])[] = [
    [
      `{ ${one("porto")} }`,
      "library",
      '"one" needs read access to a library or organization that this key does not reach.',
    ],
    [
      `{ ${one("lisbon", OTHER)} }`,
      "organization",
      '"one" needs read access to a library or organization that this key does not reach.',
    ],
    [
      `mutation { ${one("lisbon")} }`,
      "library",
      '"one" needs write access to a library or organization that this key does not reach.',
    ],
    ["mutation { any }", "level", '"any" needs a key with write access to some library.'],
    ["{ writes }", "level", '"writes" needs a key with write access to some library.'],
    [
      `{ optional(o: "${OWN}") }`,
      "missing",
      '"optional" leaves out a library or organization that it must name.',
    ],
    [
      `{ ${one("")} }`,
      "unreadable",
      '"one" names a library or organization by something that is no id.',
    ],
  ];

  it.each(messages)("%s is told as %s", async (query, reason, message) => {
    const { outcome, errors } = await send(query, { caller: callerOf({ lisbon: "read" }) });
    expect([outcome, errors!.map((error) => error.message)]).toEqual([reason, [message]]);
    expect(errors![0]!.extensions).toEqual({ code: "UNAUTHORIZED" });
  });

  it("is the first of several reasons, however the values are given", async () => {
    const queries = [
      `{ one(o: "${OTHER}", l: "porto") }`,
      `query ($o: ID!, $l: ID!) { one(o: $o, l: $l) }`,
      `query ($o: ID! = "${OTHER}", $l: ID! = "porto") { one(o: $o, l: $l) }`,
    ];
    for (const query of queries) {
      const variables = query.includes("=") ? {} : { o: OTHER, l: "porto" };
      expect((await send(query, { variables })).outcome).toBe("organization");
    }
  });

  it("scenario 87: is the same for libraries that do not exist, are not granted, and are others'", async () => {
    const answers = await Promise.all([
      send(`{ ${one("nowhere")} }`),
      send(`{ ${one("porto")} }`),
      send(`{ ${one("lisbon", OTHER)} }`),
      send(`{ ${one("lisbon", "nobody")} }`),
    ]);
    const bodies = answers.map(({ errors }) => JSON.stringify(errors));
    expect(new Set(bodies.map((body) => body.replace(/"column":\d+/, ""))).size).toBe(1);
  });

  it("comes for each field, 20 at most, in the order of the document", async () => {
    const two = await send(`{ a: ${one("porto")} b: ${one("lisbon")} c: ${one("lisbon", OTHER)} }`);
    expect(two.refusals.map(({ path, reason }) => [path[0], reason])).toEqual([
      ["a", "library"],
      ["c", "organization"],
    ]);
    const many = await send(
      `{ ${Array.from({ length: 25 }, (_, i) => `a${i}: ${one("porto")}`).join(" ")} }`,
    );
    expect(many.refusals.map(({ path }) => path[0])).toEqual(
      Array.from({ length: 20 }, (_, i) => `a${i}`),
    );
    expect(many.errors).toHaveLength(20);
  });

  it("comes once for a fragment, with the way that was found first", async () => {
    const { refusals } = await send(
      `{ a: self(o: "${OWN}") { ...F } ...F } fragment F on Query { x: ${one("porto")} }`,
    );
    expect(refusals).toHaveLength(1);
    expect([["a", "x"], ["x"]]).toContainEqual(refusals[0]!.path);
  });

  it("is reported, once an operation", async () => {
    events.length = 0;
    const { refusals } = await send(`{ a: ${one("porto")} b: ${one("porto")} }`);
    expect(events).toEqual([
      { type: "refused", callerId: "website", organizationId: OWN, refusals },
    ]);
    await send(`{ ${one("lisbon")} }`);
    await send("{ number(n: 5.5) }");
    await send("{ a: one }");
    expect(events).toHaveLength(1);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("log is full");
      },
    ],
    ["is rejected", async () => Promise.reject(new Error("log is full"))],
  ])("stays one when the listener %s", async (_name, onEvent) => {
    const { send } = fixtureOf(SDL, { types: "none", onEvent });
    expect((await send(`{ ${one("porto")} }`)).outcome).toBe("library");
    await new Promise((resolve) => setTimeout(resolve));
  });
});

describe("scenario 43: a request that cannot be coerced", () => {
  const rows: readonly (readonly [
    query: string,
    variables: Record<string, unknown>,
    message: RegExp,
  ])[] = [
    [
      `query ($n: Int!) { number(n: $n) ${one("porto")} }`,
      { n: "x" },
      /\$n.*(got invalid|has invalid) value/,
    ],
    [`query ($n: Int!) { number(n: $n) ${one("porto")} }`, {}, /\$n/],
    [`query ($l: ID!) { one(o: "${OWN}", l: $l) }`, { l: { a: 1 } }, /\$l/],
    [`query ($l: ID!) { one(o: "${OWN}", l: $l) }`, { l: null }, /\$l/],
    [`query ($l: ID!) { one(o: "${OWN}", l: $l) }`, { l: ["porto"] }, /\$l/],
    [`query ($in: In!) { in(o: "${OWN}", in: $in) }`, { in: {} }, /\$in/],
    [`query ($in: In!) { in(o: "${OWN}", in: $in) }`, { in: { l: "porto", x: 1 } }, /\$in/],
    [`query ($in: Nothing!) { in(o: "${OWN}", in: $in) }`, { in: {} }, /Nothing/],
    [`{ in(o: "${OWN}", in: { l: "porto" }, n: "x") }`, {}, /n/],
    [`{ one(o: "${OWN}", l: 5.5) }`, {}, /l/],
    [`{ one(o: "${OWN}") ${one("porto")} }`, {}, /l/],
  ];

  it.each(rows)(
    "is not UNAUTHORIZED, and runs nothing: %s %s",
    async (query, variables, message) => {
      const answers = [];
      for (const caller of [callerOf(), callerOf({ porto: "write" }), callerOf({})]) {
        const { refusals, errors, data } = await send(query, { variables, caller });
        expect([refusals, data ?? null, calls]).toEqual([[], null, []]);
        expect(errors![0]!.message).toMatch(message);
        expect(errors!.every(({ extensions }) => extensions["code"] === undefined)).toBe(true);
        answers.push(JSON.stringify(errors));
      }
      expect(new Set(answers).size).toBe(1);
    },
  );

  it("lists what is wrong with every variable, up to the executor's own limit", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `$v${i}: Int!`).join(" ");
    const { errors } = await send(`query (${names}) { ${one("porto")} }`);
    expect(errors).toHaveLength(51);
    expect(errors![50]!.message).toContain("error limit reached");
  });

  it("leaves to the executor what nobody asks about", async () => {
    const { outcome, errors, data } = await send("query ($n: Int!) { number(n: $n) }", {
      variables: { n: "x" },
    });
    expect([outcome, data, calls]).toEqual(["runs", undefined, []]);
    expect(errors![0]!.message).toContain("$n");
  });
});

describe("guard.check", () => {
  const document = parse(`{ ${one("lisbon")} }`);
  const caller = callerOf();

  it("promises", async () => {
    const verdict = guard.check({ document, caller, context: {} });
    expect(verdict).toBeInstanceOf(Promise);
    expect(await verdict).toEqual({ ok: true });
  });

  it("decides at once, inside the package, where nothing has to be loaded", () => {
    const { check } = guardInternalsOf(guard);
    expect(check({ document, caller, context: {} })).toEqual({ ok: true });
  });

  it.each([
    ["no context", { document, caller }, '"context" expected an object, got undefined'],
    [
      "a text for a context",
      { document, caller, context: "x" },
      '"context" expected an object, got string',
    ],
    ["no caller", { document, context: {} }, '"caller" expected an object, got undefined'],
    [
      "null for a caller",
      { document, context: {}, caller: null },
      '"caller" expected an object, got null',
    ],
    [
      "something else for a caller",
      { document, context: {}, caller: {} },
      '"caller.can" expected a function, got undefined',
    ],
  ])("rejects %s", async (_name, operation, message) => {
    await expect(guard.check(operation as never)).rejects.toThrow(new TypeError(message));
  });

  it.each([undefined, null, {}, { document: null }, { document: {} }])(
    "rejects what is no operation: %s",
    async (operation) => {
      const given = operation && { caller, context: {}, ...operation };
      await expect(guard.check(given as never)).rejects.toThrow(TypeError);
    },
  );

  it("answers a request error to variables that are nested deeper than any stack", async () => {
    const deep = fixtureOf(`input In { l: ID! @library in: In } type Query { a(in: In): Int }`, {
      types: "none",
      organization: "callers",
    });
    let nested: unknown;
    for (let i = 0; i < 50_000; i++) nested = { l: "barcelona", in: nested };
    const verdict = await deep.guard.check({
      document: parse("query ($v: In) { a(in: $v) }"),
      caller,
      context: {},
      variableValues: { v: nested },
    });
    expect(verdict).toMatchObject({ ok: false, refusals: [] });
  });

  it("answers a request error when the stack is not enough", async () => {
    const variableValues = {
      get o(): string {
        throw new RangeError("Maximum call stack size exceeded");
      },
    };
    const query = parse('query ($o: ID!) { one(o: $o, l: "barcelona") }');
    const verdict = await guard.check({ document: query, caller, context: {}, variableValues });
    expect(verdict).toMatchObject({
      ok: false,
      errors: [{ message: "The request is nested too deeply." }],
    });
  });

  it("takes variables that are null", async () => {
    expect(await guard.check({ document, caller, context: {}, variableValues: null })).toEqual({
      ok: true,
    });
  });
});
