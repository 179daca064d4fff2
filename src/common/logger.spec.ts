import { Writable } from 'node:stream';
import { QueryFailedError } from 'typeorm';
import { Config } from '../config/config.js';
import { createLogger, NestLogger } from './logger.js';
import { requestContext } from './request-context.js';
import { continueTrace } from './trace-context.js';

interface Line {
  level: string;
  msg: string;
  [field: string]: unknown;
}

function capture(level = 'info'): { logger: NestLogger; lines: Line[] } {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Line);
      done();
    },
  });
  const config = Config.from({ LOG_LEVEL: level, SECRET_KEY: 'x'.repeat(40) });
  return { logger: new NestLogger(createLogger(config, stream)), lines };
}

it('tells of an error with its stack and what caused it, and of nothing that it carries along', () => {
  const { logger, lines } = capture();
  const driverError = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(canary)' });
  const failed = new QueryFailedError('INSERT INTO users VALUES ($1)', ['canary'], driverError);
  logger.error(new Error('No account was made', { cause: failed }), undefined, 'Errors');
  expect(lines).toEqual([expect.objectContaining({ level: 'error', msg: 'No account was made', context: 'Errors' })]);
  const { err } = lines[0] as unknown as { err: { stack: string; cause: { type: string; message: string } } };
  expect(err.stack).toContain('logger.spec.ts');
  expect(err.cause).toMatchObject({ type: 'QueryFailedError', message: 'duplicate key' });
  expect(JSON.stringify(lines)).not.toContain('canary');
});

it('does not follow causes that go round in a circle', () => {
  const { logger, lines } = capture();
  const error = new Error('round');
  error.cause = error;
  logger.warn(error);
  expect(lines[0].msg).toBe('round');
});

it('has the ids of the request on every line that is written for it', () => {
  const { logger, lines } = capture();
  const trace = continueTrace(undefined, () => false);
  requestContext.run({ requestId: 'some-request', trace, limits: [], redisBudgetMs: 0 }, () => logger.log('inside'));
  logger.log('outside');
  expect(lines.map(({ request_id, trace_id }) => [request_id, trace_id])).toEqual([
    ['some-request', trace.traceId],
    [undefined, undefined],
  ]);
});

it.each([
  ['INFO', ['log', 'warn', 'error']],
  ['info', ['log', 'warn', 'error']],
  ['WARNING', ['warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
])('at %s writes %p', (level, written) => {
  const { logger, lines } = capture(level);
  for (const method of ['verbose', 'debug', 'log', 'warn', 'error'] as const) logger[method](method);
  expect(lines.map(({ msg }) => msg)).toEqual(written);
});
