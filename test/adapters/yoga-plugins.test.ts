/** Attempts to get past authentication or the guard by what plugins of Yoga can do, on purpose or by mistake. */
import { usePersistedOperations } from "@graphql-yoga/plugin-persisted-operations";
import {
  execute as graphqlExecute,
  GraphQLSchema,
  parse,
  visit,
  type DocumentNode,
  type ExecutionArgs,
} from "graphql";
import { createGraphQLError, useEnvelop, useExtendContext, type Plugin } from "graphql-yoga";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { useApiKeys } from "../../src/adapters/yoga.js";
import { authenticateRequest } from "../../src/http/index.js";
import { createApiKeys, createCaller, everyLibrary } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./cases/documents.js";
import { createService } from "./service.js";
import {
  assertData,
  assertRefused,
  withSubject,
  type Answer,
  type Parts,
  type Subject,
} from "./subject.js";
import { createGuardedYoga, takeLog } from "./yoga-server.js";

type AnyPlugin = Plugin<any>;
type Around = NonNullable<Parameters<typeof createGuardedYoga>[1]>;

const PORTO = { library: "porto" };
const O = `organizationId: "monogram-labs"`;

beforeEach(() => void takeLog());
afterEach(() => void takeLog());

/** Runs Yoga with these plugins, with a key that writes barcelona, reads lisbon, and nothing else. */
function withYoga(
  settings: Around | ((parts: Parts) => Around),
  use: (subject: Subject) => Promise<void>,
): Promise<void> {
  return withSubject(
    (parts) =>
      createGuardedYoga(parts, typeof settings === "function" ? settings(parts) : settings),
    use,
  );
}

/** Nothing that the key does not reach was looked at, nothing of it left. */
function expectNothingOut({ service }: Subject, answer: Answer): void {
  expect(answer.text).not.toMatch(/porto-|acme/);
  expect(
    service.touched.filter((library) => !/^monogram-labs\/(barcelona|lisbon)$/.test(library)),
  ).toStrictEqual([]);
}

/** Wraps the executor as it is when this plugin's turn comes. */
const wrapping = (change: (args: ExecutionArgs) => ExecutionArgs): AnyPlugin => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn((args: ExecutionArgs) => executeFn(change(args)));
  },
});

/** Changes the arguments themselves when this plugin's turn comes. */
const mutating = (change: (args: any) => void): AnyPlugin => ({
  onExecute({ args }) {
    change(args);
  },
});

function renameLibraries(document: DocumentNode): DocumentNode {
  return visit(document, {
    StringValue: (node) => (node.value === "barcelona" ? { ...node, value: "porto" } : undefined),
  });
}

const everything = createCaller({
  id: "root",
  version: 1,
  organizationId: "monogram-labs",
  access: everyLibrary("write"),
});

/** Plugins that change what runs after it was judged, or before. */
const SWAPS: readonly (readonly [what: string, plugin: AnyPlugin])[] = [
  ["replaces the variables", wrapping((args) => ({ ...args, variableValues: PORTO }))],
  ["replaces the variables in place", mutating((args) => (args.variableValues = PORTO))],
  [
    "writes into the variables",
    wrapping((args) => {
      Object.assign(args.variableValues!, PORTO);
      return args;
    }),
  ],
  [
    "replaces the document",
    wrapping((args) => ({
      ...args,
      document: parse(`{ assets(${O}, libraryId: "porto") { id } }`),
    })),
  ],
  [
    "replaces the document in place",
    mutating((args) => (args.document = parse(`{ assets(${O}, libraryId: "porto") { id } }`))),
  ],
  [
    "names another operation",
    wrapping((args) => ({
      ...args,
      operationName: "B",
      document: parse(`query A { viewer } query B { assets(${O}, libraryId: "porto") { id } }`),
    })),
  ],
  [
    "writes into the document",
    wrapping((args) => {
      const [definition] = args.document.definitions as any;
      const [field] = definition.selectionSet.selections;
      field.arguments = field.arguments.map((argument: any) =>
        argument.name.value === "libraryId"
          ? { ...argument, value: { kind: "StringValue", value: "porto" } }
          : argument,
      );
      return args;
    }),
  ],
];

describe("a plugin that changes an operation", () => {
  for (const place of ["before", "after"] as const) {
    it.for(SWAPS)(`%s, ${place} useApiKeys`, ([, plugin]) =>
      withYoga({ [place]: [plugin], parserAndValidationCache: false }, async (subject) => {
        const { key, send } = subject;
        const answer = await send({ key, query: ASSETS, variables: { library: "barcelona" } });
        expectNothingOut(subject, answer);
        expect(answer.body.data?.assets).toBeUndefined();
        expect(answer.body.errors[0].extensions.code).toBe("UNAUTHORIZED");
        // Judged as it is when it came after; caught by the second lock when it came before.
        expect(answer.status).toBe(place === "after" || answer.body.data === undefined ? 403 : 200);
      }),
    );
  }

  it.for([0, 1, 2, 3])("gives variables that change after %i looks", async (times) => {
    for (const place of ["before", "after"]) {
      let looks = 0;
      const variableValues = {
        get library() {
          return looks++ < times ? "barcelona" : "porto";
        },
      };
      const changing = wrapping((args) => ({ ...args, variableValues }));
      await withYoga({ [place]: [changing] }, async (subject) => {
        const { key, send } = subject;
        expectNothingOut(subject, await send({ key, query: ASSETS, variables: PORTO }));
      });
    }
  });

  it("turns a query into a mutation", () =>
    withYoga(
      { before: [wrapping((args) => ({ ...args, document: parse(RENAME) }))] },
      async (subject) => {
        const { key, send, service } = subject;
        const answer = await send({ key, query: ASSETS, variables: { library: "lisbon" } });
        expect(answer.body.errors[0].extensions.code).toBe("UNAUTHORIZED");
        expect(service.ran).toStrictEqual([]);
      },
    ));

  it("writes into the document that Yoga's cache holds for the next request", () =>
    withYoga(
      {
        before: [
          mutating((args) => {
            for (const definition of args.document.definitions) {
              Object.assign(definition, renameLibraries(parse("{ __typename }")) && {});
            }
            Object.assign(args.document, {
              definitions: renameLibraries(args.document).definitions,
            });
          }),
        ],
      },
      async (subject) => {
        const query = `{ assets(${O}, libraryId: "barcelona") { id } }`;
        for (let i = 0; i < 3; i++) {
          const answer = await subject.send({ key: subject.key, query });
          expectNothingOut(subject, answer);
          expect(answer.body.data?.assets).toBeUndefined();
        }
      },
    ));
});

describe("a plugin that replaces the executor", () => {
  const replacing: AnyPlugin = {
    onExecute({ setExecuteFn }) {
      setExecuteFn(graphqlExecute as never);
    },
  };

  it("runs under both locks before useApiKeys", () =>
    withYoga({ before: [replacing] }, async ({ key, send }) => {
      assertData(
        await send({ key, query: ASSETS, variables: { library: "barcelona" } }),
        BARCELONA,
      );
      assertRefused(await send({ key, query: ASSETS, variables: PORTO }), 403, "UNAUTHORIZED");
      assertData(await send({ key, query: `{ libraries(${O}) { id } }` }), {
        libraries: [{ id: "barcelona" }, { id: "lisbon" }],
      });
    }));

  it("runs nothing after it: no operation with the context was judged", () =>
    withYoga({ after: [replacing] }, async (subject) => {
      const { key, send, service } = subject;
      const operations = [
        { query: VIEWER },
        { query: ASSETS, variables: { library: "barcelona" } },
        { query: ASSETS, variables: PORTO },
        { query: `{ libraries(${O}) { id } }` },
        { query: `{ library(${O}, slug: "barcelona") { id } }` },
        { query: `{ report(of: "barcelona") }` },
        { query: RENAME, variables: { library: "barcelona" } },
        { query: `mutation { createLibrary(${O}, name: "x") }` },
      ];
      for (const operation of operations) {
        const answer = await send({ key, ...operation });
        expect(answer.body.errors[0].extensions.code).toBe("UNAUTHORIZED");
        expect(Object.values(answer.body.data ?? {}).filter((value) => value !== null)).toEqual([]);
      }
      expect(service.ran).toStrictEqual([]);
    }));

  it("runs nothing by an engine of Envelop after it", () =>
    withYoga(
      {
        after: [
          useEnvelop(Object.assign(() => {}, { _plugins: [replacing] }) as never) as AnyPlugin,
        ],
      },
      async ({ key, send, service }) => {
        await send({ key, query: ASSETS, variables: { library: "barcelona" } });
        expect(service.ran).toStrictEqual([]);
      },
    ));

  it("judges what a remote executor is to run", () => {
    const ran: ExecutionArgs[] = [];
    const remote: AnyPlugin = {
      onExecute({ setExecuteFn }) {
        setExecuteFn((args: ExecutionArgs) => {
          ran.push(args);
          return { data: { remote: true } };
        });
      },
    };
    return withYoga({ before: [remote] }, async ({ key, send }) => {
      assertRefused(await send({ key, query: ASSETS, variables: PORTO }), 403, "UNAUTHORIZED");
      expect(ran).toHaveLength(0);
      await send({ key, query: ASSETS, variables: { library: "barcelona" } });
      expect(ran).toHaveLength(1);
    });
  });

  it("refuses a resolver for fields that the guard does not know", () => {
    const leak: AnyPlugin = mutating((args) => (args.fieldResolver = () => "leaked"));
    return withYoga({ before: [leak] }, async ({ key, send }) => {
      const answer = await send({ key, query: `{ libraries(${O}) { id } }` });
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain("leaked");
      expect(takeLog()).toContain("Give fieldResolver to createGuard");
    });
  });
});

describe("a schema other than guard.schema", () => {
  const transformed = ({ guard }: Parts) => new GraphQLSchema(guard.schema.toConfig());

  it.for([
    ["a transformed copy", transformed],
    ["the unguarded original", () => createService().guard.schema],
  ] as const)("does not start with %s", ([, schemaOf]) => {
    const parts = {
      apiKeys: createApiKeys({ store: createMemoryStore() }),
      guard: createService().guard,
    };
    expect(() => createGuardedYoga(parts, { schema: schemaOf(parts) as never })).toThrow(
      /Give guard\.schema itself/,
    );
  });

  it("does not start with a plugin that replaces the schema, wherever it is", () => {
    const { guard } = createService();
    const parts = { apiKeys: createApiKeys({ store: createMemoryStore() }), guard };
    const replacing: AnyPlugin = {
      onSchemaChange({ schema, replaceSchema }) {
        if (schema === guard.schema) replaceSchema(transformed(parts) as never);
      },
    };
    for (const place of ["before", "after"]) {
      expect(() => createGuardedYoga(parts, { [place]: [replacing] })).toThrow(/guard\.schema/);
    }
  });

  it.for([
    [
      "a schema for each request",
      (parts: Parts) => ({ schema: () => transformed(parts) as never }),
    ],
    [
      "a schema that comes later",
      (parts: Parts) => ({ schema: Promise.resolve(transformed(parts)) as never }),
    ],
    [
      "a plugin that sets it for each request",
      (parts: Parts) => ({
        before: [{ onEnveloped: ({ setSchema }) => setSchema(transformed(parts)) } as AnyPlugin],
      }),
    ],
    [
      "a plugin that sets it for execution, after useApiKeys",
      (parts: Parts) => ({ after: [mutating((args) => (args.schema = transformed(parts)))] }),
    ],
    [
      "a plugin that sets it for execution, before useApiKeys",
      (parts: Parts) => ({ before: [mutating((args) => (args.schema = transformed(parts)))] }),
    ],
  ] as const)("runs nothing with %s", ([, settings]) =>
    withYoga(settings as never, async ({ key, send, service }) => {
      for (const query of [VIEWER, RENAME]) {
        const answer = await send({ key, query, variables: { library: "barcelona" } });
        expect(answer.status).toBe(500);
        expect(answer.body.data).toBeUndefined();
        expect(takeLog()).toMatch(/guard\.schema/);
      }
      assertRefused(await send({ query: VIEWER }), 401, "UNAUTHENTICATED");
      expect(service.ran).toStrictEqual([]);
    }),
  );

  it("runs guard.schema given as a function or a promise", async () => {
    for (const schemaOf of [
      ({ guard }: Parts) =>
        () =>
          guard.schema,
      ({ guard }: Parts) => Promise.resolve(guard.schema),
    ]) {
      await withYoga(
        (parts) => ({ schema: schemaOf(parts) as never }),
        async ({ key, send }) => {
          const variables = { library: "barcelona" };
          assertData(await send({ key, query: ASSETS, variables }), BARCELONA);
          assertRefused(await send({ key, query: ASSETS, variables: PORTO }), 403, "UNAUTHORIZED");
        },
      );
    }
  });
});

describe("a plugin that writes into the context", () => {
  const FAKES: readonly (readonly [what: string, extension: () => object])[] = [
    ["another caller", () => ({ caller: everything })],
    ["no caller", () => ({ caller: null })],
    ["no request", () => ({ request: undefined })],
    ["a request that nobody authenticated", () => ({ request: new Request("https://localhost/") })],
    ["a request of the stronger key", () => ({ request: strongRequest })],
    ["a request and a caller", () => ({ request: strongRequest, caller: everything })],
  ];
  let strongRequest: Request | undefined;

  const capture: AnyPlugin = {
    onContextBuilding({ context }) {
      const { request } = context as { request?: Request };
      if (request?.headers.get("x-strong")) strongRequest = request;
    },
  };

  const attempt = (settings: Around) =>
    withYoga({ ...settings, before: [capture, ...(settings.before ?? [])] }, async (subject) => {
      const { createKey, key, send, service } = subject;
      const strong = await createKey({ porto: "write" });
      await send({ key: strong.key, query: VIEWER, headers: { "x-strong": "1" } });
      service.touched.length = 0;

      assertRefused(await send({ key, query: ASSETS, variables: PORTO }), 403, "UNAUTHORIZED");
      assertRefused(
        await send({ key, query: RENAME, variables: { library: "lisbon" } }),
        403,
        "UNAUTHORIZED",
      );
      const { body } = await send({ key, query: `{ libraries(${O}) { id } }` });
      expect(body.data).toStrictEqual({ libraries: [{ id: "barcelona" }, { id: "lisbon" }] });
      expect(service.touched).toStrictEqual([]);
    });

  it.for(FAKES)("changes nothing with %s, as a plugin before or after", async ([, extension]) => {
    for (const place of ["before", "after"] as const) {
      const hooks: readonly AnyPlugin[] = [
        { onContextBuilding: ({ extendContext }) => extendContext(extension()) },
        { onContextBuilding: ({ context }) => void Object.assign(context as object, extension()) },
        { onExecute: ({ extendContext }) => extendContext(extension()) },
        { onExecute: ({ args }) => void Object.assign(args.contextValue as object, extension()) },
        { onValidate: ({ extendContext }) => extendContext(extension()) },
      ];
      for (const hook of hooks) await attempt({ [place]: [hook] });
    }
  });

  it.for(FAKES)("changes nothing with %s, as Yoga's own context", async ([, extension]) => {
    await attempt({ context: extension });
    await attempt({ context: async () => extension() });
    await attempt({ before: [useExtendContext(extension) as AnyPlugin] });
  });

  it("gives resolvers the caller of the request, whatever the host's context says", () =>
    withYoga({ context: { caller: everything } }, async ({ key, ref, send }) => {
      assertData(await send({ key, query: VIEWER }), { viewer: `monogram-labs ${ref.id}` });
    }));

  it("runs with a context that was copied, and with none of another caller", () => {
    const copying: AnyPlugin = wrapping((args) => ({
      ...args,
      contextValue: { ...(args.contextValue as object) },
    }));
    return withYoga({ after: [copying] }, async ({ key, send }) => {
      const variables = { library: "barcelona" };
      assertData(await send({ key, query: ASSETS, variables }), BARCELONA);
      assertRefused(await send({ key, query: ASSETS, variables: PORTO }), 403, "UNAUTHORIZED");
    });
  });

  it("runs nothing when the context is replaced after it was judged", () => {
    const copying: AnyPlugin = wrapping((args) => ({
      ...args,
      contextValue: { ...(args.contextValue as object) },
    }));
    return withYoga({ before: [copying] }, async ({ key, send, service }) => {
      await send({ key, query: ASSETS, variables: { library: "barcelona" } });
      await send({ key, query: RENAME, variables: { library: "barcelona" } });
      expect(service.ran).toStrictEqual([]);
    });
  });

  it.for([
    ["nothing", undefined],
    ["null", null],
    ["text", "context"],
  ] as const)("runs nothing when the context is %s", ([, contextValue]) => {
    for (const place of ["before", "after"]) {
      void withYoga(
        { [place]: [wrapping((args) => ({ ...args, contextValue }))] },
        async ({ key, send, service }) => {
          await send({ key, query: ASSETS, variables: { library: "barcelona" } });
          expect(service.ran).toStrictEqual([]);
        },
      );
    }
  });

  it("lets no two callers into one context object", () => {
    const shared = {};
    return withYoga(
      { after: [wrapping((args) => ({ ...args, contextValue: shared }))] },
      async ({ createKey, key, send }) => {
        const strong = await createKey({ porto: "read" });
        assert200(await send({ key, query: VIEWER }));
        expect((await send({ key: strong.key, query: ASSETS, variables: PORTO })).status).toBe(500);
        expect(takeLog()).toContain("two callers");
        assertRefused(await send({ key, query: ASSETS, variables: PORTO }), 403, "UNAUTHORIZED");
      },
    );
  });
});

function assert200({ status, text }: Answer): void {
  expect(status, text).toBe(200);
}

describe("a server context that several requests share", () => {
  it("never hands one request the caller of another", async () => {
    const shared = {};
    let hold: Promise<void> | undefined;
    let release = () => {};
    await withSubject(
      (parts) => {
        const slow: AnyPlugin = { onContextBuilding: () => hold as never };
        const yoga = createGuardedYoga(parts, { before: [slow] });
        return async (req, res) => {
          const context = Object.assign(shared, { req, res }) as object;
          const response = await yoga.handleNodeRequest(req, context);
          res.writeHead(response.status).end(await response.text());
        };
      },
      async ({ createKey, key, send }) => {
        const strong = await createKey({ porto: "read" });
        hold = new Promise((resolve) => (release = resolve));
        const weak = send({ key, query: ASSETS, variables: PORTO });
        await new Promise((resolve) => setTimeout(resolve, 50));
        const other = send({ key: strong.key, query: VIEWER });
        await new Promise((resolve) => setTimeout(resolve, 50));
        release();
        expect((await weak).body.errors[0].extensions).toStrictEqual({ code: "UNAUTHORIZED" });
        expect((await other).status).toBe(500);
        expect(takeLog()).toContain("The context object serves two callers");
        hold = undefined;
        assert200(await send({ key, query: VIEWER }));
      },
    );
  });
});

/** Documents that validation would stop. None may reach porto or acme-co, whatever else becomes of it. */
const INVALID_DOCUMENTS: readonly string[] = [
  `query A { viewer } query A { assets(${O}, libraryId: "porto") { id } }`,
  `query A { assets(${O}, libraryId: "porto") { id } } query A { viewer }`,
  `query A { viewer } mutation A { requires(${O}, libraryId: "porto", other: "x") }`,
  `{ viewer } { assets(${O}, libraryId: "porto") { id } }`,
  `{ assets(${O}, libraryId: "barcelona", libraryId: "porto") { id } }`,
  `{ assets(${O}, libraryId: "porto", libraryId: "barcelona") { id } }`,
  `{ assets(organizationId: "acme-co", ${O}, libraryId: "barcelona") { id } }`,
  `{ a: assets(${O}, libraryId: "barcelona") { id } a: assets(${O}, libraryId: "porto") { id } }`,
  `{ a: viewer a: assets(${O}, libraryId: "porto") { id } }`,
  `query ($l: ID = "barcelona", $l: ID = "porto") { assets(${O}, libraryId: $l) { id } }`,
  `query ($l: ID = "porto", $l: ID = "barcelona") { assets(${O}, libraryId: $l) { id } }`,
  `{ assets(${O}, libraryId: $undefined) { id } }`,
  `{ assets(${O}) { id } }`,
  `{ assets }`,
  `{ assets(${O}, libraryId: porto) { id } }`,
  `{ assets(${O}, libraryId: ["porto"]) { id } }`,
  `{ assets(${O}, libraryId: { id: "porto" }) { id } }`,
  `{ ...F } fragment F on Query { viewer } fragment F on Query { assets(${O}, libraryId: "porto") { id } }`,
  `{ ...F } fragment F on Query { assets(${O}, libraryId: "porto") { id } } fragment F on Query { viewer }`,
  `{ ...F } fragment F on Query { ...F assets(${O}, libraryId: "porto") { id } }`,
  `{ ...F(l: "porto") } fragment F($l: ID = "barcelona") on Query { assets(${O}, libraryId: $l) { id } }`,
  `{ ...Missing viewer assets(${O}, libraryId: "porto") { id } }`,
  `{ ... on Mutation { renameAsset(${O}, libraryId: "porto", assetId: "porto-1", name: "x") { id } } }`,
  `{ ... on Nothing { assets(${O}, libraryId: "porto") { id } } }`,
  `{ ... @defer { assets(${O}, libraryId: "porto") { id } } viewer }`,
  `{ ... @defer(if: false) { assets(${O}, libraryId: "porto") { id } } viewer }`,
  `{ assets(${O}, libraryId: "porto") @stream { id } }`,
  `{ assets(${O}, libraryId: "porto") @skip(if: false) @skip(if: true) { id } }`,
  `{ assets(${O}, libraryId: "porto") @skip(if: "true") { id } }`,
  `{ assets(${O}, libraryId: "porto") @skip { id } }`,
  `{ assets(${O}, libraryId: "porto") @include(if: null) { id } }`,
  `{ assets(${O}, libraryId: "porto") @skip(if: false, if: true) { id } }`,
  `{ assets(${O}, libraryId: "porto") @unknown { id } }`,
  `query ($s: Boolean = true) { assets(${O}, libraryId: "porto") @skip(if: $s, if: false) { id } }`,
  `{ library(${O}, slug: "porto") }`,
  `{ libraries(${O}) { ... on Asset { libraryId } nothing id } }`,
  `subscription { assets(${O}, libraryId: "porto") { id } }`,
  `mutation { assets(${O}, libraryId: "porto") { id } }`,
  `type Query { porto: ID } { assets(${O}, libraryId: "porto") { id } }`,
  `fragment F on Query { assets(${O}, libraryId: "porto") { id } }`,
];

describe("a plugin that turns validation off", () => {
  const trusting: AnyPlugin = { onValidate: ({ setResult }) => setResult([]) };

  it.for(INVALID_DOCUMENTS.map((query) => [query] as const))(
    "reaches nothing more by %s",
    ([query]) =>
      withYoga({ before: [trusting] }, async (subject) => {
        for (const operationName of [undefined, "A"]) {
          const answer = await subject.send({
            key: subject.key,
            query,
            headers: { accept: "application/json, multipart/mixed" },
            ...(operationName !== undefined && { operationName }),
          });
          expectNothingOut(subject, answer);
        }
      }),
  );

  it("reaches nothing more by a persisted operation", () => {
    const operations = new Map(INVALID_DOCUMENTS.map((query, i) => [`${i}`, query]));
    operations.set("good", ASSETS);
    const persisted = usePersistedOperations({
      skipDocumentValidation: true,
      getPersistedOperation: (hash) => operations.get(hash) ?? null,
    });
    const asked = (sha256Hash: string, variables: object = {}) =>
      JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash } }, variables });
    return withYoga({ before: [persisted as AnyPlugin] }, async (subject) => {
      const { key, send } = subject;
      assertData(await send({ key, body: asked("good", { library: "barcelona" }) }), BARCELONA);
      assertRefused(await send({ key, body: asked("good", PORTO) }), 403, "UNAUTHORIZED");
      assertRefused(await send({ body: asked("good", PORTO) }), 401, "UNAUTHENTICATED");
      assertRefused(await send({ body: asked("nothing") }), 401, "UNAUTHENTICATED");
      for (const hash of operations.keys()) {
        expectNothingOut(subject, await send({ key, body: asked(hash) }));
      }
    });
  });

  it("runs a document that a plugin parsed, as it is", () => {
    const persisted = parse(ASSETS, { noLocation: true });
    const parsed: AnyPlugin = { onParse: ({ setParsedDocument }) => setParsedDocument(persisted) };
    return withYoga({ before: [trusting], after: [parsed] }, async ({ key, send }) => {
      const variables = { library: "barcelona" };
      assertData(await send({ key, query: VIEWER, variables }), BARCELONA);
      const answer = await send({ key, query: VIEWER, variables: PORTO });
      assertRefused(answer, 403, "UNAUTHORIZED");
      expect(answer.body.errors[0].locations).toBeUndefined();
      assertRefused(await send({ query: VIEWER, variables }), 401, "UNAUTHENTICATED");
    });
  });
});

describe("a plugin that answers, or asks, in another way", () => {
  it("authenticates a body that a plugin parses", () => {
    const parser: AnyPlugin = {
      onRequestParse: ({ setRequestParser }) => setRequestParser(async () => ({ query: VIEWER })),
    };
    const all = ["before", "after"].map((place) =>
      withYoga({ [place]: [parser] }, async ({ key, send }) => {
        const headers = { "content-type": "application/x-own" };
        assertRefused(await send({ headers }), 401, "UNAUTHENTICATED");
        assert200(await send({ key, headers }));
      }),
    );
    return Promise.all(all);
  });

  it("judges parameters that a plugin replaces", () => {
    const replaced: AnyPlugin = {
      onParams: ({ setParams }) => setParams({ query: ASSETS, variables: PORTO }),
    };
    return withYoga({ after: [replaced] }, async ({ key, send }) => {
      assertRefused(await send({ key, query: VIEWER }), 403, "UNAUTHORIZED");
      assertRefused(await send({ query: VIEWER }), 401, "UNAUTHENTICATED");
    });
  });

  it("authenticates the request that a plugin put in the place of the client's", () => {
    const replacing: AnyPlugin = {
      onRequest({ request, setRequest, fetchAPI }) {
        setRequest(new fetchAPI.Request(request.url, { headers: request.headers }));
      },
    };
    return withYoga({ before: [replacing] }, async ({ key, send }) => {
      const get = { method: "GET", path: `/graphql?query=${encodeURIComponent(VIEWER)}` };
      const answer = await send({ ...get, key });
      assert200(answer);
      expect(answer.headers).toMatchObject({ vary: "Authorization", "cache-control": "no-store" });
      assertRefused(await send(get), 401, "UNAUTHENTICATED");
    });
  });

  it("asks both of two useApiKeys", async () => {
    const others = createApiKeys({ store: createMemoryStore() });
    for (const place of ["before", "after"] as const) {
      await withYoga(
        (parts) => ({
          [place]: [useApiKeys({ apiKeys: others, guard: parts.guard }) as AnyPlugin],
        }),
        async ({ key, send, service }) => {
          assertRefused(await send({ key, query: VIEWER }), 401, "UNAUTHENTICATED");
          const foreign = await others.create({ organizationId: "monogram-labs", name: "x" });
          assertRefused(await send({ key: foreign.key, query: VIEWER }), 401, "UNAUTHENTICATED");
          expect(service.ran).toStrictEqual([]);
        },
      );
    }
  });

  it("forgets the caller of a request that somebody refused since", () => {
    const refusing: AnyPlugin = {
      async onParams({ request }) {
        const others = createApiKeys({ store: createMemoryStore() });
        await authenticateRequest(others, { headers: {}, encrypted: true });
        const own = Object.assign(request, { encrypted: true });
        await authenticateRequest(others, own);
      },
    };
    return withYoga({ before: [refusing] }, async ({ key, send, service }) => {
      assertRefused(await send({ key, query: VIEWER }), 401, "UNAUTHENTICATED");
      expect(service.ran).toStrictEqual([]);
    });
  });

  it("leaves a stream that a plugin answers to that plugin", () => {
    const streaming: AnyPlugin = {
      onParams({ setResult }) {
        setResult(
          (async function* () {
            yield { data: { own: true } };
          })() as never,
        );
      },
    };
    return withYoga({ after: [streaming] }, async ({ key, send }) => {
      const headers = { accept: "text/event-stream" };
      const answer = await send({ key, query: VIEWER, headers });
      expect(answer.text).toContain('"own":true');
      expect(answer.headers["vary"]).toBe("Authorization");
      expect((await send({ query: VIEWER, headers })).text).not.toContain("own");
    });
  });

  it("answers in parts a document that nobody validated", () =>
    withYoga(
      { before: [{ onValidate: ({ setResult }) => setResult([]) }] },
      async ({ key, send, service, apiKeys, ref }) => {
        const headers = { accept: "multipart/mixed" };
        const answer = await send({ key, query: "{ ... @defer { viewer } }", headers });
        expect(answer.status).toBe(200);
        expect(answer.text).toContain(`"viewer":"monogram-labs`);
        expect(answer.text).toContain('"hasNext":false');
        await apiKeys.delete(ref);
        service.ran.length = 0;
        const dead = await send({ key, query: "{ ... @defer { viewer } }", headers });
        expect(dead.status).toBe(401);
        expect(service.ran).toStrictEqual([]);
      },
    ));

  it("takes an unvalidated subscription for a wrong request where the schema has none", () =>
    withYoga(
      { before: [{ onValidate: ({ setResult }) => setResult([]) }] },
      async ({ key, send, service }) => {
        const answer = await send({ key, query: "subscription { viewer }" });
        expect(answer.status).toBe(400);
        expect(Object.keys(answer.body)).toStrictEqual(["errors"]);
        expect(service.ran).toStrictEqual([]);
      },
    ));

  it("keeps what a plugin says of the status, of headers and of caches", () => {
    const speaking: AnyPlugin = {
      onExecute: () => ({
        onExecuteDone: ({ result, setResult }) =>
          setResult({
            ...result,
            extensions: {
              http: { headers: { "cache-control": "private, max-age=5", vary: "Accept" } },
            },
          } as never),
      }),
    };
    return withYoga({ before: [speaking] }, async ({ key, send }) => {
      const { headers } = await send({ key, query: VIEWER });
      expect(headers["cache-control"]).toBe("private, max-age=5");
      expect(headers["vary"]).toBe("Accept, Authorization");
    });
  });

  it("keeps keys out of errors that a plugin answers", () => {
    const throwing: AnyPlugin = {
      onParams({ params }) {
        throw createGraphQLError(`No ${params.query}`, { extensions: { said: [params.query] } });
      },
    };
    return withYoga({ before: [throwing] }, async ({ key, send }) => {
      const { body } = await send({ key, query: key });
      expect(body.errors[0].message).toBe(`No ${key.slice(0, 7)}…`);
      expect(body.errors[0].extensions.said).toStrictEqual([`${key.slice(0, 7)}…`]);
    });
  });
});

describe("Yoga's parts, taken by hand", () => {
  const parts = {
    apiKeys: createApiKeys({ store: createMemoryStore() }),
    guard: createService().guard,
  };
  const yoga = createGuardedYoga(parts);
  const MISSING = /An API key is required/;
  const CONTEXTS: readonly (readonly [what: string, context: any])[] = [
    ["no context", undefined],
    ["an empty context", {}],
    ["a context with a caller", { caller: everything }],
    ["a request that nobody authenticated", { request: new Request("https://localhost/graphql") }],
    ["a request that is none", { request: { caller: everything } }],
  ];

  it.for(CONTEXTS)("parse, build contexts and run nothing with %s", async ([, context]) => {
    const {
      parse: parseOf,
      execute,
      subscribe,
      contextFactory,
      schema,
    } = yoga.getEnveloped(context);
    expect(() => parseOf(VIEWER)).toThrow(MISSING);
    await expect(async () => contextFactory()).rejects.toThrow(MISSING);
    const args = { schema, document: parse(VIEWER), contextValue: context };
    await expect(async () => execute(args)).rejects.toThrow(MISSING);
    await expect(async () => subscribe(args)).rejects.toThrow();
  });
});
