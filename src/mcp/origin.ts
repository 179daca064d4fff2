import { isIP } from 'node:net';

/**
 * Whether a page may ask, by the headers that its browser sends; who sends no `Origin` is no page. A page whose name
 * was made to point here (DNS rebinding) tells that name as `Host`, so that has to be one that this server goes by: the
 * public one, an address or this machine's own.
 * @param allowed origins that pages may have, or `*`
 */
export function isWelcome(
  { origin, host = '' }: { origin?: string; host?: string },
  publicUrl: string,
  allowed: string[],
): boolean {
  if (origin === undefined) return true;
  const isAllowed = allowed.includes('*') || allowed.includes(origin) || origin === publicUrl;
  return isAllowed && (host === new URL(publicUrl).host || isOwnName(host));
}

function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}
