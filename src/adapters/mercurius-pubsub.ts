import type { SubscriptionContext } from "mercurius";
import type { MercuriusInstance } from "./mercurius-types.js";

type Queue = SubscriptionContext["queue"];

/** What `process.getBuiltinModule("node:stream")` has that is used here: an import would be one of every runtime's. */
interface Streams {
  readonly Readable: new (options: object) => Queue;
}

/** What a topic's `subscribe` is given, as Mercurius gives it. */
interface Closing {
  close?: (() => void)[];
}

/** What publishes to subscriptions: Mercurius' own `PubSub`, or the host's. */
interface PubSub {
  subscribe(topic: string, queue: Queue, ...customArgs: readonly unknown[]): PromiseLike<unknown>;
  publish(event: unknown, callback: (error?: unknown) => void): void;
}

/**
 * What a subscription finds as `pubsub`, as Mercurius has it: a queue of its own. Whatever it listens to is let go of as
 * soon as the queue is read to its end, or given up, or the subscription is over.
 */
export function createSubscriptionContext(
  app: MercuriusInstance,
  highWaterMark: number | undefined,
): SubscriptionContext {
  const pubsub = app.graphql.pubsub as unknown as PubSub;
  const { Readable } = process.getBuiltinModule("node:stream") as Streams;
  const queue = new Readable({
    objectMode: true,
    read() {},
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
  // A late event after the end would otherwise be an error that nobody hears, and end the process.
  queue.on("error", (error) => app.log.error({ err: error }, "subscription queue error"));
  queue.once("close", () => context.close());
  let closed = false;

  const context = {
    pubsub,
    fastify: app,
    queue,
    get closed() {
      return closed;
    },
    async subscribe(topics: string | readonly string[], ...customArgs: readonly unknown[]) {
      const all = typeof topics === "string" ? [topics] : topics;
      (queue as Closing).close ??= []; // hosts push to it
      await Promise.all(all.map((topic) => pubsub.subscribe(topic, queue, ...customArgs)));
      if (closed) letGo();
      return queue;
    },
    publish: (event: unknown) =>
      new Promise<void>((resolve) => {
        pubsub.publish(event, (error) => {
          if (error) app.log.error(error);
          resolve();
        });
      }),
    close(): boolean {
      if (closed) return false;
      closed = true;
      letGo();
      if (!queue.destroyed) queue.push(null);
      return true;
    },
  };

  function letGo(): void {
    const closing = (queue as Closing).close?.splice(0) ?? [];
    for (const close of closing) close();
  }

  return context as unknown as SubscriptionContext;
}
