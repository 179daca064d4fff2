import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rows } from '../drill/rows.js';
import { Backups } from '../src/backup/backups.js';
import { knownMigrations, writingDataSource } from '../src/database/data-source.js';
import { cli, type Outcome, serve, type Server } from './built.js';
import { type DatabaseKind, migrated, TestApp, testConfig, type TestDatabase } from './test-app.js';

/** How the program names the backups that it makes. */
export const OURS = /^course-companion-\d{8}T\d{6}Z\.(sqlite\.gz|dump)$/;
export const MIGRATIONS = knownMigrations();
/** Breaks nothing off. */
export const NEVER = new AbortController().signal;

/** A database and the folder that its backups go to. */
export class BackupStore {
  private constructor(
    readonly database: TestDatabase,
    readonly folder: string,
  ) {}

  static async prepare(kind: DatabaseKind): Promise<BackupStore> {
    return new BackupStore(await migrated(kind), await mkdtemp(join(tmpdir(), 'course-companion-backups-')));
  }

  async tidy(): Promise<void> {
    await this.database.drop();
    await rm(this.folder, { recursive: true });
  }

  backupsOf(target = this.database, settings: NodeJS.ProcessEnv = {}): Backups {
    return new Backups(testConfig(target, { BACKUP_DIR: this.folder, ...settings }));
  }

  /** @returns the path of a new backup */
  create(settings?: NodeJS.ProcessEnv): Promise<string> {
    return this.backupsOf(this.database, settings).create(new Date(), NEVER);
  }

  restore(file: string, force: boolean): Promise<string[]> {
    return this.backupsOf().restore(file, { force }, NEVER);
  }

  /** Runs the operator's command. */
  backup(...args: string[]): Promise<Outcome> {
    return cli(['backup', ...args], { DATABASE_URL: this.database.url, BACKUP_DIR: this.folder });
  }

  async sql(statement: string, target = this.database): Promise<void> {
    const dataSource = await writingDataSource(testConfig(target)).initialize();
    await dataSource.query(statement);
    await dataSource.destroy();
  }

  /** Learners with completions and attempts. */
  async study(): Promise<void> {
    const test = await TestApp.on(this.database);
    const { course, chapters, quizzes } = await test.make.course({ quizzes: [{}] });
    for (let learner = 0; learner < 5; learner++) {
      const user = await test.make.subscriber();
      await test.make.begun(user, course.id, chapters[0].id);
      await test.make.attempt(user, quizzes[0].id);
    }
    await test.app.close();
  }

  /** That the database holds these rows and no others. */
  async expectRows(expected: Rows, url = this.database.url): Promise<void> {
    const found = await Rows.of(url);
    expect([expected.missingIn(found), found.missingIn(expected), found.tables]).toEqual([0, 0, expected.tables]);
  }

  /** The names of those that were made, the oldest first. */
  async made(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => OURS.test(name)).sort();
  }

  /** A server that makes one every second. */
  scheduled(settings: NodeJS.ProcessEnv): Promise<Server> {
    const everySecond = { BACKUP_SCHEDULE: '* * * * * *', SHUTDOWN_DRAIN_MS: '0' };
    return serve({ DATABASE_URL: this.database.url, ...everySecond, ...settings });
  }
}
