import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Open } from '../auth/access.js';
import { Config } from '../config/config.js';
import { ServiceDto, toServiceDto } from './root.dto.js';

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
    return toServiceDto(this.config);
  }
}
