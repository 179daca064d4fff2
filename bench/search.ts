import { Config } from '../src/config/config.js';
import { writingDataSource } from '../src/database/data-source.js';
import { type Answer, ask } from './client.js';
import { launch, stop } from './processes.js';
import type { Run } from './run.js';
import { SETTINGS, UNCACHED } from './settings.js';
import { quantile } from './spread.js';
import { COMMON, commonestWords, rareWord } from './words.js';

const WARM_UP = 50;
const ASKED = 100;
/** A scan of everything is slow, and always the same. */
const SCANNED = 5;

/** What is asked for, by the number of the question and of chapters. */
const QUERIES: Record<string, (index: number, size: number) => string> = {
  'rare word': (index, size) => rareWord((index * 97) % (size / 10)),
  'two words': (index, size) => `${rareWord((index * 89) % (size / 10))} ${COMMON[0]}`,
  'in half of all': (index) => COMMON[index % 2],
  'two in half of all': () => COMMON.join(' '),
  misspelt: (index, size) => misspelt(rareWord((index * 83) % (size / 10))),
  'a*': (index) => `${'bcdfghklmnprstvz'[index % 16]}*`,
  '200 characters of common words': (index) =>
    commonestWords(90)
      .slice(index % 20)
      .join(' ')
      .slice(0, 200),
  'phrase of common words': () => `"${COMMON.join(' ')}"`,
};

/**
 * How long a search takes as chapters become more, next to a scan with LIKE, and how long the event loop was blocked.
 */
export async function search({ kinds, populated, effort }: Run): Promise<void> {
  for (const kind of kinds) {
    for (const size of [1000, ...effort.sizes.filter((larger) => larger > 1000)]) {
      const database = await populated(kind, size);
      console.log(`\nsearch, ${kind}, ${size} chapters`);
      await scan(database.url, size);
      const server = await launch('bench/search-server.js', database, { settings: UNCACHED, place: 'anywhere' });
      for (const [name, query] of Object.entries(QUERIES)) {
        await measure(server.url, name, (index) => query(index, size));
      }
      await stop(server);
    }
  }
}

async function measure(url: string, name: string, query: (index: number) => string): Promise<void> {
  const find = (index: number) => read(`${url}/api/v1/search?q=${encodeURIComponent(query(index))}`);
  for (let index = 0; index < WARM_UP; index++) await find(index);
  await blocked(url);
  const times: number[] = [];
  let found = 0;
  for (let index = 0; index < ASKED; index++) {
    const { text, ms } = await find(index);
    ({ total: found } = JSON.parse(text) as { total: number });
    times.push(ms);
  }
  report(name, times, `${found} found, event loop blocked ${(await blocked(url)).toFixed(1)} ms at the most`);
}

/** What the original does: no index, no rank, the whole text read from the beginning. */
async function scan(databaseUrl: string, size: number): Promise<void> {
  const dataSource = await writingDataSource(Config.from({ ...SETTINGS, DATABASE_URL: databaseUrl })).initialize();
  const times: number[] = [];
  for (let index = 0; index < SCANNED; index++) {
    const began = performance.now();
    const pattern = `'%${QUERIES['rare word'](index, size)}%'`;
    await dataSource.query(
      `SELECT id FROM chapters WHERE lower(title) LIKE ${pattern} OR lower(content) LIKE ${pattern}`,
    );
    times.push(performance.now() - began);
  }
  report('rare word with LIKE', times, 'no rank, no excerpt');
  await dataSource.destroy();
}

async function blocked(url: string): Promise<number> {
  const { text } = await read(`${url}/health/blocked`);
  return (JSON.parse(text) as { milliseconds: number }).milliseconds;
}

/** @throws if it is not answered with a 200 */
async function read(url: string): Promise<Answer> {
  const answer = await ask(url);
  if (answer.status !== 200) throw new Error(`${url} was answered ${answer.failure ?? answer.status}: ${answer.text}`);
  return answer;
}

function report(name: string, times: number[], remark: string): void {
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(1).padStart(7));
  console.log(`${name.padEnd(32)}p50 ${p50} ms   p99 ${p99} ms   ${remark}`);
}

/** The word with two of its letters swapped. */
function misspelt(word: string): string {
  return `${word.slice(0, 3)}${word[4]}${word[3]}${word.slice(5)}`;
}
