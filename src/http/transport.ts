import proxyAddr from "proxy-addr";
import { kindOf } from "../core/check.js";
import { headerLines, type RequestHeaders } from "./headers.js";

/**
 * Whose `X-Forwarded-Proto` is believed: addresses, CIDR ranges, or the names `loopback`, `linklocal` and `uniquelocal`;
 * or a function of the peer's address.
 */
export type TrustProxy = string | readonly string[] | ((address: string) => boolean);

/** Whether a peer is a proxy of ours. */
export type IsTrusted = (address: string | undefined) => boolean;

/** What is known of a request's connection. */
export interface Connection {
  /** The request's headers. */
  readonly headers: RequestHeaders;
  /** Whether the connection that the request came over is TLS: Node's `req.socket.encrypted`. */
  readonly encrypted: boolean;
  /** Address of the peer on that connection: Node's `req.socket.remoteAddress`. */
  readonly remoteAddress?: string | undefined;
}

/** Compiles the setting once. Absent: nobody is trusted. */
export function createTrust(trustProxy: TrustProxy | undefined): IsTrusted {
  if (trustProxy === undefined) return () => false;
  if (typeof trustProxy === "function") {
    return (address) => address !== undefined && trustProxy(address) === true;
  }
  const list = typeof trustProxy === "string" ? [trustProxy] : trustProxy;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "string")) {
    throw new TypeError(
      `"trustProxy" expected addresses or a function of an address, got ${kindOf(trustProxy)}`,
    );
  }
  let trusted;
  try {
    trusted = proxyAddr.compile([...list]);
  } catch (error) {
    throw new RangeError('"trustProxy" has an entry that is no address, range or known name', {
      cause: error,
    });
  }
  return (address) => address !== undefined && trusted(address, 0);
}

/**
 * Whether the request came over HTTPS. Believes the socket, or a trusted proxy's `X-Forwarded-Proto` in which every
 * entry is `https`: a client's own entry, passed on by a proxy that appends, cannot turn HTTP into HTTPS. Never looks at
 * the request line or `request.url`, which belong to the client.
 *
 * @see OWASP ASVS 5.0 4.1.3
 */
export function isSecure(connection: Connection, isTrusted: IsTrusted): boolean {
  if (isTrusted(connection.remoteAddress)) {
    const lines = headerLines(connection.headers, "x-forwarded-proto");
    if (lines.length > 0) {
      return lines.every((line) => line.split(",").every((entry) => isHttps(entry)));
    }
  }
  return connection.encrypted === true;
}

function isHttps(entry: string): boolean {
  return entry.trim().toLowerCase() === "https";
}
