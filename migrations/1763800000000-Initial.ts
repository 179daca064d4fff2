import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';
import { columnKinds, createTables, dropTables, type TableDefinition } from '../src/database/table-definition.js';

export class Initial1763800000000 implements MigrationInterface {
  name = 'Initial1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, tables(dialectOf(runner)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, tables(dialectOf(runner)));
  }
}

function tables(dialect: Dialect): Record<string, TableDefinition> {
  const { key, serial, reference, text, sortedText, integer, number, boolean, json, timestamp, recorded, optional } =
    columnKinds(dialect);
  return {
    courses: {
      columns: {
        id: key,
        title: text,
        sort_title: sortedText,
        description: text,
        prerequisites: json,
        language: optional(text),
        license: optional(text),
        source: optional(text),
        estimated_hours: optional(number),
        published: boolean,
        retired_at: optional(timestamp),
        ...recorded,
      },
      indexes: [
        ['sort_title', 'id'],
        ['created_at', 'id'],
      ],
    },
    chapters: {
      columns: {
        id: key,
        course_id: reference,
        title: text,
        content: text,
        position: integer,
        next_chapter_id: optional(reference),
        prev_chapter_id: optional(reference),
        is_premium: boolean,
        estimated_minutes: integer,
        retired_at: optional(timestamp),
        ...recorded,
      },
      references: { course_id: 'courses' },
      links: { next_chapter_id: 'chapters', prev_chapter_id: 'chapters' },
      indexes: [['course_id', 'position'], ['next_chapter_id'], ['prev_chapter_id']],
    },
    quizzes: {
      columns: {
        id: key,
        course_id: reference,
        chapter_id: reference,
        title: text,
        position: integer,
        questions: json,
        passing_score: number,
        is_premium: boolean,
        reveal: text,
        retired_at: optional(timestamp),
        ...recorded,
      },
      references: { course_id: 'courses', chapter_id: 'chapters' },
      indexes: [
        ['course_id', 'position'],
        ['chapter_id', 'position'],
      ],
      checks: { passing_score: 'passing_score >= 0 AND passing_score <= 1' },
    },
    users: {
      columns: {
        id: key,
        email: text,
        canonical_email: text,
        username: text,
        canonical_username: text,
        password_hash: text,
        role: text,
        timezone: text,
        is_active: boolean,
        token_version: integer,
        ...recorded,
      },
      unique: [['canonical_email'], ['canonical_username']],
      checks: { role: "role IN ('learner', 'admin')" },
    },
    user_progress: {
      columns: { id: serial, user_id: reference, course_id: reference, last_accessed: timestamp, ...recorded },
      references: { user_id: 'users', course_id: 'courses' },
      unique: [['user_id', 'course_id']],
      indexes: [['user_id', 'last_accessed'], ['course_id']],
    },
    chapter_completions: {
      columns: {
        user_id: { ...reference, isPrimary: true },
        chapter_id: { ...reference, isPrimary: true },
        course_id: reference,
        completed_at: timestamp,
      },
      references: { user_id: 'users', chapter_id: 'chapters', course_id: 'courses' },
      indexes: [['user_id', 'course_id'], ['chapter_id'], ['course_id']],
    },
    quiz_attempts: {
      columns: {
        id: serial,
        user_id: reference,
        quiz_id: reference,
        submission_id: optional(reference),
        answers: json,
        score: number,
        passed: boolean,
        completed_at: timestamp,
      },
      references: { user_id: 'users', quiz_id: 'quizzes' },
      unique: [['user_id', 'submission_id']],
      indexes: [['user_id', 'quiz_id', 'completed_at'], ['quiz_id']],
      checks: { score: 'score >= 0 AND score <= 1' },
    },
    quiz_scores: {
      columns: {
        user_id: { ...reference, isPrimary: true },
        quiz_id: { ...reference, isPrimary: true },
        course_id: reference,
        score: number,
        passed: boolean,
        best_score: number,
        attempts: integer,
        submitted_at: timestamp,
      },
      references: { user_id: 'users', quiz_id: 'quizzes', course_id: 'courses' },
      indexes: [['user_id', 'course_id'], ['quiz_id'], ['course_id']],
    },
    streaks: {
      columns: {
        user_id: key,
        days: integer,
        longest_days: integer,
        last_active_on: optional(text),
        updated_at: timestamp,
      },
      references: { user_id: 'users' },
      checks: { days: 'days >= 0 AND longest_days >= days' },
    },
    subscriptions: {
      columns: {
        id: serial,
        user_id: reference,
        plan_type: text,
        start_date: timestamp,
        end_date: optional(timestamp),
        cancelled_at: optional(timestamp),
        is_active: boolean,
        ...recorded,
      },
      references: { user_id: 'users' },
      indexes: [['user_id']],
      uniqueWhere: { columns: ['user_id'], where: 'is_active = true' },
      checks: { plan_type: "plan_type IN ('free', 'premium', 'pro', 'team')" },
    },
    hybrid_usage: {
      columns: {
        id: serial,
        user_id: reference,
        month_year: text,
        adaptive_learning: integer,
        llm_assessment: integer,
        synthesis: integer,
        mentor_sessions: integer,
        ...recorded,
      },
      references: { user_id: 'users' },
      unique: [['user_id', 'month_year']],
    },
  };
}
