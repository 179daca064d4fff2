import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open } from '../auth/access.js';
import { HealthDto } from './health.dto.js';
import { type HealthReport, HealthService } from './health.service.js';

@Open()
@ApiTags('Service')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /**
   * Tell whether the process can answer at all.
   * @remarks Asks nothing of anyone; meant for a liveness probe.
   */
  @Get('live')
  @ApiOperation({ operationId: 'getLiveness' })
  live(): HealthDto {
    return this.health.live();
  }

  /**
   * Tell whether the process should be sent requests: database, migrations, shutting down.
   * @remarks Meant for a readiness probe and a load balancer; findings are shared for a second.
   */
  @Get('ready')
  @ApiOperation({ operationId: 'getReadiness' })
  @ApiOkResponse({ type: HealthDto, description: 'Every check passed' })
  @ApiServiceUnavailableResponse({ type: HealthDto, description: 'A check failed' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthDto> {
    return send(await this.health.ready(), reply);
  }

  /**
   * Tell what every check found.
   * @remarks What readiness asks, and whether there is content and its chapters are linked.
   */
  @Get()
  @ApiOperation({ operationId: 'getHealth' })
  @ApiOkResponse({ type: HealthDto, description: 'Every check passed' })
  @ApiServiceUnavailableResponse({ type: HealthDto, description: 'A check failed' })
  async everything(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthDto> {
    return send(await this.health.everything(), reply);
  }
}

function send({ status, result }: HealthReport, reply: FastifyReply): HealthDto {
  void reply.status(status);
  return result;
}
