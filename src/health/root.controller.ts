import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Open } from '../auth/access.js';
import { VERSION } from '../common/project.js';
import { Config } from '../config/config.js';
import { ServiceDto } from './root.dto.js';

@Open()
@ApiTags('Service')
@Controller()
export class RootController {
  constructor(private readonly config: Config) {}

  /**
   * Tell what this service is and where its API and documentation are.
   * @remarks The links are paths on this server.
   */
  @Get()
  @ApiOperation({ operationId: 'getService' })
  get(): ServiceDto {
    const docs = { docs: '/docs', redoc: '/redoc', openapi: '/openapi.json' };
    return {
      name: 'Course Companion',
      version: VERSION,
      links: { api: '/api/v1', health: '/health', ...(this.config.docsEnabled && docs) },
    };
  }
}
