import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open } from '../auth/access.js';
import { Errors } from '../common/api-errors.js';
import { Scrape } from './scrape.js';

@Open()
@ApiTags('Service')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly scrape: Scrape) {}

  /**
   * Tell what is measured, in Prometheus's text form.
   * @remarks Takes METRICS_TOKEN as a bearer token where it is set; in production without one there is nothing here.
   */
  @Get()
  @ApiOperation({ operationId: 'getMetrics' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Every metric of this server', schema: { type: 'string' } })
  @Errors('NOT_FOUND', 'USER_NOT_AUTHENTICATED', 'INVALID_TOKEN', 'SERVICE_UNAVAILABLE')
  async get(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.scrape.text();
    void reply.type(this.scrape.contentType);
    return text;
  }
}
