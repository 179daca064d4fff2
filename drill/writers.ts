import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../bench/client.js';
import type { Deployment } from './deployment.js';
import { Tally } from './figures.js';
import { Learner } from './learner.js';
import { freeChapters } from './sample-course.js';
import { endWithRow } from './scope.js';

const PAUSE_MS = 20;

/**
 * Clients that register, complete chapters and submit quizzes one after the other, and keep a log of what they were
 * told is stored.
 */
export class Writers {
  readonly statuses = new Tally();
  /** As `user/chapter`. */
  readonly completions = new Set<string>();
  /** As `user/submission`. */
  readonly submissions = new Set<string>();
  private isOver = false;
  private readonly clients: Promise<void>[];

  private constructor(
    private readonly url: string,
    private readonly chapters: string[],
    clients: number,
  ) {
    this.clients = Array.from({ length: clients }, () => this.write());
    endWithRow(() => void (this.isOver = true));
  }

  static async start(url: string, clients = 8): Promise<Writers> {
    return new Writers(url, await freeChapters(url), clients);
  }

  get acknowledged(): number {
    return this.completions.size + this.submissions.size;
  }

  /** Waits until each has its last answer. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  /** How many acknowledged writes are not in the database. */
  async lost(deployment: Deployment): Promise<number> {
    const completions = await deployment.query<Key>(
      `SELECT user_id || '/' || chapter_id AS key FROM chapter_completions`,
    );
    const submissions = await deployment.query<Key>(`SELECT user_id || '/' || submission_id AS key FROM quiz_attempts`);
    return missing(this.completions, completions) + missing(this.submissions, submissions);
  }

  private async write(): Promise<void> {
    while (!this.isOver) {
      const learner = await Learner.tryToRegister(this.url);
      if (learner instanceof Learner) await this.study(learner);
      else await this.note(learner);
    }
  }

  private async study(learner: Learner): Promise<void> {
    for (const chapter of this.chapters) {
      if (this.isOver) return;
      if (await this.note(await learner.complete(chapter))) this.completions.add(`${learner.id}/${chapter}`);
      const submission = randomUUID();
      if (await this.note(await learner.submit(submission))) this.submissions.add(`${learner.id}/${submission}`);
    }
  }

  /** @returns whether it was acknowledged */
  private async note({ status, failure }: Answer): Promise<boolean> {
    this.statuses.add(failure ?? status);
    if (status !== 200) await delay(PAUSE_MS);
    return status === 200;
  }
}

interface Key {
  key: string;
}

function missing(acknowledged: Set<string>, stored: Key[]): number {
  const keys = new Set(stored.map(({ key }) => key));
  return [...acknowledged].filter((key) => !keys.has(key)).length;
}

/** What one unit of work writes together, and what is found of it without the rest. */
const HALVES = [
  `SELECT 1 AS half FROM chapter_completions c
   WHERE NOT EXISTS (SELECT 1 FROM user_progress p WHERE p.user_id = c.user_id AND p.course_id = c.course_id)
      OR NOT EXISTS (SELECT 1 FROM streaks s WHERE s.user_id = c.user_id)`,
  `SELECT 1 AS half FROM quiz_attempts a
   WHERE NOT EXISTS (SELECT 1 FROM streaks s WHERE s.user_id = a.user_id)`,
  `SELECT 1 AS half FROM quiz_attempts a GROUP BY user_id, quiz_id
   HAVING COUNT(*) <> COALESCE(
     (SELECT s.attempts FROM quiz_scores s WHERE s.user_id = a.user_id AND s.quiz_id = a.quiz_id), 0)`,
  `SELECT 1 AS half FROM quiz_scores s
   WHERE NOT EXISTS (SELECT 1 FROM quiz_attempts a WHERE a.user_id = s.user_id AND a.quiz_id = s.quiz_id)`,
  `SELECT 1 AS half FROM user_progress p
   WHERE NOT EXISTS (SELECT 1 FROM chapter_completions c WHERE c.user_id = p.user_id)
     AND NOT EXISTS (SELECT 1 FROM quiz_attempts a WHERE a.user_id = p.user_id)`,
];

/** How many rows there are without those that are written with them. */
export async function halfWritten(deployment: Deployment): Promise<number> {
  let half = 0;
  for (const sql of HALVES) half += (await deployment.query(sql)).length;
  return half;
}
