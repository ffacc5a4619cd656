/** Load on real stores while something happens to them, and what must be left of it afterwards. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { createApiKeys, isApiKeyError, type ApiKeys, type KeyStore } from "../../src/index.js";
import { verdictOf } from "./fixture.js";

/** What must be true of a key from its answer on. */
interface Live {
  readonly key: string;
  readonly id: string;
  readonly access: "read" | "write";
}

/** What was acknowledged. A key that is being changed is in neither list until the answer came. */
export interface Ledger {
  readonly live: Live[];
  readonly dead: string[];
  /** Writes that resolved. */
  acknowledged: number;
  /** Calls that ended in `UNAVAILABLE`, and verifications that ended so. */
  outages: number;
  unavailable: number;
  /** Everything that must not happen. */
  readonly faults: string[];
}

/** What `happen` may do with a load. */
export interface Load {
  readonly apiKeys: readonly ApiKeys[];
  readonly ledger: Ledger;
  /** Waits until a hundred more steps were acknowledged. */
  readonly more: () => Promise<void>;
}

/** Options of {@link underLoad}. */
export interface LoadOptions {
  readonly leaseMs?: number;
  /** Workers an instance. Default 8, with leases 24, since they wait most of the time. */
  readonly workers?: number;
}

const organizationId = "monogram-labs";

/** How often one call is tried again. */
const MAX_TRIES = 5000;

/**
 * Creates, changes, regenerates, deletes and verifies on an instance a store, while something happens; then the same
 * objects have to work again, and everything that was acknowledged has to be there.
 */
export async function underLoad(
  stores: readonly KeyStore[],
  happen: (load: Load) => Promise<void>,
  options: LoadOptions = {},
): Promise<Ledger> {
  const { leaseMs = 0, workers: count = leaseMs > 0 ? 24 : 8 } = options;
  const ledger: Ledger = {
    live: [],
    dead: [],
    acknowledged: 0,
    outages: 0,
    unavailable: 0,
    faults: [],
  };
  const apiKeys = stores.map((store) => createApiKeys({ store, leaseMs, storeTimeoutMs: 2000 }));
  let isOver = false;
  const workers = apiKeys.flatMap((each) => [
    ...Array.from({ length: count }, () => work(each, ledger, () => isOver)),
    verify(each, ledger, () => isOver),
  ]);
  const more = async () => {
    const before = ledger.acknowledged;
    await expect.poll(() => ledger.acknowledged, { timeout: 30_000 }).toBeGreaterThan(before + 100);
  };
  try {
    await happen({ apiKeys, ledger, more });
    for (const each of apiKeys) await recovered(each);
    await more();
  } finally {
    isOver = true;
    await Promise.all(workers);
  }
  for (const each of apiKeys) await each.close();
  await expectKept(apiKeys, ledger);
  return ledger;
}

/** One step after the other until it is told to stop. */
async function work(apiKeys: ApiKeys, ledger: Ledger, isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    try {
      await step(apiKeys, ledger, n);
      ledger.acknowledged++;
    } catch (error) {
      if (isApiKeyError(error, "UNAVAILABLE")) ledger.outages++;
      else
        ledger.faults.push(`${isApiKeyError(error) ? error.code : String(error)} in step ${n % 5}`);
    }
    await sleep(1); // a store that answers at once would leave no time to others
  }
}

async function step(apiKeys: ApiKeys, ledger: Ledger, n: number): Promise<void> {
  const { live, dead } = ledger;
  const access = { barcelona: "write" } as const;
  const { key, apiKey } = await apiKeys.create({ organizationId, name: `Key ${n}`, access });
  const ref = { organizationId, id: apiKey.id };
  const insist = <T>(write: () => Promise<T>) => insistOn(write, ledger);
  switch (n % 5) {
    case 0: {
      const again = await insist(() => apiKeys.regenerate(ref));
      dead.push(key);
      live.push({ key: again.key, id: ref.id, access: "write" });
      return;
    }
    case 1: {
      await insist(() => apiKeys.delete(ref));
      dead.push(key);
      return;
    }
    case 2: {
      await insist(() => apiKeys.setAccess(ref, { barcelona: "read" }));
      live.push({ key, id: ref.id, access: "read" });
      return;
    }
    case 3: {
      await insist(() => apiKeys.update(ref, { enabled: false }));
      dead.push(key);
      return;
    }
    default:
      live.push({ key, id: ref.id, access: "write" });
  }
}

/** As docs/at-once.md says: a call that failed with `UNAVAILABLE` is called again. Its first try may be its rival. */
async function insistOn<T>(write: () => Promise<T>, ledger: Ledger): Promise<T> {
  let hasFailed = false;
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      const isOutage = isApiKeyError(error, "UNAVAILABLE");
      if (!isOutage && !(hasFailed && isApiKeyError(error, "CONFLICT"))) throw error;
      if (tries === MAX_TRIES) throw error;
      hasFailed = true;
      ledger.outages++;
      await sleep(5);
    }
  }
}

/** Verifies what was acknowledged: the answer is what it must be, or that there is none. */
async function verify(apiKeys: ApiKeys, ledger: Ledger, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    for (const each of ledger.live.slice(-20)) await verifyLive(apiKeys, each, ledger);
    for (const key of ledger.dead.slice(-20)) await verifyDead(apiKeys, key, ledger);
    await sleep(1);
  }
}

async function verifyLive(apiKeys: ApiKeys, { key, access }: Live, ledger: Ledger): Promise<void> {
  const result = await apiKeys.authenticate(key);
  if (result.ok) {
    const can = result.caller.can("write", { organizationId, libraryId: "barcelona" });
    if (can !== (access === "write")) ledger.faults.push(`live: ${access} became another`);
  } else if (result.reason === "unavailable") ledger.unavailable++;
  else ledger.faults.push(`live: ${result.reason}`);
}

async function verifyDead(apiKeys: ApiKeys, key: string, ledger: Ledger): Promise<void> {
  const result = await apiKeys.authenticate(key);
  if (result.ok) ledger.faults.push("dead: accepted");
  else if (result.reason === "unavailable") ledger.unavailable++;
}

/** The same objects work again, without anyone having touched them. */
async function recovered(apiKeys: ApiKeys): Promise<void> {
  const create = () => apiKeys.create({ organizationId, name: "Recovered" });
  await expect.poll(() => verdictOf(create), { timeout: 30_000 }).toBe("ok");
}

async function expectKept(instances: readonly ApiKeys[], ledger: Ledger): Promise<void> {
  const { live, dead, faults } = ledger;
  const listed = await listedIds(instances[0]!);
  for (const { id } of live) if (!listed.has(id)) faults.push("lost: an entry of the list");
  const before = ledger.unavailable;
  for (const apiKeys of instances) {
    await inGroups(live, (each) => verifyLive(apiKeys, each, ledger));
    await inGroups(dead, (key) => verifyDead(apiKeys, key, ledger));
  }
  expect(ledger.unavailable).toBe(before);
  expect(countsOf(faults)).toEqual({});
}

async function listedIds(apiKeys: ApiKeys): Promise<Set<string>> {
  const ids = new Set<string>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<ApiKeys["list"]>> = await apiKeys.list({
      organizationId,
      first: 500,
      after,
    });
    for (const { id } of page.apiKeys) ids.add(id);
    after = page.endCursor;
  } while (after !== null);
  return ids;
}

function countsOf(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

async function inGroups<T>(values: readonly T[], run: (value: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < values.length; at += 50) {
    await Promise.all(values.slice(at, at + 50).map(run));
  }
}
