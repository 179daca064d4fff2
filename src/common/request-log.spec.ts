import { Config } from '../config/config.js';
import { createLogger } from './logger.js';
import { requestLog } from './request-log.js';
import type { EndedRequest } from './request-watch.js';

const ENDED: EndedRequest = {
  requestId: 'request-1',
  trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: null, isSampled: false },
  method: 'POST',
  route: '/api/v1/quizzes/submit',
  status: 422,
  began: 1,
  durationMs: 1.23456,
  bytes: 17,
  userId: '0b3f6b1e-0000-4000-8000-000000000000',
  errorCode: 'VALIDATION_ERROR',
};

function logged(level: string, ended: EndedRequest): string[] {
  const lines: string[] = [];
  const logger = createLogger(Config.from({ LOG_LEVEL: level }), { write: (line) => void lines.push(line) });
  requestLog(logger)(ended);
  return lines;
}

it('writes a line of JSON with all that is known of a request', () => {
  const [line] = logged('info', ENDED);
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    request_id: 'request-1',
    trace_id: 'a'.repeat(32),
    method: 'POST',
    route: '/api/v1/quizzes/submit',
    status: 422,
    duration_ms: 1.23,
    bytes: 17,
    user_id: '0b3f6b1e-0000-4000-8000-000000000000',
    error_code: 'VALIDATION_ERROR',
    msg: 'request',
  });
});

it('leaves out what is not known', () => {
  const [line] = logged('info', { ...ENDED, trace: null, userId: undefined, errorCode: undefined });
  const fields = 'level time request_id method route status duration_ms bytes msg';
  expect(Object.keys(JSON.parse(line) as object)).toEqual(fields.split(' '));
});

it('writes nothing where requests are of no interest', () => {
  expect(logged('warn', ENDED)).toEqual([]);
});
