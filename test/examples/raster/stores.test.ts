import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createApiKeys } from "graphql-api-keys";
import { openStore } from "../../../examples/raster/store.js";
import { startPostgres, type Postgres } from "../../support/postgres.js";
import { send } from "./client.js";
import { fail, killAll, newFile, readGreeting, start } from "./process.js";

const body = JSON.stringify({
  query: '{ libraries(organizationId: "monogram-labs") { id } }',
});

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
afterEach(killAll);

const statusOf = async (url: string, key: string): Promise<number> =>
  (await send(url, undefined, { key, body, rejectUnauthorized: false })).status;

/** Names the API key of a key. */
async function refOf(apiKeys: ReturnType<typeof createApiKeys>, key: string) {
  const { caller } = (await apiKeys.authenticate(key)) as { caller?: { id: string } };
  return { organizationId: "monogram-labs", id: caller!.id };
}

describe("keys of the example", { timeout: 60_000 }, () => {
  it("survive a restart, in a file", async () => {
    const env = { DATABASE_FILE: newFile() };
    const first = await start(env);
    const { url, key } = readGreeting(first.output);
    expect(await statusOf(url, key)).toBe(200);
    first.child.kill("SIGTERM");
    expect(await once(first.child, "exit")).toEqual([0, null]);

    const { store, close } = await openStore(env);
    const apiKeys = createApiKeys({ store });
    const ref = await refOf(apiKeys, key);
    expect((await apiKeys.get(ref))!.lastUsedAtMs).toBeTypeOf("number"); // written before it ended
    await close();

    const second = await start(env);
    expect(await statusOf(readGreeting(second.output).url, key)).toBe(200);
  });

  it("have lost what they reached of a library whose name somebody takes again", async () => {
    const env = { DATABASE_FILE: newFile() };
    const ask = async (url: string, key: string, query: string) => {
      const sent = { key, body: JSON.stringify({ query }), rejectUnauthorized: false };
      return JSON.parse((await send(url, undefined, sent)).text) as { data: any };
    };
    const create = `mutation { createLibrary(organizationId: "monogram-labs", name: "New One") { id } }`;
    const list = `{ libraries(organizationId: "monogram-labs") { id } }`;
    const first = await start(env);
    const { url, key: early } = readGreeting(first.output);
    await ask(url, early, create);
    expect((await ask(url, early, list)).data.libraries).toContainEqual({ id: "new-one" });
    first.child.kill("SIGTERM");
    await once(first.child, "exit");

    const { url: again, key: late } = readGreeting((await start(env)).output);
    expect(late).not.toBe(early);
    await ask(again, late, create);
    expect((await ask(again, late, list)).data.libraries).toContainEqual({ id: "new-one" });
    expect((await ask(again, early, list)).data.libraries).not.toContainEqual({ id: "new-one" });
  });

  it("are one for several processes, and dead at once in all of them", async () => {
    const env = { DATABASE_URL: postgres.url };
    const [a, b] = await Promise.all([start(env), start(env)]);
    const { key, url } = readGreeting(a.output);
    const { url: other } = readGreeting(b.output);
    expect(await Promise.all([statusOf(url, key), statusOf(other, key)])).toEqual([200, 200]);

    const { store, close } = await openStore(env);
    const apiKeys = createApiKeys({ store });
    const again = await apiKeys.regenerate(await refOf(apiKeys, key));
    expect(await Promise.all([statusOf(url, key), statusOf(other, key)])).toEqual([401, 401]);
    expect(await statusOf(other, again.key)).toBe(200);
    await close();
  });

  it.each([
    ["DATABASE_URL", "mysql://root@localhost", "DATABASE_URL expected postgres://… or redis://…\n"],
    ["DATABASE_FILE", "/nowhere/keys.db", /unable to open/i],
  ])("are not there when %s is %s, and it says so in one line", async (name, value, message) => {
    const { code, stdout, stderr } = await fail({ [name]: value });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
