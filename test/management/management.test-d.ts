import type { IncomingMessage } from "node:http";
import { expectTypeOf, it } from "vitest";
import type { ApiKeys } from "../../src/index.js";
import { createGuard } from "../../src/graphql/index.js";
import {
  createManagement,
  createManagementHandler,
  managementRules,
  sessionManager,
  type Manager,
  type ManagerRequest,
} from "../../src/management/index.js";
import { createSchema } from "graphql-yoga";
import type { GraphQLSchema } from "graphql";

declare const apiKeys: ApiKeys;
declare const schema: GraphQLSchema;

it("createManagement gives its context to authorizeManager", () => {
  const { typeDefs, resolvers } = createManagement({
    apiKeys,
    authorizeManager: ({ user }: { user: string }) => ({ organizationId: "a", actor: user }),
  });
  expectTypeOf(typeDefs).toEqualTypeOf<string>();
  createSchema<{ user: string }>({ typeDefs, resolvers });
  // @ts-expect-error: an actor is needed
  createManagement({ apiKeys, authorizeManager: () => ({ organizationId: "a" }) });
  // @ts-expect-error: who manages must be said
  createManagement({ apiKeys });
});

it("createManagementHandler is a fetch handler", () => {
  const handle = createManagementHandler({
    apiKeys,
    authorizeManager: sessionManager({ jwks: { keys: [] }, issuer: "a", audience: "b" }),
    libraries: ({ organizationId, search, first, after }) => {
      expectTypeOf(organizationId).toEqualTypeOf<string>();
      expectTypeOf(search).toEqualTypeOf<string | null>();
      expectTypeOf(first).toEqualTypeOf<number>();
      expectTypeOf(after).toEqualTypeOf<string | null>();
      return { libraries: [{ id: "a", name: "A" }], endCursor: null };
    },
  });
  expectTypeOf(handle).toEqualTypeOf<(request: Request) => Promise<Response>>();
  const authorizeManager = () => null;
  createManagementHandler({
    apiKeys,
    authorizeManager,
    isEncrypted: ({ headers }) => headers.get("x-forwarded-proto") === "https",
  });
  // @ts-expect-error: a promise is no answer, and would open everything
  createManagementHandler({ apiKeys, authorizeManager, isEncrypted: async () => false });
  // @ts-expect-error: a page is an object
  createManagementHandler({ apiKeys, authorizeManager: () => null, libraries: () => [] });
});

it("sessionManager takes fetch's and Node's requests", () => {
  // @ts-expect-error: an audience is needed
  sessionManager({ jwks: "https://a/", issuer: "a" });
  const manager = sessionManager({ jwks: "https://a/", issuer: "a", audience: "b" });
  expectTypeOf(manager).returns.toEqualTypeOf<Manager | null | PromiseLike<Manager | null>>();
  expectTypeOf<Request>().toExtend<ManagerRequest>();
  expectTypeOf<IncomingMessage>().toExtend<ManagerRequest>();
});

it("managementRules fit createGuard", () => {
  createGuard(schema, { rules: managementRules });
  createGuard(schema, { rules: { ...managementRules } });
});
