import type { Requests } from './load/in-turns.js';
import type { Request } from './load/requests.js';
import type { Running } from './processes.js';

/**
 * Asks every server for the same and compares what they answer.
 * @param tolerance by what share the lengths may differ; 0: equal but for ids, times and tokens
 * @throws if they do not answer the same
 */
export async function checkBodies(name: string, requests: Requests, servers: Running[], tolerance = 0): Promise<void> {
  const bodies: string[] = [];
  for (const [index, { url }] of servers.entries()) bodies.push(await bodyOf(url, requests.of(index)[0]));
  const [own, floor] = bodies;
  const isAlike = tolerance === 0 ? plain(own) === plain(floor) : isNear(own.length, floor.length, tolerance);
  if (!isAlike) throw new Error(`${name}: the floor answers something else\n${own}\n${floor}`);
}

async function bodyOf(url: string, { method, path, headers, body }: Request): Promise<string> {
  const json = body && { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(url + path, { method, headers, ...json });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}${path} was answered ${answer.status}: ${text}`);
  return text;
}

/** Without what differs from one learner, one moment and one row to the next. */
function plain(body: string): string {
  return body
    .replace(/[\w.-]{80,}/g, (token) => `token of ${token.length}`)
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'uuid')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'moment')
    .replace(/"(attempt_)?id":\d+/g, 'number');
}

function isNear(one: number, other: number, tolerance: number): boolean {
  return Math.abs(one - other) <= tolerance * Math.max(one, other);
}
