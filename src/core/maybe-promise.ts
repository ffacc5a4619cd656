/** A value now, or a promise of it. Used inside the package only: a public one would let `result.ok === false` pass. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Whether a value has to be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  // Functions count: executors await whatever has a `then`, and would get past a guard that does not.
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** Applies `next` to a value now, or once it is there. Not called `then`: it would make a promise of this module. */
export function andThen<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromiseLike(value) ? (value as PromiseLike<T>).then(next) : next(value as T);
}
