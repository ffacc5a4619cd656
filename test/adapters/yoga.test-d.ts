import { createSchema, createYoga, type Plugin, type YogaInitialContext } from "graphql-yoga";
import { describe, expectTypeOf, it } from "vitest";
import { useApiKeys, type YogaCallerContext, type YogaOptions } from "../../src/adapters/yoga.js";
import type { CallerContext, Guard } from "../../src/graphql/index.js";
import type { Connection, TrustProxy } from "../../src/http/index.js";
import type { ApiKeys, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const guard: Guard;
declare const caller: Caller;

describe("useApiKeys", () => {
  it("is a plugin that any Yoga takes", () => {
    expectTypeOf(useApiKeys).parameter(0).toEqualTypeOf<YogaOptions>();
    expectTypeOf(useApiKeys).returns.toEqualTypeOf<Plugin<YogaCallerContext>>();
    createYoga({ schema: guard.schema, plugins: [useApiKeys({ apiKeys, guard })] });
    createYoga<{ tenant: string }, { userId: string }>({
      schema: guard.schema,
      context: () => ({ userId: "7" }),
      plugins: [useApiKeys({ apiKeys, guard })],
    });
    createYoga({ schema: guard.schema, plugins: [false, useApiKeys({ apiKeys, guard })] });
  });

  it("takes what it needs, and nothing else", () => {
    // @ts-expect-error no guard
    useApiKeys({ apiKeys });
    // @ts-expect-error no keys
    useApiKeys({ guard });
    // @ts-expect-error the schema is in the guard
    useApiKeys({ apiKeys, guard, schema: guard.schema });
    // @ts-expect-error a count of proxies is another server's
    useApiKeys({ apiKeys, guard, trustProxy: 1 });
    // @ts-expect-error a promise is no connection: it would be neither secure nor insecure
    useApiKeys({ apiKeys, guard, connection: async (request) => ({ headers: request.headers }) });
    // @ts-expect-error whether it is encrypted has to be said
    useApiKeys({ apiKeys, guard, connection: (request) => ({ headers: request.headers }) });
    expectTypeOf<YogaOptions["trustProxy"]>().toEqualTypeOf<TrustProxy | undefined>();
    expectTypeOf<NonNullable<YogaOptions["connection"]>>().toEqualTypeOf<
      (request: Request, serverContext: unknown) => Connection
    >();
  });

  it("gives resolvers a caller", () => {
    expectTypeOf<YogaCallerContext["caller"]>().toEqualTypeOf<Caller>();
    expectTypeOf<YogaCallerContext>().toExtend<CallerContext>();
    createSchema<YogaCallerContext & YogaInitialContext>({
      typeDefs: "type Query { viewer: String }",
      resolvers: {
        Query: {
          viewer(_source: unknown, _args: unknown, context: YogaCallerContext) {
            expectTypeOf(context.caller).toEqualTypeOf<Caller>();
            expectTypeOf(context.caller.can).returns.toEqualTypeOf<boolean>();
            // @ts-expect-error callers do not change
            context.caller.organizationId = "acme-co";
            // @ts-expect-error nor does the context's
            context.caller = caller;
            return context.caller.organizationId;
          },
        },
      },
    });
  });
});
