import { describe, expectTypeOf, it } from "vitest";
import {
  createApiKeys,
  everyLibrary,
  type AccessTable,
  type ApiKey,
  type ApiKeyListener,
  type ApiKeyPage,
  type ApiKeyRef,
  type ApiKeys,
  type ApiKeysOptions,
  type Authentication,
  type ChangeRef,
  type CreateOptions,
  type IssuedKey,
  type KeyFormatOptions,
  type KeyStore,
  type Level,
  type LibrariesThatExist,
  type MaybePromise,
  type Pepper,
} from "../../src/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";

declare const apiKeys: ApiKeys;
declare const store: KeyStore;
declare const ref: ChangeRef;

describe("createApiKeys", () => {
  it("needs a store", () => {
    expectTypeOf(createApiKeys).parameters.toEqualTypeOf<[ApiKeysOptions]>();
    expectTypeOf(createApiKeys).returns.toEqualTypeOf<ApiKeys>();
    expectTypeOf(createMemoryStore).parameters.toEqualTypeOf<[]>();
    expectTypeOf(createMemoryStore).returns.toEqualTypeOf<KeyStore>();
    // @ts-expect-error a store is needed
    createApiKeys({});
    // @ts-expect-error half a store is none
    createApiKeys({ store: { findByHash: store.findByHash } });
    // @ts-expect-error the option is called storeTimeoutMs
    createApiKeys({ store, timeoutMs: 1000 });
    createApiKeys({ store, leaseMs: 1000, maxLeases: 10, pepper: ["current", null] });
    // @ts-expect-error a lease is a number of milliseconds
    createApiKeys({ store, leaseMs: "1s" });
  });

  it("takes options that are all readonly", () => {
    expectTypeOf<ApiKeysOptions>().toEqualTypeOf<{
      readonly store: KeyStore;
      readonly format?: KeyFormatOptions;
      readonly pepper?: Pepper | readonly (Pepper | null)[];
      readonly libraries?: LibrariesThatExist;
      readonly onEvent?: ApiKeyListener;
      readonly storeTimeoutMs?: number;
      readonly leaseMs?: number;
      readonly maxLeases?: number;
      readonly now?: () => number;
      readonly monotonicNow?: () => number;
    }>();
    expectTypeOf<LibrariesThatExist>().toEqualTypeOf<
      (organizationId: string, libraryIds: readonly string[]) => MaybePromise<Iterable<string>>
    >();
  });
});

describe("managing", () => {
  it("create", () => {
    expectTypeOf(apiKeys.create).toEqualTypeOf<(options: CreateOptions) => Promise<IssuedKey>>();
    expectTypeOf<IssuedKey>().toEqualTypeOf<{ readonly key: string; readonly apiKey: ApiKey }>();
    expectTypeOf<CreateOptions>().toEqualTypeOf<{
      readonly organizationId: string;
      readonly name: string;
      readonly access?: AccessTable;
      readonly expiresAtMs?: number | null;
      readonly enabled?: boolean;
      readonly actor?: string | null;
      readonly idempotencyKey?: string;
    }>();
    const named = { organizationId: "monogram-labs", name: "Website" };
    // @ts-expect-error an organization is needed
    void apiKeys.create({ name: "Website" });
    // @ts-expect-error it is called expiresAtMs
    void apiKeys.create({ ...named, expiresAt: 1 });
    // @ts-expect-error a time, not a duration in words
    void apiKeys.create({ ...named, expiresAtMs: "30 days" });
    // @ts-expect-error not a Date
    void apiKeys.create({ ...named, expiresAtMs: new Date() });
    // @ts-expect-error no third level
    void apiKeys.create({ ...named, access: { barcelona: "admin" } });
    // @ts-expect-error a key has no wildcard
    void apiKeys.create({ ...named, access: everyLibrary("read") });
    // @ts-expect-error what was forgotten would make a second key
    void apiKeys.create({ ...named, idempotencyKey: undefined });
    // @ts-expect-error undefined is not null: "never" is said, not forgotten
    void apiKeys.create({ ...named, expiresAtMs: undefined });
  });

  it("list and get", () => {
    expectTypeOf(apiKeys.list).returns.toEqualTypeOf<Promise<ApiKeyPage>>();
    expectTypeOf(apiKeys.list).parameters.toEqualTypeOf<
      [
        {
          readonly organizationId: string;
          readonly first?: number;
          readonly after?: string | null;
        },
      ]
    >();
    expectTypeOf<ApiKeyPage>().toEqualTypeOf<{
      readonly apiKeys: readonly ApiKey[];
      readonly endCursor: string | null;
    }>();
    expectTypeOf(apiKeys.get).toEqualTypeOf<(ref: ApiKeyRef) => Promise<ApiKey | null>>();
    // @ts-expect-error an id alone names no API key
    void apiKeys.get({ id: "key_1" });
    // @ts-expect-error an organization is needed
    void apiKeys.list({});
  });

  it("changes name the API key by organization and id, perhaps a version and an actor", () => {
    expectTypeOf<ChangeRef>().toEqualTypeOf<{
      readonly organizationId: string;
      readonly id: string;
      readonly version?: number;
      readonly actor?: string | null;
    }>();
    expectTypeOf<ApiKey>().toExtend<ApiKeyRef>();
  });

  it("setAccess, grant and revoke answer the API key", () => {
    type Change<Rest extends unknown[]> = (...parameters: [ChangeRef, ...Rest]) => Promise<ApiKey>;
    expectTypeOf(apiKeys.setAccess).toEqualTypeOf<Change<[AccessTable]>>();
    expectTypeOf(apiKeys.grant).toEqualTypeOf<
      Change<[{ readonly libraryId: string; readonly level: Level }]>
    >();
    expectTypeOf(apiKeys.revoke).toEqualTypeOf<Change<[{ readonly libraryId: string }]>>();
    // @ts-expect-error a level is needed
    void apiKeys.grant(ref, { libraryId: "porto" });
    // @ts-expect-error a revocation is whole
    void apiKeys.revoke(ref, { libraryId: "porto", level: "write" });
    // @ts-expect-error not a list of ids
    void apiKeys.setAccess(ref, ["porto"]);
  });

  it("update", () => {
    expectTypeOf(apiKeys.update).toEqualTypeOf<
      (
        ref: ChangeRef,
        changes: {
          readonly name?: string;
          readonly expiresAtMs?: number | null;
          readonly enabled?: boolean;
          readonly access?: AccessTable;
        },
      ) => Promise<ApiKey>
    >();
    // @ts-expect-error a table, not a list of ids
    void apiKeys.update(ref, { access: ["porto"] });
    // @ts-expect-error a key has no wildcard
    void apiKeys.update(ref, { access: everyLibrary("read") });
    // @ts-expect-error a key cannot change its organization
    void apiKeys.update(ref, { organizationId: "acme-co" });
  });

  it("regenerate and delete", () => {
    expectTypeOf(apiKeys.regenerate).toEqualTypeOf<(ref: ChangeRef) => Promise<IssuedKey>>();
    expectTypeOf(apiKeys.delete).toEqualTypeOf<(ref: ChangeRef) => Promise<boolean>>();
    // @ts-expect-error the id alone is not enough
    void apiKeys.delete("key_1");
  });
});

describe("many keys, and the end", () => {
  it("removeLibrary and deleteOrganization answer how many", () => {
    expectTypeOf(apiKeys.removeLibrary).toEqualTypeOf<
      (options: {
        readonly organizationId: string;
        readonly libraryId: string;
        readonly actor?: string | null;
      }) => Promise<number>
    >();
    expectTypeOf(apiKeys.deleteOrganization).toEqualTypeOf<
      (organizationId: string, options?: { readonly actor?: string | null }) => Promise<number>
    >();
    // @ts-expect-error a library is of an organization
    void apiKeys.removeLibrary({ libraryId: "porto" });
    // @ts-expect-error it has no version
    void apiKeys.deleteOrganization("monogram-labs", { version: 1 });
  });

  it("close takes nothing and answers nothing", () => {
    expectTypeOf(apiKeys.close).toEqualTypeOf<() => Promise<void>>();
  });

  it("peppers are text, bytes, or null among several", () => {
    expectTypeOf<Pepper>().toEqualTypeOf<string | Uint8Array>();
    createApiKeys({ store, pepper: new Uint8Array(16) });
    // @ts-expect-error none is said by leaving it out
    createApiKeys({ store, pepper: null });
    // @ts-expect-error an unset variable is not "no pepper"
    createApiKeys({ store, pepper: ["current pepper, 16 bytes", undefined] });
  });
});

describe("authenticate and redact", () => {
  it("authenticate promises a result", () => {
    expectTypeOf(apiKeys.authenticate).toEqualTypeOf<(key: string) => Promise<Authentication>>();
    // @ts-expect-error a promise is not the result: this would let everybody in
    void (apiKeys.authenticate("pk_").ok === false);
    // @ts-expect-error a header that may be missing
    void apiKeys.authenticate(undefined as string | undefined);
  });

  it("redact answers text", () => {
    expectTypeOf(apiKeys.redact).toEqualTypeOf<(text: string) => string>();
    // @ts-expect-error an error is no text
    void apiKeys.redact(new Error("no text"));
  });

  it("nothing can be replaced", () => {
    // @ts-expect-error a stored API key has no key
    void (null as unknown as ApiKey).key;
    // @ts-expect-error the digest stays inside
    void (null as unknown as ApiKey).hash;
  });
});
