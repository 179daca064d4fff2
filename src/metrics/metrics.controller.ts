import { timingSafeEqual, createHash } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Open } from '../auth/access.js';
import { Errors } from '../common/api-errors.js';
import { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { Scrape } from './scrape.js';

@Open()
@ApiTags('Service')
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly scrape: Scrape,
    private readonly config: Config,
  ) {}

  /**
   * Tell what is measured, in Prometheus's text form.
   * @remarks Takes METRICS_TOKEN as a bearer token where it is set; in production without one there is nothing here.
   */
  @Get()
  @ApiOperation({ operationId: 'getMetrics' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Every metric of this server', schema: { type: 'string' } })
  @Errors('NOT_FOUND', 'USER_NOT_AUTHENTICATED', 'INVALID_TOKEN')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    this.admit(request);
    void reply.type(this.scrape.contentType);
    return this.scrape.text();
  }

  private admit(request: FastifyRequest): void {
    const { metricsToken, isProduction } = this.config;
    if (metricsToken === null && isProduction) throw new AppError('NOT_FOUND', 'There is nothing at /metrics');
    if (metricsToken === null) return;
    const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given === undefined) throw new AppError('USER_NOT_AUTHENTICATED', 'The metrics take a token');
    if (!isSame(given, metricsToken)) throw new AppError('INVALID_TOKEN', 'This is not the token of the metrics');
  }
}

/** Takes the same time wherever they differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a, b);
}
