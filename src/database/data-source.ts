import type { Database } from 'better-sqlite3';
import type { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Initial1763800000000 } from '../../migrations/1763800000000-Initial.js';
import { Accounts1763900000000 } from '../../migrations/1763900000000-Accounts.js';
import { SubmissionResults1764000000000 } from '../../migrations/1764000000000-SubmissionResults.js';
import { Hybrid1764200000000 } from '../../migrations/1764200000000-Hybrid.js';
import { Apps1764400000000 } from '../../migrations/1764400000000-Apps.js';
import { CourseLists1764500000000 } from '../../migrations/1764500000000-CourseLists.js';
import { CoveringIndexes1764600000000 } from '../../migrations/1764600000000-CoveringIndexes.js';
import { Operations1764300000000 } from '../../migrations/1764300000000-Operations.js';
import { Search1764100000000 } from '../../migrations/1764100000000-Search.js';
import { SearchSections1764350000000 } from '../../migrations/1764350000000-SearchSections.js';
import { PasswordReset } from '../auth/password-reset.entity.js';
import { Session } from '../auth/session.entity.js';
import { Chapter } from '../chapters/chapter.entity.js';
import type { Config } from '../config/config.js';
import { StoredRevision } from '../content-cache/stored-revision.entity.js';
import { Connection } from '../connections/connection.entity.js';
import { OAuthRecord } from '../connections/oauth-record.entity.js';
import { Course } from '../courses/course.entity.js';
import { HybridUsage } from '../hybrid/hybrid-usage.entity.js';
import { LlmCall } from '../hybrid/llm-call.entity.js';
import { MentorSession } from '../hybrid/mentor-session.entity.js';
import { MentorTurn } from '../hybrid/mentor-turn.entity.js';
import { ChapterCompletion } from '../progress/chapter-completion.entity.js';
import { Streak } from '../activity/streak.entity.js';
import { UserProgress } from '../activity/user-progress.entity.js';
import { QuizAttempt } from '../quizzes/quiz-attempt.entity.js';
import { QuizScore } from '../activity/quiz-score.entity.js';
import { Quiz } from '../quizzes/quiz.entity.js';
import { SearchEntry } from '../search/search-entry.entity.js';
import { SearchWord } from '../search/search-word.entity.js';
import { Subscription } from '../subscriptions/subscription.entity.js';
import { User } from '../users/user.entity.js';
import { withName } from './named-statements.js';
import { SnakeNaming } from './naming.js';
import { whenUnlocked } from './sqlite-lock.js';

const OPENING_WAIT_MS = 5000;

const shared = {
  entities: [
    Course,
    Chapter,
    Quiz,
    QuizAttempt,
    QuizScore,
    User,
    Session,
    PasswordReset,
    UserProgress,
    ChapterCompletion,
    Streak,
    Subscription,
    HybridUsage,
    LlmCall,
    MentorSession,
    MentorTurn,
    SearchEntry,
    SearchWord,
    StoredRevision,
    Connection,
    OAuthRecord,
  ],
  migrations: [
    Initial1763800000000,
    Accounts1763900000000,
    SubmissionResults1764000000000,
    Search1764100000000,
    Hybrid1764200000000,
    Operations1764300000000,
    SearchSections1764350000000,
    Apps1764400000000,
    CourseLists1764500000000,
    CoveringIndexes1764600000000,
  ],
  migrationsTransactionMode: 'each' as const,
  namingStrategy: new SnakeNaming(),
  synchronize: false,
  logging: false,
};

/** The migrations of this version, oldest first. */
export function knownMigrations(): string[] {
  return shared.migrations.map((Migration) => new Migration().name);
}

/**
 * The connection that repositories read through. On SQLite it is read-only: it sees what is committed and nothing
 * else, whatever a transaction is doing on the writing connection.
 */
export function readerOptions(config: Config): DataSourceOptions {
  const { database } = config;
  if (database.kind === 'sqlite') {
    return { ...shared, type: 'better-sqlite3', database: database.path, readonly: true, timeout: 100 };
  }
  return {
    ...shared,
    type: 'postgres',
    url: database.url,
    applicationName: 'course-companion',
    poolErrorHandler: () => undefined,
    extra: {
      onConnect: prepareClient,
      max: config.databasePoolMax,
      connectionTimeoutMillis: config.databaseAcquireTimeoutMs,
      idleTimeoutMillis: config.databaseIdleTimeoutMs,
      statement_timeout: config.databaseStatementTimeoutMs,
    },
  };
}

/**
 * The connection that the unit of work writes through: on SQLite a second one, on PostgreSQL null, as the pool serves
 * both. `timeout: 0` because SQLite's own wait for a lock would block the event loop; the unit of work waits instead.
 */
export function writerOptions(config: Config): DataSourceOptions | null {
  const { database } = config;
  if (database.kind !== 'sqlite') return null;
  return {
    ...shared,
    type: 'better-sqlite3',
    database: database.path,
    timeout: 0,
    prepareDatabase: prepareWriter,
  };
}

/**
 * Of several processes that open a new file at once, one makes it a WAL database, and the others cannot even read it
 * then.
 */
async function prepareWriter(connection: Database): Promise<void> {
  await whenUnlocked(() => {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
  }, performance.now() + OPENING_WAIT_MS);
}

/**
 * A client without a listener for errors takes the process down when its backend dies, and a client that is just being
 * handed over has none. What waits for its answer is told all the same, and the pool replaces the client.
 * Statements that have a name are sent with it, so that PostgreSQL parses them once for each client.
 */
function prepareClient(client: Client): void {
  client.on('error', () => undefined);
  const send = client.query.bind(client) as (...sent: unknown[]) => unknown;
  client.query = ((text: unknown, ...rest: unknown[]) => send(withName(text), ...rest)) as typeof client.query;
}

/** Opens the writing connection alone, where no application is around it. */
export function writingDataSource(config: Config): DataSource {
  return new DataSource(writerOptions(config) ?? readerOptions(config));
}
