import { randomUUID } from 'node:crypto';
import { codeOf, statusesOf } from './answers.js';
import { onEachStore } from './counted.js';

onEachStore((startCounting) => {
  it('the limit of submissions counts what was graded, and lets repetitions through', async () => {
    const test = await startCounting({ RATE_LIMIT_QUIZZES_SUBMIT: '3/hour' });
    const { quizzes } = await test.make.course({ quizzes: [{}] });
    const client = test.as(await test.make.learner());
    const submission_id = randomUUID();
    const submit = (answers: object, more: object = {}) =>
      client.post('quizzes/submit', { quiz_id: quizzes[0].id, answers, ...more });
    for (let i = 0; i < 5; i++) expect((await submit({ q1: 'perhaps' })).statusCode).toBe(422);
    const first = await submit({ q1: true }, { submission_id });
    for (let i = 0; i < 5; i++) expect((await submit({ q1: true }, { submission_id })).statusCode).toBe(200);
    expect((await submit({ q1: true })).statusCode).toBe(200);
    expect((await submit({ q1: true })).statusCode).toBe(200);
    const spent = await submit({ q1: true });
    expect(codeOf(spent)).toEqual([429, 'QUIZ_SUBMISSION_LIMIT_EXCEEDED']);
    expect(Number(spent.headers['retry-after'])).toBeGreaterThan(3000);
    expect((await submit({ q1: true }, { submission_id })).body).toBe(first.body);
    expect(codeOf(await submit({ q1: false }, { submission_id }))).toEqual([422, 'IDEMPOTENCY_CONFLICT']);
    expect(codeOf(await submit({ q1: true }, { submission_id: randomUUID() }))).toEqual([
      429,
      'QUIZ_SUBMISSION_LIMIT_EXCEEDED',
    ]);
    expect(codeOf(await submit({ q1: true }))).toEqual([429, 'QUIZ_SUBMISSION_LIMIT_EXCEEDED']);
  });

  it('the limit of submissions lets every copy of the last submission through when they come together', async () => {
    const test = await startCounting({ RATE_LIMIT_QUIZZES_SUBMIT: '3/hour' });
    const { quizzes } = await test.make.course({ quizzes: [{}] });
    const client = test.as(await test.make.learner());
    const submit = (more: object) => client.post('quizzes/submit', { quiz_id: quizzes[0].id, answers: {}, ...more });
    for (let i = 0; i < 2; i++) await submit({});
    const submission_id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit({ submission_id })));
    expect(statusesOf(answers)).toEqual(answers.map(() => 200));
    expect((await submit({})).statusCode).toBe(429);
  });

  it('the limit of submissions keeps no place for a repetition that comes with the last that may be made', async () => {
    const test = await startCounting({ RATE_LIMIT_QUIZZES_SUBMIT: '3/hour' });
    const { quizzes } = await test.make.course({ quizzes: [{}] });
    const client = test.as(await test.make.learner());
    const submit = (more: object) => client.post('quizzes/submit', { quiz_id: quizzes[0].id, answers: {}, ...more });
    const submission_id = randomUUID();
    await submit({ submission_id });
    const repeated = Array.from({ length: 4 }, () => submit({ submission_id }));
    const last = [submit({}), submit({ submission_id: randomUUID() })];
    expect(statusesOf(await Promise.all([...repeated, ...last]))).toEqual(Array(6).fill(200));
    expect((await submit({})).statusCode).toBe(429);
  });
});
