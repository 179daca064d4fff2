import { setTimeout as delay } from 'node:timers/promises';
import { againstFloor } from './against-floor.js';
import { LOGIN } from './cases.js';
import { register } from './learner.js';
import { studyChapter } from './population/content.js';
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
  const { email } = await register(server.url);
  console.log('\nlogins, SQLite');
  await compareTimes(server.url, email);
  await storm(server.url, email, run.effort.stormSeconds * 1000);
  await stop(server);
}

async function compareTimes(url: string, email: string): Promise<void> {
  const { known, unknown } = await timeFailedLogins(url, email);
  const [one, other] = [known, unknown].map((times) => quantile(times, 0.5));
  console.log(
    `failed login, median of ${ATTEMPTS}    known account ${one.toFixed(1)} ms, unknown ${other.toFixed(1)} ms, ` +
      `ratio ${(one / other).toFixed(3)}`,
  );
}

/** How long logins with a wrong password take, in turns for an account and for accounts that do not exist. */
export async function timeFailedLogins(
  url: string,
  email: string,
): Promise<{ known: number[]; unknown: number[]; statuses: number[] }> {
  const [known, unknown, statuses] = [[] as number[], [] as number[], [] as number[]];
  for (let i = 0; i < ATTEMPTS; i++) {
    known.push(await timeOf(async () => statuses.push(await login(url, email))));
    unknown.push(await timeOf(async () => statuses.push(await login(url, `nobody-${i}@example.com`))));
  }
  return { known, unknown, statuses };
}

async function storm(url: string, email: string, milliseconds: number): Promise<void> {
  const calm = await readFor(url, milliseconds);
  let isOver = false;
  const answers = new Map<number, number>();
  const clients = Array.from({ length: STORM_CLIENTS }, async () => {
    while (!isOver) {
      const status = await login(url, email);
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
    times.push(
      await timeOf(async () => {
        const answer = await fetch(`${url}/api/v1/chapters/${studyChapter('study-1', 1)}`);
        await answer.text();
        if (!answer.ok) throw new Error(`A read failed with ${answer.status}`);
      }),
    );
  }
  return times;
}

async function login(url: string, name: string): Promise<number> {
  const body = JSON.stringify({ login: name, password: 'not the password' });
  const answer = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await answer.text();
  return answer.status;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function describe(times: number[]): string {
  const [p50, p99, most] = [quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)].map((ms) => ms.toFixed(1));
  return `p50 ${p50}, p99 ${p99}, most ${most} ms of ${times.length}`;
}
