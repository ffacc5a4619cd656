/** Bad input through the handler: refused with a clear error, nothing changed, no key in any answer. */
import { UnsecuredJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createKeyFormat } from "../../src/index.js";
import { expectNoKeysInResponse } from "../support/canary.js";
import { NOW_MS } from "../support/fixture.js";
import {
  AUDIENCE,
  CREATE,
  createSessions,
  createSigner,
  createSubject,
  DELETE,
  ISSUER,
  listed,
  ORGANIZATION,
  REGENERATE,
  requestOf,
  SET_ACCESS,
  sign,
  UPDATE,
  URL_,
  type Subject,
} from "./support.js";

const KEY = createKeyFormat().generate();
const MINTED = `${btoa('{"alg":"EdDSA","typ":"api-key-token+jwt"}')}.e30.AAAA`;
const LIST = `{ apiKeys(organizationId: "monogram-labs") { nodes { id } } }`;
const access = (...ids: string[]) => ids.map((libraryId) => ({ libraryId, level: "READ" }));

afterEach(() => vi.restoreAllMocks());

/** Everything that a change could have changed. */
async function stateOf(subject: Subject) {
  const pages = await Promise.all(
    [ORGANIZATION, "acme-co"].map((organizationId) => subject.apiKeys.list({ organizationId })),
  );
  return JSON.stringify(pages);
}

/** One key in each organization, then a request; fails when it changed anything. */
async function refused(
  subject: Subject,
  request: (ids: { own: string; other: string }) => Request,
) {
  const own = (await subject.apiKeys.create({ organizationId: ORGANIZATION, name: "Own" })).apiKey;
  const other = (await subject.apiKeys.create({ organizationId: "acme-co", name: "Other" })).apiKey;
  const before = await stateOf(subject);
  const events = subject.events.length;
  const response = await subject.handle(request({ own: own.id, other: other.id }));
  await expectNoKeysInResponse(response);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await stateOf(subject)).toBe(before);
  expect(subject.events.slice(events)).toEqual([]);
  return { response, status: response.status, body: (await response.json()) as any };
}

describe("arguments that are refused by name", () => {
  it.each<[string, string, object, string, RegExp]>([
    ["an empty name", CREATE, { name: "" }, "name", /1 to 200 characters/],
    ["a name of 1 MB", CREATE, { name: "x".repeat(1e6) }, "name", /1 to 200 .* got 1000000/],
    ["HTML in the name", CREATE, { name: "<img src=x onerror=alert(1)>" }, "name", /without "<"/],
    ["HTML in a new name", UPDATE, { name: "<b>" }, "name", /without "<"/],
    ["a key as the name", CREATE, { name: `my ${KEY}` }, "name", /has a key in it/],
    ["a name with a line break", CREATE, { name: "a\nb" }, "name", /control characters/],
    ["no name at all", UPDATE, { name: null }, "name", /expected a string, got null/],
    ["enabled: null", UPDATE, { enabled: null }, "enabled", /expected a boolean, got null/],
    [
      "an unknown library",
      CREATE,
      { access: access("madrid") },
      "access",
      /does not exist: "madrid"/,
    ],
    ["an unknown library later", SET_ACCESS, { access: access("madrid") }, "access", /not exist/],
    [
      "an unknown library in a save",
      UPDATE,
      { name: "Shop", access: access("madrid") },
      "access",
      /not exist/,
    ],
    ["no table in a save", UPDATE, { name: "Shop", access: null }, "access", /a list, got null/],
    [
      "10,000 libraries in a save",
      UPDATE,
      { access: access(...Array.from({ length: 10_000 }, (_, n) => `l${n}`)) },
      "access",
      /at most 5000 libraries/,
    ],
    ["a key as a library", CREATE, { access: access(KEY) }, "access", /does not exist: "…"/],
    [
      "no library id",
      SET_ACCESS,
      { access: access("") },
      "access",
      /library id" expected 1 to 256/,
    ],
    ["a library twice", SET_ACCESS, { access: access("porto", "porto") }, "access", /twice/],
    [
      "10,000 libraries",
      SET_ACCESS,
      { access: access(...Array.from({ length: 10_000 }, (_, n) => `l${n}`)) },
      "access",
      /at most 5000 libraries/,
    ],
    ["an expiry that is no time", CREATE, { expiresAt: "tomorrow" }, "expiresAt", /such as/],
    ["an empty expiry", UPDATE, { expiresAt: "" }, "expiresAt", /such as/],
    [
      "an expiry without its zone",
      UPDATE,
      { expiresAt: "2027-01-31T12:00" },
      "expiresAt",
      /such as/,
    ],
    ["the 30th of February", UPDATE, { expiresAt: "2027-02-30T12:00Z" }, "expiresAt", /such as/],
    ["the 25th hour", UPDATE, { expiresAt: "2027-02-03T25:00Z" }, "expiresAt", /such as/],
    [
      "an expiry in the past",
      CREATE,
      { expiresAt: "2020-01-31T12:00Z" },
      "expiresAt",
      /in the future/,
    ],
    [
      "an expiry before 1970",
      UPDATE,
      { expiresAt: "1901-01-31T12:00Z" },
      "expiresAt",
      /in the future/,
    ],
    ["an id of 1 MB", DELETE, { id: "x".repeat(1e6) }, "id", /^"id" expected 1 to 256/],
    ["an empty id", REGENERATE, { id: "" }, "id", /1 to 256/],
    ["version 0", REGENERATE, { version: 0 }, "version", /^"version" expected an integer from 1/],
    ["an empty submission", CREATE, { submissionId: "" }, "submissionId", /1 to 256/],
  ])("%s", async (_name, query, variables, argument, message) => {
    const subject = createSubject({ maxBodyBytes: 2_000_000 });
    const { status, body } = await refused(subject, ({ own: id }) =>
      requestOf({ query, variables: { id, ...variables } }),
    );
    expect(status).toBe(200);
    expect(body.data.result).toMatchObject({ __typename: "ApiKeyInvalid", argument });
    expect(body.data.result.message).toMatch(message);
  });

  it.each([
    ["first: 0", `apiKeys(organizationId: "monogram-labs", first: 0) { endCursor }`, /"first"/],
    [
      "a false cursor",
      `apiKeys(organizationId: "monogram-labs", after: "?") { endCursor }`,
      /"after"/,
    ],
    ["an empty id", `apiKey(organizationId: "monogram-labs", id: "") { id }`, /"id"/],
    [
      "501 libraries",
      `apiKeyLibraries(organizationId: "monogram-labs", first: 501) { endCursor }`,
      /"first"/,
    ],
    [
      "an empty cursor",
      `apiKeyLibraries(organizationId: "monogram-labs", after: "") { endCursor }`,
      /"after"/,
    ],
    [
      "a long search",
      `apiKeyLibraries(organizationId: "monogram-labs", search: "${"x".repeat(201)}") { endCursor }`,
      /"search"/,
    ],
  ])("%s of a query", async (_name, field, message) => {
    const { status, body } = await refused(createSubject(), () =>
      requestOf({ query: `{ ${field} }` }),
    );
    expect([status, body.errors[0].extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
    expect(body.errors[0].message).toMatch(message);
  });
});

it.each([
  ["create", CREATE],
  ["setAccess", SET_ACCESS],
  ["update", UPDATE],
  ["regenerate", REGENERATE],
  ["delete", DELETE],
  ["list", `{ apiKeys(organizationId: "acme-co") { endCursor } }`],
  ["get", `query ($id: ID!) { apiKey(organizationId: "acme-co", id: $id) { id } }`],
  ["libraries", `{ apiKeyLibraries(organizationId: "acme-co") { endCursor } }`],
])("another organization is not managed: %s", async (_name, query) => {
  const { status, body } = await refused(createSubject(), ({ other: id }) =>
    requestOf({ query, variables: { organizationId: "acme-co", id } }),
  );
  expect([status, body.errors[0].extensions.code]).toEqual([403, "UNAUTHORIZED"]);
  expect(Object.values(body.data ?? {})).not.toContainEqual(expect.anything());
});

describe("requests", () => {
  const post = (body: unknown, headers = {}) => requestOf(body, headers);
  const without = (name: string, headers = {}) => {
    const request = requestOf({ query: CREATE }, headers);
    request.headers.delete(name);
    return request;
  };
  const form = (type: string) =>
    requestOf("query=mutation", { "content-type": type, "sec-fetch-site": "cross-site" });

  const aliased = (count: number) => {
    const create = 'createApiKey(organizationId: "monogram-labs", name: "x") { __typename }';
    return `mutation { ${Array.from({ length: count }, (_, n) => `a${n}: ${create}`).join(" ")} }`;
  };

  it.each<[string, () => Request, number, string]>([
    ["GET", () => new Request(`${URL_}?query=${LIST}`), 405, "METHOD_NOT_ALLOWED"],
    ["OPTIONS", () => new Request(URL_, { method: "OPTIONS" }), 405, "METHOD_NOT_ALLOWED"],
    ["a form", () => form("application/x-www-form-urlencoded"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["a form with files", () => form("multipart/form-data"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["text that looks like JSON", () => form("text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["no type", () => without("content-type"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["JSON and nothing after it", () => form("application/json;"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["JSON after text", () => form("text/plain; application/json"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["JSON of a kind", () => form("application/graphql+json"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["two types", () => form("application/json, text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["Latin 1", () => form("application/json; charset=latin1"), 415, "UNSUPPORTED_MEDIA_TYPE"],
    [
      "a cookie and no Origin",
      () => without("sec-fetch-site", { cookie: "a=b" }),
      403,
      "CROSS_SITE",
    ],
    [
      "a cookie and a bearer value, no Origin",
      () => without("sec-fetch-site", { cookie: "a=b", authorization: "Bearer x" }),
      403,
      "CROSS_SITE",
    ],
    [
      "Basic, no Origin",
      () => without("sec-fetch-site", { authorization: "Basic eA==" }),
      403,
      "CROSS_SITE",
    ],
    [
      "an API key",
      () => post({ query: CREATE }, { authorization: `Bearer ${KEY}` }),
      403,
      "UNAUTHORIZED",
    ],
    [
      "an API key beside a cookie",
      () => post({ query: CREATE }, { authorization: `bearer ${KEY}`, cookie: "session=x" }),
      403,
      "UNAUTHORIZED",
    ],
    [
      "a minted token",
      () => post({ query: CREATE }, { authorization: `Bearer ${MINTED}` }),
      403,
      "UNAUTHORIZED",
    ],
    [
      "two Authorization headers",
      () => post({ query: CREATE }, { authorization: `Bearer x, Bearer ${KEY}` }),
      401,
      "UNAUTHENTICATED",
    ],
    ["no JSON", () => post(`{"query": "${KEY}`), 400, "BAD_REQUEST"],
    ["null", () => post("null"), 400, "BAD_REQUEST"],
    [
      "no body",
      () => new Request(URL_, { method: "POST", headers: requestOf("").headers }),
      400,
      "BAD_REQUEST",
    ],
    ["a batch", () => post([{ query: CREATE }]), 400, "BAD_REQUEST"],
    ["no query", () => post({}), 400, "BAD_REQUEST"],
    ["an odd operation name", () => post({ query: LIST, operationName: 1 }), 400, "BAD_REQUEST"],
    ["odd variables", () => post({ query: LIST, variables: [] }), 400, "BAD_REQUEST"],
    ["no GraphQL", () => post({ query: "{" }), 400, "BAD_REQUEST"],
    ["a key in the document", () => post({ query: `{ ${KEY} }` }), 400, "BAD_REQUEST"],
    [
      "a key where a number belongs",
      () => post({ query: REGENERATE, variables: { id: "x", version: KEY } }),
      400,
      "BAD_REQUEST",
    ],
    ["an unknown operation", () => post({ query: LIST, operationName: "x" }), 400, "BAD_REQUEST"],
    [
      "several operations",
      () => post({ query: "query A { __typename } query B { __typename }" }),
      400,
      "BAD_REQUEST",
    ],
    [
      "a thousand changes",
      () =>
        post({
          query: `mutation { ${Array.from({ length: 1000 }, (_, n) => `a${n}: __typename`).join(" ")} }`,
        }),
      400,
      "BAD_REQUEST",
    ],
    ["ten thousand keys", () => post({ query: aliased(10_000) }), 413, "PAYLOAD_TOO_LARGE"],
    ["a hundred keys", () => post({ query: aliased(100) }), 400, "BAD_REQUEST"],
    [
      "a list in a list in a list",
      () =>
        post(
          `{"query":${JSON.stringify(CREATE)},"variables":{"access":${"[".repeat(2e5)}${"]".repeat(2e5)}}}`,
        ),
      400,
      "BAD_REQUEST",
    ],
    [
      "a body too long",
      () => post({ query: LIST, x: "x".repeat(600_000) }),
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "a body that says it is too long",
      () => post({ query: LIST }, { "content-length": "600000" }),
      413,
      "PAYLOAD_TOO_LARGE",
    ],
  ])("%s", async (_name, request, status, code) => {
    const answer = await refused(createSubject(), request);
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([status, code]);
    expect(answer.body.errors[0].message).not.toBe("");
    expect(answer.response.headers.get("allow")).toBe(status === 405 ? "POST" : null);
  });

  it("bytes that are no UTF-8", async () => {
    const { status } = await refused(
      createSubject(),
      () => new Request(requestOf(""), { body: new Uint8Array([0x22, 0xff, 0x22]) }),
    );
    expect(status).toBe(400);
  });

  it("charset=utf-8 and a null for what is not given are fine", async () => {
    const body = { query: LIST, operationName: null, variables: null };
    const headers = { "content-type": 'application/json; charset="UTF-8"' };
    expect((await createSubject().handle(requestOf(body, headers))).status).toBe(200);
  });
});

describe("sessions that are none", async () => {
  const signer = await createSigner("one");
  const unsecured = new UnsecuredJWT({ sub: "ana", org_id: ORGANIZATION })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(NOW_MS / 1000 + 300)
    .encode();
  const expired = await sign(signer, { claims: { exp: NOW_MS / 1000 - 6 } });
  const foreign = await sign(signer, { claims: { iss: "https://login.evil.example" } });

  const changes = [
    ["create", CREATE],
    ["setAccess", SET_ACCESS],
    ["update", UPDATE],
    ["regenerate", REGENERATE],
    ["delete", DELETE],
  ] as const;
  const sessions = [
    ["an expired one", expired, 401, 401],
    ["one of another issuer", foreign, 401, 401],
    ["alg: none", unsecured, 401, 401],
    ["an API key", KEY, 403, 401],
    ["a minted token", MINTED, 403, 401],
    ["nothing", "", 401, 401],
  ] as const;

  it.each(
    sessions.flatMap(([name, session, bearer, cookie]) =>
      changes.map(([change, query]) => [change, name, query, session, bearer, cookie] as const),
    ),
  )("%s with %s changes nothing", async (_change, _name, query, session, bearer, cookie) => {
    for (const [status, headers] of [
      [bearer, { authorization: `Bearer ${session}` }],
      [cookie, { cookie: `session=${session}` }],
    ] as const) {
      const subject = createSubject({ authorizeManager: createSessions(signer) });
      const variables = { name: "Shop" };
      const answer = await refused(subject, ({ own: id }) =>
        requestOf({ query, variables: { id, ...variables } }, headers),
      );
      expect(answer.status).toBe(status);
      expect(answer.body).not.toHaveProperty("data");
    }
  });

  it("a good one changes its own organization only", async () => {
    const session = await sign(signer, { claims: { org_id: "acme-co" } });
    const subject = createSubject({ authorizeManager: createSessions(signer) });
    const { status } = await refused(subject, ({ own: id }) =>
      requestOf({ query: DELETE, variables: { id } }, { cookie: `session=${session}` }),
    );
    expect(status).toBe(403);
  });
});

describe("managers", () => {
  it("nobody is 401 with a challenge, and learns nothing of the schema", async () => {
    const subject = createSubject({ authorizeManager: () => null });
    for (const query of [CREATE, "{ nonsense }", "{ __schema { types { name } } }"]) {
      const { response, status, body } = await refused(subject, () => requestOf({ query }));
      expect([status, body.errors[0].extensions.code]).toEqual([401, "UNAUTHENTICATED"]);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("a manager may ask for the schema", async () => {
    const { body } = await createSubject().ask("{ __schema { queryType { name } } }");
    expect(body.data.__schema.queryType.name).toBe("Query");
  });

  it("a stranger's large body is not read", async () => {
    const subject = createSubject({ authorizeManager: () => null });
    const request = requestOf(
      { query: LIST, x: "x".repeat(100_000) },
      { "content-length": "100030" },
    );
    expect((await subject.handle(request)).status).toBe(401);
    expect(request.bodyUsed).toBe(false);
  });

  it("a small body is read before anyone is asked, once", async () => {
    const authorizeManager = vi.fn(() => null);
    const subject = createSubject({ authorizeManager });
    const request = requestOf({ query: LIST }, { "content-length": "80" });
    expect((await subject.handle(request)).status).toBe(401);
    expect(request.bodyUsed).toBe(true);
    expect(authorizeManager).toHaveBeenCalledOnce();
  });

  it("a body that outlives its session changes nothing", async () => {
    let asked = 0;
    const subject = createSubject({
      authorizeManager: () =>
        asked++ === 0 ? { organizationId: ORGANIZATION, actor: "ana" } : null,
    });
    const { status } = await refused(subject, () => requestOf({ query: CREATE }));
    expect([status, asked]).toEqual([401, 2]);
  });

  it.each([
    ["throws", () => Promise.reject(new RangeError(`"name" ${KEY}`))],
    ["says nothing", () => undefined as never],
    ["names no organization", () => ({ actor: "ana" }) as never],
    ["names no actor", () => ({ organizationId: ORGANIZATION }) as never],
    ["names an actor of 1 MB", () => ({ organizationId: ORGANIZATION, actor: "x".repeat(1e6) })],
  ])("a function that %s is an outage", async (_name, authorizeManager) => {
    const subject = createSubject({ authorizeManager });
    const { status, body } = await subject.ask(LIST);
    expect([status, body.errors[0].extensions.code]).toEqual([503, "UNAVAILABLE"]);
    expect(JSON.stringify(body)).not.toContain(KEY);
    expect(subject.events).toMatchObject([{ type: "unavailable" }]);
  });
});

describe("outages", () => {
  it.each([
    ["create", CREATE],
    ["setAccess", SET_ACCESS],
    ["update", UPDATE],
    ["regenerate", REGENERATE],
    ["delete", DELETE],
    ["list", LIST],
    ["get", `query ($id: ID!) { apiKey(organizationId: "monogram-labs", id: $id) { id } }`],
  ])("%s: a store that fails is 503, and nobody waits for it to tell", async (_name, query) => {
    const subject = createSubject();
    const { id } = (await subject.apiKeys.create({ organizationId: ORGANIZATION, name: "A" }))
      .apiKey;
    const fail = () => {
      throw new Error(`no connection with ${KEY}`);
    };
    for (const method of ["list", "findById", "insert", "replace", "delete"] as const) {
      vi.spyOn(subject.store, method).mockImplementation(fail);
    }
    const { response, status, body } = await subject.ask(query, { id });
    expect(status).toBe(503);
    expect(body.errors[0]).toMatchObject({
      message: "API keys cannot be managed at the moment.",
      extensions: { code: "UNAVAILABLE" },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(subject.events.at(-1)).toMatchObject({ type: "unavailable" });
  });

  it("a clock that is broken is an outage, not the client's fault", async () => {
    const subject = createSubject();
    subject.clock.nowMs = Number.NaN;
    expect((await subject.ask(CREATE)).status).toBe(503);
  });

  it("says nothing to nobody when nobody listens", async () => {
    const options = { onEvent: undefined as never };
    const subject = createSubject(
      { authorizeManager: () => Promise.reject(new Error("x")) },
      options,
    );
    expect((await subject.ask(LIST)).status).toBe(503);
  });

  it.each([
    ["throws", new TypeError('"search" of the database')],
    ["answers nonsense", undefined],
    ["answers no list", { endCursor: null }],
    ["answers odd libraries", { libraries: [{ id: 1, name: "A" }], endCursor: null }],
    ["answers an odd cursor", { libraries: [], endCursor: 1 }],
  ])("a function of libraries that %s is an outage", async (_name, answer) => {
    listed.mockImplementationOnce(() => {
      if (answer instanceof Error) throw answer;
      return answer as never;
    });
    const { status } = await createSubject().ask(
      `{ apiKeyLibraries(organizationId: "monogram-labs") { endCursor } }`,
    );
    expect(status).toBe(503);
  });

  it("a key that was made is answered, though what follows it in the document failed", async () => {
    const subject = createSubject();
    const { body, status } = await subject.ask(
      `mutation { a: createApiKey(organizationId: "monogram-labs", name: "A") { ... on ApiKeyIssued { key } }
                  b: createApiKey(organizationId: "acme-co", name: "B") { __typename } }`,
    );
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ a: { key: expect.stringMatching(/^pk_/) }, b: null });
    expect(body.errors).toMatchObject([{ path: ["b"], extensions: { code: "UNAUTHORIZED" } }]);
  });
});
