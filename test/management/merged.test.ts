/** The management API in a host's own guarded schema, under Yoga, over HTTPS. */
import { once } from "node:events";
import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { buildSchema } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { generate } from "selfsigned";
import { describe, expect, it, onTestFinished } from "vitest";
import { useApiKeys } from "../../src/adapters/yoga.js";
import { accessDirectives, createGuard, library, organization } from "../../src/graphql/index.js";
import { createCaller, everyLibrary, type Caller } from "../../src/index.js";
import {
  createManagement,
  managementRules,
  managementTypeDefs,
} from "../../src/management/index.js";
import { createFixture } from "../support/fixture.js";
import { CREATE, DELETE, listed, ORGANIZATION, REGENERATE, SET_ACCESS, UPDATE } from "./support.js";

interface Context {
  readonly caller: Caller;
}

const HOST = /* GraphQL */ `
  type Query {
    assets(organizationId: ID! @organization, libraryId: ID! @library): [Asset!]!
  }
  type Mutation {
    deleteAssets(organizationId: ID! @organization, libraryId: ID! @library): Boolean!
  }
  type Asset @inLibrary(organization: "organizationId", id: "libraryId") {
    id: ID!
  }
`;

/** The least careful host there is: whoever was let in manages. */
function createNaive() {
  const fixture = createFixture();
  const management = createManagement<Context>({
    apiKeys: fixture.apiKeys,
    authorizeManager: ({ caller }) => ({ organizationId: caller.organizationId, actor: caller.id }),
    libraries: listed,
  });
  const schema = createSchema<Context>({
    typeDefs: [accessDirectives, HOST, management.typeDefs],
    resolvers: [{ Query: { assets: () => [] } }, management.resolvers],
  });
  const guard = createGuard(schema, { rules: { ...managementRules } });
  return { ...fixture, guard };
}

/** The same over HTTPS, for API keys and for people with a cookie. */
async function serve() {
  const { apiKeys, events, guard } = createNaive();
  const yoga = createYoga({
    schema: guard.schema,
    logging: false,
    plugins: [
      useApiKeys({
        apiKeys,
        guard,
        otherCallers: (request) =>
          request.headers.get("cookie") === "session=ana"
            ? createCaller({
                id: "ana",
                version: 1,
                organizationId: ORGANIZATION,
                access: everyLibrary("write"),
              })
            : null,
      }),
    ],
  });
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
  });
  const server = createServer({ key, cert }, yoga).listen(0, "localhost");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  async function ask(headers: Record<string, string>, query: string, variables: object = {}) {
    const request = httpsRequest({
      host: "localhost",
      port,
      path: "/graphql",
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      rejectUnauthorized: false,
      agent: false,
    }).end(JSON.stringify({ query, variables }));
    const [response] = await once(request, "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
  }
  return { apiKeys, events, ask };
}

const LIST = `query ($organizationId: ID! = "monogram-labs") {
  apiKeys(organizationId: $organizationId) { nodes { id name } } }`;
const GET = `query ($id: ID!) { apiKey(organizationId: "monogram-labs", id: $id) { id } }`;
const CHOOSE = `{ apiKeyLibraries(organizationId: "monogram-labs") { nodes { id } } }`;

describe("people", () => {
  it("manage their organization's keys with a cookie, in one schema with everything else", async () => {
    const { apiKeys, events, ask } = await serve();
    const cookie = { cookie: "session=ana", "sec-fetch-site": "same-origin" };
    const made = await ask(cookie, CREATE, { access: [{ libraryId: "porto", level: "WRITE" }] });
    const { key, apiKey } = made.body.data.result;
    expect(made.headers["cache-control"]).toBe("no-store");
    expect(await apiKeys.authenticate(key)).toMatchObject({ ok: true });
    expect((await ask(cookie, LIST)).body.data.apiKeys.nodes).toEqual([
      { id: apiKey.id, name: "Website" },
    ]);
    expect((await ask(cookie, CHOOSE)).body.data.apiKeyLibraries.nodes).toHaveLength(4);
    const { id } = apiKey;
    expect((await ask(cookie, DELETE, { id, version: 1 })).body.data.result).toEqual({
      __typename: "ApiKeyDeleted",
      id,
    });
    expect(events.filter(({ type }) => type !== "refused")).toMatchObject([
      { type: "created", actor: "ana" },
      { type: "deleted", actor: "ana" },
    ]);
  });

  it("of another organization are refused before anything runs", async () => {
    const { ask } = await serve();
    const { status, body } = await ask({ cookie: "session=ana" }, LIST, {
      organizationId: "acme-co",
    });
    expect([status, body.errors[0].extensions.code]).toEqual([403, "UNAUTHORIZED"]);
    expect(body.data).toBeUndefined();
  });

  it("without their page, or with a page of another origin, are refused", async () => {
    const { events, ask } = await serve();
    for (const more of [
      {},
      { origin: "https://evil.example" },
      { "sec-fetch-site": "same-site" },
    ]) {
      const { body } = await ask({ cookie: "session=ana", ...more }, CREATE);
      expect(body.errors[0].extensions.code).toBe("CROSS_SITE");
    }
    expect(events).toEqual([]);
  });

  it("whose form comes from another site are nobody", async () => {
    const { ask } = await serve();
    const form = { cookie: "session=ana", "content-type": "text/plain" };
    expect((await ask(form, CREATE)).status).toBe(401);
  });
});

describe("an API key that may write every library there is", () => {
  it.each([
    ["apiKeys", LIST],
    ["apiKey", GET],
    ["apiKeyLibraries", CHOOSE],
    ["createApiKey", CREATE],
    ["setApiKeyAccess", SET_ACCESS],
    ["updateApiKey", UPDATE],
    ["regenerateApiKey", REGENERATE],
    ["deleteApiKey", DELETE],
  ])("cannot use %s, though the host would let it", async (_name, query) => {
    const { apiKeys, events, ask } = await serve();
    const { key, apiKey } = await apiKeys.create({
      organizationId: ORGANIZATION,
      name: "Website",
      access: { porto: "write" },
    });
    const cookies: Record<string, string>[] = [{}, { cookie: "session=ana" }];
    for (const cookie of cookies) {
      const headers = { authorization: `Bearer ${key}`, ...cookie };
      const { body } = await ask(headers, query, { id: apiKey.id });
      expect(body.errors[0]).toMatchObject({
        message: "An API key cannot manage API keys.",
        extensions: { code: "UNAUTHORIZED" },
      });
      expect(Object.values(body.data ?? {}).filter((value) => value !== null)).toEqual([]);
    }
    expect(events).toHaveLength(1);
    expect((await apiKeys.list({ organizationId: ORGANIZATION })).apiKeys).toMatchObject([
      { version: 1 },
    ]);
  });
});

describe("an API key is recognized", () => {
  const ana = { organizationId: ORGANIZATION, actor: "ana" };
  const args = { organizationId: ORGANIZATION };

  async function ask(context: (key: string, caller: Caller) => unknown) {
    const { apiKeys } = createFixture();
    const { key } = await apiKeys.create({ organizationId: ORGANIZATION, name: "Website" });
    const result = await apiKeys.authenticate(key);
    if (!result.ok) throw new Error(result.reason);
    const { resolvers } = createManagement({
      apiKeys,
      authorizeManager: () => ana,
      allowedOrigins: ["https://admin.example.com"],
    });
    return resolvers.Query.apiKeys(undefined, args, context(key, result.caller));
  }

  it.each<[string, (key: string, caller: Caller) => unknown]>([
    ["as context.caller", (_key, caller) => ({ caller })],
    ["in context.request", (key) => ({ request: requestWith(`Bearer ${key}`) })],
    ["in context.req", (key) => ({ req: { headers: { authorization: `bearer  ${key}` } } })],
    [
      "in context.reply.request, as Mercurius has it",
      (key) => ({ reply: { request: { headers: { authorization: `Bearer ${key}` } } } }),
    ],
    [
      "beside a request that shows no headers",
      (key) => ({ request: {}, req: { headers: { authorization: `Bearer ${key}` } } }),
    ],
    [
      "in the raw headers, whatever else there is",
      (key) => ({ req: { headers: {}, rawHeaders: ["Authorization", `Bearer ${key}`] } }),
    ],
  ])("%s", async (_name, context) => {
    await expect(ask(context)).rejects.toMatchObject({ extensions: { code: "UNAUTHORIZED" } });
  });

  it("also where Node has dropped it: two Authorization lines are none", async () => {
    const headers = { authorization: "Bearer session" };
    const context = (key: string) => ({
      req: {
        headers,
        rawHeaders: ["Authorization", "Bearer session", "authorization", `Bearer ${key}`],
      },
    });
    await expect(ask(context)).rejects.toMatchObject({ extensions: { code: "UNAUTHENTICATED" } });
  });

  it("by the guard, whatever the host writes over context.caller", async () => {
    const { apiKeys, guard } = createNaive();
    const { key } = await apiKeys.create({ organizationId: ORGANIZATION, name: "Website" });
    const result = await apiKeys.authenticate(key);
    if (!result.ok) throw new Error(result.reason);
    const { parse, execute } = await import("graphql");
    const document = parse(LIST);
    const contextValue: Record<string, unknown> = {};
    const { caller } = result;
    const verdict = await guard.check({ document, caller, context: contextValue });
    expect(verdict.ok).toBe(true);
    contextValue["caller"] = { id: "ana", organizationId: ORGANIZATION, fence: null };
    const { errors } = await execute({ schema: guard.schema, document, contextValue });
    expect(errors).toMatchObject([{ message: "An API key cannot manage API keys." }]);
  });

  it.each<[string, unknown]>([
    ["no context", undefined],
    ["an odd context", "context"],
    ["null", null],
    ["nobody", { caller: null, request: null, req: null }],
    ["a session", { request: requestWith("Bearer session"), req: {} }],
    ["no headers", { request: {}, reply: {} }],
    ["a page of this origin", { req: pageOf("https://app.example.com") }],
    ["a page of an allowed origin", { req: pageOf("https://admin.example.com") }],
  ])("and nobody else is: %s", async (_name, context) => {
    expect(await ask(() => context)).toMatchObject({ endCursor: null });
  });
});

/** What Express has of a request. */
function pageOf(origin: string) {
  return { url: "/graphql", headers: { host: "app.example.com", origin, cookie: "session=ana" } };
}

function requestWith(authorization: string): Request {
  return new Request("https://app.example.com/", { headers: { authorization } });
}

describe("managementRules", () => {
  it("cover all that the type definitions add, under wildcards too", () => {
    const schema = buildSchema(`${accessDirectives} ${HOST} ${managementTypeDefs}`);
    expect(() => createGuard(schema)).toThrow(/Query\.apiKeys/);
    expect(() => createGuard(schema, { rules: managementRules })).not.toThrow();
    const wildcards = { "*(organizationId:)": organization(), "*(libraryId:)": library() } as const;
    const guard = createGuard(schema, { rules: { ...wildcards, ...managementRules } });
    const fields = guard.manifest().fields.map(({ field }) => field);
    expect(fields).toEqual(
      expect.arrayContaining(["Query.apiKeys", "Mutation.createApiKey", "Mutation.deleteApiKey"]),
    );
  });
});

it.each([
  ["no options", undefined],
  ["no API keys", { authorizeManager: (): null => null }],
  ["no authorizeManager", { apiKeys: createFixture().apiKeys }],
  ["star of origins", { ...optionsOf(), allowedOrigins: ["*"] }],
  ["libraries that are no function", { ...optionsOf(), libraries: [] }],
])("createManagement takes no %s", (_name, options) => {
  expect(() => createManagement(options as never)).toThrow();
});

function optionsOf() {
  return { apiKeys: createFixture().apiKeys, authorizeManager: (): null => null };
}
