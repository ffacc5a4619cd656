import type { Context, SubscribePayload } from "graphql-ws";
import { close as closeStream } from "../graphql/streams.js";
import type { RequestFailure } from "../http/answer.js";
import { headerLines } from "../http/headers.js";
import { forgetKey, nodeConnection, type NodeRequest } from "../http/node.js";
import type { Connection } from "../http/transport.js";

/** What graphql-ws knows of a socket. */
export type GraphQLWsSocket = Context<Record<string, unknown>, unknown>;

/** Codes that close a socket, as graphql-ws has them, and the one of WebSocket for "try again later". */
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const TRY_AGAIN = 1013;

const KEPT_HEADERS = ["authorization", "origin", "host", "x-forwarded-proto"];

/** What is kept of a socket's connection, with the keys of its upgrade and of its first message, which are kept nowhere else. */
export function takeConnection(socket: GraphQLWsSocket, upgrade: Connection): Connection {
  // Of keys in both, the gate says what it says of two lines.
  const headers = [
    ...KEPT_HEADERS.flatMap((name) =>
      headerLines(upgrade.headers, name).flatMap((line) => [name, line]),
    ),
    ...takeKey(socket).flatMap((line) => ["authorization", line]),
  ];
  return { ...upgrade, headers };
}

/** Takes keys out of what is kept for as long as the socket is open, and answers those of its first message. */
function takeKey({ connectionParams, extra }: GraphQLWsSocket): readonly string[] {
  forgetKey(((extra ?? {}) as Extra).request);
  const params = connectionParams as Record<string, unknown> | undefined;
  const lines: string[] = [];
  for (const [name, value] of Object.entries(params ?? {})) {
    if (name.toLowerCase() !== "authorization") continue;
    lines.push(typeof value === "string" ? value : "");
    delete params![name];
  }
  return lines;
}

/** Answers false, with which graphql-ws closes a socket that is open still. */
export function turnAway(socket: GraphQLWsSocket, reason: RequestFailure): false {
  if (reason === "unavailable") close(socket, TRY_AGAIN, "Try again later");
  else if (reason === "insecure") close(socket, FORBIDDEN, "HTTPS is required");
  else closeDead(socket);
  return false;
}

/** What the runtimes of graphql-ws call their socket. */
interface Extra {
  readonly socket?: { close?(code: number, reason: string): void };
  readonly request?: NodeRequest & { readonly headers?: Connection["headers"] };
}

/** Closes a socket whose key is dead. */
export function closeDead(socket: GraphQLWsSocket): void {
  close(socket, UNAUTHORIZED, "Unauthorized");
}

function close({ extra }: GraphQLWsSocket, code: number, reason: string): void {
  (extra as Extra | undefined)?.socket?.close?.(code, reason);
}

/** Streams of sockets, each for one message that asked for it. */
interface OpenStreams {
  add(socket: GraphQLWsSocket, payload: SubscribePayload, stream: AsyncIterable<unknown>): void;
  close(socket: GraphQLWsSocket, payload: SubscribePayload): void;
  closeAll(socket: GraphQLWsSocket): void;
}

/**
 * Keeps streams from outliving their sockets. graphql-ws knows them by the client's ids, and loses one whose id is
 * completed, and used again, while it is being opened.
 */
export function createOpenStreams(): OpenStreams {
  const streamsOf = new WeakMap<GraphQLWsSocket, Map<SubscribePayload, AsyncIterable<unknown>>>();
  const end = (stream: AsyncIterable<unknown> | undefined): void => {
    if (stream) closeStream(stream[Symbol.asyncIterator]());
  };
  return {
    add(socket, payload, stream) {
      const streams = streamsOf.get(socket) ?? new Map<SubscribePayload, AsyncIterable<unknown>>();
      streamsOf.set(socket, streams.set(payload, stream));
    },
    close(socket, payload) {
      const streams = streamsOf.get(socket);
      end(streams?.get(payload));
      streams?.delete(payload);
    },
    closeAll(socket) {
      for (const stream of streamsOf.get(socket)?.values() ?? []) end(stream);
      streamsOf.delete(socket);
    },
  };
}

/** Node's request of a socket's upgrade. */
export function connectionOf({ extra }: GraphQLWsSocket): Connection {
  const { request } = (extra ?? {}) as Extra;
  return nodeConnection(request, request?.headers ?? {});
}
