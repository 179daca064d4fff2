import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../src/app.module.js';
import { Config } from '../src/config/config.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { ProgressService } from '../src/progress/progress.service.js';
import { SubmissionsService } from '../src/quizzes/submissions.service.js';
import { UsersService } from '../src/users/users.service.js';
import { COURSE, QUIZ } from './sample-course.js';

const CHAPTERS = [`${COURSE}-why-types`, `${COURSE}-functions-and-variables`];

/** A write that was acknowledged: the learner whom it made, and when it was told that it is stored. */
export interface Acknowledged {
  userId: string;
  at: number;
}

/** The application without its HTTP, through which generated learners study the sample course. */
export class Study {
  private constructor(private readonly app: INestApplicationContext) {}

  static async open(databaseUrl: string): Promise<Study> {
    const config = Config.from({ DATABASE_URL: databaseUrl, SECRET_KEY: 'Drill-7cVx2Kq9LmTz4Rw8YbNhUe5gPs' });
    const app = await NestFactory.createApplicationContext(AppModule.with(config), {
      logger: false,
      abortOnError: false,
    });
    await app.get(DatabaseConnection).open();
    return new Study(app);
  }

  /** So many learners, each with two completions and an attempt. */
  async seed(learners: number): Promise<void> {
    for (let learner = 0; learner < learners; learner++) {
      const userId = await this.addLearner();
      for (const chapter of CHAPTERS) await this.complete(userId, chapter);
      const submission = { quiz_id: QUIZ, submission_id: randomUUID(), answers: {} };
      await this.app.get(SubmissionsService).submit(userId, { userId, hasPremium: false }, submission);
    }
  }

  /** A new learner who completes a chapter: rows are added, and none is changed. */
  async write(): Promise<Acknowledged> {
    const userId = await this.addLearner();
    await this.complete(userId, CHAPTERS[0]);
    return { userId, at: Date.now() };
  }

  /** Writes until `isOver`, or until the database is away. */
  async writeUntil(isOver: () => boolean, acknowledged: Acknowledged[], pauseMs = 0): Promise<void> {
    while (!isOver()) {
      acknowledged.push(await this.write());
      await delay(pauseMs);
    }
  }

  /** Which of them the database does not know, with what they did. */
  async missing(acknowledged: Acknowledged[]): Promise<Acknowledged[]> {
    const rows = await this.app
      .get(DatabaseConnection)
      .reader.query<{ user_id: string }[]>('SELECT user_id FROM chapter_completions');
    const known = new Set(rows.map(({ user_id }) => user_id));
    return acknowledged.filter(({ userId }) => !known.has(userId));
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async addLearner(): Promise<string> {
    const username = `drill-${randomUUID().slice(0, 18)}`;
    const learner = { email: `${username}@example.com`, username, passwordHash: 'none' };
    const { id } = await this.app.get(UsersService).create(learner);
    return id;
  }

  private async complete(userId: string, chapterId: string): Promise<void> {
    await this.app.get(ProgressService).complete(userId, COURSE, chapterId, { userId, hasPremium: false });
  }
}
