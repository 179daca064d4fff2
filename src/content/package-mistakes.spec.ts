import { mkdir, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { CHAPTER, COURSE, type Files, GOOD, PackageFolder, question, QUIZ } from '../../test/package-folder.js';
import { readPackage } from './read-package.js';

let folder: PackageFolder;
beforeEach(async () => {
  folder = await PackageFolder.make();
});
afterEach(() => folder.remove());

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
    const found = await folder.problems(files);
    expect(found).toHaveLength(expected.length);
    found.forEach((problem, index) => expect(problem).toContain(expected[index]));
    expect((await readPackage(folder.path)).package).toBeUndefined();
  });

  it('and so is every other one in the package', async () => {
    const found = await folder.problems({
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
    await folder.write({ 'quizzes/one.yaml': QUIZ });
    const { problems: found } = await readPackage(folder.path);
    expect(found.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      'chapters: holds no chapter; a course needs one',
      'course.yaml: is missing: a package is a folder with a course.yaml',
    ]);
  });

  it('links that leave the package, or lead nowhere', async () => {
    await folder.write(GOOD);
    await symlink('/etc/hostname', join(folder.path, 'chapters/02-out.md'));
    await symlink('../../..', join(folder.path, 'chapters/03-up.md'));
    await symlink('nowhere', join(folder.path, 'chapters/04-gone.md'));
    expect((await readPackage(folder.path)).problems.map(({ file, message }) => `${file} ${message}`)).toEqual([
      'chapters/02-out.md is a link that leaves the package',
      'chapters/03-up.md is a link that leaves the package',
      'chapters/04-gone.md is a link that leads nowhere',
    ]);
  });

  it('files that are too large, folders and files that nobody would read', async () => {
    await folder.write({ ...GOOD, 'chapters/02-large.md': CHAPTER, 'chapters/picture.png': '', 'quizzes/two.yml': '' });
    await truncate(join(folder.path, 'chapters/02-large.md'), 2 * 1024 * 1024 + 1);
    await mkdir(join(folder.path, 'chapters/03-part.md'));
    expect(
      (await readPackage(folder.path)).problems.map(({ severity, file, message }) => `${severity}: ${file} ${message}`),
    ).toEqual([
      'error: chapters/02-large.md is larger than 2 MiB',
      'error: chapters/03-part.md must be a plain file',
      'warning: chapters/picture.png is not read: the files of chapters/ end in .md',
      'warning: quizzes/two.yml is not read: the files of quizzes/ end in .yaml',
    ]);
  });
});
