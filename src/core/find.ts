import { ask, isRecord, NONSENSE, unavailable } from "./ask.js";
import type { ApiKeyRecord, ApiKeyRef, Found, KeyReader, PageStart } from "./store.js";

/** Reads an organization's API key as the store has it now, and the longest lease that anyone may hold. */
export async function find(
  store: Pick<KeyReader, "findById">,
  { organizationId, id }: ApiKeyRef,
): Promise<Found> {
  const found = await ask(() => store.findById({ organizationId, id }));
  const record = found?.record;
  if (record !== null) {
    assertOwn(record, organizationId);
    if (record.id !== id) throw unavailable(NONSENSE);
  }
  if (!(found.leaseMs >= 0)) throw unavailable(NONSENSE);
  return found;
}

/** Reads a page of an organization's API keys. */
export async function page(
  store: Pick<KeyReader, "list">,
  organizationId: string,
  first: number,
  after: PageStart | null,
): Promise<readonly ApiKeyRecord[]> {
  const answered: unknown = await ask(() => store.list(organizationId, first, after));
  if (!Array.isArray(answered)) throw unavailable(NONSENSE);
  const records = answered as readonly ApiKeyRecord[];
  for (const record of records) assertOwn(record, organizationId);
  return records;
}

/** Throws unless a store answered a record of the organization that was asked for. */
function assertOwn(
  record: ApiKeyRecord | undefined,
  organizationId: string,
): asserts record is ApiKeyRecord {
  const own = isRecord(record) && record.organizationId === organizationId;
  if (!own || !Number.isSafeInteger(record.createdAtMs)) throw unavailable(NONSENSE);
}
