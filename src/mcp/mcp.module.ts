import { Module } from '@nestjs/common';
import { McpController } from './mcp.controller.js';
import { McpErrors } from './mcp-errors.js';
import { McpService } from './mcp.service.js';

@Module({ controllers: [McpController], providers: [McpService, McpErrors] })
export class McpModule {}
