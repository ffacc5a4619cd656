/**
 * Guards GraphQL schemas: marks, the check before execution, the lock in the schema, guarded results.
 *
 * @module
 */
export type { Verdict } from "./check.js";
export { accessDirectives } from "./directives.js";
export type { ExplainedField, ExplainedTarget, Explanation } from "./explain.js";
export { createGuard, type Guard, type GuardEvent, type GuardOptions } from "./guard.js";
export type { Operation } from "./inspect.js";
export { loadedOf } from "./load.js";
export type { Manifest, ManifestField, ManifestTarget } from "./manifest.js";
export type { Refusal, RefusalReason } from "./refusal.js";
export {
  apiKey,
  inLibrary,
  library,
  namespace,
  organization,
  positional,
  targets,
  unmarked,
  type ApiKeyRule,
  type FieldRule,
  type InLibraryRule,
  type LibraryOf,
  type LibraryRule,
  type Load,
  type NamespaceRule,
  type OneOrMore,
  type OrganizationRule,
  type PositionalRule,
  type Rule,
  type RuleFor,
  type Rules,
  type TargetsRule,
  type UnmarkedRule,
  type ValueRule,
} from "./rules.js";
export { withAccess, type CallerContext } from "./with-access.js";
