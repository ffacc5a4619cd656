/**
 * A GraphQL API for those who manage an organization's API keys: merged into a host's schema, or on its own.
 *
 * @module
 */
export { createManagementHandler, type ManagementHandlerOptions } from "./handler.js";
export type { LibrariesQuery, LibraryPage, ListLibraries } from "./libraries.js";
export { createManagement, type Management, type ManagementOptions } from "./management.js";
export type { AuthorizeManager, Manager } from "./manager.js";
export type { ManagerRequest } from "./origin.js";
export type {
  ManagementResolver,
  ManagementResolvers,
  ManagementTypeResolver,
} from "./resolvers.js";
export { managementRules } from "./rules.js";
export { managementTypeDefs } from "./schema.js";
export { sessionManager, type SessionClaims, type SessionManagerOptions } from "./session.js";
