import type { GraphQLError } from "graphql";
import type { Caller } from "../core/caller.js";
import { isPromiseLike, type MaybePromise } from "../core/maybe-promise.js";
import { renew, type State } from "./contexts.js";
import { endError, endReasonOf, type EndReason } from "./end.js";

function endReasonIn(errors: readonly unknown[] = []): EndReason | null {
  return errors.map(endReasonOf).find((reason) => reason !== null) ?? null;
}

/** Reads the key anew. Null: it is alive. A store that cannot say ends the stream like one that says no. */
async function whyDead(state: State): Promise<EndReason | null> {
  try {
    return (await renew(state)) ? null : "UNAUTHENTICATED";
  } catch {
    return "UNAVAILABLE";
  }
}

/**
 * The source of a subscription with a look at the key before every event, so that nothing is resolved for a dead one.
 * What is no stream is answered as it is: the executor has its own error for that.
 */
export function watchSource(source: unknown, state: State): unknown {
  if (!isAsyncIterable(source)) return source;
  const events = source[Symbol.asyncIterator]();
  let closed = false;

  function stop(): void {
    if (closed) return;
    closed = true;
    close(events);
  }

  return iterator({
    async next() {
      if (closed) return DONE;
      const event = await events.next();
      if (event.done) return event;
      const reason = await whyDead(state);
      if (closed) return DONE;
      if (reason === null) return event;
      stop();
      throw endError(reason);
    },
    close: stop,
  });
}

/** How a stream of results is watched. */
export interface Watch<Result> {
  readonly state: State;
  /** The caller whose operation was let through. */
  readonly caller: Caller;
  /** Whether the operation would still be let through for another version of its caller. */
  readonly isStillAllowed: (caller: Caller) => MaybePromise<boolean>;
  /** Milliseconds between looks at the key while nothing is sent. */
  readonly heartbeatMs: number;
  /** Whether the key has to be looked at before a result, since no lock did. */
  readonly isUnseen: (result: Result) => boolean;
  /** Errors among which may be one with which a lock ends the stream. */
  readonly errorsOf: (result: Result) => readonly unknown[] | undefined;
  /** Results that are not sent, as if the event had not happened. */
  readonly isSkipped: (result: Result) => boolean;
  /** What is sent of a result. */
  readonly clean: (result: Result) => Result;
  /** What is thrown of what the source threw. */
  readonly cleanThrown: (thrown: unknown) => unknown;
  /** The last result of a stream that is ended. */
  readonly last: (error: GraphQLError) => Result;
}

/** A result, and why it is not to be sent. */
interface Taken<Result> {
  readonly result: IteratorResult<Result>;
  readonly reason: EndReason | null;
}

/**
 * Results of a running operation, ended within one of them, or one heartbeat, of the death or narrowing of its key. From
 * the first call of `next` the heart beats until the end, also while nobody asks: a client that stalls keeps no source
 * of a dead key open.
 */
export function watchResults<Result>(
  source: AsyncIterable<Result>,
  watch: Watch<Result>,
): AsyncGenerator<Result> {
  const { state, heartbeatMs, isUnseen, errorsOf, isSkipped, clean, cleanThrown, last } = watch;
  const results = source[Symbol.asyncIterator]();
  let allowed = watch.caller.version;
  /** What is still to be told. */
  let ending: EndReason | null = null;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wake: (() => void) | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** Null: the stream goes on. */
  async function look(reads: boolean): Promise<EndReason | null> {
    const reason = reads ? await whyDead(state) : null;
    if (reason !== null) return reason;
    if (state.dead) return "UNAUTHENTICATED";
    try {
      // Another look may have renewed the caller meanwhile.
      while (state.caller.version !== allowed) {
        const { caller } = state;
        if (!(await watch.isStillAllowed(caller))) return "UNAUTHORIZED";
        allowed = caller.version;
      }
      return null;
    } catch {
      return state.dead ? "UNAUTHENTICATED" : "UNAVAILABLE";
    }
  }

  function beat(): void {
    timer = setTimeout(() => {
      void look(true).then((reason) => {
        if (closed) return;
        if (reason === null) beat();
        else end(reason);
      });
    }, heartbeatMs);
  }

  function finish(): void {
    closed = true;
    clearTimeout(timer);
    wake?.();
  }

  function stop(): void {
    if (closed) return;
    finish();
    close(results);
  }

  function end(reason: EndReason): void {
    ending = reason;
    stop();
  }

  async function take(): Promise<Taken<Result>> {
    const result = await results.next();
    if (result.done) return { result, reason: null };
    const reason = (await look(isUnseen(result.value))) ?? endReasonIn(errorsOf(result.value));
    return { result, reason };
  }

  /** The next result; null: the stream was closed while it was awaited or looked at. */
  function takeUnlessClosed(): Promise<Taken<Result> | null> {
    return new Promise((resolve, reject) => {
      wake = () => resolve(null);
      take().then(resolve, reject);
    });
  }

  async function step(): Promise<IteratorResult<Result>> {
    if (timer === undefined && !closed) beat();
    while (!closed) {
      try {
        const taken = await takeUnlessClosed();
        if (taken === null || closed) break;
        const { result, reason } = taken;
        if (result.done) finish();
        else if (reason !== null) end(reason);
        else if (!isSkipped(result.value)) return { done: false, value: clean(result.value) };
      } catch (error) {
        const reason = endReasonOf(error);
        if (reason === null) {
          stop();
          throw cleanThrown(error);
        }
        end(reason);
      }
    }
    if (ending === null) return DONE;
    const error = endError(ending);
    ending = null;
    return { done: false, value: last(error) };
  }

  return iterator({
    // One after the other, as a generator answers them.
    next() {
      const answer = turn.then(step);
      turn = answer.catch(() => {});
      return answer;
    },
    close() {
      ending = null;
      stop();
    },
  });
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** Closes a source without waiting: one that is idle inside a generator would answer only after its next event. */
export function close(events: AsyncIterator<unknown>): void {
  try {
    const closing: unknown = events.return?.();
    if (isPromiseLike(closing)) closing.then(undefined, () => {});
  } catch {
    // It is closed as far as anybody can close it.
  }
}

/** Whether a value is a stream, by the measure of executors: a function may be one. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  const begin = (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[
    Symbol.asyncIterator
  ];
  return typeof begin === "function";
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
