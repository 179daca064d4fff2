import { ask } from '../bench/client.js';
import { populate } from '../bench/population/populate.js';
import { quantile } from '../bench/spread.js';
import { Deployment, type Kind, KIND_NAMES } from './deployment.js';
import { millis, most, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { HOSTILE_QUERIES } from './hostile-queries.js';

const CHAPTERS = 1000;
const ROUNDS = 3;
const MOST_MS = 200;

/** Searches that are meant to hurt, one after the other, among a thousand chapters; and some that are too much. */
export async function hostileSearches(kind: Kind): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const url = deployment.settings.DATABASE_URL ?? '';
  await populate({ kind: KIND_NAMES[kind], url }, CHAPTERS);
  const server = await deployment.serve();
  const search = (q: string) => ask(`${server.url}/api/v1/search?q=${encodeURIComponent(q)}`);
  await search('types');
  const [statuses, times] = [new Tally(), [] as number[]];
  const queries = Array.from({ length: ROUNDS }, () => HOSTILE_QUERIES).flat();
  for (const query of [...queries, '', 'a'.repeat(201)]) {
    const { status, ms } = await search(query);
    statuses.add(status);
    times.push(ms);
  }
  const large = await search('a'.repeat(1_000_000));
  return {
    held:
      statuses.hasOnly(200, 422) && most(times) < MOST_MS && [414, 431].includes(large.status) && large.ms < MOST_MS,
    figure:
      `${statuses.toString()}, p50 ${millis(quantile(times, 0.5))}, most ${millis(most(times))}; ` +
      `a megabyte: ${large.failure ?? large.status} after ${millis(large.ms)}`,
  };
}
