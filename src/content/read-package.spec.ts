import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CHAPTER, COURSE, GOOD, PackageFolder, question, QUIZ } from '../../test/package-folder.js';
import { readPackage } from './read-package.js';

let folder: PackageFolder;
beforeEach(async () => {
  folder = await PackageFolder.make();
});
afterEach(() => folder.remove());

describe('a good package', () => {
  it('is read with every default filled in', async () => {
    await folder.write(GOOD);
    const { package: read, problems: found } = await readPackage(folder.path);
    expect(found).toEqual([]);
    expect(read).toEqual({
      course: {
        id: 'c',
        title: 'A course',
        description: 'What it is about',
        prerequisites: [],
        language: null,
        license: null,
        source: null,
        estimatedHours: null,
        published: true,
      },
      chapters: [{ id: 'c-one', title: 'One', content: 'Some text.\n', isPremium: false, estimatedMinutes: 1 }],
      quizzes: [
        {
          id: 'c-quiz-one',
          chapterId: 'c-one',
          title: 'A quiz',
          passingScore: 0.7,
          isPremium: false,
          reveal: 'after_submit',
          questions: [
            {
              id: 'q1',
              type: 'single_choice',
              question: 'Which?',
              points: 1,
              options: ['alpha', 'beta'],
              correctAnswer: 'alpha',
            },
          ],
        },
      ],
    });
  });

  it('has its chapters by order, then by the natural order of their names', async () => {
    const chapter = (title: string, order?: number) =>
      `---\ntitle: ${title}\n${order === undefined ? '' : `order: ${order}\n`}---\ntext\n`;
    await folder.write({
      'course.yaml': COURSE,
      'chapters/10-ten.md': chapter('ten'),
      'chapters/9-nine.md': chapter('nine'),
      'chapters/b.md': chapter('second', 2),
      'chapters/z.md': chapter('first', 1),
    });
    const { package: read } = await readPackage(folder.path);
    expect(read?.chapters.map(({ title }) => title)).toEqual(['first', 'second', 'nine', 'ten']);
  });

  it('reads every type of question', async () => {
    expect(
      await folder.problems(
        question(`
  - {id: a, type: single_choice, question: q, options: [x, y], correct_answer: x, option_explanations: {x: right, y: no}}
  - {id: b, type: multiple_choice, question: q, options: [x, y, z], correct_answer: [x, z], points: 2}
  - {id: c, type: true_false, question: q, correct_answer: false, explanation: because}
  - {id: d, type: short_text, question: q, correct_answer: x, accepted_answers: [y]}
  - {id: e, type: numeric, question: q, correct_answer: 1.5, tolerance: 0.1}
  - {id: f, type: ordering, question: q, options: [x, y, z]}
  - {id: g, type: free_text, question: q, rubric: names x, correct_answer: x and y}
`),
      ),
    ).toEqual([]);
  });

  it('may hold links to its own files', async () => {
    await folder.write(GOOD);
    await symlink(join(folder.path, 'chapters/01-one.md'), join(folder.path, 'chapters/02-again.md'));
    expect((await readPackage(folder.path)).package?.chapters.map(({ id }) => id)).toEqual(['c-one', 'c-again']);
  });
});

describe('HTML that runs or loads something', () => {
  it('is a warning, and the package is still good', async () => {
    const chapter = `${CHAPTER}\n<iframe src="https://example.com"></iframe>\n\nA [link](javascript:alert(1)).\n`;
    await folder.write({
      ...GOOD,
      'chapters/01-one.md': chapter,
      'quizzes/one.yaml': QUIZ.replace('Which?', 'Which <b onclick="x()">one</b>?'),
    });
    const { package: read, problems: found } = await readPackage(folder.path);
    expect(read).toBeDefined();
    expect(
      found.map(({ severity, file, line, message }) => `${severity} ${file}:${line} ${message.split(';')[0]}`),
    ).toEqual([
      'warning chapters/01-one.md:7 holds <iframe>',
      'warning chapters/01-one.md:9 holds a javascript: link',
      'warning quizzes/one.yaml:5 holds the event attribute onclick',
    ]);
  });
});

describe('what is too long for ChatGPT', () => {
  it('is a warning, and the package is still good', async () => {
    const options = JSON.stringify(Array.from({ length: 20 }, (_, index) => `${index} ${'long '.repeat(50)}`));
    const many = Array.from(
      { length: 30 },
      (_, index) => `  - id: q${index}\n    question: Which?\n    type: ordering\n    options: ${options}\n`,
    );
    await folder.write({
      ...GOOD,
      'course.yaml': COURSE.replace('What it is about', 'about '.repeat(600)),
      'chapters/01-one.md': CHAPTER.replace('One', 'One '.repeat(80)).replace('title', 'id: c-one\ntitle'),
      ...question(many.join('')),
    });
    const { package: read, problems: found } = await readPackage(folder.path);
    expect(read).toBeDefined();
    expect(
      found.map(({ severity, file, line, message }) => `${severity} ${file}:${line} ${message.split(',')[0]}`),
    ).toEqual([
      'warning chapters/01-one.md:3 title: is longer than 300 characters',
      'warning course.yaml:3 description: is longer than 3000 characters',
      'warning quizzes/one.yaml:4 questions: is longer than 90000 characters',
    ]);
  });

  it('and so is a course of which the progress would be', async () => {
    const chapters = Array.from({ length: 800 }, (_, index): [string, string] => [
      `chapters/${index}-${'n'.repeat(120)}${index}.md`,
      CHAPTER,
    ]);
    expect(await folder.problems(Object.fromEntries(chapters))).toEqual([
      ': warning: has so many chapters and quizzes that ChatGPT may not be able to read the progress',
    ]);
  });
});
