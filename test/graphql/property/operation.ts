/** Descriptions of random documents and requests, as trees that the oracle can walk. */
import type { Json, Level, TypeRef } from "./schema.js";

export type Value =
  | { readonly kind: "null" }
  | { readonly kind: "text" | "enum"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Value>> }
  | { readonly kind: "variable"; readonly name: string };

export interface Variable {
  readonly type: TypeRef;
  readonly default?: Json;
}

export interface Condition {
  readonly name: "skip" | "include";
  readonly if: boolean | { readonly variable: string };
}

export interface FieldSelection {
  readonly kind: "field";
  readonly alias: string;
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
  /** Empty: of a leaf. */
  readonly selections: readonly Selection[];
}

export type Selection = { readonly conditions: readonly Condition[] } & (
  | FieldSelection
  | {
      readonly kind: "inline";
      readonly on: string | null;
      readonly selections: readonly Selection[];
    }
  | { readonly kind: "spread"; readonly fragment: string }
);

export interface Fragment {
  readonly on: string;
  readonly selections: readonly Selection[];
}

export interface Operation {
  readonly name: string | null;
  readonly kind: "query" | "mutation";
  readonly selections: readonly Selection[];
}

/** All operations of a document define the same variables. */
export interface Document {
  readonly operations: readonly Operation[];
  readonly fragments: Readonly<Record<string, Fragment>>;
  readonly variables: Readonly<Record<string, Variable>>;
  /** It would not pass validation, as documents from a store need not. */
  readonly invalid: boolean;
}

/** A table, or every library of the organization. */
export type Access = Readonly<Record<string, Level>> | { readonly every: Level };

/** Who wants which operation with which variables. */
export interface Request {
  readonly organizationId: string;
  readonly access: Access;
  readonly operationName: string | null;
  /** As they are sent; undefined: as if it was not. */
  readonly variables: Readonly<Record<string, Json | undefined>>;
  /** Also execute it with a context that was checked for something else: `"other"`, or not at all: `"never"`. */
  readonly unlocked: "other" | "never" | null;
}
