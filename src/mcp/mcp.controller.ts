import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.js';
import { AnyScope } from '../auth/scope.js';
import { ErrorsAs } from '../common/error-form.js';
import { HangUp } from '../common/hang-up.js';
import { McpErrors } from './mcp-errors.js';
import { McpService } from './mcp.service.js';

@ApiExcludeController()
@Public()
@AnyScope()
@Controller('mcp')
export class McpController {
  constructor(private readonly mcp: McpService) {}

  /** Answers one message of the Model Context Protocol. */
  @Post()
  @ErrorsAs(McpErrors)
  async answer(
    @Req() request: FastifyRequest,
    @Body() message: unknown,
    @HangUp() hangUp: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    return send(await this.mcp.answer(request, message, hangUp), reply);
  }
}

/** The body; none where the message was a notification. */
async function send(response: Response, reply: FastifyReply): Promise<string | undefined> {
  void reply.status(response.status).headers(Object.fromEntries(response.headers));
  return (await response.text()) || undefined;
}
