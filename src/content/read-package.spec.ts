import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readPackage } from './read-package.js';

type Files = Record<string, string | Buffer>;

const COURSE = 'id: c\ntitle: A course\ndescription: What it is about\n';
const CHAPTER = '---\ntitle: One\n---\n\nSome text.\n';
const QUIZ = `chapter_id: c-one
title: A quiz
questions:
  - id: q1
    question: Which?
    options: [alpha, beta]
    correct_answer: alpha
`;
const GOOD: Files = { 'course.yaml': COURSE, 'chapters/01-one.md': CHAPTER, 'quizzes/one.yaml': QUIZ };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'course-package-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Reads a good package with some files changed and gives what was found wrong, a line each. */
async function problems(files: Files = {}): Promise<string[]> {
  await write({ ...GOOD, ...files });
  const read = await readPackage(folder);
  return read.problems.map(({ severity, file, line, message }) => `${file}:${line ?? ''} ${severity}: ${message}`);
}

const question = (text: string) => ({ 'quizzes/one.yaml': `chapter_id: c-one\ntitle: A quiz\nquestions:\n${text}` });

describe('a good package', () => {
  it('is read with every default filled in', async () => {
    await write(GOOD);
    const { package: read, problems: found } = await readPackage(folder);
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
    await write({
      'course.yaml': COURSE,
      'chapters/10-ten.md': chapter('ten'),
      'chapters/9-nine.md': chapter('nine'),
      'chapters/b.md': chapter('second', 2),
      'chapters/z.md': chapter('first', 1),
    });
    const { package: read } = await readPackage(folder);
    expect(read?.chapters.map(({ title }) => title)).toEqual(['first', 'second', 'nine', 'ten']);
  });

  it('reads every type of question', async () => {
    expect(
      await problems(
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
    await write(GOOD);
    await symlink(join(folder, 'chapters/01-one.md'), join(folder, 'chapters/02-again.md'));
    expect((await readPackage(folder)).package?.chapters.map(({ id }) => id)).toEqual(['c-one', 'c-again']);
  });
});

describe('a mistake is told with its file, its line and what would be right', () => {
  it.each<[string, Files, string[]]>([
    ['broken YAML', { 'course.yaml': `${COURSE}prerequisites: [a\n` }, ['course.yaml:5 error: is not valid YAML']],
    ['a key twice', { 'course.yaml': `${COURSE}id: d\n` }, ["course.yaml:4 error: the key 'id' stands twice"]],
    ['no id', { 'course.yaml': 'title: A\ndescription: B\n' }, ['course.yaml:1 error: id: is missing']],
    [
      'a bad id',
      { 'course.yaml': COURSE.replace('id: c', 'id: a b') },
      ['course.yaml:1 error: id: must be 1 to 128 letters'],
    ],
    [
      'a number for a text',
      { 'course.yaml': COURSE.replace('A course', '2026') },
      ['course.yaml:2 error: title: must be a text (put it in quotes)'],
    ],
    [
      'an empty title',
      { 'course.yaml': COURSE.replace('A course', '"  "') },
      ['course.yaml:2 error: title: must not be empty'],
    ],
    [
      'an unknown key',
      { 'course.yaml': `${COURSE}langauge: en\n` },
      ["course.yaml:4 error: 'langauge' is not a key of course.yaml; is 'language' meant?"],
    ],
    [
      'yes for true',
      { 'course.yaml': `${COURSE}published: yes\n` },
      ['course.yaml:4 error: published: must be true or false'],
    ],
    ['no mapping at all', { 'course.yaml': 'just text\n' }, ['course.yaml:1 error: course.yaml must be a mapping']],
    ['an empty file', { 'course.yaml': '' }, ['course.yaml:1 error: course.yaml must be a mapping']],
    [
      'no front matter',
      { 'chapters/01-one.md': '# One\n' },
      ['chapters/01-one.md:1 error: must begin with its front matter'],
    ],
    [
      'front matter without an end',
      { 'chapters/02.md': '---\ntitle: x\n' },
      ['chapters/02.md:1 error: has front matter without an end'],
    ],
    [
      'a chapter without a title',
      { 'chapters/01-one.md': '---\npremium: true\n---\ntext\n' },
      ['chapters/01-one.md:2 error: title: is missing'],
    ],
    [
      'a mistyped key of a chapter',
      { 'chapters/01-one.md': '---\ntitle: x\npremum: true\n---\n\ntext\n' },
      ["chapters/01-one.md:3 error: 'premum' is not a key of a chapter's front matter; is 'premium' meant?"],
    ],
    [
      'half a minute',
      { 'chapters/01-one.md': '---\ntitle: x\nestimated_minutes: 0.5\n---\ntext\n' },
      ['chapters/01-one.md:3 error: estimated_minutes: must be a whole number of minutes'],
    ],
    [
      'two chapters of one id',
      { 'chapters/02-one.md': CHAPTER },
      ["chapters/02-one.md:2 error: the chapter id 'c-one' is already that of chapters/01-one.md"],
    ],
    [
      'a name that makes no id',
      { 'chapters/a b.md': CHAPTER },
      ["chapters/a b.md:2 error: the file's name makes the id 'c-a b'"],
    ],
    [
      'a quiz of no chapter',
      { 'quizzes/one.yaml': QUIZ.replace('c-one', 'c-oen') },
      ["quizzes/one.yaml:1 error: chapter_id: there is no chapter 'c-oen'; is 'c-one' meant?"],
    ],
    [
      'two quizzes of one id',
      { 'quizzes/2-one.yaml': QUIZ },
      ["quizzes/one.yaml:1 error: the quiz id 'c-quiz-one' is already that of quizzes/2-one.yaml"],
    ],
    [
      'a passing score in percent',
      { 'quizzes/one.yaml': `passing_score: 70\n${QUIZ}` },
      ['quizzes/one.yaml:1 error: passing_score: must be from 0 to 1'],
    ],
    [
      'no questions',
      { 'quizzes/one.yaml': 'chapter_id: c-one\ntitle: x\nquestions: []\n' },
      ['quizzes/one.yaml:3 error: questions: must hold 1 to 200 questions'],
    ],
    [
      '201 questions',
      question(
        '  - {id: q, type: true_false, question: q, correct_answer: true}\n'
          .repeat(201)
          .replace(/id: q/g, () => `id: q${Math.random()}`),
      ),
      ['quizzes/one.yaml:4 error: questions: must hold 1 to 200 questions'],
    ],
    [
      'an answer that is no option',
      { 'quizzes/one.yaml': QUIZ.replace('correct_answer: alpha', 'correct_answer: alpa') },
      ["quizzes/one.yaml:7 error: the correct_answer 'alpa' is not one of the options; is 'alpha' meant?"],
    ],
    [
      'equal options',
      { 'quizzes/one.yaml': QUIZ.replace('beta]', 'alpha]') },
      ["quizzes/one.yaml:6 error: the option 'alpha' stands twice"],
    ],
    [
      'one option',
      { 'quizzes/one.yaml': QUIZ.replace(', beta', '') },
      ['quizzes/one.yaml:6 error: questions[0].options: must hold 2 to 20 options'],
    ],
    [
      'no right option',
      question('  - {id: q, type: multiple_choice, question: q, options: [a, b], correct_answer: []}\n'),
      ['quizzes/one.yaml:4 error: at least one option must be right'],
    ],
    [
      'an explanation of no option',
      { 'quizzes/one.yaml': `${QUIZ}    option_explanations:\n      gamma: no\n` },
      ["quizzes/one.yaml:9 error: the explained option 'gamma' is not one of the options"],
    ],
    [
      'a question id twice',
      question(
        '  - {id: q, type: true_false, question: q, correct_answer: true}\n  - {id: q, type: true_false, question: q, correct_answer: true}\n',
      ),
      ["quizzes/one.yaml:5 error: the question id 'q' stands twice"],
    ],
    [
      'an unknown type',
      question('  - {id: q, type: essay, question: q}\n'),
      ['quizzes/one.yaml:4 error: questions[0].type: must be one of single_choice'],
    ],
    [
      'a key of another type',
      question('  - {id: q, type: true_false, question: q, correct_answer: true, tolerance: 1}\n'),
      ["quizzes/one.yaml:4 error: 'tolerance' is not a key of a true_false question"],
    ],
    [
      'infinity',
      question('  - {id: q, type: numeric, question: q, correct_answer: .inf}\n'),
      ['quizzes/one.yaml:4 error: questions[0].correct_answer: must be a number'],
    ],
    [
      'a NUL',
      { 'chapters/01-one.md': '---\ntitle: One\n---\nab\0c\n' },
      ['chapters/01-one.md:4 error: holds a NUL character'],
    ],
    [
      'an escaped NUL',
      { 'course.yaml': COURSE.replace('A course', '"A\\0course"') },
      ['course.yaml:2 error: title: holds a NUL or half a surrogate pair'],
    ],
    [
      'text that is not UTF-8',
      { 'course.yaml': Buffer.concat([Buffer.from(COURSE), Buffer.from([0x61, 0x0a, 0xff, 0xfe])]) },
      ['course.yaml:5 error: is not UTF-8'],
    ],
    [
      'a billion laughs',
      {
        'course.yaml': `${COURSE}a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefg'.replace(/./g, (key) => {
          const before = String.fromCharCode(key.charCodeAt(0) - 1);
          return `${key}: &${key} [${`*${before}, `.repeat(9)}*${before}]\n`;
        })}`,
      },
      ['course.yaml:1 error: is nested too deeply, or by its aliases too large'],
    ],
    [
      'a text that holds itself',
      { 'course.yaml': `${COURSE}prerequisites: &a [*a]\n` },
      ['course.yaml:1 error: is nested too deeply, or by its aliases too large'],
    ],
    [
      'an alias of nothing',
      { 'course.yaml': `${COURSE}source: *nope\n` },
      ["course.yaml:4 error: there is no anchor '&nope'"],
    ],
    [
      'a YAML tag',
      { 'course.yaml': COURSE.replace('A course', '!secret x') },
      ['course.yaml:2 error: has the YAML tag !secret'],
    ],
    [
      'two documents',
      { 'course.yaml': `${COURSE}---\nid: d\n` },
      ['course.yaml:4 error: holds more than one YAML document'],
    ],
    [
      'a number in quotes',
      { 'quizzes/one.yaml': `passing_score: "0.7"\n${QUIZ}` },
      ['quizzes/one.yaml:1 error: passing_score: must be a number, without quotes'],
    ],
    [
      'more minutes than a database holds',
      { 'chapters/01-one.md': '---\ntitle: x\nestimated_minutes: 3000000000\n---\ntext\n' },
      ['chapters/01-one.md:3 error: estimated_minutes: must be above 0 and at most 100000'],
    ],
    [
      'a mistyped type, beside other mistakes',
      question('  - {id: q, type: singel_choice, question: 5, points: 0}\n'),
      [
        'quizzes/one.yaml:4 error: questions[0].question: must be a text (put it in quotes)',
        'quizzes/one.yaml:4 error: questions[0].points: must be above 0',
        "quizzes/one.yaml:4 error: questions[0].type: must be one of single_choice, multiple_choice, true_false, short_text, numeric, ordering, free_text; is 'single_choice' meant?",
      ],
    ],
  ])('%s', async (_what, files, expected) => {
    const found = await problems(files);
    expect(found).toHaveLength(expected.length);
    found.forEach((problem, index) => expect(problem).toContain(expected[index]));
    expect((await readPackage(folder)).package).toBeUndefined();
  });

  it('and so is every other one in the package', async () => {
    const found = await problems({
      'course.yaml': 'id: c\ntitel: x\n',
      'chapters/01-one.md': '---\ntitle: 1\norder: first\n---\n',
      'quizzes/one.yaml': QUIZ.replace(
        'correct_answer: alpha',
        'correct_answer: gamma\n    colour: red\n    points: -1',
      ),
    });
    expect(found.map((problem) => problem.replace(/;.*| \(.*/, ''))).toEqual([
      'chapters/01-one.md: warning: has no text',
      'chapters/01-one.md:2 error: title: must be a text',
      'chapters/01-one.md:3 error: order: must be a number',
      'course.yaml:1 error: title: is missing',
      'course.yaml:1 error: description: is missing',
      "course.yaml:2 error: 'titel' is not a key of course.yaml",
      "quizzes/one.yaml:7 error: the correct_answer 'gamma' is not one of the options",
      "quizzes/one.yaml:8 error: 'colour' is not a key of a single_choice question",
      'quizzes/one.yaml:9 error: questions[0].points: must be above 0 and at most 1000',
    ]);
  });

  it('a course.yaml or chapters that are not there', async () => {
    await write({ 'quizzes/one.yaml': QUIZ });
    const { problems: found } = await readPackage(folder);
    expect(found.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      'chapters: holds no chapter; a course needs one',
      'course.yaml: is missing: a package is a folder with a course.yaml',
    ]);
  });

  it('links that leave the package, or lead nowhere', async () => {
    await write(GOOD);
    await symlink('/etc/hostname', join(folder, 'chapters/02-out.md'));
    await symlink('../../..', join(folder, 'chapters/03-up.md'));
    await symlink('nowhere', join(folder, 'chapters/04-gone.md'));
    expect((await readPackage(folder)).problems.map(({ file, message }) => `${file} ${message}`)).toEqual([
      'chapters/02-out.md is a link that leaves the package',
      'chapters/03-up.md is a link that leaves the package',
      'chapters/04-gone.md is a link that leads nowhere',
    ]);
  });

  it('files that are too large, folders and files that nobody would read', async () => {
    await write({ ...GOOD, 'chapters/02-large.md': CHAPTER, 'chapters/picture.png': '', 'quizzes/two.yml': '' });
    await truncate(join(folder, 'chapters/02-large.md'), 2 * 1024 * 1024 + 1);
    await mkdir(join(folder, 'chapters/03-part.md'));
    expect(
      (await readPackage(folder)).problems.map(({ severity, file, message }) => `${severity}: ${file} ${message}`),
    ).toEqual([
      'error: chapters/02-large.md is larger than 2 MiB',
      'error: chapters/03-part.md must be a plain file',
      'warning: chapters/picture.png is not read: the files of chapters/ end in .md',
      'warning: quizzes/two.yml is not read: the files of quizzes/ end in .yaml',
    ]);
  });
});

describe('HTML that runs or loads something', () => {
  it('is a warning, and the package is still good', async () => {
    const chapter = `${CHAPTER}\n<iframe src="https://example.com"></iframe>\n\nA [link](javascript:alert(1)).\n`;
    await write({
      ...GOOD,
      'chapters/01-one.md': chapter,
      'quizzes/one.yaml': QUIZ.replace('Which?', 'Which <b onclick="x()">one</b>?'),
    });
    const { package: read, problems: found } = await readPackage(folder);
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
    await write({
      ...GOOD,
      'course.yaml': COURSE.replace('What it is about', 'about '.repeat(600)),
      'chapters/01-one.md': CHAPTER.replace('One', 'One '.repeat(80)).replace('title', 'id: c-one\ntitle'),
      ...question(many.join('')),
    });
    const { package: read, problems: found } = await readPackage(folder);
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
    expect(await problems(Object.fromEntries(chapters))).toEqual([
      ': warning: has so many chapters and quizzes that ChatGPT may not be able to read the progress',
    ]);
  });
});
