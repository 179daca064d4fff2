import { setTimeout as delay } from 'node:timers/promises';
import { type Case, LOGIN, READS, WRITES } from './cases.js';
import type { BenchDatabase, DatabaseKind } from './database.js';
import { always, inTurns } from './load/in-turns.js';
import { studyChapter } from './population/content.js';
import { launch, stop } from './processes.js';
import { printGrowthHeading, reportGrowth } from './report-growth.js';
import type { Run } from './run.js';
import { UNCACHED } from './settings.js';

/** One request after the other, so that a time is that of a request and not of those before it. */
const CONNECTIONS = 1;

const FROM_CACHE: Case[] = [
  {
    name: 'chapter 2 KB (hit)',
    aim: null,
    requests: () => always([{ path: `/api/v1/chapters/${studyChapter('study-1', 1)}` }]),
  },
];

/**
 * How much longer an answer of ours takes as there are more courses, chapters and learners: a server for each size, in
 * turns.
 */
export async function growth({ kinds, populated, effort }: Run): Promise<void> {
  const { sizes, growthRounds: rounds } = effort;
  const all = await Promise.all(kinds.map((kind) => populateAll(sizes, (size) => populated(kind, size))));
  for (const [index, kind] of kinds.entries()) {
    const setting = { kind, rounds, databases: all[index], sizes };
    printGrowthHeading(kind, sizes);
    await measure(FROM_CACHE, { ...setting, settings: {} });
    await measure([...READS, ...WRITES, LOGIN], { ...setting, settings: UNCACHED });
  }
}

/** One after the other, as each takes a core. */
async function populateAll(
  sizes: number[],
  populated: (size: number) => Promise<BenchDatabase>,
): Promise<BenchDatabase[]> {
  const databases: BenchDatabase[] = [];
  for (const size of sizes) databases.push(await populated(size));
  return databases;
}

interface Setting {
  kind: DatabaseKind;
  sizes: number[];
  rounds: number;
  /** One for each size. */
  databases: BenchDatabase[];
  settings: NodeJS.ProcessEnv;
}

async function measure(cases: Case[], { kind, sizes, rounds, databases, settings }: Setting): Promise<void> {
  const servers = await Promise.all(databases.map((database) => launch('src/main.js', database, { settings })));
  await delay(1000);
  for (const { name, longer = 1, requests } of cases) {
    const bySize = sizes.map((size) => requests(size, 1));
    const { isRepeatable } = bySize[0];
    const asked = { isRepeatable, of: (server: number) => bySize[server].of(server) };
    const question = { name, connections: CONNECTIONS, requests: asked };
    const effort = { rounds, seconds: longer };
    const measured = await inTurns(question, servers, databases[0].folder, effort);
    reportGrowth(name, kind, sizes, measured);
  }
  for (const server of servers) await stop(server);
}
