import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage } from '../src/content/read-package.js';
import type { Question } from '../src/quizzes/question.js';
import { resultOf } from './quiz-of-every-type.js';
import { HAS_SHARED_COURSES, SHARED_COURSES } from './shared-courses.js';
import { TestApp } from './test-app.js';

const itWithShared = HAS_SHARED_COURSES ? it : it.skip;

itWithShared('over every quiz of the courses in ../shared the key scores 1 and wrong answers 0', async () => {
  const test = await TestApp.start('sqlite');
  const client = test.as(await test.make.subscriber());
  let questions = 0;
  for (const name of readdirSync(SHARED_COURSES)) {
    const { package: course } = await readPackage(join(SHARED_COURSES, name));
    if (!course) throw new Error(`${name} cannot be read`);
    await test.make.import(course);
    for (const quiz of course.quizzes) {
      const graded = quiz.questions.filter(({ type }) => type !== 'free_text');
      questions += quiz.questions.length;
      if (graded.length === 0) continue;
      const submit = (answerOf: (question: Question) => unknown) =>
        client.post('quizzes/submit', {
          quiz_id: quiz.id,
          answers: Object.fromEntries(graded.map((question) => [question.id, answerOf(question)])),
        });
      expect([quiz.id, resultOf(await submit(rightAnswer)).score]).toEqual([quiz.id, 1]);
      expect([quiz.id, resultOf(await submit(wrongAnswer)).score]).toEqual([quiz.id, 0]);
    }
  }
  expect(questions).toBe(260);
  await test.stop();
});

function rightAnswer(question: Question): unknown {
  return question.type === 'ordering' ? question.options : question.correctAnswer;
}

function wrongAnswer(question: Question): unknown {
  switch (question.type) {
    case 'single_choice':
      return question.options.find((option) => option !== question.correctAnswer);
    case 'multiple_choice':
      return question.options.filter((option) => !question.correctAnswer.includes(option));
    case 'true_false':
      return !question.correctAnswer;
    case 'numeric':
      return question.correctAnswer + question.tolerance + 1;
    case 'ordering':
      return [...question.options].reverse();
    case 'short_text':
    case 'free_text':
      return 'certainly not this';
  }
}
