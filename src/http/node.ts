import { headerLines, type RequestHeaders } from "./headers.js";
import type { Connection } from "./transport.js";

/** What is needed of Node's `IncomingMessage`, or of a framework's request around it. */
export interface NodeRequest {
  readonly headers?: RequestHeaders;
  readonly rawHeaders?: readonly string[];
  readonly raw?: NodeRequest;
  readonly socket?: { readonly encrypted?: boolean; readonly remoteAddress?: string | undefined };
}

/**
 * The connection of one of Node's requests. Without one nothing says that it is TLS, so it counts as plain HTTP.
 *
 * @param headers - The request's headers, where it has no raw ones.
 */
export function nodeConnection(req: NodeRequest | undefined, headers: RequestHeaders): Connection {
  const socket = req?.socket ?? req?.raw?.socket;
  return {
    headers: req?.rawHeaders ?? req?.raw?.rawHeaders ?? headers,
    encrypted: socket?.encrypted === true,
    remoteAddress: socket?.remoteAddress,
  };
}

/** Takes the key out of a request that is kept for as long as its socket is open. */
export function forgetKey(req: NodeRequest | undefined): void {
  const rawHeaders = (req?.rawHeaders ?? []) as string[];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === "authorization") rawHeaders[i + 1] = "";
  }
  if (req?.headers) delete (req.headers as Record<string, unknown>)["authorization"];
  if (req?.raw) forgetKey(req.raw); // a framework's headers may be copies
}

/** From this size on a body is let in only after its key was read; it is read again once the body has arrived. */
const LARGE_BODY = 64 * 1024;

/** Whether a body is worth a look at the store before its first byte: large, of unknown size, or files. */
export function isLargeBody(method: string, headers: RequestHeaders): boolean {
  if (method === "GET" || method === "HEAD") return false;
  const [type = ""] = headerLines(headers, "content-type");
  if (type.trimStart().toLowerCase().startsWith("multipart/")) return true;
  const [length] = headerLines(headers, "content-length");
  return length === undefined || !(Number(length) <= LARGE_BODY);
}
