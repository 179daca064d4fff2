import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { UserProgress } from '../src/activity/user-progress.entity.js';
import { Passwords } from '../src/auth/passwords.js';
import { ContentService, type ImportOptions } from '../src/content/content.service.js';
import type { CoursePackage, PackageChapter, PackageQuiz } from '../src/content/course-package.js';
import type { ImportPlan } from '../src/content/import-plan.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { ChapterCompletion } from '../src/progress/chapter-completion.entity.js';
import { QuizAttempt } from '../src/quizzes/quiz-attempt.entity.js';
import type { PlanType } from '../src/subscriptions/plans.js';
import { SubscriptionsService } from '../src/subscriptions/subscriptions.service.js';
import { User } from '../src/users/user.entity.js';
import { type NewUser, UsersService } from '../src/users/users.service.js';

export const PASSWORD = 'a password of tests';

let made = 0;

interface CourseWish {
  id?: string;
  title?: string;
  published?: boolean;
  /** How many, or what is special of each. */
  chapters?: number | Partial<PackageChapter>[];
  quizzes?: Partial<PackageQuiz>[];
}

/** A course package with as many chapters as wished, named `<course>-1` and so on. */
export function coursePackage({
  id,
  title,
  published = true,
  chapters = 3,
  quizzes = [],
}: CourseWish = {}): CoursePackage {
  const courseId = id ?? `course-${++made}`;
  const wishes = typeof chapters === 'number' ? Array.from({ length: chapters }, () => ({})) : chapters;
  const course = {
    id: courseId,
    title: title ?? `Course ${courseId}`,
    description: 'A course made for a test.',
    prerequisites: ['Curiosity'],
    language: 'en',
    license: null,
    source: null,
    estimatedHours: null,
    published,
  };
  const list = wishes.map((wish, index) => ({
    id: `${courseId}-${index + 1}`,
    title: `Chapter ${index + 1}`,
    content: `The text of chapter ${index + 1}.\n`,
    isPremium: false,
    estimatedMinutes: 1,
    ...wish,
  }));
  return { course, chapters: list, quizzes: quizzes.map((wish, index) => quiz(courseId, list[0].id, index, wish)) };
}

function quiz(courseId: string, chapterId: string, index: number, wish: Partial<PackageQuiz>): PackageQuiz {
  return {
    id: `${courseId}-quiz-${index + 1}`,
    chapterId,
    title: `Quiz ${index + 1}`,
    passingScore: 0.7,
    isPremium: false,
    reveal: 'after_submit',
    questions: [{ id: 'q1', type: 'true_false', question: 'Is it?', points: 1, correctAnswer: true }],
    ...wish,
  };
}

/** Makes what a test needs, through the application's own services. */
export class Make {
  constructor(private readonly app: INestApplicationContext) {}

  async course(wish: CourseWish = {}): Promise<CoursePackage> {
    const wanted = coursePackage(wish);
    await this.import(wanted);
    return wanted;
  }

  import(wanted: CoursePackage, options: Partial<ImportOptions> = {}): Promise<ImportPlan> {
    return this.app.get(ContentService).import(wanted, { dryRun: false, prune: false, ...options });
  }

  /** A learner, whose password is `PASSWORD`. */
  async learner(wish: Partial<NewUser> = {}): Promise<User> {
    const name = `learner-${++made}`;
    const passwordHash = await this.app.get(Passwords).hash(PASSWORD);
    return this.app.get(UsersService).create({ email: `${name}@example.com`, username: name, passwordHash, ...wish });
  }

  admin(): Promise<User> {
    return this.learner({ role: 'admin' });
  }

  /** A learner with this plan. */
  async subscriber(planType: PlanType = 'premium', endDate: Date | null = null): Promise<User> {
    const user = await this.learner();
    await this.app.get(SubscriptionsService).set(user.id, planType, endDate);
    return user;
  }

  async completion(user: User, chapterId: string, courseId: string): Promise<void> {
    const completion = { userId: user.id, chapterId, courseId, completedAt: new Date() };
    await this.unitOfWork.run((manager) => manager.insert(ChapterCompletion, completion));
  }

  /** A course that the learner has begun with one chapter. */
  async begun(user: User, courseId: string, chapterId: string): Promise<void> {
    const now = new Date();
    const row = { userId: user.id, courseId, lastAccessed: now, createdAt: now, updatedAt: now };
    await this.unitOfWork.run((manager) => manager.insert(UserProgress, row));
    await this.completion(user, chapterId, courseId);
  }

  async attempt(user: User, quizId: string): Promise<void> {
    const at = new Date();
    const graded = { score: 1, passed: true, completedAt: at };
    const result = { ...graded, quiz_id: quizId, passing_score: 1, feedback: '', results: [], completed_at: at };
    const attempt = { userId: user.id, quizId, submissionId: randomUUID(), answers: {}, ...graded, result };
    await this.unitOfWork.run((manager) => manager.insert(QuizAttempt, attempt));
  }

  async deletion(user: User): Promise<void> {
    await this.unitOfWork.run((manager) => manager.delete(User, user.id));
  }

  private get unitOfWork(): UnitOfWork {
    return this.app.get(UnitOfWork);
  }
}
