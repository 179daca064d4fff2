import { Statement } from '../database/statement.js';
import type { QuizScore } from './quiz-score.entity.js';
import type { StreakDays } from './streak.js';
import type { UserProgress } from './user-progress.entity.js';

/** A completion or a graded submission. */
export interface Activity {
  userId: string;
  courseId: string;
  /** When it was done. */
  at: Date;
}

/** A graded submission and its result. */
export interface ScoredActivity extends Activity {
  quizId: string;
  /** The share of the points, from 0 to 1. */
  score: number;
  passed: boolean;
}

/** SQL that writes a row, and returns it, where a condition holds, which is SQL too. */
type Write = (condition: string) => string;

/** Both databases have a function for it, each another one. */
const greater = (one: string, other: string) => `CASE WHEN ${one} > ${other} THEN ${one} ELSE ${other} END`;

/** Of activities at once the one that began last may be stored first. */
const ofLatestSubmission = (column: string) =>
  `CASE WHEN quiz_scores.submitted_at > excluded.submitted_at THEN quiz_scores.${column} ELSE excluded.${column} END`;

const touchCourse: Write = (condition) =>
  `UPDATE user_progress SET last_accessed = ${greater('last_accessed', ':at')}, updated_at = ${greater('updated_at', ':at')}
   WHERE user_id = :userId AND course_id = :courseId AND ${condition}
   RETURNING id`;

/** Only where there was nothing to touch: an id would be used up in vain. */
const beginCourse: Write = (condition) =>
  `INSERT INTO user_progress (user_id, course_id, last_accessed, created_at, updated_at)
   SELECT :userId, :courseId, :at, :at, :at WHERE ${condition}
   ON CONFLICT DO NOTHING RETURNING id`;

const keepScore: Write = (condition) =>
  `INSERT INTO quiz_scores (user_id, quiz_id, course_id, score, passed, best_score, attempts, submitted_at)
   SELECT :userId, :quizId, :courseId, :score, :passed, :score, 1, :at WHERE ${condition}
   ON CONFLICT (user_id, quiz_id) DO UPDATE SET
     ${['course_id', 'score', 'passed', 'submitted_at'].map((column) => `${column} = ${ofLatestSubmission(column)}`).join(', ')},
     best_score = ${greater('quiz_scores.best_score', 'excluded.best_score')}, attempts = quiz_scores.attempts + 1
   RETURNING attempts`;

export const TOUCH_COURSE = new Statement<Pick<UserProgress, 'id'>, keyof Activity>(touchCourse('TRUE'), {});

export const BEGIN_COURSE = new Statement<Pick<UserProgress, 'id'>, keyof Activity>(beginCourse('TRUE'), {});

const KEEP_SCORE = new Statement<Pick<QuizScore, 'attempts'>, keyof ScoredActivity>(keepScore('TRUE'), {});

/** A single write: of a row that was written before in the same transaction the foreign key would be checked anew. */
export const RESET_STREAK = new Statement<object, 'userId' | 'at'>(
  `INSERT INTO streaks (user_id, days, longest_days, updated_at) VALUES (:userId, 0, 0, :at)
   ON CONFLICT (user_id) DO UPDATE SET days = 0, last_active_on = NULL, updated_at = excluded.updated_at`,
  {},
);

/** The learner's streak as it is, locked until the unit of work ends. */
export const LOCK_STREAK = new Statement<StreakDays, 'userId' | 'at'>(
  `INSERT INTO streaks (user_id, days, longest_days, updated_at) VALUES (:userId, 0, 0, :at)
   ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at
   RETURNING days, longest_days AS "longestDays", last_active_on AS "lastActiveOn"`,
  {},
);

/** What `sameDay` has found and written. */
interface SameDay<Row> {
  /** Whether the learner was active on that day already. */
  isSameDay: boolean;
  /** Null where nothing was written. */
  done: Row | null;
  /** Whether the course was begun with it. */
  isBegun: boolean;
}

/** What an activity was about: the table that has it, and the value that is its id there. */
interface Subject<Values> {
  table: 'chapters' | 'quizzes';
  id: keyof Values & string;
}

/** How a kind of activity is recorded. */
export class Recording<Row extends object, Values extends Activity> {
  /** Writes what was done, and returns a row unless it was done before. */
  readonly done: Statement<Row, keyof Values & string>;
  /**
   * Writes all of an activity where the learner was active on that day already, so that the streak stays as it is; for
   * PostgreSQL, where each statement is a way there and back.
   */
  readonly sameDay: Statement<SameDay<Row>, (keyof Values & string) | 'today'>;
  /** Keeps its result; null where it has none. */
  readonly keepScore: Statement<object, keyof Values & string> | null;

  /**
   * @param done writes what was done
   * @param isScored whether it has a result
   */
  constructor(done: Write, subject: Subject<Values>, isScored: boolean) {
    this.keepScore = isScored ? (KEEP_SCORE as Recording<Row, Values>['keepScore']) : null;
    this.done = new Statement(done('TRUE'), {} as never);
    const isDone = 'EXISTS (SELECT FROM done)';
    const parts = [
      `active AS (${lockReferred(subject)})`,
      `done AS (${done('EXISTS (SELECT FROM active)')})`,
      `touched AS (${touchCourse(isDone)})`,
      `begun AS (${beginCourse(`${isDone} AND NOT EXISTS (SELECT FROM touched)`)})`,
      ...(isScored ? [`score AS (${keepScore(isDone)})`] : []),
    ];
    this.sameDay = new Statement(
      `WITH ${parts.join(', ')}
       SELECT (SELECT row_to_json(done) FROM done) AS done, EXISTS (SELECT FROM begun) AS "isBegun",
         EXISTS (SELECT FROM active) AS "isSameDay"`,
      { isBegun: 'flag', isSameDay: 'flag' } as never,
    );
  }
}

/**
 * Locks what the rows refer to before any of the learner's own is, as its deletion does; foreign keys would do so last.
 */
function lockReferred<Values>({ table, id }: Subject<Values>): string {
  return `SELECT FROM users AS account
      JOIN ${table} AS subject ON subject.id = :${id}
      JOIN courses AS course ON course.id = :courseId
      JOIN streaks AS streak ON streak.user_id = account.id AND streak.last_active_on >= :today
    WHERE account.id = :userId FOR KEY SHARE OF account, subject, course`;
}
