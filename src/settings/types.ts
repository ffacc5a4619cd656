/** What a key may do in a library, as the management API spells it. */
export type Level = "READ" | "WRITE";

/** What a row of the table of libraries says. */
export type Choice = Level | "NONE";

/** Library id → level. A map, because ids come from outside. */
export type Access = ReadonlyMap<string, Level>;

/** An API key as lists show it: never the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly access: Access;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** What of a key is to become another; what is left out stays. */
export interface Changes {
  readonly name?: string;
  /** ISO 8601; null: never. */
  readonly expiresAt?: string | null;
  readonly enabled?: boolean;
  /** The whole table. */
  readonly access?: Access;
}

/** A library that access can be given to. */
export interface Library {
  readonly id: string;
  readonly name: string;
}

/** Why a request has no answer. */
export type Failure = "network" | "server" | "signedOut" | "forbidden";

/** What the management API answers to a change. */
export type Answer =
  | { readonly type: "issued"; readonly key: string; readonly apiKey: ApiKey }
  | { readonly type: "changed"; readonly apiKey: ApiKey }
  | { readonly type: "deleted" }
  | { readonly type: "conflict"; readonly apiKey: ApiKey | null }
  | { readonly type: "notFound" }
  | { readonly type: "invalid"; readonly message: string }
  | { readonly type: "failed"; readonly failure: Failure };

/** A list that was asked for. */
export type Loaded<T> =
  | { readonly type: "loaded"; readonly nodes: readonly T[]; readonly endCursor: string | null }
  | { readonly type: "failed"; readonly failure: Failure };
