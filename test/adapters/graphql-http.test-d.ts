import type { IncomingMessage } from "node:http";
import { createHandler } from "graphql-http/lib/use/http";
import { createHandler as createFetchHandler } from "graphql-http/lib/use/fetch";
import { describe, expectTypeOf, it } from "vitest";
import { createHandlerOptions } from "../../src/adapters/graphql-http.js";
import type { Guard } from "../../src/graphql/index.js";
import type { ApiKeys, Caller } from "../../src/index.js";

declare const apiKeys: ApiKeys;
declare const guard: Guard;

describe("createHandlerOptions", () => {
  it("fits the handlers of graphql-http, with options of one's own beside it", () => {
    createHandler(createHandlerOptions({ apiKeys, guard }));
    createHandler({ ...createHandlerOptions({ apiKeys, guard }), validationRules: [] });
    createFetchHandler(
      createHandlerOptions<Request>({
        apiKeys,
        guard,
        connection: ({ raw }) => ({ headers: raw.headers, encrypted: true }),
      }),
    );
  });

  it("hands the server's own request to the host", () => {
    createHandlerOptions<IncomingMessage>({
      apiKeys,
      guard,
      trustProxy: "loopback",
      otherCallers(request) {
        expectTypeOf(request).toEqualTypeOf<IncomingMessage>();
        return null as Caller | null;
      },
      context: ({ raw }) => ({ url: raw.url }),
    });
    // @ts-expect-error a guard is needed
    createHandlerOptions({ apiKeys });
    // @ts-expect-error undefined is a host that forgot to say
    createHandlerOptions({ apiKeys, guard, otherCallers: () => undefined });
    // @ts-expect-error a context is an object
    createHandlerOptions({ apiKeys, guard, context: () => "me" });
  });
});
