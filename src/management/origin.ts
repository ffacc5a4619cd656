import { checkText, kindOf } from "../core/check.js";
import { headerLines, type RequestHeaders } from "../http/headers.js";
import { failure } from "./failure.js";

/** What is needed of a request: `Request` of fetch, Yoga's, Hono's; Node's and Express' fit too. */
export interface ManagerRequest {
  /** The request's headers. */
  readonly headers: RequestHeaders;
  /** Absolute, or only path and query: then the `Host` header says the rest. */
  readonly url?: string | undefined;
}

/** Checks the option of that name: origins such as `https://app.example.com`. */
export function checkOrigins(origins: readonly string[] | undefined): ReadonlySet<string> {
  if (origins === undefined) return new Set();
  if (!Array.isArray(origins)) {
    throw new TypeError(`"allowedOrigins" expected an array, got ${kindOf(origins)}`);
  }
  for (const origin of origins) {
    checkText("allowedOrigins", origin, 2048);
    if (originOf(origin) !== origin) {
      throw new RangeError('"allowedOrigins" expected origins such as "https://app.example.com"');
    }
  }
  return new Set(origins);
}

/**
 * Whether a page of this very origin, or of an allowed one, made a request. Null: the request does not say, so no
 * browser of the last years made it.
 *
 * `Sec-Fetch-Site` is believed first: a page cannot set it, and it is right behind proxies too. Its `same-site` and
 * `none` are not enough. Plain HTTP is never this origin, whatever a proxy makes of `request.url`.
 *
 * @see W3C Fetch Metadata section 2.3, RFC 6454 section 7, OWASP ASVS 5.0 3.5.1
 */
export function isFromOwnPage(
  request: ManagerRequest,
  allowed: ReadonlySet<string>,
): boolean | null {
  const origins = headerLines(request.headers, "origin");
  const sites = headerLines(request.headers, "sec-fetch-site");
  if (origins.length > 1 || sites.length > 1) return false;
  const [origin] = origins;
  const [site] = sites;
  if (origin !== undefined && allowed.has(origin)) return true;
  if (site !== undefined) return site === "same-origin";
  if (origin !== undefined) return origin === ownOrigin(request);
  return null;
}

/**
 * Throws when a page of another origin may have made a request. What says nothing of its page is believed only without a
 * cookie, and without credentials of a scheme that browsers add by themselves.
 */
export function refuseOtherPages(request: ManagerRequest, allowed: ReadonlySet<string>): void {
  const isOwn = isFromOwnPage(request, allowed);
  if (isOwn === true) return;
  const [authorization = "Bearer "] = headerLines(request.headers, "authorization");
  const isDeliberate =
    /^bearer /i.test(authorization) && headerLines(request.headers, "cookie").length === 0;
  if (isOwn === null && isDeliberate) return;
  throw failure(
    "CROSS_SITE",
    "Only pages of this origin may send this: `Origin` or `Sec-Fetch-Site` must say so.",
  );
}

function ownOrigin({ headers, url }: ManagerRequest): string | undefined {
  const host = /^https?:\/\/([^/?#]*)/.exec(url ?? "")?.[1] ?? headerLines(headers, "host")[0];
  return host ? originOf(`https://${host}`) : undefined;
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
