/** What most tests of core begin with. */
import fc from "fast-check";
import {
  createApiKeys,
  type ApiKeyEvent,
  type ApiKeyRecord,
  type ApiKeys,
  type ApiKeysOptions,
  type KeyStore,
} from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";

/** 2025-06-15T13:20:00Z. */
export const NOW_MS = 1_750_000_000_000;

export interface Fixture {
  readonly apiKeys: ApiKeys;
  readonly store: KeyStore;
  readonly events: ApiKeyEvent[];
  /** Set `nowMs` to move the clock. */
  readonly clock: { nowMs: number };
}

/** API keys over an empty memory store, a clock that stands still, and the events so far. */
export function createFixture(options: Partial<ApiKeysOptions> = {}): Fixture {
  const events: ApiKeyEvent[] = [];
  const clock = { nowMs: NOW_MS };
  const store = options.store ?? createMemoryStore();
  const apiKeys = createApiKeys({
    now: () => clock.nowMs,
    onEvent: (event) => events.push(event),
    ...options,
    store,
  });
  return { apiKeys, store, events, clock };
}

/** A record as a store keeps it. */
export function recordOf(values: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return Object.freeze({
    id: "key_00000000000000000001",
    organizationId: "monogram-labs",
    name: "Website",
    hash: "a".repeat(64),
    hint: "pk_4eC3…",
    access: Object.freeze({ barcelona: "write", lisbon: "read" }),
    version: 1,
    enabled: true,
    expiresAtMs: null,
    createdAtMs: NOW_MS,
    updatedAtMs: NOW_MS,
    lastUsedAtMs: null,
    ...values,
  });
}

/** What a call throws, now or later; fails when it does not. */
export async function errorOf(call: () => unknown): Promise<Error & { readonly code?: string }> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`expected an error, got ${typeof answer}`);
}

/** How a call ends: `"ok"`, an {@link ApiKeyError}'s code, or the name of another error. */
export async function verdictOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return "ok";
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    return code ?? name;
  }
}

/** Text of any UTF-16 code units, lone surrogates included; fast-check's own takes seconds to set up. */
export function aText(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const codes = fc.array(fc.nat(0xffff), { minLength, maxLength, size: "max" });
  return codes.map((units) => String.fromCharCode(...units));
}

/** Every kind of JavaScript value that is no string. */
export const NO_STRINGS: readonly (readonly [kind: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["true", true],
  ["a number", 1],
  ["NaN", NaN],
  ["a bigint", 1n],
  ["a symbol", Symbol("key")],
  ["a function", () => "key"],
  ["an object", {}],
  ["an object without a prototype", Object.create(null)],
  ["an array of one", ["key"]],
  ["a String object", new String("key")],
  ["a Buffer", Buffer.from("key")],
  ["an object with toString", { toString: () => "key" }],
  ["a revoked proxy", revokedProxy()],
];

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
