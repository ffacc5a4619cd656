import type { ApiKey, Level } from "../../src/settings/types.js";

/** A key with this access. */
export function keyWith(
  access: Readonly<Record<string, Level>>,
  change: Partial<ApiKey> = {},
): ApiKey {
  return {
    id: "1",
    name: "Website",
    hint: "pk_4eC3…",
    version: 1,
    enabled: true,
    access: new Map(Object.entries(access)),
    createdAt: "2026-11-23T05:46:12.000Z",
    expiresAt: null,
    lastUsedAt: null,
    ...change,
  };
}
