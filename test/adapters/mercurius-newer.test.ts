/** What the first Mercurius 16 does not have yet. */
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { keysIn } from "../support/canary.js";
import { enter } from "./cases/sockets.js";
import { logged, withSockets } from "./mercurius-server.js";
import { openSocket } from "./web-socket.js";

afterEach(() => {
  expect(keysIn(logged.splice(0))).toEqual([]);
});

/** Notes what hooks of a socket were called with. */
function noting(seen: unknown[]) {
  return ({ graphql }: FastifyInstance) => {
    graphql.addHook("onSubscriptionConnectionClose", async (context, code) => {
      seen.push(["closed", code, Object.keys(context)]);
    });
    graphql.addHook("onSubscriptionConnectionError", async (_context, error) => {
      seen.push(["failed", error.message]);
    });
  };
}

it("hooks hear of a socket that is closed, whoever's it was", () => {
  const seen: unknown[] = [];
  return withSockets({ host: noting(seen) }, async (subject) => {
    const client = await enter(subject);
    await client.close();
    const stranger = await openSocket(subject);
    await stranger.next();
    while (seen.length < 2) await sleep(1);
    expect(seen).toEqual([
      ["closed", 1005, ["app", "pubsub", "request", "_connectionInit"]],
      ["closed", 4401, ["app", "pubsub", "request"]],
    ]);
  });
});

it("hooks hear of a socket that fails", () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => error.mockRestore());
  const seen: unknown[] = [];
  let socket: any;
  const subscription = { context: (given: unknown) => ((socket = given), {}) };
  return withSockets({ host: noting(seen), subscription }, async (subject) => {
    await enter(subject);
    socket.emit("error", new Error("broken"));
    while (seen.length < 2) await sleep(1);
    expect(seen[0]).toEqual(["failed", "broken"]);
  });
});
