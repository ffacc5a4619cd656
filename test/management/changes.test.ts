/** What managers do, through the real handler. */
import { expect, it, describe } from "vitest";
import { NOW_MS } from "../support/fixture.js";
import {
  API_KEY,
  CREATE,
  createSubject,
  DELETE,
  ORGANIZATION,
  REGENERATE,
  SET_ACCESS,
  UPDATE,
  type Subject,
} from "./support.js";

const actor = "ana@example.com";
const LATER = "2027-01-31T12:00:00.000Z";

async function created(subject: Subject, name = "Website") {
  return subject.apiKeys.create({
    organizationId: ORGANIZATION,
    name,
    access: { barcelona: "write", lisbon: "read" },
  });
}

describe("createApiKey", () => {
  it("answers the key once, with no-store, and audits who did it", async () => {
    const subject = createSubject();
    const access = [
      { libraryId: "lisbon", level: "READ" },
      { libraryId: "barcelona", level: "WRITE" },
      { libraryId: "__proto__", level: "READ" },
    ];
    const { response, body } = await subject.ask(CREATE, { access, expiresAt: LATER });
    const { key, apiKey } = body.data.result;
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await subject.apiKeys.authenticate(key)).toMatchObject({ ok: true });
    expect(apiKey).toEqual({
      organizationId: ORGANIZATION,
      id: expect.any(String),
      name: "Website",
      hint: `${key.slice(0, 7)}…`,
      version: 1,
      enabled: true,
      access: [
        { libraryId: "__proto__", level: "READ" },
        { libraryId: "barcelona", level: "WRITE" },
        { libraryId: "lisbon", level: "READ" },
      ],
      createdAt: new Date(NOW_MS).toISOString(),
      updatedAt: new Date(NOW_MS).toISOString(),
      expiresAt: LATER,
      lastUsedAt: null,
    });
    expect(subject.events).toMatchObject([{ type: "created", actor, keyId: apiKey.id }]);
    const { body: listed } = await subject.ask(
      `{ apiKeys(organizationId: "monogram-labs") { nodes { ${API_KEY} } endCursor } }`,
    );
    expect(listed.data.apiKeys).toEqual({
      nodes: [{ ...apiKey, lastUsedAt: new Date(NOW_MS).toISOString() }],
      endCursor: null,
    });
    expect(JSON.stringify(listed)).not.toContain(key);
  });
});

it("sets access, renames, sets and lifts expiry, disables, regenerates and deletes, each with its actor", async () => {
  const subject = createSubject();
  const { key, apiKey } = await created(subject);
  const { id } = apiKey;
  const change = async (query: string, variables: object) =>
    (await subject.ask(query, { id, ...variables })).body.data.result;

  const access = [{ libraryId: "porto", level: "WRITE" }];
  expect((await change(SET_ACCESS, { version: 1, access })).apiKey).toMatchObject({ access });
  const renamed = await change(UPDATE, { version: 2, name: "R&D", expiresAt: LATER });
  expect(renamed.apiKey).toMatchObject({ version: 3, name: "R&D", expiresAt: LATER });
  const disabled = await change(UPDATE, { version: 3, enabled: false });
  expect(disabled.apiKey).toMatchObject({ enabled: false, expiresAt: LATER, name: "R&D" });
  const forever = await change(UPDATE, { version: 4, enabled: true, expiresAt: null });
  expect(forever.apiKey).toMatchObject({ enabled: true, expiresAt: null });
  const again = await change(REGENERATE, { version: 5 });
  expect(again.key).not.toBe(key);
  expect(await subject.apiKeys.authenticate(key)).toMatchObject({ ok: false });
  expect(await subject.apiKeys.authenticate(again.key)).toMatchObject({ ok: true });
  expect(await change(DELETE, { version: 6 })).toEqual({ __typename: "ApiKeyDeleted", id });
  expect(await change(DELETE, { version: 6 })).toMatchObject({ __typename: "ApiKeyNotFound" });
  const audited = subject.events.filter(({ type }) => type !== "refused").slice(1);
  expect(audited.map(({ type }) => type)).toEqual([
    "accessChanged",
    "updated",
    "updated",
    "updated",
    "regenerated",
    "deleted",
  ]);
  for (const event of audited) expect(event).toMatchObject({ actor });
});

it("saves everything at once, or nothing", async () => {
  const subject = createSubject();
  const { id } = (await created(subject)).apiKey;
  const save = { id, name: "Shop", expiresAt: LATER, enabled: false };
  const access = [{ libraryId: "porto", level: "WRITE" }];
  const refused = await subject.ask(UPDATE, { ...save, access: [...access, ...access] });
  expect(refused.body.data.result).toMatchObject({ __typename: "ApiKeyInvalid" });
  expect(subject.events).toHaveLength(1);
  const { body } = await subject.ask(UPDATE, { ...save, access });
  expect(body.data.result.apiKey).toMatchObject({
    version: 2,
    name: "Shop",
    expiresAt: LATER,
    enabled: false,
    access,
  });
  expect(subject.events.slice(1)).toMatchObject([
    { type: "accessChanged", actor, version: 2 },
    { type: "updated", actor, version: 2, changed: ["name", "expiresAtMs", "enabled"] },
  ]);
});

describe("a version that is not the key's any more", () => {
  it.each([
    ["setApiKeyAccess", SET_ACCESS],
    ["updateApiKey", UPDATE],
    ["regenerateApiKey", REGENERATE],
    ["deleteApiKey", DELETE],
  ])("%s answers how the key is now, and changes nothing", async (_name, query) => {
    const subject = createSubject();
    const { apiKey } = await created(subject);
    const { id } = apiKey;
    await subject.apiKeys.update({ organizationId: ORGANIZATION, id }, { name: "Intranet" });
    const { status, body } = await subject.ask(query, { id, version: 1, name: "Shop" });
    expect(status).toBe(200);
    expect(body.data.result).toEqual({
      __typename: "ApiKeyConflict",
      message: "Someone changed this API key in the meantime. Nothing was changed.",
      apiKey: { id, version: 2, name: "Intranet" },
    });
    expect(subject.events).toHaveLength(2);
  });

  it("is null when the key is gone", async () => {
    const subject = createSubject();
    const { id } = (await created(subject)).apiKey;
    const { replace } = subject.store;
    subject.store.replace = async (record, before) => {
      await subject.store.delete({ organizationId: ORGANIZATION, id });
      return replace(record, before);
    };
    const { body } = await subject.ask(REGENERATE, { id });
    expect(body.data.result).toMatchObject({ __typename: "ApiKeyConflict", apiKey: null });
  });

  it("of several regenerations at once one wins, and the others learn the version", async () => {
    const subject = createSubject();
    const { id } = (await created(subject)).apiKey;
    const answers = await Promise.all([1, 2, 3].map(() => subject.ask(REGENERATE, { id })));
    const names = answers.map(({ body }): string => body.data.result.__typename).toSorted();
    expect(names).toEqual(["ApiKeyConflict", "ApiKeyConflict", "ApiKeyIssued"]);
  });
});

describe("another organization's key", () => {
  it.each([
    ["setApiKeyAccess", SET_ACCESS],
    ["updateApiKey", UPDATE],
    ["regenerateApiKey", REGENERATE],
    ["deleteApiKey", DELETE],
  ])("%s does not find it", async (_name, query) => {
    const subject = createSubject();
    const other = await subject.apiKeys.create({ organizationId: "acme-co", name: "Acme" });
    const { body } = await subject.ask(query, { id: other.apiKey.id });
    expect(body.data.result).toEqual({
      __typename: "ApiKeyNotFound",
      message: "This API key does not exist.",
    });
    expect(await subject.apiKeys.authenticate(other.key)).toMatchObject({ ok: true });
  });

  it("is null, and in no list", async () => {
    const subject = createSubject();
    const { id } = (await subject.apiKeys.create({ organizationId: "acme-co", name: "A" })).apiKey;
    const { body } = await subject.ask(
      `query ($id: ID!) { apiKey(organizationId: "monogram-labs", id: $id) { id }
        apiKeys(organizationId: "monogram-labs") { nodes { id } } }`,
      { id },
    );
    expect(body).toEqual({ data: { apiKey: null, apiKeys: { nodes: [] } } });
  });
});

describe("pages", () => {
  it("of API keys", async () => {
    const subject = createSubject();
    for (const name of ["A", "B", "C"]) await created(subject, name);
    const names: string[] = [];
    for (let after: string | null = null, page = 1; page <= 2; page++) {
      const { body } = await subject.ask(
        `query ($after: String) { apiKeys(organizationId: "monogram-labs", first: 2, after: $after) {
          nodes { id name } endCursor } }`,
        { after },
      );
      names.push(...body.data.apiKeys.nodes.map(({ name }: { name: string }) => name));
      after = body.data.apiKeys.endCursor;
      expect(after === null).toBe(page === 2);
    }
    expect(names.toSorted()).toEqual(["A", "B", "C"]);
  });

  it("of 50 when nobody says, null included", async () => {
    const { body } = await createSubject().ask(
      `{ apiKeys(organizationId: "monogram-labs", first: null) { endCursor }
         apiKeyLibraries(organizationId: "monogram-labs", first: null) { endCursor } }`,
    );
    expect(body.data).toEqual({
      apiKeys: { endCursor: null },
      apiKeyLibraries: { endCursor: null },
    });
  });

  it("one API key", async () => {
    const subject = createSubject();
    const { id } = (await created(subject)).apiKey;
    const { body } = await subject.ask(
      `query ($id: ID!) { apiKey(organizationId: "monogram-labs", id: $id) { name } }`,
      { id },
    );
    expect(body.data.apiKey).toEqual({ name: "Website" });
  });
});

describe("libraries to choose from", () => {
  const LIST = `query ($search: String, $first: Int, $after: String) {
    apiKeyLibraries(organizationId: "monogram-labs", search: $search, first: $first, after: $after) {
      nodes { id name } endCursor } }`;

  it("are the host's, searched and paged", async () => {
    const subject = createSubject();
    const first = await subject.ask(LIST, { search: "o", first: 2 });
    expect(first.body.data.apiKeyLibraries).toEqual({
      nodes: [
        { id: "barcelona", name: "BARCELONA" },
        { id: "lisbon", name: "LISBON" },
      ],
      endCursor: "2",
    });
    const last = await subject.ask(LIST, { search: "o", first: 2, after: "2" });
    expect(last.body.data.apiKeyLibraries.endCursor).toBeNull();
    const all = await subject.ask(LIST, { search: "" });
    expect(all.body.data.apiKeyLibraries.nodes).toHaveLength(4);
  });

  it("are none without the host's function", async () => {
    const { body } = await createSubject({ libraries: undefined as never }).ask(LIST);
    expect(body.data.apiKeyLibraries).toEqual({ nodes: [], endCursor: null });
  });
});
