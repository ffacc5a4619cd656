import { checkAccess } from "./access.js";
import type { ApiKeys, CreateOptions, IssuedKey } from "./api-keys.js";
import { askWrite, unavailable } from "./ask.js";
import { changed, checkActor, withoutHash, type Changer } from "./change.js";
import { checkBoolean, checkId, checkOptions, checkText, MAX_NAME_LENGTH } from "./check.js";
import type { ApiKeyEvent, Emit } from "./events.js";
import type { KeyHasher } from "./hash.js";
import type { KeyFormat } from "./key.js";
import type { LiveChecks } from "./live-checks.js";
import type { ApiKeyRecord, KeyStore } from "./store.js";

/** What issuing needs. */
interface IssuerParts {
  readonly store: KeyStore;
  readonly format: KeyFormat;
  readonly hash: KeyHasher;
  readonly newId: () => string;
  readonly emit: Emit<ApiKeyEvent>;
  readonly checks: LiveChecks;
  readonly changer: Pick<Changer, "time">;
}

const OPTIONS = ["organizationId", "name", "access", "expiresAtMs", "enabled", "actor"];

/** The half of createApiKeys that makes keys. */
export function createIssuer(parts: IssuerParts): Pick<ApiKeys, "create"> {
  const { store, format, hash, newId, emit, checks, changer } = parts;

  async function create(options: CreateOptions): Promise<IssuedKey> {
    checkOptions("options", options, OPTIONS);
    const {
      organizationId,
      name,
      access: table = {},
      expiresAtMs = null,
      enabled = true,
    } = options;
    checkId("organizationId", organizationId);
    checkText("name", name, MAX_NAME_LENGTH);
    const access = checkAccess("access", table);
    checks.expiry(expiresAtMs);
    checkBoolean("enabled", enabled);
    const actor = checkActor(options.actor);
    await checks.librariesExist(organizationId, Object.keys(access));
    const atMs = changer.time();
    const key = format.generate();
    const record: ApiKeyRecord = Object.freeze({
      id: newId(),
      organizationId,
      name,
      hash: hash(key),
      hint: format.hint(key),
      access,
      version: 1,
      enabled,
      expiresAtMs,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      lastUsedAtMs: null,
    });
    if (!(await askWrite(() => store.insert(record)))) {
      throw unavailable(new Error("a new random id or hash was taken"));
    }
    emit?.({ type: "created", ...changed(record, { actor }), access });
    return { key, apiKey: withoutHash(record) };
  }

  return { create };
}
