import { setTimeout as sleep } from "node:timers/promises";
import { useDeferStream } from "@graphql-yoga/plugin-defer-stream";
import { GraphQLError } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import {
  added,
  assetIn,
  createFeed,
  createStreamGuard,
  OWN,
  type Feed,
  type StreamOptions,
} from "../graphql/support-streams.js";
import { openEvents } from "./event-stream.js";
import { assertRefused, withSubject, type Subject } from "./subject.js";
import { createGuardedYoga, takeLog } from "./yoga-server.js";

const HEARTBEAT_MS = 40;
const QUERY = added("assetAdded");

type Settings = Parameters<typeof createGuardedYoga>[1];

interface Streaming extends Subject {
  readonly feed: Feed;
  readonly ran: readonly string[];
}

/** A Yoga whose subscriptions are fed by hand. */
function withYoga(
  use: (subject: Streaming) => Promise<void>,
  { heartbeatMs = 10_000, ...options }: StreamOptions = {},
  settings: Settings = {},
): Promise<void> {
  const feed = options.feed ?? createFeed();
  const { guard, ran } = createStreamGuard({ ...options, feed });
  return withSubject(
    ({ apiKeys }) =>
      createGuardedYoga({ apiKeys, guard }, { ...settings, options: { heartbeatMs } }),
    (subject) => use({ ...subject, feed, ran }),
  );
}

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await sleep(10);
  expect(holds()).toBe(true);
}

function codes(rest: readonly any[]): readonly unknown[] {
  return rest.map((each) => (each === "complete" ? each : each.errors[0].extensions.code));
}

afterEach(() => void takeLog());

describe("subscriptions of Yoga over server-sent events", () => {
  it("sends the events of a library within reach", () =>
    withYoga(async (subject) => {
      const stream = await openEvents(subject, { query: QUERY });
      expect(stream.status).toBe(200);
      expect(stream.headers["content-type"]).toBe("text/event-stream");
      expect(stream.headers["cache-control"]).toMatch(/no-cache|no-store/);
      subject.feed.push(assetIn("barcelona"));
      expect(await stream.next()).toEqual({ data: { assetAdded: { id: "1" } } });
      subject.feed.push(assetIn("porto", "hidden"));
      subject.feed.push(assetIn("barcelona", "2"));
      expect(await stream.next()).toEqual({ data: { assetAdded: { id: "2" } } });
      stream.leave();
      await until(() => subject.feed.closed === 1);
    }));

  it.for(["text/event-stream", "application/json"])(
    "scenario 79: refuses another library with 403 and opens nothing: %s",
    (accept) =>
      withYoga(async (subject) => {
        const refused = await openEvents(subject, { query: added("assetAdded", "porto"), accept });
        expect(refused.status).toBe(403);
        const [answer] = await refused.rest();
        const body = typeof answer === "string" ? JSON.parse(answer) : answer;
        expect(Object.keys(body)).toEqual(["errors"]);
        expect(body.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
        expect(subject.feed.opened).toBe(0);
      }),
  );

  it("refuses a key that is not valid with 401, by POST and by GET", () =>
    withYoga(async (subject) => {
      await subject.apiKeys.delete(subject.ref);
      for (const method of ["POST", "GET"] as const) {
        const refused = await openEvents(subject, { query: QUERY, method });
        expect(refused.status).toBe(401);
      }
      assertRefused(await subject.send({ query: QUERY }), 401, "UNAUTHENTICATED");
      expect(subject.feed.opened).toBe(0);
    }));

  it("streams by GET too, as EventSource asks", () =>
    withYoga(async (subject) => {
      const stream = await openEvents(subject, { query: QUERY, method: "GET" });
      subject.feed.push(assetIn("barcelona"));
      expect(await stream.next()).toEqual({ data: { assetAdded: { id: "1" } } });
      stream.leave();
      await until(() => subject.feed.closed === 1);
    }));

  const ways: readonly (readonly [string, string, (subject: Subject) => unknown])[] = [
    ["regenerated", "UNAUTHENTICATED", ({ apiKeys, ref }) => apiKeys.regenerate(ref)],
    ["deleted", "UNAUTHENTICATED", ({ apiKeys, ref }) => apiKeys.delete(ref)],
    [
      "expired",
      "UNAUTHENTICATED",
      async ({ apiKeys, ref, pass }) => {
        await apiKeys.update(ref, { expiresAtMs: Date.now() + 100_000 });
        pass(200_000);
      },
    ],
    ["narrowed", "UNAUTHORIZED", ({ apiKeys, ref }) => apiKeys.setAccess(ref, { lisbon: "read" })],
    ["out of a failing store", "UNAVAILABLE", ({ setMood }) => setMood("rejects")],
    ["out of a hanging store", "UNAVAILABLE", ({ setMood }) => setMood("hangs")],
  ];

  it.for(ways)("scenario 80: ends with the next event: %s", ([, code, end]) =>
    withYoga(async (subject) => {
      const stream = await openEvents(subject, { query: QUERY });
      subject.feed.push(assetIn("barcelona"));
      await stream.next();
      await end(subject);
      subject.feed.push(assetIn("barcelona", "2"));
      expect(codes(await stream.rest())).toEqual([code, "complete"]);
      expect([subject.ran.length, subject.feed.closed]).toEqual([1, 1]);
    }),
  );

  it.for(ways)("scenario 80: ends within a heartbeat while idle: %s", ([, code, end]) =>
    withYoga(
      async (subject) => {
        const stream = await openEvents(subject, { query: QUERY });
        await end(subject);
        expect(codes(await stream.rest())).toEqual([code, "complete"]);
        expect([subject.ran.length, subject.feed.closed]).toEqual([0, 1]);
      },
      { heartbeatMs: HEARTBEAT_MS },
    ),
  );

  it("ends all streams of a key at once, and none of another", () =>
    withYoga(
      async (subject) => {
        const other = await subject.createKey({ barcelona: "read" });
        const dying = await Promise.all([1, 2, 3].map(() => openEvents(subject, { query: QUERY })));
        const living = await openEvents(subject, { query: QUERY, key: other.key });
        await subject.apiKeys.regenerate(subject.ref);
        for (const stream of dying) {
          expect(codes(await stream.rest())).toEqual(["UNAUTHENTICATED", "complete"]);
        }
        expect(subject.feed.closed).toBe(3);
        await sleep(HEARTBEAT_MS * 2);
        expect(subject.feed.closed).toBe(3);
        subject.feed.push(assetIn("barcelona"));
        subject.feed.push(assetIn("barcelona"));
        living.leave();
        await until(() => subject.feed.closed === 4);
      },
      { heartbeatMs: HEARTBEAT_MS },
    ));

  it("opens nothing by an operation name that is empty: Yoga finds no operation", () =>
    withYoga(async (subject) => {
      const stream = await openEvents(subject, { query: QUERY, operationName: "" });
      const rest = await stream.rest();
      expect(Object.keys(rest[0])).toEqual(["errors"]);
      expect(subject.feed.opened).toBe(0);
    }));

  it("leaves nothing open that a client cannot take", () =>
    withYoga(async (subject) => {
      const answer = await subject.send({
        key: subject.key,
        query: QUERY,
        headers: { accept: "application/json" },
      });
      expect(answer.status).toBe(406);
      expect([subject.feed.opened, subject.feed.closed]).toEqual([1, 1]);
    }));

  it("answers a stream in a batch with an error, and closes it", () =>
    withYoga(
      async (subject) => {
        const body = JSON.stringify([{ query: "{ viewer }" }, { query: QUERY }]);
        const headers = { "content-type": "application/json" };
        const answer = await subject.send({ key: subject.key, body, headers });
        expect(answer.body[0]).toEqual({ data: { viewer: null } });
        expect(Object.keys(answer.body[1])).toEqual(["errors"]);
        expect([subject.feed.opened, subject.feed.closed]).toEqual([1, 1]);
      },
      {},
      { batching: true },
    ));

  it("masks what a source throws, and is over", () =>
    withYoga(async (subject) => {
      const stream = await openEvents(subject, { query: QUERY });
      await until(() => subject.feed.opened === 1);
      await sleep(50);
      subject.feed.fail(new Error(`the broker dropped ${subject.key}`));
      const rest = await stream.rest();
      expect(JSON.stringify(rest)).not.toContain("broker");
      expect(subject.feed.closed).toBe(1);
    }));

  it("tells a refusal within an event as an error of its field, and goes on", () => {
    const asset = {
      slow: () => {
        throw new GraphQLError("not today", { extensions: { code: "TOO_LATE" } });
      },
    };
    return withYoga(
      async (subject) => {
        const query = added("assetAdded", "barcelona", "{ id slow }");
        const stream = await openEvents(subject, { query });
        for (let i = 0; i < 2; i++) {
          subject.feed.push(assetIn("barcelona"));
          const event = await stream.next();
          expect(event.data).toEqual({ assetAdded: { id: "1", slow: null } });
          expect(event.errors[0].extensions).toEqual({ code: "TOO_LATE" });
        }
        stream.leave();
        await until(() => subject.feed.closed === 1);
      },
      { asset },
    );
  });

  it("takes a subscription for a wrong request where the schema has none", () =>
    withSubject(
      ({ apiKeys, service }) => createGuardedYoga({ apiKeys, guard: service.guard }),
      async (subject) => {
        for (const accept of ["application/graphql-response+json", "text/event-stream"]) {
          const stream = await openEvents(subject, { query: "subscription { x }", accept });
          // Yoga may answer an event stream of errors with 200, where graphql 17 finds them by validation.
          expect(stream.status).toBeOneOf(accept === "text/event-stream" ? [200, 400] : [400]);
          const [answer] = await stream.rest();
          const body = typeof answer === "string" ? JSON.parse(answer) : answer;
          expect(Object.keys(body)).toEqual(["errors"]);
        }
        expect(subject.service.ran).toEqual([]);
      },
    ));
});

describe("parts that come later, with the plugin that gives Yoga @defer and @stream", () => {
  const directives = `
    directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    directive @stream(if: Boolean, label: String, initialCount: Int = 0) on FIELD
  `;
  const settings = { before: [useDeferStream()] };
  const query = `{
    asset(organizationId: "${OWN}", libraryId: "barcelona") { id ... @defer { slow } }
  }`;

  it("needs the directives in the schema itself: the plugin would transform what is guarded", () => {
    expect(() => {
      const { guard } = createStreamGuard();
      createGuardedYoga({ apiKeys: {} as never, guard }, settings);
    }).toThrow(TypeError);
  });

  it.for(["text/event-stream", "multipart/mixed"])(
    "scenario 81: ends between two parts: %s",
    async (accept) => {
      let release: (value: number) => void;
      const slow = new Promise<number>((resolve) => (release = resolve));
      await withYoga(
        async (subject) => {
          const stream = await openEvents(subject, { query, accept });
          if (accept === "text/event-stream") {
            expect(await stream.next()).toMatchObject({ data: { asset: { id: "1" } } });
          }
          await subject.apiKeys.delete(subject.ref);
          release(1);
          const rest = JSON.stringify(await stream.rest());
          expect(rest).toContain("UNAUTHENTICATED");
          expect(rest).not.toContain("slow");
        },
        { directives, asset: { slow: () => slow } },
        settings,
      );
    },
  );

  it("scenario 81: checks deferred parts before anything runs", () =>
    withYoga(
      async (subject) => {
        const hidden = query.replace(
          "slow",
          `siblings(organizationId: "${OWN}", libraryId: "porto")`,
        );
        const refused = await openEvents(subject, { query: hidden });
        expect(refused.status).toBe(403);
      },
      { directives },
      settings,
    ));
});
