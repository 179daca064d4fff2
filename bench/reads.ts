import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { againstFloor } from './against-floor.js';
import { READS } from './cases.js';
import { always, inTurns } from './load/in-turns.js';
import { PER_STUDY_COURSE, studyChapter } from './population/content.js';
import { launch, stop } from './processes.js';
import { printHeading, report } from './report.js';
import type { Run } from './run.js';
import { SIZE, UNCACHED } from './settings.js';

const CHAPTERS = '/api/v1/chapters/';
const HITS = [
  { name: 'chapter 2 KB (hit)', path: CHAPTERS + studyChapter('study-1', 1), isHeld: false, aim: 0.5 },
  { name: 'chapter 20 KB (hit)', path: CHAPTERS + studyChapter('study-1', PER_STUDY_COURSE), isHeld: false, aim: 0.5 },
  { name: 'chapter 304', path: CHAPTERS + studyChapter('study-1', 1), isHeld: true, aim: 0.5 },
  { name: 'course list (hit)', path: '/api/v1/courses', isHeld: false, aim: 0.5 },
];

/** Reads from the cache and past it. */
export async function reads(run: Run): Promise<void> {
  await hits(run);
  await againstFloor('reads without the cache', READS, run, UNCACHED);
}

/** Reads that are answered from the cache, against bare Fastify that sends the same bytes from a Buffer. */
async function hits({ kinds, populated, effort }: Run): Promise<void> {
  for (const kind of kinds) {
    const database = await populated(kind, SIZE);
    const ours = await launch('src/main.js', database);
    await delay(1000);
    printHeading(`reads from the cache, ${kind}`);
    for (const { name, path, isHeld, aim } of HITS) {
      const answer = await fetch(ours.url + path, { headers: { 'accept-encoding': 'identity' } });
      const etag = answer.headers.get('etag') ?? '';
      const body = join(database.folder, 'body.json');
      writeFileSync(body, Buffer.from(await answer.arrayBuffer()));
      const floor = await launch('bench/floor/ready.js', database, { args: [body, etag] });
      const headers: Record<string, string> = isHeld ? { 'if-none-match': etag } : {};
      const question = { name, status: isHeld ? 304 : 200, requests: always([{ path, headers }]) };
      report(name, kind, await inTurns(question, [ours, floor], database.folder, effort), {
        least: aim,
        by: 'processor',
      });
      await stop(floor);
    }
    await stop(ours);
  }
}
