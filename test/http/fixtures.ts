import {
  createApiKeys,
  createKeyFormat,
  type ApiKeyEvent,
  type ApiKeys,
  type ApiKeysOptions,
} from "../../src/index.js";
import type { FailureAnswer, RequestFailure } from "../../src/http/index.js";
import { createMemoryStore } from "../../src/stores/memory.js";

/** One key of every kind there is. */
export interface Keys {
  readonly good: string;
  readonly malformed: string;
  readonly unknown: string;
  readonly deleted: string;
  readonly regenerated: string;
  readonly disabled: string;
  readonly expired: string;
}

/** API keys with one key of every kind, and the events since they were made. */
export interface Bench {
  readonly apiKeys: ApiKeys;
  readonly keys: Keys;
  /** Id of the good key. */
  readonly id: string;
  readonly events: ApiKeyEvent[];
}

const START_MS = Date.UTC(2026, 0, 1);

export const ORGANIZATION = "monogram-labs";

export async function createBench(options: Partial<ApiKeysOptions> = {}): Promise<Bench> {
  const events: ApiKeyEvent[] = [];
  let atMs = START_MS;
  const apiKeys = createApiKeys({
    store: createMemoryStore(),
    onEvent: (event) => events.push(event),
    now: () => atMs,
    ...options,
  });
  const make = (name: string, more: { enabled?: boolean; expiresAtMs?: number } = {}) =>
    apiKeys.create({
      organizationId: ORGANIZATION,
      name,
      access: { barcelona: "write", lisbon: "read" },
      ...more,
    });
  const good = await make("good");
  const deleted = await make("deleted");
  const regenerated = await make("regenerated");
  const disabled = await make("disabled", { enabled: false });
  const expired = await make("expired", { expiresAtMs: START_MS + 1000 });
  await apiKeys.delete({ organizationId: ORGANIZATION, id: deleted.apiKey.id });
  await apiKeys.regenerate({ organizationId: ORGANIZATION, id: regenerated.apiKey.id });
  atMs += 1000;
  events.length = 0;
  return {
    apiKeys,
    events,
    id: good.apiKey.id,
    keys: {
      good: good.key,
      malformed: misspell(good.key),
      unknown: createKeyFormat().generate(),
      deleted: deleted.key,
      regenerated: regenerated.key,
      disabled: disabled.key,
      expired: expired.key,
    },
  };
}

/** A key with another last character, so that its checksum is wrong. */
export function misspell(key: string): string {
  return key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");
}

export type Verdict =
  "ok" | "missing" | "ambiguous" | "malformed" | "unknown" | "disabled" | "expired";

/** A row: the `Authorization` lines of a request, and what becomes of it over HTTPS. */
export interface Row {
  readonly name: string;
  readonly lines: (keys: Keys) => readonly string[];
  readonly verdict: Verdict;
  /** The verdict where it is another one after a server has joined the lines with commas. */
  readonly joined?: Verdict;
}

export const ROWS: readonly Row[] = [
  { name: "the key", lines: ({ good }) => [`Bearer ${good}`], verdict: "ok" },
  { name: "lower-case scheme", lines: ({ good }) => [`bearer ${good}`], verdict: "ok" },
  { name: "upper-case scheme", lines: ({ good }) => [`BEARER ${good}`], verdict: "ok" },
  { name: "several spaces", lines: ({ good }) => [`Bearer    ${good}`], verdict: "ok" },
  { name: "no header", lines: () => [], verdict: "missing" },
  { name: "an empty value", lines: () => [""], verdict: "missing" },
  { name: "the scheme alone", lines: () => ["Bearer"], verdict: "missing" },
  { name: "the key alone", lines: ({ good }) => [good], verdict: "missing" },
  { name: "Basic", lines: () => ["Basic bW9ub2dyYW06bGFicw=="], verdict: "missing" },
  {
    name: "the key as Basic",
    lines: ({ good }) => [`Basic ${btoa(`${good}:`)}`],
    verdict: "missing",
  },
  { name: "the key as Token", lines: ({ good }) => [`Token ${good}`], verdict: "missing" },
  { name: "a longer scheme", lines: ({ good }) => [`Bearers ${good}`], verdict: "missing" },
  { name: "a scheme before it", lines: ({ good }) => [`Basic Bearer ${good}`], verdict: "missing" },
  { name: "no space", lines: ({ good }) => [`Bearer${good}`], verdict: "missing" },
  { name: "a colon", lines: ({ good }) => [`Bearer: ${good}`], verdict: "missing" },
  { name: "a tab", lines: ({ good }) => [`Bearer\t${good}`], verdict: "missing" },
  {
    name: "Digest, which has commas of its own",
    lines: () => ['Digest username="monogram", realm="labs", nonce="1"'],
    verdict: "missing",
  },
  {
    name: "two lines",
    lines: ({ good }) => [`Bearer ${good}`, `Bearer ${good}`],
    verdict: "ambiguous",
  },
  {
    name: "a bad line first",
    lines: ({ good }) => ["Bearer x", `Bearer ${good}`],
    verdict: "ambiguous",
  },
  {
    name: "a good line first",
    lines: ({ good }) => [`Bearer ${good}`, "Bearer x"],
    verdict: "ambiguous",
  },
  {
    name: "Basic and Bearer",
    lines: ({ good }) => ["Basic eDp5", `Bearer ${good}`],
    verdict: "ambiguous",
  },
  {
    name: "an empty line first",
    lines: ({ good }) => ["", `Bearer ${good}`],
    verdict: "ambiguous",
  },
  {
    name: "two lines without a key",
    lines: () => ["Basic eDp5", "Basic eDp5"],
    verdict: "ambiguous",
    joined: "missing",
  },
  { name: "three lines", lines: ({ good }) => ["x", `Bearer ${good}`, "y"], verdict: "ambiguous" },
  {
    name: "joined by a comma",
    lines: ({ good }) => [`Bearer ${good}, Bearer ${good}`],
    verdict: "ambiguous",
  },
  {
    name: "joined without a space",
    lines: ({ good }) => [`Bearer ${good},x`],
    verdict: "ambiguous",
  },
  {
    name: "joined after Basic",
    lines: ({ good }) => [`Basic eDp5, Bearer ${good}`],
    verdict: "ambiguous",
  },
  {
    name: "joined after Digest",
    lines: ({ good }) => [`Digest a="b",\t bearer ${good}`],
    verdict: "ambiguous",
  },
  { name: "joined after nothing", lines: ({ good }) => [`,Bearer ${good}`], verdict: "ambiguous" },
  { name: "a comma at the end", lines: ({ good }) => [`Bearer ${good},`], verdict: "ambiguous" },
  {
    name: "a wrong checksum",
    lines: ({ malformed }) => [`Bearer ${malformed}`],
    verdict: "malformed",
  },
  { name: "a space and a tab", lines: ({ good }) => [`Bearer \t${good}`], verdict: "malformed" },
  { name: "a word after it", lines: ({ good }) => [`Bearer ${good} x`], verdict: "malformed" },
  { name: "two keys", lines: ({ good }) => [`Bearer ${good} ${good}`], verdict: "malformed" },
  {
    name: "the scheme twice",
    lines: ({ good }) => [`Bearer Bearer ${good}`],
    verdict: "malformed",
  },
  { name: "quotes", lines: ({ good }) => [`Bearer "${good}"`], verdict: "malformed" },
  { name: "a parameter", lines: ({ good }) => [`Bearer token=${good}`], verdict: "malformed" },
  {
    name: "an escape",
    lines: ({ good }) => [`Bearer ${good.replace("_", "%5F")}`],
    verdict: "malformed",
  },
  { name: "padding", lines: ({ good }) => [`Bearer ${good}=`], verdict: "malformed" },
  {
    name: "an upper-case prefix",
    lines: ({ good }) => [`Bearer PK_${good.slice(3)}`],
    verdict: "malformed",
  },
  {
    name: "the page's sample",
    lines: () => ["Bearer pk_4eC39HqLH3U46nipzJ6ixhzdp7dc42Sf"],
    verdict: "malformed",
  },
  { name: "`null`", lines: () => ["Bearer null"], verdict: "malformed" },
  {
    name: "a byte over 127",
    lines: ({ good }) => [`Bearer ${good.slice(0, -1)}\u00e9`],
    verdict: "malformed",
  },
  {
    name: "10,000 characters",
    lines: ({ good }) => [`Bearer ${good.repeat(286)}`],
    verdict: "malformed",
  },
  { name: "an unknown key", lines: ({ unknown }) => [`Bearer ${unknown}`], verdict: "unknown" },
  { name: "a deleted key", lines: ({ deleted }) => [`Bearer ${deleted}`], verdict: "unknown" },
  {
    name: "the old value of a regenerated key",
    lines: ({ regenerated }) => [`Bearer ${regenerated}`],
    verdict: "unknown",
  },
  { name: "a disabled key", lines: ({ disabled }) => [`Bearer ${disabled}`], verdict: "disabled" },
  { name: "an expired key", lines: ({ expired }) => [`Bearer ${expired}`], verdict: "expired" },
];

const INVALID: FailureAnswer = {
  status: 401,
  code: "UNAUTHENTICATED",
  message: "The API key is not valid.",
  headers: { "cache-control": "no-store", "www-authenticate": 'Bearer error="invalid_token"' },
};

/** What each refusal is answered, to the letter. */
export const ANSWERS: Readonly<Record<RequestFailure, FailureAnswer>> = {
  insecure: {
    status: 403,
    code: "HTTPS_REQUIRED",
    message:
      "HTTPS is required. Regenerate a key that was sent over plain HTTP: others may have read it.",
    headers: { "cache-control": "no-store" },
  },
  missing: {
    status: 401,
    code: "UNAUTHENTICATED",
    message: "An API key is required: `Authorization: Bearer <API_KEY>`.",
    headers: { "cache-control": "no-store", "www-authenticate": "Bearer" },
  },
  ambiguous: {
    status: 400,
    code: "UNAUTHENTICATED",
    message: "Send one `Authorization` header.",
    headers: { "cache-control": "no-store", "www-authenticate": 'Bearer error="invalid_request"' },
  },
  malformed: INVALID,
  unknown: INVALID,
  disabled: INVALID,
  expired: INVALID,
  unavailable: {
    status: 503,
    code: "UNAVAILABLE",
    message: "API keys cannot be checked at the moment.",
    headers: { "cache-control": "no-store" },
  },
};

/** Waits for the timers that are due, and for what they start on a synchronous store. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
