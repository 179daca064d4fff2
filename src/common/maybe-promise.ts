/** What may be there already; a promise costs more than most of what is done with what it brings. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value at once where it is there, else when it comes. */
export function goOn<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
