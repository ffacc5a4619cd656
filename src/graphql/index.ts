/**
 * Guards GraphQL schemas: marks, the check before execution, the lock in the schema, guarded results.
 *
 * @module
 */
export type { Operation, Verdict } from "./check.js";
export { accessDirectives } from "./directives.js";
export { createGuard, type Guard, type GuardEvent, type GuardOptions } from "./guard.js";
export type { Manifest, ManifestField, ManifestTarget } from "./manifest.js";
export type { Refusal, RefusalReason } from "./refusal.js";
export {
  apiKey,
  inLibrary,
  library,
  organization,
  type ApiKeyRule,
  type InLibraryRule,
  type LibraryOf,
  type LibraryRule,
  type OrganizationRule,
  type Rule,
  type RuleFor,
  type Rules,
} from "./rules.js";
export { withAccess, type CallerContext } from "./with-access.js";
