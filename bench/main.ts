import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { command, launch, residentMegabytes, stop } from './processes.js';

const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 32;
const SAMPLE = join(__dirname, '../../content/modern-python-with-typing');
const CASES = [
  { name: 'chapter read', path: '/api/v1/chapters/modern-python-with-typing-why-types', isHeld: false },
  { name: 'chapter 304', path: '/api/v1/chapters/modern-python-with-typing-why-types', isHeld: true },
  { name: 'course list', path: '/api/v1/courses', isHeld: false },
];

interface Load {
  perSecond: number;
  p50: number;
  p99: number;
}

/**
 * Our built server in production mode against bare Fastify that sends the same bytes, in turns, on SQLite unless
 * BENCH_DATABASE_URL names an empty PostgreSQL database. Other work on the machine moves the figures; the ratio stays.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'course-companion-bench-'));
  const databaseUrl = process.env.BENCH_DATABASE_URL ?? `sqlite:${join(folder, 'bench.db')}`;
  command(['migrate'], databaseUrl);
  console.log(`import of the sample course   ${command(['content', 'import', SAMPLE], databaseUrl).toFixed(0)} ms`);
  const ours = await launch('src/main.js', [], databaseUrl);
  await delay(2000);
  console.log(`start to listening            ${ours.startMs.toFixed(0)} ms`);
  console.log(`memory at rest                ${residentMegabytes(ours).toFixed(0)} MB`);

  for (const { name, path, isHeld } of CASES) {
    const answer = await fetch(ours.url + path);
    const headers: Record<string, string> = isHeld ? { 'if-none-match': answer.headers.get('etag') ?? '' } : {};
    const body = join(folder, 'body.json');
    writeFileSync(body, Buffer.from(await answer.arrayBuffer()));
    const floor = await launch('bench/floor.js', [body], databaseUrl);
    const ratios: number[] = [];
    let last: [Load, Load] | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = await load(floor.url + path, headers);
      const own = await load(ours.url + path, headers);
      ratios.push(own.perSecond / theirs.perSecond);
      last = [own, theirs];
    }
    await stop(floor);
    report(name, ratios, last);
  }
  await stop(ours);
  rmSync(folder, { recursive: true });
}

async function load(url: string, headers: Record<string, string>): Promise<Load> {
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS });
  if (result.errors > 0 || result['5xx'] + result['4xx'] > 0) throw new Error(`${url} failed under load`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

function report(name: string, ratios: number[], last: [Load, Load] | undefined): void {
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const [own, floor] = (last ?? []).map(
    ({ perSecond, p50, p99 }) => `${perSecond.toFixed(0)}/s p50 ${p50} p99 ${p99} ms`,
  );
  console.log(`${name.padEnd(30)}${low.toFixed(2)}–${high.toFixed(2)} of the floor   ours ${own}   floor ${floor}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
