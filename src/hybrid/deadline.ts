/**
 * Does work that ends after a time, or with what it is part of. Not by AbortSignal.any and AbortSignal.timeout: Node 20
 * lets go of a time-out that only a combined signal listens to, as garbage, and it never comes.
 */
export async function within<T>(
  milliseconds: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  const endWithOuter = () => inner.abort(outer.reason);
  if (outer.aborted) endWithOuter();
  outer.addEventListener('abort', endWithOuter);
  const timer = setTimeout(() => inner.abort(new DOMException('It took too long', 'TimeoutError')), milliseconds);
  try {
    return await work(inner.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', endWithOuter);
  }
}
