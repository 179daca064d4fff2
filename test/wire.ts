import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestApp } from './test-app.js';

export interface RawAnswer {
  statusCode: number;
  head: string;
  body: string;
}

/** Sends bytes as they are to an application that listens, and gives the answer as it came. */
export async function raw({ app }: TestApp, request: string): Promise<RawAnswer> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(request);
  const answer = await text(socket);
  const [head, body] = answer.split('\r\n\r\n', 2);
  return { statusCode: Number(head.split(' ')[1]), head, body };
}

export interface ErrorAnswer {
  detail: string;
  error_code: string;
  timestamp: string;
  request_id: string;
  errors?: { field: string; message: string }[];
}

/** That an answer is an error in the one shape. */
export function expectError(answer: { statusCode: number; body: string }, status: number, code: string): ErrorAnswer {
  const body = JSON.parse(answer.body) as ErrorAnswer;
  expect([answer.statusCode, body.error_code]).toEqual([status, code]);
  expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(body.request_id).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
  expect(body.detail.length).toBeGreaterThan(5);
  return body;
}
