import { createParamDecorator } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** A signal that comes when the caller hangs up before they are answered. */
export const HangUp = createParamDecorator((_data, context): AbortSignal => {
  const { raw } = context.switchToHttp().getResponse<FastifyReply>();
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('The caller has hung up'));
  });
  return controller.signal;
});
