import { setTimeout as delay } from 'node:timers/promises';
import { againstFloor } from './against-floor.js';
import { LOGIN } from './cases.js';
import { type Answer, ask } from './client.js';
import { studyChapter } from './population/content.js';
import { learnerEmail } from './population/learners.js';
import { launch, stop } from './processes.js';
import type { Run } from './run.js';
import { SIZE } from './settings.js';
import { quantile } from './spread.js';

const ATTEMPTS = 40;
const STORM_CLIENTS = 100;

/**
 * What a login takes next to the floor's, whether it tells by its time if there is such an account, and what a storm of
 * logins does to who reads a chapter meanwhile. bcrypt's cost is the default one.
 */
export async function logins(run: Run): Promise<void> {
  await againstFloor('logins', [LOGIN], run);
  const database = await run.populated('SQLite', SIZE);
  const server = await launch('src/main.js', database, { place: 'anywhere' });
  const email = learnerEmail(0);
  console.log('\nlogins, SQLite');
  await compareTimes(server.url, email);
  await storm(server.url, email, run.effort.stormSeconds * 1000);
  await stop(server);
}

async function compareTimes(url: string, email: string): Promise<void> {
  const { known, unknown } = await failedLogins(url, email);
  const [one, other] = [known, unknown].map((answers) => medianMs(answers));
  console.log(
    `failed login, median of ${ATTEMPTS}    known account ${one.toFixed(1)} ms, unknown ${other.toFixed(1)} ms, ` +
      `ratio ${(one / other).toFixed(3)}`,
  );
}

/** What logins with a wrong password are answered, in turns for an account and for accounts that do not exist. */
export async function failedLogins(url: string, email: string): Promise<{ known: Answer[]; unknown: Answer[] }> {
  const [known, unknown]: Answer[][] = [[], []];
  for (let i = 0; i < ATTEMPTS; i++) {
    known.push(await login(url, email));
    unknown.push(await login(url, `nobody-${i}@example.com`));
  }
  return { known, unknown };
}

/** How long half of them took at the most. */
export function medianMs(answers: Answer[]): number {
  return quantile(
    answers.map(({ ms }) => ms),
    0.5,
  );
}

async function storm(url: string, email: string, milliseconds: number): Promise<void> {
  const calm = await readFor(url, milliseconds);
  let isOver = false;
  const answers = new Map<number, number>();
  const clients = Array.from({ length: STORM_CLIENTS }, async () => {
    while (!isOver) {
      const { status } = await login(url, email);
      answers.set(status, (answers.get(status) ?? 0) + 1);
      // Who is told to come back later does, though not as late as they are told.
      if (status === 503) await delay(200);
    }
  });
  const stormy = await readFor(url, milliseconds);
  isOver = true;
  await Promise.all(clients);
  console.log(`chapter reads, calm           ${describe(calm)}`);
  console.log(`chapter reads in a storm      ${describe(stormy)}`);
  console.log(
    `logins of ${STORM_CLIENTS} clients         ${[...answers].map(([status, n]) => `${n} × ${status}`).join(', ')}`,
  );
}

/** The times of reads, one every 20 ms. */
async function readFor(url: string, milliseconds: number): Promise<number[]> {
  const times: number[] = [];
  for (const end = performance.now() + milliseconds; performance.now() < end; await delay(20)) {
    const { status, ms } = await ask(`${url}/api/v1/chapters/${studyChapter('study-1', 1)}`);
    if (status !== 200) throw new Error(`A read failed with ${status}`);
    times.push(ms);
  }
  return times;
}

function login(url: string, name: string): Promise<Answer> {
  const body = { login: name, password: 'not the password' };
  return ask(`${url}/api/v1/auth/login`, { method: 'POST', body });
}

function describe(times: number[]): string {
  const [p50, p99, most] = [quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)].map((ms) => ms.toFixed(1));
  return `p50 ${p50}, p99 ${p99}, most ${most} ms of ${times.length}`;
}
