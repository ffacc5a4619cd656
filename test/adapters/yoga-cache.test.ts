/** Yoga's response cache, which answers without the guard. */
import {
  useResponseCache,
  type UseResponseCacheParameter,
} from "@graphql-yoga/plugin-response-cache";
import type { Plugin } from "graphql-yoga";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callerOf } from "../../src/http/index.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./cases/documents.js";
import { assertData, assertRefused, withSubject, type Subject } from "./subject.js";
import { createGuardedYoga, takeLog } from "./yoga-server.js";

const LIBRARIES = `{ libraries(organizationId: "monogram-labs") { id } }`;
const WITH_ID = `query ($library: ID!) { assets(organizationId: "monogram-labs", libraryId: $library) { id name } }`;

// It warns of each refusal that its executor was not called.
beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
afterEach(() => {
  vi.restoreAllMocks();
  takeLog();
});

const PLACES = ["before", "after"] as const;

/** Yoga with the response cache as its documentation and ours say, before or after `useApiKeys`. */
function withCache(
  place: (typeof PLACES)[number],
  use: (subject: Subject) => Promise<void>,
  options: Partial<UseResponseCacheParameter> = {},
): Promise<void> {
  const cache = useResponseCache({
    session: (request) => callerOf(request).cacheKey,
    ...options,
  }) as Plugin;
  return withSubject(
    (parts) => createGuardedYoga(parts, { [place]: [cache], batching: true }),
    use,
  );
}

describe.for(PLACES)("the response cache %s useApiKeys", (place) => {
  it("answers the same key from the cache", () =>
    withCache(place, async ({ key, send, service }) => {
      const sent = { key, query: ASSETS, variables: { library: "barcelona" } };
      const first = await send(sent);
      assertData(first, BARCELONA);
      const again = await send(sent);
      assertData(again, BARCELONA);
      expect(again.headers["etag"]).toBe(first.headers["etag"]);
      expect(service.ran).toStrictEqual(["Query.assets"]);
      expect(again.headers).toMatchObject({ vary: "Authorization", "cache-control": "no-store" });
    }));

  it("never answers one key what it keeps for another", () =>
    withCache(place, async ({ createKey, key, send, service }) => {
      const others = [
        (await createKey({ barcelona: "write", lisbon: "read" })).key, // the same access
        (await createKey({ porto: "read" })).key,
        (await createKey({})).key,
        (await createKey({ barcelona: "write" }, "acme-co")).key,
      ];
      const barcelona = { query: ASSETS, variables: { library: "barcelona" } };
      assertData(await send({ key, ...barcelona }), BARCELONA);
      const own = await send({ key, query: VIEWER });
      const all = await send({ key, query: LIBRARIES });
      const before = service.ran.length;

      assertData(await send({ key: others[0]!, ...barcelona }), BARCELONA);
      expect(service.ran).toHaveLength(before + 1);
      for (const other of others.slice(1)) {
        assertRefused(await send({ key: other, ...barcelona }), 403, "UNAUTHORIZED");
        expect((await send({ key: other, query: VIEWER })).text).not.toBe(own.text);
      }
      expect((await send({ key: others[1]!, query: LIBRARIES })).body).toStrictEqual({
        data: { libraries: [{ id: "porto" }] },
      });
      expect((await send({ key: others[2]!, query: LIBRARIES })).body).toStrictEqual({
        data: { libraries: [] },
      });
      expect((await send({ key, query: LIBRARIES })).text).toBe(all.text);
      for (const bad of [undefined, "pk_0"]) {
        const answer = await send({ ...barcelona, ...(bad !== undefined && { key: bad }) });
        assertRefused(answer, 401, "UNAUTHENTICATED");
      }
    }));

  it.for([
    ["narrowed", ({ apiKeys, ref }: Subject) => apiKeys.setAccess(ref, { lisbon: "read" })],
    [
      "deprived of a library",
      ({ apiKeys, ref }: Subject) => apiKeys.revoke(ref, { libraryId: "barcelona" }),
    ],
  ] as const)("answers a key that was %s nothing that it kept before", ([, change]) =>
    withCache(place, async (subject) => {
      const { key, send } = subject;
      const barcelona = { key, query: ASSETS, variables: { library: "barcelona" } };
      assertData(await send(barcelona), BARCELONA);
      assertData(await send({ key, query: LIBRARIES }), {
        libraries: [{ id: "barcelona" }, { id: "lisbon" }],
      });
      await change(subject);
      assertRefused(await send(barcelona), 403, "UNAUTHORIZED");
      assertData(await send({ key, query: LIBRARIES }), { libraries: [{ id: "lisbon" }] });
    }),
  );

  it("answers a key that was widened what it reaches now", () =>
    withCache(place, async ({ apiKeys, key, ref, send }) => {
      await send({ key, query: LIBRARIES });
      await apiKeys.grant(ref, { libraryId: "porto", level: "read" });
      assertData(await send({ key, query: LIBRARIES }), {
        libraries: [{ id: "barcelona" }, { id: "lisbon" }, { id: "porto" }],
      });
    }));

  it("answers nothing to the old value of a regenerated key, and nothing to a deleted one", () =>
    withCache(place, async ({ apiKeys, key, ref, send, service }) => {
      const barcelona = { query: ASSETS, variables: { library: "barcelona" } };
      assertData(await send({ key, ...barcelona }), BARCELONA);
      const { key: fresh } = await apiKeys.regenerate(ref);
      assertRefused(await send({ key, ...barcelona }), 401, "UNAUTHENTICATED");
      assertData(await send({ key: fresh, ...barcelona }), BARCELONA);
      expect(service.ran).toHaveLength(2);
      await apiKeys.delete(ref);
      assertRefused(await send({ key: fresh, ...barcelona }), 401, "UNAUTHENTICATED");
    }));

  it("keeps no refusal, before execution or within it", () =>
    withCache(place, async ({ apiKeys, key, ref, send }) => {
      const porto = { key, query: ASSETS, variables: { library: "porto" } };
      const must = {
        key,
        query: `{ mustLibrary(organizationId: "monogram-labs", slug: "porto") { id } }`,
      };
      assertRefused(await send(porto), 403, "UNAUTHORIZED");
      expect((await send(must)).body.errors[0].extensions.code).toBe("UNAUTHORIZED");
      await apiKeys.grant(ref, { libraryId: "porto", level: "read" });
      expect((await send(porto)).body.data.assets).toHaveLength(2);
      expect((await send(must)).body.data).toStrictEqual({ mustLibrary: { id: "porto" } });
    }));

  it("judges mutations, which also empty it", () =>
    withCache(place, async ({ createKey, key, send }) => {
      const names = { key, query: WITH_ID, variables: { library: "barcelona" } };
      expect((await send(names)).body.data.assets[0].name).toBe("1.jpg");
      const { key: reader } = await createKey({ barcelona: "read" });
      const rename = { query: RENAME, variables: { library: "barcelona" } };
      assertRefused(await send({ key: reader, ...rename }), 403, "UNAUTHORIZED");
      assertData(await send({ key, ...rename }), { renameAsset: { name: "renamed" } });
      expect((await send(names)).body.data.assets[0].name).toBe("renamed");
    }));

  it("decides each operation of a batch by its own key in the cache", () =>
    withCache(place, async ({ key, createKey, send }) => {
      const { key: strong } = await createKey({ porto: "read" });
      const porto = { query: ASSETS, variables: { library: "porto" } };
      expect((await send({ key: strong, ...porto })).status).toBe(200);
      const body = JSON.stringify([
        porto,
        { query: ASSETS, variables: { library: "barcelona" } },
        porto,
      ]);
      for (let i = 0; i < 2; i++) {
        const [first, second, third] = (await send({ key, body })).body;
        expect(first.errors[0].extensions.code).toBe("UNAUTHORIZED");
        expect(second).toStrictEqual({ data: BARCELONA });
        expect(third.errors[0].extensions.code).toBe("UNAUTHORIZED");
      }
    }));

  it("says 304 to who knows an ETag, which takes the key's id, its version and the operation, and nothing with it", () =>
    withCache(place, async ({ apiKeys, key, ref, send, service }) => {
      const barcelona = { key, query: ASSETS, variables: { library: "barcelona" } };
      const { headers } = await send(barcelona);
      const etag = headers["etag"]!;
      expect(etag).toMatch(/^[0-9a-f]{64}$/);
      const ask = (sent: object, tag = etag) =>
        send({ ...sent, headers: { "if-none-match": tag } });

      for (const sent of [barcelona, { query: VIEWER }, { key: "pk_0", query: "{ nothing }" }]) {
        const answer = await ask(sent);
        expect(answer.status).toBe(304);
        expect(answer.text).toBe("");
      }
      for (const tag of [
        "*",
        `"${etag}"`,
        `W/"${etag}"`,
        etag.slice(1),
        etag.toUpperCase(),
        `${etag}, x`,
      ]) {
        assertRefused(await ask({ query: VIEWER }, tag), 401, "UNAUTHENTICATED");
      }
      await apiKeys.setAccess(ref, { lisbon: "read" });
      assertRefused(await send(barcelona), 403, "UNAUTHORIZED");
      expect(service.ran).toStrictEqual(["Query.assets"]);
    }));

  it("fails closed when it is asked before the caller is known", () =>
    withCache(
      place,
      async ({ key, send, service }) => {
        const answer = await send({ key, query: VIEWER });
        expect(answer.status).toBe(500);
        expect(answer.body.data).toBeUndefined();
        expect(takeLog()).toContain("This request has not been authenticated");
        expect(service.ran).toStrictEqual([]);
      },
      { session: () => callerOf({}).cacheKey },
    ));
});
