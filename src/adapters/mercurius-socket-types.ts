import type { GraphQLError } from "graphql";
import type { MercuriusOptions } from "mercurius";
import type { ApiKeys } from "../core/api-keys.js";
import type { Caller } from "../core/caller.js";
import type { Guard } from "../graphql/guard.js";
import type { OtherCallers } from "../http/others.js";
import type { TrustProxy } from "../http/transport.js";
import type { Outcome } from "./mercurius-operations.js";

/** What serves the WebSockets of Mercurius' option `subscription`: its own transport keeps none of the promises. */
export interface MercuriusSockets {
  /** `@fastify/websocket`. Registered here, for messages of at most 1 MiB, unless the host has done it. */
  readonly websocket: (...args: never[]) => unknown;
  /** `makeHandler` of `graphql-ws/use/@fastify/websocket`. */
  readonly makeHandler: (options: never, keepAlive?: number) => unknown;
  /** `createServerOptions` of `graphql-api-keys/adapters/graphql-ws`. */
  readonly createServerOptions: (options: never) => object;
}

/** Mercurius' option `subscription`. */
export type Subscription = Exclude<MercuriusOptions["subscription"], boolean | undefined>;

/** What graphql-ws knows of a socket. */
export interface SocketContext {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly extra: unknown;
}

/** What graphql-ws knows of an operation. */
export interface SocketPayload {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** An operation, whose caller was read anew. */
export interface SocketSent {
  readonly socket: SocketContext;
  readonly id: string;
  readonly payload: SocketPayload;
  readonly context: object;
  readonly caller: Caller;
}

/** What `createServerOptions` is given. */
export interface SocketOptions {
  readonly apiKeys: ApiKeys;
  readonly guard: Guard;
  readonly trustProxy?: TrustProxy;
  readonly otherCallers?: OtherCallers<SocketContext>;
  readonly heartbeatMs?: number;
  readonly context: (socket: SocketContext) => object;
  readonly prepare: (sent: SocketSent) => Promise<Outcome | readonly GraphQLError[]>;
}

/** What is needed of a socket of ws. */
export interface WebSocketLike {
  on(event: "error", listener: (error: Error) => void): unknown;
  close(code: number, reason: string): void;
}
