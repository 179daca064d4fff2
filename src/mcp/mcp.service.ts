import { Injectable, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { describedRoutes } from '../docs/described-routes.js';
import { buildOpenApi } from '../docs/openapi.js';
import { clientAddress } from '../limits/client-address.js';
import { type Arguments, ask, type Asker } from './ask.js';
import { describeTool, type ListedTool } from './described-tools.js';
import { CHAPTER_TOOLS } from './chapter-tools.js';
import { LEARNING_TOOLS } from './learning-tools.js';
import { type Operation, operationsOf } from './operations.js';
import { isWelcome } from './origin.js';
import { PREMIUM_TOOLS } from './premium-tools.js';
import type { answer } from './protocol.js';
import { READING_TOOLS } from './reading-tools.js';
import { errorResult, type ErrorResult } from './refusals.js';
import { project } from './schemas.js';
import type { Tool } from './tool.js';

const TOOLS = [...LEARNING_TOOLS, ...READING_TOOLS, ...CHAPTER_TOOLS, ...PREMIUM_TOOLS];

type ToolResult = {
  content: { type: 'text'; text: string }[];
  structuredContent: Record<string, unknown>;
};

/** What is made when the first client asks. */
interface Loaded {
  answer: typeof answer;
  operations: Map<string, Operation>;
  listed: ListedTool[];
}

/** The tools of the REST API for models: the Model Context Protocol over HTTP, https://modelcontextprotocol.io. */
@Injectable()
export class McpService {
  private app: NestFastifyApplication;
  private loaded?: Promise<Loaded>;
  private readonly logger = new Logger('Mcp');

  constructor(private readonly config: Config) {}

  /** @param app whose operations are the tools */
  attach(app: NestFastifyApplication): void {
    this.app = app;
  }

  /**
   * Answers a message.
   * @param message the body of the request
   * @param hangUp comes when the client hangs up
   * @throws {AppError} INSUFFICIENT_PERMISSIONS for a page that may not ask
   */
  async answer(request: FastifyRequest, message: unknown, hangUp: AbortSignal): Promise<Response> {
    const { headers } = request;
    const { publicUrl, corsOrigins } = this.config;
    if (!isWelcome(headers, publicUrl, corsOrigins)) {
      throw new AppError('INSUFFICIENT_PERMISSIONS', 'Pages of this origin may not ask here');
    }
    const asker = { request, address: clientAddress(request), hangUp };
    const { answer, listed, operations } = await (this.loaded ??= this.load());
    return answer(
      new Request(`${publicUrl}/mcp`, { method: 'POST', headers: headers as Record<string, string> }),
      message,
      {
        list: listed,
        call: (name, args) => {
          const index = TOOLS.findIndex((tool) => tool.name === name);
          return index < 0 ? null : this.call(TOOLS[index], listed[index], args, operations, asker);
        },
      },
    );
  }

  private async call(
    tool: Tool,
    { outputSchema }: ListedTool,
    args: Arguments,
    operations: Map<string, Operation>,
    asker: Asker,
  ): Promise<ToolResult | ErrorResult> {
    const server = this.app.getHttpAdapter().getInstance();
    const askOne = <T>(id: string, given: Arguments) => ask<T>(server, operations.get(id) as Operation, given, asker);
    try {
      const structuredContent = project(await tool.run(args, askOne), outputSchema) as Record<string, unknown>;
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      return this.refusal(error, asker);
    }
  }

  private refusal(error: unknown, { request }: Asker): ErrorResult {
    if (!(error instanceof AppError)) this.logger.error(error);
    const known =
      error instanceof AppError ? error : new AppError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side');
    return errorResult(known, this.config.publicUrl, request.caller?.scopes ?? null);
  }

  private async load(): Promise<Loaded> {
    const { answer } = await import('./protocol.js');
    const operations = operationsOf(buildOpenApi(this.app), describedRoutes(this.app));
    return { answer, operations, listed: TOOLS.map((tool) => describeTool(tool, operations)) };
  }
}
