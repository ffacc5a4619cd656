import { checkFunction, checkOptions, checkString } from "../core/check.js";
import type { ApiKeyRecord, KeyReader, KeyStore, KeyWriter } from "../core/store.js";
import { createClaims, INTENT_SECONDS, outcomeOf } from "./redis-claims.js";
import {
  changingFields,
  createLayout,
  escape,
  idOf,
  join,
  lastingFields,
  placeOf,
  recordOf,
  split,
} from "./redis-layout.js";
import { ADD, COMMIT, DELETE, GET, RAISE, RANGE, READ, REMOVE, TOUCH } from "./redis-scripts.js";
import { createRun, integerOf, textOf, textsOf, type Run } from "./redis-wire.js";

/** Options of {@link createRedisStore}. */
export interface RedisStoreOptions {
  /**
   * Sends one command and answers what the server answers; rejects when there is no answer. `args` has the command's name
   * and its arguments; `args[3]` is always its first key, for clients of a cluster that ask for one.
   */
  readonly command: (args: readonly string[]) => PromiseLike<unknown>;
  /** What the names of all keys begin with; no `{` and no `}`. Default `"api-keys"`. */
  readonly prefix?: string;
}

// About 2 MB. With more keys in use at once, some take one round trip more.
const MAX_HINTS = 10_000;

type Layout = ReturnType<typeof createLayout>;

/**
 * Keeps API keys in Redis 7.0 or newer, or in Valkey: one server, a primary with replicas, or a cluster.
 *
 * A verification takes one round trip; two when this process has not seen the key before. Everything is a Lua script, sent
 * by its digest. What is durable depends on the server's configuration (`appendonly`, `appendfsync`, replicas), and it must
 * not evict (`maxmemory-policy noeviction`).
 *
 * @param options - The function that sends commands, and a prefix.
 * @returns A store. What `command` rejects with, its methods reject with.
 * @throws TypeError or RangeError when an option is not as described.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ for hash tags
 * @example
 * ```ts
 * import { createApiKeys } from "graphql-api-keys";
 * import { createRedisStore } from "graphql-api-keys/stores/redis";
 * import { createClient } from "redis";
 *
 * const redis = createClient({ disableOfflineQueue: true });
 * redis.on("error", () => {}); // a connection that was lost comes back
 * await redis.connect();
 * const store = createRedisStore({ command: (args) => redis.sendCommand([...args]) });
 * const apiKeys = createApiKeys({ store });
 * ```
 */
export function createRedisStore(options: RedisStoreOptions): KeyStore {
  checkOptions("options", options, ["command", "prefix"]);
  const { command, prefix = "api-keys" } = options;
  checkFunction("command", command);
  if (/[{}]/.test(checkString("prefix", prefix))) {
    throw new RangeError('"prefix" expected text without braces: they choose the slot');
  }
  const run = createRun(command);
  const layout = createLayout(prefix);
  return { ...createReader(run, layout), ...createWriter(run, layout) };
}

function createReader(run: Run, layout: Layout): KeyReader {
  const { leaseKey, recordKey, intentKey, pointerKey, listKey } = layout;
  // Digest → id, as last seen: saves the pointer's round trip. No more to be believed than the pointer is.
  const hints = new Map<string, string>();

  async function read(id: string): Promise<ApiKeyRecord | null> {
    return recordOf(textsOf(await run(READ, [recordKey(id)])));
  }

  async function readByHash(hash: string): Promise<ApiKeyRecord | null> {
    const hint = hints.get(hash);
    if (hint !== undefined) {
      const record = await read(hint);
      if (record?.hash === hash) return record;
      hints.delete(hash);
    }
    const owner = textOf(await run(GET, [pointerKey(hash)]));
    if (owner === "") return null;
    const [, id] = split(owner);
    const record = await read(id);
    // The key was regenerated, or is not written yet.
    if (record?.hash !== hash) return null;
    if (hints.size >= MAX_HINTS) hints.delete(hints.keys().next().value!);
    hints.set(hash, id);
    return record;
  }

  // Apart from the record, and at the same time. Who waits for leases to end asks after its commit, and whoever still has
  // what was there before raised the lease before it read that: so the answer is not too low.
  async function readLease(): Promise<number> {
    return integerOf(textOf(await run(GET, [leaseKey])) || "0");
  }

  /** The record that a member of a list stands for; null, and the member is removed, if it never will for any. */
  async function readMember(organizationId: string, member: string): Promise<ApiKeyRecord | null> {
    const [place, token] = split(member);
    const id = idOf(place);
    const fields = textsOf(await run(READ, [recordKey(id), intentKey(id, token)], token));
    if (fields.length === 0) {
      // Best effort, and harmless to other insertions of this id: their members have other tokens.
      await run(REMOVE, [listKey(organizationId)], member).catch(() => {});
    }
    const record = recordOf(fields);
    return record?.organizationId === organizationId ? record : null;
  }

  return {
    async findByHash(hash) {
      const [record, leaseMs] = await Promise.all([readByHash(hash), readLease()]);
      return { record, leaseMs };
    },

    async findById({ organizationId, id }) {
      const [record, leaseMs] = await Promise.all([read(escape(id)), readLease()]);
      return { record: record?.organizationId === organizationId ? record : null, leaseMs };
    },

    async list(organizationId, first, after) {
      const records: ApiKeyRecord[] = [];
      // `!` is after the space that ends an id in a member, and before whatever continues it.
      let start = after === null ? "-" : `(${placeOf(after.createdAtMs, escape(after.id))}!`;
      for (;;) {
        const wanted = first - records.length;
        const page = await run(RANGE, [listKey(organizationId)], start, String(wanted));
        const members = textsOf(page);
        const found = await Promise.all(
          members.map((member) => readMember(organizationId, member)),
        );
        records.push(...found.filter((record) => record !== null));
        if (members.length < wanted || records.length === first) return records;
        start = `(${members.at(-1)!}`;
      }
    },
  };
}

function createWriter(run: Run, layout: Layout): KeyWriter {
  const { leaseKey, recordKey, intentKey, listKey } = layout;
  const claims = createClaims(run, layout);
  const newToken = () => globalThis.crypto.randomUUID();

  /** Best effort, like every removal of a hint: a member without its record is passed over. */
  async function unlist(organizationId: string, member: string): Promise<void> {
    await run(REMOVE, [listKey(organizationId)], member).catch(() => {});
  }

  return {
    async insert(record) {
      const { organizationId, hash } = record;
      const [id, token] = [escape(record.id), newToken()];
      const member = join(placeOf(record.createdAtMs, id), token);
      const fields = [...changingFields(record), ...lastingFields(record, token)];
      const verdict = await claims.write({
        ...{ id, hash, from: null, token },
        before: async () => textOf(await run(ADD, [listKey(organizationId)], member)),
        commit: (keys) => run(COMMIT, keys, token, "", "", "", ...fields),
      });
      if (verdict !== "done") await unlist(organizationId, member);
      return verdict === "done";
    },

    async replace(record, before) {
      const { hash } = record;
      const [id, token] = [escape(record.id), newToken()];
      const expected = [escape(record.organizationId), String(before.version), before.hash];
      const commit = (keys: readonly string[]) =>
        run(COMMIT, keys, token, ...expected, ...changingFields(record));
      if (hash === before.hash) {
        return outcomeOf(await commit([recordKey(id)])).verdict === "done";
      }
      return (await claims.write({ id, hash, from: before.hash, token, commit })) === "done";
    },

    async delete({ organizationId, id: plainId }, version) {
      const id = escape(plainId);
      const keys = [recordKey(id), intentKey(id, newToken())];
      const expected = [escape(organizationId), version === undefined ? "" : String(version)];
      const removed = textsOf(await run(DELETE, keys, ...expected, INTENT_SECONDS));
      if (removed.length === 0) return false;
      const [claim, created, token, hash] = removed as [string, string, string, string];
      await Promise.all([
        claims.release(hash, join(claim, id)),
        unlist(organizationId, join(placeOf(integerOf(created), id), token)),
      ]);
      return true;
    },

    async touch({ organizationId, id: plainId, hash, atMs, newHash }) {
      const [id, token] = [escape(plainId), newToken()];
      const commit = (keys: readonly string[]) =>
        run(TOUCH, keys, token, escape(organizationId), hash, String(atMs), newHash ?? "");
      if (newHash !== null && newHash !== hash) {
        const verdict = await claims.write({ id, hash: newHash, from: hash, token, commit });
        if (verdict !== "taken") return;
      }
      outcomeOf(await commit([recordKey(id)]));
    },

    async raiseLease(leaseMs) {
      textOf(await run(RAISE, [leaseKey], String(leaseMs)));
    },
  };
}
