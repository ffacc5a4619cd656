/** Sessions, requests and answers for tests of the management API. */
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";
import { vi } from "vitest";
import {
  createManagementHandler,
  sessionManager,
  type ManagementHandlerOptions,
  type SessionManagerOptions,
} from "../../src/management/index.js";
import type { ApiKeysOptions } from "../../src/index.js";
import { createFixture, NOW_MS } from "../support/fixture.js";

export const ISSUER = "https://login.example.com";
export const AUDIENCE = "https://app.example.com";
export const ORGANIZATION = "monogram-labs";
export const URL_ = "https://app.example.com/settings/graphql";
export const LIBRARIES = ["barcelona", "lisbon", "porto", "__proto__"];

/** Who signs sessions. */
export interface Signer {
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
  readonly alg: string;
}

/** A new pair of keys with an id. */
export async function createSigner(kid: string, alg = "ES256"): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, privateKey, alg };
}

const NOW_S = NOW_MS / 1000;

/** What differs from a good session; undefined removes. */
export interface SessionParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Signs a session of Ana, who works at Monogram Labs. */
export function sign(signer: Signer, { header, claims }: SessionParts = {}): Promise<string> {
  const payload = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "ana@example.com",
    org_id: ORGANIZATION,
    iat: NOW_S,
    exp: NOW_S + 300,
    ...claims,
  };
  return new SignJWT(JSON.parse(JSON.stringify(payload)))
    .setProtectedHeader({ alg: signer.alg, kid: signer.jwk.kid!, typ: "JWT", ...header })
    .sign(signer.privateKey);
}

/** A manager of sessions under the clock of the fixtures. */
export function createSessions(signer: Signer, options: Partial<SessionManagerOptions> = {}) {
  return sessionManager({
    jwks: { keys: [signer.jwk] },
    issuer: ISSUER,
    audience: AUDIENCE,
    cookie: "session",
    now: () => NOW_MS,
    ...options,
  });
}

/** What a host's function would do with 3 libraries. */
export const listed = vi.fn(
  (query: { search: string | null; first: number; after: string | null }) => {
    const found = LIBRARIES.filter((id) => id.includes(query.search ?? ""));
    const start = query.after === null ? 0 : Number(query.after);
    const end = start + query.first;
    return {
      libraries: found.slice(start, end).map((id) => ({ id, name: id.toUpperCase() })),
      endCursor: end < found.length ? String(end) : null,
    };
  },
);

/** A handler, what it manages, and a way to ask it. */
export function createSubject(
  options: Partial<ManagementHandlerOptions> = {},
  apiKeysOptions: Partial<ApiKeysOptions> = {},
) {
  const fixture = createFixture({
    libraries: (_organizationId, ids) => ids.filter((id) => LIBRARIES.includes(id)),
    ...apiKeysOptions,
  });
  const handle = createManagementHandler({
    apiKeys: fixture.apiKeys,
    authorizeManager: () => ({ organizationId: ORGANIZATION, actor: "ana@example.com" }),
    libraries: listed,
    ...options,
  });

  /** Sends an operation as a page of the same origin does. */
  async function ask(query: string, variables: object = {}, headers: Record<string, string> = {}) {
    const response = await handle(requestOf({ query, variables }, headers));
    return { response, status: response.status, body: (await response.json()) as any };
  }

  return { ...fixture, handle, ask };
}

export type Subject = ReturnType<typeof createSubject>;

/** A request of a page of the same origin. */
export function requestOf(body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(URL_, {
    method: "POST",
    headers: { "content-type": "application/json", "sec-fetch-site": "same-origin", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export const API_KEY = `organizationId id name hint version enabled access { libraryId level }
  createdAt updatedAt expiresAt lastUsedAt`;

const PROBLEMS = `__typename
  ... on ApiKeyConflict { message apiKey { id version name } }
  ... on ApiKeyNotFound { message }
  ... on ApiKeyInvalid { message argument }`;

/** Every operation that changes. */
export const CREATE = `mutation ($organizationId: ID! = "monogram-labs", $name: String! = "Website",
  $access: [ApiKeyAccessInput!]! = [], $expiresAt: String, $submissionId: ID) {
  result: createApiKey(organizationId: $organizationId, name: $name, access: $access,
    expiresAt: $expiresAt, submissionId: $submissionId) {
    ${PROBLEMS} ... on ApiKeyIssued { key apiKey { ${API_KEY} } } } }`;
export const SET_ACCESS = `mutation ($organizationId: ID! = "monogram-labs", $id: ID!, $version: Int! = 1,
  $access: [ApiKeyAccessInput!]! = []) {
  result: setApiKeyAccess(organizationId: $organizationId, id: $id, version: $version, access: $access) {
    ${PROBLEMS} ... on ApiKeyChanged { apiKey { ${API_KEY} } } } }`;
export const UPDATE = `mutation ($organizationId: ID! = "monogram-labs", $id: ID!, $version: Int! = 1,
  $name: String, $expiresAt: String, $enabled: Boolean, $access: [ApiKeyAccessInput!]) {
  result: updateApiKey(organizationId: $organizationId, id: $id, version: $version, name: $name,
    expiresAt: $expiresAt, enabled: $enabled, access: $access) {
    ${PROBLEMS} ... on ApiKeyChanged { apiKey { ${API_KEY} } } } }`;
export const REGENERATE = `mutation ($organizationId: ID! = "monogram-labs", $id: ID!, $version: Int! = 1) {
  result: regenerateApiKey(organizationId: $organizationId, id: $id, version: $version) {
    ${PROBLEMS} ... on ApiKeyIssued { key apiKey { ${API_KEY} } } } }`;
export const DELETE = `mutation ($organizationId: ID! = "monogram-labs", $id: ID!, $version: Int! = 1) {
  result: deleteApiKey(organizationId: $organizationId, id: $id, version: $version) {
    ${PROBLEMS} ... on ApiKeyDeleted { id } } }`;
