/**
 * The Lua that createRedisStore runs. Every script touches the keys it was given and no others, all of one hash slot.
 *
 * None is marked `no-writes`, not even those that only read: Redis then runs them on the primary alone, and a primary
 * that was cut off from its replicas (`min-replicas-to-write`) answers no reads either. `allow-oom` is for what makes
 * no data larger, so that keys can be verified and deleted when the memory is full.
 *
 * A record is a hash: `r` JSON, `o` organization, `v` version, `h` digest, `u` last use or nothing, `a` creation time,
 * `t` token of its insertion, `c` token under which it claimed its digest, `w` token of its last replacement.
 */
export interface Script {
  readonly text: string;
  /** 40 lower-case hex characters, as EVALSHA wants them. */
  sha1(): Promise<string>;
}

function script(flags: "" | "allow-oom", body: string): Script {
  const text = `#!lua flags=${flags}\n${body}`;
  let digest: Promise<string> | undefined;
  return { text, sha1: () => (digest ??= sha1Of(text)) };
}

async function sha1Of(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** KEYS: any text. → it, or nothing. */
export const GET = script("allow-oom", "return redis.call('GET', KEYS[1]) or ''");

/** KEYS: lease. ARGV: ms. */
export const RAISE = script(
  "",
  `if tonumber(redis.call('GET', KEYS[1]) or -1) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
end
return ''`,
);

/**
 * KEYS: record. → r, h, u, a; or nothing.
 * With KEYS: record, intent. ARGV: token of the insertion. → also nothing for a record of another insertion, and "open"
 * while that insertion may still happen.
 */
export const READ = script(
  "allow-oom",
  `local f = redis.call('HMGET', KEYS[1], 'r', 'h', 'u', 'a', 't')
if f[1] and (not KEYS[2] or f[5] == ARGV[1]) then return {f[1], f[2], f[3], f[4]} end
if KEYS[2] and redis.call('EXISTS', KEYS[2]) == 1 then return {'open'} end
return {}`,
);

/** KEYS: intent. ARGV: seconds. */
export const BEGIN = script("", "redis.call('SET', KEYS[1], 'open', 'EX', ARGV[1]) return ''");

/** KEYS: pointer. ARGV: owner, owner that has no right to it or nothing. → whose the pointer is now. */
export const CLAIM = script(
  "",
  `local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] and owner ~= ARGV[2] then return owner end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]`,
);

/** KEYS: pointer. ARGV: owner. */
export const RELEASE = script(
  "allow-oom",
  "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return ''",
);

/**
 * KEYS: record, intent. ARGV: token, "cancel" or nothing. → "held": the record claimed its digest under this token;
 * "open": it still may; "free": it never will.
 */
export const RESOLVE = script(
  "allow-oom",
  `if redis.call('HGET', KEYS[1], 'c') == ARGV[1] then return 'held' end
if redis.call('GET', KEYS[2]) ~= 'open' then return 'free' end
if ARGV[2] ~= 'cancel' then return 'open' end
redis.call('DEL', KEYS[2])
return 'free'`,
);

/**
 * KEYS: record[, intent]. ARGV: token, organization, version, digest (version nothing: there must be no record), then
 * fields and values. → "done", "no" or "lost", and the token of the claim that ended.
 */
export const COMMIT = script(
  "",
  `local f = redis.call('HMGET', KEYS[1], 'o', 'v', 'h', 'c', 'w')
local intent = KEYS[2] and redis.call('GET', KEYS[2])
if f[4] == ARGV[1] or f[5] == ARGV[1] or intent == 'used' then return {'done', ''} end
if ARGV[3] == '' then
  if f[1] then return {'no', ''} end
elseif f[1] ~= ARGV[2] or f[2] ~= ARGV[3] or f[3] ~= ARGV[4] then
  return {'no', ''}
end
if KEYS[2] then
  if intent ~= 'open' then return {'lost', ''} end
  redis.call('SET', KEYS[2], 'used', 'KEEPTTL')
  redis.call('HSET', KEYS[1], 'c', ARGV[1])
end
redis.call('HSET', KEYS[1], 'w', ARGV[1], unpack(ARGV, 5))
return {'done', f[4] or ''}`,
);

/** KEYS: record[, intent]. ARGV: token, organization, digest, ms, new digest. → as COMMIT. */
export const TOUCH = script(
  "",
  `local f = redis.call('HMGET', KEYS[1], 'o', 'h', 'u', 'c')
if KEYS[2] and f[4] == ARGV[1] then return {'done', ''} end
if f[1] ~= ARGV[2] or f[2] ~= ARGV[3] then return {'no', ''} end
if KEYS[2] then
  if redis.call('GET', KEYS[2]) ~= 'open' then return {'lost', ''} end
  redis.call('SET', KEYS[2], 'used', 'KEEPTTL')
  redis.call('HSET', KEYS[1], 'c', ARGV[1], 'h', ARGV[5])
end
if f[3] == '' or tonumber(f[3]) < tonumber(ARGV[4]) then redis.call('HSET', KEYS[1], 'u', ARGV[4]) end
return {'done', f[4]}`,
);

/**
 * KEYS: record, intent. ARGV: organization, version or nothing, seconds. → c, a, t, h of what was removed; or nothing.
 * Remembers its answer in place of an intent, for clients that send a command again when its answer was lost.
 */
export const DELETE = script(
  "allow-oom",
  `local removed = redis.call('LRANGE', KEYS[2], 0, -1)
if removed[1] then return removed end
local f = redis.call('HMGET', KEYS[1], 'o', 'v', 'c', 'a', 't', 'h')
if f[1] ~= ARGV[1] or (ARGV[2] ~= '' and f[2] ~= ARGV[2]) then return {} end
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[2], f[3], f[4], f[5], f[6])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return {f[3], f[4], f[5], f[6]}`,
);

/** KEYS: list. ARGV: member. */
export const ADD = script("", "redis.call('ZADD', KEYS[1], 0, ARGV[1]) return ''");

/** KEYS: list. ARGV: member. */
export const REMOVE = script("allow-oom", "redis.call('ZREM', KEYS[1], ARGV[1]) return ''");

/** KEYS: list. ARGV: where it begins, how many. → members. */
export const RANGE = script(
  "allow-oom",
  "return redis.call('ZRANGE', KEYS[1], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2])",
);
