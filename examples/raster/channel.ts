/** Hands what is published on to all who listen at that moment. In memory: for one process. */
export interface Channel<Message> {
  publish(message: Message): void;
  /** Messages from now on. Whoever listens must call `return` in the end, which servers do. */
  listen(): AsyncIterableIterator<Message>;
  readonly listeners: number;
}

/** The most messages that wait for one listener. A slower one loses the oldest: memory is not for it alone. */
const MAX_WAITING = 1000;

/** Makes a channel that nobody listens to yet. */
export function createChannel<Message>(): Channel<Message> {
  const listeners = new Set<(message: Message) => void>();

  return {
    publish(message) {
      for (const hear of listeners) hear(message);
    },

    listen() {
      const waiting: Message[] = [];
      let wake: (() => void) | null = null;

      function hear(message: Message): void {
        waiting.push(message);
        if (waiting.length > MAX_WAITING) waiting.shift();
        wake?.();
      }

      listeners.add(hear);
      const messages: AsyncIterableIterator<Message> = {
        async next() {
          while (waiting.length === 0 && listeners.has(hear)) {
            await new Promise<void>((resolve) => (wake = resolve));
          }
          return listeners.has(hear)
            ? { done: false, value: waiting.shift()! }
            : { done: true, value: undefined };
        },
        // Not a generator: its `return` would wait for the next message.
        async return() {
          listeners.delete(hear);
          wake?.();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]: () => messages,
      };
      return messages;
    },

    get listeners() {
      return listeners.size;
    },
  };
}
