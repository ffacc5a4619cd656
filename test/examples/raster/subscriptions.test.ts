import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createChannel } from "../../../examples/raster/channel.js";
import { openEvents } from "../../adapters/event-stream.js";
import { PNG, PRINTED, startRaster } from "./client.js";

let raster: Awaited<ReturnType<typeof startRaster>>;
let key: string;
let id: string;
beforeAll(async () => {
  raster = await startRaster();
});
beforeEach(async () => {
  raster.reset();
  const created = await raster.createKey(PRINTED);
  key = created.key;
  id = created.apiKey.id;
});
afterAll(() => raster.stop());

const organizationId = "monogram-labs";

function listen(libraryId: string, more: { organizationId?: string; key?: string } = {}) {
  const port = Number(new URL(raster.url).port);
  const { cert } = raster;
  return openEvents(
    { port, cert, key: more.key ?? key },
    {
      path: "/",
      query: `subscription ($organizationId: ID!, $libraryId: ID!) {
        assetAdded(organizationId: $organizationId, libraryId: $libraryId) { libraryId name }
      }`,
      variables: { organizationId, libraryId, ...more },
    },
  );
}

function listeners(libraryId: string): number {
  return raster.data.library(organizationId, libraryId).additions.listeners;
}

async function untilNobodyListens(libraryId: string): Promise<void> {
  for (let i = 0; i < 200 && listeners(libraryId) > 0; i++) await sleep(10);
  expect(listeners(libraryId)).toBe(0);
}

async function upload(libraryId: string): Promise<void> {
  const { key: writer } = await raster.createKey({ [libraryId]: "write" });
  const { status } = await raster.upload({ key: writer, libraryId }, [PNG]);
  expect(status).toBe(200);
}

const CAT = (libraryId: string) => ({ data: { assetAdded: { libraryId, name: "cat.png" } } });

describe("assetAdded", () => {
  it.for(["barcelona", "lisbon"])("tells what is uploaded to %s", async (libraryId) => {
    const stream = await listen(libraryId);
    expect(stream.status).toBe(200);
    await upload("porto");
    await upload(libraryId);
    expect(await stream.next()).toEqual(CAT(libraryId));
    stream.leave();
    await untilNobodyListens(libraryId);
  });

  it("tells what is transferred there, and not what stays", async () => {
    const mover = await raster.createKey({ barcelona: "write", lisbon: "write" });
    const stream = await listen("lisbon");
    const move = (source: string, asset: string) =>
      raster.send({
        key: mover.key,
        query: `mutation { transferAssets(organizationId: "${organizationId}",
          sourceLibraryId: "${source}", targetLibraryId: "lisbon", assetIds: ["${asset}"]) {
            transferredCount
        } }`,
      });
    expect((await move("lisbon", "tram-28")).body).not.toHaveProperty("errors");
    expect((await move("barcelona", "casa-batllo")).body).not.toHaveProperty("errors");
    expect(await stream.next()).toEqual({
      data: { assetAdded: { libraryId: "lisbon", name: "Casa Batlló" } },
    });
    stream.leave();
    await untilNobodyListens("lisbon");
  });

  it.for([
    ["a library out of reach", "porto", {}],
    ["an unknown library", "nowhere", {}],
    ["the same slug of another organization", "barcelona", { organizationId: "acme-co" }],
  ] as const)("refuses %s, and nobody listens", async ([, libraryId, more]) => {
    const refused = await listen(libraryId, more);
    expect(refused.status).toBe(403);
    const [{ errors, data }] = await refused.rest();
    expect(data).toBeUndefined();
    expect(errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
    expect(listeners("barcelona") + listeners("porto")).toBe(0);
  });

  it.for([
    ["regenerated", "UNAUTHENTICATED", () => raster.apiKeys.regenerate({ organizationId, id })],
    ["deleted", "UNAUTHENTICATED", () => raster.apiKeys.delete({ organizationId, id })],
    [
      "narrowed",
      "UNAUTHORIZED",
      () => raster.apiKeys.setAccess({ organizationId, id }, { barcelona: "write" }),
    ],
  ] as const)("ends with the next asset once its key is %s", async ([, code, end]) => {
    const stream = await listen("lisbon");
    await upload("lisbon");
    expect(await stream.next()).toEqual(CAT("lisbon"));
    await end();
    await upload("lisbon");
    const [last, ...rest] = await stream.rest();
    expect(Object.keys(last)).toEqual(["errors"]);
    expect(last.errors[0].extensions).toEqual({ code });
    expect(rest).toEqual(["complete"]);
    expect(listeners("lisbon")).toBe(0);
  });
});

describe("the channel", () => {
  it("keeps what nobody took yet, in order, and loses the oldest of too many", async () => {
    const channel = createChannel<number>();
    const messages = channel.listen();
    for (let i = 0; i < 1002; i++) channel.publish(i);
    expect(await messages.next()).toEqual({ done: false, value: 2 });
    expect(await messages.next()).toEqual({ done: false, value: 3 });
  });

  it("ends whoever waits when it is closed", async () => {
    const channel = createChannel<number>();
    const messages = channel.listen();
    const waiting = messages.next();
    await messages.return!();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(channel.listeners).toBe(0);
    channel.publish(1);
    expect((await messages.next()).done).toBe(true);
  });

  it("tells each listener everything", async () => {
    const channel = createChannel<string>();
    const all = [channel.listen(), channel.listen()];
    channel.publish("a");
    const heard = await Promise.all(all.map((one) => one.next()));
    expect(heard.map(({ value }) => value)).toEqual(["a", "a"]);
  });
});
