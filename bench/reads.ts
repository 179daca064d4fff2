import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compare } from './load.js';
import { command, launch, residentMegabytes, stop } from './processes.js';

const SAMPLE = join(__dirname, '../../content/modern-python-with-typing');
const CASES = [
  { name: 'chapter read', path: '/api/v1/chapters/modern-python-with-typing-why-types', isHeld: false },
  { name: 'chapter 304', path: '/api/v1/chapters/modern-python-with-typing-why-types', isHeld: true },
  { name: 'course list', path: '/api/v1/courses', isHeld: false },
];

/**
 * Our built server in production mode against bare Fastify that sends the same bytes, in turns, on SQLite unless
 * BENCH_DATABASE_URL names an empty PostgreSQL database. Other work on the machine moves the figures; the ratio stays.
 */
export async function reads(): Promise<void> {
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
    await compare(name, { url: ours.url + path, headers }, { url: floor.url + path, headers });
    await stop(floor);
  }
  await stop(ours);
  rmSync(folder, { recursive: true });
}
