/**
 * Issues, manages and verifies API keys; framework-agnostic.
 *
 * @module
 */
export {
  everyLibrary,
  type AccessTable,
  type CallerAccess,
  type EveryLibrary,
  type Level,
  type LibraryRef,
} from "./core/access.js";
export {
  createApiKeys,
  type ApiKeyPage,
  type ApiKeys,
  type ApiKeysOptions,
  type ChangeRef,
  type CreateOptions,
  type IssuedKey,
  type LibrariesThatExist,
  type Pepper,
} from "./core/api-keys.js";
export { createCaller, type Caller, type CallerOptions } from "./core/caller.js";
export {
  ApiKeyError,
  isApiKeyError,
  type ApiKeyErrorCode,
  type ApiKeyErrorOptions,
} from "./core/errors.js";
export type {
  ApiKeyEvent,
  ApiKeyListener,
  ChangeEvent,
  KeyEvent,
  KeyFailure,
} from "./core/events.js";
export {
  createKeyHasher,
  type KeyHasher,
  type NativeCrypto,
  type NativeHmac,
} from "./core/hash.js";
export {
  createKeyFormat,
  type FillRandom,
  type KeyFormat,
  type KeyFormatOptions,
} from "./core/key.js";
export type {
  ApiKey,
  ApiKeyRecord,
  ApiKeyRef,
  Expected,
  Found,
  KeyReader,
  KeyStore,
  KeyUse,
  KeyWriter,
  PageStart,
} from "./core/store.js";
export type { MaybePromise } from "./core/maybe-promise.js";
export type { Authentication, AuthenticationFailure } from "./core/verify.js";
