/**
 * A value that is there already, or a promise of it. To await a promise costs more than most of what is done with its
 * value, so what nearly every request asks for from memory is not made one.
 */
export type MaybePromise<T> = T | Promise<T>;

/** Calls `next` with a value: at once if it is there already, else when the promise is fulfilled. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
