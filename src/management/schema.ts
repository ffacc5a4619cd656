/**
 * GraphQL type definitions of the management API, to put beside a host's own. They extend `Query` and `Mutation`, which
 * must be defined somewhere: `type Mutation` without fields is enough.
 *
 * Times are ISO 8601 in UTC (`2027-01-31T12:00:00.000Z`). Every change names the `version` that it is based on: when someone
 * changed the key since, the answer is `ApiKeyConflict` with the key as it is now, and nothing was changed. Requests for
 * an organization that is not the manager's own fail with `UNAUTHORIZED`.
 */
export const managementTypeDefs = /* GraphQL */ `
  extend type Query {
    "The organization's API keys, oldest first. \`first\`: 1 to 500. \`after\`: the \`endCursor\` of a page."
    apiKeys(organizationId: ID!, first: Int = 50, after: String): ApiKeyPage!
    "One API key; null when the organization has no such key."
    apiKey(organizationId: ID!, id: ID!): ApiKey
    "Libraries that access can be given to. \`search\`: part of a name or id. \`first\`: 1 to 500."
    apiKeyLibraries(
      organizationId: ID!
      search: String
      first: Int = 50
      after: String
    ): ApiKeyLibraryPage!
  }

  extend type Mutation {
    """
    Makes a key. \`submissionId\`: anything of the client's choice, one for each form that is filled in, such as a UUID:
    sent twice, to whichever instance, the second is a conflict with the key that was made, and makes none.
    """
    createApiKey(
      organizationId: ID!
      name: String!
      access: [ApiKeyAccessInput!]! = []
      expiresAt: String
      submissionId: ID
    ): CreateApiKeyResult
    "Replaces the whole table of libraries."
    setApiKeyAccess(
      organizationId: ID!
      id: ID!
      version: Int!
      access: [ApiKeyAccessInput!]!
    ): ChangeApiKeyResult
    """
    Changes what is given, all of it or nothing; what is left out stays. \`expiresAt: null\`: never. \`access\`: the whole
    table of libraries.
    """
    updateApiKey(
      organizationId: ID!
      id: ID!
      version: Int!
      name: String
      expiresAt: String
      enabled: Boolean
      access: [ApiKeyAccessInput!]
    ): ChangeApiKeyResult
    "Gives the API key a new key. The old one is refused once this is answered."
    regenerateApiKey(organizationId: ID!, id: ID!, version: Int!): RegenerateApiKeyResult
    "Deletes the API key. It is refused once this is answered."
    deleteApiKey(organizationId: ID!, id: ID!, version: Int!): DeleteApiKeyResult
  }

  "An API key as lists show it: never the key itself."
  type ApiKey {
    organizationId: ID!
    id: ID!
    name: String!
    "The beginning of the key, such as pk_4eC3…"
    hint: String!
    "Grows with every change; name it in the next one."
    version: Int!
    "False: refused until it is enabled again."
    enabled: Boolean!
    "Libraries within reach, ordered by id."
    access: [ApiKeyAccess!]!
    createdAt: String!
    updatedAt: String!
    "From then on it is refused; null: never."
    expiresAt: String
    "Null: never used."
    lastUsedAt: String
  }

  type ApiKeyAccess {
    libraryId: ID!
    level: ApiKeyAccessLevel!
  }

  input ApiKeyAccessInput {
    libraryId: ID!
    level: ApiKeyAccessLevel!
  }

  "WRITE includes READ."
  enum ApiKeyAccessLevel {
    READ
    WRITE
  }

  type ApiKeyPage {
    nodes: [ApiKey!]!
    "For \`after\`; null: this was the last page."
    endCursor: String
  }

  type ApiKeyLibrary {
    id: ID!
    name: String!
  }

  type ApiKeyLibraryPage {
    nodes: [ApiKeyLibrary!]!
    "For \`after\`; null: this was the last page."
    endCursor: String
  }

  union CreateApiKeyResult = ApiKeyIssued | ApiKeyConflict | ApiKeyNotFound | ApiKeyInvalid
  union ChangeApiKeyResult = ApiKeyChanged | ApiKeyConflict | ApiKeyNotFound | ApiKeyInvalid
  union RegenerateApiKeyResult = ApiKeyIssued | ApiKeyConflict | ApiKeyNotFound | ApiKeyInvalid
  union DeleteApiKeyResult = ApiKeyDeleted | ApiKeyConflict | ApiKeyNotFound | ApiKeyInvalid

  type ApiKeyIssued {
    "The secret. It is in this answer and nowhere else."
    key: String!
    "Never null here; nullable, so that clients may ask for it beside that of \`ApiKeyConflict\`."
    apiKey: ApiKey
  }

  type ApiKeyChanged {
    "Never null here, as in \`ApiKeyIssued\`."
    apiKey: ApiKey
  }

  type ApiKeyDeleted {
    id: ID!
  }

  "Someone changed this API key in the meantime, or a form was submitted twice; nothing was changed."
  type ApiKeyConflict {
    message: String!
    "As it is now; null: it is gone."
    apiKey: ApiKey
  }

  "The organization has no such API key."
  type ApiKeyNotFound {
    message: String!
  }

  "An argument was refused; nothing was changed."
  type ApiKeyInvalid {
    message: String!
    "Its name, such as \`name\`, \`access\` or \`expiresAt\`."
    argument: String!
  }
`;
