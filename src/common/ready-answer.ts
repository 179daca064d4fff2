import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { answerHeaders } from './common-headers.js';

interface ReadyAnswer {
  response: ServerResponse;
  body?: Buffer;
}

let ready: ReadyAnswer[] = [];

/**
 * Sends a body with the reply's status and headers, past Fastify's hooks. Answers that become ready in one turn of the
 * event loop are sent one right after the other: a client that the first has woken is awake for the next.
 */
export function sendReady(reply: FastifyReply, body?: Buffer, headers: OutgoingHttpHeaders = {}): void {
  reply.hijack();
  const response = reply.raw.writeHead(reply.statusCode, Object.assign(answerHeaders(reply), headers));
  if (ready.push({ response, body }) === 1) setImmediate(sendAll);
}

function sendAll(): void {
  const all = ready;
  ready = [];
  for (const { response, body } of all) response.end(body);
}
