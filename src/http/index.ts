/**
 * Authenticates HTTP requests of any server: credentials, HTTPS only, status and challenge of each failure.
 *
 * @module
 */
export { answerTo, type FailureAnswer, type RequestFailure } from "./answer.js";
export {
  authenticateRequest,
  callerOf,
  type AuthenticateOptions,
  type RequestAuthentication,
  type RequestRefusal,
} from "./authenticate.js";
export type { RequestHeaders } from "./headers.js";
export type { OtherCallers } from "./others.js";
export type { Connection, TrustProxy } from "./transport.js";
