/* What is sent to the management API. */

const KEY = `{ id name hint version enabled access { libraryId level } createdAt expiresAt lastUsedAt }`;

const REFUSALS =
  `... on ApiKeyConflict { apiKey ${KEY} } ` +
  `... on ApiKeyNotFound { message } ` +
  `... on ApiKeyInvalid { message }`;

const CHANGED = `{ __typename ... on ApiKeyChanged { apiKey ${KEY} } ${REFUSALS} }`;
const ISSUED = `{ __typename ... on ApiKeyIssued { key apiKey ${KEY} } ${REFUSALS} }`;
const DELETED = `{ __typename ... on ApiKeyDeleted { id } ${REFUSALS} }`;

const REF = `$organizationId: ID!, $id: ID!, $version: Int!`;
const GIVEN = `organizationId: $organizationId, id: $id, version: $version`;

export const KEYS = `query ($organizationId: ID!, $first: Int, $after: String) {
  page: apiKeys(organizationId: $organizationId, first: $first, after: $after) { nodes ${KEY} endCursor }
}`;

export const LIBRARIES = `query ($organizationId: ID!, $first: Int, $after: String) {
  page: apiKeyLibraries(organizationId: $organizationId, first: $first, after: $after) { nodes { id name } endCursor }
}`;

export const CREATE = `mutation ($organizationId: ID!, $name: String!, $submissionId: ID) {
  result: createApiKey(organizationId: $organizationId, name: $name, submissionId: $submissionId) ${ISSUED}
}`;

// A variable that is not sent is an argument that is left out.
export const UPDATE = `mutation (${REF}, $name: String, $expiresAt: String, $enabled: Boolean, $access: [ApiKeyAccessInput!]) {
  result: updateApiKey(${GIVEN}, name: $name, expiresAt: $expiresAt, enabled: $enabled, access: $access) ${CHANGED}
}`;

export const REGENERATE = `mutation (${REF}) { result: regenerateApiKey(${GIVEN}) ${ISSUED} }`;

export const DELETE = `mutation (${REF}) { result: deleteApiKey(${GIVEN}) ${DELETED} }`;
