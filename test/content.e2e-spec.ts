import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';
import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import { ContentService } from '../src/content/content.service.js';
import type { CoursePackage } from '../src/content/course-package.js';
import { isEmpty } from '../src/content/import-plan.js';
import { readPackage } from '../src/content/read-package.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { Quiz } from '../src/quizzes/quiz.entity.js';
import { coursePackage } from './make.js';
import { HAS_SHARED_COURSES, SHARED_COURSES } from './shared-courses.js';
import { onEachDatabase, TestApp } from './test-app.js';

const SAMPLE = join(PROJECT_ROOT, 'content/modern-python-with-typing');
const itWithShared = HAS_SHARED_COURSES ? it : it.skip;

onEachDatabase((kind) => {
  let test: TestApp;
  let content: ContentService;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    content = test.app.get(ContentService);
  });
  afterAll(() => test.stop());

  /** Everything that is stored of the courses, to compare. */
  const stored = async () => {
    const { manager } = test.app.get(DatabaseConnection).reader;
    const rows = (table: string) => manager.query<object[]>(`SELECT * FROM ${table} ORDER BY id`);
    return { courses: await rows('courses'), chapters: await rows('chapters'), quizzes: await rows('quizzes') };
  };

  const imported = async (folder: string): Promise<CoursePackage> => {
    const { package: read, problems } = await readPackage(folder);
    if (!read) throw new Error(problems.map(({ message }) => message).join('\n'));
    await test.make.import(read);
    return read;
  };

  it('changes nothing when the same package comes again, not even updated_at', async () => {
    const wanted = await test.make.course({ chapters: 4, quizzes: [{}, { isPremium: true }] });
    const before = await stored();
    const plan = await test.make.import(wanted);
    expect(isEmpty(plan)).toBe(true);
    expect(await stored()).toEqual(before);
  });

  it('changes what changed, adds what is new, takes away what is gone and links anew', async () => {
    const before = await test.make.course({ id: 'm', chapters: 4, quizzes: [{}, {}] });
    const [a, b, , d] = before.chapters;
    const inserted = { ...a, id: 'm-new', title: 'New' };
    const wanted = {
      ...before,
      chapters: [a, inserted, { ...b, content: 'Other words.\n' }, d],
      quizzes: [before.quizzes[1]],
    };
    const plan = await test.make.import(wanted);
    expect(plan).toMatchObject({
      courses: { add: [], change: [], remove: [], retire: [] },
      chapters: { remove: ['m-3'], retire: [] },
      quizzes: { add: [], remove: ['m-quiz-1'], retire: [] },
    });
    expect(plan.chapters.add.map(({ id }) => id)).toEqual(['m-new']);
    expect(plan.chapters.change.map(({ id }) => id)).toEqual(['m-1', 'm-2', 'm-4']);

    const chain: string[] = [];
    for (let id: string | null = 'm-1'; id !== null;) {
      const chapter: ChapterDto = (await test.get(`chapters/${id}`)).json<ChapterDto>();
      expect(chapter.prev_chapter_id).toBe(chain.at(-1) ?? null);
      chain.push(id);
      id = chapter.next_chapter_id;
    }
    expect(chain).toEqual(['m-1', 'm-new', 'm-2', 'm-4']);
  });

  it('does in a dry run what the import would do, but does not do it', async () => {
    const before = await test.make.course({ chapters: 2 });
    const rows = await stored();
    const wanted = { ...before, course: { ...before.course, title: 'Other' }, chapters: before.chapters.slice(0, 1) };
    const foreseen = await test.make.import(wanted, { dryRun: true });
    expect(await stored()).toEqual(rows);
    expect(await test.make.import(wanted)).toEqual(foreseen);
  });

  it('refuses ids that another course owns and writes nothing of the package', async () => {
    const owner = await test.make.course({ chapters: 1, quizzes: [{}] });
    const rows = await stored();
    const thief = coursePackage({
      chapters: [{ id: owner.chapters[0].id }, {}],
      quizzes: [{ id: owner.quizzes[0].id }],
    });
    const conflicts = [
      { kind: 'chapter', id: owner.chapters[0].id, owner: owner.course.id },
      { kind: 'quiz', id: owner.quizzes[0].id, owner: owner.course.id },
    ];
    await expect(content.import(thief, { dryRun: false, prune: false })).rejects.toMatchObject({ conflicts });
    expect(await stored()).toEqual(rows);
  });

  it('writes all of a course or nothing', async () => {
    const rows = await stored();
    const broken = coursePackage({ chapters: 150, quizzes: [{ chapterId: 'nowhere' }] });
    await expect(content.import(broken, { dryRun: false, prune: false })).rejects.toThrow(/foreign key/i);
    expect(await stored()).toEqual(rows);
  });

  it('brings three imports of one new course that come at once to the same end', async () => {
    const wanted = coursePackage({ chapters: 120, quizzes: [{}] });
    const plans = await Promise.all([1, 2, 3].map(() => test.make.import(wanted)));
    expect(plans.filter((plan) => isEmpty(plan))).toHaveLength(2);
    expect((await test.get(`courses/${wanted.course.id}`)).json()).toMatchObject({ chapter_count: 120 });
  });

  it('lets go of a retired chapter with the last record that named it', async () => {
    const before = await test.make.course({ id: 'let', chapters: 2, quizzes: [{ chapterId: 'let-2' }] });
    const learner = await test.make.learner();
    await test.make.attempt(learner, 'let-quiz-1');
    const without = { ...before, chapters: before.chapters.slice(0, 1), quizzes: [] };
    await test.make.import(without);
    await test.make.deletion(learner);
    const plan = await test.make.import(without);
    expect([plan.chapters.remove, plan.quizzes.remove]).toEqual([['let-2'], ['let-quiz-1']]);
  });

  it('retires a quiz that was attempted, and the chapter that it hangs on', async () => {
    const before = await test.make.course({ id: 'r', chapters: 2, quizzes: [{ chapterId: 'r-2' }] });
    const learner = await test.make.learner();
    await test.make.attempt(learner, 'r-quiz-1');
    const without = { ...before, chapters: before.chapters.slice(0, 1), quizzes: [] };
    const plan = await test.make.import(without);
    expect([plan.chapters.retire, plan.quizzes.retire]).toEqual([['r-2'], ['r-quiz-1']]);
    expect(isEmpty(await test.make.import(without))).toBe(true);
    expect((await test.get('courses/r')).json()).toMatchObject({ chapter_count: 1, quiz_count: 0 });

    const pruned = await test.make.import(without, { prune: true });
    expect([pruned.chapters.remove, pruned.quizzes.remove]).toEqual([['r-2'], ['r-quiz-1']]);
    expect((await test.get('chapters/r-2')).statusCode).toBe(404);
  });

  it('takes a course away whole, or out of sight where learners have completed something', async () => {
    await test.make.course({ id: 'gone', chapters: 2, quizzes: [{}] });
    await content.remove('gone', { dryRun: false, prune: false });
    expect((await content.list()).map(({ id }) => id)).not.toContain('gone');

    await test.make.course({ id: 'out', chapters: 2 });
    await test.make.completion(await test.make.learner(), 'out-1', 'out');
    const plan = await content.remove('out', { dryRun: false, prune: false });
    expect([plan.courses.retire, plan.chapters.retire, plan.chapters.remove]).toEqual([['out'], ['out-1'], ['out-2']]);
    expect((await content.list()).find(({ id }) => id === 'out')).toMatchObject({ state: 'retired', retired: 1 });
    expect((await test.get('courses/out')).statusCode).toBe(404);
    expect((await test.get('chapters/out-1')).json()).toMatchObject({ id: 'out-1', next_chapter_id: null });

    await content.remove('out', { dryRun: false, prune: true });
    expect((await test.get('chapters/out-1')).statusCode).toBe(404);
    await expect(content.remove('out', { dryRun: false, prune: false })).rejects.toMatchObject({
      code: 'COURSE_NOT_FOUND',
    });
  });

  it('stores quizzes whole', async () => {
    const read = await imported(SAMPLE);
    const { manager } = test.app.get(DatabaseConnection).reader;
    for (const quiz of read.quizzes) expect(await manager.findOneByOrFail(Quiz, { id: quiz.id })).toMatchObject(quiz);
  });

  describe('the sample course', () => {
    it('is imported without a mistake or warning and teaches in at least eight chapters of 600 words', async () => {
      const { package: sample, problems } = await readPackage(SAMPLE);
      expect(problems).toEqual([]);
      expect(sample?.chapters.length).toBeGreaterThanOrEqual(8);
      for (const { content: text } of sample?.chapters ?? []) {
        expect(text.split(/\s+/).length).toBeGreaterThanOrEqual(600);
        expect(text).toContain('```python');
      }
    });

    it('has a quiz for each chapter with five questions and more, of every type', async () => {
      const { package: sample } = await readPackage(SAMPLE);
      expect(sample?.quizzes.map(({ chapterId }) => chapterId)).toEqual(sample?.chapters.map(({ id }) => id));
      for (const { questions } of sample?.quizzes ?? []) {
        expect(questions.length).toBeGreaterThanOrEqual(5);
        expect(new Set(questions.map(({ type }) => type)).size).toBe(7);
      }
      expect(sample?.chapters.filter(({ isPremium }) => isPremium)).toHaveLength(1);
      expect(sample?.quizzes.filter(({ isPremium }) => isPremium)).toHaveLength(2);
    });
  });

  describe('the real courses', () => {
    itWithShared.each([
      ['agents-course', 66, 8],
      ['rust-book', 108, 92],
    ])('%s is imported as it is, and again without a change', async (name, chapters, quizzes) => {
      const read = await imported(join(SHARED_COURSES, name));
      expect([read.chapters.length, read.quizzes.length]).toEqual([chapters, quizzes]);
      expect((await test.get(`courses/${name}`)).json()).toMatchObject({
        chapter_count: chapters,
        quiz_count: quizzes,
      });
      const before = await stored();
      expect(
        isEmpty(await test.make.import((await readPackage(join(SHARED_COURSES, name))).package as CoursePackage)),
      ).toBe(true);
      expect(await stored()).toEqual(before);
    });
  });
});
