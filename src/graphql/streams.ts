import { GraphQLError } from "graphql";
import { isPromiseLike } from "../core/maybe-promise.js";
import { renew, type State } from "./contexts.js";
import { withoutStack } from "./refusal.js";

/** Why a stream was ended: its key is dead, or reaches less than what the stream was opened for. */
export type EndReason = "UNAUTHENTICATED" | "UNAUTHORIZED";

/** The error with which a stream ends. */
export function endError(reason: EndReason): GraphQLError {
  const message =
    reason === "UNAUTHENTICATED"
      ? "The API key is not valid any more."
      : "The API key does not reach any more what this was opened for.";
  return withoutStack(() => new GraphQLError(message, { extensions: { code: reason } }));
}

/**
 * The source of a subscription with a look at the key before every event, so that nothing is resolved for a dead one.
 * What is no stream is answered as it is: the executor has its own error for that.
 */
export function watchSource(source: unknown, state: State): unknown {
  if (!isAsyncIterable(source)) return source;
  const events = source[Symbol.asyncIterator]();
  return iterator({
    async next() {
      const event = await events.next();
      if (event.done || (await renew(state))) return event;
      close(events);
      throw endError("UNAUTHENTICATED");
    },
    close: () => close(events),
  });
}

/** How a stream of results is watched. */
export interface Watch<Result> {
  readonly state: State;
  /** Whether the operation would still be let through, now that its caller is another version of itself. */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Milliseconds between looks at the key while nothing is sent. */
  readonly heartbeatMs: number;
  /** Look at the key before every result too: nobody else does. */
  readonly renewsEach: boolean;
  /** Results that are not sent, as if the event had not happened. */
  readonly isSkipped: (result: Result) => boolean;
  /** What is sent of a result. */
  readonly clean: (result: Result) => Result;
  /** The last result of a stream that is ended. */
  readonly last: (error: GraphQLError) => Result;
}

/** Results of a running operation, ended within one of them, or one heartbeat, of the death or narrowing of its key. */
export function watchResults<Result>(
  source: AsyncIterable<Result>,
  watch: Watch<Result>,
): AsyncGenerator<Result> {
  const { state, heartbeatMs, renewsEach, isSkipped, clean, last } = watch;
  const results = source[Symbol.asyncIterator]();
  let { version } = state.caller;
  let ended = false;

  /** Null: the stream goes on. */
  async function look(reads: boolean): Promise<EndReason | null> {
    if (reads && !(await renew(state))) return "UNAUTHENTICATED";
    if (state.caller.version === version) return null;
    version = state.caller.version;
    return (await watch.isStillAllowed()) ? null : "UNAUTHORIZED";
  }

  function end(error: GraphQLError): IteratorResult<Result> {
    ended = true;
    close(results);
    return { done: false, value: last(error) };
  }

  return iterator({
    async next() {
      while (!ended) {
        const heartbeat = createHeartbeat(heartbeatMs, () => look(true));
        try {
          const pending = results.next();
          pending.catch(() => {}); // it may lose the race and fail later
          const result = await Promise.race([pending, heartbeat.death]);
          if (typeof result === "string") return end(endError(result));
          if (result.done) break;
          const reason = await look(renewsEach);
          if (reason !== null) return end(endError(reason));
          if (!isSkipped(result.value)) return { done: false, value: clean(result.value) };
        } catch (error) {
          if (!isEnd(error)) throw error;
          return end(error);
        } finally {
          heartbeat.stop();
        }
      }
      ended = true;
      return { done: true, value: undefined };
    },
    close() {
      ended = true;
      close(results);
    },
  });
}

/** Looks again and again until there is a reason to end. */
function createHeartbeat(
  everyMs: number,
  look: () => Promise<EndReason | null>,
): { readonly death: Promise<EndReason>; stop(): void } {
  let timer: ReturnType<typeof setTimeout>;
  let stopped = false;
  const death = new Promise<EndReason>((resolve, reject) => {
    const beat = (): void => {
      timer = setTimeout(() => {
        look().then((reason) => {
          if (reason !== null) resolve(reason);
          else if (!stopped) beat();
        }, reject);
      }, everyMs);
    };
    beat();
  });
  death.catch(() => {}); // it may fail after the race
  return {
    death,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Closes a source without waiting: one that is idle inside a generator would answer only after its next event. */
export function close(events: AsyncIterator<unknown>): void {
  try {
    const closing: unknown = events.return?.();
    if (isPromiseLike(closing)) closing.then(undefined, () => {});
  } catch {
    // It is closed as far as anybody can close it.
  }
}

function isEnd(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  const { code } = error.extensions;
  return code === "UNAUTHENTICATED" || code === "UNAUTHORIZED";
}

/** Whether a value is a stream. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** An iterator that can be closed while it waits, which an async generator cannot. */
function iterator<Value>(parts: {
  next(): Promise<IteratorResult<Value>>;
  close(): void;
}): AsyncGenerator<Value> {
  const self = {
    next: () => parts.next(),
    async return(value: unknown) {
      parts.close();
      return { done: true as const, value };
    },
    async throw(error: unknown): Promise<IteratorResult<Value>> {
      parts.close();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      parts.close();
    },
    [Symbol.asyncIterator]() {
      return self as AsyncGenerator<Value>;
    },
  };
  return self as AsyncGenerator<Value>;
}
