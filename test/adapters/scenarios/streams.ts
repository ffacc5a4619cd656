/** Group E: what is open while keys change: subscriptions, and parts that come later. */
import { expect } from "vitest";
import { assetIn, OTHER, serviceScene } from "./service.js";
import { createFeed } from "../../graphql/support-streams.js";
import type { ApiKeys } from "../../../src/index.js";
import type { Row, Scene, Stage } from "./row.js";

const ADDED = (lib: string) => ({ query: `subscription { added(lib: "${lib}") { id name } }` });
const ANY = { query: "subscription { anyAdded { id name } }" };
const DEFER = `directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(if: Boolean, label: String, initialCount: Int = 0) on FIELD`;

/** The service, with subscriptions that are fed by hand. */
function fed() {
  const feed = createFeed();
  const open = () => feed.open();
  return {
    feed,
    scene: serviceScene({ resolvers: { Subscription: { added: open, anyAdded: open } } }),
  };
}

/** What ends a stream with which code. */
type Change = (apiKeys: ApiKeys, ref: { organizationId: string; id: string }) => unknown;
const CHANGES: readonly (readonly [what: string, code: string, change: Change])[] = [
  ["deleted", "UNAUTHENTICATED", (apiKeys, ref) => apiKeys.delete(ref)],
  ["regenerated", "UNAUTHENTICATED", (apiKeys, ref) => apiKeys.regenerate(ref)],
  ["narrowed", "UNAUTHORIZED", (apiKeys, ref) => apiKeys.setAccess(ref, { lisbon: "read" })],
];

/** Two fields, of which the deferred one waits. */
function deferring(slow: () => unknown): Scene {
  return {
    sdl: `${DEFER} type Query { one(lib: ID! @library): String slow(lib: ID! @library): String }`,
    resolvers: { Query: { one: () => "at once", slow } },
    guard: { types: "none" },
    defers: true,
  };
}

const PARTS = (lib: string) => ({
  query: `{ one(lib: "lisbon") ... @defer { slow(lib: "${lib}") } }`,
});

async function restOf(next: () => Promise<unknown>): Promise<readonly any[]> {
  const rest: unknown[] = [];
  for (let part = await next(); part !== "end"; part = await next()) rest.push(part);
  return rest;
}

async function refOf({ createKey }: Stage) {
  const { key, apiKey } = await createKey({ barcelona: "read" });
  return { key, ref: { organizationId: apiKey.organizationId, id: apiKey.id } };
}

export const streams: readonly Row[] = [
  {
    number: 79,
    title: "no source opens before the check",
    run: (stage) => {
      const { feed, scene } = fed();
      return stage.beside(scene, async ({ createKey, open }) => {
        const { key } = await createKey();
        const refused = await open(key, ADDED("porto"));
        const { errors } = await refused.next();
        expect([errors[0].extensions, feed.opened]).toEqual([{ code: "UNAUTHORIZED" }, 0]);
        const stream = await open(key, ADDED("lisbon"));
        feed.push(assetIn("lisbon", "l1"));
        expect(await stream.next()).toEqual({ data: { added: { id: "l1", name: "l1" } } });
        expect(feed.opened).toBe(1);
        stream.leave();
      });
    },
  },
  ...CHANGES.map(([what, code, change]): Row => ({
    number: 80,
    title: `a stream ends with the next event once its key is ${what}`,
    run: (stage) => {
      const { feed, scene } = fed();
      return stage.beside(scene, async (own) => {
        const { key, ref } = await refOf(own);
        const stream = await own.open(key, ADDED("barcelona"));
        feed.push(assetIn("barcelona", "b1"));
        expect((await stream.next()).data).toEqual({ added: { id: "b1", name: "b1" } });
        await change(own.apiKeys, ref);
        feed.push(assetIn("barcelona", "b2"));
        const rest = await restOf(stream.next);
        expect(rest.map(({ data, errors }) => [data, errors[0].extensions.code])).toEqual([
          [undefined, code],
        ]);
        expect(feed.closed).toBe(1);
      });
    },
  })),
  {
    number: 81,
    title: "deferred parts are checked before anything runs",
    run: (stage) =>
      stage.beside(
        deferring(() => "later"),
        async ({ createKey, open, ran }) => {
          const { key } = await createKey();
          const refused = await open(key, PARTS("porto"));
          expect((await refused.next()).errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
          expect(ran).toEqual([]);
          const parts = await restOf((await open(key, PARTS("lisbon"))).next);
          expect(JSON.stringify(parts)).toContain("later");
        },
      ),
  },
  {
    number: 81,
    title: "no deferred part leaves once the key is dead",
    run: (stage) => {
      let release: (value: string) => void;
      const slow = new Promise<string>((resolve) => (release = resolve));
      return stage.beside(
        deferring(() => slow),
        async (own) => {
          const { key, apiKey } = await own.createKey();
          const parts = await own.open(key, PARTS("lisbon"));
          expect((await parts.next()).data).toEqual({ one: "at once" });
          await own.apiKeys.delete({ organizationId: apiKey.organizationId, id: apiKey.id });
          release("later");
          const rest = JSON.stringify(await restOf(parts.next));
          expect(rest).toContain("UNAUTHENTICATED");
          expect(rest).not.toContain("later");
        },
      );
    },
  },
  {
    number: 103,
    title: "an event of a library out of reach is skipped, and says nothing",
    run: (stage) => {
      const { feed, scene } = fed();
      return stage.beside(scene, async ({ createKey, open }) => {
        const { key } = await createKey();
        const stream = await open(key, ANY);
        feed.push(assetIn("porto", "p1"));
        feed.push(assetIn("lisbon", "x1", OTHER));
        feed.push(assetIn("lisbon", "l1"));
        expect(await stream.next()).toEqual({ data: { anyAdded: { id: "l1", name: "l1" } } });
        stream.leave();
        const other = await open((await createKey({ porto: "read" })).key, ANY);
        feed.push(assetIn("porto", "p2"));
        expect((await other.next()).data.anyAdded.id).toBe("p2");
        other.leave();
      });
    },
  },
];
