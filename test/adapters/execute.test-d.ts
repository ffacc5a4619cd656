import { parse, type DocumentNode, type ExecutionResult } from "graphql";
import { describe, expectTypeOf, it } from "vitest";
import {
  createExecute,
  type ExecuteOptions,
  type GuardedArgs,
} from "../../src/adapters/execute.js";
import type { Guard } from "../../src/graphql/index.js";
import type { ApiKeys, Authentication, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const guard: Guard;
declare const caller: Caller;
declare const authentication: Authentication;

describe("createExecute", () => {
  const document: DocumentNode = parse("{ viewer }");
  const execute = createExecute({ apiKeys, guard });

  it("makes a function that promises a result", () => {
    expectTypeOf(createExecute<ExecutionResult>)
      .parameter(0)
      .toEqualTypeOf<ExecuteOptions>();
    expectTypeOf(execute).parameter(0).toEqualTypeOf<GuardedArgs>();
    expectTypeOf(execute).returns.toEqualTypeOf<Promise<ExecutionResult>>();
  });

  it("answers what its executor answers, in parts too", () => {
    interface Parts {
      readonly initialResult: ExecutionResult;
      readonly subsequentResults: AsyncGenerator<unknown>;
    }
    const inParts = createExecute({
      apiKeys,
      guard,
      execute: async (): Promise<Parts | ExecutionResult> => ({}),
      heartbeatMs: 1000,
    });
    expectTypeOf(inParts).returns.toEqualTypeOf<Promise<Parts | ExecutionResult>>();
  });

  it("asks who wants it, also when that is nobody", () => {
    void execute({ document, caller });
    void execute({ document, caller: null });
    void execute({
      document,
      caller,
      variableValues: { a: 1 },
      operationName: null,
      contextValue: {},
    });
    void execute({ document, caller: authentication.ok ? authentication.caller : null });
    // @ts-expect-error nobody said who
    void execute({ document });
    // @ts-expect-error an organization is no caller
    void execute({ document, caller: "monogram-labs" });
    // @ts-expect-error an answer is no caller
    void execute({ document, caller: authentication });
    // @ts-expect-error a context is an object
    void execute({ document, caller, contextValue: "context" });
  });

  it("takes what it needs, and nothing else", () => {
    // @ts-expect-error no guard
    createExecute({ apiKeys });
    // @ts-expect-error no keys
    createExecute({ guard });
    // @ts-expect-error the schema is in the guard
    createExecute({ apiKeys, guard, schema: guard.schema });
    // @ts-expect-error no executor
    createExecute({ apiKeys, guard, execute: true });
  });
});
