import { levelOf, withLevel } from "./access.js";
import { askWrite, NONSENSE, unavailable } from "./ask.js";
import type { ApiKeys } from "./api-keys.js";
import { changed, checkActor, type Changer } from "./change.js";
import { checkId, checkOptions } from "./check.js";
import { isApiKeyError } from "./errors.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import { page } from "./find.js";
import type { Settle } from "./settle.js";
import type { ApiKeyRecord, KeyStore, PageStart } from "./store.js";

/** What changes of many keys need. */
interface BulkParts {
  readonly store: KeyStore;
  readonly now: () => number;
  readonly emit: Emit<ApiKeyEvent>;
  readonly changer: Changer;
  readonly settle: Settle;
}

type Bulk = Pick<ApiKeys, "removeLibrary" | "deleteOrganization">;

const PAGE = 100;
const WRITES_AT_ONCE = 8;
// Each round that is not the last found keys that were made or granted after the round before it.
const MAX_ROUNDS = 20;

/** Changes of all keys of an organization. They wait once, however many keys there are. */
export function createBulk({ store, now, emit, changer, settle }: BulkParts): Bulk {
  async function removeLibrary(options: {
    organizationId: string;
    libraryId: string;
    actor?: string | null;
  }): Promise<number> {
    checkOptions("options", options, ["organizationId", "libraryId", "actor"]);
    const organizationId = checkId("organizationId", options.organizationId);
    const libraryId = checkId("libraryId", options.libraryId);
    const actor = checkActor(options.actor);
    const isConcerned = ({ access }: ApiKeyRecord) => levelOf(access, libraryId) !== undefined;

    return sweep(organizationId, isConcerned, async ({ id }) => {
      const target = { organizationId, id, version: undefined, actor };
      const narrow = ({ access: before }: ApiKeyRecord) => {
        const access = withLevel(before, libraryId, undefined);
        return access === before ? undefined : { access };
      };
      const { before, after, wrote } = await changer.change(target, narrow, true);
      if (!wrote) return false;
      const tables = { before: before.access, after: after.access };
      emit?.({ type: "accessChanged", ...changed(after, target), ...tables });
      return true;
    });
  }

  async function deleteOrganization(
    organizationId: string,
    options: { actor?: string | null } = {},
  ): Promise<number> {
    checkId("organizationId", organizationId);
    checkOptions("options", options, ["actor"]);
    const actor = checkActor(options.actor);
    return sweep(
      organizationId,
      () => true,
      async ({ id }) => {
        if (!(await askWrite(() => store.delete({ organizationId, id })))) return false;
        emit?.({ type: "deleted", atMs: now(), organizationId, keyId: id, actor });
        return true;
      },
    );
  }

  /** Applies a change to all keys that are concerned until there are none, waits, and looks again. Answers how many. */
  async function sweep(
    organizationId: string,
    isConcerned: (record: ApiKeyRecord) => boolean,
    apply: (record: ApiKeyRecord) => Promise<boolean>,
  ): Promise<number> {
    let count = 0;
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const records = (await all(organizationId)).filter(isConcerned);
      count += await applyAll(records, apply);
      let isLeft = false;
      // No key has this id: what is asked for is how long leases are.
      await settle({ organizationId, id: "-" }, async () => {
        isLeft = (await all(organizationId)).some(isConcerned);
        return true;
      });
      if (!isLeft) return count;
    }
    throw unavailable(new Error("keys are made faster than they can be changed"));
  }

  async function all(organizationId: string): Promise<readonly ApiKeyRecord[]> {
    const records: ApiKeyRecord[] = [];
    const ids = new Set<string>();
    for (;;) {
      const last = records.at(-1);
      const start: PageStart | null = last ? { createdAtMs: last.createdAtMs, id: last.id } : null;
      const next = await page(store, organizationId, PAGE, start);
      records.push(...next);
      for (const { id } of next) ids.add(id);
      if (ids.size < records.length) throw unavailable(NONSENSE); // it could go on for ever
      if (next.length < PAGE) return records;
    }
  }

  return { removeLibrary, deleteOrganization };
}

/** Applies a change to some records at a time. Answers how many it changed; those that are gone count as done. */
async function applyAll(
  records: readonly ApiKeyRecord[],
  apply: (record: ApiKeyRecord) => Promise<boolean>,
): Promise<number> {
  const waiting = records.values();
  let count = 0;
  const worker = async () => {
    for (const record of waiting) {
      try {
        if (await apply(record)) count += 1;
      } catch (error) {
        if (!isApiKeyError(error, "NOT_FOUND")) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, worker));
  return count;
}
