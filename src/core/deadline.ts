import { ApiKeyError } from "./errors.js";
import { isPromiseLike, type MaybePromise } from "./maybe-promise.js";
import type { KeyStore } from "./store.js";

/**
 * The store with a time limit on every call that waits: a store that hangs becomes one that fails. Synchronous answers
 * cost nothing.
 */
export function withDeadline(store: KeyStore, timeoutMs: number): KeyStore {
  const limit = <T>(answer: MaybePromise<T>): MaybePromise<T> =>
    isPromiseLike(answer) ? before(answer as PromiseLike<T>, timeoutMs) : answer;
  return {
    findByHash: (hash) => limit(store.findByHash(hash)),
    findById: (ref) => limit(store.findById(ref)),
    list: (organizationId, first, after) => limit(store.list(organizationId, first, after)),
    insert: (record) => limit(store.insert(record)),
    replace: (record, before) => limit(store.replace(record, before)),
    delete: (ref, version) => limit(store.delete(ref, version)),
    touch: (use) => limit(store.touch(use)),
    raiseLease: (leaseMs) => limit(store.raiseLease(leaseMs)),
  };
}

function before<T>(answer: PromiseLike<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new ApiKeyError("UNAVAILABLE", `The store of API keys did not answer in ${timeoutMs} ms.`),
      );
    }, timeoutMs);
    const settled = Promise.resolve(answer).finally(() => clearTimeout(timer));
    settled.then(resolve, reject);
  });
}
