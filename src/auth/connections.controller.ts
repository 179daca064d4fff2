import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Errors } from '../common/api-errors.js';
import { ClientIdPipe } from '../connections/client-id.pipe.js';
import { ConnectionDto } from '../connections/connections.dto.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { Limit } from '../limits/limit.js';
import { CallerId } from './caller.js';

@ApiTags('Accounts')
@Limit('AUTH_ME')
@Controller('auth/me/connections')
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  /**
   * List the apps that the caller has connected, such as ChatGPT.
   * @remarks Each may do what its scopes say until the caller ends it. An app itself cannot ask this.
   */
  @Get()
  @ApiOperation({ operationId: 'listConnections' })
  @Errors()
  list(@CallerId() userId: string): Promise<ConnectionDto[]> {
    return this.connections.list(userId);
  }

  /**
   * End an app's access to the caller's account, and every token that it holds.
   * @remarks The answer is the same for an app that was not connected. A client_id that is a URL is sent percent-encoded.
   */
  @Delete(':client_id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'endConnection' })
  @Errors()
  end(@CallerId() userId: string, @Param('client_id', ClientIdPipe) clientId: string): Promise<void> {
    return this.connections.end(userId, clientId);
  }
}
