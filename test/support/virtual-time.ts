/** Instances whose clocks and timers are vitest's fake ones. */
import { afterEach, beforeEach, vi } from "vitest";
import { createApiKeys, type ApiKeysOptions, type KeyStore } from "../../src/index.js";
import { NOW_MS } from "./fixture.js";

// The real one, whatever is faked later.
const { setImmediate: afterPromises } = globalThis;

/** Lets everything that waits for promises only go on; no time passes. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void afterPromises(resolve));
}

/** Lets time pass. */
export async function pass(ms: number): Promise<void> {
  await turn();
  await vi.advanceTimersByTimeAsync(ms);
  await turn();
}

/** Time stands still in every test of a file until a test moves it. */
export function useVirtualTime(): void {
  beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** One of several instances of a service, on clocks that are moved together. */
export function createInstance(store: KeyStore, options: Omit<ApiKeysOptions, "store"> = {}) {
  return createApiKeys({ store, ...options });
}

/** How a call ended, and how long after. */
export interface Ending {
  /** `"ok"`, or the code or name of the error. */
  readonly verdict: string;
  readonly ms: number;
  readonly answer: unknown;
}

/** Makes a call, and lets time pass until it ends. */
export async function endOf(call: () => unknown): Promise<Ending> {
  const startMs = performance.now();
  let ending: Ending | undefined;
  const end = (verdict: string, answer: unknown) =>
    (ending = { verdict, ms: performance.now() - startMs, answer });
  void (async () => {
    try {
      end("ok", await call());
    } catch (error) {
      const { code, name } = error as { code?: string; name: string };
      end(code ?? name, error);
    }
  })();
  for (await turn(); ending === undefined; await turn()) {
    if (vi.getTimerCount() === 0) throw new Error("expected the call to end");
    await vi.advanceTimersToNextTimerAsync();
  }
  return ending;
}
