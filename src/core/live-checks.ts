import type { LibrariesThatExist } from "./api-keys.js";
import { ask } from "./ask.js";
import { checkInteger, MAX_TIME_MS, quote } from "./check.js";

/** Checks that need more than the value: the host's libraries, or the clock. */
export interface LiveChecks {
  /** Throws unless the host has all of these libraries. */
  librariesExist(organizationId: string, ids: readonly string[]): Promise<void>;
  /** Throws unless the value is a time to come, or null. */
  expiry(value: unknown): number | null;
}

/** What {@link createLiveChecks} needs. */
interface LiveChecksParts {
  readonly libraries: LibrariesThatExist | undefined;
  /** The clock. */
  readonly time: () => number;
}

/** Makes the checks of what a key is given. */
export function createLiveChecks({ libraries, time }: LiveChecksParts): LiveChecks {
  return {
    async librariesExist(organizationId, ids) {
      if (libraries === undefined || ids.length === 0) return;
      const existing = await ask(async () => new Set([...(await libraries(organizationId, ids))]));
      const missing = ids.find((id) => !existing.has(id));
      if (missing !== undefined) {
        throw new RangeError(`"access" names a library that does not exist: ${quote(missing)}`);
      }
    },

    expiry(value) {
      if (value === null) return null;
      const expiresAtMs = checkInteger("expiresAtMs", value, 0, MAX_TIME_MS);
      if (expiresAtMs <= time()) {
        throw new RangeError('"expiresAtMs" expected Unix milliseconds in the future');
      }
      return expiresAtMs;
    },
  };
}
