import {
  buildSchema,
  type GraphQLEnumType,
  type GraphQLScalarType,
  parse,
  validate,
  valueFromASTUntyped,
  type GraphQLSchema,
} from "graphql";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  accessDirectives,
  inLibrary,
  library,
  organization,
  targets,
  unmarked,
  withAccess,
} from "../../src/graphql/index.js";
import { proveAccess, type ProofOptions } from "../../src/graphql/testing.js";
import type * as ProveRun from "../../src/graphql/prove/run.js";
import type { LibraryRef } from "../../src/index.js";

const schemaOf = (sdl: string): GraphQLSchema => buildSchema(`${accessDirectives}\n${sdl}`);
const ASSET = `type Asset @inLibrary(organization: "organizationId", id: "libraryId") { id: ID! }`;

/** What a proof rejects with. */
async function failureOf(schema: GraphQLSchema, given: ProofOptions = {}): Promise<Error> {
  return proveAccess(schema, given).then(
    () => expect.fail("It was proved."),
    (error: Error) => error,
  );
}

afterEach(() => {
  vi.doUnmock("../../src/graphql/prove/run.js");
  vi.resetModules();
});

describe("a schema that is guarded", { timeout: 60_000 }, () => {
  it("is proved by legal operations, with every kind of target and result", async () => {
    const trials: ProveRun.Trial[] = [];
    vi.doMock("../../src/graphql/prove/run.js", async (original) => {
      const module = await original<typeof ProveRun>();
      return {
        ...module,
        runTrial: (...[lab, trial]: Parameters<typeof module.runTrial>) => {
          trials.push(trial);
          return module.runTrial(lab, trial);
        },
      };
    });
    vi.resetModules();
    const fresh = await import("../../src/graphql/testing.js");
    const { makeSchema, options } = await import("./testing-schema.js");
    const proof = await fresh.proveAccess(makeSchema(), options);
    expect(trials).toHaveLength(proof.operations);
    expect(proof.unproved).toEqual([]);
    expect(proof.operations).toBeGreaterThan(2000);
    expect(proof.fields).toEqual(proof.fields.toSorted());
    expect(proof.fields).toEqual(
      expect.arrayContaining([
        "Asset.file",
        "Asset.siblings",
        "Change.asset",
        "FolderMutations.rename",
        "Hit.node",
        "Mutation.update",
        "Query.byKey",
        "Query.loaded",
        "Query.report",
        "Subscription.added",
      ]),
    );

    const schema = makeSchema();
    const texts = new Set(trials.map(({ attempt }) => attempt.text));
    const wrong = [...texts].flatMap((text) =>
      validate(schema, parse(text)).map(({ message }) => `${message}\n${text}`),
    );
    expect(wrong).toEqual([]);
    const ways = [
      /^query Proof \{ assets\(organizationId: "910001", libraryId: "720003"\)/,
      /^query Proof\(\$v0: ID!, \$v1: ID!\) \{ assets/,
      /^query Proof\(\$v0: ID! = "910001", \$v1: ID! = "720003"\) \{ assets/,
      /filtered\(filter: \{ organizationId: "910001", libraryId: \$inside \}\)/,
      /and: \[\{ organizationId: "910001", libraryId: "\d+" \}, \{ organizationId: "910001", libraryId: "720003" \}\]/,
      /libraries: "720003"/,
      /libraries: \["720003", "720001"\]/,
      /libraries: \["720001", null\]/,
      /libraries: \[\]/,
      /libraries: null/,
      /libraryIds: \[\["720001", "720003"\]\]/,
      /by: \{ libraryIds: \["720001", "720003"\] \}/,
      /region: US/,
      /number: 720003/,
      /key: "key:720003"/,
      /\{ ok: assets\(.*\) \{ .* \} tried: assets\(.*"720003"\)/,
      /\{ \.\.\.Tried \} fragment Tried on Query/,
      /@include\(if: \$on\)/,
      /nodes\(.*\) \{ file\(organizationId/,
      /\.\.\. on Folder \{ file\(.*size: 1|\.\.\. on Folder \{ file\(/,
      /^mutation Proof \{ folders \{ rename/,
      /^subscription Proof \{ \.\.\.Tried \} fragment Tried on Subscription/,
    ];
    expect(ways.filter((way) => ![...texts].some((text) => way.test(text)))).toEqual([]);
    const callers = new Set(trials.map(({ subject }) => subject.name));
    expect([...callers].toSorted()).toEqual([
      "a caller granted everything it names",
      "a caller granted libraries of the same ids in another organization",
      "a caller granted nothing",
      "a caller granted only read on library 720001",
      "a caller granted only read on library 720002",
      "a caller granted only read on library 720009",
      "a caller granted other libraries",
    ]);
  });

  it("may take the organization from the caller", async () => {
    const sdl = `type Query { assets(libraryId: ID @library): [Asset!]! } ${ASSET}`;
    const proof = await proveAccess(schemaOf(sdl), { organization: "callers" });
    expect(proof).toMatchObject({ fields: ["Query.assets"], unproved: [] });
  });

  it("may have ids that are unique everywhere", async () => {
    const sdl = `type Query { assets(libraryId: ID! @library): [Asset!]! asset: Asset }
      type Asset @inLibrary(id: "library") { id: ID! }`;
    const proof = await proveAccess(schemaOf(sdl), { libraryIds: "global" });
    expect(proof).toMatchObject({ fields: ["Query.asset", "Query.assets"], unproved: [] });
  });

  it("may have no marked types", async () => {
    const sdl = `type Query { count(organizationId: ID! @organization, libraryId: ID! @library): Int! }`;
    const proof = await proveAccess(schemaOf(sdl), { types: "none" });
    expect(proof).toMatchObject({ fields: ["Query.count"], unproved: [] });
  });

  it("may take defaults, and hide libraries in them", async () => {
    const sdl = `
      type Query {
        a(organizationId: ID! = "o" @organization, libraryId: ID! = "l" @library): Asset
        b(in: In! = { organizationId: "o", libraryId: "l" }): Asset
        c(in: [In!] = [{ organizationId: "o", libraryId: "l" }]): [[Asset!]!]
      }
      input In { organizationId: ID! @organization libraryId: ID! @library }
      ${ASSET}`;
    const proof = await proveAccess(schemaOf(sdl));
    expect(proof).toMatchObject({ fields: ["Query.a", "Query.b", "Query.c"], unproved: [] });
  });

  it("may have ids of an enum, of which there may be one only", async () => {
    const sdl = `
      enum Tenant { ACME } enum Place { HERE }
      type Query { a(organization: Tenant! @organization, place: Place! @library): Asset }
      ${ASSET}`;
    const proof = await proveAccess(schemaOf(sdl));
    expect(proof).toMatchObject({ fields: ["Query.a"], unproved: [] });
  });

  it("may have ids that only some text is, and scalars that read nothing known", async () => {
    const schema = schemaOf(`
      scalar UUID scalar Upload
      type Query { a(o: UUID! @organization, l: UUID! @library): Asset @deprecated }
      type Mutation { b(o: UUID! @organization, l: [UUID!]! @library, file: Upload!, more: More!, only: Only!): Asset }
      input More @oneOf { deep: Deep text: String }
      input Only @oneOf { deep: Deep }
      input Deep { x: Int }
      ${ASSET}`);
    const parseUuid = (value: unknown): string => {
      if (typeof value === "string" && /^[\d-]{36}$/.test(value)) return value;
      throw new TypeError("no UUID");
    };
    const parseUpload = (): never => {
      throw new TypeError("no Upload");
    };
    for (const [name, read] of [
      ["UUID", parseUuid],
      ["Upload", parseUpload],
    ] as const) {
      const scalar = schema.getType(name) as GraphQLScalarType;
      scalar.parseLiteral = (node) => read(valueFromASTUntyped(node));
      Object.assign(scalar, { parseValue: read, coerceInputValue: read });
    }
    const proof = await proveAccess(schema);
    expect(proof).toMatchObject({ fields: ["Mutation.b", "Query.a"], unproved: [] });
    const upload = schema.getType("Upload") as GraphQLScalarType;
    expect(() => upload.parseValue("x")).toThrow("no Upload"); // that of the original is as it was
  });

  it("takes values from samples, by coordinate and by scalar", async () => {
    const sdl = `
      scalar Color
      type Query { a(organizationId: ID! @organization, libraryId: ID! @library, n: Int, in: In): Asset }
      input In { color: Color! other: String more: In }
      ${ASSET}`;
    const proof = await proveAccess(schemaOf(sdl), {
      samples: {
        values: {
          "Query.a(n:)": 7,
          "Query.a(in:)": { color: "red", more: { color: { r: 1.5, of: ["x", null, true] } } },
          Color: "blue",
        },
      },
    });
    expect(proof.unproved).toEqual([]);
  });
});

describe("what cannot be proved is listed", () => {
  it("loaders and selectors without a sample, and all that only they lead to", async () => {
    const schema = schemaOf(`
      type Query {
        loaded(id: ID!): Box
        inCode: Box @apiKey
        free: Box2 @apiKey
      }
      type Box { asset: Asset asset2(organizationId: ID! @organization, libraryId: ID! @library): Asset }
      type Box2 { free: Int }
      ${ASSET}`);
    const load = vi.fn(() => null);
    const { inCode } = schema.getQueryType()!.getFields();
    inCode!.resolve = withAccess("read", load, () => null);
    const rules = { "Query.loaded": targets(load) };
    expect(await proveAccess(schema, { rules })).toMatchObject({
      fields: ["Query.free"],
      unproved: [
        { coordinate: "Box.asset", why: "only what is unproved leads to it" },
        { coordinate: "Box.asset2", why: "only what is unproved leads to it" },
        {
          coordinate: "Query.inCode",
          why: 'its targets are in code: give samples.targets["Query.inCode"], arguments for a library',
        },
        {
          coordinate: "Query.loaded",
          why: 'its targets are loaded: give samples.targets["Query.loaded"], arguments for a library',
        },
      ],
    });
    expect(load).not.toHaveBeenCalled();
  });

  it("types of which no object can be made, and what is behind them", async () => {
    const schema = schemaOf(`
      type Query { odd: [Odd!]! one: Odd single: Odd! either: Either thrown: Thrown nowhere: Nowhere }
      type Odd { id: ID! inner(organizationId: ID! @organization, libraryId: ID! @library): Int }
      type Thrown { id: ID! }
      type Nowhere { id: ID! }
      union Either = Odd | Asset
      ${ASSET}`);
    const odd = inLibrary((value: { at: string }) => {
      const [organizationId, libraryId] = value.at.split("/");
      return { organizationId: organizationId!, libraryId: libraryId! };
    });
    const proof = await proveAccess(schema, {
      rules: {
        Odd: odd,
        Thrown: inLibrary(({ ids: [organizationId, libraryId] }: { ids: [string, string] }) => ({
          organizationId,
          libraryId,
        })),
        Nowhere: inLibrary(() => null),
      },
    });
    const why = (type: string) =>
      `inLibrary of ${type} takes more than properties: give samples.objects.${type}, a value of a library`;
    expect(proof).toMatchObject({
      fields: [
        "Query.either",
        "Query.nowhere",
        "Query.odd",
        "Query.one",
        "Query.single",
        "Query.thrown",
      ],
      unproved: [
        { coordinate: "Nowhere", why: why("Nowhere") },
        { coordinate: "Odd", why: why("Odd") },
        { coordinate: "Odd.inner", why: "only what is unproved leads to it" },
        { coordinate: "Thrown", why: why("Thrown") },
      ],
    });
    const objects = {
      Odd: ({ organizationId, libraryId }: LibraryRef) => ({
        at: `${organizationId}/${libraryId}`,
      }),
    };
    const more = await proveAccess(schema, {
      rules: { Odd: odd, Thrown: odd, Nowhere: odd },
      samples: { objects },
    });
    expect(more.unproved).toEqual([
      { coordinate: "Nowhere", why: why("Nowhere") },
      { coordinate: "Thrown", why: why("Thrown") },
    ]);
  });

  it("ids that no known text is", async () => {
    const schema = schemaOf(`
      scalar Odd
      type Query {
        a(organizationId: ID! @organization, libraryId: Odd! @library): Asset
        b(o: Odd! @organization, libraryId: ID! @library): Asset
        c(organizationId: ID! @organization, libraryId: Shape! @library): Asset
      }
      enum Shape {
        ROUND
      }
      ${ASSET}`);
    const [round] = (schema.getType("Shape") as GraphQLEnumType).getValues();
    round!.value = { libraryId: "l" };
    const scalar = schema.getType("Odd") as GraphQLScalarType;
    const read = () => ({ organizationId: "o", libraryId: "l" });
    Object.assign(scalar, { parseLiteral: read, parseValue: read, coerceInputValue: read });
    const { unproved, fields } = await proveAccess(schema);
    expect(fields).toEqual([]);
    expect(unproved).toEqual([
      {
        coordinate: "Query.a",
        why: 'no id is known that Odd! takes: give samples.values["Query.a(libraryId:)"], a function of an id',
      },
      {
        coordinate: "Query.b",
        why: 'no id is known that Odd! takes: give samples.values["Query.b(o:)"], a function of an id',
      },
      {
        coordinate: "Query.c",
        why: 'no id is known that Shape! takes: give samples.values["Query.c(libraryId:)"], a function of an id',
      },
    ]);
  });
});

describe("a schema that is not guarded fails", { timeout: 60_000 }, () => {
  const sdl = `
    type Query { assets(organizationId: ID! @organization, libraryId: ID! @library, in: In): [Asset!]! }
    type Mutation {
      upload(organizationId: ID! @organization, libraryId: ID!): Asset! @apiKey
      drop(organizationId: ID! @organization, id: ID! @library): Int
      free(organizationId: ID! @organization, id: ID!): Int @apiKey
      tag(organizationId: ID! @organization, libraryId: ID, libraryIds: [[ID]]): Int @apiKey
    }
    input In { libraryId: ID }
    ${ASSET}`;
  const rules = {
    "Mutation.upload(libraryId:)": unmarked("forgotten"),
    "Mutation.tag(libraryId:)": unmarked("forgotten"),
    "In.libraryId": unmarked("forgotten"),
  };

  it("by an unmarked argument that has the name of a marked one", async () => {
    const { message } = await failureOf(schemaOf(sdl), { rules });
    expect(message).toMatch(/^proveAccess found leaks or false refusals: \d+\.\n/);
    expect(message).toContain(
      "\n  - Mutation.upload, as a caller granted everything it names: is allowed, although it needs " +
        'write on library 720003; the resolver of Mutation.upload ran with {"organizationId":"910001",' +
        '"libraryId":"720003"}; Mutation.upload(libraryId:) is unmarked: say its value in samples if it is no ' +
        'library\n      mutation Proof { upload(organizationId: "910001", libraryId: "720003") { __typename ' +
        "leaf0: id } } {}",
    );
    expect(message).toContain("Mutation.tag(libraryId:) is unmarked");
    expect(message).toContain("In.libraryId is unmarked");
  });

  it("unless a sample says that it names none", async () => {
    const values = {
      "Mutation.upload(libraryId:)": "x",
      "Mutation.tag(libraryId:)": "x",
      "In.libraryId": "x",
    };
    const { unproved } = await proveAccess(schemaOf(sdl), { rules, samples: { values } });
    expect(unproved).toEqual([]);
  });

  it("by a loader that does not look at what it is asked for", async () => {
    const schema = schemaOf(
      `type Query { asset(id: ID!): Asset a(o: ID! @organization, l: ID! @library): Asset } ${ASSET}`,
    );
    const given = (id: string): ProofOptions => ({
      rules: {
        "Query.asset": targets(() => ({ organizationId: "910001", libraryId: id })),
      },
      samples: { targets: { "Query.asset": ({ libraryId }) => ({ id: libraryId }) } },
    });
    const { message } = await failureOf(schema, given("720001"));
    expect(message).toContain(
      "Query.asset, as a caller granted everything it names: is allowed, although it needs read on library " +
        '720003 of organization 910001; the resolver of Query.asset ran with {"id":"720003"}',
    );
    const other = await failureOf(schema, given("720002"));
    expect(other.message).toContain(
      "Query.asset, as a caller granted everything it names: is refused",
    );
  });

  it("by arguments of a sample that the schema does not take", async () => {
    const schema = schemaOf(`type Query { asset(n: Int!): Asset } ${ASSET}`);
    const { message } = await failureOf(schema, {
      rules: { "Query.asset": targets(() => null) },
      samples: { targets: { "Query.asset": () => ({ n: "x" }) } },
    });
    expect(message).toContain("is no legal request: ");
    expect(message).toMatch(/^proveAccess found leaks or false refusals: \d+\./);
  });

  it("by sample values that the schema does not take", async () => {
    const schema = schemaOf(`
      type Query { a(organizationId: ID! @organization, libraryId: ID! @library, in: In): Asset }
      input In { n: Int }
      ${ASSET}`);
    const { message } = await failureOf(schema, {
      samples: { values: { "Query.a(in:)": { n: 1, nope: { deep: undefined } } } },
    });
    expect(message).toContain("is no legal request: ");
  });
});

describe("options", () => {
  const schema = schemaOf(`
    type Query { a(organizationId: ID! @organization, libraryId: ID! @library, n: Int): Asset asset(id: ID!): Asset }
    ${ASSET}`);
  const rules = { "Query.asset": targets(() => null) };
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ["no object", 7, /"options" expected an object, got number/],
    ["one that createGuard does not know", { rule: {} }, /"options" has no property "rule"/],
    [
      "what createGuard refuses",
      { rules: { "Query.x": unmarked("y") } },
      /^createGuard cannot guard this schema/,
    ],
    ["samples that are none", { rules, samples: [] }, /"samples" expected an object, got array/],
    ["a kind of sample", { rules, samples: { target: {} } }, /"samples" has no property "target"/],
    ["a context", { rules, samples: { context: {} } }, /"samples.context" expected a function/],
    [
      "a list",
      { rules, samples: { targets: [] } },
      /"samples.targets" expected an object, got array/,
    ],
    [
      "a sample that is no function",
      { rules, samples: { targets: { "Query.asset": {} } } },
      /"samples.targets\["Query.asset"\]" expected a function, got object/,
    ],
    [
      "a field that loads nothing",
      { rules, samples: { targets: { "Query.a": () => ({}) } } },
      /"samples.targets\["Query.a"\]" is of no use: the name is that of a field with targets\(\)/,
    ],
    [
      "a type that is not marked",
      { rules, samples: { objects: { Query: () => ({}) } } },
      /"samples.objects\["Query"\]" is of no use: the name is that of a marked object type/,
    ],
    [
      "a value for nothing",
      { rules, samples: { values: { "Query.a": 1 } } },
      /"samples.values\["Query.a"\]" is of no use: the name is that of a scalar/,
    ],
    [
      "an object in another library",
      { rules, samples: { objects: { Asset: () => ({ organizationId: "x", libraryId: "y" }) } } },
      /"samples.objects.Asset" answered an object that inLibrary puts in another library/,
    ],
    [
      "an object that is none",
      { rules, samples: { objects: { Asset: () => null } } },
      /"samples.objects.Asset\(…\)" expected an object, got null/,
    ],
    [
      "an argument that does not exist",
      { rules, samples: { targets: { "Query.asset": () => ({ x: 1 }) } } },
      /"samples.targets\["Query.asset"\]" answered an argument that the field does not have/,
    ],
    [
      "a context that is none",
      { rules, samples: { context: () => 7, targets: { "Query.asset": () => ({ id: "x" }) } } },
      /"samples.context\(\)" expected an object, got number/,
    ],
  ];

  it.each(cases)("rejects %s", async (_name, given, says) => {
    const error = await failureOf(schema, given as ProofOptions);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(says);
  });

  it("rejects a guard that only reports", async () => {
    const error = await failureOf(schema, { rules, mode: "report" });
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe(
      '"mode" expected "enforce": a guard that only reports refuses nothing',
    );
  });

  it("rejects what is no schema", async () => {
    const error = await failureOf({} as GraphQLSchema);
    expect(error.message).toBe('"schema" expected a GraphQLSchema of this graphql');
  });

  it("passes on the rest to createGuard, events and resolvers excepted", async () => {
    const never = vi.fn();
    const { fields } = await proveAccess(
      schemaOf(`type Query { a(o: ID!, l: ID!): Asset } type Asset { id: ID! }`),
      {
        rules: {
          "*(o:)": organization(),
          "Query.a(l:)": library(),
          Asset: inLibrary({ organization: "o", id: "l" }),
        },
        introspection: "none",
        mode: "enforce",
        onEvent: never,
        fieldResolver: never,
        typeResolver: never,
      },
    );
    expect(fields).toEqual(["Query.a"]);
    expect(never).not.toHaveBeenCalled();
  });
});
