import type { AccessTable } from "./access.js";

/** Why an API key was not accepted. For logs; all but `unavailable` look alike from outside. */
export type KeyFailure = "malformed" | "unknown" | "disabled" | "expired" | "unavailable";

/** What every event of an API key says. */
export interface KeyEvent {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The organization of the API key. */
  readonly organizationId: string;
  /** The API key's id; never the key. */
  readonly keyId: string;
}

/** A change of an API key, for an audit log. */
export interface ChangeEvent extends KeyEvent {
  /** Who did it, as the call said. */
  readonly actor: string | null;
  /** The API key's version after the change. */
  readonly version: number;
}

/** What happened, for audit logs and alarms. Emitted after the fact; a listener cannot prevent anything. */
export type ApiKeyEvent =
  | (ChangeEvent & { readonly type: "created"; readonly access: AccessTable })
  | (ChangeEvent & {
      readonly type: "accessChanged";
      readonly before: AccessTable;
      readonly after: AccessTable;
    })
  | (ChangeEvent & { readonly type: "updated"; readonly changed: readonly string[] })
  | (ChangeEvent & { readonly type: "regenerated" })
  | (KeyEvent & { readonly type: "deleted"; readonly actor: string | null })
  /** A real key came over plain HTTP: it has to be taken for known to others, and regenerated. */
  | (KeyEvent & { readonly type: "exposed" })
  /** A key was refused. The ids are null where the key names no record. */
  | {
      readonly type: "refused";
      readonly atMs: number;
      readonly reason: Exclude<KeyFailure, "unavailable">;
      readonly organizationId: string | null;
      readonly keyId: string | null;
    }
  /** The store threw, hung or answered nonsense. */
  | { readonly type: "unavailable"; readonly atMs: number; readonly error: Error };

/** Receives every event. What it throws or rejects with is dropped. */
export type ApiKeyListener = (event: ApiKeyEvent) => unknown;

/** Passes events on, or is null when nobody listens, so that nobody pays for making them. */
export type Emit<E> = ((event: E) => void) | null;

/** Wraps a listener so that its failure, now or later, breaks nothing. */
export function createEmit<E>(listener: ((event: E) => unknown) | undefined): Emit<E> {
  if (listener === undefined) return null;
  return (event) => {
    try {
      Promise.resolve(listener(event)).catch(() => {});
    } catch {
      // An audit log that is down must neither open a door nor close one.
    }
  };
}
