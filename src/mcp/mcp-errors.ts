import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SCOPES } from '../auth/scope.js';
import { errorHeaders } from '../common/error-body.js';
import type { ErrorForm } from '../common/error-form.js';
import type { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { wwwAuthenticate } from './refusals.js';

/** https://www.jsonrpc.org/specification, 5.1. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;
const SERVER_ERROR = -32_000;

/** Errors of `/mcp` before the protocol has a say: as JSON-RPC has them, under the HTTP status that MCP wants. */
@Injectable()
export class McpErrors implements ErrorForm {
  constructor(private readonly config: Config) {}

  write(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
    const { message, status } = error;
    void reply
      .status(error.code === 'VALIDATION_ERROR' ? 400 : status)
      .headers(errorHeaders(error))
      .headers(status === 401 ? { 'www-authenticate': this.challenge(message) } : {})
      .send({ jsonrpc: '2.0', id: idOf(request.body), error: { code: codeOf(error), message } });
  }

  private challenge(description: string): string {
    return wwwAuthenticate({ error: 'invalid_token', description, scopes: SCOPES }, this.config.publicUrl);
  }
}

function codeOf({ code, status, errors = [] }: AppError): number {
  if (code === 'BAD_REQUEST') return PARSE_ERROR;
  if (errors.length > 0) return errors.every(({ field }) => /^params\b/.test(field)) ? INVALID_PARAMS : INVALID_REQUEST;
  return status >= 500 ? INTERNAL_ERROR : SERVER_ERROR;
}

/** The id of the message that is answered, where it can be told. */
function idOf(body: unknown): string | number | null {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
