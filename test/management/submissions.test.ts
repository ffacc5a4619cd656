/** A form that is submitted twice makes one key, whichever instances get it, and whenever. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSqlStore } from "../../src/stores/sql.js";
import { viaLibsql } from "../support/libsql.js";
import { CREATE, createSubject, ORGANIZATION, type Subject } from "./support.js";

const SUBMITTED = "This form was submitted already, and its key was made.";

/** What a submission is answered. */
async function submit(subject: Subject, variables: object = {}) {
  const { body } = await subject.ask(CREATE, { submissionId: "form-1", ...variables });
  return body.data.result;
}

/** Instances of one database file, with whose connections everything that they remember ends. */
function createFile() {
  const folder = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return async function open() {
    const database = new Database(join(folder, "keys.db"), { timeout: 5000 });
    const store = createSqlStore({ dialect: "sqlite", query: viaLibsql(database) });
    await store.migrate();
    return { ...createSubject({}, { store }), close: () => database.close() };
  };
}

describe("submitted twice", () => {
  it("at once, to two instances, and again after both were restarted", async () => {
    const open = createFile();
    const [one, two] = [await open(), await open()];
    const results = await Promise.all([one, two, one, two].map((subject) => submit(subject)));
    const issued = results.filter(({ __typename }) => __typename === "ApiKeyIssued");
    expect(issued).toHaveLength(1);
    const { key, apiKey } = issued[0];
    one.close();
    two.close();
    const three = await open();
    results.push(await submit(three, { name: "Other" }));
    for (const result of results.filter((each) => each !== issued[0])) {
      expect(result).toEqual({
        __typename: "ApiKeyConflict",
        message: SUBMITTED,
        apiKey: { id: apiKey.id, version: apiKey.version, name: "Website" },
      });
      expect(JSON.stringify(result)).not.toContain(key);
    }
    const page = await three.apiKeys.list({ organizationId: ORGANIZATION });
    expect(page.apiKeys.map(({ id }) => id)).toEqual([apiKey.id]);
    expect(await three.apiKeys.authenticate(key)).toMatchObject({ ok: true });
    await three.apiKeys.close();
    three.close();
  });

  it("at any time later", async () => {
    const subject = createSubject();
    await submit(subject);
    subject.clock.nowMs += 366 * 86_400_000;
    expect(await submit(subject)).toMatchObject({ __typename: "ApiKeyConflict" });
    expect(subject.events).toHaveLength(1);
  });

  it("says that the key is gone when it was deleted in the same moment", async () => {
    const subject = createSubject();
    const { apiKey } = await submit(subject);
    const { insert } = subject.store;
    subject.store.insert = (record) => {
      const isNew = insert(record);
      subject.store.delete({ organizationId: ORGANIZATION, id: apiKey.id });
      return isNew;
    };
    const result = await submit(subject);
    expect(result).toEqual({ __typename: "ApiKeyConflict", message: SUBMITTED, apiKey: null });
  });
});

describe("makes a key of its own", () => {
  it("another form, and a form that says nothing", async () => {
    const subject = createSubject();
    const forms = [{}, { submissionId: "form-2" }, { submissionId: null }, { submissionId: null }];
    const ids = [];
    for (const variables of forms) ids.push((await submit(subject, variables)).apiKey.id);
    expect(new Set(ids).size).toBe(4);
  });

  it("the same form of another organization", async () => {
    const subject = createSubject();
    const other = { organizationId: "acme-co", name: "Acme", idempotencyKey: "form-1" };
    const { apiKey } = await subject.apiKeys.create(other);
    const result = await submit(subject);
    expect(result).toMatchObject({ __typename: "ApiKeyIssued" });
    expect(result.apiKey.id).not.toBe(apiKey.id);
  });

  it("a form that was refused, corrected and sent again", async () => {
    const subject = createSubject();
    const wrong = { access: [{ libraryId: "madrid", level: "READ" }] };
    const [first, second] = await Promise.all([submit(subject, wrong), submit(subject)]);
    expect(first).toMatchObject({ __typename: "ApiKeyInvalid", argument: "access" });
    expect(second).toMatchObject({ __typename: "ApiKeyIssued" });
  });
});
