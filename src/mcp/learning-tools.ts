import type { ChapterDto } from '../chapters/chapters.dto.js';
import { everyItem } from '../common/pagination.js';
import type { CourseDto } from '../courses/courses.dto.js';
import type { CourseProgressDto, UserProgressDto } from '../progress/progress.dto.js';
import type { QuizDto } from '../quizzes/quizzes.dto.js';
import type { Arguments } from './ask.js';
import { beginning, type LearningState, learningState } from './learning-state.js';
import { listOf, objectOf, orNull, pick } from './schemas.js';
import { type Ask, type Tool, toolOf } from './tool.js';

const STANDING = ['course_id', 'course_title', 'completed_chapters', 'total_chapters', 'completion_percentage'];
/** More than a learner has under way, and few enough to tell which courses are not among them. */
const BEGUN_COURSES = 50;
/** As many as a page of them has at the most. */
const QUIZZES = 200;

const submitQuiz = toolOf('submitQuiz', {
  name: 'submit_quiz',
  title: 'Submit a quiz',
  description:
    "Use this when the learner has answered a quiz's questions. It grades the answers by rule, keeps the result, and answers the score, whether it passes, feedback, and for each answered question whether it was right and why. Send what the learner said, unanswered questions left out. How often a quiz may be submitted in an hour is limited.",
  arguments: {
    quiz_id: "The quiz's id.",
    answers:
      "The learner's answers by question id: the text of the chosen option, a list of them for multiple_choice and (in their order) for ordering, true or false for true_false, a number for numeric, text for short_text. Leave free_text questions out.",
    submission_id:
      'A new uuid for each submission. If you are not sure whether a call has arrived, repeat it with the same one: it counts once.',
  },
});

const completeChapter = toolOf('completeChapter', {
  name: 'complete_chapter',
  title: 'Complete a chapter',
  description:
    'Use this when the learner has read a chapter to its end, and says so or goes on to the next one. It marks the chapter as completed and answers where the learner stands in the course now, with the streak. Doing it again changes nothing.',
  arguments: { course_id: "The course's id.", chapter_id: 'The id of the chapter, which is one of that course.' },
  isIdempotent: true,
});

const getProgress = toolOf('getProgress', {
  name: 'get_progress',
  title: 'Progress in a course',
  description:
    'Use this when the learner asks how far they are in one course. It answers the ids of the completed chapters, the percentage of the course, the scores of its quizzes and the streak; zeros for a course that is not begun. For what to do next, get_learning_state tells more.',
  arguments: { course_id: "The course's id." },
});

const getLearningState: Tool = {
  name: 'get_learning_state',
  title: 'Where the learner is',
  description:
    'Use this at the start of a conversation, and when the learner asks what is next. One call tells the course that they studied last, how far they are, the next chapter, quizzes that they have reached and not passed, the streak, and the other courses that they have begun; for who has begun none or finished it, courses that could be begun.',
  operations: ['listProgress', 'getProgress', 'listChapters', 'listCourseQuizzes', 'listCourses'],
  arguments: {},
  output: (of) => {
    const standing = pick(of('listProgress').items ?? {}, ...STANDING);
    const chapter = pick(of('listChapters').items ?? {}, 'id', 'title', 'order', 'locked', 'estimated_minutes');
    const quiz = pick(of('listCourseQuizzes').items ?? {}, 'id', 'title', 'chapter_id', 'question_count');
    const course = pick(of('listCourses').items ?? {}, 'id', 'title', 'description', 'estimated_hours');
    const { streak_days } = of('getProgress').properties ?? {};
    return objectOf({
      streak_days,
      course: { ...orNull(standing), description: 'The course that was studied last; null where none is begun.' },
      next_chapter: {
        ...orNull(chapter),
        description: 'The first chapter that is not completed; null after the last.',
      },
      open_quizzes: { ...listOf(quiz), description: 'Reached and not passed.' },
      other_courses: { ...listOf(standing), description: 'Begun before, the latest first.' },
      could_begin: listOf(course),
    });
  },
  run: async (args, ask): Promise<LearningState> => {
    const { body: begun } = await ask<CourseProgressDto[]>('listProgress', { ...args, limit: BEGUN_COURSES });
    const [latest] = begun;
    if (!latest) {
      const { body: courses } = await ask<CourseDto[]>('listCourses', {});
      return beginning(await streakDays(courses, ask), courses);
    }
    const { course_id } = latest;
    const isFinished = latest.completed_chapters === latest.total_chapters;
    const all = <T>(operationId: string, query: Arguments) =>
      everyItem(async (offset) => {
        const { body, total } = await ask<T[]>(operationId, { course_id, ...query, offset });
        return { items: body, total };
      });
    const [progress, chapters, quizzes, courses] = await Promise.all([
      ask<UserProgressDto>('getProgress', { course_id }),
      all<ChapterDto>('listChapters', { include_content: false }),
      all<QuizDto>('listCourseQuizzes', { include_questions: false, limit: QUIZZES }),
      isFinished ? ask<CourseDto[]>('listCourses', {}) : { body: [] },
    ]);
    return learningState(begun, progress.body, chapters, quizzes, courses.body);
  },
};

/**
 * The streak of who has no course under way: of one that was taken away they may still have it. It is the same in every
 * course.
 */
async function streakDays([course]: (CourseDto | undefined)[], ask: Ask): Promise<number> {
  if (!course) return 0;
  return (await ask<UserProgressDto>('getProgress', { course_id: course.id })).body.streak_days;
}

/** Tools for what a learner has done and does. */
export const LEARNING_TOOLS: Tool[] = [getLearningState, getProgress, completeChapter, submitQuiz];
