/** Stores of many keys, to verify in an order that no cache foresees. */
import * as crypto from "node:crypto";
import {
  createApiKeys,
  type ApiKeyRecord,
  type ApiKeys,
  type ApiKeysOptions,
  type KeyStore,
} from "../../src/index.js";
import { createKeyFormat } from "../../src/core/key.js";
import { createMemoryStore } from "../../src/stores/memory.js";

const AHEAD_MS = 3_600_000;

export interface Keys {
  readonly apiKeys: ApiKeys;
  readonly keys: readonly string[];
  /** What the floor looks keys up in. */
  readonly byHash: ReadonlyMap<string, ApiKeyRecord>;
}

/** What differs from keys that were used before, in memory, without leases. */
export interface KeysOptions extends Partial<ApiKeysOptions> {
  /** False: the first use of each is still to come. */
  readonly areUsed?: boolean;
}

/**
 * API keys over a store that holds so many, and the keys in an order that is not that of their records. They were used
 * before, as almost every key was that is used: by an instance whose clock is ahead, so that no use of them has to be
 * recorded while they are measured.
 */
export async function createKeys(count: number, options: KeysOptions = {}): Promise<Keys> {
  const { areUsed = true, store: given = createMemoryStore(), ...settings } = options;
  const byHash = new Map<string, ApiKeyRecord>();
  const store: KeyStore = {
    ...given,
    insert(record) {
      byHash.set(record.hash, record);
      return given.insert(areUsed ? { ...record, lastUsedAtMs: Date.now() + AHEAD_MS } : record);
    },
  };
  const apiKeys = createApiKeys({ store, ...settings });
  const organizations = Array.from({ length: 1000 }, (_, i) => `organization-${i}`);
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const { key } = await apiKeys.create({
      organizationId: organizations[i % organizations.length]!,
      name: `Key ${i}`,
      // Libraries have names of their own in every organization.
      access: { [`library-${i % 1000}`]: "write", lisbon: "read" },
    });
    // A flat string of its own, as out of a request's headers.
    keys.push(Buffer.from(key).toString("latin1"));
  }
  shuffle(keys);
  return { apiKeys, keys, byHash };
}

/** Keys that are malformed in one way or another, none of which a glance at the length would find. */
export function malformedKeys(count: number): string[] {
  const { generate } = createKeyFormat();
  return Array.from({ length: count }, (_, i) => {
    const at = 3 + (i % 32);
    const key = generate();
    return Buffer.from(`${key.slice(0, at)}-${key.slice(at + 1)}`).toString("latin1");
  });
}

/** Keys of which one character is another one. */
export function misspeltKeys(count: number): string[] {
  const { generate } = createKeyFormat();
  return Array.from({ length: count }, (_, i) => {
    const at = 3 + (i % 32);
    const key = generate();
    const other = key[at] === "7" ? "8" : "7";
    return Buffer.from(`${key.slice(0, at)}${other}${key.slice(at + 1)}`).toString("latin1");
  });
}

function shuffle(keys: string[]): void {
  for (let i = keys.length - 1; i > 0; i--) {
    const other = crypto.randomInt(i + 1);
    [keys[i], keys[other]] = [keys[other]!, keys[i]!];
  }
}

/**
 * Walks through the keys again and again. Every batch goes on where the one before it stopped; the floor is to begin
 * half-way, so that neither finds in the cache what the other has just read.
 */
export function rotate(keys: readonly string[], start = 0): () => string {
  let next = start;
  return () => {
    if (next === keys.length) next = 0;
    return keys[next++]!;
  };
}
