import { checkAccess } from "./access.js";
import type { ApiKeys, CreateOptions, IssuedKey } from "./api-keys.js";
import { askWrite, unavailable } from "./ask.js";
import { changed, checkActor, withoutHash, type Changer } from "./change.js";
import { checkBoolean, checkId, checkOptions, checkText, MAX_NAME_LENGTH } from "./check.js";
import { createIdDeriver } from "./derived-id.js";
import { ApiKeyError } from "./errors.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import { find } from "./find.js";
import type { KeyHasher } from "./hash.js";
import type { KeyFormat } from "./key.js";
import type { LiveChecks } from "./live-checks.js";
import type { ApiKeyRecord, ApiKeyRef, KeyStore } from "./store.js";

/** What issuing needs. */
interface IssuerParts {
  readonly store: KeyStore;
  readonly format: KeyFormat;
  readonly hash: KeyHasher;
  readonly newId: () => string;
  readonly newVersion: () => number;
  readonly emit: Emit<ApiKeyEvent>;
  readonly checks: LiveChecks;
  readonly changer: Pick<Changer, "time">;
}

const OPTIONS = [
  "organizationId",
  "name",
  "access",
  "expiresAtMs",
  "enabled",
  "actor",
  "idempotencyKey",
];

/** The half of createApiKeys that makes keys. */
export function createIssuer(parts: IssuerParts): Pick<ApiKeys, "create"> {
  const { store, format, hash, newId, newVersion, emit, checks, changer } = parts;
  const idOf = createIdDeriver();

  async function create(options: CreateOptions): Promise<IssuedKey> {
    checkOptions("options", options, OPTIONS);
    const { organizationId, name, idempotencyKey } = options;
    const { access: table = {}, expiresAtMs = null, enabled = true } = options;
    checkId("organizationId", organizationId);
    checkText("name", name, MAX_NAME_LENGTH);
    const access = checkAccess("access", table);
    checks.expiry(expiresAtMs);
    checkBoolean("enabled", enabled);
    const actor = checkActor(options.actor);
    if (idempotencyKey !== undefined) checkId("idempotencyKey", idempotencyKey);
    await checks.librariesExist(organizationId, Object.keys(access));
    const atMs = changer.time();
    const key = format.generate();
    const identity =
      idempotencyKey === undefined
        ? { id: newId(), version: 1 }
        : { id: idOf(organizationId, idempotencyKey), version: newVersion() };
    const record: ApiKeyRecord = Object.freeze({
      ...identity,
      organizationId,
      name,
      hash: hash(key),
      hint: format.hint(key),
      access,
      enabled,
      expiresAtMs,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      lastUsedAtMs: null,
    });
    if (!(await askWrite(() => store.insert(record)))) {
      if (idempotencyKey !== undefined) throw await madeBefore(record);
      throw unavailable(new Error("a new random id or hash was taken"));
    }
    emit?.({ type: "created", ...changed(record, { actor }), access });
    return { key, apiKey: withoutHash(record) };
  }

  /** What the same wish made before, without its secret, which is nowhere; null: it is deleted already. */
  async function madeBefore(ref: ApiKeyRef): Promise<ApiKeyError> {
    const { record } = await find(store, ref);
    return new ApiKeyError("CONFLICT", "This idempotency key has made an API key already.", {
      apiKey: record && withoutHash(record),
    });
  }

  return { create };
}
