import { apiKey, organization, unmarked } from "../graphql/rules.js";

const GRANTED = unmarked("a library to give access to: who may do so is authorizeManager's to say");
const ANSWER = unmarked("managers only: authorizeManager says who");

/**
 * Rules for `createGuard`, for a guarded schema that the management API is merged into. The guard sees to it that the
 * caller is of the organization that is named, and on changes that it reaches some library with Write; the resolvers
 * refuse every API key, whatever the guard and the host make of it.
 */
export const managementRules = Object.freeze({
  "Query.apiKeys": apiKey(),
  "Query.apiKeys(organizationId:)": organization(),
  "Query.apiKey": apiKey(),
  "Query.apiKey(organizationId:)": organization(),
  "Query.apiKeyLibraries": apiKey(),
  "Query.apiKeyLibraries(organizationId:)": organization(),
  "Mutation.createApiKey": apiKey(),
  "Mutation.createApiKey(organizationId:)": organization(),
  "Mutation.setApiKeyAccess": apiKey(),
  "Mutation.setApiKeyAccess(organizationId:)": organization(),
  "Mutation.updateApiKey": apiKey(),
  "Mutation.updateApiKey(organizationId:)": organization(),
  "Mutation.regenerateApiKey": apiKey(),
  "Mutation.regenerateApiKey(organizationId:)": organization(),
  "Mutation.deleteApiKey": apiKey(),
  "Mutation.deleteApiKey(organizationId:)": organization(),
  "ApiKeyAccessInput.libraryId": GRANTED,
  ApiKeyIssued: ANSWER,
  ApiKeyChanged: ANSWER,
  ApiKeyDeleted: ANSWER,
  ApiKeyConflict: ANSWER,
  ApiKeyNotFound: ANSWER,
  ApiKeyInvalid: ANSWER,
});
