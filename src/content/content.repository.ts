import { type EntityManager, type EntityTarget, In, Not } from 'typeorm';
import { UserProgress } from '../activity/user-progress.entity.js';
import { Chapter } from '../chapters/chapter.entity.js';
import { chunks } from '../common/chunks.js';
import { Course } from '../courses/course.entity.js';
import { ChapterCompletion } from '../progress/chapter-completion.entity.js';
import { QuizAttempt } from '../quizzes/quiz-attempt.entity.js';
import { Quiz } from '../quizzes/quiz.entity.js';
import type { PackageIds } from './course-package.js';
import type { StoredCourse } from './import-plan.js';

/** An id of a package that belongs to another course. */
export interface IdConflict {
  kind: 'chapter' | 'quiz';
  id: string;
  /** The course that has it. */
  owner: string;
}

/** The package's ids that other courses own. */
export async function findConflicts(
  manager: EntityManager,
  { course, chapters, quizzes }: PackageIds,
): Promise<IdConflict[]> {
  const conflicts: IdConflict[] = [];
  const find = async (entity: EntityTarget<Chapter | Quiz>, kind: IdConflict['kind'], items: { id: string }[]) => {
    for (const some of chunks(items.map(({ id }) => id))) {
      const where = { id: In(some), courseId: Not(course) };
      const rows = await manager.find(entity, { select: { id: true, courseId: true }, where });
      conflicts.push(...rows.map(({ id, courseId }) => ({ kind, id, owner: courseId })));
    }
  };
  await find(Chapter, 'chapter', chapters);
  await find(Quiz, 'quiz', quizzes);
  return conflicts;
}

/** A course as it is stored, with what learners' records name of it. */
export async function loadStored(manager: EntityManager, courseId: string): Promise<StoredCourse> {
  const chapters = await manager.findBy(Chapter, { courseId });
  const quizzes = await manager.findBy(Quiz, { courseId });
  const completions = await manager
    .createQueryBuilder(ChapterCompletion, 'row')
    .select('DISTINCT row.chapterId', 'id')
    .where({ courseId })
    .getRawMany<{ id: string }>();
  const attempts = await manager
    .createQueryBuilder(QuizAttempt, 'row')
    .select('DISTINCT row.quizId', 'id')
    .where('row.quizId IN (SELECT quizzes.id FROM quizzes WHERE quizzes.course_id = :courseId)', { courseId })
    .getRawMany<{ id: string }>();
  return {
    course: await manager.findOneBy(Course, { id: courseId }),
    chapters,
    quizzes,
    recorded: {
      course: await manager.existsBy(UserProgress, { courseId }),
      chapters: new Set(completions.map(({ id }) => id)),
      quizzes: new Set(attempts.map(({ id }) => id)),
    },
  };
}
