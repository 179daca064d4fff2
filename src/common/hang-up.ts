import { createParamDecorator } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A signal that comes when the caller hangs up before they are answered. */
export const HangUp = createParamDecorator((_data, context): AbortSignal => {
  const { outer } = context.switchToHttp().getRequest<FastifyRequest>().context ?? {};
  if (outer) return outer.hangUp;
  const { raw } = context.switchToHttp().getResponse<FastifyReply>();
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('The caller has hung up'));
  });
  return controller.signal;
});
