/**
 * Whether a client metadata document, or the keys that it names, may be fetched from there.
 * @param hosts those whose documents are believed
 */
export function isAllowed(url: string, hosts: string[]): boolean {
  return hosts.includes(new URL(url).host);
}

/** The library sees to it that what is fetched is small, quick and, by what it dispatches with, at a public address. */
export function fetchAllowed(
  url: string,
  hosts: string[],
  options: RequestInit & { dispatcher?: unknown } = {},
): Promise<Response> {
  if (isAllowed(url, hosts) && options.dispatcher) return fetch(url, { ...options, redirect: 'manual' });
  return Promise.reject(new Error(`Nothing is fetched from ${new URL(url).host}`));
}
