import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataSource } from 'typeorm';
import { Config } from '../src/config/config.js';
import { writingDataSource } from '../src/database/data-source.js';
import { addChapters, COMMON, commonestWords, rareWord } from './catalogue.js';
import { command, launch, SETTINGS, stop } from './processes.js';

const SIZES = [1000, 10_000, 100_000];
const WARM_UP = 100;
const ASKED = 200;
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
 * How long a search takes with 1,000, 10,000 and 100,000 chapters, next to a scan with LIKE, and how long the event loop
 * was blocked. On SQLite, unless BENCH_DATABASE_URL names an empty PostgreSQL database.
 */
export async function search(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'course-companion-bench-'));
  const databaseUrl = process.env.BENCH_DATABASE_URL ?? `sqlite:${join(folder, 'bench.db')}`;
  command(['migrate'], databaseUrl);
  let stored = 0;
  for (const size of SIZES) {
    const began = performance.now();
    await addChapters(databaseUrl, stored, size);
    console.log(`\n${size} chapters, ${size - stored} of them imported in ${seconds(began)} s`);
    stored = size;
    await scan(databaseUrl, size);
    const server = await launch('bench/searched.js', [], databaseUrl);
    for (const [name, query] of Object.entries(QUERIES)) await measure(server.url, name, (index) => query(index, size));
    await stop(server);
  }
  rmSync(folder, { recursive: true });
}

async function measure(url: string, name: string, query: (index: number) => string): Promise<void> {
  const ask = (index: number) => {
    return read<{ total: number }>(`${url}/api/v1/search?q=${encodeURIComponent(query(index))}`);
  };
  for (let index = 0; index < WARM_UP; index++) await ask(index);
  await blocked(url);
  const times: number[] = [];
  let found = 0;
  for (let index = 0; index < ASKED; index++) {
    const began = performance.now();
    ({ total: found } = await ask(index));
    times.push(performance.now() - began);
  }
  report(name, times, `${found} found, event loop blocked ${(await blocked(url)).toFixed(1)} ms at the most`);
}

/** What the original does: no index, no rank, the whole text read from the beginning. */
async function scan(databaseUrl: string, size: number): Promise<void> {
  const dataSource: DataSource = await writingDataSource(
    Config.from({ ...SETTINGS, DATABASE_URL: databaseUrl }),
  ).initialize();
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
  return (await read<{ milliseconds: number }>(`${url}/health/blocked`)).milliseconds;
}

const agent = new Agent({ keepAlive: true });

/** Asks on a connection that is open; `fetch` would take longer than the search. */
function read<Body>(url: string): Promise<Body> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text) as Body);
        else reject(new Error(`${url} was answered ${answer.statusCode}: ${text}`));
      });
    }).on('error', reject);
  });
}

function report(name: string, times: number[], remark: string): void {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  console.log(`${name.padEnd(32)}p50 ${at(0.5).padStart(7)} ms   p99 ${at(0.99).padStart(7)} ms   ${remark}`);
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(0);
}

/** The word with two of its letters swapped. */
function misspelt(word: string): string {
  return `${word.slice(0, 3)}${word[4]}${word[3]}${word.slice(5)}`;
}
