import proxyAddr from "proxy-addr";
import { kindOf } from "../core/check.js";
import { headerLines, type RequestHeaders } from "./headers.js";

/**
 * Whose `X-Forwarded-Proto` is believed: addresses, CIDR ranges, or the names `loopback`, `linklocal` and `uniquelocal`;
 * or a function of the peer's address.
 */
export type TrustProxy = string | readonly string[] | ((address: string) => boolean);

/** Whether a peer is a proxy of ours. */
export type IsTrusted = (address: string) => boolean;

/** What is known of a request's connection. */
export interface Connection {
  /** The request's headers. */
  readonly headers: RequestHeaders;
  /** Whether the connection that the request came over is TLS: Node's `req.socket.encrypted`. Undefined: it is not. */
  readonly encrypted: boolean | undefined;
  /** Address of the peer on that connection: Node's `req.socket.remoteAddress`. */
  readonly remoteAddress?: string | undefined;
}

/** Compiles the setting once. Absent: nobody is trusted. */
export function createTrust(trustProxy: TrustProxy | undefined): IsTrusted {
  if (trustProxy === undefined) return () => false;
  if (typeof trustProxy === "function") return (address) => trustProxy(address) === true;
  const list = typeof trustProxy === "string" ? [trustProxy] : trustProxy;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "string")) {
    throw new TypeError(
      `"trustProxy" expected addresses or a function of an address, got ${kindOf(trustProxy)}`,
    );
  }
  try {
    // A bare number is a count of hops to other servers, and the address 0.0.0.1 to proxy-addr.
    if (list.some((entry) => /^\d+$/.test(entry))) throw new RangeError("no address");
    const trusted = proxyAddr.compile([...list]);
    return (address) => trusted(address, 0);
  } catch {
    // Without its cause, which has the entry in its message: it might be a secret in the wrong place.
    throw new RangeError('"trustProxy" has an entry that is no address, range or known name');
  }
}

/**
 * Whether the request came over HTTPS. Believes the socket, or a trusted proxy's `X-Forwarded-Proto` in which every
 * entry is `https`: a client's own entry, passed on by a proxy that appends, cannot turn HTTP into HTTPS. Never looks at
 * the request line or `request.url`, which belong to the client.
 *
 * @see OWASP ASVS 5.0 4.1.3
 */
export function isSecure(connection: Connection, isTrusted: IsTrusted): boolean {
  const { headers, encrypted, remoteAddress } = connection;
  if (remoteAddress !== undefined && isTrusted(remoteAddress)) {
    const entries = headerLines(headers, "x-forwarded-proto").flatMap((line) => line.split(","));
    if (entries.length > 0) return entries.every(isHttps);
  }
  return encrypted === true;
}

function isHttps(entry: string): boolean {
  return entry.trim().toLowerCase() === "https";
}
