/** Two instances on one store: one that keeps records, and another on which keys are changed. */
import { createApiKeys, type ApiKeyRecord, type ApiKeys, type Caller } from "../../src/index.js";
import type { Found, KeyStore } from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";
import { NOW_MS } from "../support/fixture.js";
import { delayed } from "../support/stores.js";

export const OWN = "monogram-labs";
export const LEASE_MS = 1000;
/** What a narrowing write takes. */
const WAIT_MS = 1100;

/** What another instance commits. */
export type Change = (store: KeyStore, record: ApiKeyRecord) => unknown;

const put =
  (values: Partial<ApiKeyRecord>): Change =>
  (store, record) =>
    store.replace({ ...record, ...values, version: record.version + 1 }, record);

/** Changes after which the key, or its old value, reaches nothing any more. */
export const deaths: readonly (readonly [name: string, change: Change])[] = [
  ["regenerated", put({ hash: "f".repeat(64) })],
  ["deleted", (store, record) => store.delete(record)],
  ["disabled", put({ enabled: false })],
];

/** After which it reaches lisbon only. */
export const narrow = put({ access: { lisbon: "read" } });

/** After which it reaches porto, too. */
export const widen = put({ access: { barcelona: "write", lisbon: "read", porto: "write" } });

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Stores that answer at once, or later. */
export const stores: readonly (readonly [name: string, wrap: (store: KeyStore) => KeyStore])[] = [
  ["a synchronous store", (store) => store],
  ["a store that takes time", (store) => delayed(store, turn)],
];

/** An instance with leases, and a key with write on barcelona and read on lisbon. */
export interface World {
  readonly apiKeys: ApiKeys;
  readonly key: string;
  readonly ref: { readonly organizationId: string; readonly id: string };
  readonly clock: { nowMs: number };
  /** The store of the instance, while `isDown` unreachable. */
  readonly outage: { isDown: boolean; reads: number };
  authenticate(): Promise<Caller>;
  /**
   * Another instance changes the key, and its call resolves: a lease later. Without a change, time passes only.
   * Synchronous, as when the loop is blocked meanwhile.
   */
  resolves(change?: Change): void;
}

export async function createWorld(wrap: (store: KeyStore) => KeyStore): Promise<World> {
  const clock = { nowMs: NOW_MS };
  const memory = createMemoryStore();
  const outage = { isDown: false, reads: 0 };
  const store: KeyStore = {
    ...memory,
    findByHash(hash) {
      outage.reads++;
      if (outage.isDown) throw new Error("down");
      return memory.findByHash(hash);
    },
  };
  const apiKeys = createApiKeys({
    store: wrap(store),
    leaseMs: LEASE_MS,
    now: () => clock.nowMs,
    monotonicNow: () => clock.nowMs,
  });
  const access = { barcelona: "write", lisbon: "read" } as const;
  const { key, apiKey } = await apiKeys.create({ organizationId: OWN, name: "Website", access });
  const ref = { organizationId: OWN, id: apiKey.id };
  return {
    apiKeys,
    key,
    ref,
    clock,
    outage,
    async authenticate() {
      const who = await apiKeys.authenticate(key);
      if (!who.ok) throw new Error(`expected a caller, got ${who.reason}`);
      return who.caller;
    },
    resolves(change) {
      const { record } = memory.findById(ref) as Found;
      if (record !== null) void change?.(memory, record);
      clock.nowMs += WAIT_MS;
    },
  };
}

/** The loop is blocked for a lease whenever the caller was read anew: it is too old when its turn comes. */
export function blockAfterReads(caller: Caller, { clock }: World): Caller {
  const current = caller.current.bind(caller);
  const late = async () => {
    const now = await current();
    clock.nowMs += LEASE_MS;
    return now;
  };
  Object.defineProperty(caller, "current", { value: late });
  return caller;
}
