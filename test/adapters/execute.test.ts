import { setTimeout as sleep } from "node:timers/promises";
import {
  buildSchema,
  execute as graphqlExecute,
  GraphQLSchema,
  parse,
  subscribe as graphqlSubscribe,
  type ExecutionArgs,
  type ExecutionResult,
} from "graphql";
import { beforeEach, describe, expect, it } from "vitest";
import { createExecute, createSubscribe } from "../../src/adapters/execute.js";
import { apiKey, createGuard, library, organization } from "../../src/graphql/index.js";
import { createApiKeys, createCaller, type ApiKeys, type Caller } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { keysIn } from "../support/canary.js";
import { casesFor } from "./cases.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./cases/documents.js";
import { executeServer } from "./execute-server.js";
import { createService, type Service } from "./service.js";
import { runCase } from "./subject.js";

describe("execute", () => {
  it.for(casesFor(executeServer.capabilities))("$id $name", (test) => runCase(executeServer, test));
});

let apiKeys: ApiKeys;
let service: Service;
let key: string;
let caller: Caller;

beforeEach(async () => {
  apiKeys = createApiKeys({ store: createMemoryStore() });
  service = createService();
  const access = { barcelona: "write", lisbon: "read" } as const;
  ({ key } = await apiKeys.create({ organizationId: "monogram-labs", name: "Test", access }));
  caller = await callerOfKey(key);
});

async function callerOfKey(text: string): Promise<Caller> {
  const result = await apiKeys.authenticate(text);
  if (!result.ok) throw new Error(result.reason);
  return result.caller;
}

const document = parse(ASSETS);
const good = { document, variableValues: { library: "barcelona" } };
const bad = { document, variableValues: { library: "porto" } };
type Row = readonly [what: string, make: () => unknown];

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("createExecute", () => {
  it.for<Row>([
    ["nothing", () => undefined],
    ["no apiKeys", () => ({ guard: service.guard })],
    ["no guard", () => ({ apiKeys })],
    ["apiKeys that it did not make", () => ({ apiKeys: { ...apiKeys }, guard: service.guard })],
    ["a guard that it did not make", () => ({ apiKeys, guard: { ...service.guard } })],
    ["a schema for a guard", () => ({ apiKeys, guard: service.guard.schema })],
    ["an executor that is none", () => ({ apiKeys, guard: service.guard, execute: {} })],
    ["an option that it does not know", () => ({ apiKeys, guard: service.guard, schema: 1 })],
  ])("throws a TypeError for %s", ([, options]) => {
    expect(() => createExecute(options() as never)).toThrow(TypeError);
  });
});

describe("the function that it makes", () => {
  const make = (execute?: (args: ExecutionArgs) => any) =>
    createExecute({ apiKeys, guard: service.guard, ...(execute && { execute }) });

  it("runs what is within reach, and refuses the rest without data", async () => {
    const execute = make();
    expect(plain(await execute({ ...good, caller }))).toStrictEqual({ data: BARCELONA });
    const refused = await execute({ ...bad, caller });
    expect(refused).not.toHaveProperty("data");
    expect(refused.errors![0]!.extensions).toStrictEqual({ code: "UNAUTHORIZED" });
    expect(service.touched).toStrictEqual(["monogram-labs/barcelona"]);
  });

  it.for([null, undefined])(
    "runs nothing for %s, and says that a key is required",
    async (nobody) => {
      const execute = make();
      const answers = [
        await execute({ ...good, caller: nobody! }),
        await execute({ ...good, caller: nobody! }),
      ];
      for (const answer of answers) {
        expect(answer).not.toHaveProperty("data");
        expect(answer.errors![0]!.extensions).toStrictEqual({ code: "UNAUTHENTICATED" });
      }
      // A server may write a status into it: not into everybody's.
      expect(answers[0]).not.toBe(answers[1]);
      expect(answers[0]!.errors![0]).not.toBe(answers[1]!.errors![0]);
      expect(Object.isFrozen(answers[0])).toBe(false);
      expect(service.ran).toStrictEqual([]);
    },
  );

  it.for<Row>([
    ["an answer of authenticate", () => ({ ok: true, caller })],
    ["a key", () => key],
    ["an organization", () => "monogram-labs"],
    ["true", () => true],
    ["a number", () => 1],
    ["an empty object", () => ({})],
    ["a promise", () => Promise.resolve(caller)],
  ])("rejects %s for a caller", async ([, wrong]) => {
    await expect(make()({ ...good, caller: wrong() as never })).rejects.toThrow(TypeError);
    expect(service.ran).toStrictEqual([]);
  });

  it("rejects every schema but guard.schema", async () => {
    const execute = make();
    const schemas = [
      new GraphQLSchema(service.guard.schema.toConfig()),
      createService().guard.schema,
      null,
      undefined,
    ];
    for (const schema of schemas) {
      await expect(execute({ ...good, caller, schema: schema as never })).rejects.toThrow(
        /Execute guard\.schema itself/,
      );
    }
    const answer = await execute({ ...good, caller, schema: service.guard.schema });
    expect(plain(answer)).toStrictEqual({ data: BARCELONA });
  });

  it.for(["context", 1, true, Symbol("context")])(
    "rejects %s for a context",
    async (contextValue) => {
      await expect(
        make()({ ...good, caller, contextValue: contextValue as never }),
      ).rejects.toThrow(TypeError);
    },
  );

  it("gives the context the caller, whoever was in it", async () => {
    const everybody = createCaller({ id: "x", version: 1, organizationId: "acme-co", access: {} });
    const contextValue = { caller: everybody, own: true };
    await make()({ document: parse(VIEWER), caller, contextValue });
    expect(contextValue).toStrictEqual({ caller, own: true });
    expect(service.callers).toStrictEqual([caller]);
  });

  it("rejects a context that cannot take the caller", async () => {
    const contexts = [
      Object.freeze({}),
      {
        get caller() {
          return null;
        },
      },
    ];
    for (const contextValue of contexts) {
      await expect(make()({ ...good, caller, contextValue })).rejects.toThrow(TypeError);
    }
    expect(service.ran).toStrictEqual([]);
  });

  it("lets one caller use a context again, and no other", async () => {
    const execute = make();
    const contextValue = {};
    const strong = await apiKeys.create({
      organizationId: "monogram-labs",
      name: "Strong",
      access: { porto: "write" },
    });
    const other = await callerOfKey(strong.key);
    await execute({ ...good, caller, contextValue });
    expect((await execute({ ...bad, caller, contextValue })).errors).toHaveLength(1);
    await expect(execute({ ...bad, caller: other, contextValue })).rejects.toThrow(/two callers/);
    // That attempt has not made the context the other's.
    expect((await execute({ ...bad, caller, contextValue })).errors).toHaveLength(1);
    expect(service.touched).toStrictEqual(["monogram-labs/barcelona"]);
  });

  it("takes an empty operation name for none", async () => {
    const answer = await make()({ ...good, caller, operationName: "" });
    expect(plain(answer)).toStrictEqual({ data: BARCELONA });
  });

  it("rejects a resolver for fields that the guard does not know", async () => {
    const fieldResolver = () => "leaked";
    await expect(make()({ ...good, caller, fieldResolver })).rejects.toThrow(
      /Give fieldResolver to createGuard/,
    );
  });

  it("hands its executor what it was given, and no caller", async () => {
    const seen: ExecutionArgs[] = [];
    const execute = make((args) => {
      seen.push(args);
      return graphqlExecute(args);
    });
    const rootValue = {};
    await execute({ ...good, caller, rootValue });
    expect(seen[0]).not.toHaveProperty("caller");
    expect(seen[0]).toMatchObject({ ...good, schema: service.guard.schema, rootValue });
    await execute({ ...bad, caller });
    expect(seen).toHaveLength(1);
  });

  it("passes on what its executor answers, throws or rejects with", async () => {
    const answer = { data: { own: true } };
    expect(await make(() => answer)({ ...good, caller })).toBe(answer);
    expect(await make(async () => answer)({ ...good, caller })).toBe(answer);
    const error = new Error("no");
    const throwing = make(() => {
      throw error;
    });
    await expect(throwing({ ...good, caller })).rejects.toBe(error);
    await expect(make(() => Promise.reject(error))({ ...good, caller })).rejects.toBe(error);
  });

  it("passes on a result in parts", async () => {
    async function* answer() {
      yield { data: { n: 1 }, hasNext: true };
      yield { incremental: [], hasNext: false };
    }
    const parts = (await make(answer)({ ...good, caller })) as unknown as AsyncIterable<unknown>;
    const seen: unknown[] = [];
    for await (const part of parts) seen.push(part);
    expect(seen).toEqual([
      { data: { n: 1 }, hasNext: true },
      { incremental: [], hasNext: false },
    ]);
  });

  it("catches variables, documents and contexts that an executor replaces", async () => {
    const changes: readonly ((args: ExecutionArgs) => Partial<ExecutionArgs>)[] = [
      () => ({ variableValues: { library: "porto" } }),
      () => ({
        document: parse(`{ assets(organizationId: "acme-co", libraryId: "barcelona") { id } }`),
      }),
      () => ({ document: parse(RENAME), variableValues: { library: "lisbon" } }),
      () => ({ contextValue: {} }),
      () => ({
        contextValue: {
          caller: createCaller({ ...plainCaller(caller), access: { porto: "write" } }),
        },
      }),
      ({ contextValue }) => ({ contextValue: Object.create(contextValue as object) }),
      () => ({ contextValue: undefined }),
      () => ({ contextValue: new Proxy({}, {}) }),
    ];
    for (const change of changes) {
      const execute = make((args) => graphqlExecute({ ...args, ...change(args) }));
      const { data, errors } = await execute({ ...good, caller });
      expect(data).toBeNull();
      expect(errors![0]!.extensions).toStrictEqual({ code: "UNAUTHORIZED" });
    }
    expect(service.touched).toStrictEqual([]);
  });

  it("keeps keys out of errors", async () => {
    const text = `query ($t: String!) { fails(organizationId: "monogram-labs", libraryId: "barcelona", text: $t) }`;
    const execute = make();
    const answers = [
      await execute({ document: parse(text), variableValues: { t: key }, caller }),
      await execute({ document: parse(text), variableValues: { t: { key } }, caller }),
      await execute({ document: parse(`query ${key} { viewer }`), operationName: "B", caller }),
    ];
    for (const { errors } of answers) {
      expect(errors).toHaveLength(1);
      expect(
        keysIn([errors![0]!.message, errors![0]!.stack, errors![0]!.originalError]),
      ).toStrictEqual([]);
    }
  });

  it("runs no subscription", async () => {
    const { data, errors } = await make()({ document: parse("subscription { viewer }"), caller });
    expect(data).toBeUndefined();
    expect(errors![0]!.message).toMatch(/no subscription operations/);
  });
});

describe("createSubscribe", () => {
  const SDL = `
    type Query { viewer: String }
    type Subscription { changes(organizationId: ID!, libraryId: ID!): String }
  `;

  function prepare() {
    const schema = buildSchema(SDL);
    const log: string[] = [];
    Object.assign(schema.getSubscriptionType()!.getFields()["changes"]!, {
      async *subscribe() {
        log.push("opened");
        try {
          for (let i = 1; ; i++) {
            await sleep(5);
            yield { changes: `change ${i}` };
          }
        } finally {
          log.push("closed");
        }
      },
    });
    const guard = createGuard(schema, {
      types: "none",
      rules: {
        "Query.viewer": apiKey(),
        "Subscription.changes(organizationId:)": organization(),
        "Subscription.changes(libraryId:)": library(),
      },
    });
    return { guard, log };
  }

  const changes = (libraryId: string) =>
    parse(`subscription { changes(organizationId: "monogram-labs", libraryId: "${libraryId}") }`);

  it.for<Row>([
    ["nothing", () => undefined],
    ["no guard", () => ({ apiKeys })],
    ["a function that is none", () => ({ apiKeys, guard: service.guard, subscribe: {} })],
    ["an option that it does not know", () => ({ apiKeys, guard: service.guard, execute: 1 })],
  ])("throws a TypeError for %s", ([, options]) => {
    expect(() => createSubscribe(options() as never)).toThrow(TypeError);
  });

  it.for([0, 9, 3_600_001, 10.5, NaN])("throws for a heartbeat of %s ms", (heartbeatMs) => {
    for (const make of [createExecute, createSubscribe]) {
      expect(() => make({ apiKeys, guard: service.guard, heartbeatMs })).toThrow(RangeError);
    }
  });

  it("opens nothing for nobody, nor for a library out of reach", async () => {
    const { guard, log } = prepare();
    const subscribe = createSubscribe({ apiKeys, guard });
    const nobody = await subscribe({ document: changes("barcelona"), caller: null });
    expect((nobody as ExecutionResult).errors![0]!.extensions).toStrictEqual({
      code: "UNAUTHENTICATED",
    });
    const porto = await subscribe({ document: changes("porto"), caller });
    expect((porto as ExecutionResult).errors![0]!.extensions).toStrictEqual({
      code: "UNAUTHORIZED",
    });
    expect(log).toStrictEqual([]);
  });

  it("streams until the key is dead, then says so and closes the source", async () => {
    const { guard, log } = prepare();
    const stream = await createSubscribe({ apiKeys, guard })({
      document: changes("barcelona"),
      caller,
    });
    const received: ExecutionResult[] = [];
    for await (const result of stream as AsyncIterable<ExecutionResult>) {
      received.push(result);
      if (received.length === 2) {
        await apiKeys.delete({ organizationId: "monogram-labs", id: caller.id });
      }
    }
    expect(plain(received.slice(0, 2))).toStrictEqual([
      { data: { changes: "change 1" } },
      { data: { changes: "change 2" } },
    ]);
    expect(received).toHaveLength(3);
    expect(received[2]!.errors![0]!.extensions).toStrictEqual({ code: "UNAUTHENTICATED" });
    expect(log).toStrictEqual(["opened", "closed"]);
  });

  it("hands the stream of the function that it was given to nobody unwatched", async () => {
    const { guard } = prepare();
    const seen: ExecutionArgs[] = [];
    const subscribe = createSubscribe({
      apiKeys,
      guard,
      subscribe(args) {
        seen.push(args);
        return graphqlSubscribe(args);
      },
    });
    await apiKeys.delete({ organizationId: "monogram-labs", id: caller.id });
    const stream = await subscribe({ document: changes("barcelona"), caller });
    const { value } = await (stream as AsyncGenerator<ExecutionResult>).next();
    expect(value.errors[0].extensions).toStrictEqual({ code: "UNAUTHENTICATED" });
    expect(seen).toHaveLength(1);
  });
});

function plainCaller({ id, version, organizationId }: Caller) {
  return { id, version, organizationId };
}
