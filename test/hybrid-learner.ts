import type { Response } from 'light-my-request';
import { DatabaseConnection } from '../src/database/database-connection.js';
import type { HybridUsageDto } from '../src/hybrid/usage.dto.js';
import { LlmCall } from '../src/hybrid/llm-call.entity.js';
import type { User } from '../src/users/user.entity.js';
import type { TestApp } from './test-app.js';

/**
 * What the questions are about: a course that has two chapters of these ids, and the free-text question `q1` of the
 * quiz `essay`.
 */
export interface Subject {
  course: string;
  chapters: [string, string];
}

/** A learner who uses the features that a model answers. */
export class HybridLearner {
  constructor(
    readonly test: TestApp,
    readonly user: User,
    private readonly subject: Subject,
  ) {}

  adaptive(more: object = {}): Promise<Response> {
    return this.post('adaptive-learning', { course_id: this.subject.course, ...more });
  }

  assess(user_response = 'An owner has a scope.', more: object = {}): Promise<Response> {
    return this.post('llm-assessment', { quiz_id: 'essay', question_id: 'q1', user_response, ...more });
  }

  synthesis(more: object = {}): Promise<Response> {
    const { course, chapters } = this.subject;
    return this.post('synthesis', { course_id: course, chapter_ids: chapters, ...more });
  }

  mentor(question = 'What is an owner?', more: object = {}): Promise<Response> {
    return this.post('mentor-session', { course_id: this.subject.course, question, ...more });
  }

  async usage(): Promise<HybridUsageDto> {
    return (await this.test.as(this.user).get('hybrid/usage/me')).json<HybridUsageDto>();
  }

  /** What stands in the ledger of them, the oldest first. */
  calls(): Promise<LlmCall[]> {
    const { manager } = this.test.app.get(DatabaseConnection).reader;
    return manager.find(LlmCall, { where: { userId: this.user.id }, order: { createdAt: 'asc' } });
  }

  private post(feature: string, body: object): Promise<Response> {
    return this.test.as(this.user).post(`hybrid/${feature}`, body);
  }
}
